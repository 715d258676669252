"""What VRP writes after `ping` and `tracert`."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import huawei_vrp
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = "  PING 10.27.0.10: 56  data bytes, press CTRL_C to break\n"
REPLY = "    Reply from 10.27.0.10: bytes=56 Sequence={} ttl=254 time={} ms\n"
SILENCE = "    Request time out\n"


def sums(sent, received, percent, times=""):
    return (
        "\n  --- 10.27.0.10 ping statistics ---\n"
        f"    {sent} packet(s) transmitted\n    {received} packet(s) received\n    {percent}% packet loss\n{times}"
    )


TIMES = "    round-trip min/avg/max = 1/2/4 ms\n"
PINGS = {
    "success": (
        HEAD + REPLY.format(1, 2) + REPLY.format(2, 2) + sums(2, 2, "0.00", TIMES),
        PingReading(Outcome.ANSWERED, 2, 2, 0.002),
    ),
    "loss": (
        HEAD + REPLY.format(1, 2) + SILENCE + sums(2, 1, "50.00", TIMES),
        PingReading(Outcome.LOSS, 2, 1, 0.002),
    ),
    "total loss": (HEAD + SILENCE * 5 + sums(5, 0, "100.00"), PingReading(Outcome.LOSS, 5, 0)),
    "unreachable": (
        HEAD + "    From 10.27.16.254: Destination host unreachable\n" + SILENCE * 4 + sums(5, 0, "100.00"),
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "From 10.27.16.254: Destination host unreachable"),
    ),
    "prohibited": (
        HEAD + "    Communication administratively prohibited\n" + sums(5, 0, "100.00"),
        PingReading(Outcome.PROHIBITED, 5, 0, None, "Communication administratively prohibited"),
    ),
    "ipv6": (
        "  PING 2001:DB8::10 : 56  data bytes, press CTRL_C to break\n"
        "    Reply from 2001:DB8::10 \n    bytes=56 Sequence=1 hop limit=63  time = 3 ms\n"
        "\n  --- 2001:DB8::10 ping statistics ---\n    1 packet(s) transmitted\n    1 packet(s) received\n"
        "    0.00% packet loss\n    round-trip min/avg/max = 3/3/3 ms\n",
        PingReading(Outcome.ANSWERED, 1, 1, 0.003),
    ),
    "unknown host": (
        "Error: Unknown host bn-dc1.\n",
        PingReading(Outcome.UNKNOWN_HOST, detail="Error: Unknown host bn-dc1."),
    ),
    "unknown command": (
        "          ^\nError: Unrecognized command found at '^' position.\n",
        PingReading(Outcome.REFUSED, detail="Error: Unrecognized command found at '^' position."),
    ),
    "too many parameters": (
        "          ^\nError:Too many parameters found at '^' position.\n",
        PingReading(Outcome.REFUSED, detail="Error:Too many parameters found at '^' position."),
    ),
    "no such instance": (
        "Error: The VPN instance does not exist.\n",
        PingReading(Outcome.REFUSED, detail="Error: The VPN instance does not exist."),
    ),
    "no right": (
        "Error: You do not have permission to run the command.\n",
        PingReading(Outcome.REFUSED, detail="Error: You do not have permission to run the command."),
    ),
    "rate limited": (
        "Error: The number of ping tasks has reached the upper limit.\n",
        PingReading(Outcome.RATE_LIMITED, detail="Error: The number of ping tasks has reached the upper limit."),
    ),
    "another error": (
        "Error: Invalid source address.\n",
        PingReading(Outcome.REFUSED, detail="Error: Invalid source address."),
    ),
    "crlf, escapes, paging": (
        (HEAD + REPLY.format(1, 2)).replace("\n", "\r\n")
        + "  ---- More ----\x1b[42D                                          \x1b[42D"
        + sums(1, 1, "0.00", TIMES).replace("\n", "\r\n"),
        PingReading(Outcome.ANSWERED, 1, 1, 0.002),
    ),
    "cut short": (
        HEAD + REPLY.format(1, 2) + "\n  --- 10.27.0.10 ping statistics ---\n    5 packet(s) transm",
        PingReading(Outcome.UNREADABLE, detail="5 packet(s) transm"),
    ),
    "nothing sent": (HEAD + sums(0, 0, "0.00"), PingReading(Outcome.UNREADABLE, detail="0.00% packet loss")),
}


@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_vrp_is_read(text, reading):
    assert reading == huawei_vrp.read_ping(text)


START = " traceroute to  10.27.0.10(10.27.0.10), max hops: 15 ,packet length: 40,press CTRL_C to break \n"
FIRST = Hop(1, "10.27.16.254", (0.004, 0.003))
TRACES = {
    "success": (
        f"{START} 1 10.27.16.254 4 ms  3 ms \n 2 10.27.0.10 10 ms  <1 ms \n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.01, 0.001)))),
    ),
    "silence": (
        f"{START} 1 10.27.16.254 4 ms  3 ms \n 2  * * \n 3  * * \n",
        TraceReading(Outcome.LOSS, (FIRST, Hop(2), Hop(3))),
    ),
    "labels": (
        f"{START} 1 10.27.16.254[MPLS Label=1025 Exp=0 TTL=1 S=1] 4 ms  3 ms \n 2 10.27.0.10 10 ms  10 ms \n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.01, 0.01)))),
    ),
    "unreachable": (
        f"{START} 1 10.27.16.254 4 ms  3 ms \n 2 10.27.0.1 4 ms !H  * \n",
        TraceReading(Outcome.UNREACHABLE, (FIRST, Hop(2, "10.27.0.1", (0.004,), Reason.UNREACHABLE))),
    ),
    "prohibited": (
        f"{START} 1 10.27.16.254 4 ms  3 ms \n 2 10.27.0.1 4 ms !X  4 ms !X \n",
        TraceReading(Outcome.PROHIBITED, (FIRST, Hop(2, "10.27.0.1", (0.004, 0.004), Reason.PROHIBITED))),
    ),
    "ipv6": (
        " traceroute to 2001:DB8::10  15 hops max,60 bytes packet\n 1 2001:DB8:16::FE  4 ms  3 ms \n",
        TraceReading(Outcome.ANSWERED, (Hop(1, "2001:db8:16::fe", (0.004, 0.003)),)),
    ),
    "refused": (
        "Error: Wrong parameter found at '^' position.\n",
        TraceReading(Outcome.REFUSED, detail="Error: Wrong parameter found at '^' position."),
    ),
    "no such instance": (
        "Error: The VPN instance does not exist.\n",
        TraceReading(Outcome.REFUSED, detail="Error: The VPN instance does not exist."),
    ),
}


@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_vrp_is_read(text, reading):
    assert reading == huawei_vrp.read_trace(text)
