"""Which rows a person means: keys and names, `--where column=value`, words to look for. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from wanmon.errors import Ambiguous, NotFound, UsageError
from wanmon.model.fields import Fields
from wanmon.model.inventory import Inventory, Noun
from wanmon.store.folding import folded
from wanmon.store.search import find_site, matching_sites

#: Columns that people call otherwise on the command line.
FLAG_NAMES = {"site_class": "class"}


def flag(column: str) -> str:
    """The flag of a column: `--second-parent`, `--class`."""
    return "--" + FLAG_NAMES.get(column, column).replace("_", "-")


def find(inventory: Inventory, noun: Noun, text: str) -> str:
    """The key of the row that `text` means: a key in any case, or a name. A site also by address, device or circuit.

    Raises `NotFound` and `Ambiguous`.
    """
    rows = inventory.rows(noun)
    if text in rows:
        return text
    if noun.name == "site":
        return find_site(inventory, text).code
    for fits in (_is_key, _is_address, _is_name):
        found = [key for key, row in rows.items() if fits(key, row, text)]
        if len(found) > 1:
            raise Ambiguous(noun.name, text, [f"{key} {getattr(rows[key], 'name', '')}" for key in found])
        if found:
            return found[0]
    raise _not_found(noun, text, rows)


def exact(inventory: Inventory, noun: Noun, text: str) -> str:
    """The same by its key alone: what is removed is named in full."""
    rows = inventory.rows(noun)
    if text not in rows:
        raise _not_found(noun, text, rows)
    return text


def several(
    inventory: Inventory, noun: Noun, texts: Sequence[str] | None, where: Sequence[str] | None
) -> tuple[str, ...]:
    """The rows that are named, or those that have the values asked for."""
    if bool(texts) == bool(where):
        raise UsageError(f"say which {noun.plural}: either by their {noun.key}, or by --where column=value")
    if texts:
        return tuple(dict.fromkeys(find(inventory, noun, text) for text in texts))
    keys = tuple(key for key, _ in having(noun, inventory.rows(noun), where or ()))
    if not keys:
        raise NotFound(noun.name, " ".join(where or ()))
    return keys


def having(noun: Noun, rows: Mapping[str, Fields], where: Sequence[str]) -> list[tuple[str, Fields]]:
    """The rows with all of the values of `column=value`. Raises `UsageError` for an unknown column."""
    wanted = [_condition(noun, text) for text in where]
    return [
        (key, row) for key, row in rows.items() if all(shown(getattr(row, column)) == value for column, value in wanted)
    ]


def looked_for(inventory: Inventory, noun: Noun, query: str, rows: Iterable[str]) -> list[str]:
    """Those of `rows` with every word of `query` in any of their values, diacritics or not."""
    words = folded(query).split()
    if noun.name == "site" and words:
        found = {site.code for site in matching_sites(inventory, query)}
        return [key for key in rows if key in found]
    return [key for key in rows if all(word in _all_text(noun, inventory.rows(noun)[key]) for word in words)]


def shown(value: Any) -> str:
    """A value as a file has it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _condition(noun: Noun, text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    named = {flag(column)[2:]: column for column in noun.columns} | {column: column for column in noun.columns}
    if not separator or name not in named:
        near = get_close_matches(name, named, n=1)
        advice = f"did you mean {near[0]}?" if near else f"one of {', '.join(noun.columns)}"
        raise UsageError(f"--where {text!r}: is no column=value of a {noun.name}: {advice}")
    return named[name], value


def _is_key(key: str, row: Any, text: str) -> bool:
    return key.casefold() == text.strip().casefold()


def _is_address(key: str, row: Any, text: str) -> bool:
    return bool(text.strip()) and getattr(row, "address", None) == text.strip()


def _is_name(key: str, row: Any, text: str) -> bool:
    return bool(folded(text)) and folded(getattr(row, "name", "")) == folded(text)


def _all_text(noun: Noun, row: Any) -> str:
    return " ".join(folded(shown(getattr(row, column))) for column in noun.columns)


def _not_found(noun: Noun, text: str, rows: Mapping[str, Any]) -> NotFound:
    near = get_close_matches(text.upper(), rows, n=3)
    return NotFound(noun.name, text, f"did you mean {' or '.join(near)}?" if near else f"see `wanmon {noun.name} list`")
