"""Outages as records: a line of a list, and everything about one on one screen. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wanmon.cli.frame.advice import about_outage
from wanmon.cli.frame.causes import (
    ROWS,
    cause_text,
    reading_records,
    split_roots,
    together_records,
    together_words,
)
from wanmon.cli.frame.glimpse import Glimpse
from wanmon.cli.frame.site_view import circuit_records, state_of
from wanmon.model.inventory import Inventory
from wanmon.model.outage import Handling, Outage, OutageNote
from wanmon.model.path import OutagePath, unpacked
from wanmon.model.site import SiteKind

COLUMNS = (
    "id", "site", "name", "circuit", "state", "began_at", "ended_at", "duration_s", "cause", "cause_text",
    "computed_cause", "ruled_cause", "root_cause", "together", "ticket", "acknowledged_by", "acknowledged_at",
    "previous",
)  # fmt: skip
#: What of these a table has: some always, some only where an outage fills them.
_ALWAYS = ("id", "site", "name", "state", "began_at", "duration_s", "cause")
_NOW_AND_THEN = ("circuit", "ended_at", "root_cause", "together", "ticket", "acknowledged_by")
_CIRCUIT = ("circuit", "carrier", "carrier_name", "hotline", "role")


def record(inventory: Inventory, outage: Outage, now: datetime) -> dict[str, Any]:
    """One outage in a list."""
    site = inventory.sites.get(outage.site)
    return {
        "id": outage.id,
        "site": outage.site,
        "name": site.name if site else "",
        "circuit": outage.circuit,
        "state": outage.state,
        "began_at": outage.began_at,
        "ended_at": outage.ended_at,
        "duration_s": duration_s(outage, now),
        "cause": outage.final_cause,
        "cause_text": cause_text(outage),
        "computed_cause": outage.cause,
        "ruled_cause": outage.ruled_cause,
        "root_cause": split_roots(outage.roots),
        "together": together_records(outage),
        "ticket": outage.ticket,
        "acknowledged_by": outage.acknowledged_by,
        "acknowledged_at": outage.acknowledged_at,
        "previous": outage.previous,
    }


def in_words(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for people and spreadsheets: who fell together as text."""
    return [{**each, "together": ", ".join(together_words(each["together"]))} for each in records]


def table_columns(records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What a table of outages shows; whose circuit, ticket and end, where one has them."""
    more = {column for column in _NOW_AND_THEN if any(each[column] for each in records)}
    return tuple(column for column in COLUMNS if column in more or column in _ALWAYS)


def duration_s(outage: Outage, now: datetime) -> int:
    """How long it lasted, or has lasted so far."""
    return max(0, round(((outage.ended_at or now) - outage.began_at).total_seconds()))


def screen(
    glimpse: Glimpse,
    outage: Outage,
    said: Sequence[OutageNote],
    linked: Sequence[Outage],
    paths: Sequence[OutagePath] = (),
) -> dict[str, Any]:
    """Everything about one outage, in the order of its screen."""
    short = record(glimpse.inventory, outage, glimpse.at)
    return {
        **{column: short[column] for column in ("id", "site", "name", "circuit", "state")},
        **_edges(outage, glimpse.at),
        "cause": short["cause"],
        "cause_text": short["cause_text"],
        "computed_cause": outage.cause,
        "row": outage.row,
        "row_text": ROWS.get(outage.row or 0, ""),
        **_ruling(said),
        **{column: short[column] for column in ("ticket", "acknowledged_by", "acknowledged_at")},
        "next_step": about_outage(glimpse, outage),
        "root_causes": root_records(glimpse, short["root_cause"]),
        "together": short["together"],
        "readings": json.loads(outage.readings),
        "paths": path_records(glimpse, paths),
        "linked": [_link(each, glimpse.at) for each in linked],
        "circuits": _circuits(glimpse, outage),
        "notes": [_note(each) for each in said],
    }


def screen_in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same for people and spreadsheets."""
    together = ", ".join(together_words(told["together"]))
    readings, paths = reading_records(told["readings"]), paths_in_words(told["paths"])
    return {**told, "together": together, "readings": readings, "paths": paths}


def path_records(glimpse: Glimpse, paths: Iterable[OutagePath]) -> list[dict[str, Any]]:
    """Where the way ended when the site fell, as it was seen from here (the hub) and from sites above."""
    return [
        {
            "vantage": path.vantage,
            "from": "hub" if _is_hub(glimpse.inventory, path.vantage) else path.vantage,
            "at": path.at,
            "text": path.text,
            "hops": [
                {"hop": hop.number, "address": hop.address, "rtts_s": list(hop.rtts_s), "reason": hop.reason}
                for hop in unpacked(path.hops)
            ],
        }
        for path in paths
    ]


def paths_in_words(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for people: a line for each."""
    return [{"path": f"{each['from']}: {each['text']}"} for each in records]


def _is_hub(inventory: Inventory, code: str) -> bool:
    site = inventory.sites.get(code)
    return site is not None and site.kind is SiteKind.DATACENTER


def root_records(glimpse: Glimpse, codes: Iterable[str]) -> list[dict[str, Any]]:
    """Sites that cut another off, by name and as they are now."""
    sites = glimpse.inventory.sites
    return [
        {
            "site": code,
            "name": sites[code].name if code in sites else "",
            "state": state_of(glimpse.states, code, glimpse.at)["state"],
        }
        for code in codes
    ]


def _edges(outage: Outage, now: datetime) -> dict[str, Any]:
    """When it began and ended; each edge may lie earlier by its uncertainty."""
    return {
        "began_at": outage.began_at,
        "began_uncertain_s": outage.began_uncertain_s,
        "decided_at": outage.decided_at,
        "ended_at": outage.ended_at,
        "ended_uncertain_s": None if outage.ended_at is None else outage.ended_uncertain_s,
        "duration_s": duration_s(outage, now),
    }


def _ruling(said: Sequence[OutageNote]) -> dict[str, Any]:
    """A person's word on the cause: the last one counts."""
    last = next((each for each in reversed(said) if each.handling is Handling.SET), None)
    return {
        "ruled_cause": last.cause if last else None,
        "ruled_by": last.author if last else "",
        "ruled_at": last.at if last else None,
        "ruled_reason": last.text if last else "",
    }


def _link(outage: Outage, now: datetime) -> dict[str, Any]:
    return {
        "outage": outage.id,
        "state": outage.state,
        "began_at": outage.began_at,
        "ended_at": outage.ended_at,
        "duration_s": duration_s(outage, now),
        "cause": outage.final_cause,
    }


def _circuits(glimpse: Glimpse, outage: Outage) -> list[dict[str, Any]]:
    """Whom to call: about the circuit that was lost, or about all of the site."""
    found = circuit_records(glimpse.inventory, glimpse.states, outage.site)
    return [
        {column: each[column] for column in _CIRCUIT} for each in found if outage.circuit in (None, each["circuit"])
    ]


def _note(said: OutageNote) -> dict[str, Any]:
    return {
        "at": said.at,
        "author": said.author,
        "handling": said.handling,
        "cause": said.cause,
        "ticket": said.ticket,
        "text": said.text,
    }
