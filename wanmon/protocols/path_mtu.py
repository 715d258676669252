"""The largest packet that passes unfragmented, by the hints of routers and, where they keep silent, by narrowing down.

RFC 1191 and RFC 8201 for hints; a router that drops without a word is what RFC 2923 calls a black hole.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer
from wanmon.protocols.icmp_errors import Refusal

#: An unfragmented packet of this many bytes of IP passes everywhere, if anything does.
FLOOR_BYTES = 128
#: Sizes asked side by side while narrowing down: four rounds for an Ethernet.
_SIDE_BY_SIDE = 8

Ask = Callable[[int], Awaitable[EchoAnswer]]


@dataclass(frozen=True, slots=True)
class PathMtu:
    """The largest size that passed, in bytes of IP; 0 when none did.

    `refused` is what came for the smallest that did not pass (None: everything passed): silence is a black hole, and a
    refusal tells by whom and with which limit.
    """

    mtu: int
    refused: EchoAnswer | None = None

    @property
    def is_black_hole(self) -> bool:
        """Whether larger packets vanish without a word."""
        return bool(self.mtu) and self.refused is not None and self.refused.refusal is None


async def largest(ask: Ask, ceiling: int, tries: int = 2) -> PathMtu:
    """The largest size up to `ceiling` that passes. What is silent is asked `tries` times in all."""
    small, big = await _asked(ask, (FLOOR_BYTES, ceiling), tries)
    if not _passed(small):
        return PathMtu(0, small)
    if _passed(big):
        return PathMtu(ceiling)
    low, high, refused = FLOOR_BYTES, ceiling, big
    while high - low > 1:
        hint = refused.mtu if low < refused.mtu < high else 0
        sizes = (hint,) if hint else tuple(_ladder(low, high))
        answers = await _asked(ask, sizes, tries)
        low, high, refused = _narrowed(low, high, refused, dict(zip(sizes, answers, strict=True)))
        if hint and low == hint:
            break  # who told the limit knows it
    return PathMtu(low, refused)


def _narrowed(low: int, high: int, refused: EchoAnswer, answers: dict[int, EchoAnswer]) -> tuple[int, int, EchoAnswer]:
    """The smallest that did not pass is the new upper end; of those below it the largest is the lower one. Pure."""
    for size, answer in sorted(answers.items()):
        if not _passed(answer):
            return low, size, answer
        low = size
    return low, high, refused


async def _asked(ask: Ask, sizes: Iterable[int], tries: int) -> list[EchoAnswer]:
    return await asyncio.gather(*(_patiently(ask, size, tries) for size in sizes))


async def _patiently(ask: Ask, size: int, tries: int) -> EchoAnswer:
    answer = await ask(size)
    for _ in range(tries - 1):
        if answer.reason is not Reason.TIMEOUT:
            break
        answer = await ask(size)
    # A reply that comes late has passed all the same.
    return replace(answer, reason=None) if answer.reason is Reason.LATE else answer


def _ladder(low: int, high: int) -> Iterable[int]:
    """Sizes between two, evenly spread."""
    step = max(1, (high - low) // (_SIDE_BY_SIDE + 1))
    return list(range(low + step, high, step))[: _SIDE_BY_SIDE + 1]


def _passed(answer: EchoAnswer) -> bool:
    return answer.reason is None


def told_by(refused: EchoAnswer) -> str:
    """Who told a limit, in words; nothing where nobody did. Pure."""
    if refused.refusal is not Refusal.TOO_BIG:
        return ""
    return refused.source or "this machine's own port"
