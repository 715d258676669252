"""What Comware 5 and 7 write after `ping` and `tracert`."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import hp_comware
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "Ping 10.27.0.10 (10.27.0.10) from 10.27.16.1: 56 data bytes, press CTRL+C to break\n"
REPLY = "56 bytes from 10.27.0.10: icmp_seq={} ttl=254 time={} ms\n"
SILENCE = "Request time out\n"
SUMS = "\n--- Ping statistics for 10.27.0.10 ---\n{} packet(s) transmitted, {} packet(s) received, {}% packet loss\n"
TIMES = "round-trip min/avg/max/std-dev = 1.962/2.196/2.665/0.244 ms\n"
PINGS = {
    "success": (
        HEAD + REPLY.format(0, 2.137) + REPLY.format(1, 2.051) + SUMS.format(2, 2, "0.0") + TIMES,
        PingReading(Outcome.ANSWERED, 2, 2, 0.002196),
    ),
    "success in a VPN": (
        HEAD
        + REPLY.format(0, 2.137)
        + SUMS.replace("10.27.0.10 ---", "10.27.0.10 in VPN instance WAN ---").format(1, 1, "0.0")
        + TIMES,
        PingReading(Outcome.ANSWERED, 1, 1, 0.002196),
    ),
    "loss": (
        HEAD + REPLY.format(0, 2.1) + SILENCE + SUMS.format(2, 1, "50.0") + TIMES,
        PingReading(Outcome.LOSS, 2, 1, 0.002196),
    ),
    "total loss": (HEAD + SILENCE * 5 + SUMS.format(5, 0, "100.0"), PingReading(Outcome.LOSS, 5, 0)),
    "comware 5": (
        "  PING 10.27.0.10: 56  data bytes, press CTRL_C to break\n"
        "    Reply from 10.27.0.10: bytes=56 Sequence=1 ttl=254 time=2 ms\n\n  --- 10.27.0.10 ping statistics ---\n"
        "    1 packet(s) transmitted\n    1 packet(s) received\n    0.00% packet loss\n"
        "    round-trip min/avg/max = 2/2/2 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.002),
    ),
    "unreachable": (
        HEAD + "Destination Host Unreachable from 10.27.16.254\n" * 5 + SUMS.format(5, 0, "100.0"),
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "Destination Host Unreachable from 10.27.16.254"),
    ),
    "ipv6": (
        "Ping6(56 data bytes) 2001:db8:16::1 --> 2001:db8::10, press CTRL+C to break\n"
        "56 bytes from 2001:db8::10, icmp_seq=0 hlim=64 time=4.380 ms\n\n--- Ping6 statistics for 2001:db8::10 ---\n"
        "1 packet(s) transmitted, 1 packet(s) received, 0.0% packet loss\n"
        "round-trip min/avg/max/std-dev = 4.380/4.380/4.380/0.000 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.00438),
    ),
    "unknown host": (
        "Ping: Unknown host bn-dc1\n",
        PingReading(Outcome.UNKNOWN_HOST, detail="Ping: Unknown host bn-dc1"),
    ),
    "unknown command": (
        "          ^\n % Unrecognized command found at '^' position.\n",
        PingReading(Outcome.REFUSED, detail="% Unrecognized command found at '^' position."),
    ),
    "no such instance": (
        "The specified VPN instance does not exist.\n",
        PingReading(Outcome.REFUSED, detail="The specified VPN instance does not exist."),
    ),
    "no right": ("Permission denied.\n", PingReading(Outcome.REFUSED, detail="Permission denied.")),
    "rate limited": (
        "Too many ping operations are running. Please try again later.\n",
        PingReading(
            Outcome.RATE_LIMITED, detail="Too many ping operations are running. Please try again later."
        ),
    ),
    "crlf, escapes, paging": (
        "\x1b[16D" + (HEAD + REPLY.format(0, 2)).replace("\n", "\r\n")
        + "---- More ----\r                \r"
        + (SUMS.format(1, 1, "0.0") + TIMES).replace("\n", "\r\n"),
        PingReading(Outcome.ANSWERED, 1, 1, 0.002196),
    ),
    "a log message below": (
        HEAD + REPLY.format(0, 2) + SUMS.format(1, 1, "0.0") + TIMES
        + "%Mar  2 12:00:01:123 2026 BN-0001-R1 PING/6/PING_STATISTICS: Ping statistics for 10.27.0.10: "
        "1 packet(s) transmitted, 1 packet(s) received, 0.0% packet loss, round-trip min/avg/max/std-dev = "
        "1.962/2.196/2.665/0.244 ms.\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.002196),
    ),
    "cut short": (HEAD + REPLY.format(0, 2), PingReading(Outcome.UNREADABLE, detail=REPLY.format(0, 2).strip())),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_comware_is_read(text, reading):
    assert reading == hp_comware.read_ping(text)


START = "traceroute to 10.27.0.10 (10.27.0.10), 15 hops at most, 40 bytes each packet, press CTRL+C to break\n"
FIRST = Hop(1, "10.27.16.254", (0.001432, 0.000994))
TRACES = {
    "success": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1.432 ms  0.994 ms\n 2  10.27.0.10 (10.27.0.10)  5 ms  4 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005, 0.004)))),
    ),
    "silence": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1.432 ms  0.994 ms\n 2  * *\n",
        TraceReading(Outcome.LOSS, (FIRST, Hop(2))),
    ),
    "labels below": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1.432 ms  0.994 ms\n"
        "    MPLS Label=100048 Exp=0 TTL=1 S=1\n 2  10.27.0.10 (10.27.0.10) [AS 65001]  5 ms  4 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005, 0.004)))),
    ),
    "unreachable": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1.432 ms !N  0.994 ms !N\n",
        TraceReading(Outcome.UNREACHABLE, (Hop(1, "10.27.16.254", (0.001432, 0.000994), Reason.UNREACHABLE),)),
    ),
    "prohibited": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1.432 ms !X  0.994 ms !X\n",
        TraceReading(Outcome.PROHIBITED, (Hop(1, "10.27.16.254", (0.001432, 0.000994), Reason.PROHIBITED),)),
    ),
    "refused": (
        " % Wrong parameter found at '^' position.\n",
        TraceReading(Outcome.REFUSED, detail="% Wrong parameter found at '^' position."),
    ),
    "several addresses": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1 ms 10.27.16.253 (10.27.16.253)  2 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "10.27.16.254", (0.001, 0.002)),)),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_comware_is_read(text, reading):
    assert reading == hp_comware.read_trace(text)
