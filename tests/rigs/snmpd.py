"""A real net-snmp agent on loopback addresses, for tests that want the judgement of another program.

Holds the configuration and the process; knows nothing of wanmon's own codec, so that it can judge it.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.rigs.daemon import Daemon

COMMUNITY = "wanmon-test"
USER = "wanmon"
AUTH_PASSWORD = "authentic-2026"
PRIV_PASSWORD = "private-2026"
SYS_NAME = "real-agent"
SYS_LOCATION = "Bac Ninh"

CONFIGURATION = f"""\
rocommunity {COMMUNITY}
rocommunity6 {COMMUNITY}
dontLogTCPWrappersConnects yes
createUser {USER} SHA-256 "{AUTH_PASSWORD}" AES "{PRIV_PASSWORD}"
rouser {USER} priv
createUser digested SHA-512 "{AUTH_PASSWORD}"
rouser digested auth
createUser open
rouser open noauth
sysName {SYS_NAME}
sysLocation {SYS_LOCATION}
sysContact noc@example.org
"""

# GET sysUpTime.0 with request id 1, SNMPv2c: everything after the community.
_PDU = bytes.fromhex("a019020101020100020100300e300c06082b060102010103000500")


class Snmpd(Daemon):
    """A running agent: where it answers, and where it writes."""

    def __init__(self, process: subprocess.Popen[bytes], addresses: Sequence[str], port: int, log: Path) -> None:
        super().__init__(process)
        self.addresses = tuple(addresses)
        self.port = port
        self.log = log


def start_snmpd(
    directory: Path,
    addresses: Sequence[str],
    port: int,
    binary: str,
    extra: Sequence[str] = (),
    within_s: float = 10,
    before: Sequence[str] = (),
    open_socket: Callable[[int, int], socket.socket] = socket.socket,
) -> Snmpd:
    """Start an agent that answers on every one of `addresses` at UDP `port`, and wait for its first answer.

    Its files lie in `directory` (made if missing). SNMPv1 and v2c with `COMMUNITY`; v3 with `USER` (SHA-256, AES-128),
    `digested` (SHA-512, no privacy) and `open` (neither). `extra` are further lines of snmpd.conf. In a network
    namespace it runs with `before` (words of a program that becomes it) and is asked through `open_socket`. Raises
    `RuntimeError` with the agent's log when it does not answer `within_s` seconds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    configuration, log = directory / "snmpd.conf", directory / "snmpd.log"
    configuration.write_text(CONFIGURATION + "".join(f"{line}\n" for line in extra), encoding="utf-8")
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(directory / "persist")}
    # The addresses are arguments: net-snmp cuts an `agentaddress` line at about 2 kB.
    listen = [f"udp6:[{address}]:{port}" if ":" in address else f"udp:{address}:{port}" for address in addresses]
    command = [*before, binary, "-f", "-r", "-C", "-c", str(configuration), "-Lf", str(log), "-I", "-smux", *listen]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    agent = Snmpd(process, addresses, port, log)
    if not _answers(agent, time.monotonic() + within_s, open_socket):
        agent.stop()
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        raise RuntimeError(f"snmpd did not answer within {within_s:g} s: {said.strip()}")
    return agent


def _answers(agent: Snmpd, deadline: float, open_socket: Callable[[int, int], socket.socket]) -> bool:
    """Ask the last address (they are opened in order) until it answers, the process ends, or time is up."""
    address = agent.addresses[-1]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    community = COMMUNITY.encode()
    body = b"\x02\x01\x01\x04" + bytes([len(community)]) + community + _PDU
    with open_socket(family, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.1)
        asker.connect((address, agent.port))
        while time.monotonic() < deadline and agent.process.poll() is None:
            try:
                asker.send(b"\x30" + bytes([len(body)]) + body)
                if asker.recv(1500):
                    return True
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                time.sleep(0.02)  # not listening yet
    return False
