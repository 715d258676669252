"""What a running service leaves in the database: states, transitions, witnesses, heartbeats, leases, refusals."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice
from wanmon.model.state import State


class SiteState(SQLModel, table=True):
    """The present state of a site, and since when; `roots` as in its transition."""

    __tablename__ = "site_state"

    site: str = Field(primary_key=True, foreign_key="site.code", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    roots: str = ""


class DeviceState(SQLModel, table=True):
    """The present state of a device, and what was learnt of how to speak to it."""

    __tablename__ = "device_state"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""


class CircuitState(SQLModel, table=True):
    """The present state of a circuit for which something speaks, and since when."""

    __tablename__ = "circuit_state"

    circuit: str = Field(primary_key=True, foreign_key="circuit.code", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    since: datetime = Field(sa_type=UtcDateTime)
    evidence: str = ""


class DeviceWitness(SQLModel, table=True):
    """What a device said last of its own past: the readings that tell a restart from a cut, across our own restarts.

    Ticks are hundredths of a second; each reading has the instant at which it was received. `ports` is a JSON object:
    for each WAN port ifLastChange, the sysUpTime read beside it, and when (epoch seconds). `tells_change` says that
    some ifLastChange has been other than 0.
    """

    __tablename__ = "device_witness"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    agent_ticks: int | None = None
    agent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    machine_ticks: int | None = None
    machine_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ports: str = "{}"
    tells_change: bool = False


class DeviceManners(SQLModel, table=True):
    """How the agent of a device can be spoken to, as far as that was learnt; kept so that a restart need not learn it.

    `limit_bytes` is the size of replies that is asked for, `barred_bytes` one that was too large (0 = none yet).
    `bulk` tells whether it answers GETBULK rightly (none = not known). Times are those of RFC 6298.
    """

    __tablename__ = "device_manners"

    device: str = Field(primary_key=True, foreign_key="device.name", ondelete="CASCADE")
    limit_bytes: int
    barred_bytes: int = 0
    bulk: bool | None = None
    srtt_s: float | None = None
    rttvar_s: float | None = None


class Transition(SQLModel, table=True):
    """A site, or one circuit of it, that went from one state to another. Never changed; outages are made from it.

    `at` dates the fact, which may lie `uncertain_s` earlier; `decided_at` our certainty of it. `roots` name the sites
    that cut an unreachable one off, separated by commas. `processed_at` claims the row: it is a queue as well.
    """

    __table_args__ = (Index("ix_transition_site_at", "site", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(foreign_key="site.code", index=True, ondelete="CASCADE")
    circuit: str | None = Field(default=None, foreign_key="circuit.code", ondelete="CASCADE")
    old: State = Field(sa_type=choice(State))
    new: State = Field(sa_type=choice(State))
    reason: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    uncertain_s: float = 0.0
    roots: str = ""
    processed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


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
