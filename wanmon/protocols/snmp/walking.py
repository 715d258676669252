"""How a walk goes on and when it ends. No I/O: the conversation asks, and tells what came.

Several columns are walked side by side, so that a reply is filled with rows of as many of them as it can hold. A column
ends where its root ends, at endOfMibView, at noSuchName (v1), and at an OID that is not greater than the one before:
agents that loop are many. A walk ends with its columns, at 20,000 rows or at 2 MiB. What came is kept, and a walk that
was cut off can go on later.
"""

from collections.abc import Iterable, Sequence

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.message import ErrorStatus
from wanmon.protocols.snmp.remedy import ErrorReply, told
from wanmon.protocols.snmp.types import Answer, Failure, Oid, VarBind

MAX_ROWS = 20_000
#: Of replies, which an agent can make us hold in one walk; names as long as may be take twenty times their bytes.
MAX_BYTES = 2 * 1024 * 1024
MOST_REPETITIONS = 100
#: What a row is taken to need while none was seen, beside the arcs of its root.
_HEADERS_BYTES, _VALUE_BYTES = 8, 20


class _Column:
    """One root, and what came below it, or behind `after` within it."""

    def __init__(self, root: Oid, after: Oid | None = None) -> None:
        self.root = root
        # BER has no OID of one arc: everything below 1 is what comes behind 1.0.
        self.last = after or (root if len(root) > 1 else (*root, 0))
        self.rows: list[VarBind] = []
        self.is_open = True
        self.row_bytes = len(root) + _HEADERS_BYTES + _VALUE_BYTES

    def take(self, varbind: VarBind, most_rows: int) -> Failure | None:
        """Keep the next row, or close; the trouble if that is no proper end."""
        if varbind.is_missing or varbind.oid[: len(self.root)] != self.root:
            self.is_open = False
            return None
        if varbind.oid <= self.last:
            self.is_open = False
            return Failure(Reason.MALFORMED, f"the agent's OIDs do not grow at {'.'.join(map(str, varbind.oid))}")
        if len(self.rows) >= most_rows:
            self.is_open = False
            return Failure(Reason.PARTIAL, f"more than {most_rows} rows")
        self.rows.append(varbind)
        self.last = varbind.oid
        return None

    def goes_on_at(self, oid: Oid) -> bool:
        """Whether an instance is a later one of this column, in which some came already."""
        return bool(self.rows) and oid > self.last and oid[: len(self.root)] == self.root


class Walk:
    """A walk below `roots`: ask `question()` until it `is_done`; of each root at most `most_rows` are kept.

    `rows_expected` is how many rows a column probably has, 0 if nobody knows. `after` begins behind an instance: so a
    walk of more rows than are to be held at once is read in parts.
    """

    def __init__(
        self, roots: Sequence[Oid], most_rows: int = MAX_ROWS, rows_expected: int = 0, after: Oid | None = None
    ) -> None:
        self.trouble: Failure | None = None
        self._columns = {root: _Column(root, after) for root in roots}
        self._asked: list[_Column] = []
        self._repetitions = 0
        self._most_columns = len(self._columns)
        self._most_values = MAX_ROWS
        self._most_rows = most_rows
        self._rows_expected = rows_expected
        self._rows = self._bytes = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return not any(column.is_open for column in self._columns.values())

    @property
    def values_asked(self) -> int:
        """How many var-binds the last question wants."""
        return len(self._asked) * self._repetitions

    @property
    def bytes_expected(self) -> int:
        """About how many bytes of var-binds the last question wants."""
        return sum(column.row_bytes for column in self._asked) * self._repetitions

    def rows(self, root: Oid) -> list[VarBind]:
        """What came below one of the roots."""
        return self._columns[root].rows

    def answer(self, stopped: Failure | None = None) -> Answer:
        """All that came, and what went wrong: what stopped it, or else what it met."""
        rows = tuple(row for column in self._columns.values() for row in column.rows)
        trouble = stopped or self.trouble
        return Answer(rows, trouble.reason, trouble.detail, trouble.was_heard) if trouble else Answer(rows)

    def question(self, room_bytes: int, most_repetitions: int = MOST_REPETITIONS) -> tuple[list[Oid], int]:
        """After which OIDs to ask, and for how many rows each, to fill `room_bytes`; GETNEXT has one repetition."""
        waiting = [column for column in self._columns.values() if column.is_open]
        waiting.sort(key=lambda column: len(column.rows))  # whoever is behind comes first
        # How large rows are is not known yet, and GETBULK perhaps not to the agent.
        room_bytes = room_bytes if self._rows else room_bytes // 2
        count, self._repetitions = self._fitting(waiting, room_bytes, most_repetitions)
        self._asked = waiting[:count]
        return [column.last for column in self._asked], self._repetitions

    def _fitting(self, waiting: Sequence[_Column], room_bytes: int, most_repetitions: int) -> tuple[int, int]:
        """The numbers of columns and of repetitions that fill the room best; broad rather than deep where both do."""
        row_bytes = sum(column.row_bytes for column in waiting) // len(waiting)
        values = min(self._most_values, max(1, room_bytes // row_bytes))
        best = (1, 1)
        for repetitions in range(1, min(most_repetitions, self._rows_left(waiting[0]), values) + 1):
            columns = min(len(waiting), self._most_columns, values // repetitions)
            if columns * repetitions > best[0] * best[1]:
                best = (columns, repetitions)
        return best

    def _rows_left(self, column: _Column) -> int:
        left = self._rows_expected - len(column.rows)
        return left + 1 if left > 0 else MOST_REPETITIONS  # one more, to see that the column ends there

    def came(self, varbinds: Sequence[VarBind], size_bytes: int) -> None:
        """The var-binds of a reply to the last question, row by row; `size_bytes` is all that they take."""
        asked = self._asked
        if not varbinds:
            if not self._rows:  # behind the last row some agents say so instead of endOfMibView
                self._note(Failure(Reason.MALFORMED, "the agent answers with nothing where a next instance was asked"))
            self._close(asked)
            return
        for number, varbind in enumerate(varbinds):
            column = asked[number % len(asked)]
            if any(other.goes_on_at(varbind.oid) for other in asked if other is not column):
                # The agent leaves columns out of its rows, so that nobody can tell which is which.
                self._most_columns = 1
                break
            if column.is_open:
                self._note(column.take(varbind, self._most_rows))
        for column in asked:
            column.row_bytes = max(1, size_bytes // len(varbinds))
        self._bound(len(varbinds), size_bytes)

    def ask_fewer(self) -> bool:
        """For the rest of the walk ask for half of what the last question wanted; False where that was one value."""
        self._most_values = max(1, self.values_asked // 2)
        return self.values_asked > 1

    def refused(self, error: ErrorReply) -> None:
        """The agent answered with an error-status for which asking for fewer rows is no remedy.

        It names the column (noSuchName: which ends there); where it names none of several, they are asked singly.
        """
        named = 1 <= error.position <= len(self._asked)
        culprits = [self._asked[error.position - 1]] if named else self._asked
        if len(culprits) > 1:
            self._most_columns = 1
            return
        if error.status != ErrorStatus.NO_SUCH_NAME:
            self._note(Failure(Reason.TOO_BIG if error.status == ErrorStatus.TOO_BIG else Reason.REFUSED, told(error)))
        self._close(culprits)

    def _bound(self, count: int, size_bytes: int) -> None:
        self._rows += count
        self._bytes += size_bytes
        if self._rows > MAX_ROWS:
            self._note(Failure(Reason.PARTIAL, f"more than {MAX_ROWS} rows"))
        elif self._bytes > MAX_BYTES:
            self._note(Failure(Reason.PARTIAL, f"more than {MAX_BYTES} bytes"))
        else:
            return
        self._close(self._columns.values())

    def _note(self, trouble: Failure | None) -> None:
        self.trouble = self.trouble or trouble

    def _close(self, columns: Iterable[_Column]) -> None:
        for column in columns:
            column.is_open = False
