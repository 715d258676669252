"""When echoes may leave, by a clock that is told."""

import pytest

from wanmon.protocols.departures import LONGEST_S, TOGETHER, Departures


def left(per_second: float, for_s: float, every_s: float) -> list[float]:
    """The instants at which packets leave where any number waits and somebody looks so often."""
    departures, out = Departures(per_second), []
    for step in range(round(for_s / every_s)):
        while departures.take(100 + step * every_s):
            out.append(step * every_s)
    return out


@pytest.mark.parametrize("per_second", [1, 35, 177, 500, 2000])
@pytest.mark.parametrize("every_s", [0.0005, 0.01, 0.3])
def test_no_more_leave_than_are_allowed_however_often_somebody_looks(per_second: int, every_s: float):
    """Beyond the average there is only what may leave at once."""
    assert per_second * 10 + TOGETHER + 1 >= len(left(per_second, 10, every_s))


@pytest.mark.parametrize("per_second", [1, 35, 177, 500, 2000])
def test_as_many_leave_as_are_allowed(per_second: int):
    assert per_second * 10 <= len(left(per_second, 10, 0.0005))


@pytest.mark.parametrize("per_second", [1, 35, 177, 500, 2000])
def test_only_a_few_leave_at_one_instant(per_second: int):
    together = left(per_second, 10, LONGEST_S)

    assert min(TOGETHER, per_second * LONGEST_S) + 1 >= max(map(together.count, set(together)))


def test_who_had_to_wait_is_not_woken_for_each():
    departures, woken, now_s = Departures(500), 0, 100.0
    for _ in range(1000):
        if not departures.take(now_s):
            woken, now_s = woken + 1, departures.next_s
            assert departures.take(now_s)

    assert 1000 / TOGETHER >= woken
