"""The evidence rule for one device."""

import pytest

from wanmon.health.life import (
    EAGER_S,
    Kind,
    Life,
    Probe,
    Sign,
    Vitality,
    begin_anew,
    forgotten,
    retry_after_s,
    step,
    unfiltered,
)
from wanmon.health.observation import Verdict
from wanmon.health.window import Window

OK, FAIL, NONE = Verdict.OK, Verdict.FAIL, Verdict.NONE


def slot(begun_s, verdict):
    return Probe(begun_s, verdict, Kind.SLOT)


def lane(begun_s, verdict):
    return Probe(begun_s, verdict, Kind.RETRY)


def fresh(begun_s, verdict):
    return Probe(begun_s, verdict, Kind.FRESH)


def snmp(begun_s, verdict):
    return Probe(begun_s, verdict, Kind.OTHER)


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
    life, _ = after(Life(), [slot(5.0 * number, OK) for number in range(61)])
    return life


def cut(at_s, misses):
    """A slot that is missed, then one miss a second."""
    return [slot(at_s, FAIL), *(lane(at_s + n, FAIL) for n in range(1, misses))]


def test_a_clean_line_is_called_down_at_the_seventh_miss_dated_from_the_first(clean):
    life, signs = after(clean, cut(305.0, 7))

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert (Vitality.DEAD, 305.0) == (life.vitality, life.since_s)


def test_six_misses_are_not_enough(clean):
    life, signs = after(clean, cut(305.0, 6))

    assert [Sign.SILENT] == signs
    assert life.is_undecided


def test_a_device_not_known_for_long_needs_more(clean):
    young, _ = after(Life(), [slot(5.0 * number, OK) for number in range(10)])
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


@pytest.fixture
def filtered(clean):
    """The same, since 311 s without an answer to echo, but to SNMP."""
    probes = [probe for n in range(7) for probe in (lane(305.0 + n, FAIL), snmp(305.1 + n, OK))]
    life, signs = after(clean, probes)
    assert Sign.FILTERED is signs[-1]
    return life


def test_echo_silent_for_as_long_as_would_have_been_enough_while_snmp_answers_is_filtered(clean):
    probes = [probe for n in range(7) for probe in (lane(305.0 + n, FAIL), snmp(305.1 + n, OK))]
    before, signs = after(clean, probes[:-1])
    life, _ = after(before, probes[-1:])

    assert not before.is_filtered
    assert Sign.DEAD not in signs
    assert (True, None) == (life.is_filtered, life.silent_since_s)


def test_a_filtered_device_is_still_called_down_when_its_own_probe_falls_silent(filtered):
    """How lossy SNMP is, is not known yet: it needs more misses than the echo did."""
    life, signs = after(filtered, [lane(320.0 + n, FAIL) for n in range(24)])

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert 320.0 == life.since_s
    assert life.is_filtered


def test_a_filtered_device_whose_echo_is_answered_again_is_judged_by_echo(filtered):
    life = unfiltered(filtered)
    heard, signs = after(life, [lane(400.0 + n, FAIL) for n in range(23)])

    assert (False, 0, Window()) == (life.is_filtered, life.lane_misses, life.window)
    assert [Sign.SILENT] == signs
    assert [Sign.DEAD] == after(heard, [lane(423.0, FAIL)])[1]


def test_an_echo_that_is_answered_now_and_then_is_not_filtered(clean):
    probes = [
        probe
        for n in range(40)
        for probe in (lane(305.0 + n, OK if n % 6 == 5 else FAIL), snmp(305.1 + n, OK))
    ]  # fmt: skip
    life, signs = after(clean, probes)

    assert {Sign.SILENT, Sign.HEARD} == set(signs)
    assert not life.is_filtered


def test_the_dead_that_speaks_snmp_and_no_echo_is_back_by_snmp(clean):
    """Its echo was filtered while it was away: it would stay down for ever."""
    dead, _ = after(clean, cut(305.0, 7))
    told, signs = after(dead, [snmp(400.0, OK)])
    back, more = after(told, [lane(401.0, OK), lane(402.0, OK), lane(403.0, OK)])

    assert ([Sign.FILTERED], True, Vitality.DEAD) == (signs, told.is_filtered, told.vitality)
    assert ([Sign.BACK], True, 401.0) == (more, back.is_filtered, back.since_s)


def test_what_was_asked_before_the_latest_miss_does_not_bring_the_dead_back(clean):
    """A poll takes long: its answer may be older than the silence of the line."""
    dead, _ = after(clean, cut(305.0, 7))

    assert (dead, None) == step(dead, snmp(304.0, OK))
    assert (dead, None) == step(dead, lane(311.0, OK))


def test_snmp_of_the_dead_says_nothing_once_its_echo_is_answered(clean):
    dead, _ = after(clean, cut(305.0, 7))
    life, signs = after(dead, [lane(400.0, OK), snmp(400.5, OK), lane(401.0, OK), lane(402.0, OK)])

    assert ([Sign.BACK], False) == (signs, life.is_filtered)


def test_a_miss_of_a_fresh_probe_begins_a_silence_and_adds_nothing_to_one(clean):
    """However many sites behind it fall, and each asks it afresh: it is judged by its own lane."""
    begun, signs = after(clean, [fresh(301.0, FAIL)])
    more, nothing = after(begun, [fresh(301.0 + n / 10, FAIL) for n in range(1, 60)])

    assert ([Sign.SILENT], 1, 301.0) == (signs, begun.misses, begun.silent_since_s)
    assert ([], begun) == (nothing, more)
    assert [Sign.DEAD] == after(more, [lane(302.0 + n, FAIL) for n in range(6)])[1]


def test_an_answer_to_a_fresh_probe_ends_a_silence(clean):
    life, signs = after(clean, [*cut(305.0, 3), fresh(307.5, OK)])

    assert ([Sign.SILENT, Sign.HEARD], 0) == (signs, life.lane_misses)


def test_a_miss_that_shows_after_a_later_answer_begins_nothing(clean):
    """It takes a second to show."""
    life, signs = after(clean, [fresh(305.5, OK), slot(305.0, FAIL)])

    assert ([], None, 1) == (signs, life.silent_since_s, life.window.missed)


def test_a_miss_before_anything_was_heard_is_a_silence_too():
    dead, signs = after(Life(), [lane(5.0 + n, FAIL) for n in range(24)])

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert (5.0, None) == (dead.since_s, dead.good_s)


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


def test_the_misses_of_an_outage_do_not_weigh_on_the_line(clean):
    """Else a short outage would make the line look lossy, and the next one be found later."""
    dead, _ = after(clean, cut(305.0, 40))
    back, _ = after(dead, [lane(400.0 + n, OK) for n in range(3)])

    assert 0 == dead.window.missed == back.window.missed


def test_after_a_long_outage_the_line_is_not_known_any_more(clean):
    dead, _ = after(clean, cut(305.0, 7))
    back, _ = after(dead, [lane(2000.0 + n, OK) for n in range(3)])

    assert 0 == back.window.slots


@pytest.mark.parametrize(
    ("probes", "now_s", "expected"),
    [
        ([], 301.0, None),
        (cut(305.0, 1), 306.0, 1.0),
        (cut(305.0, 7), 330.0, 1.0),
        (cut(305.0, 7), 311.0 + EAGER_S - 1, 1.0),
        (cut(305.0, 7), 311.0 + EAGER_S, None),
        ([*cut(305.0, 7), lane(900.0, OK)], 901.0, 1.0),
        ([*cut(305.0, 7), lane(900.0, OK), lane(901.0, FAIL)], 902.0, None),
    ],
    ids=["well", "silent", "just dead", "dead for a minute", "dead for longer", "coming back", "not coming back"],
)
def test_it_is_asked_every_second_while_something_is_undecided(clean, probes, now_s, expected):
    assert expected == retry_after_s(after(clean, probes)[0], now_s)


def test_what_was_missed_before_the_way_came_back_counts_no_more(clean):
    dead, _ = after(clean, cut(305.0, 60))
    anew = begin_anew(dead)
    silent, _ = after(anew, [fresh(4000.0, FAIL)])

    assert 0 == anew.misses
    assert 1.0 == retry_after_s(anew, 4000.0)
    assert (1, 4000.0) == (silent.misses, silent.silent_since_s)


def test_of_what_was_forgotten_only_the_filter_and_the_last_answer_are_known(filtered):
    """The last answer dates how long before its first miss a silence may have begun."""
    assert Life(good_s=filtered.good_s, is_filtered=True) == forgotten(filtered)


def tcp(begun_s, verdict):
    return Probe(begun_s, verdict, Kind.MANAGEMENT)


@pytest.fixture
def mgmt_only(clean):
    """The same, since 305 s without an answer to echo and SNMP; TCP is taken each time."""
    probes = [
        probe
        for n in range(7)
        for probe in (lane(305.0 + n, FAIL), snmp(305.1 + n, FAIL), tcp(305.1 + n, OK))
    ]  # fmt: skip
    life, signs = after(clean, probes)
    assert Sign.MGMT_ONLY is signs[-1]
    assert 1 == signs.count(Sign.MGMT_ONLY)
    return life


def test_what_takes_a_connection_alone_lives_and_nothing_stands_for_its_lane(mgmt_only):
    assert (Vitality.ALIVE, True, False) == (mgmt_only.vitality, mgmt_only.is_mgmt_only, mgmt_only.is_filtered)
    assert None is mgmt_only.silent_since_s


@pytest.mark.parametrize("probe", [lane(320.0, OK), snmp(320.0, OK), slot(320.0, OK)], ids=["echo", "snmp", "slot"])
def test_any_other_answer_ends_it_at_once(mgmt_only, probe):
    life, signs = after(mgmt_only, [probe])

    assert ([Sign.HEARD], False, 0) == (signs, life.is_mgmt_only, life.lane_misses)


def test_a_connection_now_and_then_does_not_end_it(mgmt_only):
    life, signs = after(mgmt_only, [lane(320.0, FAIL), tcp(320.1, OK), lane(325.0, FAIL), tcp(325.1, OK)])

    assert [Sign.SILENT, Sign.HEARD] * 2 == signs
    assert life.is_mgmt_only


def test_it_is_called_down_when_connections_fail_as_well(mgmt_only):
    """Its misses meanwhile told nothing of the line: it needs as many as one that is not known."""
    probes = [probe for n in range(24) for probe in (lane(320.0 + n, FAIL), tcp(320.1 + n, FAIL))]
    life, signs = after(mgmt_only, probes)

    assert [Sign.SILENT, Sign.DEAD] == signs
    assert 320.0 == life.since_s


def test_one_connection_brings_the_dead_back(clean):
    """Its echo and its agent may be silent for good: three replies in a row would never come."""
    dead, _ = after(clean, cut(305.0, 7))
    stale, none = after(dead, [tcp(310.5, OK)])
    back, signs = after(stale, [tcp(400.0, OK)])

    assert (Vitality.DEAD, []) == (stale.vitality, none)
    assert ([Sign.BACK], Vitality.ALIVE, True, 400.0) == (signs, back.vitality, back.is_mgmt_only, back.since_s)
