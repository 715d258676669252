"""What agents tell by LLDP, as text: identifiers of every kind, addresses within indexes, and which port is ours."""

import pytest

from wanmon.poller.device.lldp import (
    LocalPort,
    PortFinder,
    address,
    chassis_id,
    management_addresses,
    name_or_digits,
    port_id,
    remote_rows,
)
from wanmon.poller.jobs import Port

MAC = bytes.fromhex("3891d5fb742c")
PORTS = (
    Port(10101, "Gi0/1", "to hub", "GigabitEthernet0/1", None),
    Port(10102, "Gi0/2", "to hub", "GigabitEthernet0/2", None),
    Port(3, "wan0", "", "port", None),
    Port(4, "wan1", "uplink", "port", None),
)


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ("38:91:d5:fb:74:2c", 4, MAC),
        ("38:91:d5:fb:74:2c", 7, MAC),
        ("38:91:d5:fb:74:2c", None, MAC),
        ("00:11:22:33:44:55", 4, b"00:11:22:33:44:55"),
        ("10.1.123.2", 5, bytes((1, 10, 1, 123, 2))),
        ("2001:db8::1", 5, b"\2" + bytes.fromhex("20010db8") + bytes(11) + b"\1"),
        ("010a01", 5, bytes((1, 10, 1))),
        ("ge-0/0/0", 6, b"ge-0/0/0"),
        ("ge-0/0/0", 6, b"ge-0/0/0\0\0"),
        ("Phòng máy", 7, "Phòng máy".encode()),
        ("abcdef", 7, b"abcdef"),
        ("1b5b324a", 7, b"\x1b[2J"),
        ("ff" * 100, 7, b"\xff" * 4000),
        ("", 4, b""),
        ("", 4, None),
        ("", 4, 17),
    ],
)
def test_a_chassis_is_told_by_its_kind_and_else_by_what_its_bytes_are(expected, kind, value):
    assert expected == chassis_id(kind, value)


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ("GigabitEthernet1/0/33", 5, b"GigabitEthernet1/0/33"),
        ("38:91:d5:fb:74:2c", 3, MAC),
        ("10.1.123.2", 4, bytes((1, 10, 1, 123, 2))),
        ("513", 7, b"513"),
    ],
)
def test_a_port_has_other_kinds_than_a_chassis(expected, kind, value):
    assert expected == port_id(kind, value)


def test_a_name_may_have_as_many_letters_as_a_mac_has_bytes():
    assert "SW-001" == name_or_digits(b"SW-001")


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("192.168.31.31", bytes((192, 168, 31, 31))),
        ("2001:db8::1", bytes.fromhex("20010db8") + bytes(11) + b"\1"),
        ("", bytes(4)),
        ("", b"\x0a\1\1"),
        ("", None),
        ("", 3232243487),
    ],
)
def test_only_the_bytes_of_an_address_are_one(expected, value):
    assert expected == address(value)


@pytest.mark.parametrize(
    ("expected", "index"),
    [
        ({(24, 1): "10.1.123.2"}, (1169175, 24, 1, 1, 4, 10, 1, 123, 2)),
        ({(24, 1): "10.1.123.2"}, (1169175, 24, 1, 1, 10, 1, 123, 2)),
        ({(24, 1): "2001:db8::1"}, (0, 24, 1, 2, 16, 0x20, 1, 0x0D, 0xB8, *[0] * 11, 1)),
        ({}, (0, 24, 1, 1, 4, 0, 0, 0, 0)),
        ({}, (0, 24, 1, 1, 4, 10, 1, 123, 256)),
        ({}, (0, 24, 1, 1, 4, 10, 1)),
        ({}, (0, 24, 1, 1, 5, 10, 1, 123, 2)),
        ({}, (0, 24, 1, 1, 4, 10, 1, 123, 2, 9)),
        ({}, (0, 24, 1, 6, 6, *MAC)),
        ({}, (0, 24, 1, 1)),
        ({}, (0, 24, 1)),
        ({}, ()),
    ],
)
def test_the_address_is_in_the_index_and_some_agents_leave_its_length_out(expected, index):
    assert expected == management_addresses([index])


def test_a_neighbour_with_two_addresses_is_shown_with_that_of_ipv4():
    six = (0, 1, 1, 2, 16, 0x20, 1, 0x0D, 0xB8, *[0] * 11, 1)

    assert {(1, 1): "10.0.0.9"} == management_addresses(
        [six, (0, 1, 1, 1, 4, 10, 0, 0, 9), (0, 1, 1, 1, 4, 10, 1, 0, 9)]
    )


def test_a_neighbour_that_is_told_once_for_each_change_is_one_neighbour():
    """RFC 4502 has an agent answer for every time below the one asked for; asked again is the latest."""
    told = [(time, 24, 1) for time in range(5000)] + [(9, 25, 1), (26, 2)]

    assert [(4999, 24, 1), (9, 25, 1), (26, 2)] == remote_rows(told)


@pytest.mark.parametrize("index", [(), (1,), (0, 1, 2, 3), (0, 24, 1, 1, 4, 10, 0, 0, 1)], ids=len)
def test_an_index_of_another_shape_is_no_neighbour(index):
    assert [] == remote_rows([index])


@pytest.mark.parametrize(
    ("expected", "local"),
    [
        ("Gi0/1", LocalPort(1, 5, b"Gi0/1")),
        ("Gi0/1", LocalPort(1, 5, b"GigabitEthernet0/1")),
        ("wan1", LocalPort(1, 1, b"uplink")),
        ("Gi0/2", LocalPort(1, 3, MAC, b"GigabitEthernet0/2")),
        ("Gi0/2", LocalPort(1, 7, b"513", b"Gi0/2")),
        ("Gi0/2", LocalPort(1, 7, b"Gi0/2")),
        ("Gi0/2", LocalPort(10102, 1, b"to hub")),
        ("wan0", LocalPort(3, 5, b"port")),
        ("", LocalPort(1, 1, b"to hub")),
        ("", LocalPort(1, 5, b"port")),
        ("", LocalPort(1, 3, MAC)),
        ("", LocalPort(1)),
    ],
)
def test_a_port_of_ours_is_found_by_what_it_is_called(expected, local):
    assert expected == PortFinder(PORTS).named(local)


@pytest.mark.parametrize(
    ("expected", "macs"),
    [
        ("wan0", {3: MAC, 4: bytes(6)}),
        ("wan1", {3: MAC, 4: MAC}),
        ("", {10101: MAC, 10102: MAC}),
        ("", {99: MAC}),
        ("", {}),
    ],
)
def test_a_port_of_ours_is_found_by_a_mac_that_it_has_alone_or_with_its_number(expected, macs):
    assert expected == PortFinder(PORTS).with_mac(LocalPort(4, 3, MAC), macs)


@pytest.mark.parametrize(
    ("expected", "local"),
    [
        ("wan0", LocalPort(3, 5, b"something else")),
        ("uplink 7", LocalPort(7, 5, b"x", b"uplink 7")),
        ("38:91:d5:fb:74:2c", LocalPort(7, 3, MAC)),
        ("port 7", LocalPort(7)),
    ],
)
def test_what_is_called_nothing_is_found_by_its_number_and_else_shown_as_it_is_told(expected, local):
    assert expected == PortFinder(PORTS).guessed(local)
