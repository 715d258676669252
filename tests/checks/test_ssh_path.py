"""From the site: what its router says of the way to the hub, and what is said where it cannot be asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from wanmon.checks import ssh_path
from wanmon.checks.registry import kind, parse_params
from wanmon.checks.result import Result, RouterSession, RouterTarget, Target, Tools
from wanmon.checks.ssh_path import Params
from wanmon.errors import UsageError
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms.platform import Outcome, PingReading
from wanmon.protocols.ssh.fault import HostKeyChanged, SshFault
from wanmon.protocols.ssh.host_key import Fingerprint

OK, WARNING, CRITICAL, UNKNOWN = Verdict
PING = """PING 10.27.0.10 (10.27.0.10) 56(84) bytes of data.
64 bytes from 10.27.0.10: icmp_seq=1 ttl=63 time=3.10 ms

--- 10.27.0.10 ping statistics ---
5 packets transmitted, {} received, {}% packet loss, time 4005ms
rtt min/avg/max/mdev = 3.012/3.104/3.312/0.100 ms
"""
TRACE = """traceroute to 10.27.0.10 (10.27.0.10), 15 hops max, 60 byte packets
 1  10.27.9.254  0.512 ms  0.498 ms
 2  * *
 3  * *
"""


class Routers:
    """One router: `answers` by the first word of a command that tells them apart; or what happens at its door."""

    def __init__(self, ping: str | Exception = "", trace: str | Exception = "", door: SshFault | None = None) -> None:
        self.answers: dict[str, str | Exception] = {"ping": ping, "traceroute": trace}
        self.door = door
        self.said: list[str] = []
        self.sessions = 0

    @asynccontextmanager
    async def session(self, router: RouterTarget, deadline_s: float) -> AsyncIterator[RouterSession]:
        if self.door:
            raise self.door
        self.sessions += 1
        yield cast(RouterSession, self)

    async def run(self, command: str, within_s: float) -> str:
        self.said.append(command)
        answer = self.answers["traceroute" if "traceroute" in command else "ping"]
        if isinstance(answer, Exception):
            raise answer
        return answer


def router(platform: str = "linux") -> RouterTarget:
    return RouterTarget("BN-0001", "BN-0001-R1", "10.27.9.1", 22, platform, ("routers",))


def asked(routers: Routers | None, target: Target | None = None, platform: str = "linux", **params: Any) -> Result:
    aim = target or Target("dc-portal", "10.27.0.10", 443, router=router(platform))
    tools = Tools(cast(Any, None), cast(Any, None), routers)
    return asyncio.run(ssh_path.run(aim, Params(**params), tools))


def test_the_text_says_who_asked_whom_and_how_it_went():
    far = Routers(PING.format(5, 0))
    result = asked(far)

    assert "BN-0001-R1 → dc-portal 10.27.0.10: 5 of 5 echoes, 3.1 ms" == result.text
    assert (OK, None, 0.0) == (result.verdict, result.reason, result.loss_ratio)
    assert pytest.approx(0.003104) == result.rtt_s
    assert (1, 1) == (far.sessions, len(far.said))


def test_a_ping_that_fails_is_followed_by_a_trace_in_the_same_session():
    """A second login would take another of the router's few lines."""
    far = Routers(PING.format(0, 100), TRACE)
    result = asked(far)

    assert (CRITICAL, Reason.LOSS) == (result.verdict, result.reason)
    assert [Hop(1, "10.27.9.254", (0.000512, 0.000498)), Hop(2), Hop(3)] == list(result.hops)
    assert result.text.endswith("0 of 5 echoes; path: 10.27.9.254 0.5 ms, no answer from hop 2")
    assert 1 == far.sessions


def test_a_ping_that_keeps_silent_of_a_missing_route_is_told_of_it_by_the_trace():
    """`ping` of iputils from a given source says nothing at all where there is no route."""
    far = Routers(PING.format(0, 100), "traceroute to 10.27.0.10, 15 hops max\nconnect: Network is unreachable\n")
    result = asked(far)

    assert (CRITICAL, Reason.UNREACHABLE) == (result.verdict, result.reason)
    assert result.text.endswith("unreachable (connect: Network is unreachable)")


@pytest.mark.parametrize(
    ("reason", "trace"),
    [
        (Reason.LOSS, " 1  10.27.9.1  3056.1 ms !H  3056.0 ms !H\n"),
        (Reason.LOSS, " 1  * *\n 2  * *\n"),
        (Reason.UNREACHABLE, " 1  10.27.9.254  0.5 ms  0.5 ms\n 2  10.27.0.1  3056.1 ms !H  3056.0 ms !H\n"),
    ],
    ids=["its own", "its own, too late", "that of the router before the target"],
)
def test_a_neighbour_that_does_not_answer_is_a_silent_line_and_no_missing_route(reason: Reason, trace: str):
    """ARP is lost with all else where one direction is cut: the routes of the site are well."""
    words = "From 10.27.9.1 icmp_seq=1 Destination Host Unreachable\n"
    far = Routers(words + PING.format(0, 100), "traceroute to 10.27.0.10, 15 hops max\n" + trace)
    result = asked(far)

    assert (CRITICAL, reason) == (result.verdict, result.reason)


@pytest.mark.parametrize(("wanted", "received", "trace"), [(1, 5, "always"), (0, 0, "never"), (0, 5, "auto")])
def test_a_path_is_traced_as_the_parameters_say(wanted, received, trace):
    far = Routers(PING.format(received, 100 - 20 * received), TRACE)
    asked(far, trace=trace)

    assert wanted == len([command for command in far.said if "traceroute" in command])


def test_a_trace_that_comes_to_nothing_leaves_the_ping_as_it_was():
    far = Routers(PING.format(5, 0), SshFault(Reason.OUTPUT, "the prompt did not come back"))
    result = asked(far, trace="always")

    assert (OK, ()) == (result.verdict, result.hops)
    assert "output: the prompt did not come back" == result.details["not_traced"]


@pytest.mark.parametrize(
    ("source", "sent"),
    [("", "-s 56 10.27.0.10"), ("management", "-I 10.27.9.1 10.27.0.10"), ("10.1.1.1", "-I 10.1.1.1 1")],
)
def test_the_source_is_the_routers_choice_its_management_address_or_one_that_is_given(source, sent):
    far = Routers(PING.format(5, 0))
    asked(far, source=source)

    assert sent in far.said[0]


def test_a_vrf_is_where_the_router_asks():
    far = Routers(PING.format(5, 0))
    asked(far, vrf="MGMT")

    assert "ip vrf exec MGMT ping" in far.said[0]


def test_a_name_is_looked_up_here_and_only_its_address_is_sent():
    """What a router makes of a name nobody knows; and a name could hold anything."""
    far = Routers(PING.format(5, 0))
    asked(far, Target("portal", "localhost", router=router()))

    assert far.said[0].endswith((" 127.0.0.1", " ::1"))


@pytest.mark.parametrize(
    ("verdict", "reason", "reading"),
    [
        (CRITICAL, Reason.UNREACHABLE, PingReading(Outcome.UNREACHABLE, 5, 0)),
        (CRITICAL, Reason.PROHIBITED, PingReading(Outcome.PROHIBITED, 5, 0)),
        (CRITICAL, Reason.LOSS, PingReading(Outcome.UNREACHABLE, 5, 2, 0.01)),
        (CRITICAL, Reason.LOSS, PingReading(Outcome.LOSS, 5, 0)),
        (WARNING, Reason.LOSS, PingReading(Outcome.LOSS, 10, 9, 0.01)),
        (WARNING, Reason.SLOW, PingReading(Outcome.ANSWERED, 5, 5, 0.2)),
        (CRITICAL, Reason.SLOW, PingReading(Outcome.ANSWERED, 5, 5, 1.1)),
        (OK, None, PingReading(Outcome.ANSWERED, 5, 5, 0.1)),
        (UNKNOWN, Reason.OUTPUT, PingReading(Outcome.UNREADABLE)),
        (UNKNOWN, Reason.OUTPUT, PingReading(Outcome.UNKNOWN_HOST)),
        (UNKNOWN, Reason.REFUSED, PingReading(Outcome.REFUSED)),
        (UNKNOWN, Reason.REFUSED, PingReading(Outcome.RATE_LIMITED)),
    ],
)
def test_what_the_router_says_is_judged_by_its_own_reason(verdict, reason, reading):
    result = ssh_path.judge("R1 → dc", reading, (), Params())

    assert (verdict, reason) == (result.verdict, result.reason)


def test_every_outcome_is_judged():
    for outcome in Outcome:
        assert ssh_path.judge("R1 → dc", PingReading(outcome, 5, 0, detail="% words"), (), Params()).reason


@pytest.mark.parametrize("reason", [*ssh_path.STEPS, Reason.LOCAL])
def test_a_router_that_cannot_be_asked_is_unknown_and_says_at_which_step(reason):
    result = asked(Routers(door=SshFault(reason, "words")))

    assert (UNKNOWN, reason) == (result.verdict, result.reason)
    assert f"BN-0001-R1 could not be asked: {reason.value.replace('_', ' ')}: words" == result.text


def test_a_changed_host_key_is_an_alarm():
    """Somebody else may be answering for the router."""
    keys = (Fingerprint("ssh-rsa", f"SHA256:{letter * 43}") for letter in "ab")
    result = asked(Routers(door=HostKeyChanged(*keys)))

    assert (CRITICAL, Reason.HOST_KEY) == (result.verdict, result.reason)


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ("vrf = 'a b': is not the name of a VRF", {"vrf": "a b"}),
        ("vrf = 'x;reload'", {"vrf": "x;reload"}),
        ("source = 'Loopback0'", {"source": "Loopback0"}),
        ("source = '10.1.1.1; reload'", {"source": "10.1.1.1; reload"}),
        ("a warning threshold lies above its critical one", {"rtt_warning_s": 2, "rtt_critical_s": 1}),
        ("count = 101", {"count": 101}),
        ("trace = 'sometimes'", {"trace": "sometimes"}),
    ],
)
def test_bad_parameters_are_one_line_before_anything_is_run(told, values):
    with pytest.raises(UsageError) as raised:
        parse_params(kind("ssh_path"), values)

    assert str(raised.value).startswith("ssh_path: ")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("told", "target", "params"),
    [
        ("there is no platform 'atari'", Target("dc", "10.27.0.10", router=router("atari")), {}),
        ("nobody knows how the command line of BN-0001-R1 speaks", Target("dc", "10.27.0.10", router=router("")), {}),
        ("is not of the same IP version", Target("dc", "2001:db8::1", router=router()), {"source": "management"}),
        ("no address was found for that name", Target("dc", "no-such.invalid", router=router()), {}),
        ("is not the address of one host", Target("dc", "224.0.0.1", router=router()), {}),
        ("no router to log in to is known", Target("dc", "10.27.0.10"), {}),
    ],
)
def test_what_cannot_be_asked_costs_no_login(told, target, params):
    far = Routers(PING.format(5, 0))
    result = asked(far, target, **params)

    assert (UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
    assert told in result.text
    assert 0 == far.sessions


def test_a_reader_that_was_never_tried_on_a_real_device_says_so():
    far = Routers("")
    details = asked(far, platform="huawei_vrp").details

    assert not details["is_verified"]
    assert "the reader of huawei_vrp was never tried on a real device" == details["note"]


def test_without_logins_there_is_no_check_from_a_site():
    assert Reason.LOCAL is asked(None).reason


def test_it_is_asked_from_the_site():
    assert "site" == kind("ssh_path").vantage
