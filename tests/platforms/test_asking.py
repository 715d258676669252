"""What may be asked of a router, and what is refused before anything is sent."""

import pytest

from tests.platforms.hostile import Counted, Loud, Written
from wanmon.errors import UsageError
from wanmon.platforms.asking import PingRequest, Request, TraceRequest

HOST = "10.27.0.10"
REFUSED = {
    "no address": ({"target": "bn-dc1"}, "target 'bn-dc1': is not the address of one host"),
    "a network": ({"target": "10.27.0.0/16"}, "target '10.27.0.0/16': is not the address of one host"),
    "another writing": ({"target": "2001:DB8::1"}, "target '2001:DB8::1': is not the address of one host"),
    "a zone": ({"target": "fe80::1%eth0"}, "target 'fe80::1%eth0': is not the address of one host"),
    "mapped": ({"target": "::ffff:a00:1"}, "target '::ffff:a00:1': is not the address of one host"),
    "mapped with dots": ({"target": "::ffff:10.0.0.1"}, "target '::ffff:10.0.0.1': is not the address of one host"),
    "a group": ({"target": "224.0.0.5"}, "target '224.0.0.5': is not the address of one host"),
    "everybody": ({"target": "255.255.255.255"}, "target '255.255.255.255': is not the address of one host"),
    "nobody": ({"target": "::"}, "target '::': is not the address of one host"),
    "another line": ({"target": "10.27.0.10\n"}, r"target '10.27.0.10\n': is not the address of one host"),
    "other digits": ({"target": "\u0661.27.0.10"}, "target '\u0661.27.0.10': is not the address of one host"),
    "bytes": ({"target": b"10.27.0.10"}, "target of type bytes: is not the address of one host"),
    "a number": ({"target": 169541642}, "target 169541642: is not the address of one host"),
    "a text that lies": ({"target": Written(HOST)}, "target of type Written: is not the address of one host"),
    "too long": ({"target": "1" * 100_000}, f"target '{'1' * 40}...': is not the address of one host"),
    "a source that is none": ({"source": None}, "source of type NoneType: is not a text"),
    "a source that is no truth": ({"source": Loud()}, "source of type Loud: is not a text"),
    "a source of the other kind": (
        {"source": "2001:db8::1"},
        "source 2001:db8::1: is not of the same IP version as the target 10.27.0.10",
    ),
    "an option as VRF": (
        {"vrf": "-f"},
        "vrf '-f': is not the name of a VRF (letters, digits, _ . - and at most 32, a letter or digit first)",
    ),
    "a VRF with another line": (
        {"vrf": "WAN\n"},
        r"vrf 'WAN\n': is not the name of a VRF (letters, digits, _ . - and at most 32, a letter or digit first)",
    ),
    "a VRF that lies": ({"vrf": Written("WAN")}, "vrf of type Written: is not a text"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "said"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("kind", [Request, PingRequest, TraceRequest])
def test_what_is_not_of_its_form_is_refused_in_one_line(kind, fields, said):
    with pytest.raises(UsageError) as refused:
        kind(**{"target": HOST, **fields})

    assert said == str(refused.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (101, "101"),
        (True, "of type bool"),
        (5.0, "of type float"),
        (float("nan"), "of type float"),
        ("5", "'5'"),
        (Counted(5), "of type Counted"),
        (None, "of type NoneType"),
        (10**5000, "of type int"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_count_is_a_plain_number_within_limits(value, shown):
    """Python itself refuses to write out a number of 5,000 digits: the error must not."""
    with pytest.raises(UsageError) as refused:
        PingRequest(HOST, count=value)

    assert f"count {shown}: is not a whole number from 1 to 100" == str(refused.value)


@pytest.mark.parametrize("target", ["10.27.0.10", "127.0.0.1", "2001:db8::10", "::1", "fe80::1"])
def test_addresses_of_one_host_are_taken(target):
    assert target == PingRequest(target).target


def test_all_there_is_can_be_asked():
    asked = PingRequest(HOST, "10.27.16.1", "a.B_c-9", count=100, size=8000, timeout_s=10)

    assert (False, 100) == (asked.is_ipv6, asked.count)
    assert TraceRequest("2001:db8::10", max_hops=30, probes=3, timeout_s=5).is_ipv6
