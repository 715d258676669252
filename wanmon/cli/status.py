"""How the province is, or one site on one screen."""

from typing import Annotated

import typer

from wanmon.cli.frame.options import Output, OutputOption, UnitOption
from wanmon.cli.frame.output import say, show_json, show_record, show_records
from wanmon.cli.frame.surroundings import Surroundings

app = typer.Typer()


@app.command()
def status(
    ctx: typer.Context,
    site: Annotated[
        str | None, typer.Argument(metavar="SITE", help="A code, a name, an address, a device or a circuit id.")
    ] = None,
    down: Annotated[bool, typer.Option("--down", help="Only sites that are down or unreachable.")] = False,
    unit: UnitOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell how the province is, worst sites first; or everything about SITE. Exit 1 if SITE is down."""
    if site is None:
        _show_province(ctx.obj, output, unit=unit, down=down)
    else:
        _show_site(ctx.obj, output, site)


def _show_province(here: Surroundings, output: Output, *, unit: str | None, down: bool) -> None:
    from wanmon.cli.frame import choosing, province
    from wanmon.model.inventory import NOUN

    glimpse = province.look(here)
    code = choosing.find(glimpse.inventory, NOUN["unit"], unit) if unit else None
    records = province.site_records(glimpse, unit=code)
    counts = province.counts(records)
    chosen = province.site_records(glimpse, unit=code, only_lost=True) if down else records
    if output is Output.JSON:
        service = glimpse.service
        as_of = glimpse.at if service.is_running else service.last_beat
        freshness = {"as_of": as_of, "is_serving": service.is_running}
        show_json({**freshness, "counts": counts, "planned_count": province.planned(records), "sites": chosen})
        return
    if output is Output.TABLE:
        typer.echo(province.headline(glimpse, records))
    else:
        say(str(glimpse.service))
    none = "no site is down or unreachable" if down else "no sites"
    show_records(chosen, province.SITE_COLUMNS, output, table=province.table_columns(chosen), none=none)


def _show_site(here: Surroundings, output: Output, text: str) -> None:
    from wanmon.cli.frame.province import look
    from wanmon.cli.frame.site_view import site_record
    from wanmon.model.state import LOST
    from wanmon.store.search import find_site

    glimpse = look(here)
    record = site_record(glimpse.inventory, glimpse.states, find_site(glimpse.inventory, text).code, glimpse.at)
    if output is Output.JSON:
        show_json({**record, "is_serving": glimpse.service.is_running})
    else:
        show_record(record, output)
        say(str(glimpse.service))
    if record["state"] in LOST:
        raise typer.Exit(1)
