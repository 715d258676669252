"""One simulated port: its meters, its state, and when that last changed.

Switched by whoever owns the device; every method takes the instant (milliseconds since 1970).
"""

from enum import IntEnum

from wanmon.lab.spec import PortSpec
from wanmon.lab.traffic import Flow, Tally, flow, octets, tally


class OperStatus(IntEnum):
    """IF-MIB::ifOperStatus, as far as a simulated port goes."""

    UP = 1
    DOWN = 2


class Meter:
    """What one direction has counted since it was last set to zero; it stands still while stopped."""

    __slots__ = ("_carried_ms", "_carried_octets", "_flow", "_from_ms", "_from_octets", "_running")

    def __init__(self, flow: Flow, at_ms: int) -> None:
        self._flow = flow
        self.reset(at_ms)
        self._running = True

    def reset(self, at_ms: int) -> None:
        """Count from zero again."""
        self._carried_octets = self._carried_ms = 0
        self._begin(at_ms)

    def stop(self, at_ms: int) -> None:
        """Stand still, keeping what was counted."""
        self._carried_octets += octets(self._flow, at_ms) - self._from_octets
        self._carried_ms += at_ms - self._from_ms
        self._running = False

    def start(self, at_ms: int) -> None:
        """Count on."""
        self._begin(at_ms)
        self._running = True

    def read(self, at_ms: int) -> Tally:
        """All counters of this direction."""
        if not self._running:
            return tally(self._flow, self._carried_octets, self._carried_ms)
        counted = self._carried_octets + octets(self._flow, at_ms) - self._from_octets
        return tally(self._flow, counted, self._carried_ms + at_ms - self._from_ms)

    def _begin(self, at_ms: int) -> None:
        self._from_ms = at_ms
        self._from_octets = octets(self._flow, at_ms)


class SimulatedPort:
    """A port of a simulated device.

    `last_change_ms` and `discontinuity_ms` are instants, or None for "not since the agent started" (shown as 0, as
    RFC 2863 asks of ifLastChange).
    """

    def __init__(self, spec: PortSpec, number: int, seed: int, device: str, at_ms: int) -> None:
        self.spec = spec
        self.number = number
        self.status = OperStatus.UP
        self.last_change_ms: int | None = None
        self.discontinuity_ms: int | None = None
        self._received = Meter(flow(seed, device, spec.name, "receive", spec.receive_bps, spec.busy), at_ms)
        self._transmitted = Meter(flow(seed, device, spec.name, "transmit", spec.transmit_bps, spec.busy), at_ms)
        self._read_at_ms = -1
        self._reading: tuple[int, ...] = ()

    def counters(self, at_ms: int) -> tuple[int, ...]:
        """The `Tally` received followed by the `Tally` transmitted; read once per instant, asked many times."""
        if at_ms != self._read_at_ms:
            self._reading = self._received.read(at_ms) + self._transmitted.read(at_ms)
            self._read_at_ms = at_ms
        return self._reading

    def set_status(self, status: OperStatus, at_ms: int) -> None:
        """Go up or down; a port that is there already does not change."""
        if status == self.status:
            return
        self.status = status
        self.last_change_ms = at_ms
        for meter in (self._received, self._transmitted):
            meter.start(at_ms) if status == OperStatus.UP else meter.stop(at_ms)
        self._read_at_ms = -1

    def reset_counters(self, at_ms: int) -> None:
        """Set all counters to zero and say so in the discontinuity time."""
        self.discontinuity_ms = at_ms
        self._restart_meters(at_ms)

    def restart(self, at_ms: int) -> None:
        """Begin anew with the agent: counters at zero, nothing remembered."""
        self.last_change_ms = self.discontinuity_ms = None
        self._restart_meters(at_ms)

    def _restart_meters(self, at_ms: int) -> None:
        self._received.reset(at_ms)
        self._transmitted.reset(at_ms)
        self._read_at_ms = -1
