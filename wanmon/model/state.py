"""The states that a site or a device can be in."""

from enum import StrEnum


class State(StrEnum):
    """As stored and shown."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNREACHABLE = "unreachable"


#: The values of `wanmon_site_state`.
STATE_NUMBER = {state: number for number, state in enumerate(State)}
#: Not reachable, for whatever cause.
LOST = frozenset({State.DOWN, State.UNREACHABLE})
