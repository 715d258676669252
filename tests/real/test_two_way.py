"""Both ends of real lines: a router that is logged in to, pings and traces the hub itself, and a verdict on each fault.

    hub (DC1) --10.67.0.0/30-- r1 (D1) --10.67.1.0/30, far-- site (S1)
    hub (DC1) --10.67.5.0/30, second---------------------------- site (S1)

The site's management address is answered over the second line (policy routing), what it sends of its own accord goes
over the far one: so the two ends see different lines, as they do behind two carriers. The verdicts are those that
`wanmon check run S1` prints, run as people run it; the last test is what a running service makes of a cut.
"""

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.rigs.netns import End, Link, Namespace, make_link, namespaces
from tests.rigs.province import Province, init_province
from tests.rigs.serving import WANMON, Running, start, wait_until
from tests.rigs.snmpd import COMMUNITY, Snmpd, start_snmpd
from tests.rigs.sshd import Sshd, start_sshd
from wanmon.checks import ssh_path
from wanmon.checks.result import Result, RouterTarget, Target, Tools
from wanmon.clock import SystemClock
from wanmon.config.secrets import Secrets, SshCredential
from wanmon.config.settings import LoginSettings
from wanmon.model.finding import Verdict
from wanmon.poller.entering import Entrances
from wanmon.poller.logins import Logins
from wanmon.poller.writing import Directly
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.ssh.session import SshClient
from wanmon.store import inventory, leases
from wanmon.store.database import Database

Answer = TypeVar("Answer")
pytestmark = [pytest.mark.real, pytest.mark.usefixtures("need_namespaces")]

SERVICE, R1, FAR, MANAGEMENT = "10.67.8.1", "10.67.1.1", "10.67.1.2", "10.67.9.1"
ABOVE = "10.67.0.2"
WEB_PORT = 17700
ECHO, SNMP = '"{""count"": 5, ""interval_s"": 0.02}"', '"{""timeout_s"": 0.5, ""retries"": 1}"'
WAY = f'"{{""count"": 5, ""timeout_s"": 1, ""max_hops"": 3, ""source"": ""{FAR}"", ""within_s"": 20}}"'
FILES = {
    "units": ["code,name,kind,level", "27,Bắc Ninh,tỉnh,province"],
    "classes": ["code,name,liveness_interval_s,fast_interval_s,slow_interval_s", "any,Any,1,5,600"],
    "sites": [
        "code,name,unit,kind,site_class,status,parent",
        "DC1,Hub,27,datacenter,any,active,",
        "D1,Gia Bình,27,peoples_committee,any,active,DC1",
        "S1,Xuân Lai,27,peoples_committee,any,active,D1",
    ],
    "devices": [
        "name,site,role,address,liveness,snmp,ssh,platform",
        f"D1-R1,D1,edge,{ABOVE},icmp,none,above,linux",
        f"S1-R1,S1,edge,{MANAGEMENT},icmp,wan,routers,linux",
    ],
    "services": ["code,name,site,address,port", f"dc-portal,Portal,DC1,{SERVICE},443"],
    "checks": [
        "code,kind,site,target,interval_s,params",
        f"echo,icmp_echo,S1,,10,{ECHO}",
        f"snmp,snmp_system,S1,,10,{SNMP}",
        f"way,ssh_path,S1,dc-portal,10,{WAY}",
    ],
}
SECRETS = """\
[snmp.wan]
version = "2c"
community = "{community}"
networks = ["10.67.0.0/16"]
"""
LOGIN = """\
[ssh.{name}]
username = "{sshd.user}"
key_file = "{sshd.key_file}"
networks = ["10.67.0.0/16"]
"""
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
    province: Province
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

    def call(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of wanmon at the hub, as people there do, to its end."""
        words = [*self.hub.before, *WANMON, *command]
        return subprocess.run(words, cwd=self.province.folder, capture_output=True, text=True, timeout=60, check=False)

    def verdict(self) -> str:
        """What both ends say together: the line below the table of `check run`."""
        ended = self.call("check", "run", "S1")
        print(ended.stdout, ended.stderr)  # noqa: T201 - for the one who looks
        line = ended.stdout.splitlines()[-1]
        assert line.startswith("S1 Xuân Lai: "), line
        return line.removeprefix("S1 Xuân Lai: ")

    def told(self, *command: str) -> dict[str, Any]:
        """What a command says as JSON."""
        return dict(json.loads(self.call(*command, "-o", "json").stdout))

    def serve(self) -> Running:
        """Start serving at the hub; it is asked over HTTP from here."""
        listen, how = f"127.0.0.1:{WEB_PORT}", {"before": self.hub.before, "connection": self.hub.connection}
        return start(self.province.folder, "serve", "--listen", listen, port=WEB_PORT, **how)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """The second line of the site is gone, and the far one is cut: the router above still answers."""
        self.hub.ip(f"route replace {MANAGEMENT} via {ABOVE} src {SERVICE}")
        self.links["far"].cut()
        try:
            yield
        finally:
            self.links["far"].mend()
            self.hub.ip(f"route replace {MANAGEMENT} via 10.67.5.2 src {SERVICE}")
            wait_until(lambda: _answers(self.site, R1), 10, "the far line is up")

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
        r1 = made["r1"]
        above = start_sshd(folder / "above", ABOVE, 22, before=r1.before, open_socket=r1.socket)
        province = _province(folder, sshd, above)
        database = Database.open(f"sqlite:///{province.database}")
        with database.read() as session:
            assert {"D1-R1", "S1-R1"} == set(inventory.load(session).devices)
        ground = Both(made["hub"], site, made["carrier"], links, agent, sshd, province, database, start_agent)
        try:
            # A fresh bridge takes up to a second to forward.
            wait_until(lambda: _answers(made["hub"], MANAGEMENT) and _answers(site, R1), 10, "both lines are up")
            for device, server in (("S1-R1", sshd), ("D1-R1", above)):
                ended = ground.call("device", "trust", device, "--fingerprint", server.fingerprint)
                assert 0 == ended.returncode, ended.stderr
            yield ground
        finally:
            ground.agent.stop()
            sshd.stop()
            above.stop()
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


def _province(folder: Path, sshd: Sshd, above: Sshd) -> Province:
    province = init_province(folder, ("DC1", "D1", "S1"))
    logins = (LOGIN.format(name=name, sshd=server) for name, server in (("routers", sshd), ("above", above)))
    secrets = province.folder / "secrets.toml"
    secrets.unlink(missing_ok=True)
    with os.fdopen(os.open(secrets, os.O_WRONLY | os.O_CREAT, 0o600), "w") as written:
        written.write(SECRETS.format(community=COMMUNITY) + "".join(logins))
    province.apply(FILES)
    return province


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
    assert "ok: S1-R1 answers the hub's echoes, and it reaches dc-portal" == both.verdict()


@pytest.mark.parametrize("port", ["upper-far", "lower-far"], ids=["toward the site", "toward the hub"])
def test_a_line_that_is_cut_in_one_direction_only_is_one_way_loss(both: Both, port: str):
    """Echo, SNMP and SSH come over the second line and are well: the hub alone would never see it."""
    with both.ruled(both.carrier, ONE_WAY.format(port=port)):
        found = both.verdict()

    assert found.startswith("one way loss: S1-R1 answers the hub's echoes, while all of the echoes that it sends to ")


def test_over_the_line_that_is_well_the_site_reaches_the_hub_meanwhile(both: Both):
    with both.ruled(both.carrier, ONE_WAY.format(port="upper-far")):
        result = both.from_site(source="management")

    assert Verdict.OK is result.verdict


def test_a_route_that_is_withdrawn_at_the_site_is_return_route(both: Both):
    both.site.ip("route del default")
    try:
        found = both.verdict()
    finally:
        both.site.ip(f"route add default via {R1}")

    assert found.startswith("return route: S1-R1 hears us and has no way to dc-portal: look at the routes of the site")


def test_echo_that_is_dropped_while_all_else_answers_is_filtered(both: Both):
    with both.ruled(both.site, ECHO_FILTER):
        found = both.verdict()

    assert found.startswith("filtered: S1-R1 answers SNMP and SSH and no echo: the line is up")


def test_an_agent_that_is_stopped_is_agent_only(both: Both):
    both.agent.stop()
    try:
        found = both.verdict()
    finally:
        both.agent = both.restart_agent()

    assert found.startswith("agent only: S1-R1 answers the hub's echoes, and its SNMP agent is silent")


@pytest.mark.skipif("WANMON_SOAK" not in os.environ, reason="takes a minute: `make ground-soak`")
def test_while_a_site_is_cut_off_the_service_tells_where_from_both_sides_of_the_cut(both: Both):
    """The hub traces at once, and the nearest router above is asked by SSH; mended, the site is ok again.

    Whoever runs the checks before the service has decided is told the same: no path is declared to be traced.
    """
    with both.serve() as served:
        wait_until(served.is_ready, 40, "ready")
        wait_until(lambda: 1 == shown(served, "ok"), 20, "both ends are well")
        with both.cut_off():
            began_s, found = time.monotonic(), both.verdict()
            wait_until(lambda: 1 == shown(served, "down_at_hop"), 60, "the cut is seen")
            took_s = time.monotonic() - began_s
            status: dict[str, Any] = {}
            wait_until(lambda: is_told(both, status), 20, "both paths are stored", every_s=1)
            outage = both.told("outage", "show", str(status["outage"]["id"]))
            words = both.call("status", "S1").stdout
        back_s = wait_until(lambda: 1 == shown(served, "ok"), 30, "all is well again")
        print(f"seen after {took_s:.1f} s, well again after {back_s:.1f} s\n{words}")  # noqa: T201 - figures
        assert 0 == served.end()

    assert found.startswith(f"down at hop 2: nothing of S1-R1 answers: the way ends at hop 2, behind {ABOVE}, ")
    assert ("down_at_hop", 2) == (status["verdict"]["verdict"], status["verdict"]["hop"])
    assert f"the way ends at hop 2, behind {ABOVE}" in status["verdict"]["text"]
    assert ["hub", "D1"] == [path["from"] for path in outage["paths"]]
    assert outage["paths"] == status["paths"]
    assert ABOVE in outage["paths"][0]["text"]
    assert re.match("0 of 3 echoes; ", outage["paths"][1]["text"])
    assert f"the way ends at hop 2, behind {ABOVE}" in " ".join(words.split())


def shown(served: Running, verdict: str) -> float:
    """Whether `/metrics` shows a verdict of S1."""
    return served.scrape().of("wanmon_site_verdict").get(f'site="S1",verdict="{verdict}"', 0)


def is_told(both: Both, status: dict[str, Any]) -> bool:
    """Whether `wanmon status S1` tells the verdict and both paths; `status` is what it tells."""
    status.update(both.told("status", "S1"))
    return (status["verdict"] or {}).get("verdict") == "down_at_hop" and len(status["paths"]) == 2
