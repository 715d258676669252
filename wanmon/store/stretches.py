"""How the checks of sites went, in stretches: a time in which one went one way is one row, however often it ran.

Checks and sites that have left the inventory are passed over: they may go while they are being asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from wanmon.model.check import Check
from wanmon.model.finding import CheckStretch, Verdict
from wanmon.model.reason import Reason
from wanmon.model.site import Site

#: A stretch that ended so long ago is forgotten: a year, and the month in which it is reported.
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Alike:
    """Runs in a row that went one way: `text` is that of the last one."""

    site: str
    check: str
    target: str
    verdict: Verdict
    reason: Reason | None
    text: str
    began_at: datetime
    last_at: datetime
    runs: int = 1


def record(session: Session, many: Iterable[Alike]) -> None:
    """Take in some runs: those that went as the ones before extend the present stretch, others begin one.

    Within a session of `Database.write`.
    """
    checks, sites = set(session.exec(select(Check.code))), set(session.exec(select(Site.code)))
    for alike in many:
        if alike.check in checks and alike.site in sites:
            _take(session, alike)
    session.flush()


def present(session: Session) -> list[CheckStretch]:
    """The stretch that each check of each site is in. The rows no longer belong to the session."""
    subject = (CheckStretch.site, CheckStretch.check, CheckStretch.target)
    order = (col(CheckStretch.last_at).desc(), col(CheckStretch.id).desc())
    place = func.row_number().over(partition_by=subject, order_by=order).label("place")
    ranked = select(CheckStretch.id, place).subquery()
    newest = select(CheckStretch).where(col(CheckStretch.id).in_(select(ranked.c.id).where(ranked.c.place == 1)))
    found = list(session.exec(newest))
    session.expunge_all()
    return found


def listed(
    session: Session, site: str, *, checks: Sequence[str] | None = None, limit: int | None = 100
) -> list[CheckStretch]:
    """The stretches of a site, of some of its checks where told, the newest first."""
    query = select(CheckStretch).where(CheckStretch.site == site)
    if checks is not None:
        query = query.where(col(CheckStretch.check).in_(checks))
    order = (col(CheckStretch.began_at).desc(), col(CheckStretch.id).desc())
    found = list(session.exec(query.order_by(*order).limit(limit)))
    session.expunge_all()
    return found


def prune(session: Session, now: datetime) -> None:
    """Forget the stretches that ended long ago."""
    session.execute(delete(CheckStretch).where(col(CheckStretch.last_at) < now - KEPT))


def _take(session: Session, alike: Alike) -> None:
    """Stretches of one subject never overlap, also where the command line runs a check beside the service."""
    before = _newest(session, alike)
    if before is not None and (before.verdict, before.reason) == (alike.verdict, alike.reason):
        before.last_at = max(before.last_at, alike.last_at)
        before.runs += alike.runs
        before.text = alike.text
        session.add(before)
        return
    began_at = alike.began_at if before is None else max(alike.began_at, before.last_at)
    row = CheckStretch(
        check=alike.check,
        site=alike.site,
        target=alike.target,
        verdict=alike.verdict,
        reason=alike.reason,
        text=alike.text,
        began_at=began_at,
        last_at=max(began_at, alike.last_at),
        runs=alike.runs,
    )
    session.add(row)
    session.flush()  # another of the same subject may come behind it


def _newest(session: Session, alike: Alike) -> CheckStretch | None:
    query = select(CheckStretch).where(
        CheckStretch.site == alike.site, CheckStretch.check == alike.check, CheckStretch.target == alike.target
    )
    order = (col(CheckStretch.last_at).desc(), col(CheckStretch.id).desc())
    return session.exec(query.order_by(*order).limit(1)).first()
