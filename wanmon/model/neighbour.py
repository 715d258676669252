"""Who is connected to a port of a device, as the two of them tell each other by LLDP or CDP."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice


class NeighbourProtocol(StrEnum):
    """How the neighbour was heard of: IEEE 802.1AB or Cisco's."""

    LLDP = "lldp"
    CDP = "cdp"


class Neighbour(SQLModel, table=True):
    """One neighbour on one port, seen from `first_seen_at` to `last_seen_at`; whatever it says is text of its own.

    `interface` is our port's name, `chassis_id` and `port_id` are the neighbour's; `address` where it is managed.
    """

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    protocol: NeighbourProtocol = Field(primary_key=True, sa_type=choice(NeighbourProtocol))
    interface: str = Field(primary_key=True)
    chassis_id: str = Field(primary_key=True)
    port_id: str = Field(primary_key=True)
    port_description: str = ""
    system_name: str = ""
    system_description: str = ""
    address: str = ""
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
