"""Who answers what in a simulated world, and what devices tell of their own past."""

from itertools import pairwise
from typing import Any

import pytest

from tests.lab.scenes import AGENCY, BOTH, COMMUNE, FARM, HUB, NORTH, SOUTH, few, script
from wanmon.health.uptime import WRAP, restarted
from wanmon.lab.asking import Asking
from wanmon.lab.course import START_S
from wanmon.lab.plot import course_of
from wanmon.lab.truth import outages, watched
from wanmon.lab.world import World
from wanmon.model.cause import Cause
from wanmon.model.device import Device
from wanmon.model.inventory import Inventory
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.jobs import Job, LivenessResult, PollResult, Task
from wanmon.poller.targets import canary_name, device_target

CANARIES = ("10.27.0.254",)
EPOCH_S = 1_772_384_400.0
MINUTE_S = 60.0


def world(*events: dict[str, Any], inventory: Inventory | None = None, seed: int = 1) -> World:
    known = inventory or few()
    course = course_of(script(*events, seed=seed), known, START_S + 86_400)
    return World(known, course, seed=seed, epoch_s=EPOCH_S, canaries=CANARIES)


def at(minutes: float) -> float:
    return START_S + minutes * MINUTE_S


def echoed(of: World, site: str, minutes: float) -> bool:
    return of.echo(f"{site}-R1", at(minutes)) is not None


def answering(of: World, minutes: float) -> set[str]:
    return {site for site in of.inventory.sites if echoed(of, site, minutes)}


EVERYBODY = {HUB, NORTH, SOUTH, COMMUNE, FARM, BOTH, AGENCY}


@pytest.mark.parametrize(
    ("trouble", "silent"),
    [
        ({"fault": "cut", "site": AGENCY}, {AGENCY}),
        ({"fault": "cut", "site": SOUTH}, {SOUTH, FARM}),
        ({"fault": "cut", "sites": [NORTH, SOUTH]}, {NORTH, SOUTH, COMMUNE, FARM, BOTH}),
        ({"fault": "cut", "site": BOTH, "toward": NORTH}, set()),
        ({"fault": "power_cut", "site": NORTH}, {NORTH, COMMUNE}),
        ({"fault": "cut_below", "site": HUB}, EVERYBODY - {HUB}),
        ({"fault": "power_cut", "site": HUB}, EVERYBODY),
        ({"fault": "port_pull", "site": SOUTH, "port": "wan1"}, set()),
        ({"fault": "port_pull", "site": SOUTH}, {SOUTH, FARM}),
        ({"fault": "filter_echo", "site": AGENCY}, {AGENCY}),
        ({"fault": "agent_down", "site": AGENCY}, set()),
        ({"fault": "unplug_monitor"}, EVERYBODY),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_site_is_silent_when_every_way_to_it_is_broken(trouble, silent):
    broken = world({"at": "10m", "for": "10m", **trouble})

    assert EVERYBODY == answering(broken, 9)
    assert EVERYBODY - silent == answering(broken, 15)


def test_a_canary_is_silent_only_when_our_own_uplink_is_unplugged():
    alone = world({"at": "10m", "for": "10m", "fault": "cut_below", "site": HUB})
    unplugged = world({"at": "10m", "for": "10m", "fault": "unplug_monitor"})
    canary = canary_name(CANARIES[0])

    assert alone.echo(canary, at(15)) is not None
    assert unplugged.echo(canary, at(15)) is None


def test_a_line_loses_the_share_that_it_should_and_the_same_in_every_run():
    def lost(seed: int) -> list[bool]:
        lossy = world({"at": "0m", "for": "5h", "fault": "loss", "site": SOUTH, "ratio": 0.3}, seed=seed)
        return [lossy.echo(f"{FARM}-R1", at(n / 60)) is None for n in range(10_000)]

    assert lost(1) == lost(1) != lost(2)
    assert 0.3 == pytest.approx(sum(lost(1)) / 10_000, abs=0.02)


def test_an_echo_and_an_snmp_request_of_one_instant_are_lost_apart():
    lossy = world({"at": "0m", "for": "5h", "fault": "loss", "site": AGENCY, "ratio": 0.5})
    instants = [at(n / 60) for n in range(4_000)]
    device = f"{AGENCY}-R1"
    both = sum(lossy.echo(device, at_s) is None and lossy.snmp(device, at_s) is None for at_s in instants)

    assert 0.25 == pytest.approx(both / 4_000, abs=0.04)


def test_a_machine_that_lost_its_power_counts_from_zero_and_an_agent_alone_does_too():
    broken = world(
        {"at": "10m", "for": "10m", "fault": "power_cut", "site": FARM},
        {"at": "10m", "fault": "agent_restart", "site": AGENCY},
    )
    farm, agency = broken.past(f"{FARM}-R1"), broken.past(f"{AGENCY}-R1")

    assert farm.uptime(at(30)) < farm.machine_uptime(at(30)) == 60_000
    assert 119_500 == agency.uptime(at(30))
    assert not restarted(agency.machine_uptime(at(9)), agency.machine_uptime(at(30)), 21 * MINUTE_S)


def test_an_uptime_wraps_when_it_is_told_to():
    wraps = world({"at": "10m", "fault": "uptime_wrap", "site": FARM})
    past = wraps.past(f"{FARM}-R1")

    assert (WRAP - 6_000, 6_000) == (past.uptime(at(9)), past.uptime(at(11)))
    assert not restarted(past.uptime(at(9)), past.uptime(at(11)), 2 * MINUTE_S)


def test_a_port_tells_when_it_dropped_and_not_what_lies_beyond_it():
    broken = world(
        {"at": "10m", "for": "10m", "fault": "port_pull", "site": FARM},
        {"at": "10m", "for": "10m", "fault": "cut", "site": COMMUNE},
    )
    for site, changed in ((FARM, True), (COMMUNE, False)):
        past = broken.past(f"{site}-R1")
        port = past.ports[0]

        assert changed is (past.last_change(port, at(30)) != past.last_change(port, at(9)))
        assert changed is not port.is_up(at(15))


@pytest.mark.parametrize("is_narrow", [True, False])
def test_octets_grow_as_the_line_carries_them(is_narrow):
    """Some agents have 32 bits only, and wrap."""
    known = world()
    pasts = [known.past(f"{site}-R1") for site in few().sites if few().circuits]
    past = next(each for each in pasts if each.is_narrow is is_narrow and each.ports)
    modulus = 2**32 if is_narrow else 2**64
    counted = [past.octets(past.ports[0].receive, at(n / 2)) for n in range(200)]
    steps = [(b - a) % modulus for a, b in pairwise(counted)]

    assert all(0 <= octets * 8 / 30 <= 500_000_000 for octets in steps)
    assert max(counted) < modulus


def asked(of: World, asking: Asking, site: str, task: Task, minutes: float) -> tuple[Any, float]:
    row = of.inventory.devices[f"{site}-R1"]
    target = device_target(of.inventory, Device.model_validate({**row.model_dump(), "id": 1}))
    return asking.ask(Job(task, target, 24.0), at(minutes))


def test_a_poll_brings_what_a_real_one_would():
    broken = world({"at": "10m", "fault": "reboot", "site": SOUTH})
    asking = Asking(broken)
    first, _ = asked(broken, asking, SOUTH, Task.FAST, 1)
    second, _ = asked(broken, asking, SOUTH, Task.FAST, 2)
    slow, _ = asked(broken, asking, SOUTH, Task.SLOW, 3)
    silent, ended_s = asked(broken, asking, SOUTH, Task.FAST, 10.1)
    again, _ = asked(broken, asking, SOUTH, Task.FAST, 15)

    assert isinstance(first, PollResult)
    assert (["wan0", "wan1"], None) == ([port.name for port in first.ports], first.changed)
    assert [True, False, True] == [each.host_uptime is not None for each in (first, second, slow)]
    assert (Reason.TIMEOUT, 6.0) == (silent.reason, pytest.approx(ended_s - at(10.1)))
    assert (True, True) == (again.restarted, again.host_uptime is not None)
    assert first.tells_change


def test_a_probe_waits_a_second_for_who_is_silent():
    broken = world({"at": "10m", "for": "10m", "fault": "cut", "site": FARM})
    well, soon_s = asked(broken, Asking(broken), FARM, Task.LIVENESS, 1)
    silent, late_s = asked(broken, Asking(broken), FARM, Task.EVIDENCE, 15)

    assert isinstance(well, LivenessResult)
    assert (None, "icmp") == (well.observation.reason, well.protocol)
    assert well.rtt_s == pytest.approx(soon_s - at(1))
    assert (Reason.TIMEOUT, "snmp", at(15) + 1) == (silent.observation.reason, silent.protocol, late_s)


def test_the_truth_speaks_as_the_rules_do():
    """Who is down stays down when his parent falls later; who was cut off is down once his parent is back."""
    real = outages(
        world(
            {"at": "10m", "for": "30m", "fault": "cut", "site": FARM},
            {"at": "20m", "for": "10m", "fault": "cut", "site": SOUTH},
            {"at": "60m", "for": "10m", "fault": "cut", "site": NORTH},
            {"at": "65m", "for": "20m", "fault": "port_pull", "site": COMMUNE},
        ),
        at(100),
    )
    told = [(each.site, each.state, each.from_s, each.to_s, each.cause) for each in real]

    assert [
        (FARM, State.DOWN, at(10), at(40), Cause.CARRIER_PATH),
        (SOUTH, State.DOWN, at(20), at(30), Cause.CARRIER_PATH),
        (NORTH, State.DOWN, at(60), at(70), Cause.CARRIER_PATH),
        (COMMUNE, State.UNREACHABLE, at(60), at(70), Cause.UPSTREAM),
        (COMMUNE, State.DOWN, at(70), at(85), Cause.HANDOFF),
    ] == told


def test_what_befalls_ourselves_is_nobodys_outage_and_nobodys_time():
    absent = world(
        {"at": "10m", "for": "10m", "fault": "unplug_monitor"}, {"at": "15m", "for": "15m", "fault": "stop_poller"}
    )

    assert [] == outages(absent, at(60))
    assert [(at(0), at(10)), (at(30), at(60))] == watched(absent, at(60))
