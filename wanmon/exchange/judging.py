"""What would be wrong with the inventory once a proposal is made: every problem with the line it comes from. Pure.

A row with a broken cell is left out of the rules between rows, but its key counts as there: nobody is blamed for
referring to it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wanmon.exchange import check_rows
from wanmon.exchange.csvfile import Row
from wanmon.exchange.folder import Proposal
from wanmon.exchange.wording import quoted, suggestion
from wanmon.model import rules
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, NOUNS, Edit, Inventory
from wanmon.model.rules import REFERENCES, Problem
from wanmon.store import platforms

_SUGGESTED = 100  # problems that get a suggestion: looking for one takes a millisecond
_OTHERS = {(noun, column): (other,) for noun, column, other in REFERENCES} | {
    ("check", "target"): ("service", "device")
}


def problems(before: Inventory, after: Inventory, edits: Sequence[Edit], proposal: Proposal) -> Iterator[str]:
    """What breaks a rule after `edits`, which a proposal asks for; one line each."""
    judged = _without(after, proposal.broken)
    aside = _Aside(frozenset((row.noun.name, row.key) for row in proposal.broken), proposal.unread)
    dangling = {*rules.references_exist(judged), *_dangling(judged, proposal.broken)}
    found = [*rules.problems(judged), *_dangling(judged, proposal.broken), *_own_parents(proposal.broken)]
    found = [problem for problem in found if problem not in dangling or not aside.may_hold(problem)]
    found += [*_platforms(before, judged, proposal), *_checks(before, judged, proposal, aside)]
    telling = _Telling(judged, _places(proposal), {(e.noun.name, e.key) for e in edits if e.action is Action.REMOVE})
    for number, problem in enumerate(found):
        yield telling.line(problem, is_suggesting=number < _SUGGESTED)


def alone(proposal: Proposal) -> Iterator[str]:
    """What is wrong with each row of a proposal on its own, one line each."""
    yield from proposal.problems
    for row in proposal.rows.get("check", ()):
        for problem in check_rows.kind_problems(row.key, row.cells["kind"], row.cells.get("params", "")):
            yield f"{row.place}: {_words(problem)}"
    for row in proposal.rows.get("device", ()):
        for problem in platforms.unknown({row.key: row.cells.get("platform", platforms.AUTO)}):
            yield f"{row.place}: {_words(problem)}"


@dataclass(frozen=True, slots=True)
class _Aside:
    """The rows that stand in the files and cannot be judged, and the nouns of which any row may stand there."""

    rows: frozenset[tuple[str, str]]
    unread: frozenset[str]

    def may_hold(self, problem: Problem) -> bool:
        """Whether what the field at fault names may be among them."""
        others = _OTHERS.get((problem.noun, problem.field), ())
        return any(other in self.unread or (other, problem.value) in self.rows for other in others)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What it takes to tell a problem: where rows come from, what there is, and what would be gone."""

    judged: Inventory
    places: Mapping[tuple[str, str], str]
    removed: Collection[tuple[str, str]]

    def line(self, problem: Problem, *, is_suggesting: bool) -> str:
        """One problem with the file and line its row came from, if it came from a file."""
        others = _OTHERS.get((problem.noun, problem.field), ())
        value = "" if problem.value is None else str(problem.value)
        place = self.places.get((problem.noun, problem.key))
        gone = next((other for other in others if (other, value) in self.removed), None)
        if gone:
            said = f"would be removed by --prune, but {problem.noun} {problem.key} names it as {problem.field}"
            return f"{place}: {problem.field} {quoted(value)}: {said}" if place else f"{gone} {value} {said}"
        known = [key for other in others for key in self.judged.rows(NOUN[other])] if is_suggesting else []
        advice = "" if value in (*known, problem.key) else suggestion(value, known)
        return f"{place or f'{problem.noun} {problem.key} of the inventory'}: {_words(problem)}{advice}"


def _words(problem: Problem) -> str:
    value = "" if problem.value is None else problem.value
    return f"{problem.field} {quoted(value)}: {problem.message}"


def _without(inventory: Inventory, broken: Sequence[Row]) -> Inventory:
    keys = {(row.noun.name, row.key) for row in broken}
    tables = {n.plural: {k: r for k, r in inventory.rows(n).items() if (n.name, k) not in keys} for n in NOUNS}
    return replace(inventory, **tables) if keys else inventory


def _places(proposal: Proposal) -> dict[tuple[str, str], str]:
    rows = (*proposal.broken, *(row for rows in proposal.rows.values() for row in rows))
    return {(row.noun.name, row.key): row.place for row in rows}


def _dangling(inventory: Inventory, broken: Sequence[Row]) -> Iterator[Problem]:
    """What the sound cells of broken rows name and is not there."""
    for row in broken:
        for noun, column, other in REFERENCES:
            value = row.cells.get(column) if noun == row.noun.name else None
            if value and value not in inventory.rows(NOUN[other]):
                yield Problem(noun, row.key, column, value, f"no such {other}")


def _own_parents(broken: Sequence[Row]) -> Iterator[Problem]:
    for row in broken:
        for noun, column, other in REFERENCES:
            if noun == other == row.noun.name and row.cells.get(column) == row.key:
                yield Problem(noun, row.key, column, row.key, "leads back to itself")


def _platforms(before: Inventory, judged: Inventory, proposal: Proposal) -> Iterator[Problem]:
    """Devices of an unknown platform; those that had it before are no fault of files that leave them out."""
    proposed = {row.key for row in proposal.rows.get("device", ())}
    standing = set(platforms.problems(before))
    for problem in platforms.problems(judged):
        if problem.key in proposed or problem not in standing:
            yield problem


def _checks(before: Inventory, judged: Inventory, proposal: Proposal, aside: _Aside) -> Iterator[Problem]:
    """Checks that cannot be asked; those that could not be asked before are no fault of files that leave them out."""
    proposed = {row.key for row in proposal.rows.get("check", ())}
    standing = set(check_rows.problems(before))
    for problem in check_rows.problems(judged):
        if (problem.key in proposed or problem not in standing) and not aside.may_hold(problem):
            yield problem
