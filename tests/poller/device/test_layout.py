"""What a device has, from its walks: ports under unique names, and which object serves each role of each port."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.poller.scripted import IF, IFX, library
from wanmon.poller.device.layout import Layout, cells, learn
from wanmon.profiles.profile import Profile
from wanmon.protocols.snmp.types import Oid, Syntax, Value, VarBind

NAME, HIGH_SPEED, ALIAS = (*IFX, 1), (*IFX, 15), (*IFX, 18)
DESCRIPTION, SPEED, OPER = (*IF, 2), (*IF, 5), (*IF, 8)
IN_64, IN_32 = (*IFX, 6), (*IF, 10)
GENERIC: Profile = library().named("if-mib")


def learnt(walked: dict[Oid, dict[int, Value]], **scalars: Value) -> Layout:
    return learn(GENERIC, scalars, walked)


def names(*ports: tuple[bytes, bytes]) -> list[str]:
    """The names of ports given as (ifName, ifDescr), on rows 1, 2, ..."""
    columns: dict[Oid, dict[int, Value]] = {
        NAME: {row: name for row, (name, _) in enumerate(ports, 1)},
        DESCRIPTION: {row: description for row, (_, description) in enumerate(ports, 1)},
    }
    return [port.name for port in learnt(columns).ports]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ([(b"eth0", b"Ethernet")], ["eth0"]),
        ([(b"", b"Ethernet")], ["Ethernet"]),
        ([(b"", b"")], ["if1"]),
        ([(b" \0", b"\t")], ["if1"]),
        ([(b"a", b""), (b"a", b""), (b"a", b"")], ["a", "a@2", "a@3"]),
        ([(b"a@3", b""), (b"a", b""), (b"a", b"")], ["a@3", "a", "a@3@3"]),
        ([(b"", b"if2"), (b"", b"")], ["if2", "if2@2"]),
        ([(b"\xff", b""), (rb"\xff", b"")], [r"\xff", r"\\xff"]),
        ([(b"x" * 300, b""), (b"x" * 301, b"")], ["x" * 200, "x" * 200 + "@2"]),
    ],
    ids=["name", "description", "index", "blank", "twice", "forged", "fallback twice", "not UTF-8", "too long"],
)
def test_every_port_has_a_name_of_its_own(ports: list[tuple[bytes, bytes]], expected: list[str]):
    assert expected == names(*ports)


@given(st.lists(st.sampled_from([b"", b"a", b"a@2", b"a@3", b"a@2@3", b"if2", b"if2@2"]), max_size=8))
def test_no_two_ports_share_a_name_however_they_are_called(given_names: list[bytes]):
    """Two series of one name blind the whole scrape."""
    found = names(*((name, b"") for name in given_names))

    assert len(given_names) == len(set(found))


@pytest.mark.parametrize(
    ("expected", "high", "low"),
    [
        (10**9, 1000, 10**9),
        (64_000, 0, 64_000),
        (None, 0, 0),
        (None, 0, 2**32 - 1),
        (10**8, None, 10**8),
        (4 * 10**11, 400_000, 2**32 - 1),
        (None, None, None),
        (10**8, b"fast", 10**8),
    ],
    ids=["high", "below 1 Mbit/s", "none", "none but the mark", "old agent", "fast", "nothing", "text"],
)
def test_the_speed_is_ifhighspeed_or_else_ifspeed(expected: int | None, high: Value, low: Value):
    walked: dict[Oid, dict[int, Value]] = {NAME: {1: b"eth0"}, HIGH_SPEED: {}, SPEED: {}}
    if high is not None:
        walked[HIGH_SPEED][1] = high
    if low is not None:
        walked[SPEED][1] = low

    assert [expected] == [port.speed_bps for port in learnt(walked).ports]


def asked(layout: Layout, *roots: Oid) -> list[Oid]:
    return [oid for oid in layout.reading.oids if oid[:-1] in roots]


def test_each_row_is_asked_for_its_64_bit_counter_or_else_its_32_bit_one():
    walked: dict[Oid, dict[int, Value]] = {
        NAME: {1: b"a", 2: b"b", 3: b"c"}, IN_64: {1: 1, 3: 1}, IN_32: {1: 1, 2: 1},
    }  # fmt: skip
    layout = learnt(walked)

    assert [(*IN_64, 1), (*IN_32, 2), (*IN_64, 3)] == asked(layout, IN_64, IN_32)


def test_the_fast_group_is_sys_up_time_first_and_then_the_rows_that_are_there():
    walked: dict[Oid, dict[int, Value]] = {NAME: {5: b"a", 9: b"b"}, OPER: {5: 1, 9: 1}, IN_64: {9: 1}, ALIAS: {5: b""}}
    layout = learnt(walked)

    assert ((1, 3, 6, 1, 2, 1, 1, 3, 0), (*OPER, 5), (*OPER, 9), (*IN_64, 9)) == layout.reading.oids
    assert ("uptime", "oper_status", "oper_status", "receive_bytes") == layout.role_of


def test_columns_know_which_port_each_value_is_of():
    walked: dict[Oid, dict[int, Value]] = {NAME: {5: b"a", 9: b"b"}, OPER: {5: 1, 9: 1}, IN_64: {9: 1}}
    layout = learnt(walked)
    layout.reading.values[:] = [360_000, 1, 2, 2**64 - 1]
    columns = layout.columns(None, {})

    assert {0: 1, 1: 2} == dict(zip(*columns["oper_status"], strict=True))
    assert {1: 2**64 - 1} == dict(zip(*columns["receive_bytes"], strict=True))


def test_only_the_columns_that_changed_are_taken_afresh():
    walked: dict[Oid, dict[int, Value]] = {NAME: {1: b"a"}, OPER: {1: 1}, IN_64: {1: 1}}
    layout = learnt(walked)
    layout.reading.values[:] = [1, 1, 100]
    before = layout.columns(None, {})
    layout.reading.values[:] = [2, 2, 200]
    after = layout.columns(layout.changed_roles([0, 2]), before)

    assert before["oper_status"] is after["oper_status"]
    assert [200] == after["receive_bytes"].values


def test_what_was_not_answered_has_no_value():
    walked: dict[Oid, dict[int, Value]] = {NAME: {1: b"a", 2: b"b"}, OPER: {1: 1, 2: 1}}
    layout = learnt(walked)
    layout.reading.values[:] = [1, 1, 1]

    assert [None, 1] == layout.answered_columns([0, 2])["oper_status"].values


def test_cells_are_indexed_by_one_number_and_there():
    varbinds = [
        VarBind((*OPER, 3), Syntax.INTEGER, 1),
        VarBind((*OPER, 4, 1), Syntax.INTEGER, 1),
        VarBind((*OPER, 5), Syntax.NO_SUCH_INSTANCE, None),
        VarBind(OPER, Syntax.INTEGER, 1),
    ]

    assert {3: 1} == cells(varbinds, OPER)


def test_a_device_without_ports_has_an_uptime_to_ask():
    layout = learnt({})

    assert () == layout.ports
    assert ((1, 3, 6, 1, 2, 1, 1, 3, 0),) == layout.reading.oids


def test_the_identity_is_cut_out_of_the_scalars():
    profile = library().named("net-snmp")
    scalars: dict[str, Any] = {"description": b"Linux r1 6.1.0-13-amd64 #1", "name": b"r1\n"}
    identity = learn(profile, scalars, {}).identity

    assert ("net-snmp", "Linux", "6.1.0-13-amd64", "r1") == (
        identity.vendor, identity.model, identity.os_version, identity.system_name,
    )  # fmt: skip
