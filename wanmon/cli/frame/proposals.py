"""Several files as one proposal. Reads; changes nothing."""

from collections.abc import Sequence

from wanmon.errors import InventoryError, UsageError
from wanmon.exchange import folder
from wanmon.exchange.csvfile import Row
from wanmon.exchange.folder import Proposal
from wanmon.model.inventory import NOUNS
from wanmon.model.rules import REFERENCES


def merged(paths: Sequence[str], noun: str | None) -> Proposal:
    """The rows of all `paths`; `noun` says what those of a single file are.

    Raises `InventoryError` with the problems of every file, and for a row that stands in two.
    """
    if list(paths).count("-") > 1:
        raise UsageError("standard input can be read only once")
    rows: dict[str, tuple[Row, ...]] = {}
    problems: list[str] = []
    for path in paths:
        try:
            proposal = folder.read(path, noun)
        except InventoryError as error:
            problems += error.problems
            continue
        for name, more in proposal.rows.items():
            rows[name] = (*rows.get(name, ()), *more)
    problems += [problem for each in rows.values() for problem in _twice(each)]
    if problems:
        raise InventoryError(problems)
    return Proposal(rows)


def missing_nouns(proposal: Proposal) -> list[str]:
    """The plurals of the nouns that its rows may refer to and that it has no file for."""
    needed = {other for noun, _, other in REFERENCES if noun in proposal.rows}
    return [noun.plural for noun in NOUNS if noun.name in needed and noun.name not in proposal.rows]


def _twice(rows: Sequence[Row]) -> list[str]:
    first: dict[str, Row] = {}
    return [
        f"{row.place}: {row.noun.key} {row.key!r}: stands in {first[row.key].place} already"
        for row in rows
        if first.setdefault(row.key, row) is not row
    ]
