"""Figures of availability as records: sites and the sums of units, circuits and the sums of carriers. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from wanmon.cli.frame.amounts import instant, number
from wanmon.cli.frame.sla import Report
from wanmon.cli.frame.sla_lines import Chosen, Line, circuit_lines, site_lines, together
from wanmon.health.figures import Evidence, judged
from wanmon.model.inventory import units_within
from wanmon.model.state import State

Record = dict[str, Any]

#: How many circuits a remark names.
_NAMED = 5

SITE_COLUMNS = (
    "site", "name", "unit", "availability_ratio", "coverage_ratio", "down_s", "outages", "mttr_s", "mtbf_s",
    "target_ratio", "verdict", "availability_before_late_windows_ratio", "late_windows_by",
    "restated_availability_ratio", "up_s", "unknown_s", "expected_s",
)  # fmt: skip
CIRCUIT_COLUMNS = (
    "circuit", "site", "carrier", "evidence", "availability_ratio", "chargeable_availability_ratio", "coverage_ratio",
    "down_s", "excused_s", "outages", "mttr_s", "mtbf_s", "target_ratio", "verdict",
    "availability_before_late_windows_ratio", "chargeable_before_late_windows_ratio", "late_windows_by",
    "restated_availability_ratio", "restated_chargeable_ratio", "up_s", "unreachable_s", "unknown_s", "expected_s",
)  # fmt: skip
_SUMS = (
    "availability_ratio", "coverage_ratio", "down_s", "outages", "mttr_s", "mtbf_s",
    "availability_before_late_windows_ratio", "late_windows_by", "restated_availability_ratio",
    "up_s", "unknown_s", "expected_s",
)  # fmt: skip
UNIT_COLUMNS = ("unit", "name", "site_count", *_SUMS)
CARRIER_COLUMNS = (
    "carrier", "name", "circuit_count", "no_data_count", "availability_ratio", "chargeable_availability_ratio",
    "coverage_ratio", "down_s", "excused_s", "outages", "mttr_s", "mtbf_s", "availability_before_late_windows_ratio",
    "chargeable_before_late_windows_ratio", "late_windows_by", "restated_availability_ratio",
    "restated_chargeable_ratio", "up_s", "unreachable_s", "unknown_s", "expected_s",
)  # fmt: skip
#: Columns that are shown to people only where anything stands in them.
_SELDOM = frozenset(
    column for column in (*SITE_COLUMNS, *CIRCUIT_COLUMNS) if "late_windows" in column or "restated" in column
)
#: Columns that are for programs alone, unless they come first.
_PLAIN = frozenset({"unit", "evidence", "up_s", "unreachable_s", "unknown_s", "expected_s"})


class Section(NamedTuple):
    """Records of one kind, with the columns that programs get."""

    name: str
    columns: Sequence[str]
    records: list[Record]


def sections(report: Report, wanted: Chosen) -> list[Section]:
    """Sites and the sums of units, circuits and the sums of carriers: those that were asked for."""
    sites = site_lines(report, wanted) if wanted.has_sites else []
    circuits = circuit_lines(report, wanted) if wanted.has_circuits else []
    has_sums = wanted.site is None
    return [
        Section("sites", SITE_COLUMNS, _site_records(report, sites)),
        Section("units", UNIT_COLUMNS, _unit_records(report, sites, wanted.unit) if has_sums else []),
        Section("circuits", CIRCUIT_COLUMNS, _circuit_records(report, circuits)),
        Section("carriers", CARRIER_COLUMNS, _carrier_records(report, circuits) if has_sums else []),
    ]


def heading_record(report: Report) -> Record:
    """What a report is of, and how fresh, for programs."""
    start, end = (datetime.fromtimestamp(second, UTC) for second in report.period.span)
    closing = report.closing and {
        "at": report.closing.closed_at,
        "author": report.closing.author,
        "reason": report.closing.reason,
        "times": report.closing.times,
    }
    heading = {"period": report.period.name, "from": start, "to": end, "as_of": report.at, "is_over": report.is_over}
    return {**heading, "closed": closing}


def table_columns(records: Sequence[Record], columns: Sequence[str]) -> list[str]:
    """What a table of these records shows; the first column is what they are."""
    first, *others = columns
    empty = {column for column in _SELDOM & set(others) if all(record[column] in (None, []) for record in records)}
    return [first, *(column for column in others if column not in _PLAIN | empty)]


def headline(report: Report) -> str:
    """`2026-02, closed 2026-03-02 08:00:00 by lan`, or how far the period has come."""
    closing, name = report.closing, report.period.name
    if closing:
        again = f", for the {closing.times}. time" if closing.times > 1 else ""
        reason = f": {closing.reason}" if closing.reason else ""
        return f"{name}, closed {instant(closing.closed_at)} by {closing.author}{again}{reason}"
    return name if report.is_over else f"{name} so far, up to {instant(report.at)}"


def left_out(report: Report) -> str:
    """Which circuits are missing, in words; empty where none are."""
    missing = [
        circuit.code
        for circuit in report.inventory.circuits.values()
        if circuit.site in report.present.sites and circuit.code not in report.present.circuits
    ]
    if not missing:
        return ""
    named = ", ".join(missing[:_NAMED]) + (", …" if len(missing) > _NAMED else "")
    return (
        f"{number(len(missing), 'circuit')} left out, whose contract does not reach into {report.period.name}: {named}"
    )


def _site_records(report: Report, lines: Sequence[Line]) -> list[Record]:
    """A record for each site, by code; a name only while the site is in the inventory."""
    sites = report.inventory.sites
    return [
        {
            "site": line.code,
            "name": sites[line.code].name if line.code in sites else "",
            "unit": sites[line.code].unit if line.code in sites else "",
            **_of_site(line),
            "target_ratio": line.target,
            "verdict": judged(line.tally.share, line.tally.coverage, line.target),
        }
        for line in lines
    ]


def _unit_records(report: Report, lines: Sequence[Line], within: str | None) -> list[Record]:
    """The sums of every unit (of those within one, where told) that has several of the sites, the greatest first."""
    units = report.inventory.units
    sites = report.inventory.sites
    records = []
    for code in units_within(report.inventory, within) if within else units:
        inner = units_within(report.inventory, code)
        own = [line for line in lines if line.code in sites and sites[line.code].unit in inner]
        if len(own) > 1 or (own and code == within):
            record = {"unit": code, "name": units[code].name, "site_count": len(own)}
            records.append({**record, **_of_site(together(code, own))})
    return sorted(records, key=lambda record: (-record["site_count"], record["unit"]))


def _circuit_records(report: Report, lines: Sequence[Line]) -> list[Record]:
    """A record for each circuit, by code."""
    circuits = report.inventory.circuits
    return [
        {
            "circuit": line.code,
            "site": line.site,
            "carrier": circuits[line.code].carrier if line.code in circuits else "",
            "evidence": _evidence(report, line.code),
            **_of_circuit(line),
            "target_ratio": line.target,
            "verdict": judged(line.tally.chargeable_share, line.tally.coverage, line.target),
        }
        for line in lines
    ]


def _carrier_records(report: Report, lines: Sequence[Line]) -> list[Record]:
    """The sums of every carrier that has any of the circuits, and how many of them nothing speaks for."""
    circuits = report.inventory.circuits
    records = []
    for code, carrier in report.inventory.carriers.items():
        own = [line for line in lines if line.code in circuits and circuits[line.code].carrier == code]
        if own:
            silent = sum(line.tally.expected_s == 0 for line in own)
            record = {"carrier": code, "name": carrier.name, "circuit_count": len(own), "no_data_count": silent}
            records.append({**record, **_of_circuit(together(code, own))})
    return records


def _of_site(line: Line) -> Record:
    return {
        **_of_any(line),
        "availability_before_late_windows_ratio": line.before and line.before.share,
        "restated_availability_ratio": line.restated and line.restated.share,
    }


def _of_circuit(line: Line) -> Record:
    return {
        **_of_site(line),
        "chargeable_availability_ratio": line.tally.chargeable_share,
        "excused_s": line.tally.excused_s if line.tally.expected_s else None,
        "unreachable_s": line.tally.seconds[State.UNREACHABLE],
        "chargeable_before_late_windows_ratio": line.before and line.before.chargeable_share,
        "restated_chargeable_ratio": line.restated and line.restated.chargeable_share,
    }


def _of_any(line: Line) -> Record:
    """Nothing that counts is no data: not a second down, but none up either."""
    tally = line.tally
    has_data = tally.expected_s > 0
    return {
        "availability_ratio": tally.share,
        "coverage_ratio": tally.coverage,
        "down_s": tally.down_s if has_data else None,
        "outages": tally.outages if has_data else None,
        "mttr_s": tally.mttr_s,
        "mtbf_s": tally.mtbf_s,
        "late_windows_by": list(line.authors),
        "up_s": tally.up_s,
        "unknown_s": tally.seconds[State.UNKNOWN],
        "expected_s": tally.expected_s,
    }


def _evidence(report: Report, circuit: str) -> Evidence:
    figure = report.present.circuits.get(circuit)
    return figure.evidence if figure else Evidence.NONE
