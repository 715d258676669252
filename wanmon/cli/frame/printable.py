"""Text as a terminal may get it. Names come from files and devices: an escape sequence in one must stay text."""

import re
import unicodedata


def printable(text: str) -> str:
    r"""The text with everything unprintable written out, as `\x1b` or `\u202e`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _written_out(c) for c in text)


def printable_json(text: str) -> str:
    """JSON that a terminal may get: what is unprintable within its strings as JSON's own escapes."""
    return re.sub(r"[^\n -~]", lambda found: _json_escape(found[0]), text)


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _written_out(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode("ascii")


def _json_escape(character: str) -> str:
    if character.isprintable():
        return character
    encoded = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{encoded[at : at + 4]}" for at in range(0, len(encoded), 4))
