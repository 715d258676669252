"""Moments and lengths of time as people type them."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.cli.frame.moments import day, duration, moment
from wanmon.clock import shown
from wanmon.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-03-02T19:00:00+07:00"),
        ("+2h", "2026-03-02T21:00:00+07:00"),
        ("+ 1h30m", "2026-03-02T20:30:00+07:00"),
        ("-45m", "2026-03-02T18:15:00+07:00"),
        ("22:00", "2026-03-02T22:00:00+07:00"),
        ("08:00", "2026-03-02T08:00:00+07:00"),
        ("00:00", "2026-03-02T00:00:00+07:00"),
        ("today 23:59", "2026-03-02T23:59:00+07:00"),
        ("tomorrow 08:00", "2026-03-03T08:00:00+07:00"),
        ("yesterday  08:00", "2026-03-01T08:00:00+07:00"),
        ("2026-03-31T22:00", "2026-03-31T22:00:00+07:00"),
        ("2026-03-31 22:00", "2026-03-31T22:00:00+07:00"),
        ("2026-03-31 22:00:05", "2026-03-31T22:00:05+07:00"),
        ("2026-03-31T22:00Z", "2026-04-01T05:00:00+07:00"),
        ("2026-03-31T22:00+09:00", "2026-03-31T20:00:00+07:00"),
        ("2024-02-29 00:00", "2024-02-29T00:00:00+07:00"),
    ],
)
def test_a_moment_is_read_in_local_time_unless_it_says_otherwise(noon, text, expected):
    at = moment("--from", text, noon)

    assert expected == shown(at)
    assert timedelta(0) == at.utcoffset()


def test_today_is_the_day_on_the_wall_here():
    """Half an hour past midnight it is still yesterday in Greenwich."""
    now = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)

    assert "2026-03-02T08:00:00+07:00" == shown(moment("--from", "08:00", now))
    assert "2026-03-03T08:00:00+07:00" == shown(moment("--from", "tomorrow 08:00", now))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "Now", "24:00", "12:60", "8:00", "8h", "22", "tomorrow", "tomorrow 24:00", "monday 08:00",
        "2026-03-31", "2026-3-31 22:00", "31/03/2026 22:00", "20260331T2200", "2026-W14-2T22:00", "1999-12-31T22:00",
        "2026-03-31T22", "2026-03-31T24:00", "2026-03-31T22:00:00.5", "2026-03-31T22:00+7", "2026-03-31T22:00+24:00",
        "+", "++2h", "+2", "+two", "-", "+1h1h", "+9 0m", "22:00\x1b[31m", "\u0662\u0662:00",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_told_with_its_option_and_what_would_be_one(noon, text):
    with pytest.raises(UsageError) as told:
        moment("--from", text, noon)

    likely = "now, 22:00, `tomorrow 08:00`, +2h, 2026-03-31T22:00"
    assert f"--from {text!r}: is no time like {likely}" == str(told.value)


@pytest.mark.parametrize("text", ["2026-02-29T22:00", "2026-13-01 22:00", "2026-00-10 22:00", "2026-04-31T22:00"])
def test_a_day_that_no_calendar_has_is_named(noon, text):
    with pytest.raises(UsageError) as told:
        moment("--to", text, noon)

    assert f"--to {text!r}: there is no such day or hour" == str(told.value)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90m", 90), ("2h", 120), ("1d", 1440), ("1h30m", 90), ("1d12h", 2160), ("1d 2h 3m", 1563), ("02h", 120)],
)
def test_a_length_of_time_is_its_days_hours_and_minutes(text, minutes):
    assert timedelta(minutes=minutes) == duration("--for", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "h",
        "2 hours",
        "1.5h",
        "-2h",
        "+2h",
        "30m1h",
        "1h1h",
        "2H",
        "1w",
        "30s",
        "999999d",
        "9 0m",
        "\u00b2h",
        "\u0662h",
        "0m",
        "0h",
        "0d0h0m",
    ],
)
def test_what_is_no_length_of_time_is_told_with_its_option(text):
    with pytest.raises(UsageError) as told:
        duration("--for", text)

    assert f"--for {text!r}: is no length of time like 90m, 2h, 1d, 1h30m" == str(told.value)


def test_a_day_is_a_date():
    assert date(2026, 3, 31) == day("--until", " 2026-03-31")


@pytest.mark.parametrize(
    "text", ["", "31", "2026-02-30", "2026-3-1", "20260331", "1999-01-01", "tomorrow", "2026-W14-2"]
)
def test_what_is_no_day_is_told_with_its_option(text):
    with pytest.raises(UsageError) as told:
        day("--until", text)

    assert f"--until {text!r}: is no day like 2026-03-31" == str(told.value)


@given(st.text() | st.from_regex(r"[+-]?[0-9dhm:T +-]*", fullmatch=True))
def test_whatever_is_typed_is_read_or_refused(text):
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    for read in (lambda: moment("--from", text, now), lambda: duration("--for", text), lambda: day("--until", text)):
        with suppress(UsageError):
            assert read()
