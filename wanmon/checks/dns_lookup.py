"""DNS: whether a server knows the addresses of a name, and those that are wanted."""

from ipaddress import ip_address
from typing import Literal

from pydantic import Field, field_validator, model_validator

from wanmon.checks.names import HostName
from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Lack, Result, Target, Tools, rtt, unable
from wanmon.checks.thresholds import in_order, passed
from wanmon.checks.wording import milliseconds, shown
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.dns_client import DnsAnswer, ask

#: What it can give as a reason.
REASONS = (
    Reason.TIMEOUT, Reason.REFUSED, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.MALFORMED, Reason.MISMATCHED,
    Reason.NO_SUCH, Reason.UNEXPECTED, Reason.SLOW, Reason.LOCAL,
)  # fmt: skip

_DEFAULT_PORT = 53
_TOLD = 8  # addresses that one line names
_CODES = {
    "NXDOMAIN": (Reason.NO_SUCH, "there is no such name"),
    "REFUSED": (Reason.REFUSED, "it refuses to answer us"),
    "SERVFAIL": (Reason.UNEXPECTED, "it could not find out"),
}


class Params(CheckParams):
    """`name` is asked for; the answer must be just the addresses of `expect`, in any order, or any if it is empty."""

    name: HostName = ""
    record: Literal["A", "AAAA"] = "A"
    expect: list[str] = Field(default=[], max_length=64)
    port: int | None = Field(default=None, ge=1, le=65535)
    timeout_s: float = Field(default=3.0, gt=0, le=60)
    duration_warning_s: float = Field(default=1.0, gt=0, le=60)
    duration_critical_s: float | None = Field(default=None, gt=0, le=60)

    @field_validator("expect")
    @classmethod
    def _of_addresses(cls, expect: list[str]) -> list[str]:
        return [str(ip_address(address)) for address in expect]

    @model_validator(mode="after")
    def _fits_together(self) -> "Params":
        in_order(self.duration_warning_s, self.duration_critical_s)
        version = 4 if self.record == "A" else 6
        if any(ip_address(address).version != version for address in self.expect):
            raise ValueError(f"expect has an address that no {self.record} record can hold")
        return self

    def lacks(self, *, has_port: bool) -> Lack | None:
        """A name to look up."""
        if self.name:
            return None
        return Lack("params", 'has no name to look up: add one to params, like {"name": "www.bacninh.gov.vn"}')


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Ask once and judge the answer."""
    lack = params.lacks(has_port=bool(target.port))
    if lack:
        return unable(Reason.LOCAL, f"dns_lookup {lack.text}")
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    port = params.port or target.port or _DEFAULT_PORT
    try:
        answer = await ask(address, port, params.name, params.record, params.timeout_s)
    except ValueError as problem:
        return unable(Reason.LOCAL, str(problem))
    return judge(f"{address} port {port}", answer, params)


def judge(place: str, answer: DnsAnswer, params: Params) -> Result:
    """The verdict on one answer. Pure."""
    took_s = answer.duration_s
    if answer.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"{place}: {answer.detail}")
    if answer.reason is not None:
        return Result(Verdict.CRITICAL, f"{place}: {shown(answer.detail)}", answer.reason, took_s)
    measures = (rtt(took_s, params.duration_warning_s, params.duration_critical_s),)
    asked = f"{params.name} {params.record}"
    amiss = _amiss(answer, params)
    if amiss:
        reason, words = amiss
        return Result(Verdict.CRITICAL, f"{place}: {asked}: {words}", reason, took_s, measures)
    verdict = passed(took_s, params.duration_warning_s, params.duration_critical_s)
    text = f"{asked} is {_listed(answer.addresses)}, in {milliseconds(took_s)}"
    return Result(verdict, text, None if verdict is Verdict.OK else Reason.SLOW, took_s, measures)


def _amiss(answer: DnsAnswer, params: Params) -> tuple[Reason, str] | None:
    """What is wrong with an answer that came."""
    if answer.code != "NOERROR":
        reason, words = _CODES.get(answer.code, (Reason.UNEXPECTED, "it did not answer"))
        return reason, f"{words} ({answer.code})"
    if not answer.addresses:
        return Reason.NO_SUCH, f"the name has no {params.record} record"
    if params.expect and set(params.expect) != set(answer.addresses):
        return Reason.UNEXPECTED, f"{_listed(answer.addresses)}, and {_listed(sorted(params.expect))} is wanted"
    return None


def _listed(addresses: "tuple[str, ...] | list[str]") -> str:
    more = f" and {len(addresses) - _TOLD} more" if len(addresses) > _TOLD else ""
    return ", ".join(addresses[:_TOLD]) + more
