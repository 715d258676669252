"""DNS checks: answers, and the verdict on them; faulty servers on loopback, and a real one."""

import asyncio
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, cast

import dns.flags
import dns.message
import dns.rcode
import pytest
from pydantic import ValidationError

from tests.rigs.dns_server import answer, dns_server
from wanmon.checks import dns_lookup
from wanmon.checks.result import Result, Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.dns_client import DnsAnswer

OK, WARNING, CRITICAL, UNKNOWN = Verdict
NAME = "dc.bn.gov.vn"
Query = dns.message.Message


@pytest.mark.parametrize(
    ("seen", "expect", "verdict", "reason", "words"),
    [
        (DnsAnswer(0.01, "NOERROR", ("10.0.0.1",)), [], OK, None, "dc.bn.gov.vn A is 10.0.0.1, in 10.0 ms"),
        (DnsAnswer(0.01, "NOERROR", ("10.0.0.1", "10.0.0.2")), ["10.0.0.2", "10.0.0.1"], OK, None, "10.0.0.2"),
        (DnsAnswer(0.01, "NOERROR", ("10.0.0.1",)), ["10.0.0.2"], CRITICAL, Reason.UNEXPECTED,
         "dc.bn.gov.vn A: 10.0.0.1, and 10.0.0.2 is wanted"),
        (DnsAnswer(0.01, "NOERROR"), [], CRITICAL, Reason.NO_SUCH, "the name has no A record"),
        (DnsAnswer(0.01, "NXDOMAIN"), [], CRITICAL, Reason.NO_SUCH, "there is no such name (NXDOMAIN)"),
        (DnsAnswer(0.01, "SERVFAIL"), [], CRITICAL, Reason.UNEXPECTED, "it could not find out (SERVFAIL)"),
        (DnsAnswer(0.01, "REFUSED"), [], CRITICAL, Reason.REFUSED, "it refuses to answer us (REFUSED)"),
        (DnsAnswer(0.01, "NOTIMP"), [], CRITICAL, Reason.UNEXPECTED, "it did not answer (NOTIMP)"),
        (DnsAnswer(1.5, "NOERROR", ("10.0.0.1",)), [], WARNING, Reason.SLOW, "1500.0 ms"),
        (DnsAnswer(3, reason=Reason.TIMEOUT, detail="none within 3 s"), [], CRITICAL, Reason.TIMEOUT, "within 3 s"),
        (DnsAnswer(0, reason=Reason.LOCAL, detail="Too many open files"), [], UNKNOWN, Reason.LOCAL, "Too many open"),
        (DnsAnswer(0.01, "NOERROR", tuple(f"10.0.0.{n}" for n in range(10, 30))), [], OK, None, "and 12 more"),
    ],
    ids=["any", "wanted", "another", "no record", "no name", "fails", "refuses", "other code", "slow", "silent",
         "local", "many"],
)  # fmt: skip
def test_an_answer_is_judged(seen: DnsAnswer, expect: list[str], verdict: Verdict, reason: Reason | None, words: str):
    result = dns_lookup.judge("A port 53", seen, dns_lookup.Params(name=NAME, expect=expect))

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text
    assert reason is None or reason in dns_lookup.REASONS


@pytest.mark.parametrize(
    "wrong", [{"record": "MX"}, {"expect": ["::1"]}, {"expect": ["name"]}, {"name": "a b"}, {"name": "a..b"}], ids=str
)
def test_what_cannot_be_asked_for_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        dns_lookup.Params(**wrong)


def run(port: int, **params: Any) -> Result:
    given = dns_lookup.Params(**{"name": NAME, "timeout_s": 0.3, **params})
    return asyncio.run(dns_lookup.run(Target("dc-dns", "127.0.0.1", port), given, cast(Tools, None)))


def _truncated(query: Query, tcp: bool) -> list[bytes]:
    reply = answer(query, "10.0.0.7") if tcp else answer(query)
    if not tcp:
        reply.flags |= dns.flags.TC
    return [reply.to_wire()]


def _other_id(query: Query, tcp: bool) -> list[bytes]:
    reply = answer(query, "10.6.6.6")
    reply.id ^= 1
    return [reply.to_wire()]


def _other_question(query: Query, tcp: bool) -> list[bytes]:
    other = dns.message.make_query("evil.example", "A", id=query.id)
    return [answer(other, "10.6.6.6").to_wire()]


def _first_forged(query: Query, tcp: bool) -> list[bytes]:
    return [b"\xff" * 30, *_other_id(query, tcp), query.to_wire(), answer(query, "10.0.0.7").to_wire()]


def _with_code(code: int) -> Callable[[Query, bool], list[bytes]]:
    return lambda query, tcp: [answer(query, code=code).to_wire()]


@pytest.mark.parametrize(
    ("answering", "verdict", "reason", "words"),
    [
        (lambda query, tcp: [answer(query, "10.0.0.7").to_wire()], OK, None, "10.0.0.7"),
        (_truncated, OK, None, "10.0.0.7"),
        (_first_forged, OK, None, "10.0.0.7"),
        (_other_id, CRITICAL, Reason.MISMATCHED, "something else than it was asked"),
        (_other_question, CRITICAL, Reason.MISMATCHED, "something else"),
        (lambda query, tcp: [b"\x00\x01garbage"], CRITICAL, Reason.MALFORMED, "is no DNS"),
        (lambda query, tcp: [b""], CRITICAL, Reason.MALFORMED, "is no DNS"),
        (lambda query, tcp: [], CRITICAL, Reason.TIMEOUT, "no answer within 0.3 s"),
        (_with_code(dns.rcode.NXDOMAIN), CRITICAL, Reason.NO_SUCH, "NXDOMAIN"),
        (_with_code(dns.rcode.SERVFAIL), CRITICAL, Reason.UNEXPECTED, "SERVFAIL"),
        (_with_code(dns.rcode.REFUSED), CRITICAL, Reason.REFUSED, "REFUSED"),
        (_with_code(dns.rcode.NOERROR), CRITICAL, Reason.NO_SUCH, "no A record"),
    ],
    ids=["right", "truncated", "forgeries first", "other id", "other question", "garbage", "empty", "silent",
         "no name", "fails", "refuses", "no record"],
)  # fmt: skip
def test_a_server_is_believed_only_where_it_answers_our_question(
    answering: Any, verdict: Verdict, reason: Reason | None, words: str
):
    with dns_server(answering) as port:
        result = run(port)

    assert (verdict, reason) == (result.verdict, result.reason), result.text
    assert words in result.text


def test_a_closed_port_is_refused(free_udp_port: int):
    assert (CRITICAL, Reason.REFUSED) == (run(free_udp_port).verdict, run(free_udp_port).reason)


def test_without_a_name_nobody_is_asked():
    result = run(1, name="")

    assert (UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
    assert "has no name to look up" in result.text


@pytest.fixture(scope="module")
def dnsmasq(need: Callable[[str], str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = [f"--host-record={NAME},10.0.0.7,fd00::7", "--cname=portal.bn.gov.vn,dc.bn.gov.vn", "--local=/bn.gov.vn/"]
    command = [need("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
               "--user=root", "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces",
               f"--port={port}"]  # fmt: skip
    with subprocess.Popen([*command, *known], stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(30):
                if run(port, timeout_s=0.2).verdict is OK:
                    break
            yield port
        finally:
            server.terminate()


@pytest.mark.real
@pytest.mark.parametrize(
    ("params", "verdict", "words"),
    [
        ({"expect": ["10.0.0.7"]}, OK, "dc.bn.gov.vn A is 10.0.0.7"),
        ({"record": "AAAA", "expect": ["FD00::7"]}, OK, "AAAA is fd00::7"),
        ({"name": "portal.bn.gov.vn"}, OK, "portal.bn.gov.vn A is 10.0.0.7"),
        ({"name": "nobody.bn.gov.vn"}, CRITICAL, "NXDOMAIN"),
        ({"name": "example.org"}, CRITICAL, "REFUSED"),
    ],
    ids=["A", "AAAA", "CNAME", "no name", "not its zone"],
)
def test_a_real_server_is_asked(dnsmasq: int, params: dict[str, Any], verdict: Verdict, words: str):
    result = run(dnsmasq, timeout_s=2, **params)

    assert verdict is result.verdict
    assert words in result.text
