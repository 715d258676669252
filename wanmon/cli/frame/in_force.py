"""The windows of maintenance that hold now for a site or a circuit of it. Pure."""

from collections.abc import Collection
from typing import Any

from wanmon.cli.frame.amounts import minute
from wanmon.cli.frame.glimpse import Glimpse
from wanmon.health.maintenance import covered, present_or_next
from wanmon.model.maintenance import Maintenance


def maintenance_records(glimpse: Glimpse, code: str) -> list[dict[str, Any]]:
    """What holds for a site or any of its circuits, since when, until when, and why."""
    circuits = {circuit.code for circuit in glimpse.inventory.circuits.values() if circuit.site == code}
    return [_record(glimpse, row) for row in glimpse.maintenance if _covers(glimpse, row, code, circuits)]


def in_words(record: dict[str, Any]) -> str:
    """`window 3 holds until 2026-03-02 22:00 (new fibre)`."""
    until = minute(record["ends_at"]) if record["ends_at"] else "it is ended"
    return f"window {record['id']} holds until {until}" + (f" ({record['reason']})" if record["reason"] else "")


def _covers(glimpse: Glimpse, row: Maintenance, code: str, circuits: Collection[str]) -> bool:
    whom = covered(row, glimpse.inventory)
    return code in whom.sites or not whom.circuits.isdisjoint(circuits)


def _record(glimpse: Glimpse, row: Maintenance) -> dict[str, Any]:
    present = present_or_next(row, glimpse.at)
    return {
        "id": row.id,
        "scope": row.scope,
        "target": row.target,
        "starts_at": present.starts_at if present else None,
        "ends_at": present.ends_at if present else None,
        "reason": row.reason,
        "author": row.author,
    }
