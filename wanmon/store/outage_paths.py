"""Where the ways to sites ended when they fell: traced at once, kept with the outage."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from wanmon.model.outage import Outage
from wanmon.model.path import Hop, OutagePath, packed


def keep(
    session: Session, site: str, began_at: datetime, vantage: str, at: datetime, hops: Sequence[Hop], text: str
) -> bool:
    """Keep a path with the outage of a site that began then; the first one from each vantage.

    False where there is no such outage: the site does not count, or its outage goes on from an earlier time.
    """
    query = select(Outage.id).where(Outage.site == site, Outage.began_at == began_at, col(Outage.circuit).is_(None))
    outage = session.exec(query.order_by(col(Outage.id).desc()).limit(1)).first()
    if outage is None or vantage in {path.vantage for path in of_outage(session, outage)}:
        return False
    session.add(OutagePath(outage=outage, vantage=vantage, at=at, hops=packed(hops), text=text))
    session.flush()
    return True


def of_outage(session: Session, id: int) -> list[OutagePath]:
    """The paths of an outage, in the order in which they were traced."""
    return list(session.exec(select(OutagePath).where(OutagePath.outage == id).order_by(col(OutagePath.id))))
