"""Another machine in the place of a device: the inventory is changed, and what was learnt of the old one is forgotten.

One transaction. The log of changes gets a line for the machine itself, even where address, port and all else stay:
by its changeset, the generation of the device, a running `serve` sees that everything it knows is of another machine.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from wanmon.model.change import Change
from wanmon.model.inventory import Edit
from wanmon.model.life import CredentialRefusal, DeviceCredential, DeviceManners, DeviceWitness
from wanmon.model.neighbour import Neighbour
from wanmon.store import host_keys, inventory, machines

#: The field of a device under which the log has its machine: it is no column.
MACHINE = "machine"


def replace(
    session: Session,
    device: str,
    edits: Sequence[Edit],
    *,
    author: str,
    origin: str,
    command: str,
    reason: str,
    at: datetime,
) -> int:
    """Make the edits, put the old machine into history and forget what was learnt of it; the id of the changeset.

    Raises what `inventory.apply` raises.
    """
    old = machines.standing(session, device)
    words = str(machines.plate_of(old)) if old else ""
    signed = {"author": author, "origin": origin, "command": command, "reason": reason}
    changeset = inventory.apply(session, edits, **signed, at=at)
    changeset = inventory.note(session, device, MACHINE, words, "", changeset, **signed, at=at)
    machines.replaced(session, device, at)
    forget(session, device)
    return changeset


def forget(session: Session, device: str) -> None:
    """Forget what was learnt of a device: how it is spoken to, what it said of its past, whom it sees, its host key."""
    for table in (DeviceManners, DeviceWitness, DeviceCredential, CredentialRefusal, Neighbour):
        session.execute(delete(table).where(col(table.device) == device))
    host_keys.forget(session, device)


def generations(session: Session) -> dict[str, int]:
    """The changeset in which each device was replaced last, by name; those that never were are left out."""
    query = select(Change.key, func.max(Change.changeset)).where(Change.noun == "device", Change.field == MACHINE)
    return {key: int(changeset) for key, changeset in session.exec(query.group_by(Change.key))}
