r"""Bytes of a device as text: the one place that turns them, whether they are text, an address, a date or bits.

Pure, and never raises for what a device sends. Strict UTF-8 is shown as it is, in NFC as the inventory has it. What is
not, and every character that is no printable one, is written out byte by byte as `\xNN`; `as_bytes` reads that back.
A backslash is doubled only where something is written out, or where it would be taken for that: a Windows port stays
`\Device\{...}`. Not kept are white space (a run of it is one space, none at the ends), the NULs that some agents pad
with, and what is beyond the limit.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv6Address

#: A label, or a name in a table.
LABEL_CHARACTERS = 200
#: What patterns look into: sysDescr has 255 bytes at most (RFC 3418), and agents that send more.
SEARCHED_CHARACTERS = 1000

_WRITTEN_OUT = re.compile(r"\\x[0-9a-f]{2}")
_PIECE = re.compile(r"\\x([0-9a-f]{2})|\\(\\)|([^\\]+|\\)")


def text(value: object, limit: int = LABEL_CHARACTERS) -> str:
    """Bytes as one printable line of `limit` characters at most; nothing for whatever else a device sent."""
    if not isinstance(value, bytes):
        return ""
    raw = value.rstrip(b"\0")
    shown = _as_utf8(raw)
    if shown is None or _WRITTEN_OUT.search(shown):
        return _cut(_pieces(raw), limit)
    return shown[:limit].rstrip()


def as_bytes(shown: str) -> bytes:
    """The bytes that `text` shows so, but for the white space and the length that it does not keep."""
    if not _WRITTEN_OUT.search(shown):
        return shown.encode()
    return b"".join(
        bytes.fromhex(digits) if digits else (backslash or plain).encode()
        for digits, backslash, plain in _PIECE.findall(shown)
    )


def typed(value: object, syntax: str, names: Mapping[int, str] | None = None, limit: int = LABEL_CHARACTERS) -> str:
    """A value as text, by the syntax that a profile gives its object; `names` are those of numbers or of bits.

    Bytes that are not what the syntax asks for are shown as 0x and hex digits: another syntax would be a guess.
    """
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    if isinstance(value, int):
        return (names or {}).get(value, str(value))
    if not isinstance(value, bytes):
        return ""
    if syntax == "bits":
        return _bits(value, names or {})
    form = _FORMS.get(syntax)
    if form is None:
        return text(value, limit)
    shown = form(value)
    return shown if shown is not None else f"0x{value[: limit // 2 - 1].hex()}"


def _as_utf8(raw: bytes) -> str | None:
    """Text of printable characters and single spaces, or None."""
    try:
        decoded = raw.decode()
    except UnicodeDecodeError:
        return None
    shown = " ".join(unicodedata.normalize("NFC", decoded).split())
    return shown if shown.isprintable() else None


def _pieces(raw: bytes) -> Iterator[str]:
    """The parts of a text with foreign bytes, none of which may be cut: a character, or one written out."""
    decoded = unicodedata.normalize("NFC", raw.decode("utf-8", "surrogateescape"))
    after_written = False
    for character in " ".join(decoded.split()):
        # A combining mark would merge with the digit before it as soon as anybody normalises the text.
        foreign = not character.isprintable() or (after_written and unicodedata.combining(character) > 0)
        after_written = foreign
        if foreign:
            yield from (f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
        else:
            yield r"\\" if character == "\\" else character


def _cut(pieces: Iterator[str], limit: int) -> str:
    kept: list[str] = []
    room = limit
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip()


def _date_and_time(value: bytes) -> str | None:
    """DateAndTime (RFC 2579) as ISO 8601: 8 bytes in the agent's own time, or 11 with the offset from UTC."""
    if len(value) not in (8, 11):
        return None
    year, month, day, hour, minute, second, tenth = int.from_bytes(value[:2], "big"), *value[2:8]
    zone = None
    if len(value) == 11:
        if value[8:9] not in (b"+", b"-") or value[9] > 14 or value[10] > 59:
            return None
        offset = timedelta(hours=value[9], minutes=value[10])
        zone = timezone(offset if value[8:9] == b"+" else -offset) if offset else UTC
    try:
        # A leap second is 60, which datetime does not know.
        whole = datetime(year, month, day, hour, minute, min(second, 59), tenth * 100_000, zone)
    except ValueError:
        return None
    return whole.isoformat(timespec="milliseconds" if tenth else "seconds") if second <= 60 else None


def _mac(value: bytes) -> str | None:
    """A hardware address of 6 or 8 bytes; none has no text."""
    return value.hex(":") if len(value) in (0, 6, 8) else None


def _ip(value: bytes) -> str | None:
    """IpAddress, or an InetAddress (RFC 4001) with or without the index of its zone."""
    zone = f"%{int.from_bytes(value[-4:], 'big')}" if len(value) in (8, 20) else ""
    if len(value) in (4, 8):
        return f"{IPv4Address(value[:4])}{zone}"
    if len(value) in (16, 20):
        return f"{IPv6Address(value[:16])}{zone}"
    return None if value else ""


def _bits(value: bytes, names: Mapping[int, str]) -> str:
    """The bits that are set, by name or number; the first is the highest of the first byte (RFC 2578 section 7.1.4)."""
    places = (8 * at + bit for at, byte in enumerate(value[:32]) for bit in range(8) if byte & 0x80 >> bit)
    return ", ".join(names.get(place, str(place)) for place in places)


_FORMS = {"date_and_time": _date_and_time, "mac": _mac, "ip": _ip}
