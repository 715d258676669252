"""What IOS and IOS XE write after `ping` and `traceroute`."""

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import cisco_ios, cisco_xe
from wanmon.platforms.platform import Outcome, PingReading, TraceReading

HEAD = """Type escape sequence to abort.
Sending 5, 84-byte ICMP Echos to 10.27.0.10, timeout is 2 seconds:
Packet sent with a source address of 10.27.16.1
"""
PINGS = {
    "success": (
        f"{HEAD}!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms",
        PingReading(Outcome.ANSWERED, 5, 5, 0.002),
    ),
    "loss": (
        f"{HEAD}!.!.!\nSuccess rate is 60 percent (3/5), round-trip min/avg/max = 1/12/40 ms",
        PingReading(Outcome.LOSS, 5, 3, 0.012),
    ),
    "loss and unreachable": (
        f"{HEAD}!U!!!\nSuccess rate is 80 percent (4/5), round-trip min/avg/max = 1/12/40 ms",
        PingReading(Outcome.LOSS, 5, 4, 0.012, "!U!!!"),
    ),
    "total loss": (f"{HEAD}.....\nSuccess rate is 0 percent (0/5)", PingReading(Outcome.LOSS, 5, 0)),
    "unreachable": (
        f"{HEAD}U.U.U\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "U.U.U"),
    ),
    "lifetime exceeded": (
        f"{HEAD}&&&&&\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "&&&&&"),
    ),
    "prohibited": (
        f"{HEAD}AAAAA\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.PROHIBITED, 5, 0, None, "AAAAA"),
    ),
    "quenched": (
        f"{HEAD}.Q.Q.\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.RATE_LIMITED, 5, 0, None, ".Q.Q."),
    ),
    "fragments needed": (
        f"{HEAD}M.M.M\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.LOSS, 5, 0, None, "M.M.M"),
    ),
    "a hundred": (
        "Sending 100, 84-byte ICMP Echos to 10.27.0.10, timeout is 2 seconds:\n"
        f"{'!' * 70}\n{'!' * 28}..\nSuccess rate is 98 percent (98/100), round-trip min/avg/max = 8/9/12 ms",
        PingReading(Outcome.LOSS, 100, 98, 0.009),
    ),
    "ipv6": (
        "Sending 5, 104-byte ICMP Echos to 2001:DB8::10, timeout is 2 seconds:\n"
        "Packet sent with a source address of 2001:DB8:16::1\n!!!!!\n"
        "Success rate is 100 percent (5/5), round-trip min/avg/max = 0/0/1 ms",
        PingReading(Outcome.ANSWERED, 5, 5, 0.0),
    ),
    "ipv6 without a route": (
        "Sending 5, 104-byte ICMP Echos to 2001:DB8::10, timeout is 2 seconds:\nNNNNN\nSuccess rate is 0 percent (0/5)",
        PingReading(Outcome.UNREACHABLE, 5, 0, None, "NNNNN"),
    ),
    "unknown host": (
        "% Unrecognized host or address, or protocol not running.",
        PingReading(Outcome.UNKNOWN_HOST, detail="% Unrecognized host or address, or protocol not running."),
    ),
    "no such vrf": (
        "% VRF WAN does not exist",
        PingReading(Outcome.REFUSED, detail="% VRF WAN does not exist"),
    ),
    "a vrf with a bad name": (
        "% VRF unreachable does not exist",
        PingReading(Outcome.REFUSED, detail="% VRF unreachable does not exist"),
    ),
    "not its own source": (
        "% Invalid source address- IP address not on any of our up interfaces",
        PingReading(Outcome.REFUSED, detail="% Invalid source address- IP address not on any of our up interfaces"),
    ),
    "refused options": (
        "ping ip 10.27.0.10 repeat 5\n                   ^\n% Invalid input detected at '^' marker.\n",
        PingReading(Outcome.REFUSED, detail="% Invalid input detected at '^' marker."),
    ),
    "not authorized": (
        "Command authorization failed.",
        PingReading(Outcome.REFUSED, detail="Command authorization failed."),
    ),
    "crlf, escapes, paging": (
        f"\x1b[?7h{HEAD}".replace("\n", "\r\n")
        + " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \r"
        + "\x1b[1m!!!!!\x1b[0m\r\r\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms\r\n",
        PingReading(Outcome.ANSWERED, 5, 5, 0.002),
    ),
    "cut short": (f"{HEAD}!!!", PingReading(Outcome.UNREADABLE, detail="!!!")),
    "nothing": ("", PingReading(Outcome.UNREADABLE)),
    "a log message": (
        "*Mar  1 00:02:11.003: %SYS-5-CONFIG_I: Configured from console by admin",
        PingReading(
            Outcome.UNREADABLE, detail="*Mar  1 00:02:11.003: %SYS-5-CONFIG_I: Configured from console by admin"
        ),
    ),
}


@pytest.mark.parametrize("module", [cisco_ios, cisco_xe])
@pytest.mark.parametrize(("text", "reading"), PINGS.values(), ids=PINGS)
def test_a_ping_of_ios_is_read(module, text, reading):
    assert reading == module.read_ping(text)


START = """Type escape sequence to abort.
Tracing the route to 10.27.0.10
VRF info: (vrf in name/id, vrf out name/id)
"""
FIRST = Hop(1, "10.27.16.254", (0.004, 0.004))
TRACES = {
    "success": (
        f"{START}  1 10.27.16.254 4 msec 4 msec\n  2 10.27.0.10 8 msec *\n",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.008,)))),
    ),
    "silence": (
        f"{START}  1 10.27.16.254 4 msec 4 msec\n  2  *  *\n  3  *  *\n",
        TraceReading(Outcome.LOSS, (FIRST, Hop(2), Hop(3))),
    ),
    "a silent hop": (
        f"{START}  1  *  *\n  2 10.27.0.10 8 msec 0 msec\n",
        TraceReading(Outcome.ANSWERED, (Hop(1), Hop(2, "10.27.0.10", (0.008, 0.0)))),
    ),
    "host unreachable": (
        f"{START}  1 10.27.16.254 4 msec 4 msec\n  2 10.27.0.1 !H  *  !H\n",
        TraceReading(Outcome.UNREACHABLE, (FIRST, Hop(2, "10.27.0.1", (), Reason.UNREACHABLE))),
    ),
    "network unreachable": (
        f"{START}  1 10.27.16.254 !N !N\n",
        TraceReading(Outcome.UNREACHABLE, (Hop(1, "10.27.16.254", (), Reason.UNREACHABLE),)),
    ),
    "prohibited": (
        f"{START}  1 10.27.16.254 4 msec 4 msec\n  2 10.27.0.1 !A  !A\n",
        TraceReading(Outcome.PROHIBITED, (FIRST, Hop(2, "10.27.0.1", (), Reason.PROHIBITED))),
    ),
    "labels and AS numbers": (
        f"{START}  1 10.27.16.254 [MPLS: Labels 16/24 Exp 0] 4 msec 4 msec\n  2 10.27.0.10 [AS 65001] 8 msec 8 msec",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.008, 0.008)))),
    ),
    "names": (
        f"{START}  1 gw.bn-0001 (10.27.16.254) 4 msec 4 msec\n  2 10.9.9.9 (10.27.0.10) 8 msec 8 msec",
        TraceReading(Outcome.ANSWERED, (FIRST, Hop(2, "10.27.0.10", (0.008, 0.008)))),
    ),
    "several addresses": (
        f"{START}  1 10.27.16.254 4 msec\n    10.27.16.253 8 msec\n    10.27.16.252 12 msec\n  2 10.27.0.10 1 msec",
        TraceReading(Outcome.ANSWERED, (Hop(1, "10.27.16.254", (0.004, 0.008, 0.012)), Hop(2, "10.27.0.10", (0.001,)))),
    ),
    "ipv6": (
        "Tracing the route to 2001:DB8::10\n\n  1 2001:DB8:16::FE 4 msec 4 msec\n  2 2001:DB8::10 8 msec 8 msec",
        TraceReading(
            Outcome.ANSWERED, (Hop(1, "2001:db8:16::fe", (0.004, 0.004)), Hop(2, "2001:db8::10", (0.008, 0.008)))
        ),
    ),
    "ipv6 prohibited": (
        "  1 2001:DB8:16::FE !A  !A",
        TraceReading(Outcome.PROHIBITED, (Hop(1, "2001:db8:16::fe", (), Reason.PROHIBITED),)),
    ),
    "cut short": (
        f"{START}  1 10.27.16.254 4 msec 4 msec\n  2 10.27.0",
        TraceReading(Outcome.ANSWERED, (FIRST,)),
    ),
    "refused": (
        "% Invalid input detected at '^' marker.",
        TraceReading(Outcome.REFUSED, detail="% Invalid input detected at '^' marker."),
    ),
    "unknown host": (
        "% Unrecognized host or address.",
        TraceReading(Outcome.UNKNOWN_HOST, detail="% Unrecognized host or address."),
    ),
    "header alone": (START, TraceReading(Outcome.UNREADABLE, detail="VRF info: (vrf in name/id, vrf out name/id)")),
}


@pytest.mark.parametrize("module", [cisco_ios, cisco_xe])
@pytest.mark.parametrize(("text", "reading"), TRACES.values(), ids=TRACES)
def test_a_trace_of_ios_is_read(module, text, reading):
    assert reading == module.read_trace(text)
