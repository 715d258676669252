"""Where what the pipeline found goes: how a device comes to be shown, and where facts are kept.

Both are handed in by whoever composes the program.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from wanmon.health.blocks import Block
from wanmon.model.life import DeviceState, DeviceWitness
from wanmon.poller.acquaintance import Knows
from wanmon.poller.board import DeviceLines
from wanmon.poller.jobs import PollResult, Sighting
from wanmon.poller.sites import Facts
from wanmon.poller.track import DeviceTrack


class Renderer(Protocol):
    """What makes the exported lines of a device. It may keep what it prepared, by device."""

    def after_liveness(self, track: DeviceTrack, shown: DeviceLines) -> DeviceLines:
        """The lines after a probe of life."""
        ...

    def after_poll(self, track: DeviceTrack, result: PollResult, shown: DeviceLines) -> DeviceLines:
        """The lines after an SNMP poll."""
        ...

    def forget(self, device: str) -> None:
        """A device that is no longer shown."""
        ...


class Records(Facts, Knows, Protocol):
    """Where facts are kept. Nothing here waits for it."""

    def device_state(self, state: DeviceState) -> None:
        """A device that changed its state."""
        ...

    def witness(self, witness: DeviceWitness) -> None:
        """What a device said last of its own past."""
        ...

    def neighbours(self, device: str, heard: Sequence[Sighting]) -> None:
        """Who a device says that it is connected to."""
        ...

    def traffic(self, circuit: str, on: date, block: Block) -> None:
        """What ran through a circuit on a day, as far as it has come."""
        ...
