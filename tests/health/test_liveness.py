"""Three misses in a row are down, two answers in a row are up again, and what we could not tell says nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.liveness import Liveness, step
from wanmon.health.observation import OK, Observation, Verdict
from wanmon.health.states import EdgeView, site_state
from wanmon.model.reason import NO_OBSERVATION, Reason
from wanmon.model.state import State

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEEN = {"+": OK, "-": Observation(Reason.TIMEOUT), "o": Observation(Reason.LOCAL)}
START = {"?": State.UNKNOWN, "U": State.UP, "D": State.DOWN}
RANK = {state: letter for letter, state in START.items()}


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def after(history: str, start: str = "?") -> Liveness:
    """One observation a second, from noon on; the start is dated a minute before."""
    held = Liveness(START[start], None if start == "?" else at(-60))
    for second, letter in enumerate(history):
        held = step(held, SEEN[letter], at(second))
    return held


def judged(history: str, start: str = "?") -> tuple[str, int | None]:
    """The same by another road: the letters that count, in runs, replayed from the front."""
    state, since = start, None if start == "?" else -60
    counted = [(second, letter) for second, letter in enumerate(history) if letter != "o"]
    for end in range(1, len(counted) + 1):
        letter = counted[end - 1][1]
        tail = end
        while tail > 0 and counted[tail - 1][1] == letter:
            tail -= 1
        needed = 3 if letter == "-" else (1 if state == "?" else 2)
        wanted = "D" if letter == "-" else "U"
        if state != wanted and end - tail >= needed:
            state, since = wanted, counted[tail][0]
    return state, since


@pytest.mark.parametrize(
    ("start", "history", "state", "since_s"),
    [
        ("?", "", "?", None),
        ("?", "+", "U", 0),
        ("?", "--", "?", None),
        ("?", "---", "D", 0),
        ("?", "--+", "U", 2),
        ("?", "ooo", "?", None),
        ("U", "--", "U", -60),
        ("U", "---", "D", 0),
        ("U", "++---", "D", 2),
        ("U", "-------", "D", 0),
        ("U", "--+--", "U", -60),
        ("U", "-o-oo-", "D", 0),
        ("U", "o---", "D", 1),
        ("D", "+", "D", -60),
        ("D", "++", "U", 0),
        ("D", "+-+", "D", -60),
        ("D", "+o+", "U", 0),
        ("D", "-+-++", "U", 3),
        ("U", "---++", "U", 3),
    ],
)
def test_a_change_is_dated_from_the_first_of_its_run(start: str, history: str, state: str, since_s: int | None):
    """SLA minutes must not depend on how patient we are."""
    held = after(history, start)

    assert START[state] is held.state
    assert (None if since_s is None else at(since_s)) == held.since


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_a_reason_of_our_own_is_no_observation(reason: Reason):
    expected = Verdict.NONE if reason in NO_OBSERVATION else Verdict.FAIL

    assert expected is Observation(reason).verdict
    assert (State.UNKNOWN if expected is Verdict.NONE else State.DOWN) is _three_times(reason).state


def _three_times(reason: Reason) -> Liveness:
    held = Liveness()
    for second in range(3):
        held = step(held, Observation(reason), at(second))
    return held


def test_the_reason_of_a_down_is_that_of_its_misses():
    assert Reason.TIMEOUT is after("---", "U").reason
    assert None is after("---++").reason


@given(st.text("+-o", max_size=40), st.sampled_from("?UD"))
def test_every_history_ends_as_a_slow_judge_says(history: str, start: str):
    held = after(history, start)
    state, since = judged(history, start)

    assert START[state] is held.state
    assert (None if since is None else at(since)) == held.since


@given(st.text("+-o", max_size=30), st.sampled_from("?UD"))
def test_what_we_could_not_tell_never_matters(history: str, start: str):
    """`none` moves nothing and breaks no run: only the dates differ."""
    without = "".join(letter for letter in history if letter != "o")

    assert after(without, start).state is after(history, start).state


UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN


@pytest.mark.parametrize(
    ("expected", "edges"),
    [
        (UNKNOWN, []),
        (UP, [UP]),
        (DOWN, [DOWN]),
        (UP, [UP, DOWN]),
        (UP, [DOWN, UNKNOWN, UP]),
        (DOWN, [DOWN, DOWN]),
        (UNKNOWN, [DOWN, UNKNOWN]),
        (UNKNOWN, [UNKNOWN]),
    ],
)
def test_a_site_is_down_when_all_its_edges_are(expected: State, edges: Sequence[State]):
    assert (expected, "") == site_state(EdgeView(state) for state in edges)


@pytest.mark.parametrize(
    ("expected", "edges"),
    [
        ((State.UP, ""), [EdgeView(UP, 1)]),
        ((State.DEGRADED, "agent_only"), [EdgeView(UP, 2)]),
        ((State.DEGRADED, "agent_only"), [EdgeView(UP, 0), EdgeView(UP, 9)]),
        ((State.DOWN, ""), [EdgeView(DOWN, 9)]),
        ((State.UP, ""), [EdgeView(UP, 0), EdgeView(DOWN, 9)]),
    ],
    ids=["one poll lost", "agent silent", "one agent of two", "down is down", "the dead one's agent"],
)
def test_a_site_whose_agent_is_silent_while_it_lives_is_degraded(expected, edges):
    """A stopped agent is no outage, and no reason to send anybody."""
    assert expected == site_state(edges)
