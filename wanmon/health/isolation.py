"""Is it rather we who are silent? Pure.

With canaries (our own gateway, hosts of the hub) they alone decide. Without, most sites that fell within seconds and
nobody heard of since are taken to be our own silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto

from wanmon.health.life import Life, Vitality
from wanmon.health.topology import Topology

#: Without a canary: so large a share of the active sites, silent within so long.
SHARE = 0.6
WITHIN_S = 15.0


class Ourselves(Enum):
    """What is known of our own way out."""

    WELL = auto()
    CUT_OFF = auto()
    UNDECIDED = auto()


def ourselves(topology: Topology, lives: Mapping[str, Life], fell_s: float) -> Ourselves:
    """What a silence since `fell_s` says of our own way out.

    Somebody's answer to something asked since then proves that it is well, whatever the canaries say.
    """
    answered = (lives[edge].good_s for edge in topology.far_edges())
    heard_s = max((good_s for good_s in answered if good_s is not None), default=None)
    if topology.canaries:
        is_heard = heard_s is not None and heard_s >= fell_s
        return Ourselves.WELL if is_heard else by_canaries((lives[canary] for canary in topology.canaries), fell_s)
    counted = [
        [lives[edge] for edge in shape.edges] for shape in topology.shapes.values() if shape.counts and shape.edges
    ]
    fell = [
        max(each.fell_s for each in edges)
        for edges in counted
        if all(each.silent_since_s is not None for each in edges)
    ]
    return by_numbers(fell, len(counted), heard_s)


def by_canaries(canaries: Iterable[Life], silent_since_s: float) -> Ourselves:
    """By the canaries: one that answered something asked since the silence began is proof enough."""
    held = list(canaries)
    if any(each.good_s is not None and each.good_s >= silent_since_s for each in held):
        return Ourselves.WELL
    if all(each.vitality is Vitality.DEAD for each in held):
        return Ourselves.CUT_OFF
    return Ourselves.UNDECIDED


def by_numbers(fell_s: Sequence[float], sites: int, heard_s: float | None) -> Ourselves:
    """By how many of `sites` fell when (those silent now), and when anybody below a hub was heard of last."""
    fell, enough = sorted(fell_s), int(SHARE * sites) + 1
    for first_s, last_s in zip(fell, fell[enough - 1 :], strict=False):
        if last_s - first_s <= WITHIN_S and (heard_s is None or heard_s <= first_s):
            return Ourselves.CUT_OFF
    return Ourselves.WELL
