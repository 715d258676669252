"""The availability of every site and circuit in a span, and the sums of units and carriers. Pure.

Sums are of seconds, never means of shares. Planned sites count nowhere, and a circuit counts while its contract runs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from wanmon.health.availability import EXCUSED, LEAST_COVERAGE, Tally, Terms, circuit_tally, site_tally
from wanmon.health.history import Run, with_gaps
from wanmon.health.intervals import Intervals, Span
from wanmon.health.maintenance import Windows, was_announced, windows
from wanmon.health.period import lifetime, service_time
from wanmon.model.carrier import CircuitFields
from wanmon.model.cause import Cause
from wanmon.model.hours import parse_week
from wanmon.model.inventory import Inventory
from wanmon.model.maintenance import Maintenance
from wanmon.model.site import SiteStatus
from wanmon.model.state import State

_DAY = timedelta(days=1)
_NOTHING_KNOWN = Tally(dict.fromkeys(State, 0), 0, 0, 0)


class Verdict(StrEnum):
    """What a figure says of its target."""

    MET = "met"
    MISSED = "missed"
    INSUFFICIENT = "insufficient data"
    NO_DATA = "no data"


class Evidence(StrEnum):
    """What speaks for a circuit: a history of its own, that of a site which has no other circuit, or nothing."""

    OWN = "own"
    SITE = "site"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Past:
    """What is recorded of a span up to now.

    `sites` are the histories by site, `circuits` those that circuits have of their own; in `gaps` nobody watched.
    `windows` are the rows of maintenance that may touch the span.
    """

    span: Span
    now_s: float
    sites: Mapping[str, Sequence[Run]]
    circuits: Mapping[str, Sequence[Run]]
    gaps: Intervals
    windows: Sequence[Maintenance] = ()


@dataclass(frozen=True, slots=True)
class SiteFigure:
    """The figure of a site, and what it is made of. `target` is a share; the figure is `tally.share`."""

    site: str
    target: float
    tally: Tally
    runs: Sequence[Run]
    terms: Terms

    @property
    def verdict(self) -> Verdict:
        """Whether the site was there as much as its class demands."""
        return judged(self.tally.share, self.tally.coverage, self.target)


@dataclass(frozen=True, slots=True)
class CircuitFigure:
    """The figures of a circuit, and what they are made of; nothing is tallied where nothing speaks for it.

    The share of its time is `tally.share`, what the carrier can be charged with `tally.chargeable_share`.
    """

    circuit: str
    site: str
    carrier: str
    target: float
    evidence: Evidence
    tally: Tally
    runs: Sequence[Run]
    terms: Terms

    @property
    def verdict(self) -> Verdict:
        """Whether the carrier kept to the contract."""
        return judged(self.tally.chargeable_share, self.tally.coverage, self.target)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a span by code: of the sites that count in it, and of their circuits."""

    sites: Mapping[str, SiteFigure]
    circuits: Mapping[str, CircuitFigure]


def figures(inventory: Inventory, past: Past) -> Figures:
    """The figures of all that counts within the span."""
    held = windows((row for row in past.windows if row.excludes), inventory, past.span)
    sites = {figure.site: figure for figure in _site_figures(inventory, past, held)}
    return Figures(sites, {figure.circuit: figure for figure in _circuit_figures(inventory, past, held, sites)})


def without_late_windows(past: Past) -> Past:
    """What was recorded but for the windows that were added after they had begun."""
    return replace(past, windows=tuple(row for row in past.windows if was_announced(row)))


def judged(share: float | None, coverage: float | None, target: float) -> Verdict:
    """The verdict on a share of the known time; none is drawn where too little is known."""
    if share is None or coverage is None:
        return Verdict.NO_DATA
    if coverage < LEAST_COVERAGE:
        return Verdict.INSUFFICIENT
    return Verdict.MET if share >= target else Verdict.MISSED


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum, whose shares are those of all the seconds together."""
    parts = tuple(tallies)
    return Tally(
        {state: sum(part.seconds[state] for part in parts) for state in State},
        sum(part.down_s for part in parts),
        sum(part.excused_s for part in parts),
        sum(part.outages for part in parts),
    )


def _site_figures(inventory: Inventory, past: Past, held: Windows) -> Iterator[SiteFigure]:
    service = _service_times(inventory, past.span)
    for code, site in inventory.sites.items():
        active = lifetime(site.status, site.activated_on, site.retired_on, past.span)
        if not active:
            continue
        terms = Terms(past.span, past.now_s, active, service[site.site_class], held.of_site(code))
        runs = with_gaps(past.sites.get(code, ()), past.gaps)
        target = inventory.classes[site.site_class].availability_target
        yield SiteFigure(code, target, site_tally(runs, terms), runs, terms)


def _circuit_figures(
    inventory: Inventory, past: Past, held: Windows, sites: Mapping[str, SiteFigure]
) -> Iterator[CircuitFigure]:
    for circuits in _by_site(inventory).values():
        terms = {
            circuit.code: _circuit_terms(circuit, sites[circuit.site].terms, held)
            for circuit in circuits
            if circuit.site in sites
        }
        for circuit in circuits:
            if circuit.code in terms and terms[circuit.code].active:
                others = [each.active for code, each in terms.items() if code != circuit.code]
                yield _circuit_figure(circuit, terms[circuit.code], others, past, sites[circuit.site].runs)


def _circuit_figure(
    circuit: CircuitFields, terms: Terms, others: Iterable[Intervals], past: Past, of_site: Sequence[Run]
) -> CircuitFigure:
    """A circuit without a history of its own has that of its site, unless another one carried traffic at that time."""
    runs: Sequence[Run] = ()
    evidence = Evidence.NONE
    if circuit.code in past.circuits:
        evidence, runs = Evidence.OWN, with_gaps(past.circuits[circuit.code], past.gaps)
    elif not any(terms.active & other for other in others):
        evidence, runs = Evidence.SITE, of_site
    tally = _NOTHING_KNOWN if evidence is Evidence.NONE else circuit_tally(runs, terms)
    return CircuitFigure(
        circuit.code, circuit.site, circuit.carrier, circuit.availability_target, evidence, tally, runs, terms
    )


def _circuit_terms(circuit: CircuitFields, of_site: Terms, held: Windows) -> Terms:
    """Those of its site, for the time of its contract."""
    past_last = circuit.ends_on + _DAY if circuit.ends_on else None
    contract = lifetime(SiteStatus.ACTIVE, circuit.starts_on, past_last, of_site.period)
    return replace(
        of_site,
        active=of_site.active & contract,
        circuit_windows=held.of_circuit(circuit.code),
        excused=frozenset(map(Cause, circuit.excused.split(","))) if circuit.excused else EXCUSED,
    )


def _service_times(inventory: Inventory, span: Span) -> dict[str, Intervals]:
    """When service is due, by class; classes with the same hours share the work."""
    holidays = {holiday.on for holiday in inventory.holidays.values()}
    texts = {site_class.service_hours for site_class in inventory.classes.values()}
    times = {text: service_time(parse_week(text), holidays, span) for text in texts}
    return {code: times[site_class.service_hours] for code, site_class in inventory.classes.items()}


def _by_site(inventory: Inventory) -> dict[str, list[CircuitFields]]:
    groups: dict[str, list[CircuitFields]] = {}
    for circuit in inventory.circuits.values():
        groups.setdefault(circuit.site, []).append(circuit)
    return groups
