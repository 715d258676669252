"""An SNMPv3 agent for stories: pysnmp's engine behind a socket, restarted at will, its replies in a test's hands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from wanmon.config.secrets import SnmpCredential
from wanmon.lab.engine_v3 import V3Engine, View
from wanmon.lab.objects import Fixed, ObjectStore
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.remotes import Remote
from wanmon.protocols.snmp.types import Oid, Syntax

NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
COLUMN: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
AUTH_PASSWORD, PRIV_PASSWORD = "authentic-2026", "private-2026"
_YEAR_2020_S = 1_577_836_800

#: What an agent sends instead of its reply, given the request and the reply.
Tamper = Callable[[bytes, bytes], Iterable[bytes]]


def usm(
    auth: str | None = "SHA",
    priv: str | None = "AES-128",
    *,
    user: str = "noc",
    context: str = "",
    passwords: tuple[str, str] = (AUTH_PASSWORD, PRIV_PASSWORD),
) -> SnmpCredential:
    keys = {
        name: {"protocol": protocol, "password": password}
        for name, protocol, password in (("auth", auth, passwords[0]), ("priv", priv, passwords[1]))
        if protocol
    }
    given = {"name": "lab", "version": "3", "user": user, "context": context, "networks": ["127.0.0.0/8"], **keys}
    return SnmpCredential.model_validate(given)


def honestly(_request: bytes, reply: bytes) -> Iterable[bytes]:
    return [reply]


class SecuredAgent(asyncio.DatagramProtocol):
    """One agent; agents of one name share an engine id. `sysName` is what it is called, `title` where given."""

    def __init__(
        self,
        name: str,
        credentials: Sequence[SnmpCredential],
        *,
        boots: int = 1,
        up_for_s: float = 100,
        title: str = "",
    ) -> None:
        self.credentials = credentials
        self.tamper: Tamper = honestly
        self.requests: list[bytes] = []
        self.replies: list[bytes] = []
        self.is_silent = False
        rows = [Fixed((*COLUMN, number), Syntax.COUNTER64, number * 10**7) for number in range(1, 101)]
        system = [
            Fixed(UPTIME, Syntax.TIMETICKS, 4711),
            Fixed(NAME, Syntax.OCTET_STRING, (title or name).encode()),
        ]
        self.store = ObjectStore([*system, *rows])
        self.restart(name, boots, up_for_s)

    def restart(self, name: str, boots: int, up_for_s: float = 0) -> None:
        """Another engine from now on."""
        view = View(lambda: self.store, lambda: 0)
        self.engine = V3Engine(name, self.credentials, view, (boots + _YEAR_2020_S) * 1000, up_for_s)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.requests.append(data)
        reply = None if self.is_silent else self.engine.answer(data)
        if reply is None:
            return
        self.replies.append(reply)
        for datagram in self.tamper(data, reply):
            self.transport.sendto(datagram, addr)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.transport.get_extra_info("sockname")
        return str(host), int(port)


@dataclass
class Scene:
    """What a story is told with."""

    agent: SecuredAgent
    engine: SnmpEngine
    session: Session
    remote: Remote

    def now_s(self) -> float:
        """The clock of deadlines and of engines."""
        return asyncio.get_running_loop().time()

    async def asked(self) -> int:
        """How many datagrams one GET takes that must be answered."""
        before = len(self.agent.requests)
        answer = await self.session.get([NAME])
        assert answer.reason is None, answer
        return len(self.agent.requests) - before


async def listening(agent: SecuredAgent, host: str = "127.0.0.1") -> SecuredAgent:
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: agent, (host, 0))
    return agent


def converse(
    story: Callable[[Scene], Awaitable[None]],
    *,
    ours: SnmpCredential | None = None,
    theirs: Sequence[SnmpCredential] = (),
    timeout_s: float = 1.0,
    retries: int = 1,
    within_s: float = 30,
) -> None:
    """Tell `story` to a session with an agent that knows `theirs` (else what we use); nothing may be left after it."""
    secret = ours or usm()

    async def run() -> None:
        agent = await listening(SecuredAgent("edge", theirs or [secret], boots=5))
        sessions = SnmpEngine()
        session = sessions.session(*agent.address, secret, timeout_s=timeout_s, retries=retries)
        try:
            await story(Scene(agent, sessions, session, sessions.remotes.at(agent.address)))
            assert 0 == sessions.pending
        finally:
            await sessions.close()
            agent.transport.close()

    asyncio.run(asyncio.wait_for(run(), within_s))
