"""Months that were closed: their figures as they stood when somebody answered for them.

Closing a month again adds another row; no row is ever changed, and the newest is the one that counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from wanmon.health.availability import Tally
from wanmon.health.figures import Figures
from wanmon.model.closed import ClosedFigure, ClosedMonth
from wanmon.model.state import State


@dataclass(frozen=True, slots=True)
class Frozen:
    """The figure of a site, or of a circuit of it, and the target of that time."""

    site: str
    tally: Tally
    target: float


@dataclass(frozen=True, slots=True)
class Closing:
    """A closed month as it counts: who closed it last, how often that was done, and the figures by code."""

    month: str
    closed_at: datetime
    author: str
    reason: str
    times: int
    sites: Mapping[str, Frozen]
    circuits: Mapping[str, Frozen]


def latest(session: Session, month: str) -> Closing | None:
    """The newest closing of a month; none where it was never closed."""
    months = select(ClosedMonth).where(ClosedMonth.month == month)
    newest = session.exec(months.order_by(col(ClosedMonth.id).desc()).limit(1)).first()
    if newest is None:
        return None
    times = session.exec(select(func.count()).select_from(months.subquery())).one()
    rows = session.exec(select(ClosedFigure).where(ClosedFigure.closed == newest.id).order_by(col(ClosedFigure.id)))
    sites: dict[str, Frozen] = {}
    circuits: dict[str, Frozen] = {}
    for row in rows:
        held = sites if row.circuit is None else circuits
        held[row.circuit or row.site] = Frozen(row.site, _tally(row), row.target)
    return Closing(month, newest.closed_at, newest.author, newest.reason, times, sites, circuits)


def close(session: Session, month: str, figures: Figures, *, author: str, reason: str, at: datetime) -> None:
    """Freeze the figures of a month, within a session of `Database.write`."""
    closing = ClosedMonth(month=month, closed_at=at, author=author, reason=reason)
    session.add(closing)
    session.flush()
    assert closing.id is not None
    session.add_all(_rows(closing.id, figures))
    session.flush()


def _rows(closed: int, figures: Figures) -> Iterable[ClosedFigure]:
    for site in figures.sites.values():
        yield _row(closed, site.site, None, site.tally, site.target)
    for circuit in figures.circuits.values():
        yield _row(closed, circuit.site, circuit.circuit, circuit.tally, circuit.target)


def _row(closed: int, site: str, circuit: str | None, tally: Tally, target: float) -> ClosedFigure:
    return ClosedFigure(
        closed=closed,
        site=site,
        circuit=circuit,
        availability=tally.share,
        chargeable=None if circuit is None else tally.chargeable_share,
        coverage=tally.coverage,
        target=target,
        up_s=tally.up_s,
        down_s=tally.down_s,
        unreachable_s=tally.seconds[State.UNREACHABLE],
        excused_s=tally.excused_s,
        unknown_s=tally.seconds[State.UNKNOWN],
        outages=tally.outages,
    )


def _tally(row: ClosedFigure) -> Tally:
    """As it was; what was well and what was ailing is no longer told apart."""
    down_s = row.down_s - row.unreachable_s if row.circuit is None else row.down_s
    seconds = {State.UP: row.up_s, State.DOWN: down_s, State.UNREACHABLE: row.unreachable_s}
    seconds[State.UNKNOWN] = row.unknown_s
    return Tally(dict.fromkeys(State, 0) | seconds, row.down_s, row.excused_s, row.outages)
