"""The machines that stand or stood in the place of a device, as they described themselves."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime


class Machine(SQLModel, table=True):
    """One machine in the place of a device, seen from `first_seen_at` to `last_seen_at`.

    A device whose serial number or model changes is another machine. `replaced_at` is set once another has taken its
    place, or a person said so (`wanmon device replace`).
    """

    id: int | None = Field(default=None, primary_key=True)
    device: str = Field(foreign_key="device.name", index=True, ondelete="CASCADE")
    vendor: str = ""
    model: str = ""
    os_version: str = ""
    serial: str = ""
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
