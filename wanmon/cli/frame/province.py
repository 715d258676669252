"""The province at a glance: how many sites are in which state, and the sites, worst first. Pure.

States are those that `serve` stored last; `Glimpse.service` says whether it still runs.
"""

from collections.abc import Collection, Sequence
from typing import Any

from wanmon.cli.frame.glimpse import Glimpse
from wanmon.cli.frame.site_view import roots_of, state_of
from wanmon.cli.frame.storms import root_causes
from wanmon.health.maintenance import windows
from wanmon.health.reach import cut_off
from wanmon.model.inventory import Inventory, units_within
from wanmon.model.site import SiteStatus
from wanmon.model.state import LOST, State

_WORST_FIRST = (State.DOWN, State.UNREACHABLE, State.DEGRADED, State.UNKNOWN, State.UP)
SITE_COLUMNS = (
    "site", "name", "state", "since", "duration_s", "reason", "unit", "status", "parent", "root_cause",
    "is_in_maintenance", "outage", "cause", "ticket", "acknowledged_by",
)  # fmt: skip
#: Columns that a table has only where some site fills them.
_NOW_AND_THEN = ("root_cause", "is_in_maintenance", "cause", "ticket", "acknowledged_by")


def site_records(
    glimpse: Glimpse, *, unit: str | None = None, only: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Every active site (of the unit, or of `only`), worst first, and then every planned one."""
    units = units_within(glimpse.inventory, unit) if unit else None
    maintained = windows(glimpse.maintenance, glimpse.inventory, glimpse.second).sites.keys()
    records = [
        _record(glimpse, code, is_in_maintenance=code in maintained)
        for code, site in glimpse.inventory.sites.items()
        if site.status is not SiteStatus.RETIRED
        and (units is None or site.unit in units)
        and (only is None or code in only)
    ]
    return sorted(
        records, key=lambda record: (_is_planned(record), _WORST_FIRST.index(record["state"]), record["site"])
    )


def is_lost(record: dict[str, Any]) -> bool:
    """Whether a site cannot be reached, for whatever cause."""
    return record["state"] in LOST


def behind(inventory: Inventory, code: str) -> frozenset[str]:
    """The sites that would be cut off if this one fell."""
    return cut_off({each: site.parents for each, site in inventory.sites.items()}, code)


def summary(glimpse: Glimpse, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The province in numbers, and how fresh they are."""
    service = glimpse.service
    return {
        "as_of": glimpse.at if service.is_running else service.last_beat,
        "is_serving": service.is_running,
        "counts": counts(records),
        "planned_count": planned(records),
        "root_causes": root_causes(glimpse, records),
    }


def table_columns(records: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What a table of sites shows; whether a site is planned, cut off or acknowledged, only where one is."""
    more = [column for column in _NOW_AND_THEN if any(record[column] for record in records)]
    return ("site", "name", "state", "since", "reason", *(("status",) if planned(records) else ()), *more, "parent")


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


def _record(glimpse: Glimpse, code: str, *, is_in_maintenance: bool) -> dict[str, Any]:
    site, outage = glimpse.inventory.sites[code], glimpse.outages.get((code, None))
    return {
        "site": code,
        "name": site.name,
        **state_of(glimpse.states, code, glimpse.at),
        "unit": site.unit,
        "status": site.status,
        "parent": site.parent,
        "root_cause": roots_of(glimpse.states, code),
        "is_in_maintenance": is_in_maintenance,
        "outage": outage.id if outage else None,
        "cause": outage.final_cause if outage else None,
        "ticket": outage.ticket if outage else "",
        "acknowledged_by": outage.acknowledged_by if outage else "",
    }


def _is_planned(record: dict[str, Any]) -> bool:
    return record["status"] is SiteStatus.PLANNED
