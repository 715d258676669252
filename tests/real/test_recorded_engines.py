"""Our own wire, pysnmp and gufo_snmp read the same of every recorded agent: what the recording says.

The slow ones read the subtrees that matter to a poller; WANMON_RECORDINGS=1 (`make recordings`) has all read all.
"""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gufo.snmp import Aes128Key, Sha256Key, SnmpVersion, User
from gufo.snmp.aio import SnmpSession

from tests.rigs import recordings
from tests.rigs.recordings import COMMUNITY, Oid, Said, credential, each
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Answer
from wanmon.protocols.snmp.walking import Walk

IS_WHOLE = os.environ.get("WANMON_RECORDINGS") == "1"
#: Everything; and LLDP, system, interfaces, ifXTable, UPS, entities, sensors.
WHOLE: list[Oid] = [(1, 0), (1, 2), (1, 3)]
PARTS: list[Oid] = [(1, 0, 8802, 1, 1, 2), *((1, 3, 6, 1, 2, 1, group) for group in (1, 2, 31, 33, 47, 99))]
PART_ROWS = 5_000
PATIENCE_S = 300.0
#: gufo_snmp receives 4 kB at most.
GUFO_REPETITIONS = 4

Read = Callable[[int, str, Sequence[Oid]], Coroutine[Any, Any, dict[Oid, object]]]


def ours(name: str) -> Read:
    """Walks of one of our engines, in parts of as many rows as they hold."""

    async def read(port: int, version: str, roots: Sequence[Oid]) -> dict[Oid, object]:
        engine = SnmpEngine()
        session = engine.session("127.0.0.1", port, credential(version), engine=name)  # type: ignore[arg-type]
        found: dict[Oid, object] = {}
        try:
            for root in roots:
                answer: Answer | None = None
                while answer is None or len(answer.varbinds) == PART_ROWS:
                    walk = Walk([root], PART_ROWS, after=answer.varbinds[-1].oid if answer else None)
                    stopped = await session.go_on(walk, time.monotonic() + PATIENCE_S)
                    answer = walk.answer()
                    assert stopped is None
                    found |= {varbind.oid: varbind.value for varbind in answer.varbinds}
                assert answer.reason is None
        finally:
            await engine.close()
        return found

    return read


async def gufo(port: int, version: str, roots: Sequence[Oid]) -> dict[Oid, object]:
    """Walks of gufo_snmp, which tells OIDs and addresses as text."""
    user = User(
        recordings.USER,
        auth_key=Sha256Key(recordings.AUTH_PASSWORD.encode()),
        priv_key=Aes128Key(recordings.PRIV_PASSWORD.encode()),
    )
    login: Mapping[str, Any] = (
        {"version": SnmpVersion.v3, "user": user}
        if version == "3"
        else {"version": SnmpVersion.v2c, "community": COMMUNITY}
    )
    async with SnmpSession("127.0.0.1", port, timeout=20, max_repetitions=GUFO_REPETITIONS, **login) as session:
        return {
            tuple(map(int, oid.split("."))): value
            for root in roots
            async for oid, value in session.getbulk(".".join(map(str, root)))
        }


READERS: dict[str, tuple[Read, str, bool]] = {
    "native v2c": (ours("native"), "2c", True),
    "native v1": (ours("native"), "1", IS_WHOLE),
    "native v3": (ours("native"), "3", IS_WHOLE),
    "pysnmp v2c": (ours("pysnmp"), "2c", IS_WHOLE),
    "pysnmp v3": (ours("pysnmp"), "3", IS_WHOLE),
    "gufo_snmp v2c": (gufo, "2c", True),
    "gufo_snmp v3": (gufo, "3", IS_WHOLE),
}


@pytest.mark.parametrize(("read", "version", "is_whole"), READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("path", each())
def test_every_engine_reads_what_the_recording_says(path: Path, read: Read, version: str, is_whole: bool) -> None:
    roots = WHOLE if is_whole else PARTS
    hidden = recordings.tagged(path, "70") if version == "1" else set()
    made_up = recordings.tagged(path, ":")

    async def run() -> dict[Oid, object]:
        async with recordings.played(path) as port:
            return await read(port, version, roots)

    found = {oid: value for oid, value in asyncio.run(run()).items() if oid not in made_up}
    said = {oid: value for oid, value in recordings.independent(path).items() if oid not in hidden}
    expected = {oid: value for oid, value in said.items() if any(oid[: len(root)] == root for root in roots)}

    assert expected
    assert sorted(expected) == list(found)
    assert {} == {oid: (value, found[oid]) for oid, value in expected.items() if not _equal(value, found[oid])}


def _equal(said: Said, read: object) -> bool:
    """gufo_snmp tells an OID as text, and an IpAddress too."""
    if isinstance(read, str):
        return ".".join(map(str, said if isinstance(said, tuple | bytes) else ())) == read
    return said == read
