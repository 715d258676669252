"""One asking of a reading, PDU by PDU: what was answered, what is missing, what failed, and what is kept for next time.

No I/O: the session asks, and tells what came.
"""

from collections import deque

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.message import ErrorStatus
from wanmon.protocols.snmp.prepared import PreparedPdu, PreparedReading
from wanmon.protocols.snmp.remedy import ErrorReply, remedy, told
from wanmon.protocols.snmp.types import Failure, Reading, Readout

# Failures of one request; any other (no socket, no time, a closed port) would meet the next request too.
_SILENCE = (Reason.TIMEOUT, Reason.LATE, Reason.MALFORMED, Reason.MISMATCHED)


class Round:
    """The PDUs of a reading still to ask, and the fate of the others."""

    def __init__(self, reading: Reading, prepared: PreparedReading) -> None:
        self._reading = reading
        self._prepared = prepared
        self._waiting = deque(prepared.pdus)
        self._answered: list[PreparedPdu] = []
        self._unanswered: list[PreparedPdu] = []
        self._changed: list[int] = []
        self._missing: list[int] = []
        self._trouble: Failure | None = None
        self._silences = 0
        self._is_alive = False

    def next(self) -> PreparedPdu | None:
        """The PDU to ask now; none after silence, but one more chance for an agent that has answered in this round."""
        if not self._waiting or self._silences > self._is_alive:
            return None
        first, *others = self._prepared.parts(self._waiting.popleft())
        self._waiting.extendleft(reversed(others))
        return first

    def answered(self, pdu: PreparedPdu, changed: list[int]) -> None:
        """`pdu` was taken."""
        self._is_alive = True
        self._prepared.manners.bore(pdu.size_bytes)
        self._answered.append(pdu)
        self._changed += changed

    def refused(self, pdu: PreparedPdu, error: ErrorReply) -> None:
        """`pdu` was answered with an error-status: ask on in another shape, and keep that shape."""
        self._is_alive = True
        step = remedy(error, len(pdu.indexes))
        for position in step.missing:
            self._drop(pdu.indexes[position])
        if error.status == ErrorStatus.TOO_BIG and len(pdu.indexes) > 1:
            self._prepared.manners.too_large(self._prepared.expected_bytes(pdu))
        self._waiting.extendleft(self._prepared.part(pdu, part) for part in reversed(step.again))
        if step.refused is not None:
            self._unanswered.append(pdu)
            self._trouble = Failure(step.refused, told(error))

    def failed(self, pdu: PreparedPdu, failure: Failure) -> None:
        """No reply came to `pdu`.

        It is asked last next time: if it is what the agent chokes on, the others still have their turn.
        """
        self._unanswered.append(pdu)
        self._trouble = failure
        self._silences += 1 if failure.reason in _SILENCE else 2
        # Where all PDUs are too large none is answered: that the agent was heard before the round must do.
        manners = self._prepared.manners
        if (self._is_alive or manners.is_heard) and failure.reason in _SILENCE and len(pdu.indexes) > 1:
            manners.lost(self._prepared.expected_bytes(pdu))

    def readout(self, received_at_s: float) -> Readout:
        """How it went; `values` stand as they are."""
        # Whoever had no turn comes first next time.
        pdus = [*self._waiting, *self._answered, *self._unanswered]
        self._prepared.keep(pdus, all_heard=not self._silences)
        if self._trouble is None:
            return Readout(self._changed, received_at_s)
        answered = self._missing + [index for pdu in self._answered for index in pdu.indexes]
        reason = Reason.PARTIAL if answered else self._trouble.reason
        return Readout(self._changed, received_at_s, reason, self._trouble.detail, answered)

    def _drop(self, index: int) -> None:
        """There is no such instance: its value is None, and it is not asked again."""
        self._missing.append(index)
        if self._reading.values[index] is not None:
            self._reading.values[index] = None
            self._changed.append(index)
