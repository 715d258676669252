"""The same as `status`, live on a terminal."""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.options import UnitOption
from wanmon.cli.frame.output import console, table
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Group

    from wanmon.cli.frame.glimpse import Glimpse
    from wanmon.model.outage import Outage

app = typer.Typer()

INTERVAL_S = 2.0
#: How many outages it shows, and among how many it looks for them: in a storm most are another site's.
_OUTAGES, _LOOKED_AT = 5, 300
_HEADER_ROWS = 3
_OUTAGE_HEADER_ROWS = 3


@app.command()
def watch(
    ctx: typer.Context,
    down: Annotated[bool, typer.Option("--down", help="Only sites that are down or unreachable.")] = False,
    unit: UnitOption = None,
) -> None:
    """Watch the province, worst sites first, until Ctrl-C."""
    if not sys.stdout.isatty():
        raise UsageError("watch needs a terminal: use `wanmon status`")
    from rich.live import Live

    screen = console()
    try:
        with Live(console=screen, screen=True, auto_refresh=False) as live:
            while True:
                live.update(_drawn(ctx.obj, unit, screen.height - _HEADER_ROWS, down=down), refresh=True)
                time.sleep(INTERVAL_S)
    except KeyboardInterrupt:
        return


def _drawn(here: Surroundings, unit: str | None, rows: int, *, down: bool) -> "Group":
    """The headline, as many sites as the terminal has rows for, and under them the newest outages."""
    from rich.console import Group
    from rich.text import Text

    from wanmon.cli.frame import outage_view, province, storms

    seen, records, newest = _read(here, unit)
    chosen = [record for record in records if province.is_lost(record)] if down else records
    lines = storms.lines(seen, chosen, are_folded=True)
    told = outage_view.in_words([outage_view.record(seen.inventory, each, seen.at) for each in newest])
    under: list[Any] = [Text("\nnewest outages", "bold"), table(told, outage_view.table_columns(told))] if told else []
    room = max(1, rows - (len(told) + _OUTAGE_HEADER_ROWS if told else 0))
    sites = table(lines[:room], province.table_columns(lines))
    return Group(Text(province.headline(seen, records), "bold"), sites, *under)


def _read(here: Surroundings, unit: str | None) -> "tuple[Glimpse, list[dict[str, Any]], list[Outage]]":
    """The province, its sites (of the unit), and their newest outages but for those that are another site's."""
    from wanmon.cli.frame import choosing, glimpse, province
    from wanmon.model.inventory import NOUN
    from wanmon.model.state import State
    from wanmon.store import outages

    with here.database.read() as session:
        seen = glimpse.read(session, here.clock.now())
        code = choosing.find(seen.inventory, NOUN["unit"], unit) if unit else None
        records = province.site_records(seen, unit=code)
        sites = [record["site"] for record in records]
        newest = outages.listed(session, sites=sites, only_sites=True, limit=_LOOKED_AT)
    return seen, records, [each for each in newest if each.state is State.DOWN][:_OUTAGES]
