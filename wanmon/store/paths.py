"""The paths that traces are compared with: the first whole one of each, until somebody accepts another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from wanmon.model.check import Check
from wanmon.model.path import Hop, PathBaseline, packed, unpacked
from wanmon.model.site import Site

#: A check, a site, and the target.
Subject = tuple[str, str, str]


def baselines(session: Session) -> dict[Subject, tuple[Hop, ...]]:
    """Every baseline, by check, site and target."""
    return {(row.check, row.site, row.target): unpacked(row.hops) for row in session.exec(select(PathBaseline))}


def generation(session: Session) -> tuple[int, datetime | None]:
    """Changes when a baseline is taken or forgotten: a cheap way to see that."""
    count, newest = session.exec(select(func.count(), func.max(PathBaseline.taken_at))).one()
    return count, newest


def keep(session: Session, check: str, site: str, target: str, hops: Sequence[Hop], now: datetime) -> None:
    """Make a path the baseline where there is none yet; within a session of `Database.write`.

    A check or site that has left the inventory is passed over.
    """
    is_known = session.exec(select(Check.code).where(Check.code == check)).first() is not None
    is_known = is_known and session.exec(select(Site.code).where(Site.code == site)).first() is not None
    if is_known and session.get(PathBaseline, (check, site, target)) is None:
        session.add(PathBaseline(check=check, site=site, target=target, hops=packed(hops), taken_at=now))
        session.flush()


def forget(session: Session, site: str, checks: Sequence[str]) -> list[PathBaseline]:
    """Forget the baselines of some checks of a site; tell which these were."""
    query = select(PathBaseline).where(PathBaseline.site == site, col(PathBaseline.check).in_(checks))
    found = list(session.exec(query.order_by(col(PathBaseline.check), col(PathBaseline.target))))
    for row in found:
        session.delete(row)
    session.flush()
    return found
