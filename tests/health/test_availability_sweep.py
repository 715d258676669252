"""Availability against a painting of every second: random histories, and no difference in any second or figure.

WANMON_SWEEP=1 (`make sweep`) runs 10,000 of up to two days and 20 of a month.
"""

import os
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.health.second_by_second import DAY_S, Case, Painting
from wanmon.health.availability import Counted, Measure, Tally, Terms, availability, explain
from wanmon.health.history import Run
from wanmon.health.intervals import Intervals, Span
from wanmon.health.period import service_time
from wanmon.model.cause import Cause
from wanmon.model.hours import DAYS, parse_week
from wanmon.model.state import State

IS_SWEEP = os.environ.get("WANMON_SWEEP") == "1"
SHORT, LONG = (10_000, 20) if IS_SWEEP else (400, 2)
#: Local noon of a Saturday; histories reach over a weekend's edge, holidays and month ends.
AROUND_S = 1_772_254_800
STATE = {"n": State.UNKNOWN, "u": State.UP, "g": State.DEGRADED, "d": State.DOWN, "r": State.UNREACHABLE}
LETTER = {
    Counted.UP: "u",
    Counted.DOWN: "d",
    Counted.UNKNOWN: "n",
    Counted.UNREACHABLE: "r",
    Counted.EXCUSED: "x",
    Counted.CIRCUIT_MAINTENANCE: "c",
    Counted.MAINTENANCE: "m",
    Counted.OUTSIDE_HOURS: "o",
    Counted.INACTIVE: "i",
    Counted.FUTURE: "f",
}
ALL_WEEK = [[(0, 1440)]] * 7


def pairs(first: int, past: int, most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    inside = st.integers(first * 4, past * 4)
    return st.lists(st.tuples(inside, inside).map(lambda pair: (min(pair), max(pair))), max_size=most)


DAY = st.lists(st.integers(0, 1440), max_size=4, unique=True).map(
    lambda edges: list(zip(*[iter(sorted(edges))] * 2, strict=False))
)
WEEKS = st.one_of(st.just(ALL_WEEK), st.lists(DAY, min_size=7, max_size=7).filter(any))


@st.composite
def cases(draw, days: int, most_runs: int, least_days: int = 0) -> Case:
    start_s = AROUND_S + draw(st.integers(-5 * DAY_S, 5 * DAY_S))
    end_s = start_s + draw(st.integers(1 + least_days * DAY_S, days * DAY_S))
    at = 4 * start_s - draw(st.integers(0, DAY_S))
    runs = []
    length = st.one_of(st.integers(0, 40), st.integers(0, 8 * days * DAY_S // most_runs))
    causes = st.sampled_from(list(Cause))
    for letter, quarters, cause in draw(
        st.lists(st.tuples(st.sampled_from("uugddrn-"), length, causes), min_size=least_days, max_size=most_runs)
    ):
        if letter != "-":  # nothing is recorded of this time
            runs.append((letter, at, at + quarters, cause))
        at += quarters
    first_day = date.fromordinal(date(1970, 1, 1).toordinal() + start_s // DAY_S)
    return Case(
        start_s,
        end_s,
        draw(st.one_of(st.just(4 * end_s), st.integers(4 * start_s - 4, 4 * end_s + 4))),
        runs,
        draw(st.one_of(st.just([(0, 2**40)]), pairs(start_s - 9, end_s + 9, 2))),
        draw(pairs(start_s - 9, end_s + 9, 3)),
        draw(pairs(start_s - 9, end_s + 9, 3)),
        draw(WEEKS),
        frozenset(first_day + timedelta(days=day) for day in draw(st.sets(st.integers(0, days), max_size=2))),
        draw(st.frozensets(causes)),
    )


def hours_text(week) -> str:
    clock = [[f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in day] for day in week]
    return "; ".join(f"{name} {','.join(day)}" for name, day in zip(DAYS, clock, strict=True) if day)


def terms_of(case: Case) -> Terms:
    def whole(quarters) -> Intervals:
        return Intervals.of((start / 4, end / 4) for start, end in quarters)

    span = Span(case.start_s, case.end_s)
    service = service_time(parse_week(hours_text(case.week)), case.holidays, span)
    windows, circuit_windows = whole(case.windows), whole(case.circuit_windows)
    excused = frozenset(map(Cause, case.excused))
    return Terms(span, case.now / 4, whole(case.active), service, windows, circuit_windows, excused)


def runs_of(case: Case) -> list[Run]:
    """A run that reaches to this moment is given as one that goes on."""
    runs = [Run(STATE[letter], start / 4, end / 4, Cause(cause)) for letter, start, end, cause in case.runs]
    if case.runs and case.runs[-1][2] == case.now:
        runs[-1] = Run(runs[-1].state, runs[-1].start_s, None, runs[-1].cause)
    return runs


def painted(terms: Terms, runs: list[Run], measure: Measure) -> str:
    """The pieces of an explanation as letters; they must follow each other without a gap."""
    letters, at_s = [], terms.period.start_s
    for piece in explain(runs, terms, measure):
        assert at_s == piece.start_s
        letters.append(LETTER[piece.counted] * (piece.end_s - piece.start_s))
        at_s = piece.end_s
    return "".join(letters)


def share(up_s: int, down_s: int) -> float | None:
    return up_s / (up_s + down_s) if up_s + down_s else None


def compare_tally(painting: Painting, canvas: bytearray, kinds: bytes, tally: Tally) -> None:
    marked = painting.marked(canvas)
    count = {letter: marked.count(letter.encode()) for letter in "NUGDXR"}
    expected = {
        State.UNKNOWN: count["N"],
        State.UP: count["U"],
        State.DEGRADED: count["G"],
        State.DOWN: count["D"] + count["X"],
        State.UNREACHABLE: count["R"],
    }

    assert expected == tally.seconds
    assert canvas.count(b"d") == tally.down_s
    assert count["X"] == tally.excused_s
    assert painting.outages(canvas, kinds) == tally.outages
    assert share(sum(count.values()) - count["N"], count["N"]) == tally.coverage


def compare(case: Case) -> None:
    painting, terms, runs = Painting(case), terms_of(case), runs_of(case)
    figures = availability(runs, terms)

    compare_tally(painting, painting.site, rb"[dxDX]+|[rR]+", figures.for_site)
    compare_tally(painting, painting.circuit, rb"[dxDX]+", figures.for_circuit)
    for canvas, measure, figure in (
        (painting.site, Measure.SITE, figures.site),
        (painting.circuit, Measure.CIRCUIT, figures.circuit),
        (painting.chargeable, Measure.CHARGEABLE, figures.chargeable),
    ):
        assert share(canvas.count(b"u"), canvas.count(b"d")) == figure
        assert canvas.decode() == painted(terms, runs, measure)


SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@settings(max_examples=SHORT, deadline=None, suppress_health_check=SLOW)
@given(cases(days=2, most_runs=24))
def test_two_days_are_reckoned_as_if_every_second_were_painted(case: Case):
    compare(case)


@settings(max_examples=LONG, deadline=None, suppress_health_check=SLOW)
@given(cases(days=31, most_runs=90, least_days=28))
def test_a_month_is_reckoned_as_if_every_second_were_painted(case: Case):
    compare(case)


def test_the_painting_itself_counts_as_by_hand():
    """Ten seconds: 4 up, 2 down and excused, 1 unknown, 3 unreachable of which the last is under maintenance."""
    runs = [("u", 0, 16, "unknown"), ("d", 16, 24, "planned"), ("r", 28, 40, "upstream")]
    case = Case(0, 10, 40, runs, [(0, 40)], [(36, 40)], [], ALL_WEEK, frozenset(), frozenset({"planned"}))
    painting = Painting(case)

    assert b"uuuuddnddm" == painting.site
    assert b"uuuuddnrrm" == painting.circuit
    assert b"uuuuxxnrrm" == painting.chargeable
    assert b"UUUUXXNRRr" == painting.marked(painting.site)
    assert 2 == painting.outages(painting.site, rb"[dxDX]+|[rR]+")


@pytest.mark.parametrize(
    "week", [ALL_WEEK, [[(450, 690), (810, 1020)]] * 5 + [[(450, 690)], []]], ids=["all", "office"]
)
def test_the_hours_of_a_week_are_written_as_they_are_read(week):
    assert week == [[tuple(hours) for hours in day] for day in parse_week(hours_text(week)).days]
