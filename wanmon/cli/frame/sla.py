"""What a report of availability is made of: its period, and the figures of it.

Those are the figures as they are now, as they were when the month was closed, and as they would be without the windows
that were added afterwards.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from wanmon.clock import LOCAL
from wanmon.errors import UsageError
from wanmon.health.figures import Figures, Past, figures, without_late_windows
from wanmon.health.maintenance import Covered, covered, occurrences, was_announced
from wanmon.health.period import Period, named, this_month
from wanmon.model.inventory import Inventory
from wanmon.model.maintenance import Maintenance
from wanmon.store import closed, history, inventory
from wanmon.store.closed import Closing


@dataclass(frozen=True, slots=True)
class Report:
    """All that is read and reckoned for one report.

    `before` are the figures without the windows in `late`, each with whom it covers; `closing` is none for a period
    that is no month, or was not closed.
    """

    period: Period
    at: datetime
    inventory: Inventory
    past: Past
    present: Figures
    before: Figures
    late: tuple[tuple[Maintenance, Covered], ...]
    closing: Closing | None

    @property
    def is_over(self) -> bool:
        """Whether the period has ended."""
        return self.at.timestamp() >= self.period.span.end_s


def period_of(*, month: str | None, quarter: str | None, year: str | None, now: datetime) -> Period:
    """The one period that was given, else this month. Raises `UsageError`."""
    texts = {"month": month, "quarter": quarter, "year": year}
    given = [(flag, text) for flag, text in texts.items() if text is not None]
    if not given:
        return this_month(now)
    if len(given) > 1:
        raise UsageError(f"give one period, not {' and '.join(f'--{flag}' for flag, _ in given)}")
    flag, text = given[0]
    period = named(text)
    if _kind(text) != flag:
        raise UsageError(f"--{flag} {text}: that is a {_kind(text)}: write --{_kind(text)} {text}")
    if period.span.start_s > now.timestamp():
        raise UsageError(f"--{flag} {text}: has not begun yet")
    return period


def month_that_is_over(text: str, now: datetime) -> Period:
    """The month of that name. Raises `UsageError`, also while it goes on."""
    period = named(text)
    if _kind(text) != "month":
        raise UsageError(f"{text} is a {_kind(text)}: months are closed, each on its own")
    if now.timestamp() < period.span.end_s:
        end = datetime.fromtimestamp(period.span.end_s, LOCAL).date()
        raise UsageError(f"{text} is not over: it can be closed from {end} on")
    return period


def read(session: Session, period: Period, now: datetime) -> Report:
    """Everything that is known of a period now."""
    rows, past = inventory.load(session), history.load(session, period.span, now)
    closing = closed.latest(session, period.name)
    announced = without_late_windows(past)
    present = figures(rows, past)
    before = present if announced == past else figures(rows, announced)
    return Report(period, now, rows, past, present, before, tuple(_late(rows, past)), closing)


def _late(inventory: Inventory, past: Past) -> list[tuple[Maintenance, Covered]]:
    return [
        (row, covered(row, inventory))
        for row in past.windows
        if row.excludes and not was_announced(row) and occurrences(row, past.span)
    ]


def _kind(name: str) -> str:
    if "Q" in name:
        return "quarter"
    return "month" if "-" in name else "year"
