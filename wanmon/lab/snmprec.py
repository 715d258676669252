r"""Recorded walks of real agents as files: snmpsim's `.snmprec`, read and written, plain or packed by bzip2 or gzip.

A line is `OID|TAG|VALUE`; the tag is that of BER in decimal, with `x` where the value is written in hex digits and `e`
where it has escapes like `\x0a`. Where snmpsim serves a line, it is read here as snmpsim reads it; a line that snmpsim
answers with an error when it is asked (a number out of its range, no value at all) is passed over and noted. A line
that cannot be one is an error. Files that are made by hand are not always in order, and some walks tell an OID twice:
what is told first counts, as in a walk.
"""

import bz2
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from wanmon.errors import RecordingError
from wanmon.protocols.snmp.types import Oid, Syntax, Value, VarBind

Recorded = dict[Oid, tuple[Syntax, Value]]
#: Is told what was passed over, one line each.
Note = Callable[[str], None]

#: Unpacked; a chassis with all its tables has a tenth of it.
MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 1_000_000
_MOST_PROBLEMS = 20
_SHOWN = 60

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OID = re.compile(rb"\.?([0-2](?:\.[0-9]{1,10}){1,127})")
_TAG = re.compile(rb"([0-9]{1,3})([xe]?)")
_NUMBER = re.compile(rb"[+-]?[0-9]{1,25}")
_ADDRESS = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_ESCAPE = re.compile(rb"""\\(?:([\\'"abfnrtv])|x([0-9a-fA-F]{2})|(.?))""", re.DOTALL)
_ESCAPED = dict(zip(b"\\'\"abfnrtv", b"\\'\"\a\b\f\n\r\t\v", strict=True))
_LARGEST_ARC = 2**32 - 1

_RANGES = {
    Syntax.INTEGER: range(-(2**31), 2**31),
    Syntax.COUNTER32: range(2**32),
    Syntax.GAUGE32: range(2**32),
    Syntax.TIMETICKS: range(2**32),
    Syntax.COUNTER64: range(2**64),
}
_STRINGS = (Syntax.OCTET_STRING, Syntax.OPAQUE)
#: What may stand in a line as it is: neither the separator, nor what readers take for an escape.
_PLAIN = re.compile(rb"(?:[!-[\]-{}~](?:[ !-[\]-{}~]*[!-[\]-{}~])?)?")


class _Wrong(ValueError):
    """A line that cannot be one."""


class _PassedOver(ValueError):
    """A line that says nothing which an agent could answer."""


def read(path: Path, note: Note = lambda text: None) -> Recorded:
    """Every instance of a recording, in the order of a walk.

    Raises `RecordingError` with every problem found: file, line, what stands there and what to do.
    """
    return parse(_content(path).splitlines(), str(path), note)


def parse(lines: Sequence[bytes], name: str, note: Note = lambda text: None) -> Recorded:
    """The same of lines; `name` stands for the file in what is told. Raises `RecordingError`."""
    if len(lines) > MAX_LINES:
        raise RecordingError([f"{name}: more than {MAX_LINES} lines: no walk of one agent is so long"])
    found: Recorded = {}
    problems: list[str] = []
    for number, raw in enumerate(lines, start=1):
        text = raw.removeprefix(_BYTE_ORDER_MARK).strip()
        if not text or text.startswith(b"#"):
            continue
        try:
            oid, syntax, value = _instance(text)
            if found.setdefault(oid, (syntax, value)) != (syntax, value):
                raise _PassedOver("tells an OID again, and otherwise than before")
        except _PassedOver as why:
            note(f"{name}:{number}: {_shown(text)} {why}: passed over")
        except _Wrong as why:
            problems.append(f"{name}:{number}: {_shown(text)} {why}: correct the line or take it out")
            if len(problems) == _MOST_PROBLEMS:
                break
    if problems:
        raise RecordingError(problems)
    return dict(sorted(found.items()))


def write(path: Path, rows: Iterable[VarBind], comments: Sequence[str] = ()) -> None:
    """Write what was read of an agent, after `comments`; `.bz2` and `.gz` in the name pack it.

    What the agent said is missing is left out. Raises `WanmonError`s for a file that cannot be written, one that is
    there included: a recording is not made twice.
    """
    told = [b"# " + " ".join(comment.split()).encode() for comment in comments]
    told += [line(row) for row in rows if not row.is_missing]
    packed = _PACKED_BY.get(path.suffix, bytes)(b"".join(each + b"\n" for each in told))
    try:
        with path.open("xb") as file:
            file.write(packed)
    except OSError as error:
        raise RecordingError([f"{path}: cannot be written: {error.strerror}"]) from None


def line(row: VarBind) -> bytes:
    """One instance as a line, without its end; `read` gives back the same."""
    tag, text = _told(row.syntax, row.value)
    return f"{_dotted(row.oid)}|{tag}|".encode() + text


def _told(syntax: Syntax, value: Value) -> tuple[str, bytes]:
    """The tag and the text of a value."""
    if value is None:
        return f"{syntax:d}", b""
    if isinstance(value, int):
        return f"{syntax:d}", b"%d" % value
    if isinstance(value, tuple):
        return f"{syntax:d}", _dotted(value).encode()
    if syntax is Syntax.IP_ADDRESS:
        return f"{syntax:d}", _dotted(value).encode()
    if syntax is Syntax.OCTET_STRING and _PLAIN.fullmatch(value):
        return f"{syntax:d}", value
    return f"{syntax:d}x", value.hex().encode()


def _content(path: Path) -> bytes:
    """The bytes of a file, unpacked as far as they may go."""
    opened = _UNPACKED_BY.get(path.suffix, Path.open)
    try:
        with opened(path, "rb") as file:
            content: bytes = file.read(MAX_BYTES + 1)
    except (EOFError, zlib.error) as error:
        raise RecordingError([f"{path}: cannot be unpacked: {error}: copy the file anew"]) from None
    except OSError as error:
        raise RecordingError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    if len(content) > MAX_BYTES:
        raise RecordingError([f"{path}: larger than {MAX_BYTES} bytes: no walk of one agent is so large"])
    return content


def _instance(line: bytes) -> tuple[Oid, Syntax, Value]:
    parts = line.split(b"|", 2)
    if len(parts) < 3:
        raise _Wrong("is no OID|TAG|VALUE")
    oid = _oid(parts[0].strip())
    kind, is_made_up, variation = parts[1].strip().partition(b":")
    if is_made_up and not kind:
        raise _PassedOver("stands for a whole subtree that snmpsim makes up")
    tag = _TAG.fullmatch(kind)
    if tag is None:
        raise _Wrong(f"has no tag like 4, 4x or 65, but {_shown(kind)}")
    syntax = _syntax(int(tag[1]))
    if is_made_up:
        return oid, syntax, _beginning(syntax, variation, parts[2])
    return oid, syntax, _value(syntax, tag[2], parts[2].strip())


def _oid(text: bytes) -> Oid:
    found = _OID.fullmatch(text)
    if found is None:
        raise _Wrong("has no OID of numbers with dots before the first |")
    oid = tuple(map(int, found[1].split(b".")))
    if max(oid) > _LARGEST_ARC or (oid[0] < 2 and oid[1] > 39):
        raise _Wrong("has an OID with a number that no OID may have")
    return oid


def _syntax(tag: int) -> Syntax:
    if tag in (Syntax.NO_SUCH_OBJECT, Syntax.NO_SUCH_INSTANCE, Syntax.END_OF_MIB_VIEW):
        raise _PassedOver("says that there is nothing")
    try:
        return Syntax(tag)
    except ValueError:
        raise _PassedOver(f"has tag {tag}, which no SNMP value has") from None


def _value(syntax: Syntax, encoding: bytes, text: bytes) -> Value:
    if syntax is Syntax.NULL:
        return None
    if syntax in _RANGES:
        if encoding:
            raise _Wrong("is a number, which has neither hex digits nor escapes")
        return _number(syntax, text)
    if syntax is Syntax.OBJECT_IDENTIFIER:
        # An empty OID is how several agents write 0.0 (zeroDotZero).
        return _oid(text) if text else (0, 0)
    if syntax in _STRINGS or encoding:
        value = _DECODERS[encoding](text)
        if syntax is Syntax.IP_ADDRESS and len(value) != 4:
            raise _PassedOver(f"is an IP address of {len(value)} bytes")
        return value
    return _address(text)


def _number(syntax: Syntax, text: bytes) -> int:
    if not text:
        raise _PassedOver("is a number without a value")
    if not _NUMBER.fullmatch(text):
        raise _Wrong(f"has {_shown(text)} where a number belongs")
    if int(text) not in _RANGES[syntax]:
        raise _PassedOver(f"has a number that no {syntax.name} can be")
    return int(text)


def _address(text: bytes) -> bytes:
    if not text:
        raise _PassedOver("is an IP address without a value")
    parts = [int(part) for part in text.split(b".")] if _ADDRESS.fullmatch(text) else []
    if not parts or max(parts) > 255:
        raise _Wrong(f"has {_shown(text)} where an address like 10.27.0.1 belongs")
    return bytes(parts)


def _beginning(syntax: Syntax, variation: bytes, text: bytes) -> int:
    """What snmpsim's `numeric` begins with: its clock at 0 and its dice at rest; nothing for its other modules."""
    if variation.strip() != b"numeric" or syntax not in _RANGES:
        raise _PassedOver("is made up by snmpsim when it is asked")
    try:
        given = {key.strip(): float(value) for key, _, value in _settings(text) if key.strip() != b"function"}
        low, high = given.get(b"min", 0.0), given.get(b"max", float(_RANGES[syntax][-1]))
        begins = given.get(b"initial", low) + given.get(b"offset", 0.0)
        return _number(syntax, b"%d" % int(max(low, min(high, begins))))
    except (ValueError, OverflowError):
        raise _PassedOver("has settings of a variation that are no numbers") from None


def _settings(text: bytes) -> list[tuple[bytes, bytes, bytes]]:
    return [part.partition(b"=") for part in text.split(b",") if part.strip()]


def _from_hex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise _Wrong("has a value that is not whole bytes of two hex digits") from None


def _from_escapes(text: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    letter, digits, other = found.groups()
    if letter:
        return bytes((_ESCAPED[letter[0]],))
    if digits:
        return bytes.fromhex(digits.decode())
    raise _Wrong(f"has an unknown escape \\{other.decode('ascii', 'replace')}")


_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {b"": bytes, b"x": _from_hex, b"e": _from_escapes}
_UNPACKED_BY: dict[str, Callable[..., Any]] = {".bz2": bz2.open, ".gz": gzip.open}
_PACKED_BY: dict[str, Callable[[bytes], bytes]] = {".bz2": bz2.compress, ".gz": gzip.compress}


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def _dotted(numbers: Iterable[int]) -> str:
    return ".".join(map(str, numbers))
