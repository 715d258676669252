"""Availability by painting one letter for every second: slow, plain, and without a line of the rules it judges.

States: n unknown, u up, g degraded, d down, x down with an excused cause, r unreachable. What is left out is painted
over: c circuit maintenance, m maintenance, o outside hours, i inactive, f future. Instants are quarters of a second.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

DAY_S = 86_400
DISPLACEMENT_S = 7 * 3600
#: 1970-01-01 was a Thursday.
FIRST_WEEKDAY = 3

Quarters = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """A history and all that bears on it; `runs` are (letter, start, end, cause), in quarters of a second."""

    start_s: int
    end_s: int
    now: int
    runs: Sequence[tuple[str, int, int, str]]
    active: Sequence[Quarters]
    windows: Sequence[Quarters]
    circuit_windows: Sequence[Quarters]
    week: Sequence[Sequence[tuple[int, int]]]
    holidays: frozenset[date]
    excused: frozenset[str]


class Painting:
    """The seconds of a case: `site`, `circuit` and `chargeable` have a letter for each."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.service = self._service()
        self.states = self._blank(b"n")
        for letter, start, end, cause in case.runs:
            shown = "x" if letter == "d" and cause in case.excused else letter
            self._paint(self.states, [(start, end)], shown)
        self.site = self._without(self.states.translate(bytes.maketrans(b"gxr", b"udd")), is_circuit=False)
        self.circuit = self._without(self.states.translate(bytes.maketrans(b"gx", b"ud")), is_circuit=True)
        self.chargeable = self._without(self.states.translate(bytes.maketrans(b"g", b"u")), is_circuit=True)

    def _blank(self, letter: bytes) -> bytearray:
        return bytearray(letter * (self.case.end_s - self.case.start_s))

    def _paint(self, canvas: bytearray, pairs: Iterable[Quarters], letter: str) -> None:
        for start, end in pairs:
            first = min(max(start // 4 - self.case.start_s, 0), len(canvas))
            past = min(max(end // 4 - self.case.start_s, first), len(canvas))
            canvas[first:past] = letter.encode() * (past - first)

    def _paint_where_blank(self, canvas: bytearray, mask: bytearray, letter: str) -> None:
        for hole in re.finditer(rb"\0+", mask):
            canvas[hole.start() : hole.end()] = letter.encode() * (hole.end() - hole.start())

    def _without(self, canvas: bytearray, *, is_circuit: bool) -> bytearray:
        if is_circuit:
            self._paint(canvas, self.case.circuit_windows, "c")
        self._paint(canvas, self.case.windows, "m")
        self._paint_where_blank(canvas, self.service, "o")
        active = self._blank(b"\0")
        self._paint(active, self.case.active, "i")
        self._paint_where_blank(canvas, active, "i")
        self._paint(canvas, [(self.case.now, 4 * self.case.end_s)], "f")
        return canvas

    def _service(self) -> bytearray:
        mask = self._blank(b"\0")
        off = {holiday.toordinal() - date(1970, 1, 1).toordinal() for holiday in self.case.holidays}
        for minute in range(self.case.start_s // 60, self.case.end_s // 60 + 1):
            day, second = divmod(minute * 60 + DISPLACEMENT_S, DAY_S)
            hours = self.case.week[(day + FIRST_WEEKDAY) % 7]
            if day not in off and any(start <= second // 60 < end for start, end in hours):
                self._paint(mask, [(minute * 240, minute * 240 + 240)], "s")
        return mask

    def marked(self, canvas: bytearray) -> bytes:
        """The states, in capitals where they count."""
        capital = canvas.translate(bytes(0 if letter in b"cmoif" else 0x20 for letter in range(256)))
        both = int.from_bytes(self.states, "big") ^ int.from_bytes(capital, "big")
        return both.to_bytes(len(canvas), "big")

    def outages(self, canvas: bytearray, kinds: bytes) -> int:
        """Silences of these kinds that have a second in capitals; nobody's knowledge ends none."""
        known = self.marked(canvas).translate(None, b"nN")
        return sum(not silence.group().islower() for silence in re.finditer(kinds, known))
