"""Who changed what, when, from where and why."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice


class Action(StrEnum):
    """What a change did to a row."""

    ADD = "add"
    SET = "set"
    REMOVE = "remove"


class Changeset(SQLModel, table=True):
    """One act of one person: all of its changes were made, or none."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    author: str
    origin: str  # the machine it was typed on
    command: str
    reason: str = ""


class Change(SQLModel, table=True):
    """One field of one row. Of a row added or removed, `field` is empty and the row stands as JSON."""

    id: int | None = Field(default=None, primary_key=True)
    changeset: int = Field(foreign_key="changeset.id", index=True)
    noun: str = Field(index=True)
    key: str = Field(index=True)
    action: Action = Field(sa_type=choice(Action))
    field: str = ""
    old: str | None = None
    new: str | None = None
