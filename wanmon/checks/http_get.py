"""HTTP: whether a page comes with the status and the words that are wanted, and how soon."""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from wanmon.checks.names import HostName
from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Result, Target, Tools, rtt, unable
from wanmon.checks.thresholds import in_order, passed
from wanmon.checks.wording import milliseconds, shown
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.http_fetch import MOST_BYTES, USUAL_PORTS, Page, PageRequest, fetch
from wanmon.protocols.tls import UnusableAuthorities, trusting, trusting_anybody

#: What it can give as a reason.
REASONS = (
    Reason.TIMEOUT, Reason.REFUSED, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.MALFORMED, Reason.CERTIFICATE,
    Reason.UNEXPECTED, Reason.SLOW, Reason.LOCAL,
)  # fmt: skip

_PATH = re.compile(r"/[!-\"$-~]*")


class Params(CheckParams):
    """A page of the target: `host` is the name it is asked by (Host header, and SNI), the target's own unless told.

    `status` are those that are right, `redirects` how many are followed on the same host, `ca_file` (PEM) replaces the
    system's authorities.
    """

    scheme: Literal["http", "https"] = "https"
    host: HostName = ""
    path: str = Field(default="/", max_length=2048)
    port: int | None = Field(default=None, ge=1, le=65535)
    status: list[int] = Field(default=[200], min_length=1, max_length=32)
    body_contains: str = Field(default="", max_length=1024)
    redirects: int = Field(default=3, ge=0, le=10)
    verify: bool = True
    ca_file: str = Field(default="", max_length=4096)
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    duration_warning_s: float = Field(default=2.0, gt=0, le=120)
    duration_critical_s: float = Field(default=5.0, gt=0, le=120)

    @field_validator("path")
    @classmethod
    def _from_the_root(cls, path: str) -> str:
        if not _PATH.fullmatch(path):
            raise ValueError("is no path like /login?lang=vi: it begins with / and has neither spaces nor #")
        return path

    @field_validator("status")
    @classmethod
    def _of_http(cls, status: list[int]) -> list[int]:
        if not all(200 <= code <= 599 for code in status):
            raise ValueError("has what is no final status of HTTP: 200 to 599")
        return status

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.duration_warning_s, self.duration_critical_s)
        return self


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Fetch the page once and judge it."""
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    try:
        request = request_of(target, params, address)
    except UnusableAuthorities as problem:
        return unable(Reason.LOCAL, str(problem))
    return judge(request.url, await fetch(request), params)


def request_of(target: Target, params: Params, address: str) -> PageRequest:
    """What is asked of an address. Raises `UnusableAuthorities`."""
    return PageRequest(
        params.scheme,
        address,
        params.port or target.port or USUAL_PORTS[params.scheme],
        params.host or target.address,
        params.path,
        trusting(params.ca_file) if params.verify else trusting_anybody(),
        params.redirects,
        params.timeout_s,
    )


def judge(url: str, page: Page, params: Params) -> Result:
    """The verdict on a page. Pure."""
    took_s = page.duration_s
    if page.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"{url}: {shown(page.detail)}")
    if page.reason is not None:
        return Result(Verdict.CRITICAL, f"{url}: {shown(page.detail)}", page.reason, took_s)
    measures = (rtt(took_s, params.duration_warning_s, params.duration_critical_s),)
    amiss = _amiss(page, params)
    if amiss:
        return Result(Verdict.CRITICAL, f"{url}: {amiss}", Reason.UNEXPECTED, took_s, measures)
    verdict = passed(took_s, params.duration_warning_s, params.duration_critical_s)
    words = f"{url}: status {page.status}, {len(page.body)} bytes in {milliseconds(took_s)}"
    return Result(verdict, words, None if verdict is Verdict.OK else Reason.SLOW, took_s, measures)


def _amiss(page: Page, params: Params) -> str:
    """What is wrong with a page that came; empty where nothing is."""
    if page.status not in params.status:
        wanted = ", ".join(map(str, params.status))
        after = f" after {page.redirects} redirects" if page.redirects else ""
        return f"status {page.status}{after}, and {wanted} is wanted"
    if params.body_contains.encode("utf-8", "surrogatepass") not in page.body:
        where = "the page" if page.whole else f"the first {MOST_BYTES >> 20} MiB of the page"
        return f"{shown(params.body_contains, 60)!r} is not in {where}"
    return ""
