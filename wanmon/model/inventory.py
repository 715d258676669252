"""The whole inventory as one value, and the edits that lead from one inventory to the next. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wanmon.model.carrier import Carrier, CarrierFields, Circuit, CircuitFields
from wanmon.model.change import Action
from wanmon.model.check import Check, CheckFields, Service, ServiceFields
from wanmon.model.device import Device, DeviceFields
from wanmon.model.fields import Fields
from wanmon.model.holiday import Holiday, HolidayFields
from wanmon.model.site import Site, SiteClass, SiteClassFields, SiteFields
from wanmon.model.unit import Unit, UnitFields


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of row: its name, the plural that names its file, how it is validated, its table, its key column."""

    name: str
    plural: str
    fields: type[Fields]
    table: type[Fields]
    key: str = "code"

    @property
    def columns(self) -> tuple[str, ...]:
        """Its column names, in the order of files and tables."""
        return tuple(self.fields.model_fields)


#: Every kind of row, each after those that it refers to.
NOUNS = (
    Noun("unit", "units", UnitFields, Unit),
    Noun("class", "classes", SiteClassFields, SiteClass),
    Noun("carrier", "carriers", CarrierFields, Carrier),
    Noun("site", "sites", SiteFields, Site),
    Noun("device", "devices", DeviceFields, Device, key="name"),
    Noun("circuit", "circuits", CircuitFields, Circuit),
    Noun("service", "services", ServiceFields, Service),
    Noun("check", "checks", CheckFields, Check),
    Noun("holiday", "holidays", HolidayFields, Holiday, key="day"),
)
NOUN = {noun.name: noun for noun in NOUNS}


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every row by its key. The rows are `<Noun>Fields`, or their tables when they come from the database."""

    units: Mapping[str, UnitFields]
    classes: Mapping[str, SiteClassFields]
    carriers: Mapping[str, CarrierFields]
    sites: Mapping[str, SiteFields]
    devices: Mapping[str, DeviceFields]
    circuits: Mapping[str, CircuitFields]
    services: Mapping[str, ServiceFields]
    checks: Mapping[str, CheckFields]
    holidays: Mapping[str, HolidayFields]

    def rows(self, noun: Noun) -> Mapping[str, Any]:
        """The rows of one noun, by key."""
        rows: Mapping[str, Any] = getattr(self, noun.plural)
        return rows


EMPTY = Inventory({}, {}, {}, {}, {}, {}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class Edit:
    """One row added (`values` whole), changed (`values` = the new fields alone) or removed."""

    action: Action
    noun: Noun
    key: str
    values: Mapping[str, Any]


def preview(inventory: Inventory, edits: Iterable[Edit]) -> Inventory:
    """The inventory as it would be after `edits`.

    Raises pydantic's `ValidationError` for a value that its field refuses, `KeyError` for a row that is not there.
    """
    tables = {noun.plural: dict(inventory.rows(noun)) for noun in NOUNS}
    for edit in edits:
        rows = tables[edit.noun.plural]
        if edit.action is Action.REMOVE:
            del rows[edit.key]
            continue
        old = {} if edit.action is Action.ADD else _plain(rows[edit.key], edit.noun)
        rows[edit.key] = edit.noun.fields.model_validate({**old, **edit.values})
    return replace(inventory, **tables)


def units_within(inventory: Inventory, code: str) -> frozenset[str]:
    """The codes of a unit and of all units within it; none where there is no such unit."""
    within = found = frozenset({code} & inventory.units.keys())
    while found:
        found = frozenset(each for each, unit in inventory.units.items() if unit.parent in found) - within
        within |= found
    return within


def _plain(row: Fields, noun: Noun) -> dict[str, Any]:
    return {column: getattr(row, column) for column in noun.columns}
