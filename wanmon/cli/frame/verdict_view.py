"""What the checks of a round say together of each site: the verdict from both ends, with a trace where a way ends."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wanmon.checks.result import Result
from wanmon.cli.frame.checking import Asked
from wanmon.health.two_way import Judgement, Seen, judge
from wanmon.model.finding import TwoWay
from wanmon.model.inventory import Inventory
from wanmon.poller.checking.both_ends import seen
from wanmon.poller.verdicts import edges
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.trace import trace

#: Ways that are traced at the same time.
_TRACES = 16
#: The kinds that tell of both ends, and what each of them is in `both_ends.seen`.
_PARTS = {"icmp_echo": "echo", "snmp_system": "snmp", "ssh_path": "from_site", "loss_direction": "direction"}
_TRACE = "path_trace"


@dataclass(frozen=True, slots=True)
class Told:
    """The verdict on one site."""

    site: str
    name: str
    judgement: Judgement

    @property
    def is_ok(self) -> bool:
        """Whether nothing is amiss."""
        return self.judgement.verdict is TwoWay.OK


async def verdicts(inventory: Inventory, asked: Sequence[Asked]) -> list[Told]:
    """The verdict on each site that was asked about, in their order; a way that ends is traced unless it just was."""
    routers, places = edges(inventory), asyncio.Semaphore(_TRACES)

    async def one(site: str, router: str) -> Told | None:
        known = _known(router, inventory.devices[router].address, _of(asked, site))
        judgement = judge(known)
        if judgement is not None and judgement.verdict is TwoWay.DOWN_AT_HOP and known.path is None:
            async with places:
                judgement = judge(await _traced(known))
        return Told(site, inventory.sites[site].name, judgement) if judgement is not None else None

    sites = dict.fromkeys(each.question.site for each in asked)
    found = await asyncio.gather(*(one(site, routers[site]) for site in sites if site in routers))
    return [told for told in found if told is not None]


def lines(told: Sequence[Told]) -> list[str]:
    """The verdicts in words; of several sites those alone where something is amiss."""
    return [
        f"{each.site} {each.name}: {_in_words(each.judgement)}: {each.judgement.text}"
        for each in told
        if len(told) == 1 or not each.is_ok
    ]


def fields(told: Sequence[Told], site: str) -> dict[str, Any]:
    """The verdict on a site as JSON has it; all null where there is none."""
    judged = next((each.judgement for each in told if each.site == site), None)
    return {
        "site_verdict": judged.verdict if judged else None,
        "site_verdict_hop": judged.hop if judged else None,
        "site_verdict_text": judged.text if judged else None,
    }


def _in_words(judgement: Judgement) -> str:
    """`down at hop 3`, and no more than `down` where no trace tells which."""
    if judgement.verdict is not TwoWay.DOWN_AT_HOP:
        return judgement.verdict.value.replace("_", " ")
    return "down" if judgement.hop is None else f"down at hop {judgement.hop}"


def _of(asked: Sequence[Asked], site: str) -> list[Asked]:
    return [each for each in asked if each.question.site == site]


def _known(router: str, address: str, asked: Sequence[Asked]) -> Seen:
    """What the results say of the site's router: a check of something else says nothing of it."""
    parts: dict[str, Result] = {}
    path, target = None, "the hub"
    for question, result in asked:
        part = _PARTS.get(question.kind)
        if question.kind == "ssh_path" and question.target.router and question.target.router.device == router:
            parts[str(part)], target = result, question.target.name or target
        elif question.target.address == address and part and part != "from_site":
            parts[part] = result
        elif question.target.address == address and question.kind == _TRACE and result.hops:
            path = result.hops
    return seen(router, address, target, path=path, **parts)


async def _traced(known: Seen) -> Seen:
    try:
        return replace(known, path=await trace(known.address))
    except EchoForbidden:
        return known
