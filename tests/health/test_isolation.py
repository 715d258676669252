"""Is it rather we who are silent? By canaries, and by numbers where there are none."""

import pytest

from wanmon.health.isolation import Ourselves, by_canaries, by_numbers
from wanmon.health.life import Life, Vitality

WELL, CUT_OFF, UNDECIDED = Ourselves.WELL, Ourselves.CUT_OFF, Ourselves.UNDECIDED
SINCE_S = 100.0
FRESH = Life(Vitality.ALIVE, 0.0, good_s=100.0)
STALE = Life(Vitality.ALIVE, 0.0, good_s=99.9)
SILENT = Life(Vitality.ALIVE, 0.0, good_s=90.0, silent_since_s=99.0, misses=3, needed=7)
DEAD = Life(Vitality.DEAD, 90.0, good_s=89.0, silent_since_s=90.0, misses=9, needed=7)
NEVER = Life()

BY_CANARIES = {
    "one that answered since": ([FRESH], WELL),
    "one that answered before only": ([STALE], UNDECIDED),
    "one that is silent itself": ([SILENT], UNDECIDED),
    "one never heard": ([NEVER], UNDECIDED),
    "one that is dead": ([DEAD], CUT_OFF),
    "one of two dead, one fresh": ([DEAD, FRESH], WELL),
    "one of two dead, one undecided": ([DEAD, STALE], UNDECIDED),
    "both dead": ([DEAD, DEAD], CUT_OFF),
}


@pytest.mark.parametrize(("canaries", "expected"), BY_CANARIES.values(), ids=BY_CANARIES)
def test_a_canary_that_answered_since_the_silence_began_is_proof_enough(canaries, expected):
    assert expected is by_canaries(canaries, SINCE_S)


BY_NUMBERS = {
    "nobody fell": ([], 10, 50.0, WELL),
    "six of ten are not more than 60 %": ([100.0] * 6, 10, 50.0, WELL),
    "seven of ten": ([100.0] * 7, 10, 50.0, CUT_OFF),
    "seven of ten within 15 s": ([100.0 + 2.5 * n for n in range(7)], 10, 50.0, CUT_OFF),
    "seven of ten within 16 s": ([100.0 + 2.7 * n for n in range(7)], 10, 50.0, WELL),
    "in whatever order": ([115.0, *[107.0] * 5, 100.0], 10, 50.0, CUT_OFF),
    "two that fell long before do not hide it": ([1.0, 2.0, *[100.0] * 7], 10, 50.0, CUT_OFF),
    "nor do they help": ([1.0, 2.0, *[100.0] * 5], 10, 50.0, WELL),
    "somebody was heard when the first fell": ([100.0] * 7, 10, 100.0, CUT_OFF),
    "somebody was heard since": ([100.0] * 7, 10, 100.1, WELL),
    "nobody was ever heard": ([100.0] * 7, 10, None, CUT_OFF),
    "one of two": ([100.0], 2, 50.0, WELL),
    "both of two": ([100.0, 101.0], 2, 50.0, CUT_OFF),
}


@pytest.mark.parametrize(("fell_s", "sites", "heard_s", "expected"), BY_NUMBERS.values(), ids=BY_NUMBERS)
def test_most_sites_that_fell_within_seconds_while_nobody_was_heard_are_our_own_silence(
    fell_s, sites, heard_s, expected
):
    assert expected is by_numbers(fell_s, sites, heard_s)
