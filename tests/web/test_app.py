"""The HTTP face: GET and HEAD alone, exact content types, and no question to anybody who is not in the inventory."""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from tests.metrics.rendered import NOW_S, board, exposition, port, samples
from tests.poller.scripted import Hands
from wanmon.model.inventory import EMPTY
from wanmon.poller.board import Board
from wanmon.web.app import application

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,*/*;q=0.1"
OPEN, TEXT = "application/openmetrics-text; version=1.0.0; charset=utf-8", "text/plain; version=0.0.4; charset=utf-8"
PATHS = ("/", "/metrics", "/probe?target=S1-R1", "/sd/prometheus", "/-/healthy", "/-/ready")


@dataclass
class Live:
    """A running poller as the pages see it; what is polled is written down."""

    board: Board
    polled: list[tuple[str, float]] = field(default_factory=list)
    then: Callable[["Live"], None] = lambda _: None

    async def poll_now(self, name: str, deadline_s: float) -> None:
        self.polled.append((name, deadline_s))
        self.then(self)


class Client:
    """Asks the application without a socket; each test says itself what it accepts."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)
        self.wire = b""  # the body of the last answer as it came

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, path, **how))

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://wan.example:17700") as client:
            client.headers.clear()
            async with client.stream(method, path, **how) as answer:
                self.wire = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=self.wire)


def stand(shown: Board, external_url: str = "") -> tuple[Client, Live]:
    live, clock = Live(shown), Hands()
    clock.seconds = NOW_S
    return Client(application(live, exposition(), clock, external_url)), live


@pytest.fixture
def client() -> Client:
    return stand(replace(board([port(f"eth{n}", n) for n in range(20)]), is_ready=True))[0]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (PROMETHEUS_3, OPEN + "; escaping=allow-utf-8"),
        (PROMETHEUS_2, OPEN + "; escaping=underscores"),
        ("application/openmetrics-text; version=1.0.0", OPEN + "; escaping=underscores"),
        ("text/plain;version=0.0.4", TEXT),
        ("*/*", TEXT),
        ("text/html", TEXT),
        (None, TEXT),
    ],
    ids=["Prometheus 3", "Prometheus 2", "OpenMetrics", "text", "anything", "a browser", "nothing"],
)
@pytest.mark.parametrize("path", ["/metrics", "/metrics?site=S1", "/probe?target=S1-R1"])
def test_the_format_is_the_one_asked_for(client: Client, path: str, accept: str | None, expected: str):
    """Prometheus 3 refuses a scrape without an exact content type."""
    answer = client.get(path, headers={"accept": accept} if accept else {})

    assert (200, expected) == (answer.status_code, answer.headers["content-type"])
    assert ("openmetrics" in expected) == answer.text.endswith("# EOF\n")
    assert samples(answer.text)
    assert "Accept, Accept-Encoding" == answer.headers["vary"]


@pytest.mark.parametrize(
    ("header", "packed"),
    [
        ("gzip", True),
        ("gzip, deflate", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip; q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity", False),
        ("xgzip", False),
        ("", False),
    ],
)
def test_gzip_is_given_to_who_takes_it(client: Client, header: str, packed: bool):
    plain = client.get("/metrics", headers={"accept-encoding": ""})
    answer = client.get("/metrics", headers={"accept-encoding": header})
    body = client.wire

    assert packed == ("content-encoding" in answer.headers)
    assert str(len(body)) == answer.headers["content-length"]
    names = {name for name, _ in samples((gzip.decompress(body) if packed else body).decode())}
    assert {name for name, _ in samples(plain.text)} == names
    assert packed == (len(body) < len(plain.content) / 4)


def test_what_is_small_is_not_packed():
    client, _ = stand(replace(board(()), is_ready=True))
    answer = client.get("/probe?target=S1-R1", headers={"accept-encoding": "gzip"})

    assert ("content-encoding" in answer.headers) == (len(answer.content) >= 1400)


@pytest.mark.parametrize("path", PATHS)
def test_head_says_what_get_would(client: Client, path: str):
    answer, whole = client.request("HEAD", path), client.get(path)

    assert (200, whole.headers["content-type"]) == (answer.status_code, answer.headers["content-type"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_get_and_head_is_taken(client: Client, method: str, path: str):
    answer = client.request(method, path)

    assert 405 == answer.status_code
    assert {"GET", "HEAD"} == set(answer.headers["allow"].split(", "))


def test_a_scrape_has_every_site_and_our_own_metrics(client: Client):
    text = client.get("/metrics").text

    assert 'wanmon_site_state{site="S2"} 3' in text
    assert "wanmon_build_info{" in text


@pytest.mark.parametrize(
    ("query", "sites"),
    [
        ("site=S1", {"S1"}),
        ("site=S1&site=DC1", {"S1", "DC1"}),
        ("unit=263", {"S1", "S2"}),
        ("unit=09454", {"S1"}),
        ("unit=09454&site=S2", {"S1", "S2"}),
    ],
)
def test_a_scrape_is_narrowed_by_site_and_unit(client: Client, query: str, sites: set[str]):
    found = samples(client.get("/metrics?" + query).text)

    assert sites == {dict(labels)["site"] for _, labels in found}


@pytest.mark.parametrize("query", ["site=S9", "unit=99", "site=", "site=S1&unit=%00"])
def test_a_site_or_unit_that_is_not_there_is_one_line_of_error(client: Client, query: str):
    answer = client.get("/metrics?" + query)

    assert 400 == answer.status_code
    assert 1 == answer.text.count("\n")


def test_a_probe_polls_one_device_and_shows_it_alone():
    client, live = stand(board())
    answer = client.get("/probe?target=S1-R1")

    assert ["S1-R1"] == [name for name, _ in live.polled]
    assert {"S1-R1"} == {dict(labels)["device"] for _, labels in samples(answer.text)}


@pytest.mark.parametrize(
    "target",
    ["", "S9-R1", "10.27.0.1", "10.0.0.1:161", "localhost", "s1-r1", "S1-R1 ", "S1", "S1-R1,S2-R1", "<script>", "%00"],
)
def test_nobody_is_asked_who_is_not_in_the_inventory(target: str):
    """An open target= once sent communities to strangers."""
    client, live = stand(board())
    answer = client.get("/probe", params={"target": target})

    assert 400 == answer.status_code
    assert answer.headers["content-type"].startswith("text/plain")
    assert [] == live.polled


def test_a_probe_without_a_target_asks_nobody():
    client, live = stand(board())

    assert 400 == client.get("/probe").status_code
    assert [] == live.polled


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [
        (None, 9.5),
        ("10", 9.5),
        ("3.5", 3.0),
        ("0.2", 0.5),
        ("-1", 0.5),
        ("1000000", 59.5),
        ("inf", 59.5),
        ("nan", 0.5),
        ("soon", 9.5),
    ],
)
def test_a_probe_ends_before_prometheus_gives_up_on_it(header: str | None, expected_s: float):
    client, live = stand(board())
    client.get("/probe?target=S1-R1", headers={"x-prometheus-scrape-timeout-seconds": header} if header else {})

    assert [("S1-R1", expected_s)] == live.polled


def test_a_device_removed_while_it_was_probed_is_no_error_of_ours():
    client, live = stand(board())
    live.then = lambda live: setattr(live, "board", Board())

    assert 400 == client.get("/probe?target=S1-R1").status_code


def test_the_service_discovery_has_the_shape_of_http_sd(client: Client):
    answer = client.get("/sd/prometheus")
    found: list[dict[str, Any]] = answer.json()

    assert "application/json" == answer.headers["content-type"]
    assert [{"targets", "labels"}] * 2 == [group.keys() for group in found]
    for group in found:
        assert ["wan.example:17700"] == group["targets"]
        assert all(isinstance(label, str) for label in group["labels"].values())
        assert group["labels"]["instance"] == group["labels"]["__param_target"]
        assert ("/probe", "http") == (group["labels"]["__metrics_path__"], group["labels"]["__scheme__"])


@pytest.mark.parametrize(
    ("external_url", "scheme", "place"),
    [
        ("", "http", "wan.example:17700"),
        ("https://noc.example/wanmon/", "https", "noc.example"),
        ("http://10.27.0.5:8080", "http", "10.27.0.5:8080"),
        ("https://[2001:db8::1]:8443/", "https", "[2001:db8::1]:8443"),
    ],
)
def test_the_targets_are_where_others_reach_us(external_url: str, scheme: str, place: str):
    found = stand(board(), external_url)[0].get("/sd/prometheus?for=probe").json()

    assert {(scheme, place)} == {(group["labels"]["__scheme__"], group["targets"][0]) for group in found}


def test_without_an_inventory_there_is_no_list_of_targets():
    """An empty list would make Prometheus drop every target."""
    assert 503 == stand(Board(EMPTY))[0].get("/sd/prometheus").status_code


def test_a_list_for_something_unknown_is_refused(client: Client):
    assert 400 == client.get("/sd/prometheus?for=anything").status_code


def test_it_is_ready_after_the_first_round_and_healthy_before():
    client, live = stand(board())

    assert (503, 200) == (client.get("/-/ready").status_code, client.get("/-/healthy").status_code)

    live.board = replace(live.board, is_ready=True)

    assert 200 == client.get("/-/ready").status_code


def test_the_landing_page_lets_nothing_run(client: Client):
    answer = client.get("/")

    assert "text/html; charset=utf-8" == answer.headers["content-type"]
    assert "default-src 'none'" == answer.headers["content-security-policy"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "<script" not in answer.text
    assert "3 sites and 2 devices" in answer.text
    assert "1 sites up, 1 down, 1 unknown" in answer.text


def test_a_path_that_is_not_there_is_404(client: Client):
    assert 404 == client.get("/metrics/x").status_code
