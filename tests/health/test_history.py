"""Runs out of transitions, the gaps in which nobody watched, and the stretches that fill a period without a gap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.history import Run, Stretch, runs_of, stretches, unwatched, with_gaps
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.model.cause import Cause
from wanmon.model.state import State

UP, DOWN, DEGRADED, UNKNOWN = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN
CUT, AWAY = Cause.CARRIER_PATH, Cause.MONITOR
SPAN = Span(0, 1000)


def test_each_change_ends_what_was_before_and_the_last_one_goes_on():
    changes = [(UP, 0.0, None), (DOWN, 10.5, CUT), (UP, 20.0, None)]

    assert [Run(UP, 0, 10.5), Run(DOWN, 10.5, 20, CUT), Run(UP, 20)] == runs_of(changes)


def test_a_silence_dated_back_overrides_what_was_held_of_that_time():
    """The site was called degraded at 12; at 17 it turns out that it had been down since 10."""
    changes = [(UP, 0.0, None), (DEGRADED, 12.0, None), (DOWN, 10.0, CUT)]

    assert [Run(UP, 0, 10), Run(DOWN, 10, None, CUT)] == runs_of(changes)


def test_a_history_without_a_change_has_no_runs():
    assert [] == runs_of([])


def test_what_no_run_covers_is_unknown():
    runs = [Run(UP, 2, 4), Run(DOWN, 6, 8, CUT)]

    assert [
        Stretch(UNKNOWN, 0, 2, None),
        Stretch(UP, 2, 4, None),
        Stretch(UNKNOWN, 4, 6, None),
        Stretch(DOWN, 6, 8, CUT),
        Stretch(UNKNOWN, 8, 10, None),
    ] == stretches(runs, Span(0, 10), now_s=10)
    assert [Stretch(UNKNOWN, 0, 10, None)] == stretches([], Span(0, 10), now_s=10)


def test_an_open_run_reaches_to_now_and_no_further():
    assert [Stretch(DOWN, 0, 6, CUT), Stretch(UNKNOWN, 6, 10, None)] == stretches(
        [Run(DOWN, -5, None, CUT)], Span(0, 10), now_s=6.9
    )


def test_runs_are_cut_to_the_period():
    runs = [Run(UP, -20, -10), Run(DOWN, -10, 3.7), Run(UP, 3.7, 30), Run(DOWN, 30)]

    assert [Stretch(DOWN, 0, 3, None), Stretch(UP, 3, 10, None)] == stretches(runs, Span(0, 10), now_s=40)


@pytest.mark.parametrize("first", [Run(UP, 0, 6), Run(UP, 0)], ids=["closed", "open"])
def test_runs_that_overlap_are_refused(first: Run):
    """They would count a second twice."""
    with pytest.raises(ValueError, match=r"^the run of down from 5 begins before the last one ended, (6|inf)$"):
        stretches([first, Run(DOWN, 5, 9)], Span(0, 10), now_s=10)


def test_of_two_changes_at_one_instant_the_later_holds():
    assert [Run(UP, 0, 10), Run(DOWN, 10, None, CUT)] == runs_of([(UP, 0, None), (DEGRADED, 10, None), (DOWN, 10, CUT)])


def test_a_gap_is_unknown_and_then_what_was_shown_resumes_with_its_cause():
    runs = [Run(UP, 0, 100), Run(DOWN, 100, None, CUT)]

    assert [
        Run(UP, 0, 100),
        Run(DOWN, 100, 200, CUT),
        Run(UNKNOWN, 200, 300, AWAY),
        Run(DOWN, 300, None, CUT),
    ] == with_gaps(runs, Intervals.of([(200, 300)]))


def test_a_gap_covers_the_changes_that_are_dated_into_it():
    runs = [Run(UP, 0, 250), Run(DOWN, 250, 280, CUT), Run(UP, 280)]

    assert [Run(UP, 0, 200), Run(UNKNOWN, 200, 300, AWAY), Run(UP, 300)] == with_gaps(runs, Intervals.of([(200, 300)]))


def test_a_gap_where_nothing_is_recorded_is_unknown_for_our_fault():
    assert [Run(UNKNOWN, 5, 9, AWAY)] == with_gaps([], Intervals.of([(5, 9)]))


def test_without_gaps_a_history_stays_as_it_is():
    runs = [Run(UP, 0.5, 7.25), Run(DOWN, 7.25, None, CUT)]

    assert runs == with_gaps(runs, NOTHING)


LETTERS = {UNKNOWN: "n", UP: "u", DEGRADED: "g", DOWN: "d", State.UNREACHABLE: "r"}
STATES = {letter: state for state, letter in LETTERS.items()}
SECONDS = 60


def painted(pieces: list[Stretch]) -> list[tuple[str, Cause | None]]:
    return [(LETTERS[p.state], p.cause) for p in pieces for _ in range(p.start_s, p.end_s)]


@given(
    st.lists(st.tuples(st.sampled_from("ugdrn-"), st.integers(0, 80), st.sampled_from(list(Cause))), max_size=9),
    st.lists(st.tuples(st.integers(-5, SECONDS + 5), st.integers(-5, SECONDS + 5)), max_size=5),
    st.booleans(),
)
def test_gaps_are_laid_as_if_every_second_were_painted(parts, gaps, goes_on):
    """The history in quarters of a second; each second has the letter that it begins with, then the gaps go over it."""
    canvas, runs, at = [("n", None)] * SECONDS, [], -8
    for letter, quarters, cause in parts:
        if letter != "-":
            runs.append(Run(STATES[letter], at / 4, (at + quarters) / 4, cause))
            for second in range(max(at // 4, 0), min((at + quarters) // 4, SECONDS)):
                canvas[second] = (letter, cause)
        at += quarters
    if goes_on and parts and parts[-1][0] != "-":
        runs[-1] = Run(runs[-1].state, runs[-1].start_s, None, runs[-1].cause)
        for second in range(max(at // 4, 0), SECONDS):
            canvas[second] = (parts[-1][0], parts[-1][2])
    for start, end in gaps:
        for second in range(max(start, 0), min(end, SECONDS)):
            canvas[second] = ("n", AWAY)
    laid = with_gaps(runs, Intervals.of(gaps))

    assert canvas == painted(stretches(laid, Span(0, SECONDS), now_s=SECONDS))
    assert all(one.end_s is not None and one.end_s <= other.start_s for one, other in pairwise(laid))


@pytest.mark.parametrize(
    ("beats", "now_s", "gaps"),
    [
        ([], 500, [(0, 500)]),
        ([(100, 480)], 500, [(0, 100)]),
        ([(-50, 470)], 500, []),
        ([(-50, 469)], 500, [(469, 500)]),
        ([(-50, 200), (230, 480)], 500, []),
        ([(-50, 200.5), (800.2, 990)], 1000, [(200, 800)]),
        ([(800.2, 990), (-50, 200.5)], 1000, [(200, 800)]),
        ([(-50, 900), (300, 400)], 910, []),
        ([(-500, -20), (5, 990)], 1000, []),
        ([(-500, -40), (5, 990)], 1000, [(0, 5)]),
        ([(-50, 990), (1025, 4000)], 5000, [(990, 1000)]),
    ],
    ids=[
        "never", "before the first", "just now", "since the last", "a short pause", "between two", "in any order",
        "a clock set back", "a short one over the edge", "a long one over the edge", "into what comes after",
    ],
)  # fmt: skip
def test_what_no_sign_of_life_covers_was_not_watched(beats, now_s, gaps):
    """A pause of up to 30 s is how a poller is restarted."""
    assert Intervals.of(gaps) == unwatched(beats, SPAN, now_s, 30)
