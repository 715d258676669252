"""Windows of maintenance as the database keeps them. They are added and ended; none is ever changed or removed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from wanmon.clock import shown
from wanmon.errors import AlreadyOver, NotFound
from wanmon.health.intervals import Span
from wanmon.health.maintenance import occurrences, present_or_next
from wanmon.model.maintenance import Maintenance, Repeat

#: A window that comes round is no longer than its period, and no period is longer than this.
_LONGEST = timedelta(days=31)
_ORDER = (col(Maintenance.starts_at), col(Maintenance.id))


def add(session: Session, row: Maintenance) -> int:
    """Keep a window; the id that it goes by."""
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def everything(session: Session) -> list[Maintenance]:
    """Every window there ever was, in the order in which they begin."""
    return list(session.exec(select(Maintenance).order_by(*_ORDER)))


def touching(session: Session, span: Span) -> list[Maintenance]:
    """The windows that hold at any time within `span`."""
    start, end = (datetime.fromtimestamp(second, UTC) for second in span)
    query = select(Maintenance).where(col(Maintenance.starts_at) < end, _may_hold_after(start)).order_by(*_ORDER)
    return [row for row in session.exec(query) if occurrences(row, span)]


def generation(session: Session) -> tuple[int, int]:
    """Two numbers that grow whenever a window is added or ended: nothing else ever becomes of one."""
    count = func.count
    return session.exec(select(count(col(Maintenance.id)), count(col(Maintenance.ended_at)))).one()


def to_come(session: Session, now: datetime) -> list[Maintenance]:
    """The windows that are in force, or will be."""
    query = select(Maintenance).where(_may_hold_after(now)).order_by(*_ORDER)
    return [row for row in session.exec(query) if present_or_next(row, now)]


def endable(session: Session, number: int, at: datetime) -> Maintenance:
    """The window of that id. Raises `NotFound`, and `AlreadyOver` where nothing of it is left to be ended."""
    row = session.get(Maintenance, number)
    if row is None:
        raise NotFound("maintenance window", str(number), "see `wanmon maintenance list --all`")
    if row.ended_at is not None:
        raise AlreadyOver(f"maintenance window {number} was ended already, at {shown(row.ended_at)} by {row.ended_by}")
    if present_or_next(row, at) is None:
        raise AlreadyOver(f"maintenance window {number} is over: see `wanmon maintenance list --all`")
    return row


def end(session: Session, number: int, at: datetime, author: str, reason: str = "") -> Maintenance:
    """End a window from `at` on: cut short, called off, or no longer coming round. Raises as `endable` does."""
    row = endable(session, number, at)
    row.ended_at, row.ended_by, row.ended_reason = at, author, reason
    session.add(row)
    session.flush()
    return row


def _may_hold_after(at: datetime) -> ColumnElement[bool]:
    """All rows that hold later than `at`, and a few that do not: the calendar is not the database's business."""
    ends_at, until = col(Maintenance.ends_at), col(Maintenance.repeats_until)
    is_once = col(Maintenance.repeats) == Repeat.ONCE
    return and_(
        _is_none_or_after(col(Maintenance.ended_at), at),
        or_(
            and_(is_once, _is_none_or_after(ends_at, at)),
            and_(~is_once, _is_none_or_after(until, at - _LONGEST)),
        ),
    )


def _is_none_or_after(column: Mapped[datetime | None], at: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column > at)
