"""Wall time that goes on evenly for one run of a service."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.poller.scripted import Hands
from wanmon.clock import SteadyClock, SystemClock, shown


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_it_goes_on_with_the_monotonic_clock(hands: Hands):
    clock, begun = SteadyClock(hands), hands.now()
    hands.move(3600)

    assert (begun + timedelta(hours=1), hands.monotonic()) == (clock.now(), clock.monotonic())
    assert 0 == clock.ahead_s()


@pytest.mark.parametrize("step_s", [-86_400, -3600, -0.5, 0.5, 3600, 86_400])
def test_a_step_of_the_system_s_clock_does_not_move_it(hands: Hands, step_s: float):
    clock, begun = SteadyClock(hands), hands.now()
    hands.wall += timedelta(seconds=step_s)
    hands.move(10)

    assert begun + timedelta(seconds=10) == clock.now()
    assert step_s == clock.ahead_s()


def test_it_follows_forward_when_told_to(hands: Hands):
    clock = SteadyClock(hands)
    hands.wall += timedelta(hours=1)
    clock.follow()
    assert hands.now() == clock.now()

    hands.move(10)
    assert hands.now() == clock.now()


def test_it_never_goes_back(hands: Hands):
    clock, begun = SteadyClock(hands), hands.now()
    hands.wall -= timedelta(hours=1)
    clock.follow()

    assert begun == clock.now()


def test_the_system_s_wall_clock_is_aware_and_its_monotonic_one_goes_on():
    clock = SystemClock()
    before = clock.monotonic()

    assert UTC is clock.now().tzinfo
    assert before <= clock.monotonic()


def test_an_instant_is_shown_in_local_time_and_whole_seconds():
    assert "2026-03-02T19:00:00+07:00" == shown(datetime(2026, 3, 2, 12, 0, 0, 999_999, tzinfo=UTC))
