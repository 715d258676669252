"""Names of objects: those of the standard MIBs (`inventory/objects.csv`) and those that the profiles bring.

The table has a row for each object that an agent may be asked for: name, OID (a scalar's ends in .0), syntax, how its
bytes are meant (`kind`: text, bytes, mac, ip, date_and_time, bits, float, text_or_mac), and what its numbers or bits
are called. It was made from the facts of the MIB modules, since no library at hand ships them in a form to read.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from wanmon.config.layout import shipped
from wanmon.errors import ConfigError, NotFound
from wanmon.profiles.objects import MibObject, Oid, parse_oid

_INDEX = re.compile(r"([0-9]{1,10}(\.[0-9]{1,10})*)?")
_LARGEST_ARC = 2**32 - 1
#: Syntaxes of profiles that tell how bytes are meant.
_KINDS = frozenset({"text", "mac", "ip", "date_and_time", "bits"})


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object as `snmp get` and `snmp walk` show it; `syntax` and `kind` are "" where only a profile knows it."""

    name: str
    oid: Oid
    syntax: str = ""
    kind: str = ""
    values: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_scalar(self) -> bool:
        """Whether there is one instance of it, the .0."""
        return self.oid[-1] == 0


class Names:
    """Names to OIDs and back; where profiles and the standard have one name, the standard's OID counts."""

    def __init__(self, known: Iterable[NamedObject], groups: Mapping[str, Oid] | None = None) -> None:
        self._groups = {name.lower(): oid for name, oid in (groups or {}).items()}
        self._by_name: dict[str, NamedObject] = {}
        self._by_column: dict[Oid, NamedObject] = {}
        for item in known:
            self._by_name.setdefault(item.name.lower(), item)
            self._by_column.setdefault(item.oid[:-1] if item.is_scalar else item.oid, item)

    def resolve(self, text: str) -> Oid:
        """The OID of `1.3.6.1.2.1.1.5.0`, `ifName`, `ifName.3` or `sysName.0`.

        Raises `ConfigError` for what cannot be an OID, `NotFound` for a name that nobody knows.
        """
        if text.lstrip(".")[:1].isdigit():
            try:
                return parse_oid(text)
            except ValueError as error:
                raise ConfigError(f"{text!r} {error}") from None
        name, _, index = text.partition(".")
        item = self._by_name.get(name.lower())
        if item is None:
            raise NotFound("object", text, "give a numeric OID, or a name of a standard MIB or a profile")
        return (item.oid[:-1] if index and item.is_scalar else item.oid) + _index(text, index)

    def root(self, text: str) -> Oid:
        """What to walk: as `resolve`, and also the whole tree, `1`, a group or a table; a scalar by its object."""
        if re.fullmatch(r"\.?[0-2]", text):
            return (int(text[-1]),)
        if text.lower() in self._groups:
            return self._groups[text.lower()]
        oid = self.resolve(text)
        return oid[:-1] if text.lower() in self._by_name and oid[-1] == 0 else oid

    def find(self, oid: Oid) -> tuple[NamedObject, Oid] | None:
        """The object that an instance belongs to, and its index."""
        for length in range(len(oid), 0, -1):
            item = self._by_column.get(oid[:length])
            if item is not None:
                return item, oid[length:]
        return None


def names_of(profiles: Iterable[MibObject]) -> Names:
    """All names that are known here: of the standard MIBs, then of profiles."""
    return Names([*standard_objects(), *map(_of_a_profile, profiles)], standard_groups())


def _of_a_profile(item: MibObject) -> NamedObject:
    kind = item.syntax if item.syntax in _KINDS else ""
    return NamedObject(item.name, item.oid, kind=kind, values=item.names)


@cache
def standard_objects() -> tuple[NamedObject, ...]:
    """Every row of the table that comes with the program."""
    return tuple(read(shipped("inventory") / "objects.csv"))


@cache
def standard_groups() -> Mapping[str, Oid]:
    """Groups and tables of the standard MIBs, to be walked (`inventory/groups.csv`)."""
    with (shipped("inventory") / "groups.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: parse_oid(row["oid"]) for row in csv.DictReader(file)}


def read(path: Path) -> list[NamedObject]:
    """The rows of such a table. Raises `ConfigError` with the first one that cannot be used."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [_object(f"{path}:{rows.line_num}", row) for row in rows]


def _object(where: str, row: dict[str, str]) -> NamedObject:
    try:
        pairs = [pair.partition("=") for pair in row["values"].split()]
        values = {int(number): name for number, _, name in pairs}
        return NamedObject(row["name"], parse_oid(row["oid"]), row["syntax"], row["kind"], values)
    except (KeyError, AttributeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}: a row is name,oid,syntax,kind,values") from None


def _index(text: str, index: str) -> Oid:
    arcs = tuple(map(int, index.split("."))) if index and _INDEX.fullmatch(index) else ()
    if bool(index) != bool(arcs) or any(arc > _LARGEST_ARC for arc in arcs):
        raise ConfigError(f"{text!r} is no object name with a numeric index")
    return arcs
