"""How to get instances and to walk a table, whatever engine carries the PDUs.

Rules of error-status and of where walks end are in `remedy` and `walking`, what is known of the agent in `manners`;
here they are followed. What the agent or the network does comes back as values; nothing raises for it.
"""

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.ber import encode_oid
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import ErrorStatus, Question, Version
from wanmon.protocols.snmp.packing import HEADERS_BYTES, pack
from wanmon.protocols.snmp.remedy import ErrorReply, remedy, told
from wanmon.protocols.snmp.types import Answer, Failure, Oid, Syntax, VarBind
from wanmon.protocols.snmp.walking import MOST_REPETITIONS, Walk

# What a value of unknown type is taken to need: descriptions are longer, numbers shorter.
_VALUE_BYTES = 24
# So many questions on end may go unanswered in a walk, each smaller than the one before.
_MOST_SILENCES = 4


class Heard(NamedTuple):
    """The var-binds of one reply, and its size."""

    varbinds: tuple[VarBind, ...]
    size_bytes: int


class Conversation(ABC):
    """`get` and `walk` over one PDU at a time; `frame_bytes` are those of a reply around its var-binds, at most."""

    def __init__(self, version: Version, frame_bytes: int, manners: Manners) -> None:
        self.manners = manners
        self._version = version
        self._frame_bytes = frame_bytes
        self._first_heard_s = 0.0

    @abstractmethod
    async def _hear(
        self, question: Question, oids: Sequence[Oid], max_repetitions: int, deadline_s: float | None
    ) -> Heard | ErrorReply | Failure:
        """Ask one PDU; the reply to a GET has exactly `oids`."""

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        """Ask for instances; what is not there comes back as noSuchInstance, what the agent refuses is left out."""
        waiting = deque(self._chunks(oids))
        found: dict[Oid, VarBind] = {}
        trouble: Failure | None = None
        was_heard = False
        while waiting:
            chunk = waiting.popleft()
            outcome = await self._hear(Question.GET, chunk, 0, deadline_s)
            if isinstance(outcome, Failure):
                trouble, was_heard = outcome, was_heard or outcome.was_heard
                break
            if not was_heard:
                was_heard, self._first_heard_s = True, time.monotonic()
            if isinstance(outcome, ErrorReply):
                if outcome.status == ErrorStatus.TOO_BIG and len(chunk) > 1:
                    self.manners.too_large(self._frame_bytes + sum(map(_expected_bytes, chunk)))
                trouble = _mend(chunk, outcome, waiting, found) or trouble
            else:
                self.manners.bore(outcome.size_bytes)
                found.update((varbind.oid, varbind) for varbind in outcome.varbinds)
        varbinds = tuple(found[oid] for oid in oids if oid in found)
        reason, detail = (trouble.reason, trouble.detail) if trouble else (None, "")
        return Answer(varbinds, reason, detail, was_heard)

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        """Everything below `root`; `walking` says when it ends."""
        walk = Walk([root])
        return walk.answer(await self.go_on(walk, deadline_s))

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        """Walk until it is done, or until something stops it, which is returned; it can be gone on with later."""
        silences = 0
        while not walk.is_done:
            bulk = self._version is not Version.V1 and self.manners.bulk is not False
            room_bytes = self.manners.limit_bytes - self._frame_bytes
            oids, repetitions = walk.question(room_bytes, MOST_REPETITIONS if bulk else 1)
            question = Question.GETBULK if bulk else Question.GETNEXT
            outcome = await self._hear(question, oids, repetitions, deadline_s)
            if isinstance(outcome, Heard):
                silences = 0
                if self._took(outcome, bulk=bulk):
                    walk.came(outcome.varbinds, outcome.size_bytes - self._frame_bytes)
            elif isinstance(outcome, ErrorReply):
                silences = 0
                self._refused(walk, outcome, bulk=bulk)
            else:
                silences += 1
                is_silence = outcome.reason in (Reason.TIMEOUT, Reason.LATE)
                if not is_silence or not self._may_ask_less(walk, silences, bulk=bulk):
                    return outcome
        return None

    def doubt_bulk(self) -> None:
        """GETBULK of this agent passed instances over: walk without it."""
        self.manners.bulk = False

    def _took(self, heard: Heard, *, bulk: bool) -> bool:
        """Whether the reply is an answer: an empty one to the first GETBULK says that GETBULK is not known."""
        self.manners.bore(heard.size_bytes)
        if bulk and self.manners.bulk is None:
            self.manners.bulk = bool(heard.varbinds)
            return self.manners.bulk
        return True

    def _refused(self, walk: Walk, error: ErrorReply, *, bulk: bool) -> None:
        """Ask for less, or without GETBULK; what cannot be asked otherwise is the column's end."""
        if error.status == ErrorStatus.TOO_BIG and walk.ask_fewer():
            self.manners.too_large(walk.bytes_expected + self._frame_bytes)
        elif error.status != ErrorStatus.NO_SUCH_NAME and bulk and not self.manners.bulk:
            self.manners.bulk = False
        else:
            walk.refused(error)

    def _may_ask_less(self, walk: Walk, silences: int, *, bulk: bool) -> bool:
        """After silence: try without GETBULK where that was never answered, else for fewer values."""
        if silences >= _MOST_SILENCES:
            return False
        if bulk and self.manners.bulk is None:
            self.manners.bulk = False
            return True
        self.manners.lost(walk.bytes_expected + self._frame_bytes)
        return walk.ask_fewer()

    def _chunks(self, oids: Sequence[Oid]) -> list[tuple[Oid, ...]]:
        parts = pack(map(_expected_bytes, oids), self.manners.limit_bytes - self._frame_bytes)
        return [tuple(oids[position] for position in part) for part in parts]


def _expected_bytes(oid: Oid) -> int:
    return HEADERS_BYTES + len(encode_oid(oid)) + _VALUE_BYTES


def _mend(
    chunk: tuple[Oid, ...], error: ErrorReply, waiting: deque[tuple[Oid, ...]], found: dict[Oid, VarBind]
) -> Failure | None:
    """Put what is to be asked again before what waits, what is missing into `found`; the trouble if some is refused."""
    step = remedy(error, len(chunk))
    for position in step.missing:
        found[chunk[position]] = VarBind(chunk[position], Syntax.NO_SUCH_INSTANCE, None)
    waiting.extendleft(tuple(chunk[position] for position in part) for part in reversed(step.again))
    if step.refused is None:
        return None
    return Failure(
        step.refused, f"{told(error)} for {'.'.join(map(str, chunk[0]))}" if len(chunk) == 1 else told(error)
    )
