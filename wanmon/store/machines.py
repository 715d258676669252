"""The machines that stood in the place of each device: when each was seen, and when another took its place.

Whoever has another serial number is another machine; where one of the two tells none, whoever is of another model.
What is missing or new in the words of the same machine is taken over, and never judged.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from wanmon.model.device import Device
from wanmon.model.machine import Machine

#: `last_seen_at` is moved on no oftener: it tells years apart, and a write costs the disk.
MOVED_ON_AFTER = timedelta(hours=1)
#: Machines of one device, the newest: an agent that tells another serial number every time must not fill the disk.
MOST_KEPT = 64


class Nameplate(NamedTuple):
    """What a machine says that it is; empty where it does not say."""

    vendor: str = ""
    model: str = ""
    os_version: str = ""
    serial: str = ""

    def __str__(self) -> str:
        words = [self.vendor, self.model, f"serial {self.serial}" if self.serial else ""]
        return " ".join(word for word in words if word) or "a machine that tells nothing of itself"


def seen(session: Session, device: str, plate: Nameplate, now: datetime) -> Machine | None:
    """Take in who answers in the place of a device; the machine that stood there until now, where it is another.

    A device that has left the inventory is passed over.
    """
    if session.exec(select(Device.id).where(Device.name == device)).first() is None:
        return None
    held = standing(session, device)
    if held is None or _is_another(held, plate):
        replaced(session, device, now)
        session.add(Machine(device=device, **plate._asdict(), first_seen_at=now, last_seen_at=now))
        session.flush()
        _forget_oldest(session, device)
        return held
    _see_again(held, plate, now)
    session.flush()
    return None


def of(session: Session, device: str) -> list[Machine]:
    """The machines of a device, the newest first."""
    return list(session.exec(select(Machine).where(Machine.device == device).order_by(col(Machine.id).desc())))


def standing(session: Session, device: str) -> Machine | None:
    """The machine that stands in the place of a device; none where none was seen since the last one was replaced."""
    return next((machine for machine in of(session, device) if machine.replaced_at is None), None)


def replaced(session: Session, device: str, now: datetime) -> None:
    """Keep that another machine stands in the place of a device from now on."""
    for machine in of(session, device):
        if machine.replaced_at is None:
            machine.replaced_at = now
    session.flush()


def plate_of(machine: Machine) -> Nameplate:
    """What a machine said last that it is."""
    return Nameplate(machine.vendor, machine.model, machine.os_version, machine.serial)


def _is_another(held: Machine, plate: Nameplate) -> bool:
    if held.serial and plate.serial:
        return held.serial != plate.serial
    return bool(held.model and plate.model) and held.model != plate.model


def _see_again(held: Machine, plate: Nameplate, now: datetime) -> None:
    fresh = {name: value for name, value in plate._asdict().items() if value and value != getattr(held, name)}
    for name, value in fresh.items():
        setattr(held, name, value)
    if fresh or now - held.last_seen_at >= MOVED_ON_AFTER:
        held.last_seen_at = max(held.last_seen_at, now)


def _forget_oldest(session: Session, device: str) -> None:
    oldest = [machine.id for machine in of(session, device)[MOST_KEPT:]]
    if oldest:
        session.execute(delete(Machine).where(col(Machine.id).in_(oldest)))
