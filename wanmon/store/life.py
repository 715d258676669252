"""Present states, transitions and heartbeats of a running service.

Stores what the rules decided and decides nothing. What is said of a site or device that has meanwhile left the
inventory is passed over: the poller learns of it a few seconds later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, col, select

from wanmon.model.carrier import Circuit
from wanmon.model.device import Device
from wanmon.model.life import CircuitState, DeviceState, DeviceWitness, Heartbeat, SiteState, Transition
from wanmon.model.site import Site

#: A longer silence of the poller is a gap, and begins a new row.
HEARTBEAT_GAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class States:
    """The present states by site code, by device name and by circuit code."""

    sites: Mapping[str, SiteState]
    devices: Mapping[str, DeviceState]
    circuits: Mapping[str, CircuitState] = field(default_factory=dict)


def load_states(session: Session) -> States:
    """Every state as it was last stored. The rows no longer belong to the session."""
    sites = {row.site: row for row in session.exec(select(SiteState))}
    devices = {row.device: row for row in session.exec(select(DeviceState))}
    circuits = {row.circuit: row for row in session.exec(select(CircuitState))}
    session.expunge_all()
    return States(sites, devices, circuits)


def load_witnesses(session: Session) -> dict[str, DeviceWitness]:
    """What each device said last of its own past. The rows no longer belong to the session."""
    found = {row.device: row for row in session.exec(select(DeviceWitness))}
    session.expunge_all()
    return found


def heartbeats(session: Session, since: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches in which a poller lived that reach beyond `since`, in order."""
    query = select(Heartbeat).where(col(Heartbeat.last_at) >= since).order_by(col(Heartbeat.id))
    return [(row.began_at, row.last_at) for row in session.exec(query)]


def record_transitions(session: Session, transitions: Sequence[Transition]) -> None:
    """Keep the transitions, in this order, and with each the new state of its site, since `at`."""
    rows = _of_the_inventory(session, transitions, "site", Site.code)
    circuits = set(session.exec(select(Circuit.code))) if any(row["circuit"] for row in rows) else set()
    rows = [row for row in rows if row["circuit"] is None or row["circuit"] in circuits]
    if rows:
        session.execute(insert(Transition), [{**row, "id": None} for row in rows])
    states = {row["site"]: _state_after(row) for row in rows if row["circuit"] is None}
    _put(session, SiteState, "site", states)


def set_site_state(session: Session, state: SiteState) -> None:
    """Store more of the present state of a site: its reasons, its roots."""
    rows = _of_the_inventory(session, [state], "site", Site.code)
    _put(session, SiteState, "site", {row["site"]: row for row in rows})


def set_circuit_state(session: Session, state: CircuitState) -> None:
    """Store the present state of a circuit, whatever it was."""
    rows = _of_the_inventory(session, [state], "circuit", Circuit.code)
    _put(session, CircuitState, "circuit", {row["circuit"]: row for row in rows})


def set_witness(session: Session, witness: DeviceWitness) -> None:
    """Store what a device said last of its own past."""
    rows = _of_the_inventory(session, [witness], "device", Device.name)
    _put(session, DeviceWitness, "device", {row["device"]: row for row in rows})


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


def _state_after(transition: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"site": "site", "state": "new", "since": "at", "reason": "reason", "roots": "roots"}
    return {column: transition[name] for column, name in kept.items()}


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
