"""Another machine in the place of a device: nothing that was learnt of the old one is held against the new one.

Neither address nor port need change for that; a person's word does, which comes as another generation.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.poller.scripted import Agent, Agents, Hands, credential, library, ring, router, target
from tests.poller.simulated import Life, Router, tree
from tests.poller.test_whole import begun
from wanmon.config.settings import SnmpSettings
from wanmon.model.state import State
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, PollResult, Task
from wanmon.poller.targets import DeviceTarget
from wanmon.protocols.snmp.manners import Learnt

DAY_S = 86_400.0
OLD_SERIAL, NEW_SERIAL = "FOC-OLD", "FOC-NEW"


def swapped(old: Router, new: Router, *, is_told: bool = True, within_s: float = 120) -> Life:
    """A life in which the router of C1 is exchanged for another at the same address, booted just then or long ago."""
    life = begun(tree())
    life.routers["C1-R1"] = old
    life.pass_s(within_s)
    life.routers["C1-R1"] = replace(new, booted_s=life.now_s + new.booted_s)
    if is_told:
        life.follow(tree(), generations={"C1-R1": 7})
    life.pass_s(within_s)
    return life


def aged(days: float, **values: Any) -> Router:
    return Router(booted_s=-days * DAY_S, changed_s=-days * DAY_S, **values)


def fresh(**values: Any) -> Router:
    return Router(booted_s=0.0, changed_s=0.0, **values)


def fastest_bps(life: Life) -> float:
    """The highest average of five minutes that was stored of C1's circuit."""
    return max(
        value
        for circuit, _, block in life.kept.days
        if circuit == "C1/1"
        for value in (*block.receive, *block.transmit)
        if value is not None
    )


def test_a_machine_that_is_younger_than_the_one_before_has_not_rebooted():
    """Up for a hundred days, then for seconds: that is another machine, and no outage of the site."""
    life = swapped(aged(100, serial=OLD_SERIAL), fresh(serial=NEW_SERIAL))

    assert [] == life.kept.reboots
    assert [State.UP] == [row.new for row in life.kept.transitions if (row.site, row.circuit) == ("C1", None)]


def test_without_a_word_of_it_the_same_is_a_reboot_where_no_serial_number_tells_otherwise():
    assert 1 == len(swapped(aged(100), fresh(), is_told=False).kept.reboots)


def test_another_serial_number_speaks_for_itself():
    life = swapped(aged(100, serial=OLD_SERIAL), fresh(serial=NEW_SERIAL), is_told=False)

    assert [] == life.kept.reboots
    assert [OLD_SERIAL, NEW_SERIAL] == [identity.serial for name, identity in life.kept.machines if name == "C1-R1"][1:]


@pytest.mark.parametrize(("generations", "is_spanned"), [({"C1-R1": 7}, False), ({}, True)], ids=["told", "not told"])
def test_no_pair_of_counters_spans_two_machines(generations: dict[str, int], is_spanned: bool):
    """Both were switched on at the same time, and the rate between their counters is one that the line could carry."""
    life = begun(tree())
    life.pass_s(120)
    life.routers["C1-R1"].octets += 4_000_000 * 30 / 8
    life.follow(tree(), generations=generations)
    life.pass_s(120)
    life.pipeline.end()

    assert is_spanned is (fastest_bps(life) > 1_050_000)


def test_what_an_earlier_run_has_stored_is_written_over():
    """A poll that came in just before may have stored what the old machine said, after the rows were cleared."""
    life = begun(tree())
    life.follow(tree(), generations={"C1-R1": 7})
    row = life.kept.witnesses[-1]

    assert ("C1-R1", None, None) == (row.device, row.agent_ticks, row.machine_ticks)


def test_an_outage_is_not_laid_to_the_power_because_another_machine_came_out_of_it():
    life = begun(tree())
    life.cut.add("C1")
    life.pass_s(120)
    life.routers["C1-R1"] = Router(booted_s=life.now_s - 60)
    life.follow(tree(), generations={"C1-R1": 7})
    life.cut.clear()
    life.pass_s(120)
    (conclusion,) = [each for each in life.kept.conclusions if each.subject == ("C1", None)]

    assert "unknown" == conclusion.finding.cause


class Place:
    """One address with an agent that can be exchanged, and the executor that asks there."""

    def __init__(self, agent: Agent) -> None:
        self.far = Agents({("10.27.0.1", "wan"): agent})
        self.keys, _ = ring(self.far, Hands(), credential("wan", "3"))
        self.executor = LocalExecutor(self.keys, library(), None, SnmpSettings())

    def exchanged_for(self, agent: Agent) -> None:
        self.far.sessions["10.27.0.1", "wan"] = agent

    def polled(self, asked: DeviceTarget) -> PollResult:
        found: Any = asyncio.run(self.executor.execute(Job(Task.FAST, asked, 30)))
        return found


def test_a_new_machine_is_learnt_anew_and_has_not_restarted():
    first, second = target(), target(generation=7)
    place = Place(router(uptime=100 * 8_640_000))
    place.executor.know({first.name: Learnt(175, 350, bulk=False)})
    before = place.polled(first)
    place.exchanged_for(router(ports=5, uptime=30_000))
    place.executor.forget(first.name)
    after = place.polled(second)

    assert (175, 1400) == tuple(result.manners.limit_bytes for result in (before, after) if result.manners)
    assert (2, 5) == (len(before.ports), len(after.ports))
    assert not after.restarted
    assert [("10.27.0.1", 161)] == place.far.forgotten


def test_a_poll_of_the_old_machine_that_ends_late_teaches_nothing_of_the_new_one():
    """It was under way when the machine was replaced: what it learnt would be kept for the one that came."""
    first = target()
    place = Place(router())

    class Slow(Agent):
        async def get(self, *args: Any, **kwargs: Any) -> Any:
            place.executor.forget(first.name)
            return await super().get(*args, **kwargs)

    place.exchanged_for(Slow(router().table))
    place.polled(first)

    assert not place.keys.is_proven(first, credential("wan", "3"))
    assert {} == place.executor._learnt


def test_targets_are_the_same_machine_where_address_port_and_generation_are():
    held = target()

    assert not replace(held, profile="mikrotik-routeros").is_another_than(held)
    assert replace(held, generation=1).is_another_than(held)
    assert replace(held, port=1161).is_another_than(held)
