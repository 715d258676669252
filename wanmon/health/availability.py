"""How much of the time a site and its circuit were there, and which seconds make the figure. Pure.

The share is of the time that counts, less what nobody knows. Nothing to count is None: neither 0 nor 1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from wanmon.health.history import Run, Stretch, stretches
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.model.cause import Cause
from wanmon.model.state import State

#: What contracts commonly do not charge to the carrier.
EXCUSED = frozenset({Cause.POWER_OR_REBOOT, Cause.SILENT_REBOOT, Cause.PLANNED, Cause.MONITOR})
#: Below this share of known time no verdict is drawn.
LEAST_COVERAGE = 0.95


class Measure(StrEnum):
    """For whom time is counted: staff at the site, the carrier's circuit, what the carrier can be charged with."""

    SITE = "site"
    CIRCUIT = "circuit"
    CHARGEABLE = "chargeable"


class Counted(StrEnum):
    """What a piece of time counts as: up, down, or not at all and why."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # nobody knows
    UNREACHABLE = "unreachable"  # cut above: not this circuit's fault
    EXCUSED = "excused"  # down for a cause that the contract excuses
    CIRCUIT_MAINTENANCE = "circuit_maintenance"
    MAINTENANCE = "maintenance"
    OUTSIDE_HOURS = "outside_hours"
    INACTIVE = "inactive"  # before activation, after retirement
    FUTURE = "future"


_FOR_SITE = {
    State.UNKNOWN: Counted.UNKNOWN,
    State.UP: Counted.UP,
    State.DEGRADED: Counted.UP,
    State.DOWN: Counted.DOWN,
    State.UNREACHABLE: Counted.DOWN,
}
_FOR_CIRCUIT = _FOR_SITE | {State.UNREACHABLE: Counted.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a figure is reckoned over. `service`, `active` and windows may reach beyond the period.

    `windows` cover site and circuits, `circuit_windows` the circuit alone; only such as exclude belong here.
    """

    period: Span
    now_s: float
    active: Intervals
    service: Intervals
    windows: Intervals = NOTHING
    circuit_windows: Intervals = NOTHING
    excused: frozenset[Cause] = EXCUSED


@dataclass(frozen=True, slots=True)
class Tally:
    """Seconds within the time that counts: by state, down (charged or not), and the outages that touch it."""

    seconds: Mapping[State, int]
    down_s: int
    excused_s: int
    outages: int

    @property
    def expected_s(self) -> int:
        """The time that counts, known or not."""
        return sum(self.seconds.values())

    @property
    def up_s(self) -> int:
        """The time that it was there, well or ailing."""
        return self.seconds[State.UP] + self.seconds[State.DEGRADED]

    @property
    def share(self) -> float | None:
        """The share of the known time that it was there."""
        return _share(self.up_s, self.up_s + self.down_s)

    @property
    def chargeable_share(self) -> float | None:
        """The same without the down time that the contract excuses."""
        return _share(self.up_s, self.up_s + self.down_s - self.excused_s)

    @property
    def coverage(self) -> float | None:
        """The share of the time that counts of which the state is known."""
        return _share(self.expected_s - self.seconds[State.UNKNOWN], self.expected_s)

    @property
    def verdict_allowed(self) -> bool:
        """Whether enough is known to judge anybody by it."""
        return self.coverage is not None and self.coverage >= LEAST_COVERAGE

    @property
    def mttr_s(self) -> float | None:
        """Mean time to repair: down time per outage."""
        return _share(self.down_s, self.outages)

    @property
    def mtbf_s(self) -> float | None:
        """Mean time between failures: up time per outage."""
        return _share(self.up_s, self.outages)


@dataclass(frozen=True, slots=True)
class Availability:
    """The figures of one history: shares from 0 to 1, None for "no data"; the seconds behind them for either scope."""

    for_site: Tally
    for_circuit: Tally

    @property
    def site(self) -> float | None:
        """As the staff at the site saw it."""
        return self.for_site.share

    @property
    def circuit(self) -> float | None:
        """What the circuit did while the way above it was open."""
        return self.for_circuit.share

    @property
    def chargeable(self) -> float | None:
        """The same without the outages that the contract excuses."""
        return self.for_circuit.chargeable_share

    @property
    def coverage(self) -> float | None:
        """That of the site."""
        return self.for_site.coverage


class Piece(NamedTuple):
    """A stretch of one state that counts as one thing, in whole seconds since 1970 UTC."""

    start_s: int
    end_s: int
    state: State
    cause: Cause | None
    counted: Counted


def availability(runs: Iterable[Run], terms: Terms) -> Availability:
    """The figures of a history, which is in order. A circuit with evidence of its own has runs of its own."""
    history = list(runs)
    return Availability(site_tally(history, terms), circuit_tally(history, terms))


def site_tally(runs: Iterable[Run], terms: Terms) -> Tally:
    """The seconds behind the figure of the site alone."""
    history = stretches(runs, terms.period, terms.now_s)
    return _tally(history, expected_time(terms), _FOR_SITE, terms.excused)


def circuit_tally(runs: Iterable[Run], terms: Terms) -> Tally:
    """The seconds behind the figures of the circuit alone."""
    history = stretches(runs, terms.period, terms.now_s)
    return _tally(history, expected_time(terms) - terms.circuit_windows, _FOR_CIRCUIT, terms.excused)


def expected_time(terms: Terms) -> Intervals:
    """The time that counts for the site; what is still to come does not."""
    past = Intervals.of([(terms.period.start_s, min(terms.period.end_s, terms.now_s))])
    return (past & terms.service & terms.active) - terms.windows


def explain(runs: Iterable[Run], terms: Terms, measure: Measure) -> list[Piece]:
    """The period in order, without a gap: up / (up + down) of the pieces is the figure, to the second."""
    layers = list(_layers(terms, measure))
    pieces = [
        Piece(*span, stretch.state, stretch.cause, why or _counted(stretch, terms, measure))
        for stretch in stretches(runs, terms.period, terms.now_s)
        for why, layer in layers
        for span in layer.clip(stretch.start_s, stretch.end_s)
    ]
    return sorted(pieces)


def _layers(terms: Terms, measure: Measure) -> Iterator[tuple[Counted | None, Intervals]]:
    """The period in parts: what is left out with the first reason that holds, and at last, without one, what counts."""
    start_s, end_s = terms.period
    now_s = min(max(int(terms.now_s // 1), start_s), end_s)
    rest = Intervals.of([terms.period])
    for why, left_out in (
        (Counted.FUTURE, Intervals.of([(now_s, end_s)])),
        (Counted.INACTIVE, terms.active.gaps(start_s, end_s)),
        (Counted.OUTSIDE_HOURS, terms.service.gaps(start_s, end_s)),
        (Counted.MAINTENANCE, terms.windows),
        (Counted.CIRCUIT_MAINTENANCE, NOTHING if measure is Measure.SITE else terms.circuit_windows),
    ):
        yield why, rest & left_out
        rest = rest - left_out
    yield None, rest


def _counted(stretch: Stretch, terms: Terms, measure: Measure) -> Counted:
    if measure is Measure.CHARGEABLE and _is_excused(stretch, terms.excused):
        return Counted.EXCUSED
    return (_FOR_SITE if measure is Measure.SITE else _FOR_CIRCUIT)[stretch.state]


def _is_excused(stretch: Stretch, excused: frozenset[Cause]) -> bool:
    return stretch.state is State.DOWN and stretch.cause in excused


def _tally(
    history: Sequence[Stretch], expected: Intervals, counts: Mapping[State, Counted], excused: frozenset[Cause]
) -> Tally:
    seconds = dict.fromkeys(State, 0)
    excused_s = 0
    for stretch in history:
        length_s = expected.length_within_s(stretch.start_s, stretch.end_s)
        seconds[stretch.state] += length_s
        if _is_excused(stretch, excused):
            excused_s += length_s
    broken = [state for state in State if counts[state] is Counted.DOWN]
    return Tally(seconds, sum(seconds[state] for state in broken), excused_s, _outages(history, expected, broken))


def _outages(history: Sequence[Stretch], expected: Intervals, broken: Sequence[State]) -> int:
    """How many outages have a second that counts.

    UNKNOWN does not end one; DOWN and UNREACHABLE that touch are two.
    """
    outages, state, is_counted = 0, State.UNKNOWN, False
    for stretch in history:
        if stretch.state is State.UNKNOWN:
            continue
        if stretch.state is not state:
            state, is_counted = stretch.state, False
        if state in broken and not is_counted and expected.length_within_s(stretch.start_s, stretch.end_s):
            outages, is_counted = outages + 1, True
    return outages


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
