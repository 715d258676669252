"""Text of a router made harmless: no control characters or escape sequences, no secret of ours, no more than asked for.

Pure.
"""

import re
from collections.abc import Collection, Iterator

#: Sequences that move a cursor or colour text (ECMA-48): CSI, the strings OSC, DCS, SOS, PM and APC, and short ones.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"
)
#: Whoever knows so many characters of a secret in a row may guess the rest; where a text was cut, no more may be left.
PIECE = 8
#: Of so few characters a secret is found in any text, and to hide it would only tell where.
LEAST = 4
HIDDEN = "***"
_BACKSPACED = re.compile(r"[^\x08\n]\x08")


def plain(text: str) -> str:
    """Lines of printable characters and tabs; what is rubbed out by a backspace, or cannot be seen, is gone."""
    bare = _BACKSPACED.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "".join(character for character in bare if character.isprintable() or character in "\n\t")


def one_line(text: str, limit: int = 80) -> str:
    """The same as one line of `limit` characters at most."""
    return " ".join(plain(text[: 20 * limit]).split())[:limit].rstrip()


def without(text: str, secrets: Collection[str]) -> str:
    """The same with every secret in it hidden, and every part of one of `PIECE` characters.

    A router may repeat what it was told in secret. Shorter secrets are hidden where they stand as a whole word. What
    a router makes of a secret (backwards, in hex) nobody can know.
    """
    for secret in secrets:
        found = [at for piece in _pieces(secret) for at in _places(piece, text)]
        text = _covered(text, found, min(len(secret), PIECE))
    return text


def _pieces(secret: str) -> set[str]:
    if len(secret) < LEAST:
        return set()
    return {secret[at : at + PIECE] for at in range(max(len(secret) - PIECE, 0) + 1)}


def _places(piece: str, text: str) -> Iterator[int]:
    """Where a piece begins, overlapping ones included."""
    form = f"(?={re.escape(piece)})" if len(piece) == PIECE else rf"(?<!\w){re.escape(piece)}(?!\w)"
    return (found.start() for found in re.finditer(form, text)) if piece in text else iter(())


def _covered(text: str, places: Collection[int], length: int) -> str:
    """The text with so many characters from each place on hidden; what touches is hidden as one."""
    parts: list[str] = []
    shown_from = 0
    for at in sorted(places):
        if at > shown_from or not parts:
            parts += [text[shown_from:at], HIDDEN]
        shown_from = at + length
    return "".join([*parts, text[shown_from:]])
