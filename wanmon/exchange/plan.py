"""What a proposal would change, field by field, and what would then be wrong. Pure: writes nothing, reads no file.

A proposal adds and changes; it removes only when told to prune, and only rows of the nouns it has a file for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from wanmon.exchange.csvfile import Row
from wanmon.exchange.folder import Proposal
from wanmon.exchange.wording import complaints, quoted, suggestion
from wanmon.model import rules
from wanmon.model.change import Action
from wanmon.model.fields import Fields
from wanmon.model.inventory import NOUN, Edit, Inventory, Noun, preview

_SUGGESTED = 100  # problems that get a suggestion: looking for one takes a millisecond


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
    unfit: list[str] = []
    unchanged = 0
    for row in _rows(proposal):
        try:
            edit = _edit(current, row)
        except ValidationError as error:
            unfit += [
                f"{row.place}: {_field(row, column)}: {words}" for column, words in complaints(_fields(row), error)
            ]
            continue
        edits += [edit] if edit else []
        unchanged += edit is None
    edits += _removals(current, proposal) if prune else []
    after = preview(current, edits)
    broken = _placed(rules.problems(after), after, proposal)
    return Plan(current, after, tuple(edits), unchanged, (*unfit, *broken))


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
    kept = {noun.name: {row.key for row in proposal.rows[noun.name]} for noun in proposal.nouns}
    return [
        Edit(Action.REMOVE, noun, key, {})
        for noun in reversed(proposal.nouns)
        for key in current.rows(noun)
        if key not in kept[noun.name]
    ]


def _placed(problems: list[rules.Problem], after: Inventory, proposal: Proposal) -> Iterator[str]:
    """Each problem with the file and line its row came from, if it came from a file."""
    places = {(row.noun.name, row.key): row.place for row in _rows(proposal)}
    others = {(noun, column): other for noun, column, other in rules.REFERENCES}
    for number, problem in enumerate(problems):
        other = others.get((problem.noun, problem.field))
        known: Mapping[str, Any] = after.rows(NOUN[other]) if other and number < _SUGGESTED else {}
        value = "" if problem.value is None else str(problem.value)
        advice = "" if value in known else suggestion(value, known)
        place = places.get((problem.noun, problem.key))
        words = f"{problem.field} {quoted(value)}: {problem.message}{advice}"
        yield f"{place}: {words}" if place else f"{problem.noun} {problem.key} of the inventory: {words}"


def _fields(row: Row) -> type[Fields]:
    return row.noun.fields


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
