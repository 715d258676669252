"""Counters of seconds: none ever falls, and the states make up the whole exactly."""

import math

from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.intervals import NOTHING, Intervals
from wanmon.model.state import State
from wanmon.poller.seconds import SecondsCounter, SiteSeconds

START_S = 1_772_452_800.0


def by_state(counter: SecondsCounter) -> dict[State, float]:
    return {state: each for state, each in zip(State, counter.counted().by_state, strict=True) if each}


def test_time_is_counted_for_the_state_that_it_was_spent_in():
    counter = SecondsCounter(State.UP, START_S)
    counter.settle(START_S + 10, NOTHING)
    counter.turn(State.DOWN, START_S + 12.5, NOTHING)
    counter.settle(START_S + 20, NOTHING)

    assert {State.UP: 12.5, State.DOWN: 7.5} == by_state(counter)
    assert 20 == counter.counted().monitored


def test_what_is_settled_is_not_counted_again():
    counter = SecondsCounter(State.UP, START_S)
    for until_s in (10, 5, 10, 0, -100):
        counter.settle(START_S + until_s, NOTHING)

    assert {State.UP: 10} == by_state(counter)


def test_a_change_cannot_be_dated_before_what_was_counted_or_changed():
    counter = SecondsCounter(State.UP, START_S)
    counter.settle(START_S + 10, NOTHING)
    assert START_S + 10 == counter.earliest_s

    counter.turn(State.DOWN, START_S + 20.001, NOTHING)
    assert START_S + 20.001 == counter.earliest_s


def test_the_time_of_windows_is_counted_once_whatever_the_state():
    windows = Intervals.of([(START_S + 5, START_S + 15), (START_S + 30, START_S + 40)])
    counter = SecondsCounter(State.UP, START_S)
    counter.settle(START_S + 7, windows)
    counter.turn(State.DOWN, START_S + 12, windows)
    counter.settle(START_S + 33.5, windows)

    assert 13.5 == counter.counted().maintenance
    assert 33.5 == counter.counted().monitored


def test_of_what_was_skipped_nothing_is_known():
    counter = SecondsCounter(State.UP, START_S)
    counter.settle(START_S + 10, NOTHING)
    counter.skip(3600, NOTHING)
    counter.settle(START_S + 3620, NOTHING)

    assert {State.UP: 20, State.UNKNOWN: 3600} == by_state(counter)


def test_before_anything_is_counted_everything_is_0():
    assert SiteSeconds() == SecondsCounter(State.DOWN, START_S).counted()


STEP = st.tuples(
    st.sampled_from(["settle", "turn", "skip"]), st.sampled_from(State), st.floats(-1e4, 1e6, allow_nan=False)
)
WINDOWS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), max_size=6)


@given(st.floats(0, 1), st.lists(STEP, max_size=60), WINDOWS)
def test_whatever_happens_no_counter_falls_and_the_sum_is_exact(
    begin_s: float, steps: list[tuple[str, State, float]], pairs: list[tuple[int, int]]
):
    """However odd the instants are, and in whatever order they come."""
    windows = Intervals.of((START_S + start_s, START_S + start_s + length_s) for start_s, length_s in pairs)
    counter = SecondsCounter(State.UNKNOWN, START_S + begin_s)
    for what, state, at_s in steps:
        before, earliest_s = counter.counted(), counter.earliest_s
        if what == "settle":
            counter.settle(START_S + at_s, windows)
        elif what == "skip":
            counter.skip(abs(at_s), windows)
        else:
            counter.turn(state, max(START_S + at_s, earliest_s), windows)
        after = counter.counted()

        assert all(old <= new for old, new in zip(before.by_state, after.by_state, strict=True))
        assert before.maintenance <= after.maintenance <= after.monitored + 1
        assert earliest_s <= counter.earliest_s
        assert after.monitored == math.fsum(after.by_state)
