"""The agents that both sides are measured on: one real snmpd on many loopback addresses, its ports, its traffic.

Everything lives in a network namespace of this process' own, made by `unshare`, and goes with it.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from columns import UPTIME
from logins import COMMUNITY, SNMPD

AGENTS = 177
PORT = 1161
PAIRS = 12
#: With lo: what a cycle reads of each agent.
INTERFACES = 1 + 2 * PAIRS
ETHERTYPE_FOR_EXPERIMENTS = b"\x88\xb5"
#: Enough for packet counters of three bytes: the next length is 8 million packets away.
AGE_FRAMES = 40_000
ANSWERS_WITHIN_S = 10.0

COUNTERS = """\
table inet bench {
  counter requests { }
  counter replies { }
  chain sent {
    type filter hook output priority 0;
    udp dport 1161 counter name requests
    udp sport 1161 counter name replies
  }
}
"""


@dataclass(frozen=True)
class Traffic:
    """SNMP packets since the namespace began; bytes are those of IP, both ways."""

    requests: int
    bytes_both_ways: int


def addresses() -> list[str]:
    """Where the agents answer: 127.77.0.1 and on."""
    return [f"127.77.{number // 200}.{number % 200 + 1}" for number in range(AGENTS)]


def set_up_ports() -> None:
    """Twelve pairs of ports beside lo, all up, and the counters of what is sent."""
    _run("ip", "link", "set", "lo", "up")
    for number in range(1, PAIRS + 1):
        _run("ip", "link", "add", f"near{number}", "type", "veth", "peer", "name", f"far{number}")
        _run("ip", "link", "set", f"near{number}", "up")
        _run("ip", "link", "set", f"far{number}", "up")
    subprocess.run(["nft", "-f", "-"], input=COUNTERS, text=True, check=True)


@contextmanager
def snmpd(folder: Path) -> Iterator[None]:
    """One net-snmp agent that answers on every address."""
    configuration = folder / "snmpd.conf"
    configuration.write_text(f"{SNMPD}sysName real-agent\n", encoding="utf-8")
    # The addresses are arguments: net-snmp cuts an `agentaddress` line at about 2 kB.
    listen = [f"udp:{address}:{PORT}" for address in addresses()]
    command = ["snmpd", "-f", "-r", "-C", "-c", str(configuration), "-Lf", str(folder / "snmpd.log"), "-I", "-smux"]
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "persist")}
    with subprocess.Popen([*command, *listen], env=environment) as agent:
        try:
            _await_answer(addresses()[-1])
            yield
        finally:
            agent.terminate()


def age() -> None:
    """Send what ports in service have long sent: young counters change their length, and every reply its shape."""
    for number in range(1, PAIRS + 1):
        _send(number, AGE_FRAMES)


def tick() -> None:
    """Frames through every port, so that all of their counters move."""
    for number in range(1, PAIRS + 1):
        _send(number, number)


def traffic() -> Traffic:
    """What was sent so far, as nftables counted it."""
    listed = json.loads(_run("nft", "-j", "list", "counters"))["nftables"]
    counters = {item["counter"]["name"]: item["counter"] for item in listed if "counter" in item}
    both = counters["requests"]["bytes"] + counters["replies"]["bytes"]
    return Traffic(counters["requests"]["packets"], both)


def _send(number: int, frames: int) -> None:
    """Frames through both ends of a pair, longer ones the higher its number."""
    source = b"\x02" + bytes(5)
    frame = b"\xff" * 6 + source + ETHERTYPE_FOR_EXPERIMENTS + bytes(60 + 40 * number)
    for end in ("near", "far"):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as port:
            port.bind((f"{end}{number}", 0))
            for _ in range(frames):
                port.send(frame)


def _await_answer(address: str) -> None:
    patience = ("-t", "0.2", "-r", str(round(ANSWERS_WITHIN_S / 0.2)))
    _run("snmpget", "-v2c", "-c", COMMUNITY, *patience, f"{address}:{PORT}", f"{UPTIME}.0")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
