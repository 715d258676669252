"""What RouterOS 6 and 7 write after `/ping` and `/tool traceroute`."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import mikrotik_routeros
from wanmon.platforms.asking import PingRequest
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "  SEQ HOST                                     SIZE TTL TIME       STATUS             \n"
REPLY = "    {} 10.27.0.10                                 84  63 {:11}\n"
SILENCE = "    {} 10.27.0.10                                                timeout            \n"
NO_HOST = "    {} 10.27.16.254                               84  64 1ms         host unreachable\n"
FILTERED = "    {} 10.27.0.1                                  84  64 1ms         packet rejected\n"
PINGS = {
    "success in 7": (
        HEAD + REPLY.format(0, "1ms234us") + REPLY.format(1, "512us")
        + "    sent=2 received=2 packet-loss=0% min-rtt=512us avg-rtt=1ms234us max-rtt=1ms999us \n",
        PingReading(Outcome.ANSWERED, 2, 2, 0.001234),
    ),
    "success in 6": (
        HEAD + REPLY.format(0, "12ms")
        + "    sent=1 received=1 packet-loss=0% min-rtt=12ms avg-rtt=12ms max-rtt=12ms \n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.012),
    ),
    "faster than it can tell": (
        "    sent=1 received=1 packet-loss=0% min-rtt=0ms avg-rtt=0ms max-rtt=0ms \n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.0),
    ),
    "slower than a second": (
        "    sent=1 received=1 packet-loss=0% min-rtt=1s avg-rtt=1s20ms max-rtt=2s \n",
        PingReading(Outcome.ANSWERED, 1, 1, 1.02),
    ),
    "loss": (
        HEAD + REPLY.format(0, "12ms") + SILENCE.format(1)
        + "    sent=2 received=1 packet-loss=50% min-rtt=12ms avg-rtt=12ms max-rtt=12ms \n",
        PingReading(Outcome.LOSS, 2, 1, 0.012),
    ),
    "total loss": (
        HEAD + SILENCE.format(0) + SILENCE.format(1) + "    sent=2 received=0 packet-loss=100% \n",
        PingReading(Outcome.LOSS, 2, 0),
    ),
    "the last of many sums": (
        HEAD + REPLY.format(19, "9ms") + "    sent=20 received=20 packet-loss=0% min-rtt=9ms avg-rtt=9ms max-rtt=9ms\n"
        + HEAD + SILENCE.format(20) + "    sent=21 received=20 packet-loss=4% min-rtt=9ms avg-rtt=10ms max-rtt=12ms \n",
        PingReading(Outcome.LOSS, 21, 20, 0.010),
    ),
    "unreachable": (
        HEAD + NO_HOST.format(0) + "    sent=1 received=0 packet-loss=100% \n",
        PingReading(Outcome.UNREACHABLE, 1, 0, None, NO_HOST.format(0).strip()),
    ),
    "no route of its own": (
        HEAD + "    0                                                         no route to host   \n"
        "    sent=1 received=0 packet-loss=100% \n",
        PingReading(
            Outcome.UNREACHABLE, 1, 0, None,
            "0                                                         no route to host",
        ),
    ),
    "prohibited": (
        HEAD + FILTERED.format(0) + "    sent=1 received=0 packet-loss=100% \n",
        PingReading(Outcome.PROHIBITED, 1, 0, None, FILTERED.format(0).strip()),
    ),
    "ipv6": (
        HEAD + "    0 2001:db8::10                              104  63 1ms         echo reply\n"
        "    sent=1 received=1 packet-loss=0% min-rtt=1ms avg-rtt=1ms max-rtt=1ms \n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.001),
    ),
    "unknown host": (
        "invalid value for argument address:\n    invalid value of mac-address, mac address required\n"
        "    while resolving ip-address: could not get answer from dns server\n",
        PingReading(
            Outcome.UNKNOWN_HOST, detail="while resolving ip-address: could not get answer from dns server"
        ),
    ),
    "a VRF in 6": (
        "expected end of command (line 1 column 24)\n",
        PingReading(Outcome.REFUSED, detail="expected end of command (line 1 column 24)"),
    ),
    "no such VRF": (
        "input does not match any value of vrf\n",
        PingReading(Outcome.REFUSED, detail="input does not match any value of vrf"),
    ),
    "no right": (
        "not enough permissions (9)\n",
        PingReading(Outcome.REFUSED, detail="not enough permissions (9)"),
    ),
    "crlf and escapes": (
        "\x1b[m" + (HEAD + REPLY.format(0, "12ms")).replace("\n", "\r\r\n")
        + "\x1b[9999B    sent=1 received=1 packet-loss=0% min-rtt=12ms avg-rtt=12ms max-rtt=12ms \r\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.012),
    ),
    "cut short": (
        HEAD + REPLY.format(0, "12ms") + "    sent=1 rec",
        PingReading(Outcome.UNREADABLE, detail="sent=1 rec"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_routeros_is_read(text, reading):
    assert reading == mikrotik_routeros.read_ping(text)


def test_a_long_timeout_is_the_longest_interval():
    """RouterOS takes none above five seconds."""
    assert mikrotik_routeros.ping(PingRequest("10.27.0.10", timeout_s=10))[0].endswith(" interval=5s")


SIX = " # ADDRESS                          LOSS SENT    LAST     AVG    BEST   WORST STD-DEV STATUS\n"
SEVEN = "Columns: ADDRESS, LOSS, SENT, LAST, AVG, BEST, WORST, STD-DEV\n#  ADDRESS       LOSS  SENT  LAST   AVG  BEST\n"
FIRST_LINE = " 1 10.27.16.254                       0%    2   0.5ms     0.6     0.5     0.7     0.1\n"
FIRST = Hop(1, "10.27.16.254", (0.0005,))
TRACES = {
    "success in 6": (
        f"{SIX}{FIRST_LINE} 2 10.27.0.10                         0%    2     5ms     5.1     5.0     5.2     0.1\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005,)))),
    ),
    "success in 7": (
        f"{SEVEN}1  10.27.16.254  0%       2  0.5ms  0.6  0.5\n2  10.27.0.10    0%       2  5ms    5.1  5.0\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005,)))),
    ),
    "drawn again and again": (
        f"{SEVEN}1  10.27.16.254  0%  1  9ms\n-- [Q quit|D dump|C-z pause]\r\n\x1b[5A"
        f"{SEVEN}1  10.27.16.254  0%  2  0.5ms\n2  10.27.0.10  0%  1  5ms\n-- [Q quit|D dump|C-z pause]\r\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.005,)))),
    ),
    "silence": (
        f"{SIX}{FIRST_LINE} 2                             100%    2 timeout\n 3                   100%    2 timeout\n",
        TraceReading(Outcome.LOSS, (FIRST, Hop(2), Hop(3))),
    ),
    "labels": (
        f"{SIX} 1 10.27.16.254   0%    2   0.5ms     0.6     0.5     0.7     0.1 <MPLS:L=16,E=0>\n",
        TraceReading(Outcome.ANSWERED, (FIRST,)),
    ),
    "unreachable": (
        f"{SIX}{FIRST_LINE} 2 10.27.0.1   0%    2     5ms     5.1     5.0     5.2     0.1 host unreachable\n",
        TraceReading(
            Outcome.UNREACHABLE,
            (FIRST, Hop(2, "10.27.0.1", (0.005,), Reason.UNREACHABLE)),
            "2 10.27.0.1   0%    2     5ms     5.1     5.0     5.2     0.1 host unreachable",
        ),
    ),
    "prohibited": (
        f"{SIX} 1 10.27.0.1   0%    2     5ms     5.1     5.0     5.2     0.1 packet rejected\n",
        TraceReading(
            Outcome.PROHIBITED,
            (Hop(1, "10.27.0.1", (0.005,), Reason.PROHIBITED),),
            "1 10.27.0.1   0%    2     5ms     5.1     5.0     5.2     0.1 packet rejected",
        ),
    ),
    "ipv6": (
        f"{SEVEN}1  2001:db8:16::fe  0%       2  0.5ms  0.6  0.5\n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "2001:db8:16::fe", (0.0005,)),)),
    ),
    "refused": (
        "bad command name traceroute (line 1 column 7)\n",
        TraceReading(Outcome.REFUSED, detail="bad command name traceroute (line 1 column 7)"),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_routeros_is_read(text, reading):
    assert reading == mikrotik_routeros.read_trace(text)
