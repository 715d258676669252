"""A device read again and again: learnt once, asked for what it has, learnt anew when it restarts."""

import asyncio
from typing import Any

import pytest

from tests.poller.one_device import Scene, values
from tests.poller.scripted import IF, IFX, SYSTEM, column, library, router, target
from wanmon.model.reason import Reason
from wanmon.poller.device.layout import MAX_PORTS
from wanmon.poller.device.reader import DeviceReader
from wanmon.poller.jobs import Task, Ticks
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.types import Oid, Value

OPER, UPTIME = (*IF, 8), (*SYSTEM, 3, 0)


def test_a_device_is_learnt_once_and_then_asked_for_its_rows_alone():
    agent = router(ports=2)
    scene = Scene(agent)
    first = scene.read()
    agent.asked.clear()
    second = scene.read()

    assert ["eth1", "eth2"] == [port.name for port in first.ports]
    assert None is first.changed
    assert (None, "key0", "if-mib") == (second.reason, second.credential, second.profile)
    assert ["read"] == [kind for kind, _ in agent.asked]
    assert frozenset() == second.changed
    assert {"eth1": 2**40 + 1, "eth2": 2**40 + 2} == values(second, "receive_bytes")


def test_only_the_columns_that_changed_are_named():
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.table[*OPER, 2] = 2
    result = scene.read()

    assert frozenset({"oper_status"}) == result.changed
    assert {"eth1": 1, "eth2": 2} == values(result, "oper_status")


def test_64_bit_counters_alone_are_walked_where_every_port_has_them():
    agent = router()
    Scene(agent).read()

    assert (*IFX, 6) in agent.walked()
    assert (*IF, 10) not in agent.walked()


def test_a_port_without_64_bit_counters_is_asked_for_those_of_32_bits():
    agent = router(ports=3)
    del agent.table[*IFX, 6, 2]
    agent.table |= column((*IF, 10), {1: 11, 2: 22, 3: 33})
    result = Scene(agent).read()

    assert {"eth1": 2**40 + 1, "eth2": 22, "eth3": 2**40 + 3} == values(result, "receive_bytes")


def test_version_1_is_never_asked_for_64_bit_counters():
    agent = router()
    agent.table |= column((*IF, 10), {1: 11, 2: 22})
    result = Scene(agent, version="1").read()

    assert {"eth1": 11, "eth2": 22} == values(result, "receive_bytes")
    assert not [oid for _, oids in agent.asked for oid in oids if oid[: len(IFX) + 1] in ((*IFX, 6), (*IFX, 10))]


def test_ifspeed_is_asked_where_ifhighspeed_rounds_to_0():
    agent = router()
    agent.table |= column((*IFX, 15), {1: 1000, 2: 0}) | column((*IF, 5), {1: 10**9, 2: 64_000})
    result = Scene(agent).read()

    assert [10**9, 64_000] == [port.speed_bps for port in result.ports]


def test_a_restart_is_learnt_at_once():
    """A port that moved must not be read under its neighbour's name for ten minutes."""
    agent = router(ports=2, uptime=360_000)
    scene = Scene(agent)
    scene.read()
    agent.at_s = 30
    agent.table |= {UPTIME: 100} | column((*IFX, 1), {1: b"eth2", 2: b"eth1"})
    result = scene.read()

    assert result.restarted
    assert Ticks(100, 30) == result.uptime
    assert None is result.changed
    assert ["eth2", "eth1"] == [port.name for port in result.ports]
    assert not scene.read().restarted


@pytest.mark.parametrize("lie", [-128, 2**32, 2**63, b"12", (1, 3), 0], ids=str)
def test_an_uptime_that_cannot_be_tells_nothing(lie: Value):
    """2^63 hundredths of a second would put the boot before the year 1, where no calendar reaches."""
    agent = router(uptime=360_000)
    scene = Scene(agent)
    scene.read()
    agent.at_s, agent.table[UPTIME] = 30, lie
    result = scene.read()

    assert (None, None, False) == (result.reason, result.uptime, result.restarted)

    agent.at_s, agent.table[UPTIME] = 60, 366_000

    assert Ticks(366_000, 60) == scene.read().uptime


def test_the_wrap_of_the_uptime_is_no_restart():
    agent = router(uptime=2**32 - 100)
    scene = Scene(agent)
    scene.read()
    agent.at_s, agent.table[UPTIME] = 30, 2_900

    assert not scene.read().restarted


def test_a_restart_is_told_even_if_the_device_falls_silent_while_it_is_learnt():
    """It is seen once only: the next reading knows nothing of it."""
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.at_s, agent.table[UPTIME] = 30, 100
    original = agent.read

    async def once(*given: Any) -> Any:
        readout = await original(*given)
        agent.reason = Reason.TIMEOUT
        return readout

    agent.read = once  # type: ignore[method-assign]
    result = scene.read()

    assert (True, Ticks(100, 30), Reason.TIMEOUT) == (result.restarted, result.uptime, result.reason)
    assert () == result.ports

    agent.reason, agent.read = None, original  # type: ignore[method-assign]
    again = scene.read()

    assert (None, False, 2) == (again.reason, again.restarted, len(again.ports))


def test_what_did_not_come_is_masked_and_then_shown_again():
    """Nothing old is shown as current."""
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.lost = {(*OPER, 1)}
    partial = scene.read()

    assert (Reason.PARTIAL, None) == (partial.reason, partial.changed)
    assert {"eth1": None, "eth2": 1} == values(partial, "oper_status")
    assert {"eth1": 2**40 + 1, "eth2": 2**40 + 2} == values(partial, "receive_bytes")

    agent.lost = set()
    whole = scene.read()

    assert (None, None) == (whole.reason, whole.changed)
    assert {"eth1": 1, "eth2": 1} == values(whole, "oper_status")
    assert frozenset() == scene.read().changed


def test_an_uptime_that_did_not_come_proves_nothing():
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.lost, agent.table[UPTIME] = {UPTIME}, 5
    result = scene.read()

    assert (None, False) == (result.uptime, result.restarted)


def test_one_failing_column_does_not_throw_the_others_away():
    agent = router()
    agent.chokes_on = {(*IFX, 18): Reason.REFUSED}
    result = Scene(agent).read()

    assert (Reason.PARTIAL, ["", ""]) == (result.reason, [port.alias for port in result.ports])
    assert {"eth1": 1, "eth2": 1} == values(result, "oper_status")


def test_a_column_that_an_agent_refuses_is_asked_again_with_the_slow_group_only():
    agent = router()
    agent.chokes_on = {(*IFX, 18): Reason.REFUSED}
    scene = Scene(agent)
    scene.read()
    agent.asked.clear()
    result = scene.read()

    assert ["read"] == [kind for kind, _ in agent.asked]
    assert None is result.reason


def test_a_column_that_was_lost_is_asked_again_at_the_next_poll():
    agent = router()
    agent.chokes_on = {(*IFX, 18): Reason.TIMEOUT}
    scene = Scene(agent)
    scene.read()
    agent.chokes_on = {}
    result = scene.read()

    assert ["to hub", "to hub"] == [port.alias for port in result.ports]


def test_a_lost_answer_renames_no_port():
    """A lossy line once renamed every port of a site, and all its series with them."""
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.chokes_on = {(*IFX, 1): Reason.TIMEOUT}
    slow = scene.read(Task.SLOW)

    assert Reason.PARTIAL is slow.reason
    assert ["eth1", "eth2"] == [port.name for port in slow.ports]


def test_a_port_that_is_new_is_read_at_once():
    """The slow group alone would leave the whole device without counters until the next fast poll."""
    agent = router(ports=2)
    scene = Scene(agent)
    scene.read()
    agent.table |= router(ports=3).table
    result = scene.read(Task.SLOW)

    assert (None, 3) == (result.changed, len(result.ports))
    assert {"eth1": 1, "eth2": 1, "eth3": 1} == values(result, "oper_status")


def test_the_slow_group_keeps_the_reading_where_nothing_is_new():
    """What an engine prepared for it is not made again."""
    agent = router()
    scene = Scene(agent)
    scene.read()
    agent.asked.clear()
    result = scene.read(Task.SLOW)

    assert frozenset() == result.changed
    assert "read" not in [kind for kind, _ in agent.asked]
    assert frozenset() == scene.read().changed


def test_a_poll_that_was_cancelled_leaves_nothing_unsaid():
    """The values were taken in, but nobody was told which of them changed."""
    agent = router()
    scene = Scene(agent)
    scene.read()
    original = agent.read

    async def cut(*given: Any) -> Any:
        await original(*given)
        raise asyncio.CancelledError

    agent.table[*OPER, 1] = 2
    agent.read = cut  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        scene.read()
    agent.read = original  # type: ignore[method-assign]
    result = scene.read()

    assert None is result.changed
    assert {"eth1": 2, "eth2": 1} == values(result, "oper_status")


@pytest.mark.parametrize("value", [b"much", None, -5, (1, 3)], ids=["text", "nothing", "negative", "OID"])
def test_an_agent_that_answers_nonsense_is_read_all_the_same(value: Value):
    agent = router()
    agent.table[*IFX, 6, 1] = value
    result = Scene(agent).read()

    assert None is result.reason
    assert 2 == len(result.ports)


def test_an_agent_with_endless_ports_is_read_as_far_as_a_scrape_can_bear():
    """One device must not swell the scrape of all."""
    result = Scene(router(ports=MAX_PORTS + 7)).read()

    assert MAX_PORTS == len(result.ports)
    assert Reason.PARTIAL is result.reason
    assert "only the first 1000 ports are read" == result.detail


def test_the_profile_is_that_of_the_sysobjectid_or_the_one_set():
    agent = router()
    agent.table[*SYSTEM, 2, 0] = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
    scene = Scene(agent)

    assert "net-snmp" == scene.read().profile

    fixed = target(credentials=("key0",), profile="if-mib")
    scene.reader = DeviceReader(fixed, library(), scene.keys, Manners(1400, 2.0))

    assert "if-mib" == scene.read().profile


@pytest.mark.parametrize("root", [(*IFX, 6), (*IF, 8)], ids=["one", "another"])
def test_a_reading_asks_only_for_what_was_walked(root: Oid):
    agent = router()
    for row in (1, 2):
        del agent.table[*root, row]
    Scene(agent).read()
    asked = next(oids for kind, oids in agent.asked if kind == "read")

    assert not [oid for oid in asked if oid[:-1] == root]
