"""Text from outside as results may repeat it: one line, printable, not long. Pure."""

from wanmon.profiles.text import text


def shown(value: str | bytes, limit: int = 120) -> str:
    """A piece of text with what is not printable written out."""
    return text(value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape"), limit)


def milliseconds(value_s: float) -> str:
    """A time as results tell it."""
    return f"{value_s * 1000:.1f} ms"
