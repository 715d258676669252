"""What a running service leaves in the database: present states, transitions, heartbeats, leases, refusals."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice
from wanmon.model.state import State


class SiteState(SQLModel, table=True):
    """The present state of a site, and since when."""

    __tablename__ = "site_state"

    site: str = Field(primary_key=True, foreign_key="site.code", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""


class DeviceState(SQLModel, table=True):
    """The present state of a device, and what was learnt of how to speak to it."""

    __tablename__ = "device_state"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""


class Transition(SQLModel, table=True):
    """A site that went from one state to another. `at` dates the fact, `decided_at` our certainty of it."""

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(foreign_key="site.code", index=True, ondelete="CASCADE")
    old: State = Field(sa_type=choice(State))
    new: State = Field(sa_type=choice(State))
    reason: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    processed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Heartbeat(SQLModel, table=True):
    """A stretch of time in which a poller lived: `last_at` moves on every 10 s; a gap begins a new row."""

    id: int | None = Field(default=None, primary_key=True)
    began_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)


class Lease(SQLModel, table=True):
    """Something that one process at a time may hold: `serve`."""

    name: str = Field(primary_key=True)
    token: str
    pid: int
    host: str
    since: datetime = Field(sa_type=UtcDateTime)
    renewed_at: datetime = Field(sa_type=UtcDateTime)


class CredentialProtocol(StrEnum):
    """What a credential opens."""

    SNMP = "snmp"
    SSH = "ssh"


class DeviceCredential(SQLModel, table=True):
    """The credential that a device answered to last."""

    __tablename__ = "device_credential"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    protocol: CredentialProtocol = Field(primary_key=True, sa_type=choice(CredentialProtocol))
    credential: str


class CredentialRefusal(SQLModel, table=True):
    """A device that refused a credential since it last worked anywhere; three devices open the breaker."""

    __tablename__ = "credential_refusal"

    protocol: CredentialProtocol = Field(primary_key=True, sa_type=choice(CredentialProtocol))
    credential: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
