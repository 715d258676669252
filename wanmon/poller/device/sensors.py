"""The health of a device in base units, out of what was read of it. Pure: cells in, values out.

What cannot be (a share above 1, 65,535 degrees, more used than there is) is left out: agents say so for "not known".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wanmon.profiles.objects import MibObject, Oid
from wanmon.profiles.patterns import taken
from wanmon.profiles.rows import Cells, fits
from wanmon.profiles.sensors import Gauge, Pool, Source, Status
from wanmon.profiles.text import typed

#: Of each kind, by index: one agent must not swell every scrape.
MOST_OF_A_KIND = 64
#: What each kind may be, in its base unit.
RANGES = {
    "cpu": (0.0, 1.0),
    "temperature": (-100.0, 300.0),
    "battery_charge": (0.0, 1.0),
    "battery_runtime": (0.0, 10 * 365 * 86_400.0),
}
_NUMBER = re.compile(rb"\s*-?[0-9]{1,18}(\.[0-9]{1,18})?\s*\0*")
#: EntitySensorDataScale of the plain unit; each step is a factor of 1,000 (RFC 3433).
_UNITS = 9


class Reading(NamedTuple):
    """One value and what it is called, unique of its kind within the device; 1 and 0 for yes and no."""

    name: str
    value: float


class Amount(NamedTuple):
    """One pool of memory, in bytes."""

    name: str
    used: float
    size: float


@dataclass(frozen=True, slots=True)
class Health:
    """The readings of a device: shares of 1, bytes, degrees Celsius, seconds."""

    cpu: tuple[Reading, ...] = ()
    memory: tuple[Amount, ...] = ()
    temperature: tuple[Reading, ...] = ()
    power_supply: tuple[Reading, ...] = ()
    on_battery: tuple[Reading, ...] = ()
    battery_charge: tuple[Reading, ...] = ()
    battery_runtime: tuple[Reading, ...] = ()


#: That of a device whose sensors were not read.
UNREAD = Health()


def health(chosen: Mapping[str, Source], objects: Mapping[str, MibObject], cells: Cells) -> Health:
    """What the chosen sources, by kind, say of a device that reads so."""
    found = {kind: readings(kind, source, objects, cells) for kind, source in chosen.items()}
    return Health(**found)  # type: ignore[arg-type]  # memory alone has amounts


def readings(
    kind: str, source: Source, objects: Mapping[str, MibObject], cells: Cells
) -> tuple[Reading, ...] | tuple[Amount, ...]:
    """What one source of a kind gives, by index, each under a name of its own."""
    taken_names: set[str] = set()
    found: list[Reading | Amount] = []
    for index in _rows(source, cells):
        row = _Row(index, objects, cells)
        value = _value(kind, source, row)
        if value is None:
            continue
        name = _name(source, row)
        while name in taken_names:
            name = f"{name}@{_dotted(index)}"
        taken_names.add(name)
        found.append(Amount(name, *value) if isinstance(value, tuple) else Reading(name, value))
        if len(found) == MOST_OF_A_KIND:
            break
    return tuple(found)  # type: ignore[return-value]  # a source is of one kind


class _Row:
    """The cells of one row."""

    def __init__(self, index: Oid, objects: Mapping[str, MibObject], cells: Cells) -> None:
        self.index = index
        self._objects = objects
        self._cells = cells

    def raw(self, name: str) -> object:
        """What was read, or None."""
        return self._cells.get(name, {}).get(self.index)

    def number(self, name: str) -> float | None:
        """The number of an object in base units; text that is a number is one."""
        number = as_number(self.raw(name))
        return None if number is None else number * self._objects[name].factor

    def text(self, name: str) -> str:
        """What the object reads as text."""
        item = self._objects[name]
        return typed(self.raw(name), item.syntax, item.names)


def as_number(raw: object) -> float | None:
    """A number as an agent sends it, if only in letters."""
    if isinstance(raw, bytes):
        return float(raw.strip(b"\0")) if _NUMBER.fullmatch(raw) else None
    return raw if isinstance(raw, int) else None


def _rows(source: Source, cells: Cells) -> Sequence[Oid]:
    first = next(source.numbers()).name
    return [index for index in sorted(cells.get(first, {})) if fits(source.where, cells, index)]


def _name(source: Source, row: _Row) -> str:
    label = taken(source.label_pattern, row.text(source.label)) if source.label else ""
    return label or source.name or _dotted(row.index)


def _dotted(index: Oid) -> str:
    return ".".join(map(str, index))


def _value(kind: str, source: Source, row: _Row) -> float | tuple[float, float] | None:
    if isinstance(source, Pool):
        return _pool(source, row)
    if isinstance(source, Status):
        return _status(source, row)
    assert isinstance(source, Gauge)
    value = _gauge(source, row)
    low, high = RANGES[kind]
    return value if value is not None and low <= value <= high else None


def _gauge(source: Gauge, row: _Row) -> float | None:
    value = row.number(source.value)
    if value is None or row.raw(source.value) in source.unknown:
        return None
    if source.magnitude:
        magnitude = row.raw(source.magnitude)
        if not isinstance(magnitude, int) or not 1 <= magnitude <= 17:
            return None
        value *= 1000.0 ** (magnitude - _UNITS)
    if source.precision:
        precision = row.raw(source.precision)
        # Below zero it tells how many digits can be trusted, and moves no point.
        value /= 10.0 ** min(max(precision, 0), 9) if isinstance(precision, int) else 1
    return value


def _status(source: Status, row: _Row) -> float | None:
    value = row.raw(source.value)
    if not isinstance(value, int) or value in source.absent:
        return None
    return 1.0 if value in source.when else 0.0


def _pool(source: Pool, row: _Row) -> tuple[float, float] | None:
    """The bytes used and the bytes there are."""
    told = {field: row.number(name) for field in ("size", "used", "used_share") if (name := getattr(source, field))}
    told |= {"block": row.number(source.block) if source.block else 1.0}
    told |= {f"free {name}": row.number(name) for name in source.free}
    known = {field: number for field, number in told.items() if number is not None}
    if len(known) < len(told):
        return None
    free = sum(known[f"free {name}"] for name in source.free)
    size = known["size"] if source.size else known["used"] + free
    used = known["used"] if source.used else size * known["used_share"] if source.used_share else size - free
    return (used * known["block"], size * known["block"]) if 0 <= used <= size and size > 0 else None
