"""Words for why outages happen: causes, the rows of the table that finds them, readings, who fell together. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from wanmon.cli.frame.amounts import duration, instant
from wanmon.cli.frame.output import cell_text
from wanmon.model.cause import Cause
from wanmon.model.inventory import Inventory
from wanmon.model.outage import Outage
from wanmon.model.state import State

#: What a cause means to whoever looks for the fault.
CAUSES: Mapping[Cause, str] = {
    Cause.MONITOR: "our own fault or absence",
    Cause.PLANNED: "maintenance",
    Cause.UPSTREAM: "cut off above",
    Cause.POWER_OR_REBOOT: "a power cut or restart at the site",
    Cause.HANDOFF: "line, cable, ONT or converter power",
    Cause.CARRIER_PATH: "beyond the hand-off: the carrier's",
    Cause.SILENT_REBOOT: "a restart too short to be missed",
    Cause.UNKNOWN: "nothing that was read decides",
}
#: What held, by the row of the table of causes (`health.cause`).
ROWS: Mapping[int, str] = {
    1: "the silence began in our own fault or absence",
    2: "it lay wholly inside a window of maintenance",
    3: "every way to the site was cut above it",
    4: "the device started anew as it began, or shortly before it ended",
    5: "the WAN port changed while it lasted",
    6: "the WAN port stayed up while it lasted",
    7: "no silence was seen, yet the device had started anew",
    8: "nothing that was read decides",
}
_TIES = {"carrier": "on carrier", "parent": "behind", "unit": "in unit"}
#: Readings that are instants, in seconds since 1970.
_INSTANTS = {
    "agent_start_s", "boot_s", "fault_from_s", "fault_to_s", "last_change_s", "last_poll_s", "window_from_s",
    "window_to_s",
}  # fmt: skip


def cause_text(outage: Outage) -> str:
    """Why it was, as far as that is known."""
    if outage.final_cause is not None:
        return CAUSES[outage.final_cause]
    if outage.state is State.UNREACHABLE:
        return CAUSES[Cause.UPSTREAM]
    return "not known yet" if outage.ended_at else "not known before it ends"


def together_records(outage: Outage) -> list[dict[str, Any]]:
    """Who fell within a minute of it: how many, of how many, and what they share."""
    return [
        {"kind": kind, "code": code, "fell": fell, "of": of} for kind, code, fell, of in json.loads(outage.together)
    ]


def together_words(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """`3 of 14 on carrier VNPT`; nothing of a site that fell alone."""
    return [
        f"{each['fell']} of {each['of']} {_TIES.get(each['kind'], each['kind'])} {each['code']}"
        for each in records
        if each["fell"] > 1
    ]


def reading_records(readings: Mapping[str, Any]) -> list[dict[str, str]]:
    """The readings behind a cause for people: instants as local time, amounts with their unit."""
    return [
        {"reading": name.removesuffix("_s").replace("_", " "), "value": _read(name, value)}
        for name, value in readings.items()
    ]


def named(inventory: Inventory, code: str) -> str:
    """A site by code and name."""
    site = inventory.sites.get(code)
    return f"{code} {site.name}" if site else code


def split_roots(text: str) -> list[str]:
    """The codes of the sites that cut one off, as stored: the first to fall first."""
    return [code for code in text.split(",") if code]


def _read(name: str, value: Any) -> str:
    if not isinstance(value, int | float):
        return cell_text(value)
    if name in _INSTANTS:
        return instant(datetime.fromtimestamp(value, UTC))
    if name.endswith("_s"):
        return f"{'-' if value < 0 else ''}{duration(abs(value))}"
    return cell_text(value)
