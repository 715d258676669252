"""Is a silent site down itself, or cut off above? Pure.

Judged by its parents alone: each of them was judged by its own before. A parent proves a way open only by answering
something that was asked since the site fell silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from wanmon.model.state import State


class Way(Enum):
    """What is known of the way through one parent."""

    OPEN = auto()
    CUT = auto()
    UNDECIDED = auto()


class Reach(Enum):
    """The judgement on a silent site."""

    DOWN = auto()
    UNREACHABLE = auto()
    WAIT = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a site that others stand behind.

    `answered_s` is when the latest of its edges' answered probes was asked. `roots` are those of an unreachable one.
    """

    state: State
    answered_s: float | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """A judgement, and for an unreachable site who fell: the nearest dead ancestor on each way."""

    reach: Reach
    roots: tuple[str, ...] = ()


def rule(parents: Sequence[str], standings: Mapping[str, Standing], silent_since_s: float) -> Ruling:
    """The judgement on a site whose edges have all been silent since `silent_since_s`.

    A site without parents, or with parents nobody knows, is taken to be reachable.
    """
    known = [parent for parent in parents if parent in standings]
    ways = {parent: _way(standings[parent], silent_since_s) for parent in known}
    if not ways or Way.OPEN in ways.values():
        return Ruling(Reach.DOWN)
    if Way.UNDECIDED in ways.values():
        return Ruling(Reach.WAIT)
    roots = dict.fromkeys(root for parent in known for root in _roots(parent, standings[parent]))
    return Ruling(Reach.UNREACHABLE, tuple(roots))


def cut_off(parents: Mapping[str, Sequence[str]], fallen: str) -> frozenset[str]:
    """The sites that would have no way to a hub left if `fallen` fell, by the parents of each site."""
    gone = more = frozenset({fallen})
    while more:
        more = frozenset(code for code, above in parents.items() if above and gone.issuperset(above)) - gone
        gone |= more
    return gone - {fallen}


def _way(standing: Standing, silent_since_s: float) -> Way:
    if standing.state in (State.DOWN, State.UNREACHABLE):
        return Way.CUT
    if standing.answered_s is not None and standing.answered_s >= silent_since_s:
        return Way.OPEN
    return Way.UNDECIDED


def _roots(parent: str, standing: Standing) -> tuple[str, ...]:
    return (parent,) if standing.state is State.DOWN else standing.roots
