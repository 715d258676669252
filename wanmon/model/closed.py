"""Months that were closed: the figures as they stood when somebody answered for them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime


class ClosedMonth(SQLModel, table=True):
    """That a month (`2026-03`) was closed; closing it again adds a row, and the newest is the one that counts."""

    __tablename__ = "closed_month"

    id: int | None = Field(default=None, primary_key=True)
    month: str = Field(index=True)
    closed_at: datetime = Field(sa_type=UtcDateTime)
    author: str
    reason: str = ""


class ClosedFigure(SQLModel, table=True):
    """The figures of one site (no circuit) or of one circuit, and the target that held then.

    Shares are from 0 to 1, none for "no data"; `down_s` of a site has the seconds that it was unreachable in it. Codes
    are no foreign keys: what was answered for outlives the row it was about.
    """

    __tablename__ = "closed_figure"

    id: int | None = Field(default=None, primary_key=True)
    closed: int = Field(foreign_key="closed_month.id", index=True, ondelete="CASCADE")
    site: str
    circuit: str | None = None
    availability: float | None = None
    chargeable: float | None = None
    coverage: float | None = None
    target: float
    up_s: int = 0
    down_s: int = 0
    unreachable_s: int = 0
    excused_s: int = 0
    unknown_s: int = 0
    outages: int = 0
