"""Which state a site is in, from the devices that speak for it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from wanmon.model.state import State

#: So many SNMP polls in a row must fail on a device that lives: one may be lost like any packet.
AGENT_FAILURES = 2
AGENT_ONLY = "agent_only"


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An edge device: whether it lives, and how many SNMP polls of it failed in a row."""

    state: State
    agent_failures: int = 0


def site_state(edges: Iterable[EdgeView]) -> tuple[State, str]:
    """The state of a site and, for a degraded one, the reason.

    It is up while one of its edge devices is, and down when all of them are. One that lives while its agent is silent
    is degraded, `agent_only`: nothing is wrong with the line.
    """
    seen = list(edges)
    alive = [edge for edge in seen if edge.state is State.UP]
    if not alive:
        return (State.DOWN if seen and all(edge.state is State.DOWN for edge in seen) else State.UNKNOWN), ""
    if any(edge.agent_failures >= AGENT_FAILURES for edge in alive):
        return State.DEGRADED, AGENT_ONLY
    return State.UP, ""
