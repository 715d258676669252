"""Is a line full? The capacity rule of Circular 06/2026/TT-BKHCN art. 5.6, in both readings. Pure.

A breach is a 95th percentile of the five-minute averages above 90 % of the contracted capacity for 7 consecutive days.
Read by the day, each of the seven daily percentiles is above it; read by the week, the percentile of all seven days
together is. Neither is believed where a day lacks samples: it is "not judged", and that never means "passed".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: The averages of one day, None where a bin is missing.
Samples = Sequence[float | None]

DAYS = 7
FULL_SHARE = 0.90
PERCENT = 95
#: The samples without which a day is not judged, in percent.
SAMPLES_PERCENT = 90


class Capacity(StrEnum):
    """What a reading of the rule says of seven days."""

    BREACH = "breach"
    WITHIN = "within"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of one local day: the percentile in bits per second (None without a sample), and of how many."""

    on: date
    p95_bps: float | None
    samples: int
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Week:
    """Seven consecutive days, judged in both readings; `by_day` is the one reported first."""

    days: tuple[Day, ...]
    by_day: Capacity
    by_week: Capacity
    p95_bps: float | None

    @property
    def ends_on(self) -> date:
        """The last of the days."""
        return self.days[-1].on


def percentile_95(samples: Samples) -> float | None:
    """The value of rank ceil(0.95 n) of those present; None where there is none."""
    present = sorted(sample for sample in samples if sample is not None)
    # In whole numbers: a product with 0.95 may come out a hair above the rank.
    return present[-(-PERCENT * len(present) // 100) - 1] if present else None


def summed(circuits: Sequence[Samples]) -> tuple[float | None, ...]:
    """The samples of several circuits of one site taken as one line: a bin that one of them lacks is missing."""
    return tuple(_sum(values) for values in zip(*circuits, strict=True))


def _sum(values: Samples) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) if len(present) == len(values) else None


def day(on: date, samples: Samples) -> Day:
    """The figures of one day; `samples` has all its bins, those missing too."""
    present = sum(sample is not None for sample in samples)
    is_judged = bool(present) and 100 * present >= SAMPLES_PERCENT * len(samples)
    return Day(on, percentile_95(samples), present, is_judged)


def week(days: Sequence[tuple[date, Samples]], contracted_bps: float) -> Week:
    """The judgement on seven consecutive days; a day nobody watched has no samples."""
    figures = tuple(day(on, samples) for on, samples in days)
    limit_bps = FULL_SHARE * contracted_bps
    pooled_bps = percentile_95([sample for _, samples in days for sample in samples])
    return Week(figures, _by_day(figures, limit_bps), _by_week(figures, pooled_bps, limit_bps), pooled_bps)


def _by_day(days: Sequence[Day], limit_bps: float) -> Capacity:
    judged = [day.p95_bps for day in days if day.is_judged and day.p95_bps is not None]
    if any(p95_bps <= limit_bps for p95_bps in judged):
        return Capacity.WITHIN  # one day is enough, whatever the others were
    return Capacity.BREACH if len(judged) == len(days) else Capacity.NOT_JUDGED


def _by_week(days: Sequence[Day], pooled_bps: float | None, limit_bps: float) -> Capacity:
    if pooled_bps is None or not all(day.is_judged for day in days):
        return Capacity.NOT_JUDGED
    return Capacity.BREACH if pooled_bps > limit_bps else Capacity.WITHIN


def weeks(days: Mapping[date, Samples], first: date, last: date, contracted_bps: float) -> list[Week]:
    """The seven days that end on each of the days from `first` to `last`, one circuit or site and one direction."""
    ends = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [week([(on, days.get(on, ())) for on in _seven(end)], contracted_bps) for end in ends]


def _seven(end: date) -> list[date]:
    return [end - timedelta(days=before) for before in reversed(range(DAYS))]
