"""Outages: list, show, acknowledge, note, overrule the cause."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wanmon.cli.frame.moments import day
from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason, UnitOption
from wanmon.cli.frame.output import say, show_csv, show_json, show_record, show_table
from wanmon.cli.frame.signature import fit, sign
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.clock import LOCAL
from wanmon.model.cause import Cause
from wanmon.model.fields import Text

if TYPE_CHECKING:
    from sqlmodel import Session

    from wanmon.model.inventory import Inventory
    from wanmon.model.outage import Outage

app = typer.Typer()

Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="As `list` shows it.")]
_HANDLED = ("acknowledged_by", "acknowledged_at", "ticket", "ruled_cause")
_DONE = {"ack": "acknowledged", "note": "noted", "set": "cause overruled"}


@app.command("list")
def list_outages(
    ctx: typer.Context,
    site: Annotated[str | None, typer.Argument(metavar="SITE", help="Only those of this site.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not ended.")] = False,
    unit: UnitOption = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only those that lasted into this day or beyond.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only those that began on this day or before.")
    ] = None,
    cause: Annotated[Cause | None, typer.Option(help="Only those of this cause.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="NUMBER", help="At most so many.")] = 100,
    output: OutputOption = Output.TABLE,
) -> None:
    """List outages, the newest first. A cause is a person's word, else the computed one."""
    from wanmon.cli.frame import outage_view
    from wanmon.store import inventory, outages

    here: Surroundings = ctx.obj
    begin, end = _midnight("--since", since), _midnight("--until", until, days=1)
    with here.database.read() as session:
        rows = inventory.load(session)
        wanted = _whose(rows, site, unit) | {"since": begin, "until": end, "only_open": only_open, "cause": cause}
        found = outages.listed(session, **wanted, limit=limit + 1)
    records = [outage_view.record(rows, each, here.clock.now()) for each in found[:limit]]
    _show_list(records, output)
    if len(found) > limit:
        say(f"there are more than {limit}: these are the newest; `--limit` shows more")


@app.command()
def show(ctx: typer.Context, id: Id, output: OutputOption = Output.TABLE) -> None:
    """Show one outage: its edges, its cause and what speaks for it, who was told what, what to do next."""
    from wanmon.cli.frame import glimpse, outage_view
    from wanmon.store import outage_paths, outages

    here: Surroundings = ctx.obj
    with here.database.read() as session:
        outage = outages.find(session, id)
        said, linked, paths = (
            outages.notes(session, id),
            outages.linked(session, outage),
            outage_paths.of_outage(session, id),
        )
        told = outage_view.screen(glimpse.read(session, here.clock.now()), outage, said, linked, paths)
    if output is Output.JSON:
        show_json(told)
    else:
        show_record(outage_view.screen_in_words(told), output)


@app.command()
def ack(
    ctx: typer.Context,
    id: Id,
    ticket: Annotated[str, typer.Option(metavar="TICKET", help="What it is called where it is looked after.")] = "",
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Say that somebody looks after an open outage; again, to give it another ticket."""
    from wanmon.store import outages

    fitting = fit(Text, "--ticket", ticket)
    by, at = sign(f"outage ack {id}", author, reason), ctx.obj.clock.now()
    _handle(
        ctx.obj,
        id,
        lambda session: outages.acknowledge(session, id, by.author, at, fitting, by.reason),
        dry_run=dry_run,
    )


@app.command()
def note(
    ctx: typer.Context,
    id: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be remembered of it; - for stdin.")],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Keep a word about an outage, open or not."""
    from wanmon.store import outages

    words = fit(Text, "TEXT", sys.stdin.read() if text == "-" else text)
    by, at = sign(f"outage note {id}", author, reason), ctx.obj.clock.now()
    said = f"{words} ({by.reason})" if words and by.reason else words
    _handle(ctx.obj, id, lambda session: outages.note(session, id, by.author, at, said), dry_run=dry_run)


@app.command("set")
def set_cause(
    ctx: typer.Context,
    id: Id,
    cause: Annotated[Cause, typer.Option(help="What it was in truth.")],
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Overrule the cause of an outage, with a reason; the computed cause stays beside it."""
    from wanmon.store import outages

    by, at = sign(f"outage set {id}", author, reason), ctx.obj.clock.now()
    _handle(ctx.obj, id, lambda session: outages.rule(session, id, by.author, at, cause, by.reason), dry_run=dry_run)


def _midnight(option: str, text: str | None, days: int = 0) -> datetime | None:
    """The beginning of a local day, or of one so many days later."""
    if text is None:
        return None
    return datetime.combine(day(option, text) + timedelta(days=days), time(), LOCAL).astimezone(UTC)


def _whose(inventory: "Inventory", site: str | None, unit: str | None) -> dict[str, Any]:
    """The site, and the sites of the unit, that are asked about."""
    from wanmon.cli.frame import choosing
    from wanmon.model.inventory import NOUN, units_within

    code = choosing.find(inventory, NOUN["site"], site) if site else None
    units = units_within(inventory, choosing.find(inventory, NOUN["unit"], unit)) if unit else ()
    sites = [each for each, row in inventory.sites.items() if row.unit in units] if unit else None
    return {"site": code, "sites": sites}


def _show_list(records: list[dict[str, Any]], output: Output) -> None:
    from wanmon.cli.frame.outage_view import COLUMNS, in_words, table_columns

    if output is Output.JSON:
        show_json(records)
    elif output is Output.CSV:
        show_csv(in_words(records), COLUMNS)
    elif records:
        words = in_words(records)
        show_table(words, table_columns(words))
    else:
        say("no outages")


def _handle(here: Surroundings, id: int, act: "Callable[[Session], Outage]", *, dry_run: bool) -> None:
    """Do what a person wants done about an outage and tell it, or tell what it would be."""
    from wanmon.store import outages

    with here.database.write() as session:
        before = _handled(outages.find(session, id))
        after = _handled(act(session))
        note = outages.notes(session, id)[-1].model_dump()
        if dry_run:
            session.rollback()
    if dry_run:
        _show_changes(id, before, after, note["text"])
        say("nothing was changed: this was a dry run")
    else:
        say(f"outage {id}: {_DONE[note['handling']]} by {note['author']}")


def _show_changes(id: int, before: dict[str, Any], after: dict[str, Any], text: str) -> None:
    changed = {name: value for name, value in after.items() if value != before[name]}
    records = [{"outage": id, "field": name, "old": before[name], "new": value} for name, value in changed.items()]
    show_table([*records, {"outage": id, "field": "note", "old": "", "new": text}], ("outage", "field", "old", "new"))


def _handled(outage: "Outage") -> dict[str, Any]:
    """What people change of an outage."""
    return {name: getattr(outage, name) for name in _HANDLED}
