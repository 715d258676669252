"""What FortiOS writes after `execute ping`, `execute traceroute` and their options."""

import pytest

from wanmon.errors import UsageError
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import fortinet
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "PING 10.27.0.10 (10.27.0.10): 56 data bytes\n"
REPLY = "64 bytes from 10.27.0.10: icmp_seq={} ttl=63 time={} ms\n"
SUMS = "\n--- 10.27.0.10 ping statistics ---\n{} packets transmitted, {} packets received, {}% packet loss\n"
TIMES = "round-trip min/avg/max = 0.4/0.5/0.6 ms\n"
PINGS = {
    "success": (
        HEAD + REPLY.format(0, 0.5) + REPLY.format(1, 0.6) + SUMS.format(2, 2, 0) + TIMES,
        PingReading(Outcome.ANSWERED, 2, 2, 0.0005),
    ),
    "loss": (
        HEAD + REPLY.format(0, 0.5) + "Timeout ...\n" + SUMS.format(2, 1, 50) + TIMES,
        PingReading(Outcome.LOSS, 2, 1, 0.0005),
    ),
    "total loss": (HEAD + "Timeout ...\n" * 5 + SUMS.format(5, 0, 100), PingReading(Outcome.LOSS, 5, 0)),
    "unreachable": (
        HEAD + "sendmsg failed: 101(Network is unreachable)\n" * 5 + SUMS.format(5, 0, 100),
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "sendmsg failed: 101(Network is unreachable)"),
    ),
    "prohibited": (
        HEAD + "From 10.27.0.1: Packet filtered\n" + SUMS.format(5, 0, 100),
        PingReading(Outcome.PROHIBITED, 5, 0, None, "From 10.27.0.1: Packet filtered"),
    ),
    "ipv6": (
        "PING 2001:db8::10(2001:db8::10) 56 data bytes\n64 bytes from 2001:db8::10: icmp_seq=1 ttl=63 time=1.20 ms\n"
        "\n--- 2001:db8::10 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
        "rtt min/avg/max/mdev = 1.200/1.200/1.200/0.000 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.0012),
    ),
    "unknown host": (
        "Unable to resolve hostname.\n",
        PingReading(Outcome.UNKNOWN_HOST, detail="Unable to resolve hostname."),
    ),
    "unknown command": ("Unknown action 0\n", PingReading(Outcome.REFUSED, detail="Unknown action 0")),
    "a refused option above an answer": (
        "\ncommand parse error before 'source'\nCommand fail. Return code -61\n"
        + HEAD
        + REPLY.format(0, 0.5)
        + SUMS.format(1, 1, 0)
        + TIMES,
        PingReading(Outcome.REFUSED, detail="Command fail. Return code -61"),
    ),
    "crlf, paging": (
        (HEAD + REPLY.format(0, 0.5)).replace("\n", "\r\n")
        + "--More-- \r         \r"
        + (SUMS.format(1, 1, 0) + TIMES).replace("\n", "\r\n"),
        PingReading(Outcome.ANSWERED, 1, 1, 0.0005),
    ),
    "cut short": (HEAD, PingReading(Outcome.UNREADABLE, detail=HEAD.strip())),
}


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_fortios_is_read(text, reading):
    assert reading == fortinet.read_ping(text)


@pytest.mark.parametrize("ask", [lambda: fortinet.ping(PingRequest("10.27.0.10", vrf="WAN")),
                                 lambda: fortinet.trace(TraceRequest("10.27.0.10", vrf="WAN"))])  # fmt: skip
def test_a_vrf_is_refused_before_anything_is_sent(ask):
    """Left out in silence, the answer would be one about another table of routes."""
    with pytest.raises(UsageError, match="vrf WAN: cannot be chosen on FortiOS; give a source"):
        ask()


def test_options_are_reset_before_they_are_set():
    """Another command of the same session may have set others."""
    commands = fortinet.ping(PingRequest("10.27.0.10"))

    assert ("execute ping-options reset", "execute ping 10.27.0.10") == (commands[0], commands[-1])


START = "traceroute to 10.27.0.10 (10.27.0.10), 32 hops max, 3 probe packets per hop, 84 byte packets\n"
FIRST = Hop(1, "10.27.16.254", (0.000324, 0.000427))
FIRST_LINE = " 1  10.27.16.254  0.324 ms  0.427 ms\n"
TRACES = {
    "success": (
        f"{START}{FIRST_LINE} 2  10.27.0.10 <dc.bacninh.gov.vn>  5.827 ms  6 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005827, 0.006)))),
    ),
    "silence": (f"{START}{FIRST_LINE} 2  * *\n", TraceReading(Outcome.LOSS, (FIRST, Hop(2)))),
    "a name that looks like an address": (
        f"{START} 1  10.27.16.254 <10.9.9.9>  0.324 ms  0.427 ms\n",
        TraceReading(Outcome.ANSWERED, (FIRST,)),
    ),
    "unreachable": (
        f"{START}{FIRST_LINE} 2  10.27.0.1  5 ms !H  *\n",
        TraceReading(Outcome.UNREACHABLE, (FIRST, Hop(2, "10.27.0.1", (0.005,), Reason.UNREACHABLE))),
    ),
    "prohibited": (
        f"{START} 1  10.27.16.254  0.324 ms !X  0.427 ms !X\n",
        TraceReading(Outcome.PROHIBITED, (Hop(1, "10.27.16.254", (0.000324, 0.000427), Reason.PROHIBITED),)),
    ),
    "ipv6": (
        "traceroute to 2001:db8::10 (2001:db8::10) from 2001:db8:16::1, 15 hops max, 16 byte packets\n"
        " 1  2001:db8:16::fe  1.5 ms  1.4 ms\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "2001:db8:16::fe", (0.0015, 0.0014)),)),
    ),
    "a refused option above a path": (
        f"Command fail. Return code -651\n{START}{FIRST_LINE}",
        TraceReading(Outcome.REFUSED, detail="Command fail. Return code -651"),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_fortios_is_read(text, reading):
    assert reading == fortinet.read_trace(text)
