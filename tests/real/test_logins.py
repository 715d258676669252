"""Logins on routers as an operator has them: the real program, hostile routers, and what must never come of it."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
import pytest

from tests.rigs.canaries import of_processes, traces_of
from tests.rigs.province import AGENTS_PORT, HUB, Province, address_of, device_of, init_province
from tests.rigs.router_cli import CLI, GATEWAY
from tests.rigs.router_cli import HUB as TARGET
from tests.rigs.serving import WANMON, Scraped, wait_until
from tests.rigs.ssh_server import USER, Behaviour, SshServer, host_key, start_ssh_server

pytestmark = pytest.mark.real

COMMUNITY = "Zq7kW2-community-canary"
SPOKEN = "Hw5tR9-stdin-canary"
AUTH, PRIV = "Bn4xL8-auth-canary", "Yd6pM3-priv-canary"
PASSWORD, PASSPHRASE = "Gk9vT1-login-canary", "Fs2jC7-passphrase-canary"
SECRETS = (COMMUNITY, SPOKEN, AUTH, PRIV, PASSWORD, PASSPHRASE)
SECRETS_TOML = f"""\
[snmp.lab]
version = "2c"
community = "{COMMUNITY}"
networks = ["127.0.0.0/8"]
[snmp.v3]
version = "3"
user = "watcher"
auth = {{ protocol = "SHA-256", password = "{AUTH}" }}
priv = {{ protocol = "AES-128", password = "{PRIV}" }}
networks = ["127.0.0.0/8"]
[ssh.routers]
username = "{USER}"
password = "{PASSWORD}"
networks = ["127.0.0.0/8"]
[ssh.keyed]
username = "{USER}"
password = "{PASSPHRASE}"
key_file = "KEY"
networks = ["127.0.0.0/8"]
"""
LINUX = CLI["linux"]
PARAMS = {"count": 2, "timeout_s": 1, "max_hops": 2, "trace": "always"}
Said = dict[str, bytes]


@dataclass
class Network:
    """A province with a router at each site, each a server of its own; what everybody wrote is kept by name."""

    province: Province
    servers: Mapping[str, SshServer]
    said: Said = field(default_factory=dict)

    @property
    def attempts(self) -> int:
        """How often a password was tried, on all routers together."""
        return sum(server.seen.passwords for server in self.servers.values())

    @property
    def connections(self) -> int:
        """How often anybody came to any router."""
        return sum(server.seen.connections for server in self.servers.values())

    def leases(self) -> list[str]:
        """The places that are held for sessions now."""
        query = "SELECT name FROM lease WHERE name LIKE 'ssh %' AND name NOT LIKE 'ssh rest %'"
        with closing(sqlite3.connect(self.province.database)) as connection:
            return [name for (name,) in connection.execute(query)]

    def call(self, *command: str, typed: str = "") -> "subprocess.CompletedProcess[bytes]":
        """Run a command, look at its process while it runs, and keep all it wrote."""
        process = subprocess.Popen(
            [*WANMON, *command],
            cwd=self.province.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        seen = of_processes([process.pid])
        out, err = process.communicate(typed.encode(), 60)
        self.said |= {f"{name} ({' '.join(command)})": content for name, content in seen.items()}
        self.said |= {f"stdout of {' '.join(command)}": out, f"stderr of {' '.join(command)}": err}
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def make_network(
    folder: Path, servers: Sequence[SshServer], logins: Mapping[int, str] | None = None, interval_s: int = 3600
) -> Network:
    """A hub and a site for each server, whose router asks for the way to `TARGET`."""
    codes = (HUB, *(f"T-{number:04}" for number in range(1, len(servers) + 1)))
    province = init_province(folder, codes)
    with os.fdopen(os.open(province.folder / "secrets.toml", os.O_WRONLY | os.O_TRUNC), "w") as written:
        written.write(SECRETS_TOML.replace("KEY", str(province.folder / "key")))
    settings = province.folder / "wanmon.toml"
    written_out = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"\[logins\]\n", "[logins]\ntimeout_s = 2\n", written_out), encoding="utf-8")
    rows = [f"{device_of(HUB)},{HUB},edge,{address_of(0)},{AGENTS_PORT},snmp,lab,none,22,auto"]
    for number, server in enumerate(servers, 1):
        login = (logins or {}).get(number, "routers")
        where = f"{address_of(number)},{AGENTS_PORT},snmp,lab,{login},{server.port},linux"
        rows.append(f"{device_of(codes[number])},{codes[number]},edge,{where}")
    params = json.dumps(PARAMS).replace('"', '""')
    province.apply(
        {
            "units": ["code,name,kind,level", "27,Bắc Ninh,tỉnh,province"],
            "classes": ["code,name,liveness_interval_s,fast_interval_s,slow_interval_s", "all,Any,2,5,600"],
            "sites": [
                "code,name,unit,kind,site_class,status,parent",
                f"{HUB},Hub,27,datacenter,all,active,",
                *(f"{code},Site {code},27,department,all,active,{HUB}" for code in codes[1:]),
            ],
            "devices": ["name,site,role,address,port,liveness,snmp,ssh,ssh_port,platform", *rows],
            "checks": [
                "code,kind,site,site_class,target,interval_s,params",
                *(f'way-{code.lower()},ssh_path,{code},,{TARGET},{interval_s},"{params}"' for code in codes[1:]),
            ],
        }
    )
    return Network(province, dict(zip(codes[1:], servers, strict=True)))


def at(number: int, **played: object) -> SshServer:
    """The router of a site, which lets us in unless told otherwise."""
    given = {"users": {USER: PASSWORD}, "prompt": LINUX.prompt, "address": address_of(number), **played}
    return start_ssh_server(given.pop("answers", LINUX.answer), **given)  # type: ignore[arg-type]


def parroting(line: str) -> str:
    """A router that says what it was told in secret, wherever it can."""
    if "ping" in line:
        return f"ping: {PASSWORD}: Name or service not known"
    if "traceroute" in line:
        return f" 1  {GATEWAY}  4.0 ms\n 2  {PASSWORD}  4.0 ms\n {PASSWORD} network unreachable"
    return PASSWORD


#: What the routers of the first sites do, by number.
POLITE, REFUSES, CHANGED, NO_LINE, ECHOES, PROMPTS, VERSION, KEYED = range(1, 9)
PLAYS: dict[int, dict[str, object]] = {
    POLITE: {},
    REFUSES: {"users": {USER: "another"}},
    CHANGED: {},
    NO_LINE: {"behaviour": Behaviour.CLOSED_SHELL},
    ECHOES: {"greeting": f"you said {PASSWORD}\n", "prompt": f"{PASSWORD}@r:~$ ", "answers": parroting},
    PROMPTS: {"greeting": f"{'-' * 40} {PASSWORD} is what you said\n", "prompt": "and I say no more"},
    VERSION: {"version": f"SSH-2.0-{PASSWORD}", "answers": lambda line: f"{PASSWORD} {line}: not found"},
    KEYED: {},
}
#: What comes of it at the first time, by site.
REASONS = {"T-0002": "auth", "T-0003": "host_key", "T-0004": "prompt", "T-0006": "prompt", "T-0008": "auth"}


@contextmanager
def hostile_network(folder: Path) -> Iterator[Network]:
    """Routers that are each at fault in another way, all of them trusted, one of which has another key by now."""
    with ExitStack() as opened:
        servers = [opened.enter_context(at(number, **play)) for number, play in PLAYS.items()]
        made = make_network(folder, servers, {KEYED: "keyed"}, interval_s=2)
        key = paramiko.ECDSAKey.generate()
        key.write_private_key_file(str(made.province.folder / "key"), password=PASSPHRASE)
        made.province.done("device", "trust", "--all", "--yes")
        changed = made.servers["T-0003"]
        changed.stop()
        other = opened.enter_context(at(CHANGED, port=changed.port, host_keys=[host_key("ecdsa", 2)]))
        opened.enter_context(made.province.agents())
        yield Network(made.province, {**made.servers, "T-0003": other})


def all_commands(network: Network) -> None:
    """All that reads secrets or speaks to routers; what only reads the database cannot show what is not in there."""
    r1 = device_of("T-0001")
    commands: list[tuple[str, ...]] = [
        ("--debug", "doctor", r1, "--snmp", "v3", "--community", "-"),
        ("--debug", "doctor", "-o", "json"),
        ("doctor", device_of("T-0007"), "-o", "json"),
        ("--debug", "check", "run", "T-0005", "T-0006", "T-0007"),
        ("check", "run", "T-0005", "-o", "csv"),
        ("check", "run", "T-0005", "--plugin"),
        ("device", "trust", device_of("T-0007"), device_of("T-0003"), "--yes", "-o", "json"),
        ("credential", "list"),
        ("credential", "status", "-o", "json"),
        ("--debug", "credential", "test", "v3", r1),
        ("status", "T-0005"),
        ("config", "show"),
    ]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda command: network.call(*command, typed=SPOKEN + "\n"), commands))


def test_no_secret_is_ever_written_shown_or_stored(tmp_path: Path, web_port: int) -> None:
    """Whoever reads a journal, a scrape, a backup or `ps` must not be able to log in; a router may echo what it got."""
    with hostile_network(tmp_path) as network:
        began = network.call("check", "run", "--all", "--kind", "ssh_path", "-o", "json")
        reasons = {row["site"]: row["reason"] for row in json.loads(began.stdout)}
        with network.province.serve(web_port) as running:
            wait_until(running.is_ready, 30, "ready")
            all_commands(network)
            network.said |= of_processes(running.family())
            network.said["metrics"] = running.scrape().text.encode()
            assert 0 == running.end(signal.SIGTERM)
        network.said["log of serve"] = running.said.encode()
        for file in network.province.database.parent.iterdir():
            network.said[file.name] = file.read_bytes()
        passwords = network.servers["T-0005"].seen.passwords

    told = {where: found for where, content in network.said.items() if (found := traces_of(SECRETS, content))}
    assert {} == told
    assert REASONS == {site: reasons[site] for site in REASONS}
    assert passwords > 1, "the secret was said, else this proves nothing"
    assert [] == network.leases()
    assert not [where for where, content in network.said.items() if b"Traceback" in content]


MANY = 40
_RESTS = "credential routers rests until"


def test_a_wrong_shared_password_is_tried_three_times_in_all(tmp_path: Path, web_port: int) -> None:
    """Forty accounts locked by one typing error would be forty sites that nobody can help from afar."""
    with ExitStack() as opened:
        servers = [opened.enter_context(at(number, users={USER: "another"})) for number in range(1, MANY + 1)]
        network = make_network(tmp_path, servers, interval_s=2)
        network.province.done("device", "trust", "--all", "--yes")
        with network.province.serve(web_port) as running:
            wait_until(running.is_ready, 30, "ready")
            ended = network.call("check", "run", "--all", "--kind", "ssh_path", "-o", "json")
            wait_until(lambda: _have_run(running.scrape()), 20, "serve has run them")
            assert 0 == running.end(signal.SIGTERM)
    rows = json.loads(ended.stdout)
    log = running.said + ended.stderr.decode()

    assert network.attempts <= 3
    assert network.attempts == log.count("a login was refused")
    assert 1 == log.count("credential_rests_until"), "the breaker is told in one line"
    assert MANY == len(rows)
    others = [row["text"] for row in rows if not re.search(f"{_RESTS}|refused", row["text"])]
    assert [] == others
    assert MANY - 3 <= sum(_RESTS in row["text"] for row in rows)
    assert [] == network.leases()


def _have_run(found: Scraped) -> bool:
    runs = found.of("wanmon_check_runs_total")
    return len(runs) == MANY and min(runs.values()) > 0


@pytest.fixture(scope="module")
def two_routers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One that never decides about a password, and one whose prompt never comes back after a command."""
    with ExitStack() as opened:
        plays = (Behaviour.SLOW_AUTH, Behaviour.NO_PROMPT_AFTER)
        servers = [opened.enter_context(at(number, behaviour=each)) for number, each in enumerate(plays, 1)]
        network = make_network(tmp_path_factory.mktemp("two"), servers, interval_s=1)
        network.province.done("device", "trust", "--all", "--yes")
        yield network


def test_serve_ends_in_the_middle_of_a_login_and_of_a_command(two_routers: Network, web_port: int) -> None:
    """What is left on an old router holds one of its five lines; a place that is left holds up everybody else."""
    login, command = (server.seen for server in two_routers.servers.values())
    with two_routers.province.serve(web_port) as running:
        wait_until(lambda: command.commands and login.passwords and command.open_shells, 30, "both", every_s=0.02)
        held = two_routers.leases()

        assert 0 == running.end(signal.SIGTERM, within_s=10)
    wait_until(lambda: command.open_shells == 0, 2, "no session is left on the router")
    assert {"ssh site T-0001", "ssh site T-0002"} <= set(held)
    assert [] == two_routers.leases()
    assert "Traceback" not in running.said


BAD_SERVICES = ["code,name,site,address,port", f"portal,Portal,{HUB},,443"]
BAD_CHECKS = [
    "code,kind,site,target,params",
    'a,ssh_path,T-0001,,"{""rtt_warning_s"": 2, ""rtt_critical_s"": 1}"',
    'b,ssh_path,T-0001,,"{""vrf"": ""x; reload""}"',
    "c,ssh_pth,T-0001,,",
    "d,ssh_path,T-0001,nowhere,",
]
#: A line of the answer for each of them, whichever comes first.
COMPLAINTS = (
    "services.csv:2: address '': is empty",
    "checks.csv:2: params .*: a warning threshold lies above its critical one",
    "checks.csv:3: params .*: vrf 'x; reload': is not the name of a VRF",
    "checks.csv:4: kind 'ssh_pth': is none of .*; did you mean 'ssh_path'",
    "checks.csv:5: target 'nowhere': is no service, no device, no address",
)
BAD_COMMANDS = {
    "there is no site 'T-9999'": ("check", "run", "T-9999"),
    "there is no kind of check 'ssh_pth'": ("check", "run", "--all", "--kind", "ssh_pth"),
    "platform ciscoo: is none of": ("device", "set", "T-0001-R1", "--platform", "ciscoo"),
    "there is no site 'nobody-here'": ("doctor", "nobody-here"),
}


def test_bad_input_is_one_line_and_nothing_is_run(two_routers: Network, tmp_path: Path) -> None:
    """What is half understood must not be half done: not a packet goes to a router."""
    came = two_routers.connections
    for name, lines in {"services": BAD_SERVICES, "checks": BAD_CHECKS}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _is_refused(two_routers.call("inventory", "apply", str(tmp_path), "--yes"), COMPLAINTS)
    for complaint, command in BAD_COMMANDS.items():
        _is_refused(two_routers.call(*command), (complaint,))

    assert came == two_routers.connections > 0


def _is_refused(ended: "subprocess.CompletedProcess[bytes]", complaints: Sequence[str]) -> None:
    lines = ended.stderr.decode().splitlines()
    assert (len(complaints), b"") == (len(lines), ended.stdout), lines
    assert [] == [words for words in complaints if not any(re.search(words, line) for line in lines)]
    assert ended.returncode in (1, 2)
