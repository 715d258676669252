"""The objects of a simulated device, and what its state does to them."""

import pytest

from wanmon.errors import WanmonError
from wanmon.lab.device import SimulatedDevice, all_ports
from wanmon.lab.spec import AgentSpec, PortSpec
from wanmon.protocols.snmp.types import Syntax

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_ENTRY = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
SPEC = AgentSpec(
    "BN-0001-R1", "127.27.0.1", 1161, "BN-0001", ports=(PortSpec("eth0", "VNPT 100M"), PortSpec("eth1", "Viettel"))
)


@pytest.fixture
def start(utc):
    return utc(2026, 3, 2, 3, 0)


@pytest.fixture
def device(start):
    return SimulatedDevice(SPEC, 7, start)


def value(device, oid, at_ms):
    return device.store.get(oid).value(at_ms)


def names(device, at_ms):
    return [value(device, (*IF_X_ENTRY, 1, index), at_ms) for index in range(1, 6)]


def test_ports_are_lo_then_those_of_the_inventory_then_lan(device, start):
    assert [b"lo", b"eth0", b"eth1", b"lan1", b"lan2"] == names(device, start)
    assert b"VNPT 100M" == value(device, (*IF_X_ENTRY, 18, 2), start)
    assert 5 == value(device, (1, 3, 6, 1, 2, 1, 2, 1, 0), start)


def test_lan_ports_take_names_that_are_free():
    spec = AgentSpec("d", "127.27.0.1", 1161, "s", ports=(PortSpec("lan1"),))

    assert ["lo", "lan1", "lan2", "lan3"] == [port.name for port in all_ports(spec)]


@pytest.mark.parametrize("doubled", [("eth0", "eth0"), ("lo",)])
def test_two_ports_of_one_name_are_refused(doubled):
    with pytest.raises(WanmonError, match="two ports of one name"):
        all_ports(AgentSpec("d", "127.27.0.1", 1161, "s", ports=tuple(PortSpec(name) for name in doubled)))


def test_every_instance_stands_in_order_and_only_once(device):
    oids = [instance.oid for instance in device.store.instances]

    assert sorted(set(oids)) == oids


def test_sysuptime_is_in_hundredths_and_runs_with_time(device, start):
    assert 100 == value(device, UPTIME, start + 1_000) - value(device, UPTIME, start)


def test_sysuptime_wraps_after_497_days(device):
    assert 4 == value(device, UPTIME, device.booted_at_ms + 2**32 * 10 + 40)


def test_a_lab_started_again_finds_its_devices_still_running(device, start):
    """Otherwise each start of the demo would look like a power cut of the whole province."""
    later = SimulatedDevice(SPEC, 7, start + 3_600_000)

    assert later.booted_at_ms == device.booted_at_ms
    assert value(later, (*IF_X_ENTRY, 6, 2), start) == value(device, (*IF_X_ENTRY, 6, 2), start)


def test_a_64_bit_counter_and_its_lower_half_agree(device, start):
    assert value(device, (*IF_X_ENTRY, 6, 2), start) > 2**32
    assert value(device, (*IF_X_ENTRY, 6, 2), start) % 2**32 == value(device, (*IF_ENTRY, 10, 2), start)


def test_a_missing_row_is_told_from_a_missing_object(device):
    assert Syntax.NO_SUCH_INSTANCE == device.store.absence((*IF_ENTRY, 2, 99))
    assert Syntax.NO_SUCH_OBJECT == device.store.absence((*IF_ENTRY, 99, 1))


def test_a_reboot_begins_uptime_and_counters_at_zero(device, start):
    device.set_down(frozenset({"eth1"}), start)
    device.reboot(start + 1_000)

    assert 0 == value(device, UPTIME, start + 1_000)
    assert 0 == value(device, (*IF_X_ENTRY, 6, 2), start + 1_000)
    assert 0 == value(device, (*IF_ENTRY, 9, 3), start + 1_000)
    assert 2_000 == value(device, (1, 3, 6, 1, 2, 1, 25, 1, 1, 0), start + 1_000)


def test_reset_counters_begin_at_zero_and_say_when(device, start):
    before = value(device, UPTIME, start)
    device.reset_counters(start)

    assert 0 == value(device, (*IF_X_ENTRY, 6, 2), start)
    assert 0 < value(device, (*IF_X_ENTRY, 6, 2), start + 60_000)
    assert before == value(device, (*IF_X_ENTRY, 19, 2), start + 60_000)
    assert before + 6_000 == value(device, UPTIME, start + 60_000)


def test_a_port_that_is_down_counts_nothing_and_goes_on_where_it_stood(device, start):
    column = (*IF_X_ENTRY, 6, 2)
    stood = value(device, column, start)
    device.set_down(frozenset({"eth0"}), start)

    assert 2 == value(device, (*IF_ENTRY, 8, 2), start)
    assert 1 == value(device, (*IF_ENTRY, 8, 3), start)
    assert device.ticks(start) == value(device, (*IF_ENTRY, 9, 2), start + 60_000)
    assert stood == value(device, column, start + 60_000)

    device.set_down(frozenset(), start + 60_000)

    assert stood == value(device, column, start + 60_000)
    assert stood < value(device, column, start + 120_000)
    assert 1 == value(device, (*IF_ENTRY, 8, 2), start + 120_000)


def test_shuffling_gives_every_port_another_index_and_takes_its_counters_along(device, start):
    before, counted = names(device, start), value(device, (*IF_X_ENTRY, 6, 2), start)
    device.set_shuffled(shuffled=True)
    shuffled = names(device, start)

    assert sorted(before) == sorted(shuffled)
    assert all(one != other for one, other in zip(before, shuffled, strict=True))
    assert counted == value(device, (*IF_X_ENTRY, 6, shuffled.index(b"eth0") + 1), start)

    device.set_shuffled(shuffled=False)

    assert before == names(device, start)
