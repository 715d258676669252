"""The database of a simulation: the writes of its poller, made in their order, and its heartbeats.

Writes that wait together are committed together, as `store.writer` does it, but when told to and by the same thread.
"""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from wanmon.clock import Clock
from wanmon.exchange import plan
from wanmon.exchange.folder import read
from wanmon.health.blocks import Block
from wanmon.model.change import Action
from wanmon.model.inventory import NOUNS, Edit, Inventory
from wanmon.model.life import DeviceWitness, Heartbeat
from wanmon.poller.jobs import DeviceIdentity
from wanmon.poller.records import StoreRecords
from wanmon.store import inventory as inventories
from wanmon.store import life, schema
from wanmon.store.database import Database
from wanmon.store.writer import BATCH

#: Nobody waits for what a write returns.
_NEVER: Future[Any] = Future()


def shipped_inventory(folder: Path) -> Inventory:
    """The inventory that stands in the files of a folder. Raises `InventoryError`."""
    return plan.whole(read(str(folder))).after


def make_database(path: Path, inventory: Inventory, at: datetime) -> Database:
    """A new database that holds an inventory."""
    url = f"sqlite:///{path}"
    schema.upgrade(url)
    edits = [
        Edit(Action.ADD, noun, key, {column: getattr(row, column) for column in noun.columns})
        for noun in NOUNS
        for key, row in inventory.rows(noun).items()
    ]
    database = Database.open(url)
    with database.write() as session:
        inventories.apply(session, edits, author="lab", origin="lab", command="lab run", reason="", at=at)
    return database


class Ledger:
    """Takes the writes of a simulated poller, and makes them when they are to be seen."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: list[Callable[[Session], Any]] = []
        self._beats_at: datetime | None = None
        self._is_beat_waiting = False

    def submit(self, make: Callable[[Session], Any]) -> Future[Any]:
        """Have `make(session)` done by the next `flush`; nobody waits for what it returns."""
        self._waiting.append(make)
        if len(self._waiting) >= BATCH:
            self.flush()
        return _NEVER

    def beat(self, now: datetime) -> None:
        """Say that the poller lives. A beat that only moves the newest row on waits for the next `flush`."""
        last_at = self._beats_at
        if last_at is None or not 0 <= (now - last_at).total_seconds() <= life.HEARTBEAT_GAP.total_seconds():
            self._write_beat()
            self.submit(lambda session: life.beat(session, now))
        else:
            self._is_beat_waiting = True
        self._beats_at = now

    def beat_through(self, now: datetime) -> None:
        """Say that the poller has lived all the while until now."""
        self._beats_at, self._is_beat_waiting = now, True

    def flush(self) -> None:
        """Make every write that waits, in order."""
        self._write_beat()
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            with self.database.write() as session:
                for make in waiting:
                    make(session)

    def stopped(self) -> None:
        """The poller has ended: its next beat is another's."""
        self.flush()
        self._beats_at = None

    def _write_beat(self) -> None:
        if self._is_beat_waiting and self._beats_at is not None:
            last_at = self._beats_at
            self._is_beat_waiting = False
            self.submit(lambda session: _move_on(session, last_at))


class LabRecords(StoreRecords):
    """What a simulated poller keeps: all that judges its outages, and no traffic.

    Witnesses are kept in memory until the poller stops: only its heir reads them.
    """

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        super().__init__(ledger, clock)
        self._ledger = ledger
        self._witnesses: dict[str, DeviceWitness] = {}

    def witness(self, witness: DeviceWitness) -> None:
        """What a device said last of its own past."""
        self._witnesses[witness.device] = witness

    def traffic(self, circuit: str, on: date, block: Block) -> None:
        """What ran through a circuit on a day is not kept: a shortcut through a quiet week would leave it out."""

    def machine(self, device: str, identity: DeviceIdentity) -> None:
        """Which machine stands in the place of a device is not kept: it is the same in all of a simulation."""

    def end(self) -> None:
        """Store the witnesses: this is the end of this poller."""
        rows, self._witnesses = list(self._witnesses.values()), {}
        for row in rows:
            self._ledger.submit(partial(life.set_witness, witness=row))


def _move_on(session: Session, last_at: datetime) -> None:
    newest = select(func.max(col(Heartbeat.id))).scalar_subquery()
    session.execute(update(Heartbeat).where(col(Heartbeat.id) == newest).values(last_at=last_at))
