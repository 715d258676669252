"""A profile: the objects that a kind of device answers, by numeric OID, and what each is for.

A role is what wanmon wants to know (`receive_bytes`); an object is where an agent keeps it (`ifHCInOctets`). Several
objects may serve one role: the first that a row has is used.
"""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Oid = tuple[int, ...]
Syntax = Literal["integer", "counter32", "counter64", "gauge32", "timeticks", "text", "oid"]


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


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _pattern(text: str) -> str:
    if re.compile(_expression(text)).groups != 1:
        raise ValueError("needs exactly one group: what to take")
    return text


NumericOid = Annotated[Oid, BeforeValidator(parse_oid)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MibObject(_Strict):
    """One object of a MIB; `scale` turns its unit into the role's (`ifHighSpeed`: 1000000 for bit/s)."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    oid: NumericOid
    syntax: Syntax
    scale: int = Field(default=1, ge=1)


class Source(_Strict):
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


class Extract(_Strict):
    """A text that is fixed, or cut out of a scalar by a pattern with one group."""

    text: str = ""
    source: ScalarRole | None = Field(default=None, alias="from")
    pattern: Annotated[str, AfterValidator(_pattern)] = "(.*)"

    def of(self, scalars: dict[str, str]) -> str:
        """The text for a device whose scalars read so."""
        if self.source is None:
            return self.text
        found = re.search(self.pattern, scalars.get(self.source, ""))
        return (found[1] or "").strip() if found else ""


class Match(_Strict):
    """Which devices a profile is for; the longest matching sysObjectID wins."""

    sys_object_id: tuple[NumericOid, ...] = ()
    sys_descr: Annotated[str, AfterValidator(_expression)] = ""


class Identity(_Strict):
    """What the labels of `wanmon_device_info` say."""

    vendor: Extract = Extract()
    model: Extract = Extract()
    os_version: Extract = Extract()
    serial: Extract = Extract()


class Profile(_Strict):
    """All that is known of one kind of device. `include` names profiles whose objects it takes over.

    `tells_change` says that an ifLastChange of 0 means "unchanged since the agent started" (RFC 2863), and not that the
    agent does not know.
    """

    profile: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")
    title: str
    verified: bool
    include: tuple[str, ...] = ()
    match: Match = Match()
    identity: Identity = Identity()
    tells_change: bool = False
    scalars: dict[ScalarRole, Source] = {}
    interfaces: dict[InterfaceRole, Source] = {}

    @model_validator(mode="after")
    def _scalars_are_instances(self) -> "Profile":
        for role, source in self.scalars.items():
            for item in source.objects:
                if item.oid[-1] != 0:
                    raise ValueError(f"scalars.{role}: {item.name} is no scalar instance: its OID ends in .0")
        return self

    def including(self, others: list["Profile"]) -> "Profile":
        """A profile with the objects of others too, its own first where both serve a role."""
        scalars, interfaces = {}, {}
        for profile in [*others, self]:
            scalars.update(profile.scalars)
            interfaces.update(profile.interfaces)
        return self.model_copy(update={"scalars": scalars, "interfaces": interfaces, "include": ()})
