"""What is wrong with a key of a configuration file, in plain words: pydantic's errors translated. Never a value."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

_Context = Mapping[str, Any]
_PLAIN: dict[str, Callable[[_Context], str]] = {
    "missing": lambda _: "is missing",
    "too_short": lambda limit: _too_short(limit["min_length"]),
    "too_long": lambda limit: f"is longer than {limit['max_length']} characters",
    "greater_than": lambda limit: f"must be more than {limit['gt']:g}",
    "greater_than_equal": lambda limit: f"must be {limit['ge']:g} or more",
    "less_than": lambda limit: f"must be less than {limit['lt']:g}",
    "less_than_equal": lambda limit: f"must be {limit['le']:g} or less",
    "literal_error": lambda allowed: f"must be {allowed['expected']}",
    "value_error": lambda cause: str(cause["error"]),
}
#: By the beginning of pydantic's name for the error.
_KINDS = {
    "string_": "must be text, in quotes",
    "path_": "must be a path, in quotes",
    "int_": "is not a whole number",
    "float_": "is not a number",
    "list_": "must be a list, in [ ]",
    "tuple_": "must be a list, in [ ]",
    "model_": "must be a table of keys",
    "dict_": "must be a table of keys",
}


def complaint(detail: ErrorDetails) -> str:
    """What is wrong with the value of a key that is known."""
    words = _PLAIN.get(detail["type"])
    if words:
        return words(detail.get("ctx", {}))
    return next((text for kind, text in _KINDS.items() if detail["type"].startswith(kind)), detail["msg"])


def unknown_key(key: str, known: Iterable[str]) -> str:
    """That a key is unknown, and which one may be meant."""
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"unknown key {key}" + (f": did you mean {near[0]}?" if near else "")


def unreadable(path: Path, error: OSError) -> str:
    """That a file cannot be read, and who may read it."""
    advice = ": run as the service's user, like `sudo -u wanmon wanmon …`" if isinstance(error, PermissionError) else ""
    return f"{path}: cannot be read: {error.strerror}{advice}"


def _too_short(least: int) -> str:
    return "is empty" if least == 1 else f"is too short: {least} characters at least"
