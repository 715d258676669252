"""What a device says of itself beside its ports: learnt by walks, asked by GET, and never at the expense of ports."""

import asyncio
from typing import Any

import pytest

from tests.poller.one_device import Scene, values
from tests.poller.scripted import SYSTEM, column, library, router
from wanmon.model.reason import Reason
from wanmon.poller.device.equipment import ANEW_EVERY
from wanmon.poller.device.sensors import UNREAD, Reading
from wanmon.poller.jobs import Task
from wanmon.protocols.snmp.types import Oid, Value

ENTITY = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
SENSOR = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)
PROCESSOR = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)
STORAGE = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
UPS = (1, 3, 6, 1, 2, 1, 33, 1)
ROUTE = (1, 3, 6, 1, 2, 1, 4)
RAM = (1, 3, 6, 1, 2, 1, 25, 2, 1, 2)


def equipped() -> Scene:
    """A router of no known vendor with a chassis, a processor, memory and a sensor."""
    agent = router()
    agent.table |= column((*ENTITY, 5), {1: 11, 2: 3, 9: 8})
    agent.table |= column((*ENTITY, 7), {1: b"stack", 2: b"chassis", 9: b"inlet"})
    agent.table |= column((*ENTITY, 11), {1: b"", 2: b"S123", 9: b""})
    agent.table |= column((*ENTITY, 12), {1: b"", 2: b"Acme", 9: b""})
    agent.table |= column((*ENTITY, 13), {1: b"", 2: b"A-1", 9: b""})
    for number, value in ((1, 8), (2, 9), (3, 1), (4, 255), (5, 1)):
        agent.table[(*SENSOR, number, 9)] = value
    agent.table |= column(PROCESSOR, {5: 17})
    for number, value_of in ((2, RAM), (3, b"RAM"), (4, 1024), (5, 100), (6, 30)):
        agent.table[(*STORAGE, number, 1)] = value_of
    agent.table[(*ROUTE, 21, 1, 2, 0, 0, 0, 0)] = 2
    return Scene(agent)


def settled(scene: Scene) -> Scene:
    """The first poll, and the slow one that walks once more."""
    scene.read()
    scene.read(Task.SLOW)
    return scene


def test_identity_sensors_and_the_default_route_come_with_the_first_poll():
    scene = equipped()
    result = scene.read()

    assert ("Acme", "A-1", "S123") == (result.identity.vendor, result.identity.model, result.identity.serial)
    assert (Reading("5", 0.17),) == result.health.cpu
    assert (Reading("inlet", 25.5),) == result.health.temperature
    assert [("RAM", 30 * 1024, 100 * 1024)] == [tuple(amount) for amount in result.health.memory]
    assert 2 == result.default_route
    assert (None, "", ["eth1", "eth2"]) == (result.reason, result.detail, [port.name for port in result.ports])


def test_in_between_only_the_readings_are_asked_and_nothing_with_the_ports():
    scene = settled(equipped())
    agent = scene.agents[0]
    agent.asked.clear()
    fast = scene.read()

    assert ["read"] == [kind for kind, _ in agent.asked]
    assert (Reading("5", 0.17),) == fast.health.cpu

    agent.asked.clear()
    agent.table[(*PROCESSOR, 5)] = 42
    agent.table[(*ENTITY, 7, 9)] = b"renamed"
    slow = scene.read(Task.SLOW)
    walked = [oid for oid in agent.walked() if oid[:7] in (ENTITY[:7], SENSOR[:7], PROCESSOR[:7])]

    assert [] == walked
    assert (Reading("5", 0.42),) == slow.health.cpu
    assert (Reading("inlet", 25.5),) == slow.health.temperature


def test_what_an_agent_did_not_know_when_it_had_just_started_is_found_with_the_next_slow_poll():
    """net-snmp tells the load of its processors from its second minute on."""
    scene = equipped()
    del scene.agents[0].table[*PROCESSOR, 5]

    assert () == scene.read().health.cpu

    scene.agents[0].table[*PROCESSOR, 5] = 17

    assert (Reading("5", 0.17),) == scene.read(Task.SLOW).health.cpu


def test_all_is_walked_anew_once_an_hour():
    scene = settled(equipped())
    scene.agents[0].table[(*ENTITY, 7, 9)] = b"renamed"
    names = [scene.read(Task.SLOW).health.temperature[0].name for _ in range(ANEW_EVERY)]

    assert ["inlet"] * (ANEW_EVERY - 1) + ["renamed"] == names


def test_health_is_the_same_object_while_nothing_changed():
    """What was rendered of it is not rendered again."""
    scene = settled(equipped())
    first = scene.read()

    assert first.health is scene.read(Task.SLOW).health
    assert first.health is scene.read().health


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.TIMEOUT, Reason.MALFORMED])
def test_a_failing_sensor_table_throws_no_port_away(reason: Reason):
    """And it makes no site degraded: the ports were read whole."""
    scene = equipped()
    scene.agents[0].chokes_on = {SENSOR: reason}
    result = scene.read()

    assert (None, 2) == (result.reason, len(result.ports))
    assert {"eth1": 1, "eth2": 1} == values(result, "oper_status")
    assert () == result.health.temperature
    assert result.detail.startswith("entPhySensorValue: ")
    assert (Reading("5", 0.17),) == result.health.cpu


def test_what_failed_is_asked_again_with_the_slow_group():
    scene = equipped()
    scene.agents[0].chokes_on = {SENSOR: Reason.TIMEOUT}
    scene.read()
    scene.agents[0].chokes_on = {}

    assert () == scene.read().health.temperature
    assert (Reading("inlet", 25.5),) == scene.read(Task.SLOW).health.temperature
    assert "" == scene.read().detail


def test_a_lost_answer_does_not_rename_a_device():
    scene = equipped()
    scene.read()
    scene.agents[0].chokes_on = {ENTITY: Reason.TIMEOUT}
    identities = {scene.read(Task.SLOW).identity.serial for _ in range(ANEW_EVERY + 1)}

    assert {"S123"} == identities


def test_a_reading_that_does_not_come_is_not_shown_as_current():
    scene = settled(equipped())
    scene.agents[0].lost = {(*PROCESSOR, 5)}
    result = scene.read(Task.SLOW)

    assert ((), (Reading("inlet", 25.5),)) == (result.health.cpu, result.health.temperature)

    scene.agents[0].lost = set()

    assert (Reading("5", 0.17),) == scene.read(Task.SLOW).health.cpu


def test_a_cancelled_walk_leaves_what_was_known():
    """A UPS is asked with every poll: its places must not be looked up in a walk that was cut off."""
    scene = settled(ups())
    agent = scene.agents[0]
    original = agent.get

    async def cut(oids: Any, deadline_s: float | None = None) -> Any:
        if UPS == oids[0][: len(UPS)]:
            raise asyncio.CancelledError
        return await original(oids, deadline_s)

    agent.get = cut  # type: ignore[method-assign]
    for _ in range(ANEW_EVERY - 1):
        scene.read(Task.SLOW)
    with pytest.raises(asyncio.CancelledError):
        scene.read(Task.SLOW)
    agent.get = original  # type: ignore[method-assign]

    assert (Reading("0", 1.0),) == scene.read().health.battery_charge


def ups() -> Scene:
    agent = router(ports=1)
    agent.table[(*SYSTEM, 2, 0)] = (1, 3, 6, 1, 2, 1, 33)
    given: dict[Oid, Value] = {
        (*UPS, 1, 1, 0): b"Acme", (*UPS, 1, 2, 0): b"UPS 1", (*UPS, 1, 3, 0): b"1.0",
        (*UPS, 2, 3, 0): 20, (*UPS, 2, 4, 0): 100, (*UPS, 4, 1, 0): 3,
    }  # fmt: skip
    agent.table |= given
    return Scene(agent)


def test_a_ups_tells_with_every_poll_whether_it_runs_from_its_battery():
    scene = ups()
    before = scene.read()
    scene.agents[0].asked.clear()
    scene.agents[0].table |= {(*UPS, 4, 1, 0): 5, (*UPS, 2, 3, 0): 19}
    after = scene.read()

    assert "ups" == before.profile
    assert ((Reading("0", 0.0),), (Reading("0", 1200.0),)) == (before.health.on_battery, before.health.battery_runtime)
    assert ((Reading("0", 1.0),), (Reading("0", 1140.0),)) == (after.health.on_battery, after.health.battery_runtime)
    assert ["read", "read"] == [kind for kind, _ in scene.agents[0].asked]


def test_a_device_without_anything_is_asked_no_more_than_shows_it():
    scene = Scene(router())
    result = scene.read()
    asked = [oid for oid in scene.agents[0].walked() if oid[:7] not in ((1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31))]

    assert UNREAD == result.health
    assert (None, "") == (result.reason, result.detail)
    assert len(asked) <= 8


@pytest.mark.parametrize(
    ("expected", "table"),
    [
        (3, {(*ROUTE, 21, 1, 2, 0, 0, 0, 0): 3, (*ROUTE, 24, 4, 1, 5, *(0,) * 8, 10, 0, 0, 1): 2}),
        (2, {(*ROUTE, 24, 4, 1, 5, *(0,) * 8, 10, 0, 0, 1): 2}),
        (2, {(*ROUTE, 24, 4, 1, 5, *(0,) * 8, 10, 0, 0, 1): 0, (*ROUTE, 24, 4, 1, 5, *(0,) * 8, 10, 0, 0, 2): 2}),
        (2, {(*ROUTE, 24, 7, 1, 7, 1, 4, 0, 0, 0, 0, 0, 2, 0, 0, 1, 4, 10, 0, 0, 1): 2}),
        (2, {(*ROUTE, 24, 7, 1, 7, 2, 16, *(0,) * 16, 0, 2, 0, 0, 2, 16, *(1,) * 16): 2}),
        (None, {(*ROUTE, 24, 7, 1, 7, 1, 4, 10, 0, 0, 0, 8, 2, 0, 0, 1, 4, 10, 0, 0, 1): 2}),
        (None, {(*ROUTE, 24, 4, 1, 5, 0, 0, 0, 0, 255, 0, 0, 0, 0, 10, 0, 0, 1): 2}),
        (None, {(*ROUTE, 21, 1, 2, 0, 0, 0, 0): b"eth1"}),
        (None, {}),
    ],
    ids=["RFC 1213", "RFC 2096", "without a port", "RFC 4292", "IPv6", "another route", "another mask", "text", "none"],
)
def test_the_default_route_is_found_in_whatever_table_has_it(expected: int | None, table: dict[Oid, Value]):
    agent = router()
    agent.table |= table

    assert expected == Scene(agent).read().default_route


def test_a_profile_of_ones_own_reads_what_it_names(tmp_path: Any):
    (tmp_path / "acme.yaml").write_text(
        """
profile: acme
title: Acme
verified: false
include: [if-mib]
match: {sys_object_id: [1.3.6.1.4.1.99999]}
objects:
  acmeSerial: {oid: 1.3.6.1.4.1.99999.1.0, syntax: text}
  acmeLoad: {oid: 1.3.6.1.4.1.99999.2.1, syntax: integer, unit: percent}
identity: {serial: {from: acmeSerial}}
sensors: {cpu: [{value: acmeLoad, group: fast}]}
""",
        encoding="utf-8",
    )
    agent = router()
    agent.table |= {(1, 3, 6, 1, 4, 1, 99999, 1, 0): b"X1", (1, 3, 6, 1, 4, 1, 99999, 2, 1, 4, 5): 50}
    scene = Scene(agent)
    own = library(tmp_path)
    assert () == own.problems
    scene.reader._library = own
    result = scene.read()

    assert ("acme", "X1", (Reading("4.5", 0.5),)) == (result.profile, result.identity.serial, result.health.cpu)
