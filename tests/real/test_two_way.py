"""Both ends of real lines: a router that is logged in to, pings and traces the hub itself, and a verdict on each fault.

    hub --10.67.0.0/30-- r1 --10.67.1.0/30, far-- site
    hub --10.67.5.0/30, second--------------------- site

The site's management address is answered over the second line (policy routing), what it sends of its own accord goes
over the far one: so the two ends see different lines, as they do behind two carriers.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.rigs.netns import End, Link, Namespace, make_link, namespaces
from tests.rigs.serving import wait_until
from tests.rigs.snmpd import COMMUNITY, Snmpd, start_snmpd
from tests.rigs.sshd import Sshd, start_sshd
from wanmon.checks import icmp_echo, snmp_system, ssh_path
from wanmon.checks.result import Result, RouterTarget, Target, Tools
from wanmon.clock import SystemClock
from wanmon.config.secrets import Secrets, SnmpCredential, SshCredential
from wanmon.config.settings import LoginSettings
from wanmon.health.two_way import Judgement, judge
from wanmon.model.change import Action
from wanmon.model.finding import TwoWay, Verdict
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.checking.both_ends import seen
from wanmon.poller.entering import Entrances
from wanmon.poller.logins import Logins
from wanmon.poller.writing import Directly
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.ssh.session import SshClient
from wanmon.protocols.trace import trace
from wanmon.store import host_keys, inventory, leases, schema
from wanmon.store.database import Database

Answer = TypeVar("Answer")
pytestmark = [pytest.mark.real, pytest.mark.usefixtures("need_namespaces")]

SERVICE, R1, FAR, MANAGEMENT = "10.67.8.1", "10.67.1.1", "10.67.1.2", "10.67.9.1"
SITE = {"unit": "BN", "kind": "party", "site_class": "any", "status": "active"}
ROWS = [
    ("unit", "BN", {"name": "Bắc Ninh", "level": "province"}),
    ("class", "any", {"name": "Any"}),
    ("site", "DC1", SITE | {"kind": "datacenter", "name": "Hub"}),
    ("site", "S1", SITE | {"name": "x", "parent": "DC1"}),
    ("device", "S1-R1", {"site": "S1", "address": MANAGEMENT, "snmp": "wan", "ssh": "routers", "platform": "linux"}),
]
#: One direction of a link is dropped where it passes the carrier.
ONE_WAY = """\
table bridge cut {{
  chain forward {{
    type filter hook forward priority 0
    iifname "{port}" drop
  }}
}}
"""
ECHO_FILTER = """\
table ip no_echo {
  chain input {
    type filter hook input priority 0
    icmp type echo-request drop
  }
}
"""


@dataclass
class Both:
    """The hub and the site, the lines between them, and what the site runs."""

    hub: Namespace
    site: Namespace
    carrier: Namespace
    links: dict[str, Link]
    agent: Snmpd
    sshd: Sshd
    database: Database
    restart_agent: Callable[[], Snmpd]

    @property
    def router(self) -> RouterTarget:
        return RouterTarget("S1", "S1-R1", MANAGEMENT, 22, "linux", ("routers",))

    def at_hub(self, work: Callable[[Tools], "asyncio.Future[Answer] | object"]) -> Answer:
        """Work in an event loop whose sockets are the hub's, with clients of its own."""

        async def awaited() -> Answer:
            client, snmp = SshClient(2), SnmpEngine()
            logins = Logins(
                Entrances(client), self.secrets, LoginSettings(), Directly(self.database), SystemClock(), lambda: 0.0
            )
            try:
                return await work(Tools(EchoClient(0.5, 100), snmp, logins))  # type: ignore[misc]
            finally:
                await logins.close()
                await client.close()
                await snmp.close()

        return self.hub.inside(lambda: asyncio.run(awaited()))

    @property
    def secrets(self) -> Secrets:
        given = {"name": "routers", "username": self.sshd.user, "key_file": str(self.sshd.key_file)}
        return Secrets(ssh={"routers": SshCredential.model_validate({**given, "networks": ["10.67.0.0/16"]})})

    def from_site(self, source: str = FAR, **params: object) -> Result:
        """What the site's router says of the way to the hub."""
        target = Target("dc-portal", SERVICE, router=self.router)
        values = {"count": 3, "timeout_s": 1, "max_hops": 3, "source": source, **params}
        return self.at_hub(lambda tools: ssh_path.run(target, ssh_path.Params.model_validate(values), tools))

    def verdict(self, source: str = FAR) -> Judgement | None:
        """What both ends say together."""

        async def ask(tools: Tools) -> Judgement | None:
            community = {"name": "wan", "version": "2c", "community": COMMUNITY, "networks": ["10.67.0.0/16"]}
            snmp = Target("S1-R1", MANAGEMENT, 161, (SnmpCredential.model_validate(community),))
            far = Target("dc-portal", SERVICE, router=self.router)
            params = {"count": 3, "timeout_s": 1, "max_hops": 3, "source": source, "within_s": 20}
            echo = icmp_echo.Params(count=3, interval_s=0.02)
            results = await asyncio.gather(
                icmp_echo.run(Target("S1-R1", MANAGEMENT), echo, tools),
                snmp_system.run(snmp, snmp_system.Params(timeout_s=0.5, retries=1), tools),
                ssh_path.run(far, ssh_path.Params.model_validate(params), tools),
            )
            path = await trace(MANAGEMENT, max_hops=4, probes=1, timeout_s=0.3)
            told = dict(zip(("echo", "snmp", "from_site"), results, strict=True))
            return judge(seen("S1-R1", MANAGEMENT, "dc-portal", path=path, **told))

        return self.at_hub(ask)

    @contextmanager
    def ruled(self, namespace: Namespace, rules: str) -> Iterator[None]:
        family, name = rules.split()[1:3]
        namespace.rules(rules)
        try:
            yield
        finally:
            namespace.rules(f"delete table {family} {name}\n")


@pytest.fixture(scope="module")
def both(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    for program in ("ip", "nft", "ping", "traceroute", "snmpd", "sshd"):
        need(program)
    folder = tmp_path_factory.mktemp("both")
    with namespaces("hub", "r1", "site", "carrier") as made:
        links = _join(made)
        _route(made)
        site = made["site"]

        def start_agent() -> Snmpd:
            how = {"before": site.before, "open_socket": site.socket}
            return start_snmpd(folder / "snmpd", [MANAGEMENT], 161, need("snmpd"), **how)

        agent = start_agent()
        sshd = start_sshd(folder / "sshd", MANAGEMENT, 22, before=site.before, open_socket=site.socket)
        database = _database(folder, sshd)
        ground = Both(made["hub"], site, made["carrier"], links, agent, sshd, database, start_agent)
        try:
            # A fresh bridge takes up to a second to forward.
            wait_until(lambda: _answers(made["hub"], MANAGEMENT) and _answers(site, R1), 10, "both lines are up")
            yield ground
        finally:
            ground.agent.stop()
            sshd.stop()
            database.close()


def _join(made: dict[str, Namespace]) -> dict[str, Link]:
    hub, r1, site, carrier = (made[name] for name in ("hub", "r1", "site", "carrier"))
    return {
        "near": make_link(carrier, "near", End(hub, "to-r1", "10.67.0.1/30"), End(r1, "to-hub", "10.67.0.2/30")),
        "far": make_link(carrier, "far", End(r1, "to-site", f"{R1}/30"), End(site, "wan0", f"{FAR}/30")),
        "second": make_link(carrier, "second", End(hub, "to-site", "10.67.5.1/30"), End(site, "wan1", "10.67.5.2/30")),
    }


def _route(made: dict[str, Namespace]) -> None:
    made["r1"].set("net/ipv4/ip_forward", 1)
    made["r1"].ip(f"route add {SERVICE} via 10.67.0.1", f"route add {MANAGEMENT} via {FAR}")
    made["hub"].ip(
        f"address add {SERVICE}/32 dev lo",
        f"route add {MANAGEMENT} via 10.67.5.2 src {SERVICE}",
        "route add 10.67.1.0/30 via 10.67.0.2",
    )
    made["site"].ip(
        f"address add {MANAGEMENT}/32 dev lo",
        f"route add default via {R1}",
        "route add default via 10.67.5.1 table 100",
        f"rule add from {MANAGEMENT} lookup 100",
    )


def _database(folder: Path, sshd: Sshd) -> Database:
    url = f"sqlite:///{folder}/wanmon.db"
    schema.upgrade(url)
    database, now = Database.open(url), SystemClock().now()
    edits = [Edit(Action.ADD, NOUN[noun], key, {NOUN[noun].key: key, **row}) for noun, key, row in ROWS]
    with database.write() as session:
        inventory.apply(session, edits, author="l", origin="o", command="t", reason="", at=now)
        host_keys.trust(session, "S1-R1", sshd.algorithm, sshd.fingerprint, "lan", now)
    return database


def _answers(namespace: Namespace, address: str) -> bool:
    return namespace.call("ping", "-q", "-n", "-c", "1", "-W", "1", address).returncode == 0


def test_the_sites_own_router_pings_the_hub(both: Both):
    result = both.from_site()

    assert (Verdict.OK, None, 0.0) == (result.verdict, result.reason, result.loss_ratio)
    assert result.text.startswith(f"S1-R1 → dc-portal {SERVICE}: 3 of 3 echoes, ")
    assert result.details["is_verified"]


def test_a_path_of_two_hops_is_named_hop_by_hop_from_the_site(both: Both):
    hops = both.from_site(trace="always").hops

    assert [(1, R1), (2, SERVICE)] == [(hop.number, hop.address) for hop in hops]
    assert all(hop.rtts_s for hop in hops)


def test_what_is_asked_leaves_no_lease_behind(both: Both):
    both.from_site()
    with both.database.read() as session:
        assert None is leases.holder(session, "ssh site S1", SystemClock().now())
        assert None is leases.holder(session, "ssh slot 1", SystemClock().now())


def test_when_all_is_well_the_verdict_is_ok(both: Both):
    found = both.verdict()

    assert found is not None
    assert (TwoWay.OK, "S1-R1 answers the hub's echoes, and it reaches dc-portal") == (found.verdict, found.text)


@pytest.mark.parametrize("port", ["upper-far", "lower-far"], ids=["toward the site", "toward the hub"])
def test_a_line_that_is_cut_in_one_direction_only_is_one_way_loss(both: Both, port: str):
    """Echo, SNMP and SSH come over the second line and are well: the hub alone would never see it."""
    with both.ruled(both.carrier, ONE_WAY.format(port=port)):
        found = both.verdict()

    assert found is not None
    assert TwoWay.ONE_WAY_LOSS is found.verdict
    assert "all of the echoes that it sends to dc-portal are lost" in found.text


def test_over_the_line_that_is_well_the_site_reaches_the_hub_meanwhile(both: Both):
    with both.ruled(both.carrier, ONE_WAY.format(port="upper-far")):
        result = both.from_site(source="management")

    assert Verdict.OK is result.verdict


def test_a_route_that_is_withdrawn_at_the_site_is_return_route(both: Both):
    both.site.ip("route del default")
    try:
        found, result = both.verdict(), both.from_site()
    finally:
        both.site.ip(f"route add default via {R1}")

    assert found is not None
    assert TwoWay.RETURN_ROUTE is found.verdict
    assert (Verdict.CRITICAL, Reason.UNREACHABLE) == (result.verdict, result.reason)


def test_echo_that_is_dropped_while_all_else_answers_is_filtered(both: Both):
    with both.ruled(both.site, ECHO_FILTER):
        found = both.verdict()

    assert found is not None
    assert TwoWay.FILTERED is found.verdict
    assert "answers SNMP and SSH and no echo" in found.text


def test_an_agent_that_is_stopped_is_agent_only(both: Both):
    both.agent.stop()
    try:
        found = both.verdict()
    finally:
        both.agent = both.restart_agent()

    assert found is not None
    assert TwoWay.AGENT_ONLY is found.verdict


def test_a_site_that_is_cut_off_is_down_at_the_hop_behind_the_last_that_answers(both: Both):
    """Its second line is gone, and the far link is cut: r1 still answers."""
    both.hub.ip(f"route replace {MANAGEMENT} via 10.67.0.2 src {SERVICE}")
    both.links["far"].cut()
    try:
        found = both.verdict()
        path = both.at_hub(lambda tools: trace(MANAGEMENT, max_hops=4, probes=1, timeout_s=0.3))
    finally:
        both.links["far"].mend()
        both.hub.ip(f"route replace {MANAGEMENT} via 10.67.5.2 src {SERVICE}")
        wait_until(lambda: _answers(both.site, R1), 10, "the far line is up")

    assert found is not None
    assert (TwoWay.DOWN_AT_HOP, 2) == (found.verdict, found.hop)
    assert "hop 2, behind 10.67.0.2" in found.text
    assert [Hop(1, "10.67.0.2", path[0].rtts_s)] == list(path[:1])
