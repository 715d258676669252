"""Maintenance windows, time in which something may be away: add, list, end."""

from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.moments import LENGTHS, MOMENTS
from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.model.maintenance import Repeat, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanmon.model.inventory import Inventory
    from wanmon.model.maintenance import Maintenance

app = typer.Typer()

_SITE = "a code, a name, an address, a device or a circuit id"


@app.command()
def add(
    ctx: typer.Context,
    site: Annotated[str | None, typer.Option(metavar="SITE", help=f"A site with its circuits: {_SITE}.")] = None,
    circuit: Annotated[str | None, typer.Option(metavar="CIRCUIT", help="One circuit: its id.")] = None,
    carrier: Annotated[str | None, typer.Option(metavar="CARRIER", help="All circuits of a carrier.")] = None,
    below: Annotated[
        str | None, typer.Option(metavar="SITE", help="A site and all that have no other way to the hub.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="The sites of a unit and of those within it.")
    ] = None,
    start: Annotated[str, typer.Option("--from", metavar="WHEN", help=f"Local time: {MOMENTS}.")] = "now",
    end: Annotated[
        str | None, typer.Option("--to", metavar="WHEN", help="Else --for, or it holds until it is ended.")
    ] = None,
    length: Annotated[str | None, typer.Option("--for", metavar="DURATION", help=f"How long: {LENGTHS}.")] = None,
    repeat: Annotated[Repeat, typer.Option(help="How it comes round, by the local calendar.")] = Repeat.ONCE,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day on which it begins, as 2026-06-30.")
    ] = None,
    counts: Annotated[
        bool, typer.Option("--counts", help="Leave the time in the figures of availability; the window is only shown.")
    ] = False,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Add a window for one target; one that begins before now needs --reason, and changes figures of the past."""
    from wanmon.cli.frame.maintenance_rows import Typed, window
    from wanmon.cli.frame.signature import sign
    from wanmon.store import inventory as inventories
    from wanmon.store import maintenance

    here: Surroundings = ctx.obj
    now, signature = here.clock.now(), sign("maintenance add", author, reason)
    scopes = (Scope.SITE, Scope.CIRCUIT, Scope.CARRIER, Scope.BELOW, Scope.UNIT)
    typed = Typed(
        targets=dict(zip(scopes, (site, circuit, carrier, below, unit), strict=True)),
        start=start, end=end, length=length, repeats=repeat, until=until, counts=counts,
    )  # fmt: skip
    with here.database.read() if dry_run else here.database.write() as session:
        inventory = inventories.load(session)
        row = window(typed, inventory, signature, now)
        if not dry_run:
            maintenance.add(session, row)
    _tell_of_added(here, row, inventory, dry_run=dry_run)


@app.command("list")
def list_windows(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the windows that are in force or to come."""
    from wanmon.store import inventory as inventories
    from wanmon.store import maintenance

    here: Surroundings = ctx.obj
    with here.database.read() as session:
        rows = maintenance.everything(session) if every else maintenance.to_come(session, here.clock.now())
        inventory = inventories.load(session)
    _show(here, rows, inventory, output)


@app.command()
def end(
    ctx: typer.Context,
    window: Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="As `list` shows it.")],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """End a window now: it is cut short, called off, or no longer comes round."""
    from wanmon.cli.frame.signature import sign
    from wanmon.store import inventory as inventories
    from wanmon.store import maintenance

    here: Surroundings = ctx.obj
    now, signature = here.clock.now(), sign(f"maintenance end {window}", author, reason)
    if dry_run:
        with here.database.read() as session:
            rows = [maintenance.endable(session, window, now)]
            inventory = inventories.load(session)
        _show(here, rows, inventory, Output.TABLE)
        say("nothing was changed: this was a dry run")
        return
    with here.database.write() as session:
        row = maintenance.end(session, window, now, signature.author, signature.reason)
    say(f"maintenance window {window} {'has ended' if row.starts_at < now else 'is called off'}")


def _tell_of_added(here: Surroundings, row: "Maintenance", inventory: "Inventory", *, dry_run: bool) -> None:
    from wanmon.cli.frame.maintenance_view import covering, standing, window_records
    from wanmon.health.maintenance import was_announced

    [record] = window_records([row], inventory, here.clock.now())
    if dry_run:
        _show(here, [row], inventory, Output.TABLE)
    else:
        say(f"maintenance window {row.id} {standing(record)}: {covering(record)}")
    if row.excludes and not was_announced(row):
        say("it begins before now: figures of the past change, and the old ones stay visible")
    if dry_run:
        say("nothing was changed: this was a dry run")


def _show(here: Surroundings, rows: "Sequence[Maintenance]", inventory: "Inventory", output: Output) -> None:
    from wanmon.cli.frame import maintenance_view as view

    records = view.window_records(rows, inventory, here.clock.now())
    if output is Output.TABLE:
        lines = view.window_lines(records)
        show_records(lines, view.line_columns(lines), output, none="no maintenance is in force or to come")
    else:
        show_records(records, view.COLUMNS, output)
