"""When a login may be tried: never on more devices than may refuse it, and never soon on one that did."""

from datetime import timedelta

import pytest

from wanmon.health.logins import Chance, chance, in_order, rests_until


@pytest.mark.parametrize(
    ("expected", "refused_s_ago", "under_way"),
    [
        (Chance.TRY, [], 0),
        (Chance.TRY, [], 2),
        (Chance.WAIT, [], 3),
        (Chance.TRY, [5], 1),
        (Chance.WAIT, [5], 2),
        (Chance.TRY, [5, 9], 0),
        (Chance.WAIT, [5, 9], 1),
        (Chance.PAUSED, [5, 9, 20], 0),
        (Chance.PAUSED, [599, 700, 800], 0),
        (Chance.TRY, [600, 700, 800], 0),
        (Chance.WAIT, [600, 700, 800], 1),
        (Chance.TRY, [600, 700, 800, 900], 0),
    ],
)
def test_refusals_and_logins_under_way_are_never_more_than_open_the_breaker(expected, refused_s_ago, under_way, noon):
    refused_at = [noon - timedelta(seconds=seconds) for seconds in refused_s_ago]

    assert expected is chance(refused_at, under_way, noon)


@pytest.mark.parametrize(
    ("expected_s", "refused_s"), [(None, None), (600, 0), (1, -599), (None, -600), (None, 1)], ids=str
)
def test_a_device_that_refused_rests_for_ten_minutes(expected_s, refused_s, noon):
    """A refusal of the future was written before the clock was set back."""
    refused_at = None if refused_s is None else noon + timedelta(seconds=refused_s)
    expected = None if expected_s is None else noon + timedelta(seconds=expected_s)

    assert expected == rests_until(refused_at, noon)


@pytest.mark.parametrize(
    ("expected", "winner", "last_refused"),
    [
        ("abc", None, None),
        ("bac", "b", None),
        ("abc", "gone", None),
        ("bca", None, "a"),
        ("abc", None, "c"),
        ("cab", "b", "b"),
        ("bac", "b", "gone"),
    ],
)
def test_the_winner_comes_first_until_it_is_refused(expected, winner, last_refused):
    """After a password was changed on the router, the one that worked last is the wrong one to insist on."""
    assert list(expected) == in_order(list("abc"), winner, last_refused)
