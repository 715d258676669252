"""A conversation with one agent over our own wire, prepared readings included. `secure_session` has what v3 adds.

PDUs go out one after another: an agent answers them in order anyway, a burst overruns the socket buffers of small
routers, and one request waiting per device is the least work for us.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.ber import encode_oid
from wanmon.protocols.snmp.conversation import Conversation, Heard
from wanmon.protocols.snmp.envelope import Envelope
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import (
    MismatchedReply,
    Question,
    Reply,
    Request,
    read_varbinds,
)
from wanmon.protocols.snmp.prepared import prepared_for
from wanmon.protocols.snmp.remedy import ErrorReply, error_reply
from wanmon.protocols.snmp.round import Round
from wanmon.protocols.snmp.transport import Target, Transport
from wanmon.protocols.snmp.types import Failure, Oid, Reading, Readout

T = TypeVar("T")


class NativeSession(Conversation):
    """Implements `asking.Session`; `transport` gives the socket, or raises `OSError`."""

    def __init__(
        self, transport: Callable[[], Transport], target: Target, envelope: Envelope, manners: Manners
    ) -> None:
        super().__init__(envelope.version, envelope.frame_bytes, manners)
        self._transport = transport
        self._target = target
        self._envelope = envelope

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """Ask a prepared reading again; one reading must not be read twice at a time."""
        asking = Round(reading, prepared_for(reading, self._envelope, self.manners))
        received_at_s = 0.0
        while (pdu := asking.next()) is not None:
            outcome = await self._ask(pdu.request, pdu.take, deadline_s)
            if isinstance(outcome, Failure):
                asking.failed(pdu, outcome)
                continue
            if not received_at_s or pdu.indexes[0] == 0:
                received_at_s = self._transport().received_at_s
            if isinstance(outcome, ErrorReply):
                asking.refused(pdu, outcome)
            else:
                asking.answered(pdu, outcome)
        return asking.readout(received_at_s)

    async def _hear(
        self, question: Question, oids: Sequence[Oid], max_repetitions: int, deadline_s: float | None
    ) -> Heard | ErrorReply | Failure:
        # GETNEXT has error-status and error-index where GETBULK has its two numbers: they must be 0.
        repetitions = max_repetitions if question is Question.GETBULK else 0
        encoded = [encode_oid(oid) for oid in oids]
        request = self._envelope.request(question, encoded, repetitions)
        return await self._ask(request, _reader_of(oids if question is Question.GET else None), deadline_s)

    async def _ask(self, request: Request, accept: Callable[[Reply], T], deadline_s: float | None) -> T | Failure:
        try:
            transport = self._transport()
        except OSError as error:
            return Failure(Reason.LOCAL, f"no UDP socket: {error.strerror}")
        return await self._send(transport, request, accept, deadline_s)

    async def _send(
        self, transport: Transport, request: Request, accept: Callable[[Reply], T], deadline_s: float | None
    ) -> T | Failure:
        return await transport.ask(self._target, request, accept, deadline_s)


def _reader_of(oids: Sequence[Oid] | None) -> Callable[[Reply], Heard | ErrorReply]:
    """What takes the reply to a GET of `oids` and no other; without `oids`, the reply to any question."""

    def accept(reply: Reply) -> Heard | ErrorReply:
        if reply.error_status:
            return error_reply(reply)
        varbinds = read_varbinds(reply)
        if oids is not None and tuple(varbind.oid for varbind in varbinds) != tuple(oids):
            raise MismatchedReply("the reply has other OIDs than were asked")
        return Heard(varbinds, reply.size_bytes)

    return accept
