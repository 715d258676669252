"""What is amiss with a site that is up, and when that is over."""

import pytest

from wanmon.health.ailments import WELL, Ailment, Condition, in_words, of_devices
from wanmon.health.window import Window

LOST, SLOW, NEARLY, QUICK = "lost", 1.5, 0.9, 0.1


def window(*parts):
    """A window of so many slots of each kind, in this order."""
    made = Window()
    for count, delay in parts:
        for _ in range(count):
            made = made.after(is_missed=delay is LOST, delay=0.0 if delay is LOST else delay)
    return made


LOSSY = {
    "a fifth of the slots is lost": (False, [(48, QUICK), (12, LOST)], True),
    "hardly less": (False, [(49, QUICK), (11, LOST)], False),
    "it stays so above a tenth": (True, [(53, QUICK), (7, LOST)], True),
    "at a tenth": (True, [(54, QUICK), (6, LOST)], True),
    "it is over below a tenth": (True, [(55, QUICK), (5, LOST)], False),
    "nineteen slots tell nothing": (False, [(9, QUICK), (10, LOST)], False),
    "twenty do": (False, [(10, QUICK), (10, LOST)], True),
}


@pytest.mark.parametrize(("was", "slots", "expected"), LOSSY.values(), ids=LOSSY)
def test_a_line_is_lossy_from_a_fifth_until_below_a_tenth(was, slots, expected):
    assert expected is Condition(is_lossy=was).after_slot(window(*slots)).is_lossy


SLOWNESS = {
    "one reply in fifteen is slow": (False, [(56, QUICK), (4, SLOW)], True),
    "one in twenty": (False, [(57, QUICK), (3, SLOW)], False),
    "it stays so above 80 % of the limit": (True, [(56, QUICK), (4, NEARLY)], True),
    "nearly slow is not slow": (False, [(56, QUICK), (4, NEARLY)], False),
    "it is over below that": (True, [(57, QUICK), (3, SLOW)], False),
    "nineteen slots tell nothing": (False, [(19, SLOW)], False),
}


@pytest.mark.parametrize(("was", "slots", "expected"), SLOWNESS.values(), ids=SLOWNESS)
def test_a_line_is_slow_above_its_limit_until_below_80_percent_of_it(was, slots, expected):
    assert expected is Condition(is_slow=was).after_slot(window(*slots)).is_slow


def test_a_condition_that_did_not_turn_is_the_same_object():
    """Most do not, most of the time: nothing is judged then."""
    held = Condition(is_lossy=True)

    assert WELL is WELL.after_slot(window((60, QUICK)))
    assert held is held.after_slot(window((50, QUICK), (10, LOST)))
    assert WELL is WELL.after_poll(is_answered=True, is_partial=False)


POLLS = {
    "one poll may be lost like any packet": (["failed"], set()),
    "two in a row tell": (["failed"] * 2, {Ailment.AGENT_ONLY}),
    "and many": (["failed"] * 50, {Ailment.AGENT_ONLY}),
    "not with an answer between": (["failed", "whole", "failed"], set()),
    "one answer mends it": (["failed"] * 50 + ["whole"], set()),
    "an incomplete answer is an answer": (["failed"] * 2 + ["partial"], set()),
    "two incomplete ones are not well": (["partial"] * 2, {Ailment.PARTIAL}),
    "a failed poll is not incomplete": (["partial", "failed", "partial"], set()),
}


@pytest.mark.parametrize(("polls", "expected"), POLLS.values(), ids=POLLS)
def test_two_polls_in_a_row_tell_of_an_agent(polls, expected):
    condition = WELL
    for poll in polls:
        condition = condition.after_poll(is_answered=poll != "failed", is_partial=poll == "partial")

    assert expected == of_devices([condition], 0, 0)


OF_DEVICES = {
    "all is well": ([WELL, WELL], 0, 0, set()),
    "one of two lines lossy": ([WELL, Condition(is_lossy=True)], 0, 0, {"lossy"}),
    "an edge is dead": ([WELL], 1, 0, {"redundancy_lost"}),
    "a UPS is silent": ([WELL], 0, 1, {"inner_device"}),
    "much at once": (
        [Condition(is_slow=True, is_lossy=True, failed_polls=2)], 1, 2,
        {"agent_only", "redundancy_lost", "lossy", "slow", "inner_device"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("alive", "edges", "others", "expected"), OF_DEVICES.values(), ids=OF_DEVICES)
def test_what_ails_any_device_ails_the_site(alive, edges, others, expected):
    assert expected == {str(each) for each in of_devices(alive, edges, others)}


def test_the_weightiest_comes_first_in_words():
    assert "agent_only,redundancy_lost,slow" == in_words({Ailment.SLOW, Ailment.REDUNDANCY_LOST, Ailment.AGENT_ONLY})
    assert "" == in_words(())
