"""Carriers and the circuits they provide between a site and its parent."""

from enum import StrEnum
from typing import Annotated

from sqlmodel import Field

from wanmon.model.fields import (
    Address,
    BitsPerSecond,
    Blankable,
    CauseNames,
    CircuitCode,
    Code,
    Day,
    DeviceName,
    Fields,
    Name,
    Share,
    Text,
    choice,
)


class CarrierFields(Fields):
    """A carrier as files and commands give it."""

    code: Code = Field(unique=True, index=True)
    name: Name
    hotline: Text = ""
    email: Text = ""


class Carrier(CarrierFields, table=True):
    """A carrier of the inventory."""

    id: int | None = Field(default=None, primary_key=True)


class CircuitRole(StrEnum):
    """Which circuit of a site carries the traffic, and which stands by."""

    PRIMARY = "primary"
    BACKUP = "backup"


class CircuitFields(Fields):
    """A circuit as files and commands give it.

    `code` is the carrier's circuit id. Rates are contracted, in bit/s, as seen from the site. `device` and `interface`
    bind it to the port that ends it; `probe_address` is the far side of the hand-off, if it answers. `excused` are the
    causes that the contract does not charge to the carrier; blank for the usual ones. `availability_target` is a share.
    """

    code: CircuitCode = Field(unique=True, index=True)
    site: Code = Field(foreign_key="site.code", index=True)
    carrier: Code = Field(foreign_key="carrier.code")
    contract: Text = ""
    role: CircuitRole = Field(default=CircuitRole.PRIMARY, sa_type=choice(CircuitRole))
    receive_bps: BitsPerSecond
    transmit_bps: BitsPerSecond
    starts_on: Day = None
    ends_on: Day = None
    device: Annotated[DeviceName | None, Blankable] = Field(default=None, foreign_key="device.name")
    interface: Text = ""
    probe_address: Annotated[Address | None, Blankable] = None
    availability_target: Share = 0.995
    excused: CauseNames = ""


class Circuit(CircuitFields, table=True):
    """A circuit of the inventory."""

    id: int | None = Field(default=None, primary_key=True)
