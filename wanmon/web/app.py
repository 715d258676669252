"""The HTTP face: metrics, discovery, probes and health, for GET and HEAD alone.

What it shows it takes from the board; the only thing it ever sets going is one poll of a device of the inventory.
"""

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from wanmon.clock import Clock
from wanmon.errors import NotFound
from wanmon.metrics.discovery import probe_targets
from wanmon.metrics.exposition import Exposition, Scrape, chosen
from wanmon.model.state import State
from wanmon.poller.board import Board

#: A probe ends so long before Prometheus gives up on it.
SCRAPE_MARGIN_S = 0.5
DEFAULT_SCRAPE_TIMEOUT_S = 10.0
#: Below this size packing costs more than it saves.
GZIP_FROM_BYTES = 1400
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Handler = Callable[[Request], Awaitable[Response]]


class Live(Protocol):
    """The running poller, as the pages see it."""

    @property
    def board(self) -> Board:
        """The present."""
        ...

    async def poll_now(self, name: str, deadline_s: float) -> None:
        """Poll one device at once."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Every page, as methods that take a request."""

    live: Live
    exposition: Exposition
    clock: Clock
    external_url: str
    templates: Environment

    async def landing(self, request: Request) -> Response:
        """What there is to see here."""
        board = self.live.board
        states = [view.state for view in board.sites.values()]
        numbers = {state.value: states.count(state) for state in State}
        page = self.templates.get_template("landing.html")
        text = page.render(sites=len(board.sites), devices=len(board.devices), **numbers)
        return HTMLResponse(text, headers=SECURITY_HEADERS)

    async def metrics(self, request: Request) -> Response:
        """Everything, or the sites that `?site=` and `?unit=` name."""
        board, now_s = self.live.board, self.clock.monotonic()
        accept = request.headers.get("accept", "")
        sites, units = request.query_params.getlist("site"), request.query_params.getlist("unit")
        if not sites and not units:
            return await _packed(request, self.exposition.everything(board, now_s, accept))
        try:
            codes = chosen(board, sites, units)
        except NotFound as error:
            return PlainTextResponse(f"{error}\n", 400)
        return await _packed(request, self.exposition.narrowed(board, codes, now_s, accept))

    async def probe(self, request: Request) -> Response:
        """One live poll of a device of the inventory; no other name or address is ever asked."""
        name = request.query_params.get("target", "")
        if name not in self.live.board.devices:
            return PlainTextResponse(f"no device {name!r:.80} in the inventory\n", 400)
        await self.live.poll_now(name, _scrape_timeout_s(request) - SCRAPE_MARGIN_S)
        board, now_s = self.live.board, self.clock.monotonic()
        if name not in board.devices:
            return PlainTextResponse(f"device {name!r:.80} has just been removed\n", 400)
        scrape = self.exposition.device(board, name, now_s, request.headers.get("accept", ""))
        return await _packed(request, scrape)

    async def discovery(self, request: Request) -> Response:
        """The devices for http_sd; an incomplete list is never given."""
        wanted = request.query_params.get("for", "probe")
        if wanted != "probe":
            return PlainTextResponse(f"for={wanted!r:.40} is not known: there is probe\n", 400)
        inventory = self.live.board.inventory
        if not inventory.sites:
            return PlainTextResponse("the inventory is not loaded yet\n", 503)
        scheme, _, place = self.external_url.rpartition("://")
        listen = place.partition("/")[0] or request.headers.get("host", "") or request.url.netloc
        return JSONResponse(probe_targets(inventory, listen, scheme or request.url.scheme))

    async def healthy(self, request: Request) -> Response:
        """The process lives and its loop turns."""
        return PlainTextResponse("healthy\n")

    async def ready(self, request: Request) -> Response:
        """The database is open and every device was asked once."""
        if self.live.board.is_ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("the first round is still under way\n", 503)


def application(live: Live, exposition: Exposition, clock: Clock, external_url: str) -> Starlette:
    """The ASGI application."""
    templates = Environment(loader=PackageLoader("wanmon.web"), autoescape=True)
    pages = Pages(live, exposition, clock, external_url, templates)
    routes: dict[str, Handler] = {
        "/": pages.landing,
        "/metrics": pages.metrics,
        "/probe": pages.probe,
        "/sd/prometheus": pages.discovery,
        "/-/healthy": pages.healthy,
        "/-/ready": pages.ready,
    }
    return Starlette(routes=[Route(path, handler, methods=["GET"]) for path, handler in routes.items()])


def _scrape_timeout_s(request: Request) -> float:
    """How long Prometheus will wait, as it says in its own header."""
    try:
        told_s = float(request.headers.get("x-prometheus-scrape-timeout-seconds", ""))
    except ValueError:
        return DEFAULT_SCRAPE_TIMEOUT_S
    # The order matters for "nan", which is smaller than nothing.
    return min(60.0, max(1.0, told_s))


async def _packed(request: Request, scrape: Scrape) -> Response:
    """The scrape, packed where the client takes it; packing releases the interpreter, so it is done aside."""
    body, headers = scrape.body, {"Content-Type": scrape.content_type, "Vary": "Accept, Accept-Encoding"}
    if len(body) >= GZIP_FROM_BYTES and _takes_gzip(request.headers.get("accept-encoding", "")):
        body = await asyncio.to_thread(gzip.compress, body, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers)


def _takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header names gzip with a weight above 0 (RFC 9110 section 12.5.3)."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False
