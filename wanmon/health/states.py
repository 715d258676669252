"""Which state a site is in, from the states of the devices that speak for it. Pure."""

from collections.abc import Iterable

from wanmon.model.state import State


def site_state(edges: Iterable[State]) -> State:
    """A site is up while one of its edge devices is, down when all of them are, else unknown."""
    states = set(edges)
    if State.UP in states:
        return State.UP
    return State.DOWN if states == {State.DOWN} else State.UNKNOWN
