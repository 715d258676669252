"""Outages in the database: made from the queue of transitions, given their cause, handled by people.

What was decided is followed, never decided anew: states come from `health.machine`, causes from `health.cause`. A
subject is a site as a whole, or one of its circuits; it has at most one open outage.
"""

import json
import math
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, or_, select

import wanmon.model.inventory  # noqa: F401 - its tables: a row cannot be written before all that it refers to are known
from wanmon.clock import shown
from wanmon.errors import AlreadyOver, NotFound, UsageError
from wanmon.health.blocks import local_day
from wanmon.health.cause import Finding, Shared
from wanmon.model.carrier import Circuit
from wanmon.model.cause import Cause
from wanmon.model.life import Transition
from wanmon.model.outage import Handling, Outage, OutageNote
from wanmon.model.site import Site, SiteStatus
from wanmon.model.state import LOST, State

#: A site, and the circuit of it; none for the site as a whole.
Subject = tuple[str, str | None]

#: The greatest integer that SQLite can be asked for.
_MOST = 2**63 - 1


def process(session: Session, now: datetime) -> int:
    """Follow the transitions that nobody has followed yet, in their order; return how many those were.

    Within a session of `Database.write`. Called again it changes nothing, and in whatever portions the transitions
    come, the outages are the same.
    """
    queue = [row for row in _unprocessed(session) if _claim(session, row, now)]
    if queue:
        active = set(session.exec(select(Site.code).where(Site.status == SiteStatus.ACTIVE)))
        held = current(session)
        for row in queue:
            _follow(session, held, row, may_open=row.site in active)
        session.flush()
    return len(queue)


def end_unwatched(session: Session, now: datetime) -> int:
    """End the open outages whose end nobody would see; return how many.

    Those of sites that are no longer active, and of circuits whose contract is over.
    """
    active = select(Site.code).where(Site.status == SiteStatus.ACTIVE)
    over = select(Circuit.code).where(col(Circuit.ends_on) < local_day(now.timestamp()))
    is_left = or_(col(Outage.site).not_in(active), col(Outage.circuit).in_(over))
    left = session.exec(select(Outage).where(col(Outage.ended_at).is_(None), is_left)).all()
    for outage in left:
        outage.ended_at = max(now, outage.began_at)
        session.add(outage)
    session.flush()
    return len(left)


def conclude(
    session: Session,
    site: str,
    circuit: str | None,
    began_at: datetime,
    finding: Finding,
    together: Iterable[Shared],
) -> Cause | None:
    """Give the outage of that subject and beginning its cause, if it has none; return the cause that counts.

    None where there is no such outage without a computed cause: its site is planned, or it was judged before.
    """
    query = select(Outage).where(Outage.site == site, Outage.circuit == circuit, Outage.began_at == began_at)
    outage = session.exec(query.where(col(Outage.cause).is_(None)).order_by(col(Outage.id).desc()).limit(1)).first()
    if outage is None:
        return None
    outage.cause, outage.row = finding.cause, finding.row
    outage.readings = json.dumps({name: _plain(value) for name, value in finding.readings.items()})
    outage.together = json.dumps([[*shared.tie, shared.fell, shared.of] for shared in together])
    session.add(outage)
    session.flush()
    return outage.final_cause


def unseen(session: Session, site: str, at: datetime, uncertain_s: float, finding: Finding) -> None:
    """Record a restart at `at` that nobody missed: an outage without length, which costs no second of availability."""
    if session.exec(select(Site.code).where(Site.code == site)).first() is None:
        return
    readings = json.dumps({name: _plain(value) for name, value in finding.readings.items()})
    session.add(
        Outage(
            site=site,
            state=State.DOWN,
            began_at=at,
            began_uncertain_s=max(0.0, uncertain_s),
            decided_at=at,
            ended_at=at,
            cause=finding.cause,
            row=finding.row,
            readings=readings,
        )
    )
    session.flush()


def falls(session: Session, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """The sites that fell from `since` up to and including `until`, and when, in that order.

    A restart that nobody missed is no fall.
    """
    query = select(Outage.site, Outage.began_at).where(
        col(Outage.circuit).is_(None),
        col(Outage.began_at).between(since, until),
        or_(col(Outage.cause).is_(None), Outage.cause != Cause.SILENT_REBOOT),
    )
    return [(site, began_at) for site, began_at in session.exec(query.order_by(col(Outage.began_at), col(Outage.id)))]


def current(session: Session) -> dict[Subject, Outage]:
    """The open outages, by site and circuit."""
    rows = session.exec(select(Outage).where(col(Outage.ended_at).is_(None)).order_by(col(Outage.id)))
    return {(row.site, row.circuit): row for row in rows}


def unexplained(session: Session) -> list[Outage]:
    """The outages that have ended and whose cause nobody has found, in the order of their numbers."""
    query = select(Outage).where(col(Outage.ended_at).is_not(None), col(Outage.cause).is_(None))
    return list(session.exec(query.order_by(col(Outage.id))))


def find(session: Session, id: int) -> Outage:
    """The outage of that number. Raises `NotFound`."""
    outage = session.get(Outage, id) if 0 < id <= _MOST else None
    if outage is None:
        raise NotFound("outage", str(id), "see `wanmon outage list`")
    return outage


def listed(
    session: Session,
    *,
    site: str | None = None,
    sites: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    only_open: bool = False,
    only_sites: bool = False,
    cause: Cause | None = None,
    limit: int | None = 100,
) -> list[Outage]:
    """Outages, the newest first: of a site, of some sites, and those that touch the time from `since` to `until`.

    `only_sites` leaves out those of single circuits. `cause` is the one that counts: a person's, else the computed one.
    """
    query = select(Outage)
    if site is not None:
        query = query.where(Outage.site == site)
    if sites is not None:
        query = query.where(col(Outage.site).in_(sites))
    if since is not None:
        query = query.where(or_(col(Outage.ended_at).is_(None), col(Outage.ended_at) > since))
    if until is not None:
        query = query.where(Outage.began_at < until)
    if only_open:
        query = query.where(col(Outage.ended_at).is_(None))
    if only_sites:
        query = query.where(col(Outage.circuit).is_(None))
    if cause is not None:
        query = query.where(func.coalesce(Outage.ruled_cause, Outage.cause) == cause)
    return list(session.exec(query.order_by(col(Outage.began_at).desc(), col(Outage.id).desc()).limit(limit)))


def linked(session: Session, outage: Outage) -> list[Outage]:
    """The outages that it goes on from, and those that go on from it, in the order of time."""
    chain: list[Outage] = []
    link = outage
    while link.previous is not None and (before := session.get(Outage, link.previous)):
        chain.insert(0, before)
        link = before
    link = outage
    while after := session.exec(select(Outage).where(Outage.previous == link.id)).first():
        chain.append(after)
        link = after
    return chain


def notes(session: Session, id: int) -> list[OutageNote]:
    """What people did and said about an outage, in order."""
    return list(session.exec(select(OutageNote).where(OutageNote.outage == id).order_by(col(OutageNote.id))))


def acknowledge(session: Session, id: int, author: str, at: datetime, ticket: str = "", text: str = "") -> Outage:
    """Say that somebody looks after an open outage; said again, it can bring another ticket.

    The first to say so stands in the outage, all of them in its notes. Raises `NotFound`, and `AlreadyOver` once the
    outage has ended.
    """
    outage = find(session, id)
    if outage.ended_at is not None:
        ended = f"outage {id} ended at {shown(outage.ended_at)}: only an open one can be acknowledged"
        raise AlreadyOver(f"{ended}; `wanmon outage note` takes a word about it")
    if outage.acknowledged_at is None:
        outage.acknowledged_at, outage.acknowledged_by = at, author
    outage.ticket = ticket or outage.ticket
    return _noted(session, outage, at=at, author=author, handling=Handling.ACK, ticket=ticket, text=text)


def note(session: Session, id: int, author: str, at: datetime, text: str) -> Outage:
    """Keep a word about an outage, open or not. Raises `NotFound`, and `UsageError` for no word at all."""
    outage = find(session, id)
    if not text.strip():
        raise UsageError(f"outage {id}: an empty note says nothing")
    return _noted(session, outage, at=at, author=author, handling=Handling.NOTE, text=text)


def rule(session: Session, id: int, author: str, at: datetime, cause: Cause, reason: str) -> Outage:
    """Let a person's word on the cause count, beside the computed one, which stays.

    Raises `NotFound`, and `UsageError` without a reason.
    """
    outage = find(session, id)
    if not reason.strip():
        raise UsageError(f"outage {id}: say why it is {cause}: its cause changes only with a reason")
    outage.ruled_cause = cause
    return _noted(session, outage, at=at, author=author, handling=Handling.SET, cause=cause, text=reason)


def _unprocessed(session: Session) -> list[Transition]:
    """The queue as plain values: what becomes of a row is for its claim to say."""
    query = select(Transition).where(col(Transition.processed_at).is_(None)).order_by(col(Transition.id))
    rows = list(session.exec(query))
    for row in rows:
        session.expunge(row)
    return rows


def _claim(session: Session, row: Transition, now: datetime) -> bool:
    """Take a transition for oneself; False where another was faster."""
    is_free = (col(Transition.id) == row.id, col(Transition.processed_at).is_(None))
    result: Any = session.execute(
        update(Transition).where(*is_free).values(processed_at=now).execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)


def _follow(session: Session, held: dict[Subject, Outage], row: Transition, *, may_open: bool) -> None:
    """Open or close what a transition opens or closes, and keep `held` the open outages.

    UNKNOWN closes nothing: the same silence after it is the same outage.
    """
    subject = (row.site, row.circuit)
    before = held.get(subject)
    if row.new is State.UNKNOWN or (before is not None and before.state is row.new):
        return
    if before is not None:
        # A silence is dated back to its first miss, which may lie before what was held of that time.
        before.ended_at, before.ended_uncertain_s = max(row.at, before.began_at), row.uncertain_s
        session.add(held.pop(subject))
    if row.new in LOST and may_open:
        held[subject] = _opened(row, before)
        session.add(held[subject])
        session.flush()  # for its id: another may go on from it


def _opened(row: Transition, before: Outage | None) -> Outage:
    return Outage(
        site=row.site,
        circuit=row.circuit,
        state=row.new,
        began_at=row.at,
        began_uncertain_s=row.uncertain_s,
        decided_at=row.decided_at,
        roots=row.roots,
        previous=None if before is None else before.id,
    )


def _plain(value: float | int | str) -> float | int | str | None:
    """JSON has no infinity: the end of a window that has none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _noted(session: Session, outage: Outage, **said: Any) -> Outage:
    """Keep what a person said beside the outage that it changed."""
    session.add_all([outage, OutageNote(outage=outage.id or 0, **said)])
    session.flush()
    return outage
