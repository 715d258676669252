"""One agent: a datagram in, a reply or silence out, as its faults will have it. No socket, no waiting."""

from collections.abc import Collection, Sequence
from random import Random
from typing import TYPE_CHECKING, Protocol

from wanmon.config.secrets import SnmpCredential
from wanmon.errors import WanmonError
from wanmon.lab.agent_wire import Malformed, read_version
from wanmon.lab.device import SimulatedDevice
from wanmon.lab.faults import EVENTS, Fault, FaultKind, garbled
from wanmon.lab.objects import ObjectStore
from wanmon.lab.replay import Recording, ReplayedDevice
from wanmon.lab.responder import Responder
from wanmon.lab.spec import AgentSpec
from wanmon.lab.timeline import Timeline

if TYPE_CHECKING:
    from wanmon.lab.engine_v3 import V3Engine

_V3 = 3


class Device(Protocol):
    """What an agent speaks for; `cannot` are the faults that it does not know."""

    booted_at_ms: int
    cannot: frozenset[FaultKind]
    store: ObjectStore

    @property
    def port_names(self) -> tuple[str, ...]:
        """The names of all ports, in ifIndex order."""
        ...

    def reboot(self, at_ms: int) -> None:
        """Start the machine anew."""
        ...

    def reset_counters(self, at_ms: int) -> None:
        """Set every counter to zero while the agent runs on."""
        ...

    def set_down(self, names: frozenset[str], at_ms: int) -> None:
        """Take the named ports down, and no others."""
        ...

    def set_shuffled(self, *, shuffled: bool) -> None:
        """Give every port another ifIndex than its own, or its own again."""
        ...


#: What an agent may be told to play.
Part = AgentSpec | Recording


class Agent:
    """A device, made up or recorded, and those who may ask it.

    `delay_s` is how late its replies are to be sent.
    """

    def __init__(self, spec: Part, credentials: Sequence[SnmpCredential], seed: int, timeline: Timeline) -> None:
        self.spec = spec
        self.device = _device(spec, seed, timeline.at_ms())
        self.faults: tuple[Fault, ...] = ()
        self.delay_s = 0.0
        self.malformed = 0
        self._users = [credential for credential in credentials if credential.version == "3"]
        self._random = Random(f"{seed}/{spec.name}/garbage")  # noqa: S311 - repeatable garbage, no secret
        self._timeline = timeline
        self._kinds: frozenset[FaultKind] = frozenset()
        self._responder = Responder(
            [credential.community.get_secret_value().encode() for credential in credentials if credential.community]
        )
        self._deaf_responder = Responder(())
        self._engine: V3Engine | None = None

    @property
    def port_names(self) -> tuple[str, ...]:
        """The names of all ports, in ifIndex order."""
        return self.device.port_names

    def answer(self, datagram: bytes) -> bytes | None:
        """The reply to a datagram, or None for silence; never raises for what it is given."""
        if FaultKind.SILENT in self._kinds:
            return None
        try:
            version = read_version(datagram)
        except Malformed:
            self.malformed += 1
            return None
        reply = self._answer_v3(datagram) if version == _V3 else self._answer_community(datagram)
        if reply is not None and FaultKind.GARBAGE in self._kinds:
            return garbled(reply, self._random)
        return reply

    def set_faults(self, faults: Collection[Fault]) -> None:
        """Have these faults and no others; `rebooted` and `counters_reset` happen when they are new.

        Raises `WanmonError` as `check` does.
        """
        self.check(faults)
        new = {fault.kind for fault in faults} - self._kinds
        was_deaf = FaultKind.WRONG_AUTH in self._kinds
        self.faults = tuple(faults)
        self._kinds = frozenset(fault.kind for fault in faults)
        self.delay_s = max((fault.delay_s for fault in faults), default=0.0)
        if was_deaf != (FaultKind.WRONG_AUTH in self._kinds):
            self._engine = None
        self._change_device(new & EVENTS)

    def check(self, faults: Collection[Fault]) -> None:
        """Raise `WanmonError` for a port that the device does not have, and for what cannot befall it."""
        for fault in faults:
            if fault.port and fault.port not in self.port_names:
                raise WanmonError(f"{self.spec.name}: no port {fault.port!r}: it has {', '.join(self.port_names)}")
            if fault.kind in self.device.cannot:
                raise WanmonError(f"{self.spec.name}: {fault.kind} cannot befall what is played as it was recorded")

    def _change_device(self, events: Collection[FaultKind]) -> None:
        at_ms = self._timeline.at_ms()
        if FaultKind.REBOOTED in events:
            self.device.reboot(at_ms)
            self._engine = None
        if FaultKind.COUNTERS_RESET in events:
            self.device.reset_counters(at_ms)
        self.device.set_shuffled(shuffled=FaultKind.IFINDEX_SHUFFLED in self._kinds)
        self.device.set_down(frozenset(fault.port for fault in self.faults if fault.port), at_ms)

    def _answer_community(self, datagram: bytes) -> bytes | None:
        responder = self._deaf_responder if FaultKind.WRONG_AUTH in self._kinds else self._responder
        return responder.answer(datagram, self.device.store, self._timeline.at_ms())

    def _answer_v3(self, datagram: bytes) -> bytes | None:
        if self._engine is None:
            self._engine = self._started_engine()
        return self._engine.answer(datagram)

    def _started_engine(self) -> "V3Engine":
        """An engine for the present boot; under `wrong_auth` it knows nobody."""
        # pysnmp takes 0.15 s to import, and most labs never speak v3.
        from wanmon.lab.engine_v3 import V3Engine, View

        users = [] if FaultKind.WRONG_AUTH in self._kinds else self._users
        up_for_s = (self._timeline.at_ms() - self.device.booted_at_ms) / 1000
        view = View(lambda: self.device.store, self._timeline.at_ms)
        return V3Engine(self.spec.name, users, view, self.device.booted_at_ms, up_for_s)


def _device(part: Part, seed: int, at_ms: int) -> Device:
    return ReplayedDevice(part, seed, at_ms) if isinstance(part, Recording) else SimulatedDevice(part, seed, at_ms)
