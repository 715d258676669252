"""One page over HTTP, as a check asks for it: a GET without credentials, cookies or proxies, bounded in time and bytes.

Redirects are followed on the same host only, as often as told: a server may not send us to somebody else.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wanmon.model.reason import Reason
from wanmon.protocols.tcp import reason_of, words_of
from wanmon.protocols.tls import fault

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1 << 20
USUAL_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What is asked for: a path of a host, at an address. `context` is whom TLS trusts, also after a redirect."""

    scheme: Literal["http", "https"]
    address: str
    port: int
    host: str
    path: str
    context: ssl.SSLContext
    redirects: int = 0
    timeout_s: float = 10.0

    @property
    def url(self) -> str:
        """The address of the page as people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == USUAL_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Page:
    """What came: status 0 where nothing did. `whole` is False where the body was longer than we read."""

    duration_s: float
    status: int = 0
    body: bytes = b""
    whole: bool = True
    redirects: int = 0
    reason: Reason | None = None
    detail: str = ""


async def fetch(request: PageRequest) -> Page:
    """The page, or why there is none, all within the timeout; its body is not decompressed."""
    # Imported late: only this kind of check needs it, and it takes its time.
    import httpx

    began_s = time.monotonic()
    try:
        async with asyncio.timeout(request.timeout_s), _client(request) as client:
            page = await _following(client, request)
    except TimeoutError:
        return Page(request.timeout_s, reason=Reason.TIMEOUT, detail=f"no page within {request.timeout_s:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        reason, detail = _cause(error)
        return Page(time.monotonic() - began_s, reason=reason, detail=detail)
    return Page(
        time.monotonic() - began_s, page.status, page.body, page.whole, page.redirects, page.reason, page.detail
    )


def _client(request: PageRequest) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        verify=request.context,
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113 - the deadline is around all of it
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"User-Agent": "wanmon", "Accept": "*/*", "Accept-Encoding": "identity"},
    )


async def _following(client: "httpx.AsyncClient", request: PageRequest) -> Page:
    url = request.url
    for followed in range(request.redirects + 1):
        page, location = await _one(client, request, url)
        if page.status not in _REDIRECTS or followed == request.redirects:
            break
        onward = next_url(url, location)
        if isinstance(onward, Page):
            return onward
        url = onward
    return Page(0, page.status, page.body, page.whole, followed)


async def _one(client: "httpx.AsyncClient", request: PageRequest, url: str) -> tuple[Page, str]:
    """One request and what came, with the place it sends us to."""
    import httpx

    logical = httpx.URL(url)
    wire = logical.copy_with(host=request.address)
    extensions = {"sni_hostname": request.host}
    headers = {"Host": logical.netloc.decode("ascii")}
    body = bytearray()
    async with client.stream("GET", wire, headers=headers, extensions=extensions) as response:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                break
        whole = len(body) <= MOST_BYTES
        return Page(0, response.status_code, bytes(body[:MOST_BYTES]), whole), response.headers.get("location", "")


def next_url(url: str, location: str) -> str | Page:
    """Where a redirect leads, or that we do not go there. Pure."""
    import httpx

    try:
        onward = httpx.URL(url).join(location)
        host, here = onward.host.lower(), httpx.URL(url).host.lower()
    except (httpx.InvalidURL, ValueError):
        return _elsewhere("it sends us to what is no address", location)
    if not location or onward.scheme not in ("http", "https"):
        return _elsewhere("it sends us to what is no page", location)
    if onward.userinfo:
        return _elsewhere("it sends us on with a user name", host)
    if host != here:
        return _elsewhere("it sends us to another host", host)
    if url.startswith("https:") and onward.scheme == "http":
        return _elsewhere("it sends us from https to http", location)
    return str(onward.copy_with(fragment=None))


def _elsewhere(what: str, where: str) -> Page:
    return Page(0, reason=Reason.UNEXPECTED, detail=f"{what}: {where}")


def _cause(error: Exception) -> tuple[Reason, str]:
    """What lies at the ground of an error: the libraries wrap the system's own several times."""
    cause: BaseException | None = error
    for _ in range(16):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Reason.CERTIFICATE, cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return Reason.MALFORMED, f"no TLS handshake: {fault(cause)}"
        if isinstance(cause, OSError) and cause.errno:
            return reason_of(cause), words_of(cause)
        if cause is None:
            break
        cause = cause.__cause__ or cause.__context__
    return Reason.MALFORMED, f"what it sends is no HTTP: {error}"
