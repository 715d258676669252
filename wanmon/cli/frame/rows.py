"""Rows from flags: what `add` and `set` were given, checked by the noun's own fields. Pure.

A flag that no field takes is wrong usage and named as the flag that was typed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from wanmon.cli.frame.choosing import flag
from wanmon.errors import UsageError
from wanmon.exchange.wording import complaints, quoted
from wanmon.model.change import Action
from wanmon.model.fields import Fields
from wanmon.model.inventory import Edit, Inventory, Noun


def given(values: Mapping[str, str | None]) -> dict[str, str]:
    """The flags that were typed; an empty one was typed, too."""
    return {column: value for column, value in values.items() if value is not None}


def addition(noun: Noun, key: str, flags: Mapping[str, str]) -> Edit:
    """The edit that adds a row of these flags. Raises `UsageError` naming every flag that is missing or wrong."""
    missing = [flag(column) for column in required(noun) if column not in flags]
    if missing:
        raise UsageError(f"{noun.name} {key}: missing {', '.join(missing)}: see `wanmon {noun.name} add --help`")
    row = _validated(noun, key, {**flags, noun.key: key})
    return Edit(Action.ADD, noun, getattr(row, noun.key), plain(noun, row))


def alterations(inventory: Inventory, noun: Noun, keys: Sequence[str], flags: Mapping[str, Any]) -> list[Edit]:
    """The edits that give rows the values of the flags, where they have others. Raises `UsageError`."""
    edits = []
    for key in keys:
        old = plain(noun, inventory.rows(noun)[key])
        new = plain(noun, _validated(noun, key, {**old, **flags}))
        values = {column: value for column, value in new.items() if value != old[column]}
        edits += [Edit(Action.SET, noun, key, values)] if values else []
    return edits


def required(noun: Noun) -> list[str]:
    """The columns without which there is no row, except the key."""
    fields = noun.fields.model_fields
    return [column for column in noun.columns if fields[column].is_required() and column != noun.key]


def plain(noun: Noun, row: Fields) -> dict[str, Any]:
    """The values of a row by column."""
    return {column: getattr(row, column) for column in noun.columns}


def _validated(noun: Noun, key: str, values: Mapping[str, Any]) -> Fields:
    try:
        return noun.fields.model_validate(dict(values))
    except ValidationError as error:
        raise UsageError(f"{noun.name} {key}: " + "; ".join(_complaints(noun, values, error))) from None


def _complaints(noun: Noun, values: Mapping[str, Any], error: ValidationError) -> Iterator[str]:
    for column, words in complaints(noun.fields, error):
        name = noun.key if column in ("", noun.key) else flag(column)
        yield f"{name} {quoted(values.get(column or noun.key, ''))}: {words}"
