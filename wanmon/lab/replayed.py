"""A recorded walk read by the real poller, inside this process: no socket, no agent, at once."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, cast

from wanmon.clock import SystemClock
from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.lab.snmprec import Recorded
from wanmon.model.device import DeviceRole
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.jobs import PollResult, Task
from wanmon.poller.keys import KeyRing
from wanmon.poller.reader import DeviceReader
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Answer, Oid, Reading, Readout, Session, Syntax, VarBind

#: Where a recording would answer; nothing is ever sent there.
ADDRESS = "127.0.0.1"
_KEY = "replay"
_NO_DEADLINE_S = 1e12


def read_once(recorded: Recorded, library: Library, profile: str = "auto") -> PollResult:
    """What one poll of a device that answers so brings, read by the profile named."""
    reader, target = _reader(ReplayedSession(recorded), library, profile), Task.FAST
    return asyncio.run(reader.read(target, _NO_DEADLINE_S))


class ReplayedSession:
    """Implements `types.Session` over a recording: everything is answered, and nothing changes."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._order = sorted(recorded)

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        """What was recorded of these instances."""
        return Answer(tuple(map(self._varbind, oids)), was_heard=True)

    async def walk(
        self, root: Oid, deadline_s: float | None = None, *, after: Oid | None = None, most_rows: int = 20_000
    ) -> Answer:
        """Everything recorded below `root`."""
        found: list[VarBind] = []
        for oid in self._order[bisect_right(self._order, after or root) :]:
            if oid[: len(root)] != root or len(found) == most_rows:
                break
            found.append(self._varbind(oid))
        return Answer(tuple(found), was_heard=True)

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """The same values as ever."""
        values = [self._varbind(oid).value for oid in reading.oids]
        changed = [place for place, value in enumerate(values) if value != reading.values[place]]
        reading.values[:] = values
        return Readout(changed, 1.0)

    def _varbind(self, oid: Oid) -> VarBind:
        return VarBind(oid, *self._recorded.get(oid, (Syntax.NO_SUCH_INSTANCE, None)))


class _Engine:
    """Stands where the SNMP engine stands."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def session(self, address: str, port: int, credential: SnmpCredential, **how: Any) -> Session:
        return self._session


def _reader(session: Session, library: Library, profile: str) -> DeviceReader:
    credential = SnmpCredential.model_validate(
        {"name": _KEY, "version": "2c", "community": _KEY, "networks": [f"{ADDRESS}/32"]}
    )
    secrets = Secrets(snmp={_KEY: credential})
    keys = KeyRing(SnmpSettings(), secrets, cast(SnmpEngine, _Engine(session)), CredentialBreaker(SystemClock()))
    target = DeviceTarget(
        1, _KEY, "", DeviceRole.EDGE, ADDRESS, 161, "snmp", (_KEY,), profile, 5.0, 30.0, 600.0
    )  # fmt: skip
    return DeviceReader(target, library, keys, 1400)
