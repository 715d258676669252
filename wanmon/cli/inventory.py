"""The inventory as files, and its changes: validate, plan, apply, log."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.amounts import number
from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import InventoryError, UsageError

if TYPE_CHECKING:
    from wanmon.cli.frame.signature import Signature
    from wanmon.exchange.plan import Plan

app = typer.Typer()

Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Folders, CSV files named for their rows, or -.")]
Rows = Annotated[str | None, typer.Option("--noun", metavar="NOUN", help="What the rows of a file or of - are: site.")]
Prune = Annotated[bool, typer.Option("--prune", help="Remove what the files leave out, of the rows they speak of.")]


@app.command()
def validate(paths: Paths, noun: Rows = None) -> None:
    """Check files on their own and among themselves; needs no database."""
    from wanmon.cli.frame.proposals import merged, missing_nouns
    from wanmon.exchange import judging, plan
    from wanmon.model.inventory import EMPTY

    proposal = merged(paths, noun)
    missing = missing_nouns(proposal)
    _refuse(tuple(judging.alone(proposal)) if missing else plan.make(EMPTY, proposal).problems)
    sizes = [(len(proposal.rows[each.name]), each) for each in proposal.nouns]
    counts = [f"{count} {each.name if count == 1 else each.plural}" for count, each in sizes]
    typer.echo(f"valid: {', '.join(counts)}")
    if missing:
        say(f"each row was checked alone, without {', '.join(missing)}: `wanmon inventory plan` asks the database")


@app.command("plan")
def show_plan(
    ctx: typer.Context, paths: Paths, prune: Prune = False, noun: Rows = None, output: OutputOption = Output.TABLE
) -> None:
    """Show what `apply` would change, field by field; change nothing."""
    _show(_made(ctx.obj, paths, noun, prune=prune), output)


@app.command("apply")
def apply_plan(
    ctx: typer.Context,
    paths: Paths,
    prune: Prune = False,
    noun: Rows = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Add and change what the files say, in one transaction; a database that fails half way is left as it was."""
    from wanmon.cli.frame.signature import sign

    here: Surroundings = ctx.obj
    signature = sign(" ".join(["inventory apply", *paths, *(["--prune"] if prune else [])])[:200], author, reason)
    if not (yes or dry_run or (sys.stdin.isatty() and "-" not in paths)):
        raise UsageError("nobody is here to confirm: look at `wanmon inventory plan` first, then add --yes")
    seen = _latest_changeset(here)
    made = _made(here, paths, noun, prune=prune)
    _show(made, output)
    if dry_run or not made.edits:
        return
    if not yes:
        typer.confirm("Make these changes?", abort=True, err=True)
    _make(here, made, seen, signature)


@app.command("log")
def show_log(
    ctx: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="Only changes of the row with this key.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many changes.")] = 100,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell who changed what, the newest first; JSON and CSV also tell from where and by which command."""
    from wanmon.cli.frame import change_view
    from wanmon.store.inventory import changes

    here: Surroundings = ctx.obj
    with here.database.read() as session:
        records = change_view.log_records(changes(session, key=key, limit=limit))
    lines = change_view.log_lines(records) if output is Output.TABLE else records
    none = f"no change of {key}" if key else "no changes"
    show_records(lines, change_view.LOG_COLUMNS, output, table=change_view.LOG_TABLE, none=none)


def _made(here: Surroundings, paths: Sequence[str], noun: str | None, *, prune: bool) -> "Plan":
    from wanmon.cli.frame.proposals import merged
    from wanmon.exchange import plan

    made = plan.make(here.inventory(), merged(paths, noun), prune=prune)
    _refuse(made.problems)
    return made


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise InventoryError(problems)


def _show(plan: "Plan", output: Output) -> None:
    from wanmon.cli.frame.changing import counted, show_plan

    if plan.edits or output is not Output.TABLE:
        show_plan(plan, output)
    words = counted(plan.edits) or "nothing to change"
    same = f"; {number(plan.unchanged, 'row')} {'is' if plan.unchanged == 1 else 'are'} so already"
    say(words + (same if plan.unchanged else ""))


def _latest_changeset(here: Surroundings) -> int:
    from wanmon.store.inventory import latest_changeset

    with here.database.read() as session:
        return latest_changeset(session)


def _make(here: Surroundings, plan: "Plan", seen: int, signature: "Signature") -> None:
    """Make exactly what was shown: if somebody was quicker, their change is not undone unseen."""
    from wanmon.store import inventory as store

    with here.database.write() as session:
        if store.latest_changeset(session) != seen:
            raise InventoryError(["the inventory was changed meanwhile: run `wanmon inventory plan` again"])
        changeset = store.apply(session, plan.edits, **asdict(signature), at=here.clock.now())
    say(f"change {changeset} is made")
