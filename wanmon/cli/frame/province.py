"""The province at a glance: how many sites are in which state, and the sites, worst first. Pure.

States are those that `serve` stored last; `Service` says whether it still runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wanmon.cli.frame.site_view import state_of
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.clock import shown
from wanmon.model.inventory import Inventory, units_within
from wanmon.model.site import SiteStatus
from wanmon.model.state import LOST, State
from wanmon.store.life import States

_WORST_FIRST = (State.DOWN, State.UNREACHABLE, State.DEGRADED, State.UNKNOWN, State.UP)
SITE_COLUMNS = ("site", "name", "state", "since", "duration_s", "reason", "unit", "status", "parent")


@dataclass(frozen=True, slots=True)
class Service:
    """Whether `serve` runs, and when it last said so."""

    is_running: bool
    last_beat: datetime | None

    def __str__(self) -> str:
        """In words, for above a table."""
        if self.is_running:
            return "serve is running"
        if self.last_beat is None:
            return "serve has never run on this database: no state is known"
        return f"states as of {shown(self.last_beat)}: serve is not running"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """All that is read of the database for one look."""

    inventory: Inventory
    states: States
    service: Service
    at: datetime


def look(here: Surroundings) -> Glimpse:
    """Read inventory, states and the service's life at one instant."""
    from wanmon.store import inventory, leases, life

    now = here.clock.now()
    with here.database.read() as session:
        service = Service(leases.holder(session, "serve", now) is not None, life.last_beat(session))
        return Glimpse(inventory.load(session), life.load_states(session), service, now)


def site_records(glimpse: Glimpse, *, unit: str | None = None, only_lost: bool = False) -> list[dict[str, Any]]:
    """Every active site of the unit, worst first, and then every planned one."""
    units = units_within(glimpse.inventory, unit) if unit else None
    records = [
        {
            "site": code,
            "name": site.name,
            **state_of(glimpse.states, code, glimpse.at),
            "unit": site.unit,
            "status": site.status,
            "parent": site.parent,
        }
        for code, site in glimpse.inventory.sites.items()
        if site.status is not SiteStatus.RETIRED and (units is None or site.unit in units)
    ]
    kept = [record for record in records if not only_lost or record["state"] in LOST]
    return sorted(kept, key=lambda record: (_is_planned(record), _WORST_FIRST.index(record["state"]), record["site"]))


def table_columns(records: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What a table of sites shows; whether a site is planned, where one is."""
    return ("site", "name", "state", "since", "reason", *(("status",) if planned(records) else ()), "parent")


def counts(records: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many active sites are in each state, worst first; planned ones count nowhere."""
    active = [record["state"] for record in records if record["status"] is SiteStatus.ACTIVE]
    return {state.value: active.count(state) for state in _WORST_FIRST}


def planned(records: Sequence[dict[str, Any]]) -> int:
    """How many sites are planned, whatever their state."""
    return sum(map(_is_planned, records))


def headline(glimpse: Glimpse, records: Sequence[dict[str, Any]]) -> str:
    """`1 down, 177 up, 2 planned` and how fresh that is."""
    words = [f"{count} {state}" for state, count in counts(records).items() if count] or ["no active site"]
    words += [f"{planned(records)} planned"] if planned(records) else []
    return f"{', '.join(words)} ({glimpse.service})"


def _is_planned(record: dict[str, Any]) -> bool:
    return record["status"] is SiteStatus.PLANNED
