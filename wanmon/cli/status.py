"""How the province is, or one site on one screen."""

from typing import Annotated

import typer

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.options import Output, OutputOption, UnitOption
from wanmon.cli.frame.output import say, show_csv, show_json, show_record, show_table
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

app = typer.Typer()


@app.command()
def status(
    ctx: typer.Context,
    site: Annotated[
        str | None, typer.Argument(metavar="SITE", help="A code, a name, an address, a device or a circuit id.")
    ] = None,
    down: Annotated[bool, typer.Option("--down", help="Every site that is down or unreachable, and no other.")] = False,
    unit: UnitOption = None,
    cut: Annotated[
        str | None, typer.Option(metavar="SITE", help="Which sites would be cut off if this one fell.")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell how the province is, worst sites first; or everything about SITE. Exit 1 if SITE is down."""
    if cut is not None:
        if site or down or unit:
            raise UsageError("--cut stands alone: leave out SITE, --down and --unit")
        _show_cut(ctx.obj, output, cut)
    elif site is None:
        _show_province(ctx.obj, output, unit=unit, down=down)
    else:
        _show_site(ctx.obj, output, site)


def _show_province(here: Surroundings, output: Output, *, unit: str | None, down: bool) -> None:
    from wanmon.cli.frame import choosing, glimpse, province, storms
    from wanmon.model.inventory import NOUN

    seen = glimpse.look(here)
    code = choosing.find(seen.inventory, NOUN["unit"], unit) if unit else None
    records = province.site_records(seen, unit=code)
    chosen = [record for record in records if province.is_lost(record)] if down else records
    if output is Output.JSON:
        show_json({**province.summary(seen, records), "sites": chosen})
        return
    if output is Output.CSV:
        say(str(seen.service))
        show_csv(chosen, province.SITE_COLUMNS)
        return
    typer.echo(province.headline(seen, records))
    lines = storms.lines(seen, chosen, are_folded=not down)
    show_table(lines, province.table_columns(lines))
    if not lines:
        say("no site is down or unreachable" if down else "no sites")


def _show_cut(here: Surroundings, output: Output, text: str) -> None:
    from wanmon.cli.frame import glimpse, province, storms
    from wanmon.store.search import find_site

    seen = glimpse.look(here)
    site = find_site(seen.inventory, text)
    records = province.site_records(seen, only=province.behind(seen.inventory, site.code))
    if output is Output.JSON:
        show_json({"cut": site.code, "name": site.name, "cut_off_count": len(records), "sites": records})
        return
    headline = f"{number(len(records), 'site')} would be cut off if {site.code} {site.name} fell"
    if output is Output.TABLE:
        typer.echo(headline)
        show_table(storms.lines(seen, records, are_folded=False), province.table_columns(records))
    else:
        say(headline)
        show_csv(records, province.SITE_COLUMNS)


def _show_site(here: Surroundings, output: Output, text: str) -> None:
    from wanmon.cli.frame import site_screen
    from wanmon.model.state import LOST

    closeup = site_screen.look_at(here, text)
    told = site_screen.screen(closeup)
    if output is Output.JSON:
        show_json(told)
    else:
        show_record(site_screen.in_words(told), output)
        say(str(closeup.glimpse.service))
    if told["state"] in LOST:
        raise typer.Exit(1)
