"""Reports for those who answer for the network: availability against its targets, and closing a month."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason, UnitOption
from wanmon.cli.frame.output import say, show_json, show_records, show_table
from wanmon.cli.frame.printable import printable
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import NoData, UsageError
from wanmon.health.availability import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.cli.frame.sla import Report
    from wanmon.cli.frame.sla_lines import Chosen
    from wanmon.cli.frame.sla_view import Section

app = typer.Typer()


@app.command()
def sla(
    ctx: typer.Context,
    month: Annotated[str | None, typer.Option(metavar="MONTH", help="As 2026-03; else this month so far.")] = None,
    quarter: Annotated[str | None, typer.Option(metavar="QUARTER", help="As 2026-Q1.")] = None,
    year: Annotated[str | None, typer.Option(metavar="YEAR", help="As 2026.")] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="This site and its circuits.")] = None,
    unit: UnitOption = None,
    carrier: Annotated[str | None, typer.Option(metavar="CARRIER", help="The circuits of this carrier.")] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="SITE", help="Every stretch of time behind one figure, and the sum.")
    ] = None,
    measure: Annotated[
        Measure | None, typer.Option(help="Of sites, of circuits, or what carriers can be charged with.")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell how much of the time sites and circuits were there, and whether that meets their targets.

    A closed month shows the figures that were closed. CSV holds the sites, or with --carrier or --measure the circuits.
    """
    from wanmon.cli.frame import sla as reports
    from wanmon.cli.frame.sla_lines import chosen

    here: Surroundings = ctx.obj
    now = here.clock.now()
    period = reports.period_of(month=month, quarter=quarter, year=year, now=now)
    if explain is not None and (site, unit, carrier) != (None, None, None):
        raise UsageError("--explain names its site: leave out --site, --unit and --carrier")
    with here.database.read() as session:
        report = reports.read(session, period, now)
    if explain is not None:
        _explain(report, explain, measure or Measure.SITE, output)
        return
    _show(report, chosen(report.inventory, site=site, unit=unit, carrier=carrier, measure=measure), output)


@app.command()
def close(
    ctx: typer.Context,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="As 2026-03; it must be over.")],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Freeze the figures of a month; what changes later is shown beside them. Closing it again needs --reason."""
    from wanmon.cli.frame import sla as reports
    from wanmon.cli.frame.amounts import number
    from wanmon.cli.frame.signature import sign
    from wanmon.cli.frame.sla_lines import Chosen
    from wanmon.store import closed

    here: Surroundings = ctx.obj
    now = here.clock.now()
    period = reports.month_that_is_over(month, now)
    signature = sign(f"report close {period.name}", author, reason)
    with here.database.read() if dry_run else here.database.write() as session:
        report = reports.read(session, period, now)
        _refuse_to_close(report, signature.reason)
        if not dry_run:
            closed.close(session, period.name, report.present, author=signature.author, reason=signature.reason, at=now)
    frozen = f"{number(len(report.present.sites), 'site')} and {number(len(report.present.circuits), 'circuit')}"
    if not dry_run:
        say(f"{period.name} is closed with the figures of {frozen}")
        return
    _show(replace(report, closing=None), Chosen(), Output.TABLE)
    say(f"nothing was changed: this was a dry run, of {frozen}")


def _refuse_to_close(report: "Report", reason: str) -> None:
    from wanmon.cli.frame.amounts import instant

    name, closing = report.period.name, report.closing
    if not report.present.sites:
        raise NoData(f"no site counts in {name}: there is nothing to close")
    if closing and not reason:
        when = f"{instant(closing.closed_at)} by {closing.author}"
        raise UsageError(f"{name} was closed {when}: to close it again, say why with --reason")


def _show(report: "Report", wanted: "Chosen", output: Output) -> None:
    from wanmon.cli.frame import sla_explain, sla_view
    from wanmon.cli.frame.sla_lines import counts

    sections = sla_view.sections(report, wanted)
    if wanted.site and not counts(report, wanted.site):
        raise sla_explain.does_not_count(report, wanted.site)
    if output is Output.JSON:
        lists = {
            section.name: [{column: record[column] for column in section.columns} for record in section.records]
            for section in sections
        }
        show_json({**sla_view.heading_record(report), **lists})
    elif output is Output.CSV:
        say(sla_view.headline(report))
        asked = sections[0] if wanted.has_sites else sections[2]
        show_records(asked.records, asked.columns, output)
    else:
        _show_tables(report, sections)


def _show_tables(report: "Report", sections: "Sequence[Section]") -> None:
    from wanmon.cli.frame import sla_view

    typer.echo(printable(sla_view.headline(report)))
    filled = [section for section in sections if section.records]
    for section in filled:
        typer.echo(f"\n{section.name}:")
        show_table(section.records, sla_view.table_columns(section.records, section.columns))
    if not filled:
        say("no site or circuit counts in it")
    if any(section.name == "circuits" for section in filled) and (missing := sla_view.left_out(report)):
        say(missing)


def _explain(report: "Report", text: str, measure: Measure, output: Output) -> None:
    from wanmon.cli.frame import sla_explain, sla_view

    told = sla_explain.explained(report, text, measure)
    pieces = sla_explain.piece_records(told)
    if output is Output.JSON:
        show_json(sla_explain.explanation_record(told))
    elif output is Output.CSV:
        show_records(pieces, sla_explain.PIECE_COLUMNS, output)
    else:
        typer.echo(printable(f"{sla_explain.title(told)}, {sla_view.headline(report)}") + "\n")
        show_table(pieces, sla_explain.PIECE_TABLE)
        typer.echo("")
        show_table(sla_explain.sum_records(told), sla_explain.SUM_TABLE)
        typer.echo("\n" + "\n".join(map(printable, sla_explain.conclusion(told))))
