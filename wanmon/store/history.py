"""What was recorded of a span: the histories that figures are made of, where nobody watched, and the windows.

Reads only, and decides nothing: `health.figures` makes of it what there is to say.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from wanmon.health.figures import Past
from wanmon.health.history import Run, runs_of, unwatched
from wanmon.health.intervals import Intervals, Span
from wanmon.model.cause import Cause
from wanmon.model.fields import choice
from wanmon.model.life import Heartbeat, Transition
from wanmon.model.maintenance import Maintenance
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.store.life import HEARTBEAT_GAP


class _Subject(NamedTuple):
    """A site, or one circuit of it."""

    site: str
    circuit: str | None


class _Lost(NamedTuple):
    """An outage, as far as it explains a run."""

    state: State
    began_at: datetime
    ended_at: datetime | None
    cause: Cause | None


def load(session: Session, span: Span, now: datetime) -> Past:
    """All that is known of `span` at `now`, in four questions."""
    histories = _histories(session, span)
    return Past(
        span,
        now.timestamp(),
        {subject.site: runs for subject, runs in histories.items() if subject.circuit is None},
        {subject.circuit: runs for subject, runs in histories.items() if subject.circuit is not None},
        _gaps(session, span, now),
        _windows(session, span),
    )


def _histories(session: Session, span: Span) -> dict[_Subject, list[Run]]:
    """The runs of every site and of every circuit with transitions of its own, to the end of the span."""
    outages = _outages(session, span)
    changes: dict[_Subject, list[tuple[State, float, Cause | None]]] = {}
    for site, circuit, state, at in session.exec(_transitions(span)):
        subject = _Subject(site, circuit)
        changes.setdefault(subject, []).append((state, at.timestamp(), _cause(outages.get(subject, ()), state, at)))
    return {subject: runs_of(entries) for subject, entries in changes.items()}


def _transitions(span: Span) -> Any:
    """Those within the span, and of each subject the last that was decided of the time before, as they were decided.

    That one is what held at the start: whatever was said before it of later time, it overrides.
    """
    start, end = _instants(span)
    first = (
        select(func.max(Transition.id))
        .where(Transition.at <= start)
        .group_by(col(Transition.site), col(Transition.circuit))
    )
    return (
        select(Transition.site, Transition.circuit, Transition.new, Transition.at)
        .where(Transition.at < end, or_(col(Transition.at) > start, col(Transition.id).in_(first)))
        .order_by(col(Transition.id))
    )


def _outages(session: Session, span: Span) -> dict[_Subject, list[_Lost]]:
    """Those that touch the span, of each subject in the order in which they began."""
    start, end = _instants(span)
    # As Outage.final_cause has it; whole rows would take as long as all the rest.
    final_cause = func.coalesce(Outage.ruled_cause, Outage.cause, type_=choice(Cause))
    columns = (Outage.site, Outage.circuit, Outage.state, Outage.began_at, Outage.ended_at)
    touching = (
        select(*columns, final_cause)  # type: ignore[call-overload]  # SQLModel types four columns at most
        .where(Outage.began_at < end, or_(col(Outage.ended_at).is_(None), col(Outage.ended_at) > start))
        .order_by(col(Outage.began_at))
    )
    found: dict[_Subject, list[_Lost]] = {}
    for site, circuit, *lost in session.execute(touching):
        found.setdefault(_Subject(site, circuit), []).append(_Lost(*lost))
    return found


def _cause(outages: Sequence[_Lost], state: State, at: datetime) -> Cause | None:
    """Why a run that began at `at` was so: as the outage says that it belongs to."""
    number = bisect_right(outages, at, key=_began_at)
    if number == 0:
        return None
    lost = outages[number - 1]
    return lost.cause if lost.state is state and (lost.ended_at is None or at < lost.ended_at) else None


def _began_at(lost: _Lost) -> datetime:
    return lost.began_at


def _gaps(session: Session, span: Span, now: datetime) -> Intervals:
    start, end = _instants(span)
    near = select(Heartbeat.began_at, Heartbeat.last_at).where(
        Heartbeat.last_at >= start - HEARTBEAT_GAP, Heartbeat.began_at <= end + HEARTBEAT_GAP
    )
    beats = ((began.timestamp(), last.timestamp()) for began, last in session.exec(near))
    return unwatched(beats, span, now.timestamp(), HEARTBEAT_GAP.total_seconds())


def _windows(session: Session, span: Span) -> tuple[Maintenance, ...]:
    """Those that begin before the span ends; whether they reach into it is for their calendar to say."""
    _, end = _instants(span)
    rows = session.exec(select(Maintenance).where(Maintenance.starts_at < end).order_by(col(Maintenance.id))).all()
    for row in rows:
        session.expunge(row)
    return tuple(rows)


def _instants(span: Span) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(span.start_s, UTC), datetime.fromtimestamp(span.end_s, UTC)
