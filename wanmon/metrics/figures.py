"""The lines of the live figures: how available sites and circuits are this month, and were in the last one.

They are reckoned from rows, never from samples, now and then and beside the scrapes.
"""

import math
from collections.abc import Iterator, Mapping

from wanmon.health.figures import CircuitFigure, Figures, SiteFigure
from wanmon.metrics.lines import encoded, sample
from wanmon.metrics.site import Line


def lines(figures: Mapping[str, Figures]) -> dict[str, bytes]:
    """The lines by family; `figures` by the period's name as the label has it: this_month, last_month."""
    found: dict[str, list[str]] = {}
    for period, each in figures.items():
        for name, line in _of_period(period, each):
            found.setdefault(name, []).append(line)
    return encoded({name: "".join(texts) for name, texts in found.items()})


def _of_period(period: str, figures: Figures) -> Iterator[Line]:
    for site in figures.sites.values():
        yield from _site(site, period)
    for circuit in figures.circuits.values():
        yield from _circuit(circuit, period)


def _site(figure: SiteFigure, period: str) -> Iterator[Line]:
    values = {
        "wanmon_site_availability_ratio": figure.tally.share,
        "wanmon_site_coverage_ratio": figure.tally.coverage,
        "wanmon_site_availability_target_ratio": figure.target,
    }
    for name, value in values.items():
        yield name, sample(name, (figure.site, period), _told(value))


def _circuit(figure: CircuitFigure, period: str) -> Iterator[Line]:
    values = {
        "wanmon_circuit_availability_ratio": figure.tally.share,
        "wanmon_circuit_chargeable_availability_ratio": figure.tally.chargeable_share,
        "wanmon_circuit_coverage_ratio": figure.tally.coverage,
        "wanmon_circuit_availability_target_ratio": figure.target,
    }
    for name, value in values.items():
        yield name, sample(name, (figure.site, figure.circuit, period), _told(value))


def _told(share: float | None) -> float:
    """No data is neither 0 nor 1."""
    return math.nan if share is None else share
