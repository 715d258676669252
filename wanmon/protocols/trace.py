"""The way to an address, hop by hop, by echoes whose hop limit grows; and in words where such a way ends.

All hops are asked side by side: a host that is silent costs the timeout for each probe, not for each hop.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer, EchoOptions, EchoProbe
from wanmon.protocols.icmp_errors import Refusal

MOST_HOPS = 64


@dataclass(frozen=True, slots=True)
class PathEnd:
    """Where a path ends. `hop` is the first that does not answer, or that says it goes no further; None if reached."""

    reached: bool
    hop: int | None
    text: str


async def trace(
    address: str, *, source: str = "", max_hops: int = 15, probes: int = 2, timeout_s: float = 1.0
) -> tuple[Hop, ...]:
    """The hops up to the target, up to one that goes no further, or up to the first silent one behind the last answer.

    Takes at most `probes` times `timeout_s`. A hop 1 with reason `local` means that nothing could be sent. Raises
    `EchoForbidden` where the system does not allow echo.
    """
    try:
        probe = EchoProbe(address, EchoOptions(source=source))
    except (OSError, ValueError):
        return (Hop(1, reason=Reason.LOCAL),)
    answers: list[list[EchoAnswer]] = [[] for _ in range(max_hops)]
    with probe:
        for _ in range(probes):
            asked = answers[: _length(answers)]
            told = await asyncio.gather(*(probe.ask(timeout_s, hops=at + 1) for at in range(len(asked))))
            for hop, answer in zip(asked, told, strict=True):
                hop.append(answer)
    return hops_of(answers)


def hops_of(answers: Sequence[Sequence[EchoAnswer]]) -> tuple[Hop, ...]:
    """The path that answers tell: those to hop limit 1, 2 and so on. Pure."""
    hops = [_hop(number, told) for number, told in enumerate(answers[: _length(answers)], 1)]
    heard = max((hop.number for hop in hops if hop.address or hop.reason), default=0)
    return tuple(hops[: heard + 1])


def ends_at(hops: Sequence[Hop], target: str) -> PathEnd:
    """Where a path toward `target` (an address) ends. Pure."""
    last = next((hop for hop in reversed(hops) if hop.address or hop.reason), None)
    if last is None:
        return PathEnd(False, 1, "answers end at hop 1: nobody on the way answers")
    if last.reason is Reason.LOCAL:
        return PathEnd(False, 1, "this machine could not send: no route, or no such address")
    if last.reason is not None:
        return PathEnd(False, last.number, f"answers end at hop {last.number}: {last.address} says {last.reason}")
    if _is_same(last.address, target):
        return PathEnd(True, None, f"reached at hop {last.number}")
    end = last.number + 1
    return PathEnd(False, end, f"answers end at hop {end} (after {last.address})")


def _hop(number: int, told: Sequence[EchoAnswer]) -> Hop:
    """Where several routers take turns, the first that answered stands for the hop."""
    first = next((answer for answer in told if answer.source or answer.reason is Reason.LOCAL), None)
    if first is None:
        return Hop(number)
    rtts_s = tuple(a.rtt_s for a in told if a.rtt_s is not None and a.source == first.source)
    goes_on = first.refusal is Refusal.EXPIRED or first.reason is Reason.LATE
    return Hop(number, first.source, rtts_s, None if goes_on else first.reason)


def _length(answers: Sequence[Sequence[EchoAnswer]]) -> int:
    """How many hops a path has at most, by the first that is its end: the target, or one that goes no further."""
    ends = (number for number, told in enumerate(answers, 1) if any(map(_is_end, told)))
    return next(ends, len(answers))


def _is_end(answer: EchoAnswer) -> bool:
    if answer.reason in (None, Reason.LATE, Reason.LOCAL):
        return True
    return answer.refusal is not None and answer.refusal is not Refusal.EXPIRED


def _is_same(one: str, other: str) -> bool:
    try:
        return ip_address(one.partition("%")[0]) == ip_address(other.partition("%")[0])
    except ValueError:
        return False
