"""A province in network namespaces: real routers that forward, real net-snmp agents, links that can be cut.

    mon -- T-DC1 -- T-0001 -- T-0011, T-0012, T-0013
                 -- T-0002 -- T-0021, T-0022, T-0023

`mon` is where `wanmon serve` runs. Each site is one router with a management address on `lo` and a port `wan0` (the
hub's is `mon0`) toward its parent. Every link runs through a bridge of the carrier's. Holds the ground and its
faults; knows nothing of wanmon's insides.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.rigs.netns import End, Link, Namespace, make_link, namespaces
from tests.rigs.serving import wait_until
from tests.rigs.snmpd import COMMUNITY, Snmpd, start_snmpd

#: The programs that it is made of and asked with.
PROGRAMS = ("ip", "nft", "ping", "snmpd", "snmpget")
MONITOR, CARRIER = "mon", "carrier"
HUB = "T-DC1"
DISTRICTS = ("T-0001", "T-0002")
PARENTS = {
    HUB: MONITOR,
    **dict.fromkeys(DISTRICTS, HUB),
    **dict.fromkeys(("T-0011", "T-0012", "T-0013"), "T-0001"),
    **dict.fromkeys(("T-0021", "T-0022", "T-0023"), "T-0002"),
}
SITES = tuple(PARENTS)
NETWORK = "10.27.0.0/16"
SNMP_PORT = 161

_LOSS = """\
add table ip loss
delete table ip loss
table ip loss {{
  counter arrived {{ }}
  counter dropped {{ }}
  counter echoes_arrived {{ }}
  counter echoes_dropped {{ }}
  chain input {{
    type filter hook input priority -10
    counter name arrived
    icmp type echo-request counter name echoes_arrived
    numgen random mod 100 >= {percent} accept
    counter name dropped
    icmp type echo-request counter name echoes_dropped
    drop
  }}
}}
"""
_ECHO_FILTER = """\
add table ip echo_filter
delete table ip echo_filter
table ip echo_filter {
  chain input {
    type filter hook input priority 0
    icmp type echo-request drop
  }
}
"""


@dataclass(frozen=True)
class Losses:
    """What a site's `drop` has done since it was set: packets for the router itself, and the echo requests of these."""

    arrived: int
    dropped: int
    echoes_arrived: int
    echoes_dropped: int


@dataclass
class Ground:
    """The province while it stands; faults of one kind are undone without touching those of another."""

    folder: Path
    snmpd: str
    monitor: Namespace
    routers: dict[str, Namespace]
    links: dict[str, Link] = field(default_factory=dict)
    agents: dict[str, Snmpd] = field(default_factory=dict)

    def cut(self, site: str) -> None:
        """Cut the link to its parent in the middle: its port stays up, and nothing passes."""
        self.links[site].cut()

    def pull(self, site: str) -> None:
        """Set its port toward its parent down, as if the plug were pulled: the carrier is lost, routes go."""
        self.routers[site].ip(f"link set {uplink(site)} down")

    def mend(self, site: str) -> None:
        """Undo `cut` and `pull`; no harm where neither was done."""
        self.links[site].mend()
        self.routers[site].ip(f"link set {uplink(site)} up", *_routes_up(site))

    def drop(self, site: str, percent: int) -> None:
        """Lose that many of a hundred packets (1 to 99) to the router itself at random; counts from now on."""
        self.routers[site].rules(_LOSS.format(percent=percent))

    def undrop(self, site: str) -> None:
        """Lose nothing any more; the counters of the loss go, too."""
        self.routers[site].rules("add table ip loss\ndelete table ip loss\n")

    def losses(self, site: str) -> Losses:
        """What `drop` has counted so far."""
        return Losses(**self.routers[site].counters("loss"))

    def filter_echo(self, site: str) -> None:
        """Let it answer no echo request, while all else is answered."""
        self.routers[site].rules(_ECHO_FILTER)

    def unfilter(self, site: str) -> None:
        """Let it answer echo requests again; no harm where it does."""
        self.routers[site].rules("add table ip echo_filter\ndelete table ip echo_filter\n")

    def start_agent(self, site: str) -> None:
        """Start its snmpd and wait for its first answer; its sysUpTime begins at 0."""
        namespace, folder = self.routers[site], self.folder / site
        self.agents[site] = start_snmpd(
            folder,
            ["0.0.0.0"],
            SNMP_PORT,
            self.snmpd,
            [f"sysName {site}"],
            before=namespace.before,
            open_socket=namespace.socket,
        )

    def stop_agent(self, site: str) -> None:
        """End its snmpd; no harm where it has ended."""
        if site in self.agents:
            self.agents[site].stop()

    def restart_agent(self, site: str) -> None:
        """End its snmpd and start another."""
        self.stop_agent(site)
        self.start_agent(site)

    def mend_everything(self) -> None:
        """Undo every fault of every site, and wait until all of them answer."""
        for site in SITES:
            self.mend(site)
            self.undrop(site)
            self.unfilter(site)
            if self.agents[site].process.poll() is not None:
                self.start_agent(site)
        wait_until(lambda: set(SITES) == self.answering(), 10, "every site answers")

    def answering(self) -> set[str]:
        """The sites that answer an echo request of the monitor's within a second; all are asked at once."""
        with ThreadPoolExecutor(len(SITES)) as threads:
            return {site for site, echoes in zip(SITES, threads.map(self.echoes, SITES), strict=True) if echoes}

    def echoes(self, site: str, count: int = 1, every_s: float = 0.002) -> int:
        """How many of some echo requests from the monitor the router answers, each within a second."""
        asking = ("ping", "-q", "-n", "-c", str(count), "-i", str(every_s), "-W", "1", address_of(site))
        ended = self.monitor.call(*asking)
        received = re.search(r"(\d+) received", ended.stdout)
        assert received, ended.stdout + ended.stderr
        return int(received[1])

    def snmp(self, site: str, *oids: str, from_inside: bool = False) -> list[str]:
        """The bare values of some objects, told to the monitor or to the router itself; none where it is silent."""
        asker = self.routers[site] if from_inside else self.monitor
        asking = ("snmpget", "-v2c", "-c", COMMUNITY, "-t", "1", "-r", "1", "-OvqtU", address_of(site))
        return [line.strip('"') for line in asker.call(*asking, *oids).stdout.splitlines()]

    def index(self, site: str) -> int:
        """The ifIndex of its port toward its parent."""
        return int(self.routers[site].port(uplink(site))["ifindex"])

    def has_carrier(self, site: str) -> bool:
        """Whether its port toward its parent is up and has a carrier."""
        return "LOWER_UP" in self.routers[site].port(uplink(site))["flags"]

    def close(self) -> None:
        """End every agent."""
        for site in self.agents:
            self.stop_agent(site)


def way(site: str) -> tuple[str, ...]:
    """The places from the monitor down to a site, both included."""
    return (site,) if site == MONITOR else (*way(PARENTS[site]), site)


def uplink(site: str) -> str:
    """The name of its port toward its parent."""
    return "mon0" if site == HUB else "wan0"


def address_of(site: str) -> str:
    """Its management address."""
    return f"10.27.0.{SITES.index(site) + 1}"


def link_address(site: str, end: int) -> str:
    """An address on the link above a site: end 1 is its parent's, end 2 its own."""
    return f"10.27.{SITES.index(site) + 1}.{end}"


@contextmanager
def make_ground(folder: Path, snmpd: str) -> Iterator[Ground]:
    """The whole province, every agent answering; gone afterwards, whatever happened. `snmpd` is the program's path."""
    with namespaces(MONITOR, CARRIER, *SITES) as made:
        ground = Ground(folder, snmpd, made[MONITOR], {site: made[site] for site in SITES})
        for site, parent in PARENTS.items():
            upper = End(made[parent], f"to-{site}", f"{link_address(site, 1)}/30")
            lower = End(made[site], uplink(site), f"{link_address(site, 2)}/30")
            ground.links[site] = make_link(made[CARRIER], site, upper, lower)
        for site, router in ground.routers.items():
            router.set("net/ipv4/ip_forward", 1)
            router.ip(f"address add {address_of(site)}/32 dev lo", *_routes_up(site), *_routes_down(site))
        ground.monitor.ip(*_routes_down(MONITOR))
        try:
            with ThreadPoolExecutor(len(SITES)) as threads:
                list(threads.map(ground.start_agent, SITES))
            # A fresh bridge takes up to a second to forward, and a lost ARP request is repeated after another.
            wait_until(lambda: set(SITES) == ground.answering(), 10, "every site answers")
            yield ground
        finally:
            ground.close()


def _routes_up(site: str) -> list[str]:
    """The way of everything that is not below it; a port that was down has lost it."""
    return [] if site == HUB else [f"route replace default via {link_address(site, 1)}"]


def _routes_down(place: str) -> list[str]:
    """The ways to every site below a place, and to the links between these."""
    lines = []
    for site in SITES:
        for upper, lower in pairwise(way(site)):
            if upper == place:
                lines.append(f"route replace {address_of(site)} via {link_address(lower, 2)}")
            if upper == place and lower != site:
                lines.append(f"route replace {link_address(site, 0)}/30 via {link_address(lower, 2)}")
    return lines
