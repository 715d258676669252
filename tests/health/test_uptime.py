"""A wrap of sysUpTime after 497 days is no restart, and a restart is never missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.uptime import WRAP, restarted, steady

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
