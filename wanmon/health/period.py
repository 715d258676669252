"""The calendar of the province as intervals of UTC: months, quarters, years, service hours, the life of a site. Pure.

Days are those of Asia/Ho_Chi_Minh, UTC+7 without summer time in all the years spoken of here.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wanmon.clock import LOCAL
from wanmon.errors import UsageError
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.model.hours import Week
from wanmon.model.site import SiteStatus

_DAY = timedelta(days=1)
_NAME = re.compile(r"(2[0-9]{3})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the calendar and the name it goes by: `2026-03`, `2026-Q1`, `2026`."""

    name: str
    span: Span


def named(name: str) -> Period:
    """The month, quarter or year of that name, of the years 2000 to 2999. Raises UsageError."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise UsageError(f"{name!r} is no period: write a month as 2026-03, a quarter as 2026-Q1, a year as 2026")
    year, month, quarter = (int(group) if group else None for group in match.groups())
    assert year is not None
    if month is not None:
        return Period(name, _months(year, month, 1))
    return Period(name, _months(year, 1, 12) if quarter is None else _months(year, 3 * quarter - 2, 3))


def this_month(at: datetime) -> Period:
    """The month that an instant lies in."""
    return named(f"{at.astimezone(LOCAL):%Y-%m}")


def last_month(at: datetime) -> Period:
    """The month before the one that an instant lies in."""
    return named(f"{at.astimezone(LOCAL).replace(day=1) - _DAY:%Y-%m}")


def service_time(week: Week, holidays: Collection[date], span: Span) -> Intervals:
    """When service is due within `span`: the hours of each day, less public holidays unless it is round the clock."""
    off = () if week.holds_on_holidays else holidays
    pairs = (
        (_midnight_s(day) + hours.start_min * 60, _midnight_s(day) + hours.end_min * 60)
        for day in _days(span)
        if day not in off
        for hours in week.days[day.weekday()]
    )
    return Intervals.of(pairs).clip(*span)


def lifetime(status: SiteStatus, activated_on: date | None, retired_on: date | None, span: Span) -> Intervals:
    """When a site counts within `span`: from its day of activation to the eve of its retirement.

    A planned site never does; a retired one whose day is not known does not either.
    """
    if status is SiteStatus.PLANNED or (status is SiteStatus.RETIRED and retired_on is None):
        return NOTHING
    start_s = span.start_s if activated_on is None else _midnight_s(activated_on)
    end_s = span.end_s if retired_on is None else _midnight_s(retired_on)
    return Intervals.of([(start_s, end_s)]).clip(*span)


def _months(year: int, month: int, count: int) -> Span:
    past = month + count
    end = date(year, past, 1) if past <= 12 else date(year + 1, past - 12, 1)
    return Span(_midnight_s(date(year, month, 1)), _midnight_s(end))


def _midnight_s(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=LOCAL).timestamp())


def _days(span: Span) -> Iterator[date]:
    if span.start_s >= span.end_s:
        return
    day, last = (datetime.fromtimestamp(second, LOCAL).date() for second in (span.start_s, span.end_s - 1))
    while day <= last:
        yield day
        day += _DAY
