"""Real routers on the way: two hops, a narrow link that tells or keeps silent, a firewall, a host that is not there.

hub --10.66.0.0/30-- r1 --10.66.1.0/30-- r2 --10.66.2.0/30-- site        fd66:0::/64 and on beside them
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise
from typing import Any, TypeVar, cast

import pytest

from tests.rigs.netns import Namespace, namespaces
from wanmon.checks import icmp_echo, mtu_path, path_trace
from wanmon.checks.result import Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer, EchoOptions, EchoProbe
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.trace import ends_at, trace

Answer = TypeVar("Answer")
pytestmark = [pytest.mark.real, pytest.mark.usefixtures("need_namespaces")]

NAMES = ("hub", "r1", "r2", "site")
SITE, SITE_6 = "10.66.2.2", "fd66:2::2"
NARROW = 1400
#: Another address of the hub's: Linux says "unreachable" to each only five times, and then once a second.
OTHER = "10.66.7.1"
TOOLS = cast(Tools, None)  # these kinds bring their own socket

#: What r2 does with packets toward the site, or r1 with those of its own; in a table that is removed again.
PROHIBIT = "chain f { type filter hook forward priority 0; ip daddr 10.66.2.2 reject with icmp admin-prohibited; }"
PROHIBIT_6 = "chain f { type filter hook forward priority 0; ip6 daddr fd66:2::2 reject with icmpv6 admin-prohibited; }"
SWALLOW = "chain f { type filter hook forward priority 0; ip daddr 10.66.2.2 drop; }"
SILENCED = (
    "chain o { type filter hook output priority 0; icmp type destination-unreachable drop; "
    "icmpv6 type packet-too-big drop; }"
)


@pytest.fixture(scope="module")
def way() -> Iterator[dict[str, Namespace]]:
    with namespaces(*NAMES) as made:
        for namespace in made.values():
            namespace.set("net/ipv6/conf/all/accept_dad", 0)  # else IPv6 takes a second to begin
            namespace.set("net/ipv6/conf/default/accept_dad", 0)
        for at, (upper, lower) in enumerate(pairwise(NAMES)):
            _join(made[upper], made[lower], at)
        for router in ("r1", "r2"):
            made[router].set("net/ipv4/ip_forward", 1)
            made[router].set("net/ipv6/conf/all/forwarding", 1)
            made[router].set("net/ipv4/icmp_ratemask", 0)
            made[router].set("net/ipv6/icmp/ratelimit", 0)
        made["hub"].ip(f"address add {OTHER} dev lo", "route add default via 10.66.0.2", "route add ::/0 via fd66:0::2")
        made["r1"].ip(
            f"route add {OTHER} via 10.66.0.1",
            "route add 10.66.2.0/24 via 10.66.1.2",
            "route add fd66:2::/64 via fd66:1::2",
        )
        made["r2"].ip(
            f"route add {OTHER} via 10.66.1.1",
            "route add 10.66.0.0/24 via 10.66.1.1",
            "route add fd66:0::/64 via fd66:1::1",
            "route add unreachable 10.66.9.0/24",
        )
        made["r1"].ip("route add 10.66.9.0/24 via 10.66.1.2")
        made["site"].ip("route add default via 10.66.2.1", "route add ::/0 via fd66:2::1")
        assert None is one_echo(made, SITE_6, within_s=3).reason
        yield made


def _join(upper: Namespace, lower: Namespace, at: int) -> None:
    upper.ip(f"link add down{at} type veth peer name up{at} netns {lower.name}")
    for end, port, host in ((upper, f"down{at}", 1), (lower, f"up{at}", 2)):
        end.ip(
            f"address add 10.66.{at}.{host}/30 dev {port}",
            f"address add fd66:{at}::{host}/64 dev {port} nodad",
            f"link set {port} up",
        )


@contextmanager
def ruled(namespace: Namespace, chain: str) -> Iterator[None]:
    namespace.rules(f"table inet lab {{\n{chain}\n}}\n")
    try:
        yield
    finally:
        namespace.rules("delete table inet lab")


@contextmanager
def unprivileged(way: dict[str, Namespace]) -> Iterator[None]:
    """The hub gives ping sockets, as it does to who may open no others."""
    way["hub"].run("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647")
    try:
        yield
    finally:
        way["hub"].run("sysctl", "-q", "-w", "net.ipv4.ping_group_range=1 0")


@contextmanager
def narrowed(way: dict[str, Namespace], mtu: int) -> Iterator[None]:
    """The link between r2 and the site takes smaller packets only."""
    for router, port in (("r2", "down2"), ("site", "up2")):
        way[router].ip(f"link set {port} mtu {mtu}")
    try:
        yield
    finally:
        for router, port in (("r2", "down2"), ("site", "up2")):
            way[router].ip(f"link set {port} mtu 1500")


def at_hub(way: dict[str, Namespace], work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Work in an event loop of its own whose sockets are the hub's."""

    async def awaited() -> Answer:
        return await work()

    return way["hub"].inside(lambda: asyncio.run(awaited()))


def one_echo(
    way: dict[str, Namespace], address: str, options: EchoOptions | None = None, within_s: float = 0.3, **how: Any
) -> EchoAnswer:
    async def ask() -> EchoAnswer:
        with EchoProbe(address, options) as probe:
            return await probe.ask(within_s, **how)

    return at_hub(way, ask)


def traced(way: dict[str, Namespace], address: str, **how: Any) -> tuple[Hop, ...]:
    return at_hub(way, lambda: trace(address, probes=1, timeout_s=0.3, **how))


def addresses(hops: tuple[Hop, ...]) -> list[str]:
    return [hop.address for hop in hops]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (SITE, ["10.66.0.2", "10.66.1.2", SITE]),
        (SITE_6, ["fd66::2", "fd66:1::2", SITE_6]),
        ("10.66.0.2", ["10.66.0.2"]),
        ("127.0.0.1", ["127.0.0.1"]),
    ],
    ids=["IPv4", "IPv6", "next door", "ourselves"],
)
def test_a_path_is_named_hop_by_hop(way: dict[str, Namespace], address: str, expected: list[str]):
    hops = traced(way, address)

    assert expected == addresses(hops)
    assert all(0 < rtt_s < 0.3 for hop in hops for rtt_s in hop.rtts_s)
    assert [1] * len(expected) == [len(hop.rtts_s) for hop in hops]
    assert ends_at(hops, address).reached


@pytest.mark.parametrize(
    ("router", "chain", "address", "expected", "reason", "words"),
    [
        ("r2", PROHIBIT, SITE, ["10.66.0.2", "10.66.1.2", "10.66.1.2"], Reason.PROHIBITED,
         "answers end at hop 3: 10.66.1.2 says prohibited"),
        ("r2", PROHIBIT_6, SITE_6, ["fd66::2", "fd66:1::2", "fd66:1::2"], Reason.PROHIBITED,
         "answers end at hop 3: fd66:1::2 says prohibited"),
        ("r2", SWALLOW, SITE, ["10.66.0.2", "10.66.1.2", ""], None, "answers end at hop 3 (after 10.66.1.2)"),
        ("r1", SWALLOW, SITE, ["10.66.0.2", ""], None, "answers end at hop 2 (after 10.66.0.2)"),
        ("r2", "", "10.66.9.1", ["10.66.0.2", "10.66.1.2"], Reason.UNREACHABLE,
         "answers end at hop 2: 10.66.1.2 says unreachable"),
    ],
    ids=["prohibited", "prohibited IPv6", "swallowed", "swallowed early", "unreachable"],
)  # fmt: skip
def test_a_path_that_ends_early_tells_where_and_how(
    way: dict[str, Namespace],
    router: str,
    chain: str,
    address: str,
    expected: list[str],
    reason: Reason | None,
    words: str,
):
    with ruled(way[router], chain):
        hops = traced(way, address, source=OTHER if "." in address else "")

    assert expected == addresses(hops)
    assert reason == hops[-1].reason
    assert words == ends_at(hops, address).text


def test_a_dead_host_costs_the_timeout_of_each_probe_and_not_of_each_hop(way: dict[str, Namespace]):
    """15 hops, 2 probes of 0.1 s each: a second and a half if the hops were asked in turn."""

    async def timed() -> float:
        began_s = asyncio.get_running_loop().time()
        await trace(SITE, probes=2, timeout_s=0.1)
        return asyncio.get_running_loop().time() - began_s

    with ruled(way["r1"], SWALLOW):
        took_s = at_hub(way, timed)

    assert 0.2 <= took_s < 0.6


@pytest.mark.parametrize(
    ("router", "chain", "address", "expected"),
    [
        ("r2", PROHIBIT, SITE, (Reason.PROHIBITED, "10.66.1.2", Refusal.PROHIBITED)),
        ("r2", PROHIBIT_6, SITE_6, (Reason.PROHIBITED, "fd66:1::2", Refusal.PROHIBITED)),
        ("r2", "", "10.66.9.1", (Reason.UNREACHABLE, "10.66.1.2", Refusal.UNREACHABLE)),
        ("r1", SWALLOW, SITE, (Reason.TIMEOUT, "", None)),
        ("r1", "", "203.0.113.1", (Reason.UNREACHABLE, "10.66.0.2", Refusal.UNREACHABLE)),
        ("r1", "", SITE, (None, SITE, None)),
        ("r1", "", SITE_6, (None, SITE_6, None)),
    ],
    ids=["prohibited", "prohibited IPv6", "unreachable", "silence", "no route further on", "alive", "alive IPv6"],
)
def test_an_echo_tells_who_refused_it_and_how(
    way: dict[str, Namespace], router: str, chain: str, address: str, expected: tuple[Any, ...]
):
    with ruled(way[router], chain):
        answer = one_echo(way, address)

    assert expected == (answer.reason, answer.source, answer.refusal)


@pytest.mark.parametrize(("address", "offender"), [(SITE, "10.66.1.2"), (SITE_6, "fd66:1::2")], ids=["IPv4", "IPv6"])
def test_a_packet_that_may_not_be_fragmented_is_refused_with_the_limit(
    way: dict[str, Namespace], address: str, offender: str
):
    with narrowed(way, NARROW):
        refused = one_echo(way, address, EchoOptions(df=True), size=1500)
        small = one_echo(way, address, EchoOptions(df=True), size=NARROW)
        free = one_echo(way, "10.66.2.2", EchoOptions(), size=3000)

    assert (Refusal.TOO_BIG, offender, NARROW) == (refused.refusal, refused.source, refused.mtu)
    assert None is small.reason
    assert None is free.reason


@pytest.mark.parametrize("address", [SITE, SITE_6], ids=["IPv4", "IPv6"])
def test_what_our_own_port_does_not_take_is_too_big_at_once(way: dict[str, Namespace], address: str):
    answer = one_echo(way, address, EchoOptions(df=True), size=1501)

    assert (Refusal.TOO_BIG, "", 1500) == (answer.refusal, answer.source, answer.mtu)


def test_an_echo_leaves_with_its_mark_and_from_its_source(way: dict[str, Namespace]):
    """Counted where it arrives."""
    way["site"].rules(
        "table inet marks {\nchain i { type filter hook input priority 0; "
        "icmp type echo-request ip saddr 10.66.0.1 ip dscp 46 counter; "
        "icmpv6 type echo-request ip6 dscp 46 counter; }\n}\n"
    )
    one_echo(way, SITE, EchoOptions(dscp=46, source="10.66.0.1"))
    one_echo(way, SITE_6, EchoOptions(dscp=46))
    listed = way["site"].run("nft", "list", "ruleset")
    way["site"].rules("delete table inet marks")

    assert 2 == listed.count("packets 1 ")


def test_a_source_that_is_not_ours_is_our_own_fault(way: dict[str, Namespace]):
    result = checked(way, icmp_echo, Target("site", SITE), source="10.66.2.2", count=1)

    assert (Verdict.UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
    assert "no echo to 10.66.2.2 from 10.66.2.2: " in result.text


def checked(way: dict[str, Namespace], kind: Any, target: Target, **params: Any) -> Any:
    given = kind.Params(**{"timeout_s": 0.3, **params})
    return at_hub(way, lambda: kind.run(target, given, TOOLS))


@pytest.mark.parametrize(("address", "least"), [(SITE, 1300), (SITE_6, 1280)], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ("", "larger ones are refused by"),
        (SILENCED, "larger ones vanish without a word"),
    ],
    ids=["told", "black hole"],
)
def test_the_largest_packet_that_passes_is_found(
    way: dict[str, Namespace], chain: str, words: str, address: str, least: int
):
    with narrowed(way, NARROW), ruled(way["r2"], chain):
        small = checked(way, mtu_path, Target("site", address), minimum=least, probes=1, timeout_s=0.2)
        too_small = checked(way, mtu_path, Target("site", address), minimum=NARROW + 1, probes=1, timeout_s=0.2)

    assert NARROW == small.measured("mtu")
    assert (Verdict.WARNING, Reason.SMALL) == (small.verdict, small.reason)
    assert f"packets of {NARROW} bytes pass unfragmented, {words}" in small.text
    assert Verdict.CRITICAL is too_small.verdict


def test_a_wide_path_passes_what_is_expected(way: dict[str, Namespace]):
    result = checked(way, mtu_path, Target("site", SITE))

    assert (Verdict.OK, 1500) == (result.verdict, result.measured("mtu"))


def test_a_changed_path_names_the_first_other_hop(way: dict[str, Namespace]):
    same = checked(way, path_trace, Target("site", SITE), baseline=["10.66.0.2", "*", SITE])
    other = checked(way, path_trace, Target("site", SITE, baseline=(Hop(1, "10.66.0.2"), Hop(2, "10.9.9.9"))))

    assert (Verdict.OK, None) == (same.verdict, same.reason)
    assert (Verdict.WARNING, Reason.CHANGED) == (other.verdict, other.reason)
    assert "the path has changed: hop 2 is 10.66.1.2, it was 10.9.9.9" == other.text
    assert ["10.66.0.2", "10.66.1.2", SITE] == addresses(other.hops)


def test_an_echo_check_tells_what_the_network_said(way: dict[str, Namespace]):
    with ruled(way["r2"], PROHIBIT):
        prohibited = checked(way, icmp_echo, Target("site", SITE), count=2, interval_s=0.01)
    with narrowed(way, NARROW):
        big = checked(way, icmp_echo, Target("site", SITE), count=2, interval_s=0.01, size=1500, df=True)

    assert (Verdict.CRITICAL, Reason.PROHIBITED) == (prohibited.verdict, prohibited.reason)
    assert "0 of 2 echoes answered: prohibited at 10.66.1.2" == prohibited.text
    assert (Verdict.CRITICAL, Reason.TOO_BIG) == (big.verdict, big.reason)
    assert "0 of 2 echoes answered: too big at 10.66.1.2 (1500 bytes, MTU 1400)" == big.text


def test_a_ping_socket_tells_the_same_as_a_raw_one(way: dict[str, Namespace]):
    """Without privilege: Linux gives such sockets an identifier of its own."""

    async def asked() -> tuple[bool, tuple[Hop, ...], EchoAnswer, EchoAnswer]:
        with EchoProbe(SITE, EchoOptions(df=True)) as probe, EchoProbe(SITE_6) as other:
            raw = probe._raw or other._raw
            return raw, await trace(SITE, probes=1, timeout_s=0.3), await probe.ask(0.3), await other.ask(0.3)

    with unprivileged(way):
        raw, hops, four, six = at_hub(way, asked)

    assert not raw
    assert ["10.66.0.2", "10.66.1.2", SITE] == addresses(hops)
    assert (None, SITE) == (four.reason, four.source)
    assert (None, SITE_6) == (six.reason, six.source)


@pytest.mark.parametrize("is_raw", [True, False], ids=["raw", "ping"])
def test_many_hosts_over_one_socket_each_get_their_own_reason(way: dict[str, Namespace], *, is_raw: bool):
    """Only the silent ones take their time; an error of one is not told of another."""
    hosts = [SITE, SITE_6, "10.66.9.1", "10.66.0.2", "fd66:1::2", "127.27.0.1", "10.66.2.3"]
    rules = f"{PROHIBIT_6}\n{SWALLOW.replace('chain f', 'chain g').replace(SITE, '10.66.2.3')}"

    async def asked() -> tuple[list[Reason | None], int]:
        client = EchoClient(timeout_s=0.3)
        echoes = await asyncio.gather(*map(client.ask, hosts))
        return [echo.reason for echo in echoes], client.under_way

    with nullcontext() if is_raw else unprivileged(way), ruled(way["r2"], rules):
        reasons, left = at_hub(way, asked)

    assert [None, Reason.PROHIBITED, Reason.UNREACHABLE, None, None, None, Reason.TIMEOUT] == reasons
    assert 0 == left


def test_a_host_that_no_route_leads_to_is_unreachable(way: dict[str, Namespace]):
    way["hub"].ip("route add unreachable 10.66.8.0/24")

    async def asked() -> Reason | None:
        return (await EchoClient(timeout_s=5).ask("10.66.8.1")).reason

    assert Reason.UNREACHABLE is at_hub(way, asked)
