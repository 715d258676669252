"""Which time the windows of maintenance cover, and whom. Pure.

A window for a site, a unit or everything below a site covers sites and their circuits; one for a circuit or a carrier
covers those circuits alone.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, takewhile

from wanmon.clock import LOCAL
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.health.reach import cut_off
from wanmon.model.inventory import Inventory, units_within
from wanmon.model.maintenance import Maintenance, Repeat, Scope

_STEPS = {Repeat.DAILY: timedelta(days=1), Repeat.WEEKLY: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a window comes round; without an end it holds until somebody ends it."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Covered:
    """Whom a window covers: sites (with their circuits), or circuits alone; by code."""

    sites: frozenset[str] = frozenset()
    circuits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Windows:
    """The time under maintenance, by code: of sites with all that is theirs, and of circuits alone.

    From `until_s` on nothing is known: a window that reaches so far may go on.
    """

    sites: Mapping[str, Intervals]
    circuits: Mapping[str, Intervals]
    until_s: float = math.inf

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
        time = occurrences(row, span)
        if not time:
            continue
        whom = covered(row, inventory)
        for held, codes in ((sites, whom.sites), (circuits, whom.circuits)):
            for code in codes:
                held[code] = held.get(code, NOTHING) | time
    return Windows(sites, circuits, span.end_s)


def was_announced(row: Maintenance) -> bool:
    """Whether a window was there when it began; one that was added afterwards changes a figure that people knew."""
    return row.created_at <= row.starts_at


def occurrences(row: Maintenance, span: Span) -> Intervals:
    """When a window holds within `span`, however often it comes round."""
    since = datetime.fromtimestamp(span.start_s, LOCAL)
    begun = takewhile(lambda each: each.starts_at.timestamp() < span.end_s, _each(row, since))
    pairs = ((each.starts_at.timestamp(), each.ends_at.timestamp() if each.ends_at else span.end_s) for each in begun)
    return Intervals.of(pairs).clip(*span)


def present_or_next(row: Maintenance, now: datetime) -> Occurrence | None:
    """The time that a window holds at `now`, or else the next to come; none where it never will again."""
    return next((each for each in _each(row, now) if each.ends_at is None or each.ends_at > now), None)


def covered(row: Maintenance, inventory: Inventory) -> Covered:
    """Whom a window covers in this inventory; nobody where its target is gone."""
    if row.scope in _SITES:
        return Covered(sites=frozenset(_SITES[row.scope](row.target, inventory)))
    return Covered(circuits=frozenset(_CIRCUITS[row.scope](row.target, inventory)))


def _each(row: Maintenance, since: datetime) -> Iterator[Occurrence]:
    """Every time that a window comes round, in order, without most of those that were over at `since`."""
    lasts = None if row.ends_at is None else row.ends_at - row.starts_at
    limits = [limit for limit in (row.repeats_until, row.ended_at) if limit is not None]
    for start in takewhile(lambda start: all(start < limit for limit in limits), _starts(row, since)):
        end = None if lasts is None else start + lasts
        yield Occurrence(start, row.ended_at if end is None else min(end, row.ended_at or end))


def _starts(row: Maintenance, since: datetime) -> Iterator[datetime]:
    """When it begins, by the local calendar: years of nights need not be counted to find the next."""
    first = row.starts_at.astimezone(LOCAL)
    if row.repeats is Repeat.ONCE or row.ends_at is None:
        return iter((first,))
    if row.repeats is Repeat.MONTHLY:
        return _monthly(first)
    step = _STEPS[row.repeats]
    over = max(0, (since - row.ends_at) // step)
    return (first + number * step for number in count(over))


def _monthly(first: datetime) -> Iterator[datetime]:
    """The same day and hour of each month; a month without that day has none."""
    for month in count(first.year * 12 + first.month - 1):
        year, number = divmod(month, 12)
        try:
            yield first.replace(year=year, month=number + 1)
        except ValueError:
            continue


def _below(top: str, inventory: Inventory) -> Iterable[str]:
    """A site and all whose every way to a hub leads through it."""
    parents = {code: site.parents for code, site in inventory.sites.items()}
    return cut_off(parents, top) | {top} if top in parents else ()


def _in_unit(unit: str, inventory: Inventory) -> Iterable[str]:
    units = units_within(inventory, unit)
    return (code for code, site in inventory.sites.items() if site.unit in units)


def _of_carrier(carrier: str, inventory: Inventory) -> Iterable[str]:
    return (code for code, circuit in inventory.circuits.items() if circuit.carrier == carrier)


_Members = Callable[[str, Inventory], Iterable[str]]
#: The sites of a target, by scope.
_SITES: Mapping[Scope, _Members] = {
    Scope.SITE: lambda site, inventory: {site} & inventory.sites.keys(),
    Scope.BELOW: _below,
    Scope.UNIT: _in_unit,
}
#: The circuits of a target, by scope.
_CIRCUITS: Mapping[Scope, _Members] = {
    Scope.CIRCUIT: lambda circuit, inventory: {circuit} & inventory.circuits.keys(),
    Scope.CARRIER: _of_carrier,
}
