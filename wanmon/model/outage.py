"""Outages: what a site or circuit was without, why, and what people said of it.

An outage is made from transitions and never changes but to close, to be given its cause, and to be handled: its notes
only grow, so that it stays known who said what.
"""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from wanmon.model.cause import Cause
from wanmon.model.fields import UtcDateTime, choice
from wanmon.model.state import State


class Outage(SQLModel, table=True):
    """A site, or one circuit of it, that was down or unreachable.

    `began_at` is the first miss, `ended_at` the first reply; each may lie earlier by its uncertainty in seconds.
    `roots` are the sites that cut an unreachable one off, the first to fall first, separated by commas. `cause`, the
    `row` of the table of causes and its `readings` (a JSON object) are the computed ones; `together` (a JSON list of
    kind, code, fell, of) counts who fell within a minute of it. A person's word stands beside them in `ruled_cause`.
    `previous` is the outage that it goes on from: one DOWN, the other UNREACHABLE.
    """

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(foreign_key="site.code", index=True, ondelete="CASCADE")
    circuit: str | None = Field(default=None, foreign_key="circuit.code", ondelete="CASCADE")
    state: State = Field(sa_type=choice(State))
    began_at: datetime = Field(sa_type=UtcDateTime, index=True)
    began_uncertain_s: float = 0.0
    decided_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    ended_uncertain_s: float = 0.0
    roots: str = ""
    previous: int | None = Field(default=None, foreign_key="outage.id", ondelete="SET NULL")
    cause: Cause | None = Field(default=None, sa_type=choice(Cause))
    row: int | None = None
    readings: str = "{}"
    together: str = "[]"
    ruled_cause: Cause | None = Field(default=None, sa_type=choice(Cause))
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str = ""
    ticket: str = ""

    @property
    def final_cause(self) -> Cause | None:
        """What counts: a person's word, else what was computed; none while it is not known yet."""
        return self.ruled_cause or self.cause


class Handling(StrEnum):
    """What a person did about an outage."""

    ACK = "ack"
    NOTE = "note"
    SET = "set"


class OutageNote(SQLModel, table=True):
    """One thing that a person did or said about an outage; never changed."""

    __tablename__ = "outage_note"

    id: int | None = Field(default=None, primary_key=True)
    outage: int = Field(foreign_key="outage.id", index=True, ondelete="CASCADE")
    at: datetime = Field(sa_type=UtcDateTime)
    author: str
    handling: Handling = Field(sa_type=choice(Handling))
    cause: Cause | None = Field(default=None, sa_type=choice(Cause))
    ticket: str = ""
    text: str = ""
