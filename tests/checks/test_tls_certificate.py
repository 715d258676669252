"""Certificates: what a server shows, and the verdict on it; real ones on loopback."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tests.rigs.certificates import Authority
from tests.rigs.pages import saying, web_server
from wanmon.checks import tls_certificate
from wanmon.checks.result import Result, Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.tls import Handshake

OK, WARNING, CRITICAL, UNKNOWN = Verdict


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def run(port: int, **params: Any) -> Result:
    given = tls_certificate.Params(**{"timeout_s": 2, **params})
    return asyncio.run(tls_certificate.run(Target("dc-portal", "127.0.0.1", port), given, cast(Tools, None)))


@pytest.mark.parametrize(
    ("names", "days_left", "asked", "verdict", "words"),
    [
        (["dc.bn.gov.vn"], 90, "dc.bn.gov.vn", OK, "CN=the portal expires in 90 days"),
        (["127.0.0.1"], 90, "", OK, "expires in 90 days"),
        (["*.bn.gov.vn"], 90, "dc.bn.gov.vn", OK, "expires in 90 days"),
        (["dc.bn.gov.vn"], 29, "dc.bn.gov.vn", WARNING, "expires in 29 days"),
        (["dc.bn.gov.vn"], 6, "dc.bn.gov.vn", CRITICAL, "expires in 6 days"),
        (["dc.bn.gov.vn"], -3, "dc.bn.gov.vn", CRITICAL, "certificate has expired: CN=the portal expired 3 days ago"),
        (["dc.bn.gov.vn"], 90, "other.bn.gov.vn", CRITICAL, "Hostname mismatch, certificate is not valid for"),
        (["dc.bn.gov.vn"], 90, "", CRITICAL, "IP address mismatch"),
        ([], 90, "dc.bn.gov.vn", CRITICAL, "Hostname mismatch"),
    ],
    ids=["fine", "address", "wildcard", "soon", "very soon", "expired", "other name", "other address", "no names"],
)
def test_a_certificate_is_judged_by_date_and_name(
    authority: Authority, names: Sequence[str], days_left: float, asked: str, verdict: Verdict, words: str
):
    """Whatever is wrong, subject and expiry are told: that is what the technician asks next."""
    file = authority.certificate("the portal", *names, days_left=days_left)
    with web_server(file) as port:
        result = run(port, name=asked, ca_file=str(authority.ca_file))

    assert (verdict, None if verdict is OK else Reason.CERTIFICATE) == (result.verdict, result.reason), result.text
    assert words in result.text
    assert days_left == pytest.approx(result.measured("days"), abs=0.1)
    assert time.time() + days_left * 86_400 == pytest.approx(result.expires_at_s, abs=600)
    assert ("CN=the portal", list(names)) == (result.details["subject"], result.details["names"])


def test_an_authority_that_nobody_knows_is_no_authority(authority: Authority):
    with web_server(authority.certificate("the portal", "127.0.0.1")) as port:
        result = run(port)

    assert (CRITICAL, Reason.CERTIFICATE) == (result.verdict, result.reason)
    assert "unable to get local issuer certificate: CN=the portal expires in 90 days" == result.text
    assert "CN=Test CA" == result.details["issuer"]


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x03\xff\xff" + b"\0" * 100])
def test_what_speaks_no_tls_is_told(data: bytes):
    with saying(data) as port:
        result = run(port)

    assert CRITICAL is result.verdict
    assert result.reason in (Reason.MALFORMED, Reason.REFUSED)
    assert None is result.expires_at_s


def test_a_closed_port_is_refused(free_tcp_port: int):
    assert Reason.REFUSED is run(free_tcp_port).reason


def test_a_ca_file_that_is_none_is_our_own_trouble(tmp_path: Path, free_tcp_port: int):
    result = run(free_tcp_port, ca_file=str(tmp_path))

    assert (UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)


@pytest.mark.parametrize(
    ("handshake", "verdict", "reason", "words"),
    [
        (Handshake(5, b"", Reason.TIMEOUT, "no TLS handshake within 5 s"), CRITICAL, Reason.TIMEOUT, "within 5 s"),
        (Handshake(0, b"", Reason.LOCAL, "Too many open files"), UNKNOWN, Reason.LOCAL, "Too many open files"),
        (Handshake(0, b"\x30\x03abc"), CRITICAL, Reason.MALFORMED, "the certificate cannot be read"),
        (Handshake(0, b"\x30", Reason.CERTIFICATE, "self-signed"), CRITICAL, Reason.CERTIFICATE, "self-signed"),
        (Handshake(0), CRITICAL, Reason.MALFORMED, "no certificate"),
    ],
    ids=["silent", "local", "nonsense", "nonsense that is not trusted", "none"],
)
def test_what_shows_no_certificate_is_judged(handshake: Handshake, verdict: Verdict, reason: Reason, words: str):
    result = tls_certificate.judge("A port 443", handshake, tls_certificate.Params(), 0)

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text
    assert reason in tls_certificate.REASONS


def test_names_in_a_certificate_are_made_printable(authority: Authority):
    file = authority.certificate("\x1b]0;owned\x07" + "\u202e", "127.0.0.1")
    with web_server(file) as port:
        result = run(port, ca_file=str(authority.ca_file))

    assert OK is result.verdict
    assert result.text.isprintable()
    assert r"CN=\x1b]0\\;owned\x07" in result.text
