"""Var-binds as net-snmp's tools write them, with the names that the profiles know. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from wanmon.cli.frame.printable import printable
from wanmon.profiles.objects import MibObject
from wanmon.protocols.snmp.types import Oid, Syntax, VarBind

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
_TICKS_A_DAY, _TICKS_AN_HOUR, _TICKS_A_MINUTE = 8_640_000, 360_000, 6_000


def varbind_record(varbind: VarBind, names: Mapping[Oid, str]) -> dict[str, Any]:
    """OID, name ("" where no profile has one), syntax and value; bytes that are no text as 0x and hex digits."""
    return {
        "oid": _dotted(varbind.oid),
        "name": name_of(varbind.oid, names),
        "syntax": varbind.syntax.name.lower(),
        "value": _value(varbind),
    }


def line(varbind: VarBind, names: Mapping[Oid, str]) -> str:
    """`ifName.1 = STRING: lo`."""
    name = name_of(varbind.oid, names) or f".{_dotted(varbind.oid)}"
    if varbind.is_missing:
        return f"{name} = {_TYPES[varbind.syntax]}"
    value = _value(varbind)
    if varbind.syntax is Syntax.TIMETICKS and isinstance(value, int):
        return f"{name} = Timeticks: ({value}) {_duration(value)}"
    if isinstance(varbind.value, bytes) and isinstance(value, str) and value.startswith("0x"):
        return f"{name} = Hex-STRING: {varbind.value.hex(' ').upper()}"
    return f"{name} = {_TYPES[varbind.syntax]}: {printable(str(value))}"


def names_of(objects: Iterable[MibObject]) -> dict[Oid, str]:
    """The names of objects by OID; a scalar without its .0."""
    return {(item.oid[:-1] if item.oid[-1] == 0 else item.oid): item.name for item in objects}


def name_of(oid: Oid, names: Mapping[Oid, str]) -> str:
    """The name of an object with its index, or nothing."""
    for length in range(len(oid), 0, -1):
        if oid[:length] in names:
            return ".".join([names[oid[:length]], *map(str, oid[length:])])
    return ""


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
