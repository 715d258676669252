"""All that the database says of the present, read at one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor

from sqlmodel import Session

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.clock import shown
from wanmon.health.intervals import Span
from wanmon.model.inventory import Inventory
from wanmon.model.maintenance import Maintenance
from wanmon.model.outage import Outage
from wanmon.store import inventory, leases, life, maintenance, outages
from wanmon.store.life import States
from wanmon.store.outages import Subject


@dataclass(frozen=True, slots=True)
class Service:
    """Whether `serve` runs, and when it last said so."""

    is_running: bool
    last_beat: datetime | None

    def __str__(self) -> str:
        """In words, for above a table."""
        if self.is_running:
            return "serve is running"
        if self.last_beat is None:
            return "serve has never run on this database: no state is known"
        return f"states as of {shown(self.last_beat)}: serve is not running"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The inventory, the states that `serve` stored last, the open outages, and the windows of maintenance in force."""

    inventory: Inventory
    states: States
    service: Service
    outages: Mapping[Subject, Outage]
    maintenance: Sequence[Maintenance]
    at: datetime

    @property
    def second(self) -> Span:
        """The second in which it was read."""
        return _second(self.at)


def look(here: Surroundings) -> Glimpse:
    """What the database says now."""
    with here.database.read() as session:
        return read(session, here.clock.now())


def read(session: Session, now: datetime) -> Glimpse:
    """The same within a session that goes on to read more."""
    return Glimpse(
        inventory.load(session),
        life.load_states(session),
        Service(leases.holder(session, "serve", now) is not None, life.last_beat(session)),
        outages.current(session),
        maintenance.touching(session, _second(now)),
        now,
    )


def _second(now: datetime) -> Span:
    now_s = floor(now.timestamp())
    return Span(now_s, now_s + 1)
