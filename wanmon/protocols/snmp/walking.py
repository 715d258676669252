"""How a walk goes on and when it ends. No I/O: the session asks, and tells what came.

A walk ends where `root` ends, at endOfMibView, at an empty answer, at noSuchName (v1), at 20,000 rows or 4 MiB, and at
an OID that is not greater than the one before: agents that loop are many. What came until then is kept.
"""

from collections.abc import Sequence

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.message import ErrorStatus
from wanmon.protocols.snmp.packing import REPLY_BYTES
from wanmon.protocols.snmp.remedy import ErrorReply, told
from wanmon.protocols.snmp.types import MAX_ROWS, Answer, Oid, VarBind

#: Of replies: what an agent can make us hold in one walk.
MAX_BYTES = 4 * 1024 * 1024
_FIRST_REPETITIONS = 20
MOST_REPETITIONS = 100


class Walk:
    """A walk below `root`: ask for `repetitions` instances after `last` until there is an `answer`.

    `frame_bytes` are the bytes of a reply that are not var-binds; GETNEXT has one repetition at most. `after` begins
    behind an instance within, and `most_rows` ends earlier: so a walk is cut into parts.
    """

    def __init__(
        self,
        root: Oid,
        frame_bytes: int,
        most_repetitions: int = MOST_REPETITIONS,
        after: Oid | None = None,
        most_rows: int = MAX_ROWS,
    ) -> None:
        # BER has no OID of one arc: everything below 1 is what comes after 1.0.
        self.last = after or (root if len(root) > 1 else (*root, 0))
        self._most_rows = most_rows
        self.repetitions = min(_FIRST_REPETITIONS, most_repetitions)
        self.answer: Answer | None = None
        self._root = root
        self._room_bytes = REPLY_BYTES - frame_bytes
        self._frame_bytes = frame_bytes
        self._most = most_repetitions
        self._rows: list[VarBind] = []
        self._bytes = 0

    def came(self, varbinds: Sequence[VarBind], size_bytes: int) -> None:
        """The var-binds of a reply of `size_bytes`."""
        if not varbinds:
            return self._end()
        for varbind in varbinds:
            if varbind.is_missing or varbind.oid[: len(self._root)] != self._root:
                return self._end()
            if varbind.oid <= self.last:
                where = ".".join(map(str, varbind.oid))
                return self._end(Reason.MALFORMED, f"the agent's OIDs do not grow at {where}")
            if len(self._rows) == self._most_rows:
                return self._end(Reason.PARTIAL, f"more than {self._most_rows} rows")
            self._rows.append(varbind)
            self.last = varbind.oid
        self._bytes += size_bytes
        if self._bytes > MAX_BYTES:
            return self._end(Reason.PARTIAL, f"more than {MAX_BYTES} bytes")
        return self._fit(len(varbinds), size_bytes)

    def refused(self, error: ErrorReply) -> None:
        """The agent answered with an error-status."""
        if error.status == ErrorStatus.NO_SUCH_NAME:
            self._end()
        elif error.status != ErrorStatus.TOO_BIG:
            self._end(Reason.REFUSED, told(error))
        elif not self._ask_fewer(2):
            self._end(Reason.TOO_BIG, told(error))

    def failed(self, reason: Reason, detail: str) -> None:
        """No reply came; in the middle of a table large replies may get lost on the way, and fewer rows are asked."""
        if reason is not Reason.TIMEOUT or not self._rows or not self._ask_fewer(4):
            self._end(reason, detail)

    def _ask_fewer(self, divisor: int) -> bool:
        if self.repetitions == 1:
            return False
        # What the agent or the path could not bear is not asked again in this walk.
        self._most = self.repetitions = max(1, self.repetitions // divisor)
        return True

    def _fit(self, count: int, size_bytes: int) -> None:
        """As many repetitions as fill one reply, by the size of the rows just seen."""
        row_bytes = max(1, (size_bytes - self._frame_bytes) // count)
        self.repetitions = max(1, min(self._most, self._room_bytes // row_bytes))

    def _end(self, reason: Reason | None = None, detail: str = "") -> None:
        self.answer = Answer(tuple(self._rows), reason, detail)
