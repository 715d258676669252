"""Whose turn it is: retries of the silent, whoever is to be asked at once, and nobody twice at a time.

The clock is moved by hand; what comes of a turn is told by the test.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.poller.scripted import target
from wanmon.health.life import FILTERED_ECHO_S, Kind, Life, Probe, step
from wanmon.health.observation import Verdict
from wanmon.poller.agenda import NOBODY, Agenda, Asks, Turn
from wanmon.poller.jobs import KINDS, LANE, Task
from wanmon.poller.targets import DeviceTarget

LIVENESS, RETRY, FRESH, EVIDENCE, KNOCK, ECHO, FAST, SLOW = Task
OK, FAIL = Verdict.OK, Verdict.FAIL
#: The phase of row 0 is 0: its slots are at 5, 10, 15 s.
R1 = target("S1-R1", 0, credentials=())
WITH_SNMP = target("S1-R1", 0)


class Scene:
    """An agenda over lives that tests make; a turn takes no time until it is told to have ended."""

    def __init__(self, *targets: DeviceTarget) -> None:
        self.lives = {each.name: Life() for each in targets}
        self.silent_polls = {each.name: 0 for each in targets}
        self.agenda = Agenda(0.0, 0.0, self.lives.__getitem__, self.silent_polls.__getitem__)
        self.agenda.follow(targets, (), 0.0)

    def due(self, now_s: float) -> list[tuple[Task, float]]:
        """What is to be begun of row 0, and when it was due."""
        return [(turn.job.task, turn.due_s) for turn in self.agenda.due(now_s)]

    def end(self, turn: Turn, begun_s: float, verdict: Verdict, now_s: float, asks: Asks = NOBODY) -> list[Turn]:
        """Tell what came of a turn; what is to be begun at once."""
        name = turn.job.target.name
        self.lives[name], _ = step(self.lives[name], Probe(begun_s, verdict, KINDS[turn.job.task]))
        return self.agenda.ended(turn, begun_s, asks, now_s)

    def only(self, now_s: float) -> Turn:
        (turn,) = self.agenda.due(now_s)
        return turn

    def miss(self, now_s: float) -> list[Turn]:
        """Begin what is due, and miss it: its second passes; what is to be begun at once."""
        return self.end(self.only(now_s), now_s, FAIL, now_s + 1)


def tasks(turns: Iterable[Turn]) -> list[Task]:
    return [turn.job.task for turn in turns]


@pytest.fixture
def scene() -> Scene:
    return Scene(R1)


def test_slots_come_at_the_interval(scene: Scene):
    for slot_s in (5, 10, 15):
        assert slot_s == scene.agenda.next_s()
        turn = scene.only(slot_s)
        assert [] == scene.end(turn, slot_s, OK, slot_s + 0.01)


def test_after_a_miss_it_is_asked_each_second_from_its_beginning(scene: Scene):
    """A probe that is missed takes its whole second: the next begins as it ends."""
    (first,) = scene.miss(5)
    (second,) = scene.end(first, 6, FAIL, 7)

    assert [(RETRY, 6), (RETRY, 7)] == [(first.job.task, first.due_s), (second.job.task, second.due_s)]


def test_a_refusal_that_comes_at_once_is_not_asked_again_at_once(scene: Scene):
    """ "Unreachable" comes within milliseconds: still one question a second."""
    turn = scene.only(5)

    assert [] == scene.end(turn, 5, FAIL, 5.01)
    assert [] == scene.due(5.99)
    assert [(RETRY, 6)] == scene.due(6.0)


def test_a_slot_within_a_silence_is_stood_for_by_the_retry_of_that_second(scene: Scene):
    """Else the lane would be asked twice in it, and lossiness be told by what is asked because of misses."""
    begun = scene.miss(5)
    for second in range(6, 10):
        begun = scene.end(begun[0], second, FAIL, second + 1)
    assert [] == scene.due(10)
    (turn,) = scene.end(begun[0], 10, FAIL, 11)

    assert (LIVENESS, 11) == (turn.job.task, turn.due_s)
    assert RETRY is scene.end(turn, 11, FAIL, 12)[0].job.task


def test_a_slot_whose_retry_never_comes_is_asked_itself(scene: Scene):
    """The retry was answered before the slot could be stood for."""
    (retry,) = scene.miss(5)
    assert [] == scene.due(10)

    (turn,) = scene.end(retry, 9.9, OK, 10.1)
    assert LIVENESS is turn.job.task
    assert [] == scene.end(turn, 10.1, OK, 10.2)
    assert [LIVENESS] == tasks(scene.agenda.due(15))


def test_a_silence_that_ends_by_other_evidence_leaves_the_lane_to_its_slots(scene: Scene):
    turn = scene.only(5)
    assert [] == scene.end(turn, 5, FAIL, 5.01)
    scene.lives["S1-R1"], _ = step(scene.lives["S1-R1"], Probe(5.5, OK, Kind.OTHER))

    assert [] == scene.due(6)
    assert [LIVENESS] == tasks(scene.agenda.due(10))


def test_an_overrun_is_counted_and_nothing_is_begun_twice(scene: Scene):
    turn = scene.only(5)

    assert [] == scene.due(10)
    assert {("S1-R1", LIVENESS): 1} == scene.agenda.overruns

    scene.end(turn, 5, OK, 11)
    assert [LIVENESS] == tasks(scene.agenda.due(15))


def test_who_is_asked_afresh_by_many_is_asked_once(scene: Scene):
    """A hub is asked afresh by each of the communes that fall with it."""
    other = Scene(R1, target("S2-R1", 0, credentials=()))
    asks = Asks(lane=frozenset({"S1-R1"}))
    first, second = other.agenda.due(5)

    assert [FRESH] == tasks(other.end(first, 5, OK, 5.01, asks))
    assert [] == other.end(second, 5, OK, 5.02, asks)
    assert [] == other.agenda.lane_now("S1-R1", 5.03)


def test_who_was_asked_afresh_a_while_ago_is_asked_afresh_again(scene: Scene):
    (fresh,) = scene.agenda.lane_now("S1-R1", 7)
    scene.end(fresh, 7, OK, 7.01)

    assert [] == scene.agenda.lane_now("S1-R1", 7.4)
    assert [FRESH] == tasks(scene.agenda.lane_now("S1-R1", 7.6))


def test_a_fresh_miss_puts_the_lane_into_retries(scene: Scene):
    (fresh,) = scene.agenda.lane_now("S1-R1", 7)

    assert [RETRY] == tasks(scene.end(fresh, 7, FAIL, 8))


def test_a_fresh_miss_beside_a_slot_leaves_the_retries_to_that(scene: Scene):
    """No lane is asked twice at a time by retries."""
    (fresh,) = scene.agenda.lane_now("S1-R1", 4.9)
    slot = scene.only(5)

    assert [] == scene.end(fresh, 4.9, FAIL, 5.9)
    assert [RETRY] == tasks(scene.end(slot, 5, FAIL, 6))


def test_whatever_else_may_answer_is_asked_once_at_a_time():
    scene = Scene(WITH_SNMP)
    asks = Asks(other=frozenset({"S1-R1"}))
    slot = next(turn for turn in scene.agenda.due(5) if turn.job.task is LIVENESS)
    begun = scene.end(slot, 5, FAIL, 6, asks)
    retry, evidence = begun

    assert {RETRY, EVIDENCE} == set(tasks(begun))
    assert [RETRY] == tasks(scene.end(retry, 6, FAIL, 7, asks))
    assert [] == scene.end(evidence, 6, FAIL, 7)


def test_whoever_is_asked_and_is_gone_is_nobody(scene: Scene):
    turn = scene.only(5)
    nobody = frozenset({"S9-R1"})

    assert [] == scene.end(turn, 5, OK, 5.01, Asks(nobody, nobody, nobody, nobody))


def test_a_filtered_device_is_asked_by_snmp_and_once_a_minute_by_echo(scene: Scene):
    scene.lives["S1-R1"] = Life(is_filtered=True)
    begun = []
    for slot_s in range(5, 131, 5):
        for turn in scene.agenda.due(slot_s):
            begun.append((turn.job.task, slot_s, turn.job.by_snmp))
            scene.agenda.ended(turn, slot_s, NOBODY, slot_s + 0.1)

    assert [5, 65, 125] == [at_s for task, at_s, by_snmp in begun if task is ECHO and not by_snmp]
    assert {(LIVENESS, True), (ECHO, False)} == {(task, by_snmp) for task, _, by_snmp in begun}
    assert 26 == sum(task is LIVENESS for task, _, _ in begun)
    assert 60 == FILTERED_ECHO_S


def test_a_filtered_device_is_asked_by_echo_while_it_is_silent_and_dead(scene: Scene):
    """Else one whose SNMP has died with its filter would be down for ever."""
    scene.lives["S1-R1"] = Life(is_filtered=True)
    echoes, begun = [], {5.0: scene.agenda.due(5)}
    now_s = 5.0
    while now_s < 300:
        for turn in begun.pop(now_s, []) + scene.agenda.due(now_s):
            if turn.job.task is ECHO:
                echoes.append(now_s)
            if turn.job.task is not ECHO:
                begun[now_s + 1] = begun.get(now_s + 1, []) + scene.end(turn, now_s, FAIL, now_s + 1)
            else:
                scene.agenda.ended(turn, now_s, NOBODY, now_s + 1)
        now_s += 1

    assert 5 == len(echoes)


@pytest.fixture
def with_snmp() -> Scene:
    return Scene(WITH_SNMP)


def polls(scene: Scene, until_s: float, *, silent: int) -> list[float]:
    """When a device is polled whose polls fail from then on: each of them at once."""
    found = []
    for now_s in range(5, int(until_s) + 1, 5):
        for turn in scene.agenda.due(now_s):
            if turn.job.task is FAST:
                found.append(float(now_s))
                scene.silent_polls["S1-R1"] += silent
            scene.agenda.ended(turn, now_s, NOBODY, now_s + 0.1)
    return found


def test_polls_come_at_their_interval_with_a_deadline_within_it(with_snmp: Scene):
    turns = with_snmp.agenda.due(30)

    assert {FAST: 24.0, LIVENESS: 24.0} == {turn.job.task: turn.job.deadline_s for turn in turns}
    assert [60, 90, 120] == polls(Scene(WITH_SNMP), 125, silent=0)[1:]


def test_a_silent_device_is_polled_at_every_2nd_4th_and_8th_interval():
    found = polls(Scene(target("S1-R1", 0, slow_interval_s=86_400)), 34 * 30, silent=1)

    assert [2, 4, 8, 8, 8] == [round((after - before) / 30) for before, after in pairwise(found)]


def test_the_first_answer_ends_the_back_off(with_snmp: Scene):
    with_snmp.silent_polls["S1-R1"] = 5
    polls(with_snmp, 300, silent=0)
    with_snmp.silent_polls["S1-R1"] = 0
    before = polls(with_snmp, 360, silent=0)

    assert [330, 360] == [at_s for at_s in before if at_s > 300]


def test_a_poll_at_once_comes_beside_the_schedule(with_snmp: Scene):
    assert [FAST] == tasks(with_snmp.agenda.poll_now("S1-R1", 7))
    assert [] == Scene(R1).agenda.poll_now("S1-R1", 7)
    assert [] == with_snmp.agenda.poll_now("S9-R1", 7)


def test_a_poll_at_once_while_one_is_under_way_is_another_after_it(with_snmp: Scene):
    """The one under way may have read before what is of interest: the device has come back just now."""
    (under_way,) = with_snmp.agenda.poll_now("S1-R1", 7)
    assert [] == with_snmp.agenda.poll_now("S1-R1", 8)
    assert [] == with_snmp.agenda.poll_now("S1-R1", 9)

    (again,) = with_snmp.agenda.ended(under_way, 7, NOBODY, 10)
    assert FAST is again.job.task
    assert [] == with_snmp.agenda.ended(again, 10, NOBODY, 11)


def test_a_poll_of_names_that_ends_leaves_the_wanted_poll_to_its_turn(with_snmp: Scene):
    with_snmp.agenda.follow([target("S1-R1", 0, slow_interval_s=30)], (), 0)
    begun = {turn.job.task: turn for turn in with_snmp.agenda.due(30)}
    assert [] == with_snmp.agenda.poll_now("S1-R1", 31)

    assert [] == with_snmp.agenda.ended(begun[SLOW], 30, NOBODY, 32)
    assert [FAST] == tasks(with_snmp.agenda.ended(begun[FAST], 30, NOBODY, 33))


def test_what_ends_of_a_device_that_moved_frees_nothing_of_its_new_place(scene: Scene):
    """Else two probes would be under way in one lane."""
    old = scene.only(5)
    moved = target("S1-R1", 0, address="10.27.9.9", credentials=())
    scene.agenda.follow([moved], (), 6)
    fresh = scene.only(10)
    assert moved is fresh.job.target

    assert [] == scene.agenda.ended(old, 5, NOBODY, 10.5)
    assert [] == scene.due(15)
    assert {("S1-R1", LIVENESS): 1} == scene.agenda.overruns


def test_what_was_broken_off_is_begun_anew(with_snmp: Scene):
    """The loop failed, and with it all that was under way: nobody may be left unasked for ever."""
    begun = with_snmp.agenda.due(30)
    assert {LIVENESS, FAST} == set(tasks(begun))
    with_snmp.agenda.broken_off()

    assert [LIVENESS] == tasks(with_snmp.agenda.due(35))
    assert FAST in tasks(with_snmp.agenda.due(60))


def test_a_device_that_is_gone_has_no_turns(scene: Scene):
    turn = scene.only(5)
    scene.agenda.follow((), ["S1-R1"], 6)

    assert [] == scene.agenda.ended(turn, 5, Asks(frozenset({"S1-R1"})), 6)
    assert [] == scene.due(100)
    assert None is scene.agenda.target("S1-R1")


def test_the_retries_of_a_device_that_is_gone_are_forgotten(scene: Scene):
    scene.end(scene.only(5), 5, FAIL, 5.01)
    scene.agenda.follow((), ["S1-R1"], 5.5)

    assert [] == scene.due(6)
    assert None is scene.agenda.next_s()


STEP = st.tuples(st.sampled_from(["ok", "fail", "refuse", "evidence", "fresh", "wait"]), st.floats(0.01, 3))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=80))
def test_whatever_comes_of_its_probes_a_lane_is_asked_again_and_never_twice_at_a_time(steps: list[Any]):
    scene, now_s, under_way = Scene(R1), 0.0, []
    idle_s = 0.0

    def begun(turns: Iterable[Turn]) -> None:
        nonlocal idle_s
        for turn in turns:
            lane = [each for each, _ in under_way if each.job.task in LANE - {FRESH}]
            assert turn.job.task not in {each.job.task for each, _ in under_way}
            assert not (lane and turn.job.task in (LIVENESS, RETRY))
            under_way.append((turn, now_s))
            idle_s = now_s if turn.job.task in (LIVENESS, RETRY) else idle_s

    for what, after_s in [*steps, *[("ok", 3.0)] * 4]:
        now_s += after_s
        begun(scene.agenda.due(now_s))
        if what == "evidence":
            scene.lives["S1-R1"], _ = step(scene.lives["S1-R1"], Probe(now_s, OK, Kind.OTHER))
        elif what == "fresh":
            begun(scene.agenda.lane_now("S1-R1", now_s))
        elif what != "wait" and under_way:
            turn, at_s = under_way.pop(0)
            begun(scene.end(turn, at_s, OK if what == "ok" else FAIL, now_s))
        idle_s = now_s if any(turn.job.task in (LIVENESS, RETRY) for turn, _ in under_way) else idle_s
        assert now_s - idle_s <= 5 + 3, "nobody asks any more"


def test_the_port_of_its_login_is_tried_beside_snmp_and_once_at_a_time():
    scene = Scene(WITH_SNMP)
    asks = Asks(other=frozenset({"S1-R1"}), knock=frozenset({"S1-R1"}))
    slot = next(turn for turn in scene.agenda.due(5) if turn.job.task is LIVENESS)
    begun = scene.end(slot, 5, FAIL, 6, asks)

    assert {RETRY, EVIDENCE, KNOCK} == set(tasks(begun))
    assert [] == scene.agenda.asked(asks, 6.5)
