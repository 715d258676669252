"""No value, however hostile, leads to a command that is not of its template's language.

Each value is one field of a request among sound ones; the request goes through every template of every platform.
20,000 values; `make templates` makes 1,000,000 (WANMON_TEMPLATES). WANMON_TEMPLATES_SEED begins elsewhere. The language
of each template stands here by hand, knowing nothing of how commands are put together.
"""

import os
import random
import re
from collections import Counter
from typing import Any

import pytest

from tests.platforms import hostile
from wanmon.errors import UsageError
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.registry import names, platform

VALUES = int(os.environ.get("WANMON_TEMPLATES", "20000"))
SEED = int(os.environ.get("WANMON_TEMPLATES_SEED", "20260302"))

_BYTE = "(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
_V4 = rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}"
_V6 = "(?=[0-9a-f:]*:)[0-9a-f:]{2,39}"
_VRF = "[A-Za-z0-9][A-Za-z0-9_.-]{0,31}"
_COUNT = "(?:[1-9][0-9]?|100)"
_SIZE = "[1-9][0-9]{1,3}"
_SECONDS = "(?:[1-9]|10)"
_MS = "(?:[1-9]|10)000"
_HOPS = "(?:[1-9]|[12][0-9]|30)"
_PROBES = "[123]"
_WAIT, _WAIT_MS = "[1-5]", "[1-5]000"

_IOS = f"(vrf {_VRF} )?(ip {_V4}( source {_V4})?|ipv6 {_V6}( source {_V6})?)"
_IOS_PING = f"ping {_IOS} repeat {_COUNT} size {_SIZE} timeout {_SECONDS}"
_IOS_TRACE = f"traceroute {_IOS} probe {_PROBES} timeout {_WAIT} ttl 1 {_HOPS} numeric"
_VRP = (
    f"(?:(?:-vpn-instance {_VRF} )?(?:-a {_V4} )?{{0}} {_V4}|ipv6 (?:vpn-instance {_VRF} )?(?:-a {_V6} )?{{0}} {_V6})"
)
_COMWARE = _VRP.replace("ipv6 (?:vpn-instance", "ipv6 (?:-vpn-instance")
_ECHOES = f"-c {_COUNT} -s {_SIZE} -t {_MS}"
_STEPS = f"-m {_HOPS} -q {_PROBES} -w {_WAIT_MS}"
_JUNOS = (
    f"(?:{_V4} inet no-resolve(?: routing-instance {_VRF})?(?: source {_V4})?"
    f"|{_V6} inet6 no-resolve(?: routing-instance {_VRF})?(?: source {_V6})?)"
)
_ROUTEROS = f"address=(?:{_V4}(?: src-address={_V4})?|{_V6}(?: src-address={_V6})?)(?: vrf={_VRF})?"
_BEFORE = f"env LC_ALL=C (?:ip vrf exec {_VRF} )?"

#: What each platform may be told, line by line: for a ping, and for a trace.
LANGUAGE: dict[str, tuple[str, str]] = {
    "cisco_ios": (_IOS_PING, _IOS_TRACE),
    "cisco_xe": (_IOS_PING, _IOS_TRACE),
    "huawei_vrp": ("ping " + _VRP.replace("{0}", _ECHOES), "tracert " + _VRP.replace("{0}", _STEPS)),
    "hp_comware": ("ping " + _COMWARE.replace("{0}", _ECHOES), "tracert " + _COMWARE.replace("{0}", _STEPS)),
    "juniper_junos": (
        f"ping {_JUNOS} count {_COUNT} size {_SIZE} wait {_SECONDS}",
        f"traceroute {_JUNOS} ttl {_HOPS} wait {_WAIT}",
    ),
    "mikrotik_routeros": (
        f"/ping {_ROUTEROS} count={_COUNT} size={_SIZE} interval=[1-5]s",
        f"/tool traceroute {_ROUTEROS} count={_PROBES} timeout={_WAIT}s max-hops={_HOPS} use-dns=no",
    ),
    "fortinet": (
        f"execute ping-options (?:reset|repeat-count {_COUNT}|data-size {_SIZE}|timeout {_SECONDS}|source {_V4})"
        f"|execute ping6-options (?:reset|repeat-count {_COUNT}|data-size {_SIZE}|timeout {_SECONDS}|source {_V6})"
        f"|execute ping {_V4}|execute ping6 {_V6}",
        f"execute traceroute-options (?:queries {_PROBES}|source (?:auto|{_V4}))|execute traceroute {_V4}"
        f"|execute tracert6 -n -m {_HOPS} -q {_PROBES} -w {_WAIT}(?: -s {_V6})? {_V6}",
    ),
    "linux": (
        f"{_BEFORE}ping -n -c {_COUNT} -W {_SECONDS} -s {_SIZE}(?: -I {_V4} {_V4}| -I {_V6} {_V6}| {_V4}| {_V6})",
        f"{_BEFORE}traceroute -n -q {_PROBES} -w {_WAIT} -m {_HOPS}(?: -s {_V4} {_V4}| -s {_V6} {_V6}| {_V4}| {_V6})",
    ),
}
TEMPLATES = [
    (getattr(platform(name), verb), kind, re.compile(LANGUAGE[name][place]))
    for name in names()
    for place, (verb, kind) in enumerate((("ping", PingRequest), ("trace", TraceRequest)))
]
FIELDS = {
    PingRequest: (("target", "source", "vrf"), ("count", "size", "timeout_s")),
    TraceRequest: (("target", "source", "vrf"), ("max_hops", "probes", "timeout_s")),
}


def values(chance: random.Random, kind: type) -> dict[str, Any]:
    """Sound values for some fields, and a hostile one for one of them."""
    texts, numbers = FIELDS[kind]
    sound: dict[str, Any] = chance.choice(
        (
            {"target": "10.27.0.1"},
            {"target": "10.27.0.1", "source": "10.27.16.1", "vrf": "WAN"},
            {"target": "2001:db8::1", "source": "2001:db8::2"},
            {"target": "2001:db8::1", "vrf": "WAN"},
        )
    )
    field = chance.choice(texts + numbers)
    return sound | {field: hostile.text(chance) if field in texts else hostile.number(chance)}


def made(kind: type, fields: dict[str, Any]) -> PingRequest | TraceRequest | str:
    """The request, or the line that refuses it."""
    try:
        return kind(**fields)  # type: ignore[no-any-return]
    except UsageError as error:
        return str(error)


def commands(template: Any, request: Any) -> tuple[str, ...]:
    try:
        return tuple(template(request))
    except UsageError:
        return ()


def test_no_value_leads_out_of_the_language_of_a_template() -> None:
    """Either the value is refused in one short printable line, or every command is what it may be."""
    chance, counted = random.Random(SEED), Counter[str]()
    outside: list[str] = []
    for number in range(VALUES):
        kind = (PingRequest, TraceRequest)[number % 2]
        request = made(kind, values(chance, kind))
        counted["refused" if isinstance(request, str) else "made"] += 1
        if isinstance(request, str):
            assert request.isprintable(), request
            assert len(request) < 250, request
            continue
        for template, asks, language in TEMPLATES:
            for command in commands(template, request) if asks is kind else ():
                counted["commands"] += 1
                outside += [] if language.fullmatch(command) else [command]
    print(f"seed {SEED}: {VALUES} values, {dict(counted)}, {len(outside)} outside")  # noqa: T201

    assert [] == outside[:10]
    assert VALUES == counted["refused"] + counted["made"]
    assert min(counted["refused"], counted["made"]) > VALUES / 10


@pytest.mark.parametrize("name", names())
def test_every_platform_has_its_language_told_here(name: str) -> None:
    assert name in LANGUAGE


@pytest.mark.parametrize(
    "command",
    [
        "ping ip 10.27.0.1 repeat 5 size 84 timeout 2\nreload",
        "ping ip 10.27.0.1 repeat 5 size 84 timeout 2 ",
        "ping vrf -f ip 10.27.0.1 repeat 5 size 84 timeout 2",
        "ping ip 10.27.0.256 repeat 5 size 84 timeout 2",
        "ping ip 10.27.0.1 repeat 101 size 84 timeout 2",
        "ping ip 2001:db8::1 repeat 5 size 84 timeout 2",
    ],
)
def test_the_language_itself_lets_nothing_more_in(command: str) -> None:
    """A test that lets everything in would find nothing."""
    assert not re.fullmatch(_IOS_PING, command)
