"""What a check is asked about, and what it answers."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.engine import SnmpEngine


class Verdict(StrEnum):
    """How a check went. Unknown means that we could not tell."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class CheckParams(BaseModel):
    """Base of the parameters of a kind: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a check is pointed: an address, a TCP port where the kind has one, and how to speak SNMP to it."""

    name: str
    address: str
    port: int = 0
    credentials: tuple[SnmpCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """The clients that checks share; who runs checks opens and closes them."""

    echo: EchoClient
    snmp: SnmpEngine


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict in words, its reason, and what was measured."""

    verdict: Verdict
    text: str
    reason: Reason | None = None
    duration_s: float = 0.0
    rtt_s: float | None = None
    loss_ratio: float | None = None


def unable(reason: Reason, text: str) -> Result:
    """The result of a check that could not be made."""
    return Result(Verdict.UNKNOWN, text, reason)
