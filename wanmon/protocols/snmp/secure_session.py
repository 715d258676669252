"""A conversation with one SNMPv3 agent over our own wire (RFC 3414 sections 3 and 4).

Who is there is asked first, and again after each silence: one small request where a whole one would be lost as well.
What a Report complains of is mended once for each request: another engine id is taken up, another time as well, and the
request is sent again. A second complaint of the same kind ends it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.acceptance import accepted, discovered
from wanmon.protocols.snmp.ber import encode_oid
from wanmon.protocols.snmp.envelope import BareEnvelope
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import Question, Reply, Request, encode_pdu
from wanmon.protocols.snmp.message_v3 import AUTH, PRIV, SecuredFrame
from wanmon.protocols.snmp.pace import FixedPace
from wanmon.protocols.snmp.remotes import Remote
from wanmon.protocols.snmp.reports import Complaint, Report, failure_of
from wanmon.protocols.snmp.session import NativeSession
from wanmon.protocols.snmp.transport import Target, Transport
from wanmon.protocols.snmp.types import Failure
from wanmon.protocols.snmp.usm import NOBODY, LocalUser, User

T = TypeVar("T")

# What every agent has, to find out whether it understands us.
_SYS_UP_TIME = encode_oid((1, 3, 6, 1, 2, 1, 1, 3, 0))
# No agent has this time, and a user whose digest is right is told so before anything is decrypted.
_NO_TIME = (0, 0)
# One that has understood our encryption before must fail to do so this many times in a row: lost packets look alike.
_MUTE_TURNS = 3
_SILENCE = (Reason.TIMEOUT, Reason.MALFORMED, Reason.MISMATCHED, Reason.LATE)


class Sealed:
    """A PDU in the message for one engine; made anew, with another salt, for each request id."""

    __slots__ = ("_clock", "_context", "_local", "_pdu", "data")

    def __init__(self, pdu: Request, local: LocalUser, context: bytes, clock: tuple[int, int]) -> None:
        self.data = bytearray()
        self._pdu = pdu
        self._local = local
        self._context = context
        self._clock = clock

    def stamp(self, request_id: int) -> None:
        """Make this the request of that id."""
        self._pdu.stamp(request_id)
        self.data = self._local.seal(request_id, self._clock, self._context, self._pdu.data)


class SecureSession(NativeSession):
    """Implements `types.Session` for a USM user; `remote` is shared by all sessions with the address."""

    def __init__(
        self, transport: Callable[[], Transport], target: Target, user: User, remote: Remote, manners: Manners
    ) -> None:
        super().__init__(transport, target, BareEnvelope(user.frame_bytes), manners)
        self._user = user
        self._remote = remote

    async def _send(
        self, transport: Transport, request: Request, accept: Callable[[Reply], T], deadline_s: float | None
    ) -> T | Failure:
        was_heard = False
        if self._remote.is_doubted:
            silence = await self._discover(transport, deadline_s)
            if silence is not None:
                return silence
            was_heard = True
        mended: set[Complaint] = set()
        outcome = await self._ask_engine(transport, request, accept, deadline_s)
        while isinstance(outcome, Report):
            was_heard = True
            if outcome.complaint in mended or not await self._mend(transport, outcome, deadline_s):
                return failure_of(outcome.complaint)
            mended.add(outcome.complaint)
            outcome = await self._ask_engine(transport, request, accept, deadline_s)
        if not isinstance(outcome, Failure):
            return outcome
        self._remote.doubt()
        return await self._explained(transport, outcome, deadline_s) if was_heard else outcome

    async def _discover(self, transport: Transport, deadline_s: float | None) -> Failure | None:
        """Ask who is there; why nobody is."""
        request = Sealed(encode_pdu(Question.GET, ()), NOBODY, b"", _NO_TIME)
        told = await transport.ask(self._target, request, discovered, deadline_s)
        if isinstance(told, Failure):
            return told
        self._remote.discovered(told.engine_id, told.boots, told.time_s, transport.received_at_s)
        return None

    async def _ask_engine(
        self,
        transport: Transport,
        pdu: Request,
        accept: Callable[[Reply], T],
        deadline_s: float | None,
        *,
        target: Target | None = None,
        clock: tuple[int, int] | None = None,
        context: bytes | None = None,
    ) -> T | Report | Failure:
        """One request to the engine as it is known now; what is given replaces what is usual."""
        remote, local = self._remote, self._user.at(self._remote.engine_id)
        asked = self._user.context if context is None else context

        def take(frame: SecuredFrame) -> T | Report:
            reply = accepted(frame, local, asked, remote, transport.received_at_s)
            return reply if isinstance(reply, Report) else accept(reply)

        sealed = Sealed(pdu, local, asked, clock or remote.now(transport.now_s()))
        return await transport.ask(target or self._target, sealed, take, deadline_s)

    async def _mend(self, transport: Transport, report: Report, deadline_s: float | None) -> bool:
        """Whether there is something about a complaint that another try may cure."""
        remote = self._remote
        # Some agents with another engine id complain of the user, whom they know by theirs alone.
        if not report.is_authentic and report.engine_id not in (b"", remote.engine_id):
            remote.discovered(report.engine_id, report.boots, report.time_s, transport.received_at_s)
            return True
        if report.complaint is Complaint.STALE:
            told = await self._provoke(transport, deadline_s)
            if not isinstance(told, Report):
                return False
            report = told
        if report.complaint is Complaint.TIME and report.is_authentic:
            remote.resynchronise(report.boots, report.time_s, transport.received_at_s)
            return True
        return False

    async def _provoke(self, transport: Transport, deadline_s: float | None) -> object:
        """Make the engine tell its clock in an authentic message, by a request with a time that is not its own."""
        return await self._ask_engine(transport, _small(), _anything, deadline_s, target=self._once(), clock=_NO_TIME)

    async def _explained(self, transport: Transport, silence: Failure, deadline_s: float | None) -> Failure:
        """Why an agent that has just been heard does not answer.

        One that cannot decrypt, or has no such context, mostly says nothing at all. It still says what time it is,
        before it looks at either; and if even a small request is not answered then, the answer was not too large.
        """
        silence = silence._replace(was_heard=True)
        local = self._user.at(self._remote.engine_id)
        if silence.reason not in _SILENCE or not local.level & AUTH:
            return silence
        told = await self._provoke(transport, deadline_s)
        if not isinstance(told, Report):
            return silence
        if told.complaint is not Complaint.TIME:
            return failure_of(told.complaint)
        if not await self._is_deaf(transport, self._user.context, deadline_s):
            return silence
        if self._user.context and not await self._is_deaf(transport, b"", deadline_s):
            return failure_of(Complaint.CONTEXT)
        self._remote.mute += 1
        is_known = self._remote.proven is local and self._remote.mute < _MUTE_TURNS
        return silence if is_known or not local.level & PRIV else failure_of(Complaint.DECRYPTION)

    async def _is_deaf(self, transport: Transport, context: bytes, deadline_s: float | None) -> bool:
        """Whether a small request gets no answer either."""
        answer = await self._ask_engine(
            transport, _small(), _anything, deadline_s, target=self._once(), context=context
        )
        return isinstance(answer, Failure)

    def _once(self) -> Target:
        """Whom to ask once, and not to learn from how long that takes."""
        return replace(self._target, retries=0, pace=FixedPace(self._target.pace.timeout_s))


def _small() -> Request:
    return encode_pdu(Question.GET, (_SYS_UP_TIME,))


def _anything(_reply: Reply) -> None:
    """Take any response."""
