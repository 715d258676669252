"""What stands where the database and the renderer stand: both only write down what they are given."""

from dataclasses import dataclass, field

from wanmon.model.life import DeviceState, Transition
from wanmon.poller.board import DeviceLines
from wanmon.poller.jobs import PollResult
from wanmon.poller.track import DeviceTrack


@dataclass
class Kept:
    """What was handed over to be stored."""

    states: list[DeviceState] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    credentials: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def device_state(self, state: DeviceState) -> None:
        self.states.append(state)

    def transition(self, transition: Transition) -> None:
        self.transitions.append(transition)

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
