"""Present states, transitions and heartbeats of a running service.

Stores what the rules decided and decides nothing. What is said of a site or device that has meanwhile left the
inventory is passed over: the poller learns of it a few seconds later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, col, select

from wanmon.model.device import Device
from wanmon.model.life import DeviceState, Heartbeat, SiteState, Transition
from wanmon.model.site import Site

#: A longer silence of the poller is a gap, and begins a new row.
HEARTBEAT_GAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class States:
    """The present states by site code and by device name."""

    sites: Mapping[str, SiteState]
    devices: Mapping[str, DeviceState]


def load_states(session: Session) -> States:
    """Every state as it was last stored. The rows no longer belong to the session."""
    sites = {row.site: row for row in session.exec(select(SiteState))}
    devices = {row.device: row for row in session.exec(select(DeviceState))}
    session.expunge_all()
    return States(sites, devices)


def record_transitions(session: Session, transitions: Sequence[Transition]) -> None:
    """Keep the transitions, in this order, and with each the new state of its site, since `at`."""
    rows = _of_the_inventory(session, transitions, "site", Site.code)
    if rows:
        session.execute(insert(Transition), [{**row, "id": None} for row in rows])
    states = {r["site"]: {"site": r["site"], "state": r["new"], "since": r["at"], "reason": r["reason"]} for r in rows}
    _put(session, SiteState, "site", states)


def set_device_states(session: Session, states: Sequence[DeviceState]) -> None:
    """Store the present states of devices, whatever they were."""
    rows = _of_the_inventory(session, states, "device", Device.name)
    _put(session, DeviceState, "device", {row["device"]: row for row in rows})


def transitions(
    session: Session, site: str | None = None, since: datetime | None = None, limit: int | None = None
) -> list[Transition]:
    """What was recorded, the newest first; of one site, and from `since` on, where told."""
    query = select(Transition).order_by(col(Transition.at).desc(), col(Transition.id).desc()).limit(limit)
    if site is not None:
        query = query.where(Transition.site == site)
    if since is not None:
        query = query.where(Transition.at >= since)
    return list(session.exec(query))


def last_beat(session: Session) -> datetime | None:
    """When a poller last said that it lived; none before the first. A gap lies between this and its next beat."""
    newest = _newest_beat(session)
    return newest.last_at if newest else None


def beat(session: Session, now: datetime) -> None:
    """Say that the poller lives: move the newest row on, or begin one after a gap or a clock set back."""
    newest = _newest_beat(session)
    if newest and timedelta(0) <= now - newest.last_at <= HEARTBEAT_GAP:
        newest.last_at = now
    else:
        session.add(Heartbeat(began_at=now, last_at=now))
    session.flush()


def _newest_beat(session: Session) -> Heartbeat | None:
    return session.exec(select(Heartbeat).order_by(col(Heartbeat.id).desc()).limit(1)).first()


def _of_the_inventory(session: Session, rows: Sequence[SQLModel], column: str, key: Any) -> list[dict[str, Any]]:
    """The rows whose site or device is still there, as plain values."""
    wanted = {getattr(row, column) for row in rows}
    there = set(session.exec(select(key).where(col(key).in_(wanted)))) if wanted else set()
    return [row.model_dump() for row in rows if getattr(row, column) in there]


def _put(session: Session, table: type[SQLModel], key: str, rows: Mapping[str, dict[str, Any]]) -> None:
    """Insert or update each row by its primary key, in three statements however many there are."""
    column = getattr(table, key)
    there = set(session.exec(select(column).where(col(column).in_(rows)))) if rows else set()
    new = [row for name, row in rows.items() if name not in there]
    if new:
        session.execute(insert(table), new)
    if there:
        session.execute(update(table), [rows[name] for name in sorted(there)])
