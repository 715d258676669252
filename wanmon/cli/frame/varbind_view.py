"""Var-binds as net-snmp's tools write them, with names, and with what their values mean where that is known. Pure."""

import struct
from typing import Any

from wanmon.cli.frame.printable import printable
from wanmon.profiles.names import NamedObject, Names
from wanmon.profiles.text import typed
from wanmon.protocols.snmp.types import Oid, Syntax, VarBind

#: The columns of a record; without interpretation the name and the meaning are left out.
COLUMNS = ("oid", "name", "syntax", "value", "text")
RAW_COLUMNS = ("oid", "syntax", "value")

_TYPES = {
    Syntax.INTEGER: "INTEGER",
    Syntax.OCTET_STRING: "STRING",
    Syntax.NULL: "NULL",
    Syntax.OBJECT_IDENTIFIER: "OID",
    Syntax.IP_ADDRESS: "IpAddress",
    Syntax.COUNTER32: "Counter32",
    Syntax.GAUGE32: "Gauge32",
    Syntax.TIMETICKS: "Timeticks",
    Syntax.OPAQUE: "Opaque",
    Syntax.COUNTER64: "Counter64",
    Syntax.NO_SUCH_OBJECT: "No Such Object available on this agent at this OID",
    Syntax.NO_SUCH_INSTANCE: "No Such Instance currently exists at this OID",
    Syntax.END_OF_MIB_VIEW: "No more variables left in this MIB View",
}
_TYPED_KINDS = frozenset({"mac", "ip", "date_and_time", "bits"})
_MAC_BYTES = 6
#: Opaque holds BER of its own: a special tag, then an IEEE float or double (net-snmp, and Perkins' draft before it).
_FLOATS = {b"\x9f\x78\x04": ">f", b"\x9f\x79\x08": ">d"}
_TICKS_A_DAY, _TICKS_AN_HOUR, _TICKS_A_MINUTE = 8_640_000, 360_000, 6_000


def varbind_record(varbind: VarBind, names: Names) -> dict[str, Any]:
    """OID, name ("" where nobody has one), syntax, value (bytes that are no text as 0x and hex digits), and meaning."""
    item, index = names.find(varbind.oid) or (None, ())
    return {
        "oid": _dotted(varbind.oid),
        "name": _name(item, index),
        "syntax": varbind.syntax.name.lower(),
        "value": _value(varbind),
        "text": _text(varbind, item),
    }


def raw_record(varbind: VarBind) -> dict[str, Any]:
    """OID, syntax and value, all bytes as 0x and hex digits."""
    value = varbind.value
    told = f"0x{value.hex()}" if isinstance(value, bytes) else _value(varbind)
    return {"oid": _dotted(varbind.oid), "syntax": varbind.syntax.name.lower(), "value": told}


def line(varbind: VarBind, names: Names) -> str:
    """`ifOperStatus.1 = INTEGER: up(1)`."""
    item, index = names.find(varbind.oid) or (None, ())
    name = _name(item, index) or f".{_dotted(varbind.oid)}"
    if varbind.is_missing or varbind.syntax is Syntax.NULL:
        return f"{name} = {_TYPES[varbind.syntax]}"
    value, text = _value(varbind), _text(varbind, item)
    if varbind.syntax is Syntax.TIMETICKS:
        return f"{name} = Timeticks: ({value}) {text}"
    if isinstance(varbind.value, int) and text != str(value):
        return f"{name} = {_TYPES[varbind.syntax]}: {text}({value})"
    if isinstance(varbind.value, bytes) and text.startswith("0x"):
        return f"{name} = {_hex(varbind.value)}"
    return f"{name} = {_TYPES[varbind.syntax]}: {printable(text)}"


def raw_line(varbind: VarBind) -> str:
    """`.1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 1`: no names, and of bytes their digits."""
    name = f".{_dotted(varbind.oid)}"
    if varbind.is_missing or varbind.syntax is Syntax.NULL:
        return f"{name} = {_TYPES[varbind.syntax]}"
    if isinstance(varbind.value, bytes):
        return f"{name} = {_hex(varbind.value)}"
    return f"{name} = {_TYPES[varbind.syntax]}: {_value(varbind)}"


def _name(item: NamedObject | None, index: Oid) -> str:
    return ".".join([item.name, *map(str, index)]) if item else ""


def _text(varbind: VarBind, item: NamedObject | None) -> str:
    """What a value means, for a person; the value as it is where nothing more is known."""
    value = varbind.value
    if varbind.syntax is Syntax.TIMETICKS and isinstance(value, int):
        return _duration(value)
    if item and isinstance(value, int) and varbind.syntax is Syntax.INTEGER:
        return item.values.get(value, str(value))
    if not isinstance(value, bytes):
        return "" if value is None else str(_value(varbind))
    if varbind.syntax is Syntax.OPAQUE:
        return _float(value)
    if item and varbind.syntax is Syntax.OCTET_STRING:
        return _meant(value, item, str(_value(varbind)))
    return str(_value(varbind))


def _meant(value: bytes, item: NamedObject, as_it_is: str) -> str:
    if item.kind in _TYPED_KINDS:
        return typed(value, item.kind, item.values)
    if item.kind == "bytes":
        return f"0x{value.hex()}" if value else ""
    if item.kind == "text_or_mac" and as_it_is.startswith("0x") and len(value) == _MAC_BYTES:
        return typed(value, "mac")
    return as_it_is


def _float(value: bytes) -> str:
    form = _FLOATS.get(value[:3])
    if form is None or len(value) != 3 + struct.calcsize(form):
        return f"0x{value.hex()}"
    return f"{struct.unpack(form, value[3:])[0]:.6g}"


def _hex(value: bytes) -> str:
    return f"Hex-STRING: {value.hex(' ').upper()}"


def _value(varbind: VarBind) -> int | str | None:
    value = varbind.value
    if isinstance(value, tuple):
        return _dotted(value)
    if not isinstance(value, bytes):
        return value
    if varbind.syntax is Syntax.IP_ADDRESS:
        return ".".join(map(str, value))
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
    is_text = all(character.isprintable() or character in "\t\r\n" for character in text)
    return text if is_text else f"0x{value.hex()}"


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def _duration(ticks: int) -> str:
    days, rest = divmod(ticks, _TICKS_A_DAY)
    hours, rest = divmod(rest, _TICKS_AN_HOUR)
    minutes, rest = divmod(rest, _TICKS_A_MINUTE)
    seconds, hundredths = divmod(rest, 100)
    told = f"{hours}:{minutes:02}:{seconds:02}.{hundredths:02}"
    return f"{days} day{'s' if days != 1 else ''}, {told}" if days else told
