"""Runs out of transitions, and the stretches that fill a period without a gap."""

import pytest

from wanmon.health.history import Run, Stretch, runs_of, stretches
from wanmon.health.intervals import Span
from wanmon.model.cause import Cause
from wanmon.model.state import State

UP, DOWN, DEGRADED, UNKNOWN = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN
CUT = Cause.CARRIER_PATH


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
