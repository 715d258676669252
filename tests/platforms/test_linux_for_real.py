"""The commands for Linux are run by a shell as they are, and what iputils and traceroute write is read.

On loopback, and along site - gateway - middle - hub in namespaces, where links are cut and packets are dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.rigs.netns import End, Link, Namespace, make_link, namespaces
from wanmon.model.reason import Reason
from wanmon.platforms import linux
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

pytestmark = pytest.mark.real

HUB, HUB_V6 = "10.99.2.2", "fd00:99:2::2"
GATEWAY, SITE, SITE_V6 = "10.99.1.1", "10.99.1.2", "fd00:99:1::2"
#: Drops the first of two echoes that come to the hub.
HALF = """table ip half {
  chain input { type filter hook input priority 0; icmp type echo-request numgen inc mod 2 0 drop; }
}"""
FILTERED = """table ip filtered {
  chain forward { type filter hook forward priority 0; ip daddr 10.99.2.2 reject with icmp type admin-prohibited; }
}"""


@dataclass(frozen=True)
class Way:
    """A site, the router behind which the hub stands, and the link between router and hub."""

    site: Namespace
    router: Namespace
    hub: Namespace
    far: Link

    def ping(self, target: str = HUB, **asked: object) -> PingReading:
        (command,) = linux.ping(PingRequest(target, **{"count": 1, "timeout_s": 1, **asked}))  # type: ignore[arg-type]
        return linux.read_ping(written(self.site, command))

    def trace(self, target: str = HUB, **asked: object) -> TraceReading:
        (command,) = linux.trace(TraceRequest(target, **{"max_hops": 4, "timeout_s": 1, **asked}))  # type: ignore[arg-type]
        return linux.read_trace(written(self.site, command))


def written(namespace: Namespace, command: str) -> str:
    """What a shell shows after a command."""
    ended = namespace.call("sh", "-c", f"{command} 2>&1")
    return ended.stdout


@pytest.fixture(scope="module")
def way(need: Callable[[str], str], need_namespaces: None) -> Iterator[Way]:
    for program in ("ip", "nft", "ping", "traceroute"):
        need(program)
    with namespaces("site", "router", "hub", "carrier") as made:
        site, router, hub, carrier = (made[name] for name in ("site", "router", "hub", "carrier"))
        make_link(carrier, "near", End(router, "lan", "10.99.1.1/24"), End(site, "wan", "10.99.1.2/24"))
        far = make_link(carrier, "far", End(router, "core", "10.99.2.1/24"), End(hub, "wan", "10.99.2.2/24"))
        for namespace, port, address in (
            (router, "lan", "fd00:99:1::1/64"),
            (site, "wan", "fd00:99:1::2/64"),
            (router, "core", "fd00:99:2::1/64"),
            (hub, "wan", "fd00:99:2::2/64"),
        ):
            namespace.ip(f"address add {address} dev {port} nodad")
        site.ip("route add default via 10.99.1.1", "route add default via fd00:99:1::1")
        hub.ip("route add default via 10.99.2.1", "route add default via fd00:99:2::1")
        router.set("net/ipv4/ip_forward", 1)
        router.set("net/ipv6/conf/all/forwarding", 1)
        router.set("net/ipv4/icmp_ratemask", 0)  # no ICMP is held back
        router.set("net/ipv4/neigh/core/retrans_time_ms", 100)  # a neighbour that is not there is given up soon
        for target in (HUB, HUB_V6):
            site.run("ping", "-n", "-c", "1", "-w", "5", "-i", "0.1", target)  # until the links carry
        yield Way(site, router, hub, far)


@pytest.mark.parametrize(("target", "source"), [(HUB, ""), (HUB, SITE), (HUB_V6, ""), (HUB_V6, SITE_V6)])
def test_the_hub_answers_a_site(way: Way, target: str, source: str) -> None:
    reading = way.ping(target, source=source, size=1400)

    assert (Outcome.ANSWERED, 1, 1, "") == (reading.outcome, reading.sent, reading.received, reading.detail)
    assert reading.rtt_s is not None
    assert 0 < reading.rtt_s < 1


@pytest.mark.parametrize(
    ("target", "source", "hops"),
    [
        (HUB, SITE, [(1, GATEWAY), (2, HUB)]),
        (HUB_V6, SITE_V6, [(1, "fd00:99:1::1"), (2, HUB_V6)]),
    ],
)
def test_the_way_to_the_hub_is_named_hop_by_hop(way: Way, target: str, source: str, hops: list[object]) -> None:
    reading = way.trace(target, source=source)

    assert Outcome.ANSWERED is reading.outcome
    assert hops == [(hop.number, hop.address) for hop in reading.hops]
    assert all(len(hop.rtts_s) == 2 and 0 < min(hop.rtts_s) < 1 for hop in reading.hops)


def test_half_of_the_echoes_are_lost(way: Way) -> None:
    way.hub.rules(HALF)
    reading = way.ping(count=2)
    way.hub.rules("delete table ip half\n")

    assert (Outcome.LOSS, 2, 1) == (reading.outcome, reading.sent, reading.received)
    assert reading.rtt_s is not None


def test_a_link_that_is_cut_ends_the_way_in_silence_behind_the_gateway(way: Way) -> None:
    """Just after the cut the gateway still knows where the hub is, and says nothing."""
    way.ping()
    way.far.cut()
    ping, trace = way.ping(), way.trace(probes=1)
    way.far.mend()

    assert (Outcome.LOSS, 1, 0, None) == (ping.outcome, ping.sent, ping.received, ping.rtt_s)
    assert (Outcome.LOSS, [GATEWAY, "", "", ""]) == (trace.outcome, [hop.address for hop in trace.hops])


def test_a_host_that_is_not_there_is_unreachable(way: Way) -> None:
    """The gateway asks for the neighbour in vain, and then says so."""
    reading = way.ping("10.99.2.77")

    assert (Outcome.UNREACHABLE, 0) == (reading.outcome, reading.received)
    assert reading.detail.startswith("From 10.99.1.1 icmp_seq=")


def test_a_network_that_nobody_knows_is_unreachable(way: Way) -> None:
    """Linux says so for a few packets only, so one probe for each hop is enough."""
    ping, trace = way.ping("10.98.0.1"), way.trace("10.98.0.1", probes=1)
    last = trace.hops[-1]

    assert "From 10.99.1.1 icmp_seq=1 Destination Net Unreachable" == ping.detail
    assert {Outcome.UNREACHABLE} == {ping.outcome, trace.outcome}
    assert (1, GATEWAY, Reason.UNREACHABLE) == (last.number, last.address, last.reason)


def test_what_a_filter_forbids_is_told_from_silence(way: Way) -> None:
    way.router.rules(FILTERED)
    ping, trace = way.ping(), way.trace()
    way.router.rules("delete table ip filtered\n")

    assert (Outcome.PROHIBITED, "From 10.99.1.1 icmp_seq=1 Packet filtered") == (ping.outcome, ping.detail)
    assert (Outcome.PROHIBITED, GATEWAY, Reason.PROHIBITED) == (
        trace.outcome,
        trace.hops[-1].address,
        trace.hops[-1].reason,
    )


def test_a_site_that_has_no_route_itself_says_so(way: Way) -> None:
    way.site.ip("route del default")
    ping, trace = way.ping(), way.trace()
    way.site.ip(f"route add default via {GATEWAY}")

    assert (Outcome.UNREACHABLE, "ping: connect: Network is unreachable") == (ping.outcome, ping.detail)
    assert (Outcome.UNREACHABLE, "connect: Network is unreachable") == (trace.outcome, trace.detail)


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"source": "10.98.0.9"}, "Cannot assign requested address"), ({"vrf": "nosuch"}, "Invalid VRF name")],
)
def test_what_the_site_does_not_have_is_refused(way: Way, asked: dict[str, str], said: str) -> None:
    ping, trace = way.ping(**asked), way.trace(**asked)

    assert {Outcome.REFUSED} == {ping.outcome, trace.outcome}
    assert ping.detail.endswith(said)
    assert trace.detail.endswith(said)


def test_loopback_answers_at_once(way: Way) -> None:
    ping, trace = way.ping("127.0.0.1"), way.trace("::1")

    assert (Outcome.ANSWERED, 1) == (ping.outcome, ping.received)
    assert ["::1"] == [hop.address for hop in trace.hops]
