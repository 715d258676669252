"""Changes of the inventory by commands: shown beforehand, or made and logged, all of them or none.

What only plans need is imported late: a listing imports this file, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from wanmon.cli.frame.options import Output
from wanmon.cli.frame.output import say, show_records
from wanmon.cli.frame.signature import Signature
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.model.change import Action
from wanmon.model.inventory import Edit, Inventory
from wanmon.store import inventory as store
from wanmon.store.judgement import inventory_after

if TYPE_CHECKING:
    from wanmon.exchange.plan import Plan

_WORDS = {Action.ADD: "added", Action.SET: "changed", Action.REMOVE: "removed"}

#: What a command wants changed, told from the inventory as it is.
Wish = Callable[[Inventory], Sequence[Edit]]


def change(here: Surroundings, wish: Wish, signature: Signature, *, dry_run: bool) -> None:
    """Make the edits of `wish` in one transaction, or show them. Raises what `store.inventory.apply` raises."""
    if dry_run:
        from wanmon.exchange.plan import Plan

        before = here.inventory()
        edits = wish(before)
        show_plan(Plan(before, inventory_after(before, edits), tuple(edits), 0, ()), Output.TABLE)
        say("nothing was changed: this was a dry run")
        return
    with here.database.write() as session:
        edits = wish(store.load(session))
        changeset = store.apply(session, edits, **asdict(signature), at=here.clock.now())
    say(f"change {changeset}: {counted(edits)}" if changeset else "nothing to change: everything is so already")


def show_plan(plan: Plan, output: Output) -> None:
    """Every difference that a plan makes, on stdout."""
    from wanmon.cli.frame.change_view import PLAN_COLUMNS, plan_fields, plan_lines

    records = plan_lines(plan) if output is Output.TABLE else plan_fields(plan)
    show_records(records, PLAN_COLUMNS, output, none="nothing to change")


def counted(edits: Sequence[Edit]) -> str:
    """`1 site added, 2 devices changed`."""
    groups: dict[tuple[Action, str, str], int] = {}
    for edit in edits:
        group = (edit.action, edit.noun.name, edit.noun.plural)
        groups[group] = groups.get(group, 0) + 1
    return ", ".join(
        f"{count} {name if count == 1 else plural} {_WORDS[action]}" for (action, name, plural), count in groups.items()
    )
