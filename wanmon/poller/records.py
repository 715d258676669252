"""What the poller keeps in the database: written by the one writer, waited for by nobody.

Implements `poller.outlets.Records`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlmodel import Session

from wanmon.clock import Clock
from wanmon.health.blocks import Block, pack
from wanmon.health.cause import TOGETHER_S, Fall, Finding, Tie, siblings
from wanmon.log import log
from wanmon.model.inventory import Inventory
from wanmon.model.life import CircuitState, CredentialProtocol, DeviceState, DeviceWitness, SiteState, Transition
from wanmon.model.neighbour import Neighbour
from wanmon.model.site import SiteStatus
from wanmon.poller.jobs import DeviceIdentity, Sighting
from wanmon.poller.outages import Conclusion
from wanmon.protocols.snmp.manners import Learnt
from wanmon.store import credentials, life, machines, manners, neighbours, outages, traffic
from wanmon.store.machines import Nameplate


class Submits(Protocol):
    """What takes writes: the writer of a running service, or something that makes them at once."""

    def submit(self, make: Callable[[Session], Any]) -> Future[Any]:
        """Have `make(session)` done."""
        ...


class StoreRecords:
    """Turns facts into writes; `told` hears of each transition once its write is on its way."""

    def __init__(
        self, writer: Submits, clock: Clock, told: Callable[[Transition], None] = lambda transition: None
    ) -> None:
        self._told = told
        self._writer = writer
        self._clock = clock
        self._ties_of: tuple[Inventory, dict[str, set[Tie]]] | None = None

    def device_state(self, state: DeviceState) -> None:
        """A device that changed its state."""
        self._writer.submit(lambda session: life.set_device_states(session, [state]))

    def site_state(self, state: SiteState) -> None:
        """More is known of the present state of a site."""
        self._writer.submit(lambda session: life.set_site_state(session, state))

    def circuit_state(self, state: CircuitState) -> None:
        """The present state of a circuit."""
        self._writer.submit(lambda session: life.set_circuit_state(session, state))

    def witness(self, witness: DeviceWitness) -> None:
        """What a device said last of its own past."""
        self._writer.submit(lambda session: life.set_witness(session, witness))

    def transition(self, transition: Transition) -> None:
        """A site or circuit that changed its state, and the outage that it opens or closes: both or none."""
        now = self._clock.now()

        def write(session: Session) -> None:
            life.record_transitions(session, [transition])
            outages.process(session, now)

        self._writer.submit(write)
        self._told(transition)

    def conclusion(self, conclusion: Conclusion, inventory: Inventory) -> None:
        """Why an outage was, and who fell together with it."""
        (site, circuit), began_at = conclusion.subject, conclusion.began_at
        ties = self._ties(inventory)

        def write(session: Session) -> None:
            around = timedelta(seconds=TOGETHER_S)
            fallen = outages.falls(session, began_at - around, began_at + around)
            falls = [Fall(code, at.timestamp()) for code, at in fallen]
            together = siblings(Fall(site, began_at.timestamp()), falls, ties)
            outages.conclude(session, site, circuit, began_at, conclusion.finding, together)

        self._writer.submit(write)

    def reboot(self, site: str, at: datetime, uncertain_s: float, finding: Finding) -> None:
        """A machine that started anew at `at`, while nobody missed it."""
        self._writer.submit(lambda session: outages.unseen(session, site, at, uncertain_s, finding))

    def neighbours(self, device: str, heard: Sequence[Sighting]) -> None:
        """Who a device says that it is connected to, as of now."""
        now = self._clock.now()
        rows = [Neighbour(device=device, first_seen_at=now, last_seen_at=now, **asdict(each)) for each in heard]
        self._writer.submit(lambda session: neighbours.keep(session, device, rows, now))

    def traffic(self, circuit: str, on: date, block: Block) -> None:
        """What ran through a circuit on a day, as far as it has come."""
        packed = pack(block)
        self._writer.submit(lambda session: traffic.put(session, circuit, on, packed))

    def credential(self, device: str, winner: str, refused: tuple[str, ...]) -> None:
        """The credential that a device answered to ("" for none), and those it refused."""
        now = self._clock.now()
        self._writer.submit(lambda session: _credential(session, device, winner, refused, now))

    def manners(self, device: str, learnt: Learnt) -> None:
        """How the agent of a device can be spoken to."""
        self._writer.submit(lambda session: manners.keep(session, device, learnt))

    def machine(self, device: str, identity: DeviceIdentity) -> None:
        """Which machine stands in the place of a device; one that nobody said would come is told."""
        now = self._clock.now()
        plate = Nameplate(identity.vendor, identity.model, identity.os_version, identity.serial)
        written = self._writer.submit(lambda session: _seen(session, device, plate, now))
        written.add_done_callback(partial(_tell_another, device, plate))

    def _ties(self, inventory: Inventory) -> dict[str, set[Tie]]:
        """What each active site has in common with others, looked up once for an inventory."""
        if self._ties_of is None or self._ties_of[0] is not inventory:
            found: dict[str, set[Tie]] = {}
            for site, tie in _all_ties(inventory):
                found.setdefault(site, set()).add(tie)
            self._ties_of = inventory, found
        return self._ties_of[1]


def _all_ties(inventory: Inventory) -> Iterator[tuple[str, Tie]]:
    """The carriers, parents and unit of each active site."""
    for code, site in inventory.sites.items():
        if site.status is SiteStatus.ACTIVE:
            yield code, Tie("unit", site.unit)
            for parent in site.parents:
                yield code, Tie("parent", parent)
    for circuit in inventory.circuits.values():
        if inventory.sites[circuit.site].status is SiteStatus.ACTIVE:
            yield circuit.site, Tie("carrier", circuit.carrier)


def _seen(session: Session, device: str, plate: Nameplate, now: datetime) -> Nameplate | None:
    """The machine that stood there until now, where it is another."""
    other = machines.seen(session, device, plate, now)
    return machines.plate_of(other) if other else None


def _tell_another(device: str, plate: Nameplate, written: "Future[Nameplate | None]") -> None:
    old = None if written.cancelled() or written.exception() else written.result()
    if old is not None:
        log.warning(
            "another machine answers, and nobody said so: see `wanmon device replace`",
            device=device,
            was=str(old),
            answers=str(plate),
        )


def _credential(session: Session, device: str, winner: str, refused: tuple[str, ...], now: datetime) -> None:
    for credential in refused:
        credentials.refused(session, CredentialProtocol.SNMP, credential, device, now)
    if winner:
        credentials.remember_winner(session, CredentialProtocol.SNMP, device, winner)
        credentials.worked(session, CredentialProtocol.SNMP, winner)
