"""Windows of maintenance as people and programs read them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wanmon.cli.frame.amounts import instant, minute, number
from wanmon.cli.frame.maintenance_rows import TARGETS
from wanmon.clock import LOCAL
from wanmon.health.maintenance import covered, present_or_next, was_announced
from wanmon.model.inventory import Inventory
from wanmon.model.maintenance import Maintenance, Repeat, Scope
from wanmon.model.site import SiteStatus

COLUMNS = (
    "id", "scope", "target", "target_name", "starts_at", "ends_at", "is_in_force", "occurrence_starts_at",
    "occurrence_ends_at", "repeats", "repeats_until", "excludes", "site_count", "circuit_count", "reason", "author",
    "created_at", "was_announced", "ended_at", "ended_by", "ended_reason",
)  # fmt: skip
_INSTANT = timedelta(microseconds=1)


def window_records(rows: Iterable[Maintenance], inventory: Inventory, now: datetime) -> list[dict[str, Any]]:
    """Each window with whom it covers, and the time that it holds now or next."""
    return [_record(row, inventory, now) for row in rows]


def window_lines(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for people."""
    return [
        {
            "id": record["id"],
            "scope": record["scope"],
            "target": f"{record['target']} {record['target_name']}".strip(),
            "from": minute(record["starts_at"]),
            "to": minute(record["ends_at"]) if record["ends_at"] else "until ended",
            "next": _next(record),
            "repeats": _repeats(record),
            "sites": record["site_count"],
            "circuits": record["circuit_count"],
            "counts": not record["excludes"],
            "reason": record["reason"],
            "author": record["author"],
        }
        for record in records
    ]


def line_columns(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a table shows; whether the time counts in the figures, where it does."""
    columns = list(lines[0]) if lines else []
    return columns if any(line["counts"] for line in lines) else [name for name in columns if name != "counts"]


def standing(record: Mapping[str, Any]) -> str:
    """How it is with a window, to be read after its name: `is in force until …`, `begins …`, `is over`."""
    starts_at, ends_at = record["occurrence_starts_at"], record["occurrence_ends_at"]
    if starts_at is None:
        return "is over"
    if not record["is_in_force"]:
        return f"begins {instant(starts_at)}"
    return f"is in force until {instant(ends_at) if ends_at else 'it is ended'}"


def covering(record: Mapping[str, Any]) -> str:
    """`1 site, 2 circuits`."""
    counts = ((record["site_count"], "site"), (record["circuit_count"], "circuit"))
    return ", ".join(number(count, thing) for count, thing in counts if count) or "nothing that is there"


def _record(row: Maintenance, inventory: Inventory, now: datetime) -> dict[str, Any]:
    held = present_or_next(row, now)
    sites, circuits = _counts(row, inventory)
    return {
        **row.model_dump(),
        "target_name": _name(row, inventory),
        "is_in_force": held is not None and held.starts_at <= now,
        "occurrence_starts_at": held and held.starts_at,
        "occurrence_ends_at": held and held.ends_at,
        "repeats_until": row.repeats_until and (row.repeats_until - _INSTANT).astimezone(LOCAL).date(),
        "site_count": sites,
        "circuit_count": circuits,
        "was_announced": was_announced(row),
    }


def _counts(row: Maintenance, inventory: Inventory) -> tuple[int, int]:
    """How many sites it covers, and how many circuits; retired sites are no longer there to be covered."""
    whom = covered(row, inventory)
    sites = {code for code in whom.sites if inventory.sites[code].status is not SiteStatus.RETIRED}
    circuits = (code in whom.circuits or circuit.site in sites for code, circuit in inventory.circuits.items())
    return len(sites), sum(circuits)


def _name(row: Maintenance, inventory: Inventory) -> str:
    """The name of the target, of a circuit that of its site; none where it has left the inventory."""
    found = inventory.rows(TARGETS[row.scope]).get(row.target)
    if found is not None and row.scope is Scope.CIRCUIT:
        found = inventory.sites[found.site]
    return found.name if found else ""


def _next(record: Mapping[str, Any]) -> str:
    if record["is_in_force"]:
        return "in force"
    if record["occurrence_starts_at"]:
        return minute(record["occurrence_starts_at"])
    ended_at = record["ended_at"]
    if ended_at is None:
        return "over"
    return f"ended {minute(ended_at)}" if ended_at > record["starts_at"] else "called off"


def _repeats(record: Mapping[str, Any]) -> str:
    if record["repeats"] is Repeat.ONCE:
        return ""
    return f"{record['repeats']} until {record['repeats_until']}" if record["repeats_until"] else str(record["repeats"])
