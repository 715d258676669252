"""What is wrong with a cell, in plain words: pydantic's errors translated, values quoted, likely words suggested."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wanmon.model.fields import CircuitCode, Code, DeviceName, Fields, Slug

_SHOWN = 60  # characters of a value that an error repeats
_SUGGESTIBLE = 64  # longer words are compared with nothing: comparing costs the product of the lengths


def _pattern(form: Any) -> str:
    return next(str(part.pattern) for part in get_args(form) if hasattr(part, "pattern"))


_FORMS = {
    _pattern(Code): "is no code like BN-0001: capital letters without diacritics, digits, `.` and `-`, at most 32",
    _pattern(Slug): "is no word like dc-portal: small letters without diacritics, digits, `-` and `_`, at most 48",
    _pattern(DeviceName): "is no device name like BN-0001-R1: capital letters, digits, `.`, `_` and `-`, at most 48",
    _pattern(CircuitCode): "is no circuit id: letters without diacritics, digits, `.`, `_`, `/` and `-`, at most 64",
}

_Context = Mapping[str, Any]
_PLAIN: dict[str, Callable[[_Context], str]] = {
    "int_parsing": lambda _: "is not a whole number: digits only",
    "int_type": lambda _: "is not a whole number: digits only",
    "float_type": lambda _: "is not a number: digits with a decimal point, like 21.18",
    "finite_number": lambda _: "is not a number: digits with a decimal point, like 21.18",
    "int_from_float": lambda _: "is not a whole number: digits only",
    "float_parsing": lambda _: "is not a number: digits with a decimal point, like 21.18",
    "greater_than": lambda limit: f"must be more than {limit['gt']}",
    "greater_than_equal": lambda limit: f"must be {limit['ge']} or more",
    "less_than": lambda limit: f"must be less than {limit['lt']}",
    "less_than_equal": lambda limit: f"must be {limit['le']} or less",
    "too_short": lambda _: "is empty",
    "too_long": lambda limit: f"is longer than {limit['max_length']} characters",
    "string_pattern_mismatch": lambda limit: _FORMS.get(limit["pattern"], f"does not fit {limit['pattern']}"),
    "date_parsing": lambda _: "is not a date like 2026-03-31",
    "date_from_datetime_parsing": lambda _: "is not a date like 2026-03-31",
    "date_from_datetime_inexact": lambda _: "is not a date like 2026-03-31",
    "value_error": lambda cause: str(cause["error"]),
}


def quoted(value: object) -> str:
    """A value as an error repeats it: in quotes, cut, with everything escaped that a terminal would act on."""
    text = str(value)
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'status'?`, or nothing where no known word is like it."""
    if len(word) > _SUGGESTIBLE:
        return ""
    by_folded = {other.casefold(): other for other in known}
    near = get_close_matches(word.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]!r}?" if near else ""


def complaints(fields: type[Fields], error: ValidationError) -> list[tuple[str, str]]:
    """What a row failed on: (column, or nothing when it is the row as a whole; what is wrong with it)."""
    return [(str(detail["loc"][0]) if detail["loc"] else "", _plain(fields, detail)) for detail in _details(error)]


def in_words(detail: ErrorDetails) -> str:
    """What pydantic says of one value, in plain words where we have some."""
    words = _PLAIN.get(detail["type"])
    return words(detail.get("ctx", {})) if words else detail["msg"]


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False)


def _plain(fields: type[Fields], detail: ErrorDetails) -> str:
    if detail["type"] == "enum" and detail["input"]:
        return _choices(fields, str(detail["loc"][0]), str(detail["input"]))
    if detail["input"] == "" and detail["loc"]:
        required = fields.model_fields[str(detail["loc"][0])].is_required()
        return "is empty: give a value" + ("" if required else ", or leave the whole column out")
    return in_words(detail)


def _choices(fields: type[Fields], column: str, value: str) -> str:
    options: Any = fields.model_fields[column].annotation
    assert issubclass(options, StrEnum)  # pydantic says "enum" of nothing else
    words = [option.value for option in options]
    return f"is none of {', '.join(words)}{suggestion(value, words)}"
