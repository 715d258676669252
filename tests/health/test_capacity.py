"""The capacity rule: both readings of its wording, and no verdict without samples."""

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.blocks import BINS
from wanmon.health.capacity import Capacity, day, percentile_95, summed, week, weeks

FIRST = date(2026, 3, 2)
BREACH, WITHIN, NOT_JUDGED = Capacity.BREACH, Capacity.WITHIN, Capacity.NOT_JUDGED
CONTRACTED = 100.0

#: A day by its letter: how many of its 288 samples are full (95), and how many are missing.
DAYS = {
    "F": (BINS, 0),  # full all day
    "b": (15, 0),  # rank 274 of 288: the 15th from the top is full
    "w": (14, 0),  # one less
    "t": (95, 0),  # a third of the day
    "m": (BINS - 29, 29),  # full, but 259 samples are not 90 %
    "n": (BINS - 28, 28),  # full, and 260 are
    "q": (0, 29),  # idle, as far as was seen
    "-": (0, BINS),  # nobody watched
}


def samples(letter: str) -> list[float | None]:
    full, missing = DAYS[letter]
    return [95.0] * full + [None] * missing + [10.0] * (BINS - full - missing)


def judged(letters: str) -> tuple[Capacity, Capacity]:
    days = [(FIRST + timedelta(days=place), samples(letter)) for place, letter in enumerate(letters)]
    judgement = week(days, CONTRACTED)
    return judgement.by_day, judgement.by_week


@pytest.mark.parametrize(
    ("letters", "by_day", "by_week"),
    [
        ("FFFFFFF", BREACH, BREACH),
        ("bbbbbbb", BREACH, BREACH),
        ("wwwwwww", WITHIN, WITHIN),
        ("bbbwbbb", WITHIN, BREACH),
        ("twwwwww", WITHIN, BREACH),
        ("FFFFFFw", WITHIN, BREACH),
        ("bbwwwww", WITHIN, WITHIN),
        ("bbbwwww", WITHIN, BREACH),
        ("nnnnnnn", BREACH, BREACH),
        ("FFFmFFF", NOT_JUDGED, NOT_JUDGED),
        ("FFF-FFF", NOT_JUDGED, NOT_JUDGED),
        ("wFFmFFF", WITHIN, NOT_JUDGED),
        ("FFFqFFF", NOT_JUDGED, NOT_JUDGED),
        ("-------", NOT_JUDGED, NOT_JUDGED),
        ("qqqqqqq", NOT_JUDGED, NOT_JUDGED),
    ],
)
def test_seven_days_are_judged_in_both_readings(letters: str, by_day: Capacity, by_week: Capacity):
    assert (by_day, by_week) == judged(letters)


@pytest.mark.parametrize(("share", "expected"), [(0.9, WITHIN), (0.9000001, BREACH)], ids=["at", "above"])
def test_the_bound_itself_is_no_breach(share: float, expected: Capacity):
    days = [(FIRST + timedelta(days=place), [share * CONTRACTED] * BINS) for place in range(7)]
    judgement = week(days, CONTRACTED)

    assert (expected, expected) == (judgement.by_day, judgement.by_week)


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        (None, []),
        (None, [None, None]),
        (5, [5]),
        (2, [1, 2]),
        (19, list(range(1, 21))),
        (20, list(range(1, 22))),
        (95, list(range(100, 0, -1))),
        (274, list(range(1, 289))),
        (19, [None, *range(1, 21), None]),
    ],
)
def test_the_percentile_is_a_value_of_nearest_rank(expected: float | None, values: list[float | None]):
    assert expected == percentile_95(values)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=400))
def test_at_least_95_in_a_hundred_are_not_above_the_percentile_and_fewer_are_below(values: list[float]):
    p95 = percentile_95(values)

    assert p95 is not None
    assert 20 * sum(value <= p95 for value in values) >= 19 * len(values)
    assert 20 * sum(value < p95 for value in values) < 19 * len(values)


@pytest.mark.parametrize(("present", "expected"), [(0, False), (259, False), (260, True), (288, True)])
def test_a_day_without_nine_tenths_of_its_samples_is_not_judged(present: int, expected: bool):
    figures = day(FIRST, [1.0] * present + [None] * (BINS - present))

    assert expected is figures.is_judged
    assert present == figures.samples


def test_circuits_of_one_site_are_summed_bin_by_bin():
    """Two lines that are full by turns are not full together; and of half a sum nothing is known."""
    by_day, by_night = [95.0, 10.0, None, 1.0], [10.0, 95.0, 5.0, None]

    assert (105.0, 105.0, None, None) == summed([by_day, by_night])
    assert tuple(by_day) == summed([by_day])


def test_each_day_ends_seven_and_a_day_that_is_not_there_is_not_judged():
    days = {FIRST + timedelta(days=place): samples("F") for place in range(14) if place != 8}
    judged_weeks = weeks(days, FIRST, FIRST + timedelta(days=13), CONTRACTED)

    assert [FIRST + timedelta(days=place) for place in range(14)] == [each.ends_on for each in judged_weeks]
    assert [NOT_JUDGED] * 6 + [BREACH] * 2 + [NOT_JUDGED] * 6 == [each.by_day for each in judged_weeks]
    for each in judged_weeks:
        assert all(later.on - earlier.on == timedelta(days=1) for earlier, later in pairwise(each.days))


@given(st.text("Fbwtmnq-", min_size=7, max_size=7))
def test_every_week_is_judged_as_the_wording_says(letters: str):
    """By another road: sorted from the top, counted by hand."""

    def is_full(values: list[float]) -> bool:
        return sorted(values)[math.ceil(len(values) * 95 / 100) - 1] > 90

    seen = [[value for value in samples(letter) if value is not None] for letter in letters]
    known = [values for values in seen if len(values) >= 260]
    is_refuted = any(not is_full(values) for values in known)
    by_day = WITHIN if is_refuted else BREACH if len(known) == 7 else NOT_JUDGED
    together = [value for values in seen for value in values]
    by_week = NOT_JUDGED if len(known) < 7 else BREACH if is_full(together) else WITHIN

    assert (by_day, by_week) == judged(letters)
