"""A wrap of sysUpTime after 497 days is no restart, and a restart is never missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.uptime import WRAP, deviation_s, restarted, steady

WRAP_S = WRAP / 100
DAY_S = 86_400


@pytest.mark.parametrize("elapsed_s", [0.5, 5, 30, 600, DAY_S, 30 * DAY_S, 600 * DAY_S])
def test_the_wrap_is_no_restart_wherever_it_falls(elapsed_s: float):
    """A sweep over the wrap: readings from a minute before it to a minute after it."""
    ticks = round(elapsed_s * 100)
    for before in range(WRAP - 6000 - ticks, WRAP + 6000, max(1, (12_000 + ticks) // 500)):
        after = (before + ticks) % WRAP
        if before % WRAP and after:
            assert not restarted(before % WRAP, after, elapsed_s), before


@given(st.integers(1, WRAP - 1), st.floats(0, 400 * DAY_S), st.floats(-0.9, 0.9))
def test_drift_within_the_bounds_is_no_restart(before: int, elapsed_s: float, share: float):
    drift_s = share * max(5.0, 0.001 * elapsed_s)
    after = (before + round((elapsed_s + drift_s) * 100)) % WRAP

    assert not restarted(before, after, elapsed_s)


@pytest.mark.parametrize(
    ("before", "after", "elapsed_s"),
    [
        (360_000, 100, 30),
        (360_000, 2_999, 30),
        (WRAP - 100, 1, 30),
        (WRAP - 100, 2_900 + 600, 30),
        (1_000, 500, 30),
        (100 * DAY_S * 100, 60_000, 7 * DAY_S),
        (5_000, 5_000, 60),
    ],
    ids=["at once", "just after", "near the wrap", "jumped ahead", "young", "while we were away", "stands still"],
)
def test_a_restart_is_found(before: int, after: int, elapsed_s: float):
    assert restarted(before, after, elapsed_s)


@given(st.integers(1, WRAP - 1), st.floats(1, 3600), st.floats(0, 1))
def test_every_restart_of_an_agent_older_than_a_poll_is_found(before: int, elapsed_s: float, share: float):
    """Whenever in between it began anew, unless it stands just where it would stand anyway."""
    after = 1 + round(share * elapsed_s * 100)
    expected = (before + round(elapsed_s * 100)) % WRAP
    apart = abs((after - expected + WRAP // 2) % WRAP - WRAP // 2)
    if apart > 501 + 0.1 * elapsed_s:
        assert restarted(before, after, elapsed_s)


@pytest.mark.parametrize(("before", "after"), [(0, 100), (100, 0), (0, 0)])
def test_a_reading_of_0_tells_nothing(before: int, after: int):
    assert not restarted(before, after, 30)


@pytest.mark.parametrize(
    ("expected", "held", "fresh"),
    [
        (1000.0, None, 1000.0),
        (1000.0, 1000.0, 1004.9),
        (1000.0, 1000.0, 995.1),
        (1006.0, 1000.0, 1006.0),
        (1000.0, 1000.0, 1000.0 + WRAP_S),
        (1000.0, 1000.0, 1003.0 + 2 * WRAP_S),
        (1007.0, 1000.0, 1007.0 + WRAP_S),
    ],
    ids=["first", "jitter up", "jitter down", "moved", "wrapped", "wrapped twice", "wrapped and moved"],
)
def test_the_boot_time_shown_does_not_jitter_nor_jump_at_the_wrap(expected: float, held: float | None, fresh: float):
    assert expected == pytest.approx(steady(held, fresh), abs=1e-6)


def test_the_boot_time_stays_put_through_three_wraps():
    """Polled every 6 hours for four years."""
    held = None
    for since_boot_s in range(DAY_S, 1500 * DAY_S, 6 * 3600):
        held = steady(held, 1_700_000_000 + since_boot_s - (since_boot_s * 100 % WRAP) / 100)

    assert 1_700_000_000 == pytest.approx(held, abs=1e-3)


def test_no_poll_around_the_wrap_is_taken_for_a_restart():
    """Every phase of a 30 s poll, with replies up to a second late, for ten minutes before and after the wrap.

    A reading that happens to be 0 is passed over, and the next is compared with the one before it.
    """
    false = 0
    for phase in range(3000):
        held = None
        for poll in range(-20, 21):
            late_s = (phase * 7 + poll * 13) % 100 / 100
            true_ticks = WRAP + phase + poll * 3000
            received_s = true_ticks / 100 + late_s
            ticks = true_ticks % WRAP
            if held is not None:
                false += restarted(held[0], ticks, received_s - held[1])
            held = (ticks, received_s) if ticks else held

    assert 0 == false


@pytest.mark.parametrize("away_s", [45, 600, 3600, DAY_S, 30 * DAY_S, 500 * DAY_S])
def test_no_absence_of_ours_over_the_wrap_is_taken_for_a_restart(away_s: int):
    """The wall clock across our own restarts, half of the drift that is allowed either way."""
    ticks = away_s * 100
    for drift in (-1, 0, 1):
        elapsed_s = away_s + drift * max(5.0, 0.001 * away_s) / 2
        for ahead in range(1, ticks, max(1, ticks // 1000)):
            assert not restarted(WRAP - ahead, ticks - ahead, elapsed_s), ahead


@pytest.mark.parametrize("elapsed_s", [30, 31.37, 600, 4800, 5200, DAY_S, 497 * DAY_S])
def test_exactly_those_restarts_are_found_that_deviate_by_more_than_the_bound(elapsed_s: float):
    """Agents of every age, restarted everywhere in between, against whole-number arithmetic on thousandths."""
    elapsed_ms = round(elapsed_s * 1000)
    bound_ms = max(5000, elapsed_ms / 1000)
    for before in (1, 99, 3000, 360_000, 2**31 - 1, 2**31, WRAP - 6000, WRAP - 3000, WRAP - 500, WRAP - 1):
        for after in range(1, max(2, min(round(elapsed_s * 100), WRAP)), max(1, round(elapsed_s / 10))):
            ahead_ms = (after * 10 - before * 10 - elapsed_ms) % (WRAP * 10)
            apart_ms = min(ahead_ms, WRAP * 10 - ahead_ms)

            assert (apart_ms > bound_ms) is restarted(before, after, elapsed_s), (before, after)


@pytest.mark.parametrize(
    ("expected_s", "before", "after", "elapsed_s"),
    [
        (0.0, 1000, 4000, 30),
        (-30.0, 1000, 1000, 30),
        (0.0, WRAP - 1000, 2000, 30),
        (WRAP_S / 2, 1, 1 + WRAP // 2, 0),
        (-WRAP_S / 2 + 0.01, 1, 2 + WRAP // 2, 0),
    ],
    ids=["steady", "stood still", "wrapped", "half a wrap", "a tick more"],
)
def test_the_deviation_is_folded_around_the_expected(expected_s: float, before: int, after: int, elapsed_s: float):
    assert expected_s == pytest.approx(deviation_s(before, after, elapsed_s), abs=1e-6)
