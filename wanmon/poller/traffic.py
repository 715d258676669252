"""What runs through the circuits, as five-minute averages of each local day: the source of capacity reports.

Rates that the counters do not allow are dropped and counted (`health.rates`). A day is stored as it grows, and whole
when it is over.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from wanmon.health import rates
from wanmon.health.blocks import BIN_S, BINS, Block, DayTally, Direction, local_day
from wanmon.health.rates import Dropped, DropReason, Limits, Rate, Reading
from wanmon.model.carrier import CircuitFields
from wanmon.poller.instant import Instant
from wanmon.poller.wan import WanPort

#: Stores a day of a circuit, as far as it has come.
Keep = Callable[[str, date, Block], None]


#: A day that ended so long ago gets no more rates.
LATE_S = 600.0


@dataclass(slots=True)
class _Circuit:
    held: dict[Direction, Reading] = field(default_factory=dict)
    days: dict[date, DayTally] = field(default_factory=dict)
    stored_bin: float = 0.0


class Traffic:
    """The tallies of all circuits, by code."""

    def __init__(self, keep: Keep, dropped: Counter[DropReason]) -> None:
        self._keep = keep
        self._dropped = dropped
        self._circuits: dict[str, _Circuit] = {}

    def resume(self, circuit: str, on: date, block: Block) -> None:
        """Go on with a day that an earlier run has begun."""
        self._circuits.setdefault(circuit, _Circuit()).days[on] = DayTally.resumed(on, block)

    def unbind(self, circuit: str) -> None:
        """A circuit is read no more, or at another port from now on: no pair spans both.

        What is known of its day is stored, and kept while the day goes on: it may be read again.
        """
        held = self._circuits.get(circuit)
        if held is not None:
            held.held.clear()
            self._store(circuit, held)

    def take(self, circuit: CircuitFields, port: WanPort, longest_s: float, instant: Instant) -> None:
        """Take in one poll of the port that a circuit ends on; a pair may span `longest_s`."""
        held = self._circuits.setdefault(circuit.code, _Circuit())
        for direction, fresh, contracted in (
            (Direction.RECEIVE, port.receive, circuit.receive_bps),
            (Direction.TRANSMIT, port.transmit, circuit.transmit_bps),
        ):
            if fresh is not None:
                limits = Limits(port.speed_bps, contracted, longest_s)
                _, told = rates.step(held.held.get(direction), fresh, limits)
                held.held[direction] = fresh
                if isinstance(told, Dropped):
                    self._dropped[told.reason] += 1
                elif told is not None:
                    to_s = instant.epoch_s(fresh.received_s)
                    _spread(held, direction, told, to_s)
        self._store_by_bin(circuit.code, held, instant.at.timestamp())

    def end(self) -> None:
        """Store everything: this is the end."""
        for code, held in self._circuits.items():
            self._store(code, held)
        self._circuits.clear()

    def _store_by_bin(self, code: str, held: _Circuit, now_s: float) -> None:
        """Store the days when another bin has begun."""
        if now_s // BIN_S == held.stored_bin:
            return
        held.stored_bin = now_s // BIN_S
        self._store(code, held)
        self._let_go(now_s)

    def _let_go(self, now_s: float) -> None:
        """Let go of the days that are over, and of circuits of which nothing else is held."""
        for code, held in list(self._circuits.items()):
            for on in [on for on, tally in held.days.items() if now_s > tally.begins_s + BINS * BIN_S + LATE_S]:
                del held.days[on]
            if not held.days and not held.held:
                del self._circuits[code]

    def _store(self, code: str, held: _Circuit) -> None:
        for on, tally in held.days.items():
            self._keep(code, on, tally.block())


def _spread(held: _Circuit, direction: Direction, told: Rate, to_s: float) -> None:
    """Add a rate to the one or two days that it was measured over."""
    from_s = to_s - told.dt_s
    for on in {local_day(from_s), local_day(to_s)}:
        if on not in held.days:
            held.days[on] = DayTally(on)
        held.days[on].add(direction, told.bps, from_s, to_s)
