"""Scripts written in a test and played on a part of the example province."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wanmon.config.layout import shipped
from wanmon.lab.keeping import shipped_inventory
from wanmon.lab.outcome import history, recorded
from wanmon.lab.province import only_sites
from wanmon.lab.run import Played, Run
from wanmon.lab.script import Script
from wanmon.lab.verdict import Recorded
from wanmon.model.inventory import Inventory
from wanmon.model.state import State

EXAMPLE = shipped_inventory(shipped("inventory") / "bac-ninh")
HUB, NORTH, SOUTH = "BN-DC1", "BN-0001", "BN-0002"
#: Behind the one district, behind the other, behind both, and directly behind the hub.
COMMUNE, FARM, BOTH, AGENCY = "BN-0009", "BN-0019", "BN-0020", "BN-0135"
FEW = (HUB, NORTH, SOUTH, COMMUNE, FARM, BOTH, AGENCY)


def few() -> Inventory:
    """A hub, two districts with two circuits each, three communes of which one has two parents, an agency."""
    inventory = only_sites(EXAMPLE, FEW)
    both = inventory.sites[BOTH]
    twice = type(both).model_validate({**both.model_dump(), "second_parent": NORTH})
    return replace(inventory, sites={**inventory.sites, BOTH: twice})


def script(*events: dict[str, Any], days: float = 0.25, **values: Any) -> Script:
    return Script.model_validate({"name": "a test", "days": days, "events": events, **values})


def run(folder: Path, played: Script, inventory: Inventory | None = None, **how: Any) -> Run:
    return Run(played, inventory or few(), folder / "lab.db", **how)


def play(folder: Path, *events: dict[str, Any], **values: Any) -> Played:
    return run(folder, script(*events, **values)).play()


def outages(played: Played) -> list[Recorded]:
    with played.database.read() as session:
        return recorded(session, played)


def told(played: Played) -> list[tuple[str, str]]:
    """Each outage as its site and its cause."""
    return sorted((outage.site, str(outage.cause)) for outage in outages(played))


def states(played: Played, site: str) -> set[State]:
    """Every state that a site was ever in."""
    with played.database.read() as session:
        return {state for state, _, _ in history(session, site)}


def all_states(played: Played, sites: Sequence[str] = FEW) -> Iterator[State]:
    for site in sites:
        yield from states(played, site)
