"""An SNMP agent whose every datagram a test writes; encoded by pysnmp, never by the codec under test."""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Literal, cast

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902, rfc1905

from wanmon.config.secrets import SnmpCredential
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Oid

COMMUNITY = "scripted"
Table = Mapping[Oid, Any]
Pair = tuple[Oid, Any]

_V1, _V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_1], api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]


@dataclass(frozen=True)
class Question:
    """A request as pysnmp understood it; `kind` is GetRequestPDU, GetNextRequestPDU or GetBulkRequestPDU."""

    kind: str
    version: int
    community: bytes
    request_id: int
    oids: tuple[Oid, ...]
    max_repetitions: int
    sender: tuple[Any, ...] = ()


Script = Callable[[Question], Iterable[bytes]]


def understood(data: bytes, sender: tuple[Any, ...] = ()) -> Question:
    """Decode a request with pysnmp."""
    version = int(api.decodeMessageVersion(data))
    module = api.PROTOCOL_MODULES[version]
    message, rest = decoder.decode(data, asn1Spec=module.Message())
    assert b"" == rest
    pdu = module.apiMessage.get_pdu(message)
    kind = type(pdu).__name__
    bulk = kind == "GetBulkRequestPDU"
    repetitions = int(module.apiBulkPDU.get_max_repetitions(pdu)) if bulk else 0
    oids = tuple(tuple(name) for name, _value in module.apiPDU.get_varbinds(pdu))
    community = bytes(module.apiMessage.get_community(message))
    return Question(kind, version, community, int(module.apiPDU.get_request_id(pdu)), oids, repetitions, sender)


def reply(
    question: Question,
    pairs: Sequence[Pair],
    *,
    status: int = 0,
    index: int = 0,
    version: int | None = None,
    community: bytes | None = None,
    request_id: int | None = None,
) -> bytes:
    """A response to `question`; what is given replaces what a truthful agent would put there."""
    module = _V1 if question.version == 0 else _V2C
    pdu = module.GetResponsePDU()
    module.apiPDU.set_defaults(pdu)
    module.apiPDU.set_request_id(pdu, question.request_id if request_id is None else request_id)
    module.apiPDU.set_error_status(pdu, status)
    if index:
        pdu.setComponentByPosition(2, index)
    module.apiPDU.set_varbinds(pdu, [(rfc1902.ObjectName(oid), value) for oid, value in pairs])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, question.community if community is None else community)
    if version is not None and version != question.version:
        message.setComponentByPosition(0, version, verifyConstraints=False)
    module.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def refusal(question: Question, status: int, index: int = 0) -> bytes:
    """An error-status, with the var-binds of the request."""
    return reply(question, nothing(question.oids), status=status, index=index)


def nothing(oids: Iterable[Oid]) -> list[Pair]:
    return [(oid, rfc1902.Null("")) for oid in oids]


def honest_pairs(table: Table, question: Question) -> list[Pair] | int:
    """What an agent with `table` says: var-binds, or (v1) the index of the first OID that it lacks."""
    if question.kind == "GetRequestPDU":
        if question.version == 0:
            for position, oid in enumerate(question.oids):
                if oid not in table:
                    return position + 1
        return [(oid, table.get(oid, rfc1905.noSuchInstance)) for oid in question.oids]
    ordered, pairs = sorted(table), []
    after = list(question.oids)
    for _ in range(question.max_repetitions or 1):
        for position, asked in enumerate(after):
            at = bisect_right(ordered, asked)
            if at == len(ordered) and question.version == 0:
                return position + 1
            after[position] = ordered[at] if at < len(ordered) else asked
            pairs.append((after[position], table[ordered[at]] if at < len(ordered) else rfc1905.endOfMibView))
        if all(value is rfc1905.endOfMibView for _, value in pairs[-len(after) :]):
            break
    return pairs


def honest(table: Table) -> Script:
    """The script of an agent that tells what `table` holds."""

    def script(question: Question) -> Iterable[bytes]:
        pairs = honest_pairs(table, question)
        return [refusal(question, 2, pairs) if isinstance(pairs, int) else reply(question, pairs)]

    return script


class ScriptedAgent(asyncio.DatagramProtocol):
    """The agent's socket: every request is kept in `questions`, and answered with the datagrams of the script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.questions: list[Question] = []
        self.transport: asyncio.DatagramTransport | None = None
        self.asked = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        question = understood(data, addr)
        self.questions.append(question)
        for datagram in self.script(question):
            self.send(datagram, addr)
        self.asked.set()

    def send(self, datagram: bytes, addr: tuple[Any, ...]) -> None:
        assert self.transport is not None
        self.transport.sendto(datagram, addr)

    @property
    def port(self) -> int:
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])


@dataclass
class Scene:
    """What a story is told with."""

    agent: ScriptedAgent
    engine: SnmpEngine
    session: Session

    def now_s(self) -> float:
        """The clock that deadlines are told in."""
        return asyncio.get_running_loop().time()


def credential(version: str = "2c", community: str = COMMUNITY) -> SnmpCredential:
    return SnmpCredential.model_validate(
        {"name": "lab", "version": version, "community": community, "networks": ["127.0.0.0/8"]}
    )


def converse(
    script: Script,
    story: Callable[[Scene], Awaitable[None]],
    *,
    version: str = "2c",
    engine: Literal["native", "pysnmp"] = "native",
    timeout_s: float = 1.0,
    retries: int = 1,
    other_sources: Sequence[IPv4Network] = (),
) -> None:
    """Tell `story` to a session with a scripted agent; nothing may be left under way after it."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        transport, agent = await loop.create_datagram_endpoint(lambda: ScriptedAgent(script), ("127.0.0.1", 0))
        sessions = SnmpEngine()
        session = sessions.session(
            "127.0.0.1",
            agent.port,
            credential(version),
            engine=engine,
            timeout_s=timeout_s,
            retries=retries,
            other_sources=other_sources,
        )
        try:
            await story(Scene(agent, sessions, session))
            assert 0 == sessions.pending
        finally:
            await sessions.close()
            transport.close()

    asyncio.run(asyncio.wait_for(run(), 30))
