"""Months, quarters and years begin at midnight of the province, not of Greenwich."""

import csv
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from wanmon.errors import UsageError
from wanmon.health.intervals import Intervals, Span
from wanmon.health.period import last_month, lifetime, named, service_time, this_month
from wanmon.model.hours import parse_week
from wanmon.model.site import SiteStatus

OFFICE = parse_week("mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30")
HOLIDAYS = Path(__file__).resolve().parents[2] / "inventory" / "bac-ninh" / "holidays.csv"
HOUR_S, DAY_S = 3600, 86_400


def utc_s(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("name", "start", "end", "days"),
    [
        ("2026-03", "2026-02-28T17:00Z", "2026-03-31T17:00Z", 31),
        ("2026-02", "2026-01-31T17:00Z", "2026-02-28T17:00Z", 28),
        ("2028-02", "2028-01-31T17:00Z", "2028-02-29T17:00Z", 29),
        ("2026-12", "2026-11-30T17:00Z", "2026-12-31T17:00Z", 31),
        ("2026-Q1", "2025-12-31T17:00Z", "2026-03-31T17:00Z", 90),
        ("2026-Q4", "2026-09-30T17:00Z", "2026-12-31T17:00Z", 92),
        ("2026", "2025-12-31T17:00Z", "2026-12-31T17:00Z", 365),
    ],
)
def test_a_period_begins_and_ends_at_local_midnight(name: str, start: str, end: str, days: int):
    period = named(name)

    assert name == period.name
    assert Span(utc_s(start), utc_s(end)) == period.span
    assert days * DAY_S == period.span.end_s - period.span.start_s


def test_the_months_fill_the_quarters_and_the_quarters_the_year():
    months = [named(f"2026-{month:02}").span for month in range(1, 13)]
    quarters = [named(f"2026-Q{quarter}").span for quarter in range(1, 5)]

    assert all(one.end_s == after.start_s for one, after in pairwise(months))
    assert quarters == [Span(months[i].start_s, months[i + 2].end_s) for i in (0, 3, 6, 9)]
    assert named("2026").span == Span(months[0].start_s, months[-1].end_s)


@pytest.mark.parametrize(
    ("at", "this", "last"),
    [
        ("2026-03-31T16:59:59+00:00", "2026-03", "2026-02"),
        ("2026-03-31T17:00:00+00:00", "2026-04", "2026-03"),
        ("2026-01-15T00:00:00+00:00", "2026-01", "2025-12"),
        ("2025-12-31T17:00:00+00:00", "2026-01", "2025-12"),
    ],
)
def test_this_month_and_the_last_are_those_on_the_wall_in_bac_ninh(at: str, this: str, last: str):
    instant = datetime.fromisoformat(at)

    assert this == this_month(instant).name
    assert last == last_month(instant).name


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-3", "2026-Q5", "2026-q1", "26", "1975", "2026-03-01", "2026-03\n", "٢٠٢٦"]
)
def test_what_is_no_period_is_refused_in_one_line(text: str):
    with pytest.raises(UsageError) as error:
        named(text)

    assert "\n" not in str(error.value)
    assert "2026-Q1" in str(error.value)


def hours_of(day: str, week=OFFICE, holidays=()) -> list[tuple[str, str]]:
    """The hours of one local day as they read on the wall."""
    midnight_s = utc_s(f"{day}T00:00+07:00")
    spans = service_time(week, holidays, Span(midnight_s, midnight_s + DAY_S))
    return [
        tuple(f"{(s - midnight_s) // HOUR_S:02}:{(s - midnight_s) % HOUR_S // 60:02}" for s in span) for span in spans
    ]


def test_service_hours_are_local_and_follow_the_day_of_the_week():
    assert [("07:30", "11:30"), ("13:30", "17:00")] == hours_of("2026-03-02")
    assert [("07:30", "11:30")] == hours_of("2026-03-07")
    assert [] == hours_of("2026-03-08")


def test_a_public_holiday_has_no_service_hours():
    assert [] == hours_of("2026-04-30", holidays={date(2026, 4, 30)})
    assert 2 == len(hours_of("2026-04-29", holidays={date(2026, 4, 30)}))


def test_round_the_clock_means_holidays_too():
    march = named("2026-03").span

    assert Intervals((march,)) == service_time(parse_week("24x7"), {date(2026, 3, 3)}, march)
    assert 30 * DAY_S == service_time(parse_week("mon-sun 00:00-24:00"), {date(2026, 3, 3)}, march).length_s


def test_service_hours_are_cut_to_the_period():
    """A period may begin and end in the middle of a working day."""
    span = Span(utc_s("2026-03-02T08:00+07:00"), utc_s("2026-03-03T08:00+07:00"))

    assert (7 * 60 + 30) * 60 == service_time(OFFICE, (), span).length_s
    assert not service_time(OFFICE, (), Span(span.start_s, span.start_s))


def test_a_month_of_office_hours():
    """March 2026: 22 weekdays of 7.5 hours, 4 Saturdays of 4."""
    assert (22 * 7.5 + 4 * 4) * HOUR_S == service_time(OFFICE, (), named("2026-03").span).length_s


@pytest.mark.parametrize(
    ("days", "status", "activated_on", "retired_on"),
    [
        (31, SiteStatus.ACTIVE, None, None),
        (31, SiteStatus.ACTIVE, date(2025, 1, 1), None),
        (22, SiteStatus.ACTIVE, date(2026, 3, 10), None),
        (0, SiteStatus.ACTIVE, date(2026, 4, 1), None),
        (9, SiteStatus.RETIRED, None, date(2026, 3, 10)),
        (4, SiteStatus.RETIRED, date(2026, 3, 6), date(2026, 3, 10)),
        (0, SiteStatus.RETIRED, date(2026, 3, 6), date(2026, 3, 6)),
        (0, SiteStatus.RETIRED, date(2026, 3, 6), None),
        (0, SiteStatus.PLANNED, date(2025, 1, 1), None),
    ],
)
def test_a_site_counts_from_its_activation_to_the_eve_of_its_retirement(days, status, activated_on, retired_on):
    assert days * DAY_S == lifetime(status, activated_on, retired_on, named("2026-03").span).length_s


def test_an_instant_of_any_zone_is_read_in_local_time():
    assert "2026-04" == this_month(datetime(2026, 3, 31, 18, 0, tzinfo=UTC)).name


def test_the_holidays_shipped_are_days_of_2026_each_with_its_basis():
    """Eleven days of the Labour Code, and one in place of a Sunday."""
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [date.fromisoformat(row["day"]) for row in rows]

    assert 12 == len(days)
    assert sorted(set(days)) == days
    assert {2026} == {day.year for day in days}
    assert all(row["name"] and row["basis"].startswith(("certain: ", "to be confirmed: ")) for row in rows)
