"""Whether edits may be made: the inventory as it would be, or every reason why not. Pure."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from wanmon.errors import InventoryError, NotFound
from wanmon.model.change import Action
from wanmon.model.inventory import Edit, Inventory, preview
from wanmon.model.rules import REFERENCES, Problem, problems
from wanmon.store import platforms

#: Which noun a column of a noun refers to.
_REFERS_TO = {(noun, column): other for noun, column, other in REFERENCES}

#: So many dependants of a row are named; the others are counted.
_NAMED = 5


def inventory_after(before: Inventory, edits: Sequence[Edit]) -> Inventory:
    """The inventory as it would be after `edits`.

    Raises `InventoryError` with all that is wrong with them, and `NotFound` for a row that is not there.
    """
    after, refusals = before, []
    for edit in edits:
        refusal, after = _attempt(after, edit)
        refusals += refusal
    refusals = refusals or _breaches(before, after, edits)
    if refusals:
        raise InventoryError(refusals)
    return after


def _attempt(inventory: Inventory, edit: Edit) -> tuple[list[str], Inventory]:
    """What is wrong with one edit on its own, and the inventory after it."""
    noun, there = edit.noun, edit.key in inventory.rows(edit.noun)
    if edit.action is Action.ADD and there:
        return [f"{noun.name} {edit.key}: already exists"], inventory
    if edit.action is not Action.ADD and not there:
        raise NotFound(noun.name, edit.key, f"see `wanmon {noun.name} list`")
    if edit.values.get(noun.key, edit.key) != edit.key:
        return [f"{noun.name} {edit.key}: {noun.key} {edit.values[noun.key]!s:.80}: is for life"], inventory
    try:
        return [], preview(inventory, [edit])
    except ValidationError as error:
        return list(_refused_fields(edit, error)), inventory


def _refused_fields(edit: Edit, error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_context=False):
        field = ".".join(str(part) for part in detail["loc"]) or "row"
        value = "" if detail["type"] == "missing" or not detail["loc"] else f" {detail['input']!s:.80}"
        yield f"{edit.noun.name} {edit.key}: {field}{value}: {detail['msg'].removeprefix('Value error, ')}"


def _breaches(before: Inventory, after: Inventory, edits: Sequence[Edit]) -> list[str]:
    """The rules that the edits break. What was already wrong, by an older program's leave, must not bar the mending."""
    found = _problems(after)
    if found:
        old = {str(problem) for problem in _problems(before)}
        found = [problem for problem in found if str(problem) not in old]
    removed = {(edit.noun.name, edit.key) for edit in edits if edit.key not in after.rows(edit.noun)}
    orphans = {row: [p for p in found if _refers(p) == row] for row in sorted(removed)}
    orphaned = {id(problem) for group in orphans.values() for problem in group}
    lines = [_cannot_be_removed(row, group) for row, group in orphans.items() if group]
    return lines + [str(problem) for problem in found if id(problem) not in orphaned]


def _problems(inventory: Inventory) -> list[Problem]:
    return [*problems(inventory), *platforms.problems(inventory)]


def _refers(problem: Problem) -> tuple[str, str] | None:
    """The row that a problem is about the absence of."""
    other = _REFERS_TO.get((problem.noun, problem.field))
    return (other, str(problem.value)) if other and problem.message == f"no such {other}" else None


def _cannot_be_removed(row: tuple[str, str], dependants: list[Problem]) -> str:
    named = ", ".join(f"{problem.noun} {problem.key}" for problem in dependants[:_NAMED])
    more = f" and {len(dependants) - _NAMED} more" if len(dependants) > _NAMED else ""
    return f"{row[0]} {row[1]}: cannot be removed: on it hang {named}{more}"
