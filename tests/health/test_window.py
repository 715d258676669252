"""The last slots of a device: what was lost, and whether it was slow, as plain counting would have it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.window import RELEASE, SLOTS, SLOTS_TO_TELL, Window

#: A slot is None where it was missed, else its round trip as a share of the limit.
SLOT = st.one_of(st.none(), st.floats(0, 3), st.sampled_from([RELEASE, 1.0]))


def after(slots, size=SLOTS):
    window = Window(size=size)
    for delay in slots:
        window = window.after(is_missed=delay is None, delay=delay or 0.0)
    return window


def p95(slots):
    """The round trip of rank ceil(0.95 n) of n replies, counted from the shortest."""
    replies = sorted(delay for delay in slots if delay is not None)
    return replies[math.ceil(0.95 * len(replies)) - 1] if replies else 0.0


@given(st.lists(SLOT, max_size=150), st.sampled_from([20, 60, 300]))
def test_loss_and_delay_are_those_of_the_last_slots(slots, size):
    window, seen = after(slots, size), slots[-size:]

    assert len(seen) == window.slots
    assert seen.count(None) == window.missed
    assert window.loss_ratio == (seen.count(None) / len(seen) if seen else 0.0)
    assert window.is_slow == (p95(seen) > 1.0)
    assert window.is_nearly_slow == (p95(seen) >= RELEASE)
    assert window.tells == (len(seen) >= SLOTS_TO_TELL)


@pytest.mark.parametrize(("slow", "is_slow"), [(3, False), (4, True)])
def test_of_sixty_replies_the_fourth_longest_speaks(slow, is_slow):
    """Rank ceil(0.95 x 60) = 57: three that were slow are luck."""
    assert is_slow is after([0.1] * (60 - slow) + [1.5] * slow).is_slow


def test_what_was_missed_was_not_slow():
    assert not after([None] * 60).is_slow
    assert after([None] * 59 + [1.5]).is_slow


@pytest.mark.parametrize(
    ("interval_s", "size"), [(5, 60), (1, 300), (30, 20), (60, 20), (2, 150), (0.5, 300), (10, 30)]
)
def test_five_minutes_are_looked_back_upon_and_twenty_slots_at_least(interval_s, size):
    assert size == Window.over(interval_s).size


@given(st.lists(SLOT, min_size=1, max_size=90), st.integers(0, 100))
def test_without_its_last_slots_it_is_as_it_was(slots, last):
    window, kept = after(slots).without_last(last), slots[-SLOTS:][: max(0, min(len(slots), SLOTS) - last)]

    assert (len(kept), kept.count(None)) == (window.slots, window.missed)
    assert window.is_slow == (p95(kept) > 1.0)


@given(st.lists(SLOT, min_size=1, max_size=90), st.floats(0, 600))
def test_much_later_only_what_is_not_five_minutes_old_is_known(slots, elapsed_s):
    window = after(slots).much_later(elapsed_s)
    room = max(0, SLOTS - math.ceil(elapsed_s / 5))
    kept = slots[-SLOTS:][-room:] if room else []

    assert (len(kept), kept.count(None)) == (window.slots, window.missed)
