"""What one cycle costs: wanmon beside Debian's snmp_exporter, on the same real agents, alternating in one run.

    make bench          or: tests/bench/poll_and_scrape.py [--cycles N] [--gzip] [--login v2c|v3]

A cycle polls 177 real net-snmp agents, 25 interfaces each, and scrapes all of it over HTTP; between cycles every
counter moves. First in SNMPv2c, then in v3 with SHA-256 and AES-128. Each side is charged for the CPU time of its own
process, not of the load. Ends with 1 where wanmon takes more than a quarter of the CPU or of the requests. Needs snmpd,
snmp, nftables, iproute2 and prometheus-snmp-exporter; no root: the agents live in a network namespace of their own.
"""
# ruff: noqa: T201 - what it prints is what it is for

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import columns
import ground
import start_up
from contestants import Contestant, cpu_s, exporter_version, resident_bytes, samples, snmp_exporter, ticks_s, wanmon
from logins import LOGINS, Login

INSIDE = "WANMON_BENCH_INSIDE"
PROGRAMS = ("unshare", "ip", "nft", "snmpd", "snmpget", "prometheus-snmp-exporter")
MOST_SHARE = 0.25
#: The first cycles learn the devices, the next ones the sizes and shapes of their replies. In v3 the first asks three
#: devices only: more do not try a user until one has taken it.
WARM_UP = 5


@dataclass
class Measured:
    """What the cycles of one contestant took."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    bytes_both_ways: list[int] = field(default_factory=list)
    ticks: float = 0.0
    samples: int = 0
    body_bytes: int = 0


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=9, help="of each side, after the warm-up")
    parser.add_argument("--gzip", action="store_true", help="packed answers on both sides")
    parser.add_argument("--login", choices=LOGINS, help="one of the two alone")
    options = parser.parse_args()
    if INSIDE not in os.environ:
        enter_namespace()
    with tempfile.TemporaryDirectory(prefix="wanmon-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "profiles").mkdir()
        columns.write_profile(folder / "profiles")
        ground.set_up_ports()
        ground.age()
        stack.enter_context(ground.snmpd(folder))
        print(f"beside {exporter_version()}")
        logins = [LOGINS[options.login]] if options.login else [*LOGINS.values()]
        verdicts = [compare(login, folder, options.cycles, "gzip" if options.gzip else "identity") for login in logins]
    start_up.show()
    return 0 if all(verdicts) else 1


def compare(login: Login, folder: Path, cycles: int, encoding: str) -> bool:
    """Both sides with one login: whether wanmon stays within its share."""
    with ExitStack() as stack:
        sides = [
            stack.enter_context(wanmon("wanmon, the same 12 columns", folder, columns.PROFILE, login)),
            stack.enter_context(wanmon("wanmon, if-mib as shipped", folder, "if-mib", login)),
            stack.enter_context(snmp_exporter("snmp_exporter", folder, login)),
        ]
        measured = alternate(sides, cycles, encoding)
        print(f"\nSNMP{login.name}: ", end="")
        show(sides, measured)
    return is_cheap(measured[0], measured[-1])


def enter_namespace(programs: Sequence[str] = PROGRAMS) -> None:
    """Begin again in a network namespace of our own."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [program for program in programs if not shutil.which(program, path=path)]
    if missing:
        sys.exit(
            f"{', '.join(missing)} not installed: make test-deps, apt-get install nftables prometheus-snmp-exporter"
        )
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", *as_root, "--net", sys.executable, *sys.argv]
    os.execvpe(command[0], command, {**os.environ, "PATH": path, INSIDE: "1"})


def alternate(sides: list[Contestant], cycles: int, encoding: str) -> list[Measured]:
    """Cycles of all sides by turns; the first few only warm up."""
    measured = [Measured() for _ in sides]
    for number in range(WARM_UP + cycles):
        for side, record in zip(sides, measured, strict=True):
            ground.tick()
            if number < WARM_UP:
                side.cycle(encoding)
            else:
                take(side, record, encoding)
    return measured


def take(side: Contestant, record: Measured, encoding: str) -> None:
    """One cycle of one side, which all agents must answer."""
    sent, cpu, ticks, began = ground.traffic(), cpu_s(side.pid), ticks_s(side.pid), time.monotonic()
    bodies, answered = side.cycle(encoding)
    record.wall.append(time.monotonic() - began)
    record.cpu.append(cpu_s(side.pid) - cpu)
    record.ticks += ticks_s(side.pid) - ticks
    now_sent = ground.traffic()
    if answered != ground.AGENTS:
        sys.exit(f"{side.name}: only {answered} of {ground.AGENTS} agents answered")
    record.requests.append(now_sent.requests - sent.requests)
    record.bytes_both_ways.append(now_sent.bytes_both_ways - sent.bytes_both_ways)
    record.samples = samples(bodies, encoding)
    record.body_bytes = sum(map(len, bodies))


def show(sides: list[Contestant], measured: list[Measured]) -> None:
    """The table."""
    peer = statistics.median(measured[-1].cpu)
    cycles = len(measured[0].cpu)
    print(f"{ground.AGENTS} agents x {ground.INTERFACES} interfaces, medians of {cycles} cycles each, alternating")
    print(
        f"{'':<30}{'CPU s':>8}{'ratio':>7}{'min':>8}{'max':>8}{'stat s':>8}{'wall s':>8}"
        f"{'requests':>10}{'bytes':>9}{'samples':>9}{'body kB':>9}{'RSS MiB':>9}"
    )
    for side, record in zip(sides, measured, strict=True):
        cpu = statistics.median(record.cpu)
        print(
            f"{side.name:<30}{cpu:>8.3f}{cpu / peer:>7.2f}{min(record.cpu):>8.3f}{max(record.cpu):>8.3f}"
            f"{record.ticks / cycles:>8.3f}{statistics.median(record.wall):>8.2f}"
            f"{statistics.median(record.requests) / ground.AGENTS:>10.1f}"
            f"{statistics.median(record.bytes_both_ways) / ground.AGENTS:>9.0f}"
            f"{record.samples:>9}{record.body_bytes / 1000:>9.0f}{resident_bytes(side.pid) / 2**20:>9.0f}"
        )
    print("(stat: mean of /proc/PID/stat; requests and bytes: per agent and cycle, IP bytes both ways)")


def is_cheap(ours: Measured, peer: Measured) -> bool:
    """Whether the same columns cost at most a quarter, in CPU and in requests."""
    cpu = statistics.median(ours.cpu) / statistics.median(peer.cpu)
    requests = statistics.median(ours.requests) / statistics.median(peer.requests)
    holds = cpu <= MOST_SHARE and requests <= MOST_SHARE
    verdict = "holds" if holds else "DOES NOT HOLD"
    print(f"at most {MOST_SHARE} of snmp_exporter: {verdict}: CPU {cpu:.3f}, requests {requests:.3f}")
    return holds


if __name__ == "__main__":
    sys.exit(main())
