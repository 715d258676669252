"""One site on one screen: its state and why, its outage, who else is down, whom to call, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from wanmon.cli.frame import glimpse as glimpses
from wanmon.cli.frame.advice import about_site
from wanmon.cli.frame.causes import together_words
from wanmon.cli.frame.glimpse import Glimpse
from wanmon.cli.frame.in_force import maintenance_records
from wanmon.cli.frame.outage_view import path_records, paths_in_words, record, root_records
from wanmon.cli.frame.site_view import roots_of, site_record
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.model.change import Changeset
from wanmon.model.finding import SiteVerdict
from wanmon.model.inventory import Inventory
from wanmon.model.outage import Outage
from wanmon.model.path import OutagePath
from wanmon.store import inventory, outage_paths, outages, verdicts
from wanmon.store.search import find_site

#: What of an outage stands on the screen of its site.
_OUTAGE = (
    "id", "state", "began_at", "ended_at", "duration_s", "cause", "cause_text", "together", "ticket", "acknowledged_by",
    "acknowledged_at",
)  # fmt: skip
_VERDICT = ("verdict", "hop", "text", "since")
_CHANGE = ("at", "author", "command", "reason")
#: For people, to whom the time of the state tells when its outage began.
_FLAT = {
    "outage": ("id", "cause", "cause_text", "together", "ticket", "acknowledged_by", "acknowledged_at"),
    "last_outage": ("id", "state", "began_at", "ended_at", "duration_s", "cause", "cause_text", "together", "ticket"),
    "last_change": _CHANGE,
    "verdict": ("verdict", "text"),
}
#: What `site show` tells, and a screen has no room for.
_ELSEWHERE = {"kind", "unit", "latitude", "longitude", "activated_on", "retired_on", "is_serving"}
_CIRCUIT = ("circuit", "carrier_name", "hotline", "role", "state", "receive_bps", "transmit_bps", "interface")


@dataclass(frozen=True, slots=True)
class Closeup:
    """A glimpse of the province and, of one site, its last outage with its paths, its last change, and the verdict."""

    glimpse: Glimpse
    code: str
    last_outage: Outage | None
    last_change: Changeset | None
    paths: Sequence[OutagePath] = ()
    verdict: SiteVerdict | None = None


def look_at(here: Surroundings, text: str) -> Closeup:
    """Read all of the site that `text` means. Raises `NotFound` and `Ambiguous`."""
    with here.database.read() as session:
        seen = glimpses.read(session, here.clock.now())
        return _closeup(session, seen, find_site(seen.inventory, text).code)


def screen(closeup: Closeup) -> dict[str, Any]:
    """Everything about one site, in the order of its screen."""
    seen, code = closeup.glimpse, closeup.code
    base = site_record(seen.inventory, seen.states, code, seen.at)
    head = ("site", "name", "state", "since", "duration_s", "reason")
    open_one = seen.outages.get((code, None))
    return {
        **{name: base.pop(name) for name in head},
        "verdict": _verdict(closeup.verdict),
        "root_causes": root_records(seen, roots_of(seen.states, code)),
        "outage": _outage(seen, open_one),
        "last_outage": None if open_one else _outage(seen, closeup.last_outage),
        "paths": path_records(seen, closeup.paths) if open_one else [],
        "maintenance": maintenance_records(seen, code),
        "next_step": about_site(seen, code),
        "last_change": _change(closeup.last_change),
        **base,
        "circuits": [{**each, **_circuit(closeup, each["circuit"])} for each in base["circuits"]],
        "is_serving": seen.service.is_running,
    }


def in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same for people and spreadsheets: each value a line of its own, and no more than fits."""
    words: dict[str, Any] = {}
    for name, value in told.items():
        if name in _FLAT:
            words |= {_flat(name, column): _in_words(value, column) for column in _FLAT[name]}
        elif name == "circuits":
            words[name] = [_circuit_in_words(each) for each in value]
        elif name == "paths":
            words[name] = paths_in_words(value)
        elif name not in _ELSEWHERE:
            words[name] = value
    return words


def _closeup(session: Session, seen: Glimpse, code: str) -> Closeup:
    newest = outages.listed(session, site=code, only_sites=True, limit=1)
    change = inventory.last_changeset(session, _keys_of(seen.inventory, code))
    paths = outage_paths.of_outage(session, newest[0].id or 0) if newest else []
    return Closeup(seen, code, newest[0] if newest else None, change, paths, verdicts.of(session, code))


def _keys_of(rows: Inventory, code: str) -> dict[str, list[str]]:
    """The rows of the inventory that make up a site, by noun."""
    return {
        "site": [code],
        "device": [device.name for device in rows.devices.values() if device.site == code],
        "circuit": [circuit.code for circuit in rows.circuits.values() if circuit.site == code],
    }


def _outage(seen: Glimpse, outage: Outage | None) -> dict[str, Any] | None:
    if outage is None:
        return None
    told = record(seen.inventory, outage, seen.at)
    return {name: told[name] for name in _OUTAGE}


def _verdict(held: SiteVerdict | None) -> dict[str, Any] | None:
    return None if held is None else {name: getattr(held, name) for name in _VERDICT}


def _change(changeset: Changeset | None) -> dict[str, Any] | None:
    return None if changeset is None else {name: getattr(changeset, name) for name in _CHANGE}


def _circuit(closeup: Closeup, code: str) -> dict[str, Any]:
    """The state of a circuit; the only one of its site has no other than the site itself."""
    seen = closeup.glimpse
    held: Any = seen.states.circuits.get(code)
    if held is None and len(_keys_of(seen.inventory, closeup.code)["circuit"]) == 1:
        held = seen.states.sites.get(closeup.code)
    outage = seen.outages.get((closeup.code, code))
    return {
        "state": held.state if held else None,
        "since": held.since if held else None,
        "outage": outage.id if outage else None,
    }


def _flat(name: str, column: str) -> str:
    return name if name == column else f"{name}_{column}"


def _in_words(value: Mapping[str, Any] | None, column: str) -> Any:
    if value is None:
        return None
    return ", ".join(together_words(value[column])) if column == "together" else value[column]


def _circuit_in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    others = f"{told['siblings_down']} of {told['sibling_count']} down"
    others += f", {told['siblings_unreachable']} cut off" if told["siblings_unreachable"] else ""
    return {**{column: told[column] for column in _CIRCUIT}, "others on carrier": others}
