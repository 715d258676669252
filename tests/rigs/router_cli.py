"""What the command line of each platform says: its prompt, what netmiko asks at login, pings and traces.

Written by hand from the vendors' documents, and knows nothing of how wanmon words its commands: each command is taken
apart by an expression of its own, and what fits none gets the platform's own complaint. `HUB` answers, behind
`GATEWAY`; every other address is silent; there is no VRF but `WAN`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

HUB, GATEWAY, SOURCE = "10.27.0.10", "10.27.16.254", "10.27.16.1"
VRF = "WAN"

#: Writes the answer of a ping or a trace: to which target, so many echoes or probes; has the target answered?
Writer = Callable[[str, int, bool], str]


@dataclass(frozen=True)
class RouterCli:
    """The command line of a platform, at one prompt. `at_login` are the lines that netmiko may type, with answers."""

    prompt: str
    at_login: Mapping[str, str]
    ping: str
    trace: str
    written_ping: Writer
    written_trace: Writer
    complaint: str
    no_vrf: str = ""
    options: str = "(?!)"  # taken without a word; here none
    suffix: str = ""  # options that netmiko writes into the name of the user

    def answer(self, line: str) -> str:
        """What the router writes after a line."""
        if line in self.at_login:
            return self.at_login[line]
        if re.fullmatch(self.options, line):
            return ""
        for form, written in ((self.ping, self.written_ping), (self.trace, self.written_trace)):
            if found := re.fullmatch(form, line):
                told = found.groupdict()
                if told.get("vrf") not in (None, VRF):
                    return self.no_vrf
                return written(told["target"], int(told.get("count") or 2), told["target"] == HUB)
        return self.complaint


_A = r"(?P<target>\d+\.\d+\.\d+\.\d+)"
_S = r"\d+\.\d+\.\d+\.\d+"


def _ios_ping(target: str, count: int, answers: bool) -> str:
    times = ", round-trip min/avg/max = 1/2/4 ms" if answers else ""
    return (
        f"Type escape sequence to abort.\nSending {count}, 84-byte ICMP Echos to {target}, timeout is 2 seconds:\n"
        f"Packet sent with a source address of {SOURCE} \n{('!' if answers else '.') * count}\n"
        f"Success rate is {100 * answers} percent ({count * answers}/{count}){times}"
    )


def _ios_trace(target: str, probes: int, answers: bool) -> str:
    last = f"  2 {target} 4 msec 8 msec" if answers else "  2  *  *\n  3  *  *"
    return (
        f"Type escape sequence to abort.\nTracing the route to {target}\n"
        f"VRF info: (vrf in name/id, vrf out name/id)\n  1 {GATEWAY} 4 msec 0 msec\n{last}"
    )


def _vrp_ping(target: str, count: int, answers: bool) -> str:
    reply = (
        f"    Reply from {target}: bytes=56 Sequence={{}} ttl=254 time=2 ms\n" if answers else "    Request time out\n"
    )
    times = "    round-trip min/avg/max = 1/2/4 ms\n" if answers else ""
    return (
        f"  PING {target}: 56  data bytes, press CTRL_C to break\n"
        f"{''.join(reply.format(number + 1) for number in range(count))}\n  --- {target} ping statistics ---\n"
        f"    {count} packet(s) transmitted\n    {count * answers} packet(s) received\n"
        f"    {100 * (not answers)}.00% packet loss\n{times}"
    )


def _vrp_trace(target: str, probes: int, answers: bool) -> str:
    last = f" 2 {target} 4 ms  8 ms " if answers else " 2  * * \n 3  * * "
    head = f" traceroute to  {target}({target}), max hops: 15 ,packet length: 40,press CTRL_C to break \n"
    return f"{head} 1 {GATEWAY} 4 ms  <1 ms \n{last}\n"


def _comware_ping(target: str, count: int, answers: bool) -> str:
    reply = f"56 bytes from {target}: icmp_seq={{}} ttl=254 time=2.000 ms\n" if answers else "Request time out\n"
    times = "round-trip min/avg/max/std-dev = 1.000/2.000/4.000/0.500 ms\n" if answers else ""
    return (
        f"Ping {target} ({target}) from {SOURCE}: 56 data bytes, press CTRL+C to break\n"
        f"{''.join(reply.format(number) for number in range(count))}\n--- Ping statistics for {target} ---\n"
        f"{count} packet(s) transmitted, {count * answers} packet(s) received, {100 * (not answers)}.0% packet loss\n"
        f"{times}"
    )


def _comware_trace(target: str, probes: int, answers: bool) -> str:
    last = f" 2  {target} ({target})  4.000 ms  8.000 ms\n" if answers else " 2  * *\n 3  * *\n"
    head = f"traceroute to {target} ({target}), 15 hops at most, 40 bytes each packet, press CTRL+C to break\n"
    return f"{head} 1  {GATEWAY} ({GATEWAY})  4.000 ms  0.400 ms\n{last}"


def _bsd_ping(target: str, count: int, answers: bool) -> str:
    reply = f"64 bytes from {target}: icmp_seq={{}} ttl=63 time=2.000 ms\n" if answers else ""
    times = "round-trip min/avg/max/stddev = 1.000/2.000/4.000/0.078 ms\n" if answers else ""
    return (
        f"PING {target} ({target}): 56 data bytes\n{''.join(reply.format(number) for number in range(count))}\n"
        f"--- {target} ping statistics ---\n"
        f"{count} packets transmitted, {count * answers} packets received, {100 * (not answers)}% packet loss\n{times}"
    )


def _bsd_trace(target: str, probes: int, answers: bool) -> str:
    last = f" 2  {target} ({target})  4.000 ms  8.000 ms\n" if answers else " 2  * *\n 3  * *\n"
    head = f"traceroute to {target} ({target}), 15 hops max, 52 byte packets\n"
    return f"{head} 1  {GATEWAY} ({GATEWAY})  4.000 ms  0.400 ms\n{last}"


def _routeros_ping(target: str, count: int, answers: bool) -> str:
    head = "  SEQ HOST                                     SIZE TTL TIME       STATUS             \n"
    reply = f"84  63 2ms{' ' * 28}" if answers else f"{' ' * 18}timeout{' ' * 12}"
    rows = "".join(f"    {number} {target:41}{reply}\n" for number in range(count))
    times = " min-rtt=1ms avg-rtt=2ms max-rtt=4ms" if answers else ""
    sums = f"sent={count} received={count * answers} packet-loss={100 * (not answers)}%"
    return f"{head}{rows}    {sums}{times} \n"


def _routeros_trace(target: str, probes: int, answers: bool) -> str:
    """The table is drawn again for each probe."""
    head = "Columns: ADDRESS, LOSS, SENT, LAST, AVG, BEST, WORST, STD-DEV\n#  ADDRESS  LOSS  SENT  LAST  AVG  BEST\n"
    lost = "2  100%  {0}  timeout\n3  100%  {0}  timeout\n"
    last = f"2  {target}  0%  {{0}}  4ms  4  4  8  0\n" if answers else lost
    rows = f"1  {GATEWAY}  0%  {{0}}  4ms  4  4  4  0\n{last}"
    return "-- [Q quit|C-z pause]\n".join(head + rows.format(number + 1) for number in range(probes))


_IOS = RouterCli(
    prompt="BN-0001-R1>",
    at_login={"terminal width 511": "", "terminal length 0": ""},
    ping=rf"ping (vrf (?P<vrf>\S+) )?ip {_A}( source {_S})? repeat (?P<count>\d+) size \d+ timeout \d+",
    trace=rf"traceroute (vrf (?P<vrf>\S+) )?ip {_A}( source {_S})?( probe \d| timeout \d| ttl 1 \d+| numeric)*",
    written_ping=_ios_ping,
    written_trace=_ios_trace,
    complaint="          ^\n% Invalid input detected at '^' marker.\n",
    no_vrf="% VRF NOPE does not exist",
)
_VRP = RouterCli(
    prompt="<BN-0001-R1>",
    at_login={"screen-length 0 temporary": "Info: It takes effect on the current user terminal interface only."},
    ping=rf"ping( -vpn-instance (?P<vrf>\S+)| -a {_S}| -c (?P<count>\d+)| -s \d+| -t \d+)* {_A}",
    trace=rf"tracert( -vpn-instance (?P<vrf>\S+)| -a {_S}| -m \d+| -q \d| -w \d+)* {_A}",
    written_ping=_vrp_ping,
    written_trace=_vrp_trace,
    complaint="          ^\nError: Unrecognized command found at '^' position.",
    no_vrf="Error: The VPN instance does not exist.",
)
_COMWARE = RouterCli(
    prompt="<BN-0001-R1>",
    at_login={"screen-length disable": ""},
    ping=_VRP.ping,
    trace=_VRP.trace,
    written_ping=_comware_ping,
    written_trace=_comware_trace,
    complaint="          ^\n % Unrecognized command found at '^' position.",
    no_vrf="The specified VPN instance does not exist.",
)
_JUNOS = RouterCli(
    prompt="wanmon@BN-0001-R1> ",
    at_login={
        "set cli screen-width 511": "Screen width set to 511\n",
        "set cli complete-on-space off": "Disabling complete-on-space\n",
        "set cli screen-length 0": "Screen length set to 0\n",
    },
    ping=rf"ping {_A}( inet| no-resolve| routing-instance (?P<vrf>\S+)| source {_S}| count (?P<count>\d+)"
    r"| size \d+| wait \d+)*",
    trace=rf"traceroute {_A}( inet| no-resolve| routing-instance (?P<vrf>\S+)| source {_S}| ttl \d+| wait \d)*",
    written_ping=_bsd_ping,
    written_trace=_bsd_trace,
    complaint="                ^\nunknown command.\n",
    no_vrf="ping: routing instance NOPE does not exist\n",
)
_ROUTEROS = RouterCli(
    prompt="[wanmon@BN-0001-R1] > ",
    at_login={},
    ping=rf"/ping address={_A}( src-address={_S}| vrf=(?P<vrf>\S+)| count=(?P<count>\d+)| size=\d+| interval=\ds)*",
    trace=rf"/tool traceroute address={_A}( src-address={_S}| vrf=(?P<vrf>\S+)| count=(?P<count>\d)| timeout=\ds"
    r"| max-hops=\d+| use-dns=no)*",
    written_ping=_routeros_ping,
    written_trace=_routeros_trace,
    complaint="bad command name (line 1 column 1)\n",
    no_vrf="input does not match any value of vrf\n",
    suffix="+ct511w4098h",
)
_FORTIOS = RouterCli(
    prompt="BN-0001-R1 # ",
    at_login={
        "get system status | grep Virtual": "Virtual domain configuration: disable\n",
        "get system status | grep Version": "Version: FortiGate-60F v7.2.5,build1517,230606 (GA.F)\n",
        "get system console": "baudrate            : 9600 \noutput              : more \n",
    },
    options=rf"execute (ping-options (reset|(repeat-count|data-size|timeout) \d+|source {_S})"
    rf"|traceroute-options (queries \d|source (auto|{_S})))",
    ping=rf"execute ping {_A}",
    trace=rf"execute traceroute {_A}",
    written_ping=_bsd_ping,
    written_trace=_bsd_trace,
    complaint="Unknown action 0\n",
)
_LINUX = RouterCli(
    prompt="wanmon@bn-0001-r1:~$ ",
    at_login={},
    ping=rf"env LC_ALL=C( ip vrf exec (?P<vrf>\S+))? ping -n( -c (?P<count>\d+)| -W \d+| -s \d+| -I {_S})* {_A}",
    trace=rf"env LC_ALL=C( ip vrf exec (?P<vrf>\S+))? traceroute -n( -q \d| -w \d| -m \d+| -s {_S})* {_A}",
    written_ping=_bsd_ping,
    written_trace=_bsd_trace,
    complaint="bash: command not found",
    no_vrf="Invalid VRF name",
)

CLI: Mapping[str, RouterCli] = {
    "cisco_ios": _IOS,
    "cisco_xe": _IOS,
    "huawei_vrp": _VRP,
    "hp_comware": _COMWARE,
    "juniper_junos": _JUNOS,
    "mikrotik_routeros": _ROUTEROS,
    "fortinet": _FORTIOS,
    "linux": _LINUX,
}
