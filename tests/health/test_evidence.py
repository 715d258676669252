"""How many misses in a row are evidence, after what history."""

import math

import pytest

from wanmon.health.evidence import loss_bound, misses_needed

HISTORIES = {
    "nothing known": (0, 0, 24),
    "too little known": (19, 0, 24),
    "three minutes without a miss": (36, 0, 7),
    "five minutes without a miss": (60, 0, 7),
    "a tenth lost": (60, 6, 11),
    "three tenths lost": (60, 18, 19),
    "half lost": (60, 30, 35),
    "nearly all lost": (60, 59, 73),
}


@pytest.mark.parametrize(("slots", "missed", "needed"), HISTORIES.values(), ids=HISTORIES)
def test_a_worse_line_needs_more_misses(slots, missed, needed):
    assert needed == misses_needed(slots, missed)


@pytest.mark.parametrize(("loss", "needed"), [(0.10, 7), (0.30, 14), (0.50, 24), (0.80, 73)])
def test_a_run_that_loss_alone_makes_is_rarer_than_one_in_ten_million(loss, needed):
    """The table of the rule: k = ceil(7 / -log10 p)."""
    assert needed == math.ceil(7 / -math.log10(loss))
    assert loss**needed <= 1.0000001e-7


def test_the_bound_never_falls_below_what_was_seen():
    for slots in range(20, 61):
        for missed in range(slots + 1):
            assert min(missed / slots, 0.80) <= loss_bound(slots, missed) + 1e-12
            assert 0.10 <= loss_bound(slots, missed) <= 0.80


def test_more_misses_never_need_fewer():
    for slots in (20, 40, 60):
        needed = [misses_needed(slots, missed) for missed in range(slots + 1)]

        assert sorted(needed) == needed
