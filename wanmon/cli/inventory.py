"""The inventory as files: validate, plan, apply."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason
from wanmon.cli.frame.output import say
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
    from wanmon.exchange import plan
    from wanmon.model.inventory import EMPTY

    proposal = merged(paths, noun)
    missing = missing_nouns(proposal)
    if not missing:
        _refuse(plan.make(EMPTY, proposal))
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


def _made(here: Surroundings, paths: Sequence[str], noun: str | None, *, prune: bool) -> "Plan":
    from wanmon.cli.frame.proposals import merged
    from wanmon.exchange import plan

    made = plan.make(here.inventory(), merged(paths, noun), prune=prune)
    _refuse(made)
    return made


def _refuse(plan: "Plan") -> None:
    if plan.problems:
        raise InventoryError(plan.problems)


def _show(plan: "Plan", output: Output) -> None:
    from wanmon.cli.frame.changing import counted, show_plan

    if plan.edits or output is not Output.TABLE:
        show_plan(plan, output)
    say(f"{counted(plan.edits) or 'nothing to change'}; {plan.unchanged} rows are so already")


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
