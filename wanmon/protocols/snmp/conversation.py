"""How to get instances and to walk a table, whatever engine carries the PDUs.

Rules of error-status and of where walks end are in `remedy` and `walking`; here they are followed. What the agent or
the network does comes back as values; nothing raises for it.
"""

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from wanmon.protocols.snmp.ber import encode_oid
from wanmon.protocols.snmp.message import Question, Version
from wanmon.protocols.snmp.packing import HEADERS_BYTES, REPLY_BYTES, pack
from wanmon.protocols.snmp.remedy import ErrorReply, remedy, told
from wanmon.protocols.snmp.transport import Failure
from wanmon.protocols.snmp.types import Answer, Oid, Syntax, VarBind
from wanmon.protocols.snmp.walking import MOST_REPETITIONS, Walk

# What a value of unknown type is taken to need: descriptions are longer, numbers shorter.
_VALUE_BYTES = 24


class Heard(NamedTuple):
    """The var-binds of one reply, and its size."""

    varbinds: tuple[VarBind, ...]
    size_bytes: int


class Conversation(ABC):
    """`get` and `walk` over one PDU at a time; `frame_bytes` are those of a reply around its var-binds, at most."""

    def __init__(self, version: Version, frame_bytes: int) -> None:
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
                trouble = _mend(chunk, outcome, waiting, found) or trouble
            else:
                found.update((varbind.oid, varbind) for varbind in outcome.varbinds)
        varbinds = tuple(found[oid] for oid in oids if oid in found)
        reason, detail = (trouble.reason, trouble.detail) if trouble else (None, "")
        return Answer(varbinds, reason, detail, was_heard)

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        """Everything below `root`; `walking` says when it ends."""
        bulk = self._version is not Version.V1
        question = Question.GETBULK if bulk else Question.GETNEXT
        walk = Walk(root, self._frame_bytes, MOST_REPETITIONS if bulk else 1)
        while walk.answer is None:
            outcome = await self._hear(question, (walk.last,), walk.repetitions, deadline_s)
            if isinstance(outcome, Failure):
                walk.failed(outcome.reason, outcome.detail)
            elif isinstance(outcome, ErrorReply):
                walk.refused(outcome)
            else:
                walk.came(*outcome)
        return walk.answer

    def _chunks(self, oids: Sequence[Oid]) -> list[tuple[Oid, ...]]:
        sizes = (HEADERS_BYTES + len(encode_oid(oid)) + _VALUE_BYTES for oid in oids)
        parts = pack(sizes, REPLY_BYTES - self._frame_bytes)
        return [tuple(oids[position] for position in part) for part in parts]


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
