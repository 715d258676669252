"""Several files as one proposal. Reads; changes nothing."""

from collections.abc import Sequence

from wanmon.errors import InventoryError, UsageError
from wanmon.exchange import folder
from wanmon.exchange.folder import Proposal, joined
from wanmon.model.inventory import NOUN, NOUNS
from wanmon.model.rules import REFERENCES


def merged(paths: Sequence[str], noun: str | None) -> Proposal:
    """The rows of all `paths`, with the problems of every file; `noun` says what those of a single file are."""
    if list(paths).count("-") > 1:
        raise UsageError("standard input can be read only once")
    return joined([_read(path, noun) for path in paths])


def missing_nouns(proposal: Proposal) -> list[str]:
    """The plurals of the nouns that its rows may refer to and that it has no file for."""
    needed = {other for noun, _, other in REFERENCES if noun in proposal.rows}
    return [noun.plural for noun in NOUNS if noun.name in needed and noun.name not in proposal.rows]


def _read(path: str, noun: str | None) -> Proposal:
    """One of several: that it cannot be read does not hide what is wrong with the others."""
    try:
        return folder.read(path, noun)
    except InventoryError as error:
        return Proposal({}, error.problems, unread=frozenset(NOUN))
