"""The ports that circuits end on, out of what a poll brought."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from wanmon.health.rates import Reading
from wanmon.poller.jobs import Column, PollResult, Port, Task, Ticks
from wanmon.poller.wan import WanPort, WanPorts

PORTS = tuple(Port(number, f"eth{number}", "", "", 10**9) for number in range(3))


def polled(ports: Sequence[Port] = PORTS, **columns: Any) -> PollResult:
    """A poll in which each port i of three shows a value of its own in each column."""
    given: dict[str, Any] = {
        "oper_status": [1, 2, 1], "last_change": [10, 11, 12], "receive_bytes": [100, 101, 102],
        "transmit_bytes": [200, 201, 202], "discontinuity": [0, 1, 2],
    } | columns  # fmt: skip
    made = {role: each if isinstance(each, Column) else Column((0, 1, 2), each) for role, each in given.items() if each}
    return PollResult(Task.FAST, 0.1, ports=ports, columns=made, uptime=Ticks(5000, 70.0))


def only(result: PollResult, name: str = "eth1") -> WanPort:
    (port,) = WanPorts("A", frozenset({name})).of(result)
    return port


def test_a_bound_port_is_found_by_its_name():
    assert WanPort(
        "eth1", False, 11, 10**9, Reading(101, 64, 70.0, 5000, 1), Reading(201, 64, 70.0, 5000, 1)
    ) == only(polled())  # fmt: skip


def test_others_are_left_out_and_one_that_is_not_there_is_not_found():
    assert ["eth0", "eth2"] == [port.name for port in WanPorts("A", frozenset({"eth2", "eth0", "eth9"})).of(polled())]


def test_a_counter_of_32_bits_is_told_from_one_of_64():
    result = polled()
    narrow = PollResult(
        Task.FAST, 0.1, ports=result.ports, columns=result.columns, uptime=result.uptime,
        narrow=frozenset({("receive_bytes", 1), ("transmit_bytes", 0)}),
    )  # fmt: skip
    port = only(narrow)

    assert (32, 64) == (port.receive and port.receive.bits, port.transmit and port.transmit.bits)


def test_a_counter_of_32_bits_cannot_be_greater_than_they_can_say():
    """A Counter64 in its place would look like a wrap."""
    whole = polled(receive_bytes=[1, 2**40, 3])
    narrow = replace(whole, narrow=frozenset({("receive_bytes", 1)}))

    assert only(narrow).receive is None
    assert only(whole).receive is not None


@pytest.mark.parametrize("status", range(1, 8))
def test_only_status_1_carries_traffic(status: int):
    assert (status == 1) is only(polled(oper_status=[1, status, 1])).is_up


HOLES = {
    "hole": None, "text": b"1", "OID": (1, 3), "bool": True, "float": 1.5, "below zero": -1, "above 64 bits": 2**64,
}  # fmt: skip


@pytest.mark.parametrize("hole", HOLES.values(), ids=HOLES.keys())
def test_what_was_not_read_or_is_no_number_is_not_known(hole: object):
    values = [1, hole, 1]
    port = only(polled(oper_status=values, last_change=values, receive_bytes=values))

    assert (None, None, None) == (port.is_up, port.last_change_ticks, port.receive)
    assert port.transmit is not None


def test_without_the_uptime_of_the_same_pdu_a_counter_says_nothing():
    whole = polled()
    result = PollResult(Task.FAST, 0.1, ports=whole.ports, columns=whole.columns)
    port = only(result)

    assert (None, None) == (port.receive, port.transmit)
    assert port.is_up is False


def test_a_column_that_only_some_ports_have_belongs_to_those():
    result = polled(receive_bytes=Column((0, 2), [100, 102]), transmit_bytes=Column((1, 2), [201, 202]))

    assert [(100, None), (None, 201), (102, 202)] == [
        (port.receive and port.receive.value, port.transmit and port.transmit.value)
        for port in WanPorts("A", frozenset({"eth0", "eth1", "eth2"})).of(result)
    ]


def test_a_column_that_is_not_read_any_more_is_not_known():
    found = WanPorts("A", frozenset({"eth1"}))
    found.of(polled())
    (port,) = found.of(polled(receive_bytes=None, discontinuity=None))

    assert None is port.receive
    assert port.transmit == Reading(201, 64, 70.0, 5000, None)


def test_ports_that_moved_are_looked_up_anew():
    """Rows may be others after a restart: a neighbour's octets must not be taken for the circuit's."""
    found = WanPorts("A", frozenset({"eth1"}))
    found.of(polled())
    (port,) = found.of(polled(ports=(PORTS[1], PORTS[0], PORTS[2])))

    assert ("eth1", 100) == (port.name, port.receive and port.receive.value)


def test_rows_that_moved_within_a_column_are_looked_up_anew():
    found = WanPorts("A", frozenset({"eth1"}))
    ports = PORTS
    found.of(polled(ports))
    (port,) = found.of(polled(ports, receive_bytes=Column((1, 2), [77, 78])))

    assert 77 == (port.receive and port.receive.value)
