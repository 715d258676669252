"""A profile: the objects that a kind of device answers, by numeric OID, and what each is for.

A role is what wanmon wants to know (`receive_bytes`); an object is where an agent keeps it (`ifHCInOctets`). Several
objects may serve one role: the first that a row has is used.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from wanmon.profiles.identity import Identity
from wanmon.profiles.objects import Group, MibObject, NumericOid, Strict
from wanmon.profiles.patterns import Expression
from wanmon.profiles.rows import Where
from wanmon.profiles.sensors import Sensors

K = TypeVar("K")
V = TypeVar("V")


class Source(Strict):
    """Where a role is read from."""

    group: Group
    objects: tuple[MibObject, ...] = Field(min_length=1)


ScalarRole = Literal[
    "uptime", "description", "object_id", "name", "location", "interface_count", "interfaces_changed", "host_uptime",
]  # fmt: skip
InterfaceRole = Literal[
    "name", "description", "alias", "type", "speed_bps",
    "admin_status", "oper_status", "last_change", "discontinuity",
    "receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets",
    "receive_errors", "transmit_errors", "receive_discards", "transmit_discards",
]  # fmt: skip


class Match(Strict):
    """Which devices a profile is for: those whose sysObjectID begins so, and whose sysDescr holds the expression."""

    sys_object_id: tuple[NumericOid, ...] = ()
    sys_descr: Expression = ""


def _named(given: object) -> object:
    """Objects under their names know them."""
    if not isinstance(given, dict):
        return given
    return {name: {"name": name, **item} if isinstance(item, dict) else item for name, item in given.items()}


Objects = Annotated[dict[str, MibObject], BeforeValidator(_named)]


class Profile(Strict):
    """All that is known of one kind of device. `include` names profiles whose knowledge it takes over.

    `objects` are those that identity and sensors name, `rows` the rows that identity is read from. `tells_change` says
    that an ifLastChange of 0 means "unchanged since the agent started" (RFC 2863), and not that the agent does not
    know. `wan_port` are patterns for the names of ports that usually lead to the carrier.
    """

    profile: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")
    title: str
    verified: bool
    include: tuple[str, ...] = ()
    match: Match = Match()
    tells_change: bool = False
    wan_port: tuple[Expression, ...] = ()
    scalars: dict[ScalarRole, Source] = Field(default_factory=dict)
    interfaces: dict[InterfaceRole, Source] = Field(default_factory=dict)
    objects: Objects = Field(default_factory=dict)
    rows: dict[str, tuple[Where, ...]] = Field(default_factory=dict)
    identity: Identity = Identity()
    sensors: Sensors = Sensors()

    @model_validator(mode="after")
    def _scalars_are_instances(self) -> "Profile":
        for role, source in self.scalars.items():
            for item in source.objects:
                if not item.is_scalar:
                    raise ValueError(f"scalars.{role}: {item.name} is no scalar instance: its OID ends in .0")
        return self

    @property
    def is_part(self) -> bool:
        """Whether it describes no device by itself: others include it."""
        return not self.interfaces

    def all_objects(self) -> Iterator[MibObject]:
        """Every object that it names."""
        for source in [*self.scalars.values(), *self.interfaces.values()]:
            yield from source.objects
        yield from self.objects.values()

    def including(self, others: "list[Profile]") -> "Profile":
        """A profile with what others know too; what it says itself goes first."""
        parts = [*others, self]
        identity, sensors = self.identity, self.sensors
        for other in others:
            identity, sensors = identity.before(other.identity), sensors.before(other.sensors)
        return self.model_copy(
            update={
                "scalars": _merged([part.scalars for part in parts]),
                "interfaces": _merged([part.interfaces for part in parts]),
                "objects": _merged([part.objects for part in parts]),
                "rows": _merged([part.rows for part in parts]),
                "identity": identity,
                "sensors": sensors,
                "wan_port": self.wan_port or next((part.wan_port for part in others if part.wan_port), ()),
                "include": (),
            }
        )


def _merged(parts: list[Mapping[K, V]]) -> dict[K, V]:
    return {key: value for part in parts for key, value in part.items()}
