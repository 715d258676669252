"""What stands where the database and the renderer stand: both only write down what they are given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wanmon.health.blocks import Block
from wanmon.health.cause import Finding
from wanmon.model.inventory import Inventory
from wanmon.model.life import CircuitState, DeviceState, DeviceWitness, SiteState, Transition
from wanmon.poller.board import DeviceLines
from wanmon.poller.jobs import DeviceIdentity, PollResult, Sighting
from wanmon.poller.outages import Conclusion
from wanmon.poller.track import DeviceTrack
from wanmon.protocols.snmp.manners import Learnt


@dataclass
class Kept:
    """What was handed over to be stored."""

    states: list[DeviceState] = field(default_factory=list)
    site_states: list[SiteState] = field(default_factory=list)
    circuit_states: list[CircuitState] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    witnesses: list[DeviceWitness] = field(default_factory=list)
    conclusions: list[Conclusion] = field(default_factory=list)
    reboots: list[tuple[str, datetime, float, Finding]] = field(default_factory=list)
    days: list[tuple[str, date, Block]] = field(default_factory=list)
    credentials: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    learnt: dict[str, Learnt] = field(default_factory=dict)
    heard: list[tuple[str, tuple[Sighting, ...]]] = field(default_factory=list)
    machines: list[tuple[str, DeviceIdentity]] = field(default_factory=list)

    def device_state(self, state: DeviceState) -> None:
        self.states.append(state)

    def site_state(self, state: SiteState) -> None:
        self.site_states.append(state)

    def circuit_state(self, state: CircuitState) -> None:
        self.circuit_states.append(state)

    def transition(self, transition: Transition) -> None:
        self.transitions.append(transition)

    def witness(self, witness: DeviceWitness) -> None:
        self.witnesses.append(witness)

    def conclusion(self, conclusion: Conclusion, inventory: Inventory) -> None:
        self.conclusions.append(conclusion)

    def reboot(self, site: str, at: datetime, uncertain_s: float, finding: Finding) -> None:
        self.reboots.append((site, at, uncertain_s, finding))

    def traffic(self, circuit: str, on: date, block: Block) -> None:
        self.days.append((circuit, on, block))

    def manners(self, device: str, learnt: Learnt) -> None:
        self.learnt[device] = learnt

    def neighbours(self, device: str, heard: Sequence[Sighting]) -> None:
        self.heard.append((device, tuple(heard)))

    def machine(self, device: str, identity: DeviceIdentity) -> None:
        self.machines.append((device, identity))

    def credential(self, device: str, winner: str, refused: tuple[str, ...]) -> None:
        self.credentials.append((device, winner, refused))


class Numbered:
    """Renders a device as the number of its rendering, so that tests see what is fresh."""

    def __init__(self) -> None:
        self.number = 0
        self.forgotten: list[str] = []

    def after_liveness(self, track: DeviceTrack, shown: DeviceLines) -> DeviceLines:
        self.number += 1
        return DeviceLines({"own": b"%d" % self.number}, shown.values, shown.values_until_s)

    def after_poll(self, track: DeviceTrack, result: PollResult, shown: DeviceLines) -> DeviceLines:
        self.number += 1
        return DeviceLines(shown.own, {"values": b"%d" % self.number}, 1e9)

    def forget(self, device: str) -> None:
        self.forgotten.append(device)
