"""What the real poller makes of a simulated province: every trouble that it must tell apart from the others."""

import pytest

from tests.lab.scenes import (
    AGENCY,
    BOTH,
    COMMUNE,
    EXAMPLE,
    FARM,
    HUB,
    NORTH,
    SOUTH,
    all_states,
    few,
    outages,
    play,
    run,
    script,
    states,
    told,
)
from wanmon.health.intervals import Span
from wanmon.lab.outcome import examine, history, span_of
from wanmon.lab.verdict import Ruling, figures_of
from wanmon.model.cause import Cause
from wanmon.model.state import State

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State


def test_a_province_that_is_cut_off_whole_while_our_gateway_answers_is_177_outages(tmp_path):
    """All districts may fall at once: that is no reason to think that it is rather we who are cut off."""
    cut = {"at": "3m", "for": "90s", "fault": "cut_below", "site": HUB}
    played = run(tmp_path, script(cut, days=0.0038), EXAMPLE).play()
    found = outages(played)
    afterwards = [state for site in EXAMPLE.sites for state in list(states(played, site))]

    assert 177 == len(found) == len({outage.site for outage in found})
    assert (51, 126) == (sum(o.state is DOWN for o in found), sum(o.state is UNREACHABLE for o in found))
    assert UNKNOWN not in afterwards
    assert () == examine(played).false + examine(played).missed


@pytest.mark.parametrize("canaries", [True, False], ids=["with canaries", "without"])
def test_a_monitor_that_is_unplugged_charges_nobody_with_a_second(tmp_path, canaries):
    unplugged = {"at": "20m", "for": "20m", "fault": "unplug_monitor"}
    played = play(tmp_path, unplugged, days=0.05, canaries=canaries)
    with played.database.read() as session:
        figures = {site: figures_of(history(session, site), span_of(played)) for site in few().sites}

    assert [] == outages(played)
    assert {1.0} == {figure.site for figure in figures.values()}
    assert all(1195 <= figure.for_site.seconds[UNKNOWN] - 5 <= 1215 for figure in figures.values())


def test_while_nobody_polls_nothing_is_known_and_nothing_is_lost(tmp_path):
    played = play(tmp_path, {"at": "20m", "for": "10m", "fault": "stop_poller"}, days=0.05)
    with played.database.read() as session:
        figures = figures_of(history(session, AGENCY), span_of(played))

    assert [] == outages(played)
    assert 600 == pytest.approx(figures.for_site.seconds[UNKNOWN], abs=8)
    assert figures.coverage == pytest.approx(1 - 600 / 4320, abs=0.003)


def test_an_outage_goes_on_through_a_restart_of_the_poller(tmp_path):
    """What was said before the cut is read back from the database: the cause is known all the same."""
    played = play(
        tmp_path,
        {"at": "20m", "for": "1h", "fault": "cut", "site": COMMUNE},
        {"at": "30m", "for": "10m", "fault": "stop_poller"},
        {"at": "25m", "for": "30m", "fault": "power_cut", "site": FARM},
        days=0.1,
    )

    assert [(COMMUNE, "carrier_path"), (FARM, "power_or_reboot")] == told(played)


def test_what_fell_while_nobody_watched_is_charged_to_the_monitor(tmp_path):
    played = play(
        tmp_path,
        {"at": "20m", "for": "10m", "fault": "stop_poller"},
        {"at": "25m", "for": "20m", "fault": "cut", "site": COMMUNE},
        days=0.05,
    )

    assert [(COMMUNE, "monitor")] == told(played)
    assert [Ruling.RIGHT] == [each.ruling for each in examine(played).judged]


def test_each_trouble_is_put_down_to_what_it_was(tmp_path):
    played = play(
        tmp_path,
        {"at": "30m", "for": "10m", "fault": "cut", "site": COMMUNE},
        {"at": "30m", "for": "10m", "fault": "power_cut", "site": FARM},
        {"at": "30m", "for": "10m", "fault": "port_pull", "site": BOTH},
        {"at": "30m", "fault": "agent_restart", "site": AGENCY},
        {"at": "60m", "for": "40m", "fault": "cut", "site": NORTH},
        {"at": "80m", "fault": "reboot", "site": NORTH},
        days=0.1,
    )
    expected = [
        (NORTH, "carrier_path"),  # the staff switched it off and on in the middle
        (COMMUNE, "carrier_path"),
        (COMMUNE, "upstream"),
        (FARM, "power_or_reboot"),
        (BOTH, "handoff"),
    ]

    assert expected == told(played)


def test_a_reboot_while_nobody_polled_is_found_afterwards(tmp_path):
    played = play(
        tmp_path,
        {"at": "20m", "for": "10m", "fault": "stop_poller"},
        {"at": "22m", "fault": "reboot", "site": AGENCY},
        days=0.04,
    )

    assert [(AGENCY, "silent_reboot")] == told(played)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_is_set_makes_no_outage_and_no_counter_fall(tmp_path, seconds):
    before: dict[str, tuple[float, ...]] = {}
    falls = []

    def ticked(watch):
        for site, counted in watch.pipeline.board.seconds.items():
            falls.extend(a for a, b in zip(counted.by_state, before.get(site, (0.0,) * 5), strict=True) if a < b)
            before[site] = counted.by_state

    played = run(
        tmp_path,
        script(
            {"at": "10m", "fault": "reboot", "site": FARM},
            {"at": "30m", "fault": "clock_step", "seconds": seconds},
            days=0.06,
        ),
    ).play(ticked)

    assert [(FARM, "power_or_reboot")] == told(played)
    assert [] == falls


def test_outages_are_told_apart_that_lie_at_one_wall_time_because_the_clock_was_set_back(tmp_path):
    """The poller follows it when it is started anew: from then on an hour of its history lies upon another."""
    verdict = examine(
        play(
            tmp_path,
            {"at": "20m", "for": "10m", "fault": "cut", "site": AGENCY},
            {"at": "65m", "fault": "clock_step", "seconds": -3600},
            {"at": "70m", "for": "1m", "fault": "stop_poller"},
            {"at": "80m", "for": "10m", "fault": "power_cut", "site": AGENCY},
            days=0.08,
        )
    )

    assert [Cause.CARRIER_PATH, Cause.POWER_OR_REBOOT] == [each.recorded.cause for each in verdict.judged]
    assert verdict.judged == verdict.ruled(Ruling.RIGHT)
    assert () == verdict.missed


def test_an_uptime_that_wraps_is_no_reboot(tmp_path):
    wraps = {"at": "30m", "fault": "uptime_wrap", "sites": [AGENCY, NORTH]}
    played = play(tmp_path, wraps, days=0.05)

    assert [] == outages(played)


def test_a_line_that_flaps_falls_as_often_as_it_does(tmp_path):
    flaps = {"at": "30m", "for": "20m", "fault": "flap", "site": COMMUNE, "seconds": 120}
    verdict = examine(play(tmp_path, flaps, days=0.05))

    assert (10, 10) == (len(verdict.real), len(verdict.judged))
    assert all(each.ruling is Ruling.RIGHT and each.recorded.cause is Cause.HANDOFF for each in verdict.judged)


def test_a_line_that_loses_a_third_of_everything_for_hours_is_degraded_and_never_down(tmp_path):
    lossy = {"at": "20m", "for": "4h", "fault": "loss", "site": AGENCY, "ratio": 0.3}
    played = play(tmp_path, lossy, days=0.2)

    assert {UP, DEGRADED} == states(played, AGENCY)
    assert [] == outages(played)


def test_a_line_that_is_slow_and_an_agent_that_is_silent_degrade(tmp_path):
    played = play(
        tmp_path,
        {"at": "20m", "for": "20m", "fault": "slow", "site": AGENCY},
        {"at": "20m", "for": "20m", "fault": "agent_down", "site": COMMUNE},
        {"at": "20m", "for": "20m", "fault": "filter_echo", "site": FARM},
        {"at": "20m", "for": "20m", "fault": "port_pull", "site": SOUTH, "port": "wan1"},
        days=0.05,
    )

    assert [{UP, DEGRADED}] * 2 == [states(played, site) for site in (AGENCY, COMMUNE)]
    assert {UP} == states(played, FARM)
    assert {UP, DEGRADED} == states(played, SOUTH)
    assert [] == outages(played)


def test_with_two_ways_to_the_hub_a_site_outlives_either(tmp_path):
    played = play(
        tmp_path,
        {"at": "20m", "for": "20m", "fault": "cut", "site": SOUTH},
        {"at": "60m", "for": "20m", "fault": "cut", "site": BOTH, "toward": NORTH},
        days=0.07,
    )

    assert [(SOUTH, "carrier_path"), (FARM, "upstream")] == told(played)
    assert {UP} == states(played, BOTH)


def test_when_both_ways_are_dead_both_are_its_roots(tmp_path):
    cut = {"at": "20m", "for": "20m", "fault": "cut", "sites": [NORTH, SOUTH]}
    verdict = examine(play(tmp_path, cut, days=0.05))
    of_both = [each for each in verdict.judged if each.recorded.site == BOTH]

    assert [UNREACHABLE] == [each.recorded.state for each in of_both]
    assert verdict.judged == verdict.ruled(Ruling.RIGHT)


def test_a_power_cut_above_and_a_cut_below_are_told_apart_when_the_power_is_back(tmp_path):
    """Unreachable while its way is cut; down from when that is back and it is not."""
    played = play(
        tmp_path,
        {"at": "20m", "for": "20m", "fault": "power_cut", "site": NORTH},
        {"at": "30m", "for": "30m", "fault": "cut", "site": COMMUNE},
        days=0.06,
    )
    found = [(outage.state, outage.cause) for outage in outages(played) if outage.site == COMMUNE]

    assert [(UNREACHABLE, Cause.UPSTREAM), (DOWN, Cause.CARRIER_PATH)] == found
    assert () == examine(played).missed_openings


def test_a_carrier_that_fails_takes_nobody_who_has_another(tmp_path):
    cut = {"at": "20m", "for": "20m", "fault": "carrier_cut", "carrier": "VIETTEL"}
    found = {site for site, _ in told(play(tmp_path, cut, days=0.05))}
    alone = {each.site for each in few().circuits.values() if each.carrier == "VIETTEL"} - {NORTH, SOUTH}

    assert alone == found


def test_sagging_voltage_is_told_as_power_each_time(tmp_path):
    sags = {"at": "20m", "for": "20m", "fault": "brown_out", "site": FARM}

    assert [(FARM, "power_or_reboot")] * 4 == told(play(tmp_path, sags, days=0.05))


def test_whoever_polls_sees_no_more_than_was_there(tmp_path):
    """A quiet day: no transition but the first, and every second of it counted as up."""
    played = play(tmp_path, days=1)
    span = Span(*span_of(played))
    with played.database.read() as session:
        figures = [figures_of(history(session, site), span) for site in few().sites]

    assert {UNKNOWN, UP} >= set(all_states(played))
    assert all(figure.for_site.seconds[UP] > 86_400 - 6 for figure in figures)
