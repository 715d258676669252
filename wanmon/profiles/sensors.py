"""Where the health of a device is read: processors, memory, temperatures, power supplies, the battery of a UPS.

A kind has a list of sources, and the first that a device has is used. A source names objects: scalars, or columns of
one table. Units are the objects' own.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from wanmon.profiles.objects import Group, Strict
from wanmon.profiles.patterns import Pattern
from wanmon.profiles.rows import Where


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


class Use(NamedTuple):
    """One object that a source uses: in which field, its name, and what it has to measure ("" = anything)."""

    field: tuple[str, ...]
    name: str
    measure: str = ""


class Source(Strict):
    """What all sources have. `name` is what a scalar is called, `label` the column that a row is called by.

    `optional` says that some devices of this kind have none. Rows that fail `where` are not there.
    """

    group: Group = Group.SLOW
    optional: bool = False
    name: str = Field(default="", max_length=64)
    label: str = ""
    label_pattern: Pattern = "(.*)"
    where: Where = Field(default_factory=dict)

    def uses(self) -> Iterator[Use]:
        """The objects that it needs, those with the values first."""
        yield from self.numbers()
        yield from (Use(("where", name), name) for name in self.where)
        if self.label:
            yield Use(("label",), self.label)

    @abstractmethod
    def numbers(self) -> Iterator[Use]:
        """The objects that hold its values."""


class Gauge(Source):
    """One number; those of `unknown` are not one. A fixed-point number has its decimal places in `precision`, and the
    thousands of its unit in `magnitude` (EntitySensorPrecision and EntitySensorDataScale, RFC 3433).
    """

    #: What the unit of the value has to measure.
    measures: ClassVar[str]

    value: str = Field(min_length=1)
    unknown: tuple[int, ...] = ()
    precision: str = ""
    magnitude: str = ""

    def numbers(self) -> Iterator[Use]:
        """The number, and what says where its point is."""
        yield Use(("value",), self.value, self.measures)
        for field in ("precision", "magnitude"):
            if getattr(self, field):
                yield Use((field,), getattr(self, field))


class Share(Gauge):
    """A share of 1: the load of a processor, the charge of a battery."""

    measures: ClassVar = "a share"


class Temperature(Gauge):
    """A temperature."""

    measures: ClassVar = "a temperature"


class Time(Gauge):
    """A time."""

    measures: ClassVar = "a time"


class Pool(Source):
    """A pool of memory, told by two of `size`, `used` and `free`, or by `size` and the share of it that is used.

    Several objects may be free together. Where they count in blocks, `block` is the size of one.
    """

    size: str = ""
    used: str = ""
    free: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    used_share: str = ""
    block: str = ""

    @model_validator(mode="after")
    def _tells_a_pool(self) -> "Pool":
        told = {field for field in ("size", "used", "free", "used_share") if getattr(self, field)}
        if told not in ({"size", "used"}, {"size", "free"}, {"used", "free"}, {"size", "used_share"}):
            raise ValueError("needs two of size, used and free, or size and used_share")
        return self

    def numbers(self) -> Iterator[Use]:
        """Amounts of memory, and perhaps a share."""
        named = {"size": (self.size,), "used": (self.used,), "free": self.free, "block": (self.block,)}
        for field, names in named.items():
            yield from (Use((field,), name, "an amount of memory") for name in names if name)
        if self.used_share:
            yield Use(("used_share",), self.used_share, "a share")


class Status(Source):
    """A number that tells whether something is so: it is one of `when`. Those of `absent` say that nothing is there."""

    value: str = Field(min_length=1)
    when: tuple[int, ...] = Field(min_length=1)
    absent: tuple[int, ...] = ()

    def numbers(self) -> Iterator[Use]:
        """The number."""
        yield Use(("value",), self.value)


class Sensors(Strict):
    """The sources of each kind."""

    cpu: tuple[Share, ...] = ()
    memory: tuple[Pool, ...] = ()
    temperature: tuple[Temperature, ...] = ()
    power_supply: tuple[Status, ...] = ()
    on_battery: tuple[Status, ...] = ()
    battery_charge: tuple[Share, ...] = ()
    battery_runtime: tuple[Time, ...] = ()

    def kinds(self) -> Iterator[tuple[str, tuple[Source, ...]]]:
        """Each kind that has a source."""
        for kind in KINDS:
            sources: tuple[Source, ...] = getattr(self, kind)
            if sources:
                yield kind, sources

    def before(self, other: "Sensors") -> "Sensors":
        """Both, this one asked first."""
        return Sensors(**{kind: (*getattr(self, kind), *getattr(other, kind)) for kind in KINDS})


KINDS = tuple(Sensors.model_fields)
