"""Maintenance: stretches of time in which something may be away, who said so and when."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice


class Scope(StrEnum):
    """What a window covers: a site with its circuits, one circuit, a carrier's circuits, all behind a site, a unit."""

    SITE = "site"
    CIRCUIT = "circuit"
    CARRIER = "carrier"
    BELOW = "below"
    UNIT = "unit"


class Repeat(StrEnum):
    """How a window comes round, by the local calendar."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Maintenance(SQLModel, table=True):
    """One window, or a row of them that comes round until `repeats_until`.

    `ends_at` is the end of the first one; none means "until it is ended". `ended_at` cuts everything off from then on.
    `created_at` tells a window that was planned from one that was added afterwards. `target` is a code of its scope.
    """

    id: int | None = Field(default=None, primary_key=True)
    scope: Scope = Field(sa_type=choice(Scope))
    target: str = Field(index=True)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    repeats: Repeat = Field(default=Repeat.ONCE, sa_type=choice(Repeat))
    repeats_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    excludes: bool = True
    reason: str = ""
    author: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str = ""
    ended_reason: str = ""
