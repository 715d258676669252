"""Who stands behind whom, and who speaks for whom: an inventory as the rules of health see it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wanmon.health.circuits import Line


@dataclass(frozen=True, slots=True)
class Shape:
    """A site as the rules see it: the sites it stands behind, its edges, its other devices and its circuits.

    `counts` is False for a planned site: it has a state, and no say in whether we are isolated.
    """

    parents: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    counts: bool = True

    @property
    def lanes(self) -> tuple[str, ...]:
        """All that is asked at it whether it lives."""
        return (*self.edges, *self.others, *(line.lane for line in self.lines if line.lane))


@dataclass(frozen=True, slots=True)
class Topology:
    """The sites by code, the intervals of all lanes in seconds by name, and which lanes are canaries.

    The rest follows from these: the site of each lane, the sites directly behind each, and whether none is behind any.
    """

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    intervals: Mapping[str, float] = field(default_factory=dict)
    canaries: tuple[str, ...] = ()
    site_of: Mapping[str, str] = field(init=False)
    children: Mapping[str, tuple[str, ...]] = field(init=False)
    is_flat: bool = field(init=False)

    def __post_init__(self) -> None:
        behind: dict[str, list[str]] = {code: [] for code in self.shapes}
        for code, shape in self.shapes.items():
            for parent in shape.parents:
                behind.setdefault(parent, []).append(code)
        site_of = {lane: code for code, shape in self.shapes.items() for lane in shape.lanes}
        object.__setattr__(self, "site_of", site_of)
        object.__setattr__(self, "children", {code: tuple(codes) for code, codes in behind.items()})
        object.__setattr__(self, "is_flat", not any(shape.parents for shape in self.shapes.values()))

    def edges_above(self, code: str) -> set[str]:
        """The edge devices of every site on the ways to a hub."""
        above: set[str] = set()
        waiting = [*self.shapes[code].parents]
        while waiting:
            parent = waiting.pop()
            if parent in self.shapes and parent not in above:
                above.add(parent)
                waiting.extend(self.shapes[parent].parents)
        return {device for parent in above for device in self.shapes[parent].edges}

    def longest_interval_s(self, code: str) -> float:
        """The longest interval of a site's edges; 0 where it has none."""
        return max((self.intervals[edge] for edge in self.shapes[code].edges), default=0.0)

    def is_far(self, code: str) -> bool:
        """Whether an answer from there proves that our own way is well: it stands below a hub, or nobody does."""
        return bool(self.shapes[code].parents) or self.is_flat

    def far_edges(self) -> Iterator[str]:
        """The edge devices of all sites that prove our own way to be well."""
        return (edge for code, shape in self.shapes.items() if self.is_far(code) for edge in shape.edges)
