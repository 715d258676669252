"""The two sides as processes: each does one cycle when told, and is charged for the CPU of its own process alone."""

import gzip
import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from columns import MODULE, write_exporter_module
from ground import AGENTS, PORT, addresses
from logins import Login

EXPORTER_PORTS = {"v2c": 9116, "v3": 9117}
EXPORTER_AT_ONCE = 50
STARTS_WITHIN_S = 10.0
ACCEPT = "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


class Contestant(Protocol):
    """One side."""

    name: str

    @property
    def pid(self) -> int:
        """The process that is charged."""
        ...

    def cycle(self, encoding: str) -> tuple[list[bytes], int]:
        """Ask every agent and scrape everything once; the bodies as they came, and how many agents answered."""
        ...


@dataclass
class Wanmon:
    """wanmon's poller and web; one poll of all, then one scrape of all."""

    name: str
    process: "subprocess.Popen[str]"
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid

    def cycle(self, encoding: str) -> tuple[list[bytes], int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("cycle\n")
        self.process.stdin.flush()
        answered = int(self.process.stdout.readline())
        # A connection for each scrape: between two of them uvicorn would have closed it.
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            return [fetch(connection, "/metrics", encoding)], answered


@dataclass
class SnmpExporter:
    """Debian's snmp_exporter; one scrape for each agent, as Prometheus would: each over a connection it keeps."""

    name: str
    process: "subprocess.Popen[bytes]"
    port: int

    def __post_init__(self) -> None:
        self._connections = [http.client.HTTPConnection("127.0.0.1", self.port) for _ in range(AGENTS)]

    @property
    def pid(self) -> int:
        return self.process.pid

    def cycle(self, encoding: str) -> tuple[list[bytes], int]:
        def scrape(number: int) -> bytes:
            path = f"/snmp?target={addresses()[number]}:{PORT}&module={MODULE}"
            return fetch(self._connections[number], path, encoding)

        with ThreadPoolExecutor(EXPORTER_AT_ONCE) as pool:
            bodies = list(pool.map(scrape, range(AGENTS)))
        return bodies, len(bodies)


@contextmanager
def wanmon(name: str, folder: Path, profile: str, login: Login) -> Iterator[Contestant]:
    """wanmon over one profile, with a login."""
    server = Path(__file__).with_name("wanmon_server.py")
    with subprocess.Popen(
        [sys.executable, str(server), str(folder), profile, login.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Wanmon(name, process, int(process.stdout.readline()))
        process.stdin.close()


@contextmanager
def snmp_exporter(name: str, folder: Path, login: Login) -> Iterator[Contestant]:
    """snmp_exporter over the same columns, with a login."""
    module, port = folder / f"snmp-{login.name}.yml", EXPORTER_PORTS[login.name]
    write_exporter_module(module, login)
    listen = f"--web.listen-address=127.0.0.1:{port}"
    command = ["prometheus-snmp-exporter", f"--config.file={module}", listen, "--log.level=error"]
    with subprocess.Popen(command) as process:
        try:
            _await_port(port)
            yield SnmpExporter(name, process, port)
        finally:
            process.terminate()


def exporter_version() -> str:
    """What it says of itself: `snmp_exporter, version 0.21.0 (...)`."""
    told = subprocess.run(["prometheus-snmp-exporter", "--version"], capture_output=True, text=True, check=True)
    return (told.stdout or told.stderr).partition(" (")[0].strip()


def fetch(connection: http.client.HTTPConnection, path: str, encoding: str) -> bytes:
    """The body of an answer as it came; anything but 200 is an error."""
    connection.request("GET", path, headers={"Accept": ACCEPT, "Accept-Encoding": encoding})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"GET {path}: {response.status} {body[:200]!r}")
    return body


def samples(bodies: list[bytes], encoding: str) -> int:
    """How many samples the bodies hold."""
    texts = [gzip.decompress(body) if encoding == "gzip" else body for body in bodies]
    return sum(not line.startswith(b"#") for text in texts for line in text.splitlines())


def cpu_s(pid: int) -> float:
    """utime + stime of a process: the sum that /proc/PID/stat shows in ticks of 10 ms, to the nanosecond."""
    # Linux makes the clock id of another process from its pid: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    return time.clock_gettime(~pid << 3 | 2)


def ticks_s(pid: int) -> float:
    """utime + stime of a process as /proc/PID/stat has them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_bytes(pid: int) -> int:
    """What a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def _await_port(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(round(STARTS_WITHIN_S / 0.1)):
        try:
            connection.request("GET", "/")
        except OSError:
            connection.close()
            time.sleep(0.1)
        else:
            connection.close()
            return
    raise SystemExit(f"nothing answers on port {port} within {STARTS_WITHIN_S:g} s")
