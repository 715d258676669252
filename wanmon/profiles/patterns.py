"""Regular expressions of profiles, checked when they are read."""

import re
from typing import Annotated

from pydantic import AfterValidator


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _pattern(text: str) -> str:
    if re.compile(_expression(text)).groups != 1:
        raise ValueError("needs exactly one group: what to take")
    return text


#: A regular expression.
Expression = Annotated[str, AfterValidator(_expression)]
#: One with exactly one group, which is what it takes.
Pattern = Annotated[str, AfterValidator(_pattern)]


def taken(pattern: Pattern, text: str) -> str:
    """What a pattern takes out of a text; nothing where it does not match."""
    found = re.search(pattern, text)
    return (found[1] or "").strip() if found else ""
