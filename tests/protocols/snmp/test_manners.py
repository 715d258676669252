"""What is learnt of agents: sizes that they can bear, times that they need."""

from collections.abc import Callable
from random import Random
from statistics import median

import pytest

from wanmon.protocols.snmp.manners import FORGIVEN_AFTER, LEAST_BYTES, Learnt, Manners


def manners(learnt: Learnt | None = None) -> Manners:
    return Manners(1400, 2.0, learnt)


def polls(it: Manners, bears: Callable[[int], bool], replies: int, *, silent: bool = False) -> int:
    """So many questions to an agent, each as large as allowed; how often it could not bear the size."""
    failed = 0
    for _ in range(replies):
        if bears(it.limit_bytes):
            it.bore(it.limit_bytes)
        else:
            failed += 1
            (it.lost if silent else it.too_large)(it.limit_bytes)
    return failed


@pytest.mark.parametrize("silent", [False, True], ids=["tooBig", "silence"])
@pytest.mark.parametrize("most", [1399, 1000, 484, 100])
def test_the_size_that_an_agent_bears_is_found_and_kept_to(most: int, silent: bool) -> None:
    """A size that was too large is not tried again and again: each costs the time of three tries."""
    it = manners()
    failed = polls(it, lambda size: size <= most, 2_000, silent=silent)
    later = polls(it, lambda size: size <= most, 2_000, silent=silent)

    assert 0.9 * most <= it.limit_bytes <= most
    assert failed <= 8
    assert 0 == later


def test_success_grows_slowly() -> None:
    it = manners(Learnt(700))
    it.bore(690)

    assert 700 < it.limit_bytes < 720


def test_a_reply_that_does_not_fill_the_limit_proves_nothing() -> None:
    it = manners(Learnt(700))
    for _ in range(100):
        it.bore(200)

    assert 700 == it.limit_bytes


def test_one_silence_at_a_size_borne_before_is_the_lines_loss() -> None:
    it = manners()
    it.bore(1400)
    it.lost(1400)

    assert 1400 == it.limit_bytes


def test_four_silences_on_end_at_a_size_borne_before_say_that_the_path_has_changed() -> None:
    it = manners()
    it.bore(1400)
    for limit in (1400, 1400, 1400, 700):
        it.lost(1400)

        assert limit == it.limit_bytes


def test_an_hour_of_heavy_loss_makes_pdus_hardly_smaller() -> None:
    """Smaller ones are more ones, and each of them can be lost: less would come of every poll."""
    limits = []
    for seed in range(100):
        it, luck = manners(), Random(seed)
        for poll in range(140):
            lost = 0.13 if poll >= 20 else 0.0  # all of three tries, with 30 % loss each way
            for size in (min(1400, it.limit_bytes),) * 4:
                (it.lost if luck.random() < lost else it.bore)(size)
        limits.append(it.limit_bytes)

    assert 1400 == median(limits)
    assert 5 > sum(limit < 350 for limit in limits)


def test_small_replies_between_silences_say_nothing_of_large_ones() -> None:
    """A device that is greeted with success before each poll, and never read, would stay so for ever."""
    it = manners()
    it.bore(1400)
    for _ in range(4):
        it.lost(1400)
        it.bore(90)

    assert 700 == it.limit_bytes


def test_a_reply_as_large_as_the_lost_one_makes_the_loss_the_lines() -> None:
    it = manners()
    it.bore(600)
    for _ in range(5):
        it.lost(600)
        it.bore(590)

    assert 1400 == it.limit_bytes


def test_no_limit_goes_below_one_value() -> None:
    it = manners()
    for _ in range(20):
        it.too_large(it.limit_bytes)

    assert LEAST_BYTES == it.limit_bytes


def test_a_size_that_was_too_large_is_tried_again_after_a_day() -> None:
    """Agents get other software, and lines other tunnels."""
    it = manners()
    polls(it, lambda size: size <= 1000, 500)
    polls(it, lambda size: True, FORGIVEN_AFTER + 200)

    assert 1400 == it.limit_bytes


def test_what_was_learnt_survives() -> None:
    it = manners()
    polls(it, lambda size: size <= 1000, 500)
    it.bulk = False
    it.pace.heard(0.1)
    again = manners(it.learnt)

    assert it.learnt == again.learnt
    assert (it.pace.timeout_s, False) == (again.pace.timeout_s, again.bulk)
    assert 0 == polls(again, lambda size: size <= 1000, 500)


def test_the_settings_bound_what_was_learnt() -> None:
    assert 1400 == manners(Learnt(9000)).limit_bytes


def test_a_restart_gives_getbulk_another_chance() -> None:
    it = manners(Learnt(500, 900, bulk=False))
    it.forget()

    assert (None, 500) == (it.bulk, it.limit_bytes)
