import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from wanmon.model import fields
from wanmon.model.inventory import NOUN


def taken(kind, value):
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        (fields.Code, "BN-0001", "BN-0001"),
        (fields.Code, "09163", "09163"),
        (fields.Slug, "dc-portal_2", "dc-portal_2"),
        (fields.DeviceName, "BN-0001-R1", "BN-0001-R1"),
        (fields.CircuitCode, "MW/bn.1_2-3", "MW/bn.1_2-3"),
        (fields.Name, "  Hồ \t  2 ", "Hồ 2"),
        (fields.Name, unicodedata.normalize("NFD", "Đại Phúc"), "Đại Phúc"),
        (fields.Name, "=1+1", "=1+1"),
        (fields.Text, "", ""),
        (fields.Address, " 10.27.0.1 ", "10.27.0.1"),
        (fields.Address, "2001:DB8::0:1", "2001:db8::1"),
        (fields.Port, "161", 161),
        (fields.Liveness, "tcp:65535", "tcp:65535"),
        (fields.CredentialNames, "new, old", "new,old"),
        (fields.CredentialNames, "none", "none"),
        (fields.Latitude, "21.18", 21.18),
    ],
)
def test_a_good_value_is_kept_in_one_spelling(kind, value, stored):
    assert stored == taken(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((fields.Code, value) for value in ("", "bn-1", "BN 1", "-BN", "BẮC", "A" * 33, "A\n", "A/B", "../A")),
        *((fields.Slug, value) for value in ("", "Hub", "a b", "-a", "a" * 49, "đ")),
        *((fields.DeviceName, value) for value in ("", "r1", "R 1", "R1;", "A" * 49)),
        *((fields.CircuitCode, value) for value in ("", "số-1", "/1", "a b", "a" * 65)),
        *((fields.Name, value) for value in ("", "  ", "a\x00b", "a\x1bb", "a\u202eb", "a\ufeffb")),
        *((fields.Name, value) for value in ("a\ud800", "a" * 201)),
        *((fields.Text, value) for value in ("a" * 501, "\x07")),
        *((fields.Address, v) for v in ("", "10.27.0", "10.27.0.01", "10.27.0.256", "10.27.0.0/24", "router")),
        *((fields.Address, v) for v in ("0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255")),
        *((fields.Address, v) for v in ("fe80::1%eth0", "::ffff:10.27.0.1")),
        *((fields.Port, value) for value in (0, 65536, -1, "x", "1.5")),
        *((fields.Liveness, value) for value in ("", "ICMP", "tcp", "tcp:0", "tcp:65536", "tcp:٣", "tcp:1\n")),
        *((fields.CredentialNames, value) for value in ("", "a,,b", "a,a", "none,a", "a b", ".a", "a,")),
        *((fields.BitsPerSecond, value) for value in (0, -1, 10**13 + 1, "100M")),
        *((fields.Seconds, value) for value in (0, 86_401)),
        *((fields.Latitude, value) for value in (90.1, -90.1, "nan", "inf")),
        *((fields.Longitude, value) for value in (180.1, "-inf")),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused(kind, value):
    with pytest.raises(ValidationError):
        taken(kind, value)


@given(st.text())
def test_a_name_is_one_printable_line_in_nfc_or_nothing(text):
    try:
        name = taken(fields.Name, text)
    except ValidationError:
        return
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())
    assert name == taken(fields.Name, name)
    assert name.encode("utf-8")


@given(st.one_of(st.ip_addresses().map(str), st.text(alphabet="0123456789abcdef:.%/ ", max_size=40)))
def test_an_address_is_stored_in_one_spelling_or_not_at_all(text):
    try:
        address = taken(fields.Address, text)
    except ValidationError:
        return
    assert address == taken(fields.Address, address)


@pytest.mark.parametrize("cell", ["", "  "])
def test_an_empty_cell_is_no_value_where_there_may_be_none(cell):
    row = {"code": "A", "name": "x", "unit": "27", "kind": "party", "site_class": "a"}
    site = NOUN["site"].fields.model_validate({**row, "parent": cell, "latitude": cell, "activated_on": cell})

    assert (None, None, None) == (site.parent, site.latitude, site.activated_on)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [("", "{}"), ('{"b": 1, "a": "ề"}', '{"a": "ề", "b": 1}'), ({"count": 3}, '{"count": 3}')],
)
def test_the_parameters_of_a_check_are_json_in_one_spelling(given_text, stored):
    fields_of_check = NOUN["check"].fields
    check = fields_of_check.model_validate({"code": "a", "kind": "icmp_echo", "site": "A", "params": given_text})

    assert stored == check.params


@pytest.mark.parametrize("who", [{}, {"site": "A", "site_class": "a"}], ids=["nobody", "both"])
def test_a_check_is_for_one_site_or_for_one_class(who):
    with pytest.raises(ValidationError, match="exactly one of site, site_class"):
        NOUN["check"].fields.model_validate({"code": "a", "kind": "icmp_echo", **who})


def test_a_column_that_nobody_knows_is_refused():
    with pytest.raises(ValidationError, match="Extra inputs"):
        NOUN["carrier"].fields.model_validate({"code": "A", "name": "x", "phone": "1"})


def test_credentials_are_a_tuple_in_their_order_and_empty_when_there_are_none():
    device = NOUN["device"].table
    row = {"name": "A", "site": "A", "address": "10.27.0.1"}

    assert ("new", "old") == device.model_validate({**row, "snmp": "new,old"}).credentials
    assert () == device.model_validate({**row, "snmp": "none"}).credentials


def test_the_parents_of_a_site_stand_in_their_order():
    site = NOUN["site"].table
    row = {"code": "A", "name": "x", "unit": "27", "kind": "party", "site_class": "a"}

    assert () == site.model_validate(row).parents
    assert ("B", "C") == site.model_validate({**row, "parent": "B", "second_parent": "C"}).parents


def test_an_instant_comes_back_from_the_database_in_utc(noon):
    column = fields.UtcDateTime()
    hanoi = noon.astimezone(timezone(timedelta(hours=7)))
    written = column.process_bind_param(hanoi, None)

    assert datetime(2026, 3, 2, 12) == written
    assert noon == column.process_result_value(written, None)
    assert UTC is column.process_result_value(written, None).tzinfo
    assert (None, None) == (column.process_bind_param(None, None), column.process_result_value(None, None))
