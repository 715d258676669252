"""Which time the windows of maintenance cover, and whom. Pure.

A window for a site, a unit or everything below a site covers sites and their circuits; one for a circuit or a carrier
covers those circuits alone.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wanmon.clock import LOCAL
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.model.inventory import Inventory
from wanmon.model.maintenance import Maintenance, Repeat, Scope

_STEPS = {Repeat.DAILY: timedelta(days=1), Repeat.WEEKLY: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Covered:
    """Whom a window covers: sites (with their circuits), or circuits alone; by code."""

    sites: frozenset[str] = frozenset()
    circuits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Windows:
    """The time under maintenance, by code: of sites with all that is theirs, and of circuits alone."""

    sites: Mapping[str, Intervals]
    circuits: Mapping[str, Intervals]

    def of_site(self, code: str) -> Intervals:
        """The time in which a site may be away."""
        return self.sites.get(code, NOTHING)

    def of_circuit(self, code: str) -> Intervals:
        """The time in which a circuit alone may be away, beside the windows of its site."""
        return self.circuits.get(code, NOTHING)


NO_WINDOWS = Windows({}, {})


def windows(rows: Iterable[Maintenance], inventory: Inventory, span: Span) -> Windows:
    """Who is under maintenance when, within `span`."""
    sites: dict[str, Intervals] = {}
    circuits: dict[str, Intervals] = {}
    for row in rows:
        time, whom = occurrences(row, span), covered(row, inventory)
        for held, codes in ((sites, whom.sites), (circuits, whom.circuits)):
            for code in codes:
                held[code] = held.get(code, NOTHING) | time
    return Windows(sites, circuits)


def was_announced(row: Maintenance) -> bool:
    """Whether a window was there when it began; one that was added afterwards changes a figure that people knew."""
    return row.created_at <= row.starts_at


def occurrences(row: Maintenance, span: Span) -> Intervals:
    """When a window holds within `span`, however often it comes round."""
    end_s = span.end_s if row.ended_at is None else min(span.end_s, row.ended_at.timestamp())
    return Intervals.of(_pairs(row, end_s)).clip(span.start_s, math.floor(end_s))


def covered(row: Maintenance, inventory: Inventory) -> Covered:
    """Whom a window covers in this inventory; nobody where its target is gone."""
    if row.scope is Scope.SITE:
        return Covered(sites=frozenset({row.target}) & inventory.sites.keys())
    if row.scope is Scope.BELOW:
        return Covered(sites=frozenset(_below(row.target, inventory)))
    if row.scope is Scope.UNIT:
        units = _units_within(row.target, inventory)
        return Covered(sites=frozenset(code for code, site in inventory.sites.items() if site.unit in units))
    of_carrier = row.scope is Scope.CARRIER
    circuits = (c.code for c in inventory.circuits.values() if row.target == (c.carrier if of_carrier else c.code))
    return Covered(circuits=frozenset(circuits))


def _pairs(row: Maintenance, until_s: float) -> Iterator[tuple[float, float]]:
    """The first window and those that follow, as long as they begin before `until_s`."""
    if row.ends_at is None:
        yield row.starts_at.timestamp(), until_s
        return
    length_s = (row.ends_at - row.starts_at).total_seconds()
    last_s = until_s if row.repeats_until is None else min(until_s, row.repeats_until.timestamp())
    for start in _starts(row):
        start_s = start.timestamp()
        if start_s >= last_s:
            return
        yield start_s, start_s + length_s


def _starts(row: Maintenance) -> Iterator[datetime]:
    """When it begins, by the local calendar; a month without that day has none."""
    first = row.starts_at.astimezone(LOCAL)
    yield first
    if row.repeats is Repeat.MONTHLY:
        yield from _monthly(first)
    elif row.repeats in _STEPS:
        start = first
        while True:
            start += _STEPS[row.repeats]
            yield start


def _monthly(first: datetime) -> Iterator[datetime]:
    month = first.year * 12 + first.month - 1
    while True:
        month += 1
        year, number = divmod(month, 12)
        try:
            yield first.replace(year=year, month=number + 1)
        except ValueError:
            continue


def _below(top: str, inventory: Inventory) -> set[str]:
    """A site and all whose every way to a hub leads through it."""
    if top not in inventory.sites:
        return set()
    below = {top}
    while True:
        more = {
            code
            for code, site in inventory.sites.items()
            if code not in below and site.parents and all(parent in below for parent in site.parents)
        }
        if not more:
            return below
        below |= more


def _units_within(top: str, inventory: Inventory) -> set[str]:
    within = {top} & inventory.units.keys()
    while True:
        more = {code for code, unit in inventory.units.items() if unit.parent in within} - within
        if not more:
            return within
        within |= more
