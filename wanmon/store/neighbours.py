"""Who is connected to whom, as devices tell it: kept for a week after it was last told.

Stores what was heard and judges nothing. The inventory is never changed by it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from wanmon.model.device import Device
from wanmon.model.neighbour import Neighbour

#: A neighbour that is no longer heard of is kept for so long, with the instant at which it was heard of last.
KEPT = timedelta(days=7)
#: Rows of one device, those heard of last: an agent that tells others every hour must not fill the disk.
MOST_KEPT = 512

_Key = tuple[str, str, str, str]


def keep(session: Session, device: str, heard: Sequence[Neighbour], now: datetime) -> None:
    """Take in what a device told at `now`; who was known already keeps the instant of being seen first.

    A device that has left the inventory is passed over.
    """
    if session.exec(select(Device.name).where(col(Device.name) == device)).first() is None:
        return
    first_seen = {_key(row): row.first_seen_at for row in _of(session, device)}
    rows = {_key(row): row.model_dump() for row in heard}
    for key, row in rows.items():
        row["first_seen_at"] = first_seen.get(key, row["first_seen_at"])
    new = [row for key, row in rows.items() if key not in first_seen]
    known = [row for key, row in rows.items() if key in first_seen]
    if new:
        session.execute(insert(Neighbour), new)
    if known:
        session.execute(update(Neighbour), known)
    _forget(session, device, now)


def load(session: Session) -> list[Neighbour]:
    """Every neighbour of every device, by device and interface. The rows no longer belong to the session."""
    order = (col(Neighbour.device), col(Neighbour.interface), col(Neighbour.protocol), col(Neighbour.chassis_id))
    found = list(session.exec(select(Neighbour).order_by(*order, col(Neighbour.port_id))))
    session.expunge_all()
    return found


def _of(session: Session, device: str) -> list[Neighbour]:
    found = list(session.exec(select(Neighbour).where(Neighbour.device == device)))
    session.expunge_all()
    return found


def _forget(session: Session, device: str, now: datetime) -> None:
    """Remove what was not told for a week, and what is more than one device may have."""
    newest = (
        select(Neighbour.last_seen_at)
        .where(Neighbour.device == device)
        .order_by(col(Neighbour.last_seen_at).desc())
        .offset(MOST_KEPT)
        .limit(1)
    )
    beyond = session.exec(newest).first()
    limit = now - KEPT if beyond is None else max(now - KEPT, beyond)
    session.execute(delete(Neighbour).where(col(Neighbour.device) == device, col(Neighbour.last_seen_at) <= limit))


def _key(row: Neighbour) -> _Key:
    return row.protocol.value, row.interface, row.chassis_id, row.port_id
