"""The lines of a report of availability: which sites and circuits are asked for, and what is said of each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from wanmon.cli.frame.choosing import find
from wanmon.cli.frame.sla import Report
from wanmon.errors import UsageError
from wanmon.health.availability import Measure, Tally
from wanmon.health.figures import CircuitFigure, SiteFigure, total
from wanmon.model.inventory import NOUN, Inventory, units_within
from wanmon.model.state import State
from wanmon.store.closed import Frozen

Figure = TypeVar("Figure", SiteFigure, CircuitFigure)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which part of a report is asked for: one site, the sites of a unit, the circuits of a carrier, or all."""

    site: str | None = None
    unit: str | None = None
    carrier: str | None = None
    measure: Measure | None = None

    @property
    def has_sites(self) -> bool:
        """Whether sites are listed: a carrier answers for circuits alone."""
        return self.measure is Measure.SITE or (self.measure is None and self.carrier is None)

    @property
    def has_circuits(self) -> bool:
        """Whether circuits are listed."""
        return self.measure is not Measure.SITE


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of a site, a circuit, or several together.

    `tally` is the closed one where the month is closed, and `restated` the present one where that differs. `before` is
    the present one without windows added afterwards, where they change its shares; `authors` added them.
    """

    code: str
    site: str
    tally: Tally
    target: float
    restated: Tally | None = None
    before: Tally | None = None
    authors: tuple[str, ...] = ()

    @property
    def present(self) -> Tally:
        """What is known now."""
        return self.restated or self.tally


def chosen(
    inventory: Inventory, *, site: str | None, unit: str | None, carrier: str | None, measure: Measure | None
) -> Chosen:
    """What was asked for, by code. Raises `UsageError`, and `NotFound` or `Ambiguous` for what is not there."""
    wanted = {name: text for name, text in (("site", site), ("unit", unit), ("carrier", carrier)) if text is not None}
    if len(wanted) > 1:
        raise UsageError(
            f"give one of --site, --unit and --carrier, not {' and '.join(f'--{name}' for name in wanted)}"
        )
    if carrier is not None and measure is Measure.SITE:
        raise UsageError("a carrier answers for circuits: leave out --measure, or ask for --measure chargeable")
    return Chosen(**{name: find(inventory, NOUN[name], text) for name, text in wanted.items()}, measure=measure)


def counts(report: Report, site: str) -> bool:
    """Whether there is anything to say of a site in the period."""
    return site in report.present.sites or (report.closing is not None and site in report.closing.sites)


def site_lines(report: Report, wanted: Chosen) -> list[Line]:
    """A line for each site asked for that counts, or did when the month was closed."""
    closed = report.closing.sites if report.closing else None
    lines = _lines(report, report.present.sites, report.before.sites, closed)
    return [line for line in lines if _is_wanted(line.code, report.inventory, wanted)]


def circuit_lines(report: Report, wanted: Chosen) -> list[Line]:
    """A line for each circuit asked for."""
    closed = report.closing.circuits if report.closing else None
    lines = _lines(report, report.present.circuits, report.before.circuits, closed)
    circuits = report.inventory.circuits
    return [
        line
        for line in lines
        if _is_wanted(line.site, report.inventory, wanted)
        and (wanted.carrier is None or (line.code in circuits and circuits[line.code].carrier == wanted.carrier))
    ]


def together(code: str, lines: Sequence[Line]) -> Line:
    """One line for several: the seconds of all."""
    return Line(
        code,
        "",
        total(line.tally for line in lines),
        0.0,
        total(line.present for line in lines) if any(line.restated for line in lines) else None,
        total(line.before or line.present for line in lines) if any(line.before for line in lines) else None,
        tuple(dict.fromkeys(author for line in lines for author in line.authors)),
    )


def _is_wanted(site: str, inventory: Inventory, wanted: Chosen) -> bool:
    if wanted.unit is None:
        return wanted.site in (None, site)
    return site in inventory.sites and inventory.sites[site].unit in units_within(inventory, wanted.unit)


def _lines(
    report: Report, present: Mapping[str, Figure], before: Mapping[str, Figure], closed: Mapping[str, Frozen] | None
) -> list[Line]:
    if closed is None:
        return [_with_late(report, _line(figure, code), before[code]) for code, figure in sorted(present.items())]
    return [
        _with_late(report, _closed_line(code, present.get(code), closed.get(code)), before.get(code))
        for code in sorted(present.keys() | closed.keys())
    ]


def _line(figure: SiteFigure | CircuitFigure | Frozen, code: str) -> Line:
    return Line(code, figure.site, figure.tally, figure.target)


def _closed_line(code: str, present: SiteFigure | CircuitFigure | None, frozen: Frozen | None) -> Line:
    """What was frozen: nothing, where the site began to count afterwards."""
    if frozen is None:
        assert present is not None
        return replace(_line(present, code), tally=total(()), restated=present.tally)
    line = _line(frozen, code)
    if present is None or _kept(present, present.tally) == _kept(present, frozen.tally):
        return line
    return replace(line, restated=present.tally)


def _with_late(report: Report, line: Line, before: SiteFigure | CircuitFigure | None) -> Line:
    if before is None or _shares(before.tally) == _shares(line.present):
        return line
    authors = [row.author for row, whom in report.late if line.site in whom.sites or line.code in whom.circuits]
    return replace(line, before=before.tally, authors=tuple(dict.fromkeys(authors)))


def _shares(tally: Tally) -> tuple[float | None, float | None]:
    return tally.share, tally.chargeable_share


def _kept(figure: SiteFigure | CircuitFigure, tally: Tally) -> tuple[int, ...]:
    """What a closed month keeps of a tally; of a site nothing is excused."""
    unknown_s, unreachable_s = tally.seconds[State.UNKNOWN], tally.seconds[State.UNREACHABLE]
    excused_s = tally.excused_s if isinstance(figure, CircuitFigure) else 0
    return tally.up_s, tally.down_s, excused_s, unknown_s, unreachable_s, tally.outages
