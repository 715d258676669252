"""Neighbours read from an agent: what is asked and how often, what a lost answer costs, and hostile neighbours."""

import asyncio
import time

import pytest

from tests.poller.neighbour_tables import CDP_DEVICE_ID, CHASSIS, LLDP, MANAGEMENT, cdp, lldp, with_neighbours
from tests.poller.one_device import Scene
from tests.poller.scripted import IF, Agent, column, router
from wanmon.model.neighbour import NeighbourProtocol
from wanmon.model.reason import Reason
from wanmon.poller.device.neighbours import MOST_NEIGHBOURS, NeighbourReader, read_neighbours
from wanmon.poller.jobs import Port, Sighting, Task
from wanmon.protocols.snmp.types import Syntax, VarBind

PORTS = (Port(1, "eth1", "", "port", None), Port(2, "eth2", "", "port", None))
MAC = bytes.fromhex("02aabbccdd01")


def read(agent: Agent) -> tuple[Sighting, ...] | None:
    return asyncio.run(read_neighbours(agent, PORTS, 1e9))


def test_a_neighbour_is_told_whole():
    agent = with_neighbours(Agent({}), lldp(9, local=b"eth2"), cdp(1))

    assert (
        Sighting(
            NeighbourProtocol.LLDP, "eth2", "02:00:00:00:00:09", "lan1", "to the communes", "BN-0001-R1", "RouterOS 7",
            "10.27.1.9",
        ),
        Sighting(
            NeighbourProtocol.CDP, "eth1", "hub.bacninh.example", "GigabitEthernet0/8", "", "hub.bacninh.example",
            "cisco WS-C3508G-XL", "10.27.0.1",
        ),
    ) == read(agent)  # fmt: skip


def test_a_device_that_speaks_neither_costs_one_request():
    agent = router()

    assert () == read(agent)
    assert [("walk", (CHASSIS, CDP_DEVICE_ID))] == agent.asked


@pytest.mark.parametrize("room_bytes", [400, 484, 1400, 1401])
def test_both_protocols_fit_into_one_question_whatever_a_reply_may_hold(room_bytes):
    class Bulk(Agent):
        async def go_on(self, walk, deadline_s=None):
            oids, repetitions = walk.question(room_bytes, 100)
            self.asked.append(("bulk", tuple(oids)))
            walk.came([VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)] * len(oids) * repetitions, 100)

    agent = Bulk({})
    read(agent)

    assert [("bulk", (CHASSIS, CDP_DEVICE_ID))] == agent.asked


@pytest.mark.parametrize(
    ("expected", "refused"), [("eth1", CHASSIS), ("eth2", CDP_DEVICE_ID)], ids=["no LLDP", "no CDP"]
)
def test_an_agent_that_refuses_one_protocol_is_asked_for_the_other(expected, refused):
    agent = with_neighbours(Agent({}, chokes_on={refused: Reason.REFUSED}), lldp(9, local=b"eth2"), cdp(1))

    assert [expected] == [each.interface for each in read(agent) or ()]


@pytest.mark.parametrize("lost", [CHASSIS, MANAGEMENT, CDP_DEVICE_ID], ids=["LLDP", "addresses", "CDP"])
@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.DEADLINE, Reason.AUTH])
def test_what_was_not_read_whole_is_not_told(lost, reason):
    """What was known stays, and no address is forgotten for a lost answer."""
    agent = with_neighbours(Agent({}, chokes_on={lost: reason}), lldp(1), cdp(1))

    assert None is read(agent)


def test_after_a_lost_answer_nothing_more_is_asked():
    agent = Agent({}, reason=Reason.TIMEOUT)
    read(agent)

    assert 1 == len(agent.asked)


def test_our_port_is_told_by_its_mac_where_nothing_else_tells_it():
    known = {(*LLDP, 3, 7, 1, 2, 9): 3, (*LLDP, 3, 7, 1, 3, 9): MAC}
    agent = with_neighbours(Agent({}), lldp(9), known, column((*IF, 6), {1: bytes(6), 2: MAC}))

    assert ["eth2"] == [each.interface for each in read(agent) or ()]


def test_the_macs_of_our_ports_are_not_asked_for_where_their_names_are_told():
    agent = with_neighbours(Agent({}), lldp(9, local=b"eth2"))
    read(agent)

    assert (*IF, 6) not in agent.walked()


def test_without_a_table_of_our_ports_the_number_is_the_ifindex():
    assert ["eth2"] == [each.interface for each in read(with_neighbours(Agent({}), lldp(2))) or ()]


def test_many_neighbours_of_one_port_are_all_told():
    """A switch that speaks no CDP passes it on: all who stand behind it are heard on one port."""
    agent = with_neighbours(Agent({}), *(cdp(2, b"sw%d" % number, number) for number in range(6)))

    assert [("eth2", f"sw{number}") for number in range(6)] == [
        (each.interface, each.system_name) for each in read(agent) or ()
    ]


def test_of_a_thousand_neighbours_the_first_256_are_told():
    agent = with_neighbours(Agent({}), *map(lldp, range(1000)), *(cdp(1, b"sw%d" % each, each) for each in range(1000)))
    found = read(agent) or ()

    assert MOST_NEIGHBOURS == len(found)
    # All other columns are asked for the rows that are kept, and for no others.
    assert max(len(oids) for kind, oids in agent.asked if kind == "get") <= 6 * MOST_NEIGHBOURS


def test_an_agent_that_tells_each_neighbour_for_every_second_is_stopped_and_its_neighbours_told():
    told = {(*CHASSIS, at, 1, number): b"\2\0\0\0\0%c" % number for at in range(2000) for number in (1, 2)}
    agent = Agent(dict(told))

    assert 2 == len(read(agent) or ())
    assert 1100 > len(agent.asked)


def test_a_neighbour_that_says_nothing_of_itself_is_none():
    nothing = {(*CHASSIS, 0, 1, 1): b"", (*LLDP, 4, 1, 1, 7, 0, 1, 1): b"", (*LLDP, 4, 1, 1, 9, 0, 1, 1): b"\0"}

    assert () == read(Agent(dict(nothing)))


@pytest.mark.parametrize(
    "name", [b"\x1b]0;owned\x07\x1b[2J", b"\xff\xfe\x00\x80", b"a\nb\r\nc", b"\xe2\x80\xaegnp.exe", b"x" * 60_000],
    ids=["escape sequence", "binary", "lines", "right to left", "endless"],
)  # fmt: skip
def test_whatever_a_neighbour_calls_itself_becomes_a_line_of_text(name):
    tables = lldp(1, name, local=name), cdp(1, name)
    told = read(with_neighbours(Agent({}), *tables)) or ()

    assert 2 == len(told)
    for each in told:
        words = each.interface, each.chassis_id, each.port_id, each.system_name, each.system_description
        assert all(word.isprintable() and len(word) <= 200 for word in words)


def test_a_value_of_another_type_than_the_mib_has_is_passed_over():
    agent = Agent({(*CHASSIS, 0, 1, 1): 17, **cdp(1)} | {(*CDP_DEVICE_ID, 1, 1): (1, 3, 6)})

    assert ["GigabitEthernet0/8"] == [each.port_id for each in read(agent) or ()]


def test_neighbours_are_read_once_an_hour():
    agent = with_neighbours(router(), lldp(1))
    reader = NeighbourReader()
    told = [asyncio.run(reader.read(agent, PORTS, 1000.0 + at, 1e9)) for at in (0, 600, 3000, 3599.9, 4200, 7200)]

    assert [True, False, False, True, False, True] == [each is not None for each in told]


def test_a_reading_that_failed_is_not_tried_again_before_the_next_hour():
    agent = Agent({}, reason=Reason.TIMEOUT)
    reader = NeighbourReader()
    for at in (0, 600, 1200):
        asyncio.run(reader.read(agent, PORTS, float(at), 1e9))

    assert 1 == len(agent.asked)


def test_neighbours_have_half_of_the_time_that_is_left():
    """A fast poll of the same device waits meanwhile."""
    given: list[float | None] = []

    class Watched(Agent):
        async def go_on(self, walk, deadline_s=None):
            given.append(deadline_s)
            return await super().go_on(walk, deadline_s)

    asyncio.run(NeighbourReader().read(Watched({}), PORTS, 100.0, 120.0))

    assert {110.0} == set(given)


def test_a_slow_poll_brings_the_neighbours_and_a_fast_one_never_asks():
    agent = with_neighbours(router(), lldp(1, local=b"eth2"))
    scene = Scene(agent)
    fast, slow, again = scene.read(Task.FAST), scene.read(Task.SLOW), scene.read(Task.SLOW)

    assert (None, None) == (fast.neighbours, again.neighbours)
    assert ["eth2"] == [each.interface for each in slow.neighbours or ()]
    assert 1 == agent.walked().count(CHASSIS)  # where a walk begins


def test_a_poll_whose_neighbours_were_lost_is_as_good_as_any():
    agent = router()
    agent.chokes_on = {CHASSIS: Reason.TIMEOUT}
    result = Scene(agent).read(Task.SLOW)

    assert (None, None, 2) == (result.reason, result.neighbours, len(result.ports))


def test_a_device_that_is_silent_is_not_asked_for_neighbours():
    agent = router()
    scene = Scene(agent)
    scene.read(Task.FAST)
    agent.reason = Reason.TIMEOUT
    scene.read(Task.SLOW)

    assert CHASSIS not in agent.walked()


def test_a_thousand_neighbours_are_decoded_in_no_time():
    agent = with_neighbours(Agent({}), *map(lldp, range(1000)))
    began_s = time.process_time()
    read(agent)

    assert 1.0 > time.process_time() - began_s
