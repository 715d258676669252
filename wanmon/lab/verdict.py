"""What a simulated poller found beside what really was: outages, causes, delays, availability. Pure.

A recorded outage is right when something of that site was really lost at that time. A real one that nobody could have
told, because it was too short or nobody was watching, is not missed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from wanmon.health.availability import Availability, Terms, availability
from wanmon.health.history import runs_of
from wanmon.health.intervals import Intervals, Span
from wanmon.lab.truth import Stretch, TrueOutage, within
from wanmon.model.cause import Cause
from wanmon.model.state import State

#: A real outage is told by one recorded within so much of it: a restart that nobody missed is dated by an uptime.
NEAR_S = 60.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded outage of a site, on the clock of the simulation; one without an end goes on."""

    site: str
    state: State
    began_s: float
    ended_s: float
    decided_s: float
    cause: Cause | None
    is_open: bool

    @property
    def is_opening(self) -> bool:
        """Whether an alert would open for it."""
        return self.state is State.DOWN and self.cause is not Cause.SILENT_REBOOT


class Ruling(StrEnum):
    """What is to be said of a recorded outage."""

    RIGHT = "right"
    WRONG_CAUSE = "wrong cause"
    WRONG_STATE = "wrong state"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Judged:
    """A recorded outage, the real one that it tells of, if any, and what is to be said of it."""

    recorded: Recorded
    real: TrueOutage | None
    ruling: Ruling

    @property
    def delay_s(self) -> float | None:
        """How long after it really began it was decided."""
        return None if self.real is None else self.recorded.decided_s - self.real.from_s


@dataclass(frozen=True, slots=True)
class Share:
    """The availability of a site as reported, what it really was while it was watched, and the share that was known."""

    site: str
    reported: float | None
    real: float | None
    coverage: float | None

    @property
    def error(self) -> float:
        """How far the two are apart; 0 where either is not known."""
        return 0.0 if self.reported is None or self.real is None else abs(self.reported - self.real)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a script.

    `missed` are real outages that nothing recorded tells of. `false` were recorded of sites that were not lost.
    """

    judged: tuple[Judged, ...]
    missed: tuple[TrueOutage, ...]
    real: tuple[TrueOutage, ...]
    shares: tuple[Share, ...]

    @property
    def false(self) -> tuple[Judged, ...]:
        """Recorded outages of which nothing is true."""
        return self.ruled(Ruling.FALSE)

    @property
    def openings(self) -> tuple[Judged, ...]:
        """The recorded outages that an alert would open for: somebody's own, and no restart found afterwards."""
        return tuple(each for each in self.judged if each.recorded.is_opening)

    @property
    def false_openings(self) -> tuple[Judged, ...]:
        """Those of them that were nobody's own."""
        return tuple(each for each in self.openings if each.real is None or each.real.state is not State.DOWN)

    @property
    def missed_openings(self) -> tuple[TrueOutage, ...]:
        """Real outages of a site's own that were recorded as nothing of its own."""
        told = {id(each.real) for each in self.openings}
        missed = {id(each) for each in self.missed}
        mistaken = {id(each.real) for each in self.judged} - told
        return tuple(each for each in self.real if each.state is State.DOWN and id(each) in missed | mistaken)

    def ruled(self, ruling: Ruling) -> tuple[Judged, ...]:
        """The recorded outages of which this is to be said."""
        return tuple(each for each in self.judged if each.ruling is ruling)

    @property
    def delays_s(self) -> tuple[float, ...]:
        """How long it took to decide on each outage whose beginning somebody watched, in order of length."""
        delays = (each.delay_s for each in self.openings if each.recorded.began_s < each.recorded.decided_s)
        return tuple(sorted(delay_s for delay_s in delays if delay_s is not None))

    @property
    def median_delay_s(self) -> float | None:
        """The one in the middle."""
        return median(self.delays_s) if self.delays_s else None


def judge(
    recorded: Sequence[Recorded],
    real: Sequence[TrueOutage],
    seen: Sequence[Stretch],
    restarts: Collection[tuple[str, float]],
    shares: Iterable[Share],
) -> Verdict:
    """Set what was recorded beside what was real.

    `seen` is the time in which somebody watched, `restarts` tell which machines began anew, and when.
    """
    by_site: dict[str, list[TrueOutage]] = {}
    for outage in real:
        by_site.setdefault(outage.site, []).append(outage)
    matched = [(each, _match(each, by_site.get(each.site, ()))) for each in recorded]
    judged = tuple(Judged(each, its, _ruling(each, its, seen, restarts)) for each, its in matched)
    told = {id(each.real) for each in judged}
    untold = (each for each in real if id(each) not in told)
    missed = (each for each in untold if within(seen, each.from_s, each.to_s) >= each.tellable_s)
    return Verdict(judged, tuple(missed), tuple(real), tuple(shares))


def shares(
    histories: Mapping[str, Iterable[tuple[State, float, Cause | None]]],
    real: Sequence[TrueOutage],
    span: Span,
    seen: Sequence[Stretch],
) -> list[Share]:
    """The availability of each site from its history over `span` (epoch seconds) beside the real one."""
    lost: dict[str, float] = {}
    for outage in real:
        lost[outage.site] = lost.get(outage.site, 0.0) + within(seen, outage.from_s, outage.to_s)
    watched_s = sum(end_s - begin_s for begin_s, end_s in seen)
    found = []
    for site, changes in histories.items():
        figures = figures_of(changes, span)
        real_share = 1 - lost.get(site, 0.0) / watched_s if watched_s else None
        found.append(Share(site, figures.site, real_share, figures.coverage))
    return found


def figures_of(changes: Iterable[tuple[State, float, Cause | None]], span: Span) -> Availability:
    """The figures of a history over a span that counts as a whole."""
    always = Intervals.of([span])
    return availability(runs_of(changes), Terms(span, span.end_s, always, always))


def _ruling(
    recorded: Recorded,
    real: TrueOutage | None,
    seen: Sequence[Stretch],
    restarts: Collection[tuple[str, float]],
) -> Ruling:
    if recorded.cause is Cause.SILENT_REBOOT:
        near = (abs(at_s - recorded.began_s) <= NEAR_S for site, at_s in restarts if site == recorded.site)
        return Ruling.RIGHT if any(near) else Ruling.FALSE
    if real is None:
        return Ruling.FALSE
    if recorded.state is not real.state:
        return Ruling.WRONG_STATE
    # What began while nobody watched is ours, by the rules, whatever it was.
    is_ours = recorded.cause is Cause.MONITOR and not any(from_s <= real.from_s < to_s for from_s, to_s in seen)
    return Ruling.RIGHT if is_ours or recorded.cause in (None, real.cause) else Ruling.WRONG_CAUSE


def _match(recorded: Recorded, real: Sequence[TrueOutage]) -> TrueOutage | None:
    """The real outage that a recorded one overlaps most, of the same kind first."""
    from_s, to_s = recorded.began_s - NEAR_S, recorded.ended_s + NEAR_S
    near = (each for each in real if each.from_s <= to_s and from_s <= each.to_s)
    return max(near, key=lambda each: (each.state is recorded.state, _overlap_s(recorded, each)), default=None)


def _overlap_s(recorded: Recorded, real: TrueOutage) -> float:
    return min(recorded.ended_s, real.to_s) - max(recorded.began_s, real.from_s)
