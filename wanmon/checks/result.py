"""What a check is asked about, and what it answers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from wanmon.config.secrets import SnmpCredential
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine


@dataclass(frozen=True, slots=True)
class Lack:
    """What a check cannot be asked without: the column that could give it, and what is wrong with it."""

    column: str
    text: str


class CheckParams(BaseModel):
    """Base of the parameters of a kind: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def lacks(self, *, has_port: bool) -> Lack | None:
        """What is missing although every parameter has a default; `has_port` tells whether the target brings a port."""
        return None


@dataclass(frozen=True, slots=True)
class RouterTarget:
    """How a device is logged in to: its SSH port, its platform, and the names of its credentials in the order to try.

    `platform` is the name of one in `wanmon.platforms`; empty where nobody knows it.
    """

    site: str
    device: str
    address: str
    port: int
    platform: str
    credentials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a check is pointed: an address or host name, and a TCP port where the kind has one.

    `credentials` are for SNMP. `router` is the site's own router, which checks from the site log in to; `baseline` the
    path that a trace is compared with.
    """

    name: str
    address: str
    port: int = 0
    credentials: tuple[SnmpCredential, ...] = ()
    router: RouterTarget | None = None
    baseline: tuple[Hop, ...] = ()


class RouterSession(Protocol):
    """A login on a router, at its prompt."""

    async def run(self, command: str, within_s: float) -> str:
        """What the router writes after a command, without prompt and echo. Raises `SshFault`."""
        ...


class Routers(Protocol):
    """Logs in to routers: one session a site, eight in all, across processes; never with a credential that rests."""

    def session(self, router: RouterTarget, deadline_s: float) -> AbstractAsyncContextManager[RouterSession]:
        """A session, closed at the end; all of it within `deadline_s` seconds. Raises `SshFault` on entering."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The clients that checks share; who runs checks opens and closes them. `routers` is None where no login is."""

    echo: EchoClient
    snmp: SnmpEngine
    routers: Routers | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a result with the thresholds it was judged by, all in one unit: s, ratio, B, or none.

    Its name is a word like rtt, loss, mtu or hops.
    """

    name: str
    value: float
    unit: str = ""
    warning: float | None = None
    critical: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict in words, its reason, and what was measured.

    `reason` is set wherever the verdict is not ok. `hops` are those of a traced path, `expires_at_s` (epoch) is when
    a certificate does, `details` whatever else JSON should tell.
    """

    verdict: Verdict
    text: str
    reason: Reason | None = None
    duration_s: float = 0.0
    measures: tuple[Measure, ...] = ()
    hops: tuple[Hop, ...] = ()
    expires_at_s: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    RTT: ClassVar[str] = "rtt"
    LOSS: ClassVar[str] = "loss"

    @property
    def rtt_s(self) -> float | None:
        """The round trip, where one was measured."""
        return self.measured(self.RTT)

    @property
    def loss_ratio(self) -> float | None:
        """The share that was lost, where that was measured."""
        return self.measured(self.LOSS)

    def measured(self, name: str) -> float | None:
        """The figure of that name."""
        return next((measure.value for measure in self.measures if measure.name == name), None)


def rtt(value_s: float, warning_s: float | None = None, critical_s: float | None = None) -> Measure:
    """A round trip in seconds."""
    return Measure(Result.RTT, value_s, "s", warning_s, critical_s, 0)


def loss(ratio: float, warning: float | None = None, critical: float | None = None) -> Measure:
    """The share that was lost."""
    return Measure(Result.LOSS, ratio, "ratio", warning, critical, 0, 1)


def unable(reason: Reason, text: str) -> Result:
    """The result of a check that could not be made."""
    return Result(Verdict.UNKNOWN, text, reason)
