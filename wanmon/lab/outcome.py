"""What a script has left in the database, read back and judged against the world that it was played in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from sqlmodel import Session, col, select

from wanmon.health.intervals import Span
from wanmon.lab import truth
from wanmon.lab.course import START_S
from wanmon.lab.run import Played
from wanmon.lab.verdict import Recorded, Verdict, judge, shares
from wanmon.model.cause import Cause
from wanmon.model.life import Transition
from wanmon.model.outage import Outage
from wanmon.model.site import SiteStatus
from wanmon.model.state import State
from wanmon.store import life

#: Before any poller lived.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

Change = tuple[State, float, Cause | None]


def examine(played: Played) -> Verdict:
    """What the poller found beside what really was."""
    real = truth.outages(played.world, played.until_s)
    seen = truth.watched(played.world, played.until_s)
    with played.database.read() as session:
        found = recorded(session, played)
        histories = {
            code: list(history(session, code))
            for code, site in played.world.inventory.sites.items()
            if site.status is SiteStatus.ACTIVE
        }
    restarts = [(site, at_s) for site, at_s, is_machine in played.world.course.beginnings if is_machine]
    return judge(found, real, seen, restarts, shares(histories, real, span_of(played), seen))


def recorded(session: Session, played: Played) -> list[Recorded]:
    """The recorded outages of sites as a whole, in the order of time."""
    query = select(Outage).where(col(Outage.circuit).is_(None)).order_by(col(Outage.began_at), col(Outage.id))
    return [_recorded(row, played) for row in session.exec(query)]


def history(session: Session, site: str) -> Iterator[Change]:
    """The transitions of a site in the order they were decided; unknown while no poller lived."""
    query = select(Transition).where(Transition.site == site, col(Transition.circuit).is_(None))
    rows = list(session.exec(query.order_by(col(Transition.id))))
    held = State.UNKNOWN
    waiting = gaps(life.heartbeats(session, _EVER))
    for row in rows:
        while waiting and waiting[0][1] <= row.decided_at:
            yield from _unwatched(waiting.pop(0), held)
        held = row.new
        yield held, row.at.timestamp(), None
    for gap in waiting:
        yield from _unwatched(gap, held)


def gaps(beats: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """When no poller lived, between two that did."""
    return [(ended, began) for (_, ended), (began, _) in pairwise(beats) if began - ended > life.HEARTBEAT_GAP]


def span_of(played: Played) -> Span:
    """From the first to the last instant of the script, by the clock of its poller."""
    first, last = played.clocks[0], played.clocks[-1]
    return Span(round(START_S + first.ahead_s), int(played.until_s + last.ahead_s))


def _recorded(row: Outage, played: Played) -> Recorded:
    """An outage on the clock of the simulation."""
    began_s = played.began_s(row.began_at, row.id or 0)
    return Recorded(
        row.site,
        row.state,
        began_s,
        played.until_s if row.ended_at is None else played.ended_s(row.ended_at, began_s),
        played.began_s(row.decided_at, row.id or 0),
        row.final_cause,
        row.ended_at is None,
    )


def _unwatched(gap: tuple[datetime, datetime], held: State) -> Iterator[Change]:
    yield State.UNKNOWN, gap[0].timestamp(), None
    yield held, gap[1].timestamp(), None
