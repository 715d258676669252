"""What iputils and traceroute write. `test_linux_for_real.py` asks the programs themselves."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import linux
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "PING 10.27.0.10 (10.27.0.10) 56(84) bytes of data.\n"
REPLY = "64 bytes from 10.27.0.10: icmp_seq={} ttl=63 time={} ms\n"
SUMS = "\n--- 10.27.0.10 ping statistics ---\n{} packets transmitted, {} received, {}% packet loss, time 4005ms\n"
ERRORS = (
    "\n--- 10.27.0.10 ping statistics ---\n5 packets transmitted, 0 received, +5 errors, 100% packet loss, time 9ms\n"
)
TIMES = "rtt min/avg/max/mdev = 0.034/0.078/0.123/0.044 ms\n"
PINGS = {
    "success": (
        HEAD + REPLY.format(1, 0.123) + REPLY.format(2, 0.034) + SUMS.format(2, 2, 0) + TIMES,
        PingReading(Outcome.ANSWERED, 2, 2, 0.000078),
    ),
    "loss": (HEAD + REPLY.format(1, 0.1) + SUMS.format(5, 3, 40) + TIMES, PingReading(Outcome.LOSS, 5, 3, 0.000078)),
    "total loss": (HEAD + SUMS.format(5, 0, 100), PingReading(Outcome.LOSS, 5, 0)),
    "host unreachable": (
        HEAD + "From 10.27.16.1 icmp_seq=1 Destination Host Unreachable\n" + ERRORS + "pipe 4\n",
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "From 10.27.16.1 icmp_seq=1 Destination Host Unreachable"),
    ),
    "prohibited": (
        HEAD + "From 10.27.0.1 icmp_seq=1 Packet filtered\n" + ERRORS,
        PingReading(Outcome.PROHIBITED, 5, 0, None, "From 10.27.0.1 icmp_seq=1 Packet filtered"),
    ),
    "prohibited by itself": (
        HEAD + "ping: sendmsg: Operation not permitted\n" + SUMS.format(5, 0, 100),
        PingReading(Outcome.PROHIBITED, 5, 0, None, "ping: sendmsg: Operation not permitted"),
    ),
    "fragments needed": (
        HEAD + "From 10.27.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n" + ERRORS,
        PingReading(Outcome.LOSS, 5, 0, None, "From 10.27.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)"),
    ),
    "lifetime exceeded": (
        HEAD + "From 10.27.0.1 icmp_seq=1 Time to live exceeded\n" + ERRORS,
        PingReading(Outcome.LOSS, 5, 0, None, "From 10.27.0.1 icmp_seq=1 Time to live exceeded"),
    ),
    "rate limited": (
        HEAD + "ping: sendmsg: No buffer space available\n" + SUMS.format(5, 0, 100),
        PingReading(Outcome.RATE_LIMITED, 5, 0, None, "ping: sendmsg: No buffer space available"),
    ),
    "duplicates": (
        HEAD + "\n2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 1001ms\n" + TIMES,
        PingReading(Outcome.ANSWERED, 2, 2, 0.000078),
    ),
    "ipv6": (
        "PING 2001:db8::10(2001:db8::10) 56 data bytes\n64 bytes from 2001:db8::10: icmp_seq=1 ttl=64 time=0.078 ms\n"
        "\n--- 2001:db8::10 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n" + TIMES,
        PingReading(Outcome.ANSWERED, 1, 1, 0.000078),
    ),
    "as busybox writes it": (
        "PING 10.27.0.10 (10.27.0.10): 56 data bytes\n64 bytes from 10.27.0.10: seq=0 ttl=64 time=0.078 ms\n\n"
        "--- 10.27.0.10 ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\n"
        "round-trip min/avg/max = 0.078/0.078/0.078 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.000078),
    ),
    "no route of its own": (
        "ping: connect: Network is unreachable\n",
        PingReading(Outcome.UNREACHABLE, detail="ping: connect: Network is unreachable"),
    ),
    "unknown host": (
        "ping: bn-dc1.invalid: Name or service not known\n",
        PingReading(Outcome.UNKNOWN_HOST, detail="ping: bn-dc1.invalid: Name or service not known"),
    ),
    "no such vrf": ("Invalid VRF name\n", PingReading(Outcome.REFUSED, detail="Invalid VRF name")),
    "not its own source": (
        "ping: bind: Cannot assign requested address\n",
        PingReading(Outcome.REFUSED, detail="ping: bind: Cannot assign requested address"),
    ),
    "no such program": (
        "env: 'ping': No such file or directory\n",
        PingReading(Outcome.REFUSED, detail="env: 'ping': No such file or directory"),
    ),
    "no right": (
        "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n",
        PingReading(Outcome.REFUSED, detail="ping: socket: Operation not permitted"),
    ),
    "crlf and escapes": (
        "\x1b[?2004l\r" + (HEAD + REPLY.format(1, 0.1) + SUMS.format(1, 1, 0) + TIMES).replace("\n", "\r\n"),
        PingReading(Outcome.ANSWERED, 1, 1, 0.000078),
    ),
    "cut short": (HEAD + REPLY.format(1, 0.1), PingReading(Outcome.UNREADABLE, detail=REPLY.format(1, 0.1).strip())),
}


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_linux_is_read(text, reading):
    assert reading == linux.read_ping(text)


START = "traceroute to 10.27.0.10 (10.27.0.10), 15 hops max, 60 byte packets\n"
FIRST = Hop(1, "10.27.16.254", (0.000031, 0.00001))
FIRST_LINE = " 1  10.27.16.254  0.031 ms  0.010 ms\n"
TRACES = {
    "success": (
        f"{START}{FIRST_LINE} 2  10.27.0.10  0.024 ms  0.017 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.000024, 0.000017)))),
    ),
    "silence": (f"{START}{FIRST_LINE} 2  * *\n 3  * *\n", TraceReading(Outcome.LOSS, (FIRST, Hop(2), Hop(3)))),
    "one of two": (
        f"{START} 1  * 10.27.16.254  0.031 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "10.27.16.254", (0.000031,)),)),
    ),
    "host unreachable": (
        f"{START}{FIRST_LINE} 2  10.27.16.254  3060.029 ms !H  3060.007 ms !H\n",
        TraceReading(Outcome.UNREACHABLE, (FIRST, Hop(2, "10.27.16.254", (3.060029, 3.060007), Reason.UNREACHABLE))),
    ),
    "network unreachable": (
        f"{START} 1  10.27.16.254  0.031 ms !N  0.010 ms !N\n",
        TraceReading(Outcome.UNREACHABLE, (Hop(1, "10.27.16.254", (0.000031, 0.00001), Reason.UNREACHABLE),)),
    ),
    "prohibited": (
        f"{START} 1  10.27.16.254  0.031 ms !X  0.010 ms !X\n",
        TraceReading(Outcome.PROHIBITED, (Hop(1, "10.27.16.254", (0.000031, 0.00001), Reason.PROHIBITED),)),
    ),
    "fragments needed": (
        f"{START} 1  10.27.16.254  0.031 ms !F-1400  0.010 ms !F-1400\n",
        TraceReading(Outcome.UNREACHABLE, (Hop(1, "10.27.16.254", (0.000031, 0.00001), Reason.SMALL),)),
    ),
    "an unknown code": (
        f"{START} 1  10.27.16.254  0.031 ms !<14>\n",
        TraceReading(Outcome.UNREACHABLE, (Hop(1, "10.27.16.254", (0.000031,), Reason.UNREACHABLE),)),
    ),
    "several addresses": (
        f"{START} 1  10.27.16.254  0.031 ms 10.27.16.253  0.010 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST,)),
    ),
    "names and labels": (
        f"{START} 1  gw.bn-0001 (10.27.16.254) <MPLS:L=16,E=0,S=1,T=1>  0.031 ms  0.010 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST,)),
    ),
    "ipv6 with a zone": (
        f"{START} 1  fe80::1%eth0  0.031 ms  0.010 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "fe80::1", (0.000031, 0.00001)),)),
    ),
    "no route of its own": (
        f"{START}connect: Network is unreachable\n",
        TraceReading(Outcome.UNREACHABLE, detail="connect: Network is unreachable"),
    ),
    "not its own source": (
        f"{START}bind: Cannot assign requested address\n",
        TraceReading(Outcome.REFUSED, detail="bind: Cannot assign requested address"),
    ),
    "no such program": (
        "env: 'traceroute': No such file or directory\n",
        TraceReading(Outcome.REFUSED, detail="env: 'traceroute': No such file or directory"),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_linux_is_read(text, reading):
    assert reading == linux.read_trace(text)
