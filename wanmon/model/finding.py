"""What checks found: how each went, for as long as it went so, and what they say of a site together."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime, choice
from wanmon.model.reason import Reason


class Verdict(StrEnum):
    """How a check went. Unknown means that we could not tell."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class CheckStretch(SQLModel, table=True):
    """A time in which a check of a site went one way: `runs` times from `began_at` to `last_at`.

    A change of verdict or reason begins another. No single run is ever a row. `text` is that of the last run.
    """

    __tablename__ = "check_stretch"
    __table_args__ = (Index("ix_check_stretch_site_check", "site", "check", "target", "began_at"),)

    id: int | None = Field(default=None, primary_key=True)
    check: str = Field(foreign_key="check_definition.code", ondelete="CASCADE")
    site: str = Field(foreign_key="site.code", ondelete="CASCADE")
    target: str
    verdict: Verdict = Field(sa_type=choice(Verdict))
    reason: Reason | None = Field(default=None, sa_type=choice(Reason))
    text: str = ""
    began_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    runs: int = 1


class TwoWay(StrEnum):
    """What both ends say together of the way between a site and the hub."""

    OK = "ok"
    ONE_WAY_LOSS = "one_way_loss"
    RETURN_ROUTE = "return_route"
    FILTERED = "filtered"
    AGENT_ONLY = "agent_only"
    DOWN_AT_HOP = "down_at_hop"


class SiteVerdict(SQLModel, table=True):
    """The present verdict on a site; `hop` is the one that the way ends at, `text` what a technician can act on."""

    __tablename__ = "site_verdict"

    site: str = Field(primary_key=True, foreign_key="site.code", ondelete="CASCADE")
    verdict: TwoWay = Field(sa_type=choice(TwoWay))
    hop: int | None = None
    text: str = ""
    since: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
