"""An object of a MIB as a profile names it: where it lies, what type it has, and in which unit it counts."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Oid = tuple[int, ...]
Syntax = Literal[
    "integer", "counter32", "counter64", "gauge32", "timeticks", "text", "oid", "date_and_time", "mac", "ip", "bits"
]
Unit = Literal[
    "percent", "ratio", "bytes", "kibibytes", "mebibytes", "blocks",
    "celsius", "decicelsius", "millicelsius", "centiseconds", "seconds", "minutes",
]  # fmt: skip
#: What a value of a syntax is once it is decoded; bytes for all others.
KINDS: dict[Syntax, type] = {
    **dict.fromkeys(("integer", "counter32", "counter64", "gauge32", "timeticks"), int),
    "oid": tuple,
}
#: What is measured in each unit, and how much of the base unit it is; a block is as large as another object says.
UNITS: dict[Unit, tuple[str, float]] = {
    "percent": ("a share", 0.01),
    "ratio": ("a share", 1),
    "bytes": ("an amount of memory", 1),
    "kibibytes": ("an amount of memory", 1024),
    "mebibytes": ("an amount of memory", 1024**2),
    "blocks": ("an amount of memory", 1),
    "celsius": ("a temperature", 1),
    "decicelsius": ("a temperature", 0.1),
    "millicelsius": ("a temperature", 0.001),
    "centiseconds": ("a time", 0.01),
    "seconds": ("a time", 1),
    "minutes": ("a time", 60),
}


class Group(StrEnum):
    """How often an object is asked."""

    FAST = "fast"
    SLOW = "slow"


def parse_oid(text: object) -> Oid:
    """The arcs of a dotted OID, with or without the leading dot."""
    if not isinstance(text, str) or not re.fullmatch(r"\.?[0-2](\.[0-9]{1,10}){1,127}", text):
        raise ValueError("is no numeric OID like 1.3.6.1.2.1.1.3.0")
    arcs = tuple(int(arc) for arc in text.lstrip(".").split("."))
    if any(arc >= 2**32 for arc in arcs) or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError("has an arc that no OID may have")
    return arcs


NumericOid = Annotated[Oid, BeforeValidator(parse_oid)]


class Strict(BaseModel):
    """What profiles are made of: no unknown key, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MibObject(Strict):
    """One object of a MIB. What ends in .0 is a scalar, else it is a column.

    `scale` turns its unit into the role's (`ifHighSpeed`: 1000000 for bit/s); `names` are those of its numbers or bits.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    oid: NumericOid
    syntax: Syntax
    scale: int = Field(default=1, ge=1)
    unit: Unit | None = None
    names: dict[int, str] = Field(default_factory=dict)

    @property
    def is_scalar(self) -> bool:
        """Whether it has one instance."""
        return self.oid[-1] == 0

    def holds(self, value: object) -> bool:
        """Whether a value is of the kind that the object has: some agents put text where a counter belongs."""
        return isinstance(value, KINDS.get(self.syntax, bytes))

    @property
    def factor(self) -> float:
        """What a number of it is multiplied by for the base unit."""
        return UNITS[self.unit][1] * self.scale if self.unit else float(self.scale)

    @property
    def measures(self) -> str:
        """What its unit measures, or nothing."""
        return UNITS[self.unit][0] if self.unit else ""
