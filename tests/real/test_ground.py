"""The ground itself: what reaches what, and that each fault does what it says and nothing else.

The tests share one ground; after each of them every fault is undone.
"""

from collections.abc import Iterator

import pytest

from tests.rigs.ground import HUB, SITES, Ground, make_ground
from tests.rigs.ground_deployment import make_ground_province, serve_in
from tests.rigs.netns import existing
from tests.rigs.serving import lives, wait_until

pytestmark = pytest.mark.real

SYS_UP_TIME, SYS_NAME, MACHINE_UP_TIME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.25.1.1.0"
IF_OPER_STATUS, IF_LAST_CHANGE = "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.2.2.1.9"
UP, DOWN = "1", "2"
DISTRICT, COMMUNE, SIBLINGS = "T-0001", "T-0011", ("T-0012", "T-0013")
#: net-snmp knows of its ports what it read at the last multiple of 3 s, asked or not.
READS_PORTS_EVERY_S = 3


@pytest.fixture(autouse=True)
def whole_again(ground) -> Iterator[None]:
    """No test leaves a fault to the next."""
    yield
    ground.mend_everything()


def oper_status(ground: Ground, site: str) -> str:
    """ifOperStatus of the port toward the parent, asked at the router itself."""
    return ground.snmp(site, f"{IF_OPER_STATUS}.{ground.index(site)}", from_inside=True)[0]


def let_it_read_its_ports(ground: Ground, site: str) -> None:
    """Wait until the agent must have read its ports again."""

    def ticks() -> int:
        return int(ground.snmp(site, SYS_UP_TIME, from_inside=True)[0])

    until = ticks() + 100 * READS_PORTS_EVERY_S
    wait_until(lambda: ticks() > until, 2 * READS_PORTS_EVERY_S, "its ports are read")


def test_every_router_answers_echo_and_snmp(ground):
    told = {site: ground.snmp(site, SYS_NAME, SYS_UP_TIME, MACHINE_UP_TIME) for site in SITES}

    assert set(SITES) == ground.answering()
    assert list(SITES) == [name for name, _, _ in told.values()]
    assert all(0 < int(own) < int(machine) for _, own, machine in told.values())


def test_a_commune_cut_off_in_the_middle_is_silent_while_its_port_stays_up_and_its_siblings_answer(ground):
    ground.cut(COMMUNE)

    assert set(SITES) - {COMMUNE} == ground.answering()
    assert [] == ground.snmp(COMMUNE, SYS_UP_TIME)
    let_it_read_its_ports(ground, COMMUNE)
    assert ground.has_carrier(COMMUNE)
    assert UP == oper_status(ground, COMMUNE)


def test_a_district_cut_off_silences_its_communes_too(ground):
    ground.cut(DISTRICT)

    assert set(SITES) - {DISTRICT, COMMUNE, *SIBLINGS} == ground.answering()
    assert all(map(ground.has_carrier, SITES))


def test_a_pulled_port_has_lost_its_carrier_and_what_is_below_comes_back_with_it(ground):
    """Its routes are gone with the port, and must be there again."""
    ground.pull(DISTRICT)

    assert set(SITES) - {DISTRICT, COMMUNE, *SIBLINGS} == ground.answering()
    assert not ground.has_carrier(DISTRICT)
    wait_until(lambda: DOWN == oper_status(ground, DISTRICT), 2 * READS_PORTS_EVERY_S, "its agent sees that")

    ground.mend(DISTRICT)

    wait_until(lambda: set(SITES) == ground.answering(), 10, "all is back")
    assert ground.has_carrier(DISTRICT)
    wait_until(lambda: UP == oper_status(ground, DISTRICT), 2 * READS_PORTS_EVERY_S, "its agent sees that")
    changed = ground.snmp(DISTRICT, f"{IF_LAST_CHANGE}.{ground.index(DISTRICT)}")
    assert 0 < int(changed[0])


def test_the_hub_can_be_cut_off_and_pulled_like_any_other(ground):
    for fault in (ground.cut, ground.pull):
        fault(HUB)
        assert set() == ground.answering()
        ground.mend(HUB)
        wait_until(lambda: set(SITES) == ground.answering(), 10, "all is back")


def test_a_site_that_drops_30_percent_loses_as_much_and_its_counter_agrees(ground):
    """Six hundred echo requests lose 180, give or take five standard deviations."""
    ground.drop(COMMUNE, 30)
    received = ground.echoes(COMMUNE, 600)
    losses = ground.losses(COMMUNE)

    assert 600 * 0.7 == pytest.approx(received, abs=56)
    assert 600 == losses.echoes_arrived
    assert 600 - received == losses.echoes_dropped
    assert 100 == ground.echoes(SIBLINGS[0], 100)


def test_what_a_district_drops_is_what_is_meant_for_itself(ground):
    ground.drop(DISTRICT, 99)

    assert 100 == ground.echoes(COMMUNE, 100)
    assert 0 == ground.losses(DISTRICT).arrived


def test_a_loss_that_is_set_anew_counts_from_zero_and_one_that_is_undone_loses_nothing(ground):
    ground.drop(COMMUNE, 99)
    ground.echoes(COMMUNE, 50)
    ground.drop(COMMUNE, 50)

    assert 0 == ground.losses(COMMUNE).arrived

    ground.undrop(COMMUNE)

    assert 100 == ground.echoes(COMMUNE, 100)


def test_a_site_that_filters_echo_answers_snmp(ground):
    ground.filter_echo(COMMUNE)

    assert set(SITES) - {COMMUNE} == ground.answering()
    assert [COMMUNE] == ground.snmp(COMMUNE, SYS_NAME)

    ground.unfilter(COMMUNE)

    assert set(SITES) == ground.answering()


def test_a_site_whose_agent_was_stopped_answers_echo_alone_until_it_is_started(ground):
    ground.stop_agent(COMMUNE)

    assert [] == ground.snmp(COMMUNE, SYS_UP_TIME)
    assert set(SITES) == ground.answering()

    ground.start_agent(COMMUNE)

    assert [COMMUNE] == ground.snmp(COMMUNE, SYS_NAME)


def test_an_agent_that_was_restarted_counts_its_time_from_zero(ground):
    before = int(ground.snmp(COMMUNE, SYS_UP_TIME)[0])
    ground.restart_agent(COMMUNE)

    assert int(ground.snmp(COMMUNE, SYS_UP_TIME)[0]) < before


def test_a_ground_that_ends_in_an_error_leaves_no_namespace_and_no_agent(ground, need, tmp_path):
    before = existing()
    with pytest.raises(ZeroDivisionError), make_ground(tmp_path, need("snmpd")) as other:
        raise ZeroDivisionError

    assert len(SITES) + 2 == len(before)
    assert before == existing()
    assert [] == [agent for agent in other.agents.values() if lives(agent.process.pid)]


def test_wanmon_serves_in_the_monitors_namespace_and_sees_every_site_up(ground, tmp_path):
    province = make_ground_province(tmp_path)
    with serve_in(ground, province) as served:
        all_up = {f'site="{site}"': 1.0 for site in SITES}
        ready_s = wait_until(served.is_ready, 30, "the first round")

        wait_until(lambda: all_up == served.scrape().of("wanmon_site_up"), 40 - ready_s, "nine sites up")
