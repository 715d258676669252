"""How a device comes to be shown: what the composition of the program hands to the pipeline for it."""

from typing import Protocol

from wanmon.poller.board import DeviceLines
from wanmon.poller.jobs import PollResult
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
