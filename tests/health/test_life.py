"""The evidence rule for one device."""

import pytest

from wanmon.health.life import Life, Probe, Sign, Vitality, begin_anew, retry_after_s, step
from wanmon.health.observation import Verdict

OK, FAIL, NONE = Verdict.OK, Verdict.FAIL, Verdict.NONE


def lane(begun_s, verdict, is_slot=False):
    return Probe(begun_s, verdict, is_lane=True, is_slot=is_slot)


def snmp(begun_s, verdict):
    return Probe(begun_s, verdict, is_lane=False, is_slot=False)


def after(life, probes):
    """The life after some probes, and the signs they gave."""
    signs = []
    for probe in probes:
        life, sign = step(life, probe)
        if sign is not None:
            signs.append(sign)
    return life, signs


@pytest.fixture
def clean():
    """A device that has answered every slot of five minutes, the last at 300 s."""
    life, _ = after(Life(), [lane(5.0 * slot, OK, is_slot=True) for slot in range(61)])
    return life


def cut(at_s, misses):
    """A slot that is missed, then one miss a second."""
    return [lane(at_s, FAIL, is_slot=True), *(lane(at_s + n, FAIL) for n in range(1, misses))]


def test_a_clean_line_is_called_down_at_the_seventh_miss_dated_from_the_first(clean):
    life, signs = after(clean, cut(305.0, 7))

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert (Vitality.DEAD, 305.0) == (life.vitality, life.since_s)


def test_six_misses_are_not_enough(clean):
    life, signs = after(clean, cut(305.0, 6))

    assert [Sign.SILENT] == signs
    assert life.is_undecided


def test_a_device_not_known_for_long_needs_more(clean):
    young, _ = after(Life(), [lane(5.0 * slot, OK, is_slot=True) for slot in range(10)])
    life, _ = after(young, cut(50.0, 23))

    assert life.is_undecided
    assert Vitality.DEAD is after(life, [lane(73.0, FAIL)])[0].vitality


def test_an_answer_asked_after_the_first_miss_begins_the_count_anew(clean):
    life, _ = after(clean, cut(305.0, 6))
    heard, signs = after(life, [snmp(305.2, OK)])
    dead, _ = after(heard, [lane(311.0 + n, FAIL) for n in range(7)])

    assert [Sign.HEARD] == signs
    assert 311.0 == dead.since_s


def test_an_answer_asked_before_the_first_miss_proves_nothing(clean):
    silent, _ = after(clean, cut(305.0, 6))
    life, signs = after(silent, [snmp(304.9, OK), lane(311.0, FAIL)])

    assert [Sign.DEAD] == signs
    assert 305.0 == life.since_s


def test_what_we_could_not_tell_counts_as_nothing(clean):
    life, _ = after(clean, cut(305.0, 6))

    assert (life, None) == step(life, lane(311.0, NONE))
    assert [Sign.DEAD] == after(life, [lane(311.0, NONE), lane(312.0, FAIL)])[1]


def test_snmp_that_fails_is_no_miss(clean):
    life, signs = after(clean, [snmp(301.0 + n, FAIL) for n in range(50)])

    assert [] == signs
    assert Vitality.ALIVE is life.vitality


def test_echo_silent_for_long_while_snmp_answers_is_filtered(clean):
    probes = [probe for n in range(7) for probe in (lane(305.0 + n, FAIL), snmp(305.1 + n, OK))]
    life, signs = after(clean, probes)

    assert Sign.FILTERED is signs[-1]
    assert Sign.DEAD not in signs
    assert life.is_filtered


def test_a_filtered_device_is_still_called_down_when_its_own_probe_falls_silent(clean):
    probes = [probe for n in range(7) for probe in (lane(305.0 + n, FAIL), snmp(305.1 + n, OK))]
    filtered, _ = after(clean, probes)
    life, signs = after(filtered, [lane(320.0 + n, FAIL) for n in range(7)])

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert 320.0 == life.since_s


def test_three_replies_bring_it_back_dated_from_the_first(clean):
    dead, _ = after(clean, cut(305.0, 7))
    life, signs = after(dead, [lane(400.0, OK), lane(401.0, OK), lane(402.0, OK)])

    assert [Sign.BACK] == signs
    assert (Vitality.ALIVE, 400.0) == (life.vitality, life.since_s)
    assert 311.0 == life.bad_s


def test_two_replies_and_a_miss_do_not(clean):
    dead, _ = after(clean, cut(305.0, 7))
    life, signs = after(dead, [lane(400.0, OK), lane(401.0, OK), lane(402.0, FAIL), lane(403.0, OK)])

    assert [] == signs
    assert 403.0 == life.returning_since_s


def test_a_first_answer_is_life():
    assert Sign.BACK is step(Life(), lane(1.0, OK))[1]


def test_the_seconds_of_the_lane_do_not_weigh_as_slots(clean):
    """Else a short outage would make the line look lossy, and the next one be found later."""
    dead, _ = after(clean, cut(305.0, 40))

    assert 1 == dead.window.missed


@pytest.mark.parametrize(
    ("probes", "now_s", "expected"),
    [
        ([], 301.0, None),
        (cut(305.0, 1), 306.0, 1.0),
        (cut(305.0, 7), 330.0, 1.0),
        (cut(305.0, 7), 366.0, None),
        ([*cut(305.0, 7), lane(900.0, OK)], 901.0, 1.0),
    ],
    ids=["well", "silent", "just dead", "long dead", "coming back"],
)
def test_it_is_asked_every_second_while_something_is_undecided(clean, probes, now_s, expected):
    assert expected == retry_after_s(after(clean, probes)[0], now_s)


def test_what_was_missed_before_the_way_came_back_counts_no_more(clean):
    dead, _ = after(clean, cut(305.0, 60))
    anew = begin_anew(dead)

    assert 0 == anew.misses
    assert 1.0 == retry_after_s(anew, 4000.0)
