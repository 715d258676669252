"""Text of a router made harmless: no control characters, no escape sequences, no more than asked for. Pure."""

import re

#: Sequences that move a cursor or colour text (ECMA-48): CSI, the strings OSC, DCS, SOS, PM and APC, and short ones.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"
)
_BACKSPACED = re.compile(r"[^\x08\n]\x08")


def plain(text: str) -> str:
    """Lines of printable characters and tabs; what is rubbed out by a backspace, or cannot be seen, is gone."""
    bare = _BACKSPACED.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "".join(character for character in bare if character.isprintable() or character in "\n\t")


def one_line(text: str, limit: int = 80) -> str:
    """The same as one line of `limit` characters at most."""
    return " ".join(plain(text[: 20 * limit]).split())[:limit].rstrip()
