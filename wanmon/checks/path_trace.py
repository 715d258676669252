"""Trace: the routers on the way, hop by hop, and whether they are those of the path it is compared with."""

from collections.abc import Sequence
from ipaddress import ip_address

from pydantic import Field, field_validator

from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Measure, Result, Target, Tools, rtt, unable
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.trace import MOST_HOPS, ends_at, trace

#: What it can give as a reason.
REASONS = (Reason.TIMEOUT, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.TOO_BIG, Reason.CHANGED, Reason.LOCAL)
#: How a silent hop is written in a baseline.
SILENT = "*"


class Params(CheckParams):
    """How far and how often to ask. `baseline` are the addresses of the path that is wanted, `*` for any.

    Where it is empty, the path that was kept for this check is the one to compare with.
    """

    max_hops: int = Field(default=15, ge=1, le=MOST_HOPS)
    probes: int = Field(default=2, ge=1, le=10)
    timeout_s: float = Field(default=1.0, gt=0, le=10)
    source: str = Field(default="", max_length=64)
    baseline: list[str] = Field(default=[], max_length=MOST_HOPS)

    @field_validator("baseline")
    @classmethod
    def _of_addresses(cls, baseline: list[str]) -> list[str]:
        return [hop if hop == SILENT else str(ip_address(hop)) for hop in baseline]


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Trace once and judge it."""
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    try:
        hops = await trace(
            address,
            source=params.source,
            max_hops=params.max_hops,
            probes=params.probes,
            timeout_s=params.timeout_s,
        )
    except EchoForbidden as refusal:
        return unable(Reason.LOCAL, str(refusal))
    wanted = ["" if hop == SILENT else hop for hop in params.baseline] or [hop.address for hop in target.baseline]
    return judge(hops, address, wanted)


def judge(hops: tuple[Hop, ...], address: str, baseline: Sequence[str]) -> Result:
    """The verdict on a path; `baseline` has an address for each hop, empty for any. Pure."""
    end = ends_at(hops, address)
    if hops and hops[-1].reason is Reason.LOCAL:
        return unable(Reason.LOCAL, end.text)
    measures = [Measure("hops", len(hops))]
    if not end.reached:
        reason = next((hop.reason for hop in hops if hop.reason), Reason.TIMEOUT)
        return Result(Verdict.CRITICAL, end.text, reason, measures=tuple(measures), hops=hops)
    if hops[-1].rtts_s:
        measures.append(rtt(min(hops[-1].rtts_s)))
    changed = first_difference(hops, baseline) if baseline else ""
    if changed:
        text = f"the path has changed: {changed}"
        return Result(Verdict.WARNING, text, Reason.CHANGED, measures=tuple(measures), hops=hops)
    words = f"{end.text}{', as always' if baseline else ''}"
    return Result(Verdict.OK, words, measures=tuple(measures), hops=hops)


def first_difference(hops: Sequence[Hop], baseline: Sequence[str]) -> str:
    """The first hop that is another than in the baseline, in words; nothing if none is. A silent one is like any.

    Pure.
    """
    for at in range(max(len(hops), len(baseline))):
        now = hops[at].address if at < len(hops) else None
        before = baseline[at] if at < len(baseline) else None
        if now is None:
            return f"hop {at + 1} is no more" + (f", it was {before}" if before else "")
        if before is None:
            return f"hop {at + 1} is new" + (f", it is {now}" if now else "")
        if now and before and now != before:
            return f"hop {at + 1} is {now}, it was {before}"
    return ""
