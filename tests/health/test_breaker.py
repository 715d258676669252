"""A credential that devices refuse is left alone for a while."""

from datetime import datetime, timedelta

import pytest

from wanmon.health import breaker


@pytest.mark.parametrize(
    ("refused_at_s", "now_s", "until_s"),
    [
        ([], 0, None),
        ([0, 5], 5, None),
        ([0, 5, 9], 9, 609),
        ([9, 0, 5], 608.9, 609),
        ([0, 5, 9], 609, None),
        ([0, 5, 700], 700, 1300),
        ([0, 5, 90_000], 10, None),
    ],
    ids=["none", "two", "three", "still", "over", "again", "clock set back"],
)
def test_three_refusals_open_the_breaker_for_ten_minutes_after_the_latest(
    noon: datetime, refused_at_s: list[float], now_s: float, until_s: float | None
):
    def at(offset_s: float) -> datetime:
        return noon + timedelta(seconds=offset_s)

    expected = None if until_s is None else at(until_s)
    assert expected == breaker.paused_until([at(offset) for offset in refused_at_s], at(now_s))
