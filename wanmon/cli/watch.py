"""The same as `status`, live on a terminal."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import UnitOption
from wanmon.cli.frame.output import console, table
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Group

app = typer.Typer()

INTERVAL_S = 2.0
_HEADER_ROWS = 3


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
    """The headline, and as many sites as the terminal has rows for."""
    from rich.console import Group
    from rich.text import Text

    from wanmon.cli.frame import choosing, province
    from wanmon.model.inventory import NOUN

    glimpse = province.look(here)
    code = choosing.find(glimpse.inventory, NOUN["unit"], unit) if unit else None
    records = province.site_records(glimpse, unit=code)
    chosen = province.site_records(glimpse, unit=code, only_lost=True) if down else records
    drawn = table(chosen[: max(1, rows)], province.table_columns(chosen))
    return Group(Text(province.headline(glimpse, records), "bold"), drawn)
