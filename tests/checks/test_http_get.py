"""HTTP checks: pages, and the verdict on them; and a real server on loopback."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from tests.rigs.certificates import Authority
from tests.rigs.pages import SEEN, saying, web_server
from wanmon.checks import http_get
from wanmon.checks.result import Result, Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.http_fetch import MOST_BYTES, Page, next_url

OK, WARNING, CRITICAL, UNKNOWN = Verdict
URL = "https://dc.bn.gov.vn/"


@pytest.mark.parametrize(
    ("page", "params", "verdict", "reason", "words"),
    [
        (Page(0.1, 200, b"welcome"), {}, OK, None, f"{URL}: status 200, 7 bytes in 100.0 ms"),
        (Page(0.1, 204), {"status": [200, 204]}, OK, None, "status 204"),
        (Page(0.1, 404), {}, CRITICAL, Reason.UNEXPECTED, "status 404, and 200 is wanted"),
        (Page(0.1, 302, redirects=3), {}, CRITICAL, Reason.UNEXPECTED, "status 302 after 3 redirects, and 200"),
        (Page(0.1, 200, b"welcome"), {"body_contains": "welcome"}, OK, None, "status 200"),
        (Page(0.1, 200, b"x"), {"body_contains": "well"}, CRITICAL, Reason.UNEXPECTED, "'well' is not in the page"),
        (Page(0.1, 200, b"x", whole=False), {"body_contains": "\x1b[2J"}, CRITICAL, Reason.UNEXPECTED,
         "is not in the first 1 MiB of the page"),
        (Page(2.1, 200), {}, WARNING, Reason.SLOW, "2100.0 ms"),
        (Page(5.1, 200), {}, CRITICAL, Reason.SLOW, "5100.0 ms"),
        (Page(10, reason=Reason.TIMEOUT, detail="no page within 10 s"), {}, CRITICAL, Reason.TIMEOUT, "no page within"),
        (Page(0, reason=Reason.UNEXPECTED, detail="it sends us to another host: \x1b]0;x"), {}, CRITICAL,
         Reason.UNEXPECTED, r"another host: \x1b]0;x"),
        (Page(0, reason=Reason.LOCAL, detail="Too many open files"), {}, UNKNOWN, Reason.LOCAL, "Too many open"),
    ],
    ids=["fine", "other status", "missing", "redirected", "words", "other words", "cut", "slow", "very slow",
         "silent", "sent away", "local"],
)  # fmt: skip
def test_a_page_is_judged(page: Page, params: dict[str, Any], verdict: Verdict, reason: Reason | None, words: str):
    result = http_get.judge(URL, page, http_get.Params(**params))

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text
    assert result.text.isprintable()
    assert reason is None or reason in http_get.REASONS


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/login", "https://dc.bn.gov.vn/login"),
        ("?a=1", "https://dc.bn.gov.vn/here?a=1"),
        ("https://DC.bn.gov.vn:8443/x#top", "https://dc.bn.gov.vn:8443/x"),
        ("//dc.bn.gov.vn/y", "https://dc.bn.gov.vn/y"),
        ("https://evil.example/", "it sends us to another host"),
        ("https://u:p@dc.bn.gov.vn/", "it sends us on with a user name"),
        ("https://dc.bn.gov.vn@evil.example/", "it sends us on with a user name"),
        ("http://dc.bn.gov.vn/", "it sends us from https to http"),
        ("file:///etc/passwd", "it sends us to what is no page"),
        ("https://[::1/", "it sends us to what is no address"),
        ("", "it sends us to what is no page"),
    ],
)
def test_a_redirect_is_followed_on_the_same_host_only(location: str, expected: str):
    onward = next_url("https://dc.bn.gov.vn/here", location)

    assert expected == (onward.detail.partition(":")[0] if isinstance(onward, Page) else onward)


@pytest.mark.parametrize(
    "wrong",
    [{"path": "login"}, {"path": "/a b"}, {"path": "/a#b"}, {"path": "/\r\nHost: x"}, {"host": "u@h"}, {"host": "a/b"},
     {"host": "h:80"}, {"status": [100]}, {"status": []}, {"scheme": "ftp"}, {"port": 0}],
    ids=str,
)  # fmt: skip
def test_what_is_no_page_of_a_host_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        http_get.Params(**wrong)


def run(port: int, **params: Any) -> Result:
    given = http_get.Params(**{"scheme": "http", "timeout_s": 2, "duration_warning_s": 2, **params})
    return asyncio.run(http_get.run(Target("dc-portal", "127.0.0.1", port), given, cast(Tools, None)))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with web_server() as listening:
        yield listening


@pytest.mark.parametrize(
    ("params", "verdict", "reason"),
    [
        ({"body_contains": "Cổng thông tin"}, OK, None),
        ({"path": "/to/%2F%2Ffine"}, CRITICAL, Reason.UNEXPECTED),
        ({"path": "/to/%2Ffine"}, OK, None),
        ({"path": "/to/%2Ffine", "redirects": 0}, CRITICAL, Reason.UNEXPECTED),
        ({"path": "/to/%2Ffine", "redirects": 0, "status": [302]}, OK, None),
        ({"path": "/to/again"}, CRITICAL, Reason.UNEXPECTED),
        ({"path": "/status/500"}, CRITICAL, Reason.UNEXPECTED),
        ({"path": "/long", "body_contains": "end"}, CRITICAL, Reason.UNEXPECTED),
        ({"path": "/slow", "timeout_s": 0.2}, CRITICAL, Reason.TIMEOUT),
    ],
    ids=[
        "words",
        "to a host named fine",
        "redirect",
        "not followed",
        "302 is wanted",
        "in circles",
        "error",
        "too long",
        "dripping",
    ],
)
def test_a_real_server_is_asked(port: int, params: dict[str, Any], verdict: Verdict, reason: Reason | None):
    result = run(port, **params)

    assert (verdict, reason) == (result.verdict, result.reason), result.text


def test_only_a_mebibyte_is_read(port: int):
    assert f"{MOST_BYTES} bytes" in run(port, path="/long").text


def test_we_say_whom_we_mean_and_nothing_of_ourselves(port: int, monkeypatch: pytest.MonkeyPatch):
    """A proxy of the environment would get to see what is asked, and a netrc its passwords."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    result = run(port)
    asked = SEEN[-1]

    assert OK is result.verdict
    assert f"127.0.0.1:{port}" == asked["host"]
    assert {"path", "host", "user-agent", "accept", "accept-encoding", "connection"} >= asked.keys()


def test_the_host_of_the_parameters_is_the_one_that_is_asked(port: int):
    run(port, host="dc.bn.gov.vn")

    assert f"dc.bn.gov.vn:{port}" == SEEN[-1]["host"]


@pytest.mark.parametrize(
    "data", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"\xff" * 5000, b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000]
)
def test_what_is_no_http_is_told(data: bytes):
    with saying(data) as port:
        result = run(port)

    assert CRITICAL is result.verdict
    assert result.reason in (Reason.MALFORMED, Reason.REFUSED)
    assert result.text.isprintable()


def test_a_closed_port_is_refused(free_tcp_port: int):
    assert (CRITICAL, Reason.REFUSED) == (run(free_tcp_port).verdict, run(free_tcp_port).reason)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.parametrize(
    ("host", "trusted", "verify", "verdict", "words"),
    [
        ("dc.bn.gov.vn", True, True, OK, "status 200"),
        ("", True, True, OK, "https://127.0.0.1:"),
        ("other.bn.gov.vn", True, True, CRITICAL, "Hostname mismatch"),
        ("dc.bn.gov.vn", False, True, CRITICAL, "unable to get local issuer certificate"),
        ("other.bn.gov.vn", False, False, OK, "status 200"),
    ],
    ids=["name", "address", "other name", "nobody we know", "not verified"],
)
def test_tls_is_verified_unless_told_not_to(
    authority: Authority, host: str, trusted: bool, verify: bool, verdict: Verdict, words: str
):
    file = authority.certificate("dc.bn.gov.vn", "dc.bn.gov.vn", "127.0.0.1")
    ca_file = str(authority.ca_file) if trusted else ""
    with web_server(file) as port:
        result = run(port, scheme="https", host=host, verify=verify, ca_file=ca_file)

    assert verdict is result.verdict
    assert words in result.text
    assert (None if verdict is OK else Reason.CERTIFICATE) == result.reason


def test_a_redirect_to_tls_is_verified_too(authority: Authority, port: int):
    """Plain HTTP leads to TLS on the same host: whom it trusts is not less."""
    with web_server(authority.certificate("127.0.0.1", "127.0.0.1")) as secure:
        strict = run(port, path=f"/to/https://127.0.0.1:{secure}/fine")
        known = run(port, path=f"/to/https://127.0.0.1:{secure}/fine", ca_file=str(authority.ca_file))

    assert (CRITICAL, Reason.CERTIFICATE) == (strict.verdict, strict.reason)
    assert OK is known.verdict


def test_a_ca_file_that_cannot_be_read_is_our_own_trouble(tmp_path: Path, port: int):
    (tmp_path / "empty.pem").write_text("nothing", encoding="ascii")
    missing = run(port, ca_file=str(tmp_path / "none.pem"))
    empty = run(port, ca_file=str(tmp_path / "empty.pem"))

    assert [(UNKNOWN, Reason.LOCAL)] * 2 == [(result.verdict, result.reason) for result in (missing, empty)]
    assert "No such file" in missing.text
    assert "give a PEM file" in empty.text
