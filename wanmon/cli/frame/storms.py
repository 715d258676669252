"""Storms: sites that are unreachable under the sites that cut them off, so that many read as one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.glimpse import Glimpse
from wanmon.cli.frame.site_view import state_of
from wanmon.model.site import SiteStatus

Record = dict[str, Any]


def root_causes(glimpse: Glimpse, records: Sequence[Record]) -> list[Record]:
    """The sites that cut others off, with how many active ones each cuts off; the worst first."""
    counts = Counter(root for record in filter(_is_cut_off, records) for root in record["root_cause"])
    return [
        {
            "site": root,
            "name": _name(glimpse, root),
            "state": state_of(glimpse.states, root, glimpse.at)["state"],
            "cut_off_count": count,
        }
        for root, count in counts.most_common()
    ]


def lines(glimpse: Glimpse, records: Sequence[Record], *, are_folded: bool) -> list[Record]:
    """The records as lines of a table: those that are cut off right under the first of their roots; folded, as one."""
    storms: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in filter(_is_cut_off, records):
        storms[tuple(record["root_cause"])].append(record)
    placed = _placed(glimpse, records, storms, are_folded=are_folded)
    return [{**record, "is_in_maintenance": "yes" if record["is_in_maintenance"] else ""} for record in placed]


def _placed(
    glimpse: Glimpse, records: Sequence[Record], storms: dict[tuple[str, ...], list[Record]], *, are_folded: bool
) -> Iterator[Record]:
    listed = {record["site"] for record in records if record["status"] is SiteStatus.ACTIVE and not _is_cut_off(record)}
    for record in records:
        if not _is_cut_off(record):
            yield record
            places = [roots for roots in storms if roots[0] == record["site"]]
        else:
            places = [tuple(record["root_cause"])] if record["root_cause"][0] not in listed else []
        for roots in places:
            members = storms.pop(roots, [])
            yield from [_folded(glimpse, roots, members)] if are_folded and len(members) > 1 else members


def _folded(glimpse: Glimpse, roots: Sequence[str], members: Sequence[Record]) -> Record:
    """Many sites that are cut off as one line."""
    names = " and ".join(_name(glimpse, root) for root in roots)
    return {
        **dict.fromkeys(members[0], ""),
        "site": number(len(members), "site"),
        "name": f"cut off by {names}",
        "state": members[0]["state"],
        "since": min(member["since"] for member in members),
        "status": members[0]["status"],
        "root_cause": list(roots),
    }


def _is_cut_off(record: Record) -> bool:
    return bool(record["root_cause"]) and record["status"] is SiteStatus.ACTIVE


def _name(glimpse: Glimpse, code: str) -> str:
    site = glimpse.inventory.sites.get(code)
    return site.name if site else code
