"""Echo beside `fping`, on the same 177 loopback addresses, at the same pace: round trips, losses, CPU for each echo.

One run in a network namespace of its own, made by `unshare`. A rule of nftables drops requests by chance and counts
what it drops; each program must have missed just those. Every round begins each second, and in it both send as many a
second as the poller does unless it is told otherwise; `WANMON_ECHO_GAP_MS` is another gap between two echoes. The
longer it is, the more of either's CPU goes into being woken. Ends with 1 if a bound is broken.
"""
# ruff: noqa: T201 - a benchmark prints

import asyncio
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from wanmon.config.settings import EchoSettings
from wanmon.protocols.icmp import EchoClient

HOSTS = [f"127.27.{number // 200}.{number % 200 + 1}" for number in range(177)]
ROUNDS = int(os.environ.get("WANMON_ECHO_ROUNDS", "8"))
#: One program after the other, so often: what else the machine does comes and goes.
TURNS = 3
PERIOD_S = 1.0
GAP_MS = float(os.environ.get("WANMON_ECHO_GAP_MS", 1000 / EchoSettings().per_second))
TIMEOUT_S = 0.5
RULES = """\
table inet bench {
  counter dropped { }
  chain sent {
    type filter hook output priority 0;
    ip daddr 127.27.0.0/16 icmp type echo-request numgen random mod 20 < 1 counter name dropped drop
  }
}
"""

MOST_RTT_APART_S = 0.0001
MOST_CPU = 1.5


@dataclass(frozen=True)
class Figures:
    """What one program saw and used; `dropped` is the rule's own count."""

    name: str
    sent: int
    lost: int
    dropped: int
    median_s: float
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """CPU time for each echo, in microseconds."""
        return self.cpu_s / self.sent * 1e6


def main() -> int:
    if "--inside" not in sys.argv:
        return subprocess.call(["unshare", "--net", sys.executable, __file__, "--inside"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
    turns = [(fping(), wanmon()) for _ in range(TURNS)]
    for figures in (figures for turn in turns for figures in turn):
        print(
            f"{figures.name:8} {figures.sent} echoes, {figures.lost} lost, {figures.dropped} dropped by the rule, "
            f"median {figures.median_s * 1000:.4f} ms, CPU {figures.cpu_us:.1f} us an echo"
        )
    apart_s = max(abs(ours.median_s - theirs.median_s) for theirs, ours in turns)
    ratio = statistics.median(ours.cpu_us / theirs.cpu_us for theirs, ours in turns)
    said = "within" if ratio <= MOST_CPU else "ABOVE"
    print(f"medians at most {apart_s * 1000:.4f} ms apart (bound {MOST_RTT_APART_S * 1000:g})")
    print(f"CPU an echo x {ratio:.2f} of fping's, the middle of {TURNS} turns: {said} the bound of x {MOST_CPU}")
    kept = (
        all(figures.lost == figures.dropped for turn in turns for figures in turn),
        apart_s <= MOST_RTT_APART_S,
        ratio <= MOST_CPU,
    )
    return 0 if all(kept) else 1


def fping() -> Figures:
    """Every host once a period, one after another."""
    before, began_s = dropped(), _children_s()
    told = subprocess.run(
        [
            "fping", "-q", "-C", str(ROUNDS), "-p", str(round(PERIOD_S * 1000)), "-i", f"{GAP_MS:.1f}",
            "-t", str(round(TIMEOUT_S * 1000)), *HOSTS,
        ],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    ).stderr  # fmt: skip
    cpu_s = _children_s() - began_s
    words = [word for line in told.splitlines() for word in line.partition(" : ")[2].split()]
    rtts_s = [float(word) / 1000 for word in words if re.fullmatch(r"[0-9.]+", word)]
    return Figures("fping", len(words), words.count("-"), dropped() - before, statistics.median(rtts_s), cpu_s)


def wanmon() -> Figures:
    """The same by the poller's client, without its start."""
    return asyncio.run(_wanmon())


async def _wanmon() -> Figures:
    client = EchoClient(TIMEOUT_S, per_second=1000 / GAP_MS)
    await client.ask(HOSTS[0])  # opens the socket
    before, began_s, start_s = dropped(), time.process_time(), time.monotonic()
    rtts_s: list[float | None] = []
    for number in range(ROUNDS):
        await asyncio.sleep(start_s + number * PERIOD_S - time.monotonic())
        # As many as are due are asked at once, as after a start of the poller: it is the client that spreads them.
        rtts_s += [echo.rtt_s for echo in await asyncio.gather(*map(client.ask, HOSTS))]
    cpu_s = time.process_time() - began_s
    heard = [rtt_s for rtt_s in rtts_s if rtt_s is not None]
    lost = len(rtts_s) - len(heard)
    return Figures("wanmon", len(rtts_s), lost, dropped() - before, statistics.median(heard), cpu_s)


def dropped() -> int:
    """What the rule has dropped so far."""
    listed = json.loads(
        subprocess.run(["nft", "-j", "list", "counters"], check=True, capture_output=True, text=True).stdout
    )["nftables"]
    return next(int(item["counter"]["packets"]) for item in listed if "counter" in item)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
