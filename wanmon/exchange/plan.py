"""What a proposal would change, field by field, and what would then be wrong. Pure: writes nothing, reads no file.

A proposal adds and changes; it removes only when told to prune, and only rows of the nouns it has a file for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pydantic import ValidationError

from wanmon.errors import InventoryError
from wanmon.exchange import judging
from wanmon.exchange.csvfile import Row
from wanmon.exchange.folder import Proposal
from wanmon.exchange.wording import complaints, quoted
from wanmon.model.change import Action
from wanmon.model.fields import Fields
from wanmon.model.inventory import EMPTY, Edit, Inventory, Noun, preview


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits that lead from `before` to `after`; they may be made only when there is no problem."""

    before: Inventory
    after: Inventory
    edits: tuple[Edit, ...]
    unchanged: int
    problems: tuple[str, ...]

    def count(self, action: Action) -> int:
        """How many rows are added, changed or removed."""
        return sum(edit.action is action for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a plan. Of a row added or removed `field` is 'name' or empty; values are as a file has them."""

    action: Action
    noun: str
    key: str
    field: str
    old: str
    new: str


def make(current: Inventory, proposal: Proposal, *, prune: bool = False) -> Plan:
    """Compare a proposal with the inventory. Problems are part of the answer, each with the place it comes from."""
    edits: list[Edit] = []
    unchanged = 0
    for row in _rows(proposal):
        try:
            edit = _edit(current, row)
        except ValidationError as error:
            proposal = _without(proposal, row, error)
            continue
        edits += [edit] if edit else []
        unchanged += edit is None
    edits += _removals(current, proposal) if prune else []
    after = preview(current, edits)
    problems = (*proposal.problems, *judging.problems(current, after, edits, proposal))
    return Plan(current, after, tuple(edits), unchanged, problems)


def whole(proposal: Proposal) -> Plan:
    """The plan of an inventory made from nothing. Raises `InventoryError` with every problem."""
    plan = make(EMPTY, proposal)
    if plan.problems:
        raise InventoryError(plan.problems)
    return plan


def describe(plan: Plan) -> Iterator[Difference]:
    """The plan line by line: one for a row added or removed, one for each field changed."""
    for edit in plan.edits:
        old, new = (inventory.rows(edit.noun).get(edit.key) for inventory in (plan.before, plan.after))
        fields = tuple(edit.values) if edit.action is Action.SET else (_title(edit.noun),)
        for field in fields:
            yield Difference(edit.action, edit.noun.name, edit.key, field, _shown(old, field), _shown(new, field))


def _rows(proposal: Proposal) -> Iterator[Row]:
    for noun in proposal.nouns:
        yield from proposal.rows[noun.name]


def _without(proposal: Proposal, unfit: Row, error: ValidationError) -> Proposal:
    """The proposal with a row set aside that does not fit what the inventory has of it."""
    found = complaints(unfit.noun.fields, error)
    told = [f"{unfit.place}: {_field(unfit, column)}: {words}" for column, words in found]
    wrong = {column for column, _ in found}
    sound = replace(unfit, cells={column: cell for column, cell in unfit.cells.items() if column not in wrong})
    return replace(proposal, problems=(*proposal.problems, *told), broken=(*proposal.broken, sound))


def _edit(current: Inventory, row: Row) -> Edit | None:
    """What a row of a file asks for; nothing where the inventory has it so already."""
    old = current.rows(row.noun).get(row.key)
    kept = {} if old is None else {column: getattr(old, column) for column in row.noun.columns}
    new = row.noun.fields.model_validate({**kept, **row.cells})
    if old is None:
        return Edit(Action.ADD, row.noun, row.key, {column: getattr(new, column) for column in row.noun.columns})
    values = {column: getattr(new, column) for column in row.cells if getattr(new, column) != kept[column]}
    return Edit(Action.SET, row.noun, row.key, values) if values else None


def _removals(current: Inventory, proposal: Proposal) -> list[Edit]:
    """Rows that are in the inventory and not in their noun's file; what refers goes before what it refers to."""
    kept = {(row.noun.name, row.key) for row in (*_rows(proposal), *proposal.broken)}
    return [
        Edit(Action.REMOVE, noun, key, {})
        for noun in reversed(proposal.nouns)
        for key in current.rows(noun)
        if (noun.name, key) not in kept and noun.name not in proposal.unread
    ]


def _field(row: Row, column: str) -> str:
    column = column or row.noun.key
    return f"{column} {quoted(row.cells.get(column, ''))}"


def _title(noun: Noun) -> str:
    return "name" if noun.key != "name" and "name" in noun.columns else ""


def _shown(row: Fields | None, field: str) -> str:
    value = getattr(row, field) if row and field else None
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
