"""What Junos writes after `ping` and `traceroute`."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import juniper_junos
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "PING 10.27.0.10 (10.27.0.10): 56 data bytes\n"
REPLY = "64 bytes from 10.27.0.10: icmp_seq={} ttl=63 time={} ms\n"
SUMS = "\n--- 10.27.0.10 ping statistics ---\n{} packets transmitted, {} packets received, {}% packet loss\n"
TIMES = "round-trip min/avg/max/stddev = 0.431/0.530/0.622/0.078 ms\n"
QUOTED = (
    "Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst\n"
    " 4  5  00 0054 5d4a   0 0000  40  01 2b9c 10.27.16.1  10.27.0.10 \n\n"
)
PINGS = {
    "success": (
        HEAD + REPLY.format(0, 0.5) + REPLY.format(1, 0.6) + SUMS.format(2, 2, 0) + TIMES,
        PingReading(Outcome.ANSWERED, 2, 2, 0.00053),
    ),
    "loss": (HEAD + REPLY.format(0, 0.5) + SUMS.format(5, 4, 20) + TIMES, PingReading(Outcome.LOSS, 5, 4, 0.00053)),
    "duplicates": (
        HEAD
        + "\n--- 10.27.0.10 ping statistics ---\n"
        + "5 packets transmitted, 5 packets received, +2 duplicates, 0% packet loss\n"
        + TIMES,
        PingReading(Outcome.ANSWERED, 5, 5, 0.00053),
    ),
    "total loss": (HEAD + SUMS.format(5, 0, 100), PingReading(Outcome.LOSS, 5, 0)),
    "unreachable": (
        HEAD + ("36 bytes from 10.27.16.254: Destination Host Unreachable\n" + QUOTED) * 2 + SUMS.format(5, 0, 100),
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "36 bytes from 10.27.16.254: Destination Host Unreachable"),
    ),
    "no route of its own": (
        HEAD + "ping: sendto: No route to host\n" * 5 + SUMS.format(5, 0, 100),
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "ping: sendto: No route to host"),
    ),
    "prohibited": (
        HEAD + "36 bytes from 10.27.0.1: Communication prohibited by filter\n" + QUOTED + SUMS.format(5, 0, 100),
        PingReading(Outcome.PROHIBITED, 5, 0, None, "36 bytes from 10.27.0.1: Communication prohibited by filter"),
    ),
    "lifetime exceeded": (
        HEAD + "36 bytes from 10.27.0.1: Time to live exceeded\n" + QUOTED + SUMS.format(5, 0, 100),
        PingReading(Outcome.LOSS, 5, 0, None, "36 bytes from 10.27.0.1: Time to live exceeded"),
    ),
    "fragments needed": (
        HEAD + "ping: sendto: Message too long\n" * 5 + SUMS.format(5, 0, 100),
        PingReading(Outcome.LOSS, 5, 0, None, "ping: sendto: Message too long"),
    ),
    "rate limited": (
        HEAD + "ping: sendto: No buffer space available\n" * 5 + SUMS.format(5, 0, 100),
        PingReading(Outcome.RATE_LIMITED, 5, 0, None, "ping: sendto: No buffer space available"),
    ),
    "ipv6": (
        "PING6(96=40+8+48 bytes) 2001:db8:16::1 --> 2001:db8::10\n"
        "16 bytes from 2001:db8::10, icmp_seq=0 hlim=64 time=1.222 ms\n\n--- 2001:db8::10 ping6 statistics ---\n"
        "1 packets transmitted, 1 packets received, 0% packet loss\n"
        "round-trip min/avg/max/std-dev = 1.222/1.222/1.222/0.000 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.001222),
    ),
    "unknown host": (
        "ping: cannot resolve bn-dc1: Host name lookup failure\n",
        PingReading(Outcome.UNKNOWN_HOST, detail="ping: cannot resolve bn-dc1: Host name lookup failure"),
    ),
    "unknown command": (
        "                ^\nunknown command.\n",
        PingReading(Outcome.REFUSED, detail="unknown command."),
    ),
    "syntax error": (
        "                ^\nsyntax error, expecting <command>.\n",
        PingReading(Outcome.REFUSED, detail="syntax error, expecting <command>."),
    ),
    "no such instance": (
        "ping: routing instance WAN does not exist\n",
        PingReading(Outcome.REFUSED, detail="ping: routing instance WAN does not exist"),
    ),
    "not its own source": (
        "ping: bind: Can't assign requested address\n",
        PingReading(Outcome.REFUSED, detail="ping: bind: Can't assign requested address"),
    ),
    "crlf, paging": (
        (HEAD + REPLY.format(0, 0.5)).replace("\n", "\r\n")
        + "---(more 45%)---\r                                        \r"
        + (SUMS.format(1, 1, 0) + TIMES + "\n{master:0}\n").replace("\n", "\r\n"),
        PingReading(Outcome.ANSWERED, 1, 1, 0.00053),
    ),
    "cut short": (HEAD + REPLY.format(0, 0.5), PingReading(Outcome.UNREADABLE, detail=REPLY.format(0, 0.5).strip())),
}


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_junos_is_read(text, reading):
    assert reading == juniper_junos.read_ping(text)


START = "traceroute to 10.27.0.10 (10.27.0.10) from 10.27.16.1, 15 hops max, 52 byte packets\n"
FIRST = Hop(1, "10.27.16.254", (0.000581, 0.00042, 0.0004))
FIRST_LINE = " 1  10.27.16.254 (10.27.16.254)  0.581 ms  0.420 ms  0.400 ms\n"
TRACES = {
    "success": (
        f"{START}{FIRST_LINE} 2  10.27.0.10 (10.27.0.10)  5.1 ms  5.0 ms  5.2 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.0051, 0.005, 0.0052)))),
    ),
    "silence": (f"{START}{FIRST_LINE} 2  * * *\n 3  * * *\n", TraceReading(Outcome.LOSS, (FIRST, Hop(2), Hop(3)))),
    "labels below": (
        f"{START}{FIRST_LINE}     MPLS Label=299808 CoS=0 TTL=1 S=1\n 2  10.27.0.10  5.1 ms * 5.0 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.0051, 0.005)))),
    ),
    "several addresses": (
        f"{START} 1  10.27.16.254 (10.27.16.254)  1 ms 10.27.16.253 (10.27.16.253)  2 ms  3 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "10.27.16.254", (0.001, 0.002, 0.003)),)),
    ),
    "unreachable": (
        f"{START}{FIRST_LINE} 2  10.27.0.1 (10.27.0.1)  5.1 ms !H * 5.0 ms !H\n",
        TraceReading(Outcome.UNREACHABLE, (FIRST, Hop(2, "10.27.0.1", (0.0051, 0.005), Reason.UNREACHABLE))),
    ),
    "prohibited": (
        f"{START}{FIRST_LINE} 2  10.27.0.1 (10.27.0.1)  5.1 ms !Z  5.0 ms !Z  5.0 ms !Z\n",
        TraceReading(Outcome.PROHIBITED, (FIRST, Hop(2, "10.27.0.1", (0.0051, 0.005, 0.005), Reason.PROHIBITED))),
    ),
    "ipv6": (
        "traceroute6 to 2001:db8::10 (2001:db8::10) from 2001:db8:16::1, 15 hops max, 12 byte packets\n"
        " 1  2001:db8:16::fe (2001:db8:16::fe)  1.5 ms  1.4 ms  1.3 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "2001:db8:16::fe", (0.0015, 0.0014, 0.0013)),)),
    ),
    "no route of its own": (
        f"{START}traceroute: sendto: No route to host\n",
        TraceReading(Outcome.UNREACHABLE, detail="traceroute: sendto: No route to host"),
    ),
    "refused": (
        "syntax error, expecting <command>.\n",
        TraceReading(Outcome.REFUSED, detail="syntax error, expecting <command>."),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_junos_is_read(text, reading):
    assert reading == juniper_junos.read_trace(text)
