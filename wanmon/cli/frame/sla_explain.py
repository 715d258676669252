"""A figure of availability taken apart: every stretch of its period, what it counts as and why, and the sum. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wanmon.cli.frame.amounts import instant, percent
from wanmon.cli.frame.choosing import find
from wanmon.cli.frame.sla import Report
from wanmon.cli.frame.sla_lines import Chosen, Line, circuit_lines, site_lines
from wanmon.cli.frame.sla_view import heading_record
from wanmon.errors import NoData, UsageError
from wanmon.health.availability import Counted, Measure, Piece, Tally, explain
from wanmon.health.figures import CircuitFigure, Evidence, SiteFigure, judged
from wanmon.health.intervals import Span
from wanmon.health.maintenance import covered, occurrences, was_announced
from wanmon.model.cause import Cause
from wanmon.model.inventory import NOUN
from wanmon.model.site import SiteStatus
from wanmon.model.state import State

PIECE_COLUMNS = ("from", "to", "duration_s", "state", "cause", "counted", "note")
PIECE_TABLE = ("from", "to", "seconds", "state", "cause", "counted", "note")
SUM_TABLE = ("counted", "seconds", "duration_s")
_EXPECTED = (Counted.UP, Counted.DOWN, Counted.UNKNOWN, Counted.UNREACHABLE, Counted.EXCUSED)
_WINDOWS = (Counted.MAINTENANCE, Counted.CIRCUIT_MAINTENANCE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure and its pieces; `line` is what the report says of it."""

    report: Report
    measure: Measure
    figure: SiteFigure | CircuitFigure
    line: Line
    pieces: Sequence[Piece]

    @property
    def seconds(self) -> dict[Counted, int]:
        """How many seconds count as what."""
        sums = dict.fromkeys(Counted, 0)
        for piece in self.pieces:
            sums[piece.counted] += piece.end_s - piece.start_s
        return sums

    def share(self, tally: Tally) -> float | None:
        """The share of a tally that is explained."""
        return tally.chargeable_share if self.measure is Measure.CHARGEABLE else tally.share


def explained(report: Report, text: str, measure: Measure) -> Explanation:
    """The figure of the site that `text` means, or of its circuit, taken apart.

    Raises `NoData` where there is no figure, `UsageError` for one circuit of several that is not named.
    """
    site = find(report.inventory, NOUN["site"], text)
    if site not in report.present.sites:
        raise does_not_count(report, site)
    figure: SiteFigure | CircuitFigure = report.present.sites[site]
    if measure is not Measure.SITE:
        figure = report.present.circuits[_circuit(report, site, text)]
    code = figure.circuit if isinstance(figure, CircuitFigure) else site
    lines = site_lines if measure is Measure.SITE else circuit_lines
    (line,) = (line for line in lines(report, Chosen(site=site)) if line.code == code)
    explanation = Explanation(report, measure, figure, line, explain(figure.runs, figure.terms, measure))
    if explanation.share(figure.tally) is None:
        raise _no_data(explanation)
    return explanation


def does_not_count(report: Report, code: str) -> NoData:
    """That a site has no figure, and why."""
    site, name = report.inventory.sites[code], report.period.name
    if site.status is SiteStatus.PLANNED:
        return NoData(f"site {code} is planned and counts nowhere: `wanmon site activate {code}` makes it count")
    if site.status is SiteStatus.RETIRED and site.retired_on is None:
        return NoData(f"site {code} is retired and nobody said since when: see `wanmon site set --help`")
    began = f" from {site.activated_on} on" if site.activated_on else ""
    ended = f" up to {site.retired_on}" if site.retired_on else ""
    return NoData(f"site {code} does not count in {name}: it counts{began}{ended}")


def explanation_record(told: Explanation) -> dict[str, Any]:
    """The whole of it, for programs."""
    tally, line = told.figure.tally, told.line
    heading = heading_record(told.report)
    closing = heading["closed"]
    return {
        **heading,
        "site": told.figure.site,
        "circuit": line.code if isinstance(told.figure, CircuitFigure) else None,
        "measure": told.measure,
        "availability_ratio": told.share(tally),
        "coverage_ratio": tally.coverage,
        "target_ratio": told.figure.target,
        "verdict": _verdict(told),
        **{f"{counted}_s": seconds for counted, seconds in told.seconds.items()},
        "before_late_windows_ratio": line.before and told.share(line.before),
        "late_windows_by": list(line.authors),
        "closed": closing and {**closing, "availability_ratio": told.share(line.tally)},
        "pieces": [{column: record[column] for column in PIECE_COLUMNS} for record in piece_records(told)],
    }


def piece_records(told: Explanation) -> list[dict[str, Any]]:
    """The pieces in order, without a gap; people get `seconds` as they are, to add them up."""
    return [
        {
            "from": datetime.fromtimestamp(piece.start_s, UTC),
            "to": datetime.fromtimestamp(piece.end_s, UTC),
            "duration_s": piece.end_s - piece.start_s,
            "seconds": piece.end_s - piece.start_s,
            "state": piece.state,
            "cause": piece.cause,
            "counted": piece.counted,
            "note": "; ".join(_notes(told, piece)),
        }
        for piece in told.pieces
    ]


def sum_records(told: Explanation) -> list[dict[str, Any]]:
    """How many seconds count as what, of all that there is."""
    return [
        {"counted": counted, "seconds": seconds, "duration_s": seconds}
        for counted, seconds in told.seconds.items()
        if seconds
    ]


def title(told: Explanation) -> str:
    """What is explained."""
    name = told.report.inventory.sites[told.figure.site].name
    whose = told.line.code if isinstance(told.figure, CircuitFigure) else ""
    return " ".join(part for part in (told.figure.site, name, whose, f"({told.measure})") if part)


def conclusion(told: Explanation) -> Iterator[str]:
    """The sum that gives the figure, and what else is known of it."""
    seconds, line, tally = told.seconds, told.line, told.figure.tally
    up_s, down_s, unknown_s = seconds[Counted.UP], seconds[Counted.DOWN], seconds[Counted.UNKNOWN]
    expected_s = sum(seconds[counted] for counted in _EXPECTED)
    share = told.share(tally)
    assert share is not None
    assert tally.coverage is not None
    yield f"availability = up / (up + down) = {up_s} / ({up_s} + {down_s}) = {percent(share)}"
    yield f"coverage = 1 - unknown / counted time = 1 - {unknown_s} / {expected_s} = {percent(tally.coverage)}"
    yield f"target {percent(told.figure.target)}: {_verdict(told)}"
    if line.before is not None:
        yield f"without the windows that {', '.join(line.authors)} added afterwards: {_shown(told.share(line.before))}"
    if told.report.closing:
        closing = told.report.closing
        yield f"closed {instant(closing.closed_at)} by {closing.author}: {_shown(told.share(line.tally))}"


def _verdict(told: Explanation) -> str:
    tally = told.figure.tally
    return judged(told.share(tally), tally.coverage, told.figure.target)


def _shown(share: float | None) -> str:
    return "no data" if share is None else percent(share)


def _circuit(report: Report, site: str, text: str) -> str:
    """The circuit that was named, or the only one of the site."""
    own = [figure.circuit for figure in report.present.circuits.values() if figure.site == site]
    named = [code for code in own if code.casefold() == text.strip().casefold()] or own
    if not named:
        raise NoData(f"site {site} has no circuit that counts in {report.period.name}: see `wanmon circuit list`")
    if len(named) > 1:
        raise UsageError(f"site {site} has {len(own)} circuits, explain one of them: {', '.join(own)}")
    return named[0]


def _notes(told: Explanation, piece: Piece) -> Iterator[str]:
    """Whose window it was, and that nobody watched."""
    if piece.state is State.UNKNOWN and piece.cause is Cause.MONITOR:
        yield "no poller ran"
    if piece.counted not in _WINDOWS:
        return
    of_site = piece.counted is Counted.MAINTENANCE
    for row in told.report.past.windows:
        whom = covered(row, told.report.inventory)
        is_meant = told.figure.site in whom.sites if of_site else told.line.code in whom.circuits
        if row.excludes and is_meant and occurrences(row, Span(piece.start_s, piece.end_s)):
            late = "" if was_announced(row) else ", added afterwards"
            yield f"window {row.id} of {row.author}{late}" + (f": {row.reason}" if row.reason else "")


def _no_data(told: Explanation) -> NoData:
    tally, figure, name = told.figure.tally, told.figure, told.report.period.name
    noun = "circuit" if isinstance(figure, CircuitFigure) else "site"
    subject = f"{noun} {told.line.code} has no data in {name}"
    if isinstance(figure, CircuitFigure) and figure.evidence is Evidence.NONE:
        return NoData(
            f"{subject}: nothing speaks for it alone; `wanmon circuit set` gives it a port or a probe address"
        )
    if tally.expected_s == 0:
        return NoData(f"{subject}: no second counts that has passed, by its dates, service hours and windows")
    if tally.excused_s:
        return NoData(f"{subject}: all the known time that counts is excused")
    return NoData(f"{subject}: nothing is known of the {tally.expected_s} s that count")
