"""How each site of a simulated world fares, and from when on: has it power, is there a way, what is lost. Pure.

A site is reached through the routers of those that it stands behind: what breaks one of these breaks its way, and what
their lines lose, its own round trips lose as well.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from wanmon.lab.course import Broken, Course, Spell
from wanmon.model.inventory import Inventory

_OF_SITES = (Broken.LINE, Broken.ROUTER, Broken.AGENT, Broken.ECHO, Broken.LOSS, Broken.DELAY)
_OF_CIRCUITS = (Broken.CIRCUIT, Broken.PORT)


@dataclass(frozen=True, slots=True)
class Fare:
    """How a site fares from `from_s` on.

    `is_led`: some parent can be reached. `is_open`: there is a whole line to such a parent; `loss` and `delay_s` are
    those of that way. `is_lit`: its routers run.
    """

    from_s: float
    is_lit: bool = True
    is_led: bool = True
    is_open: bool = True
    loss: float = 0.0
    delay_s: float = 0.0
    has_agent: bool = True
    has_echo: bool = True

    @property
    def is_passed(self) -> bool:
        """Whether it can be reached, and those behind it through it."""
        return self.is_open and self.is_lit

    @property
    def is_noisy(self) -> bool:
        """Whether the dice have a say, or round trips take longer than usual."""
        return self.is_passed and (self.loss > 0 or self.delay_s > 0)


class Fares:
    """The fares of all sites, by code, in the order of time.

    `edges` are the instants at which anything of a site changes, or of those that it stands behind.
    """

    def __init__(self, inventory: Inventory, course: Course, from_s: float) -> None:
        self._inventory = inventory
        self._from_s = from_s
        self._broken = _Index(course)
        self._circuits: dict[str, list[str]] = {}
        for code, circuit in inventory.circuits.items():
            self._circuits.setdefault(circuit.site, []).append(code)
        self.edges: dict[str, frozenset[float]] = {}
        self.of: dict[str, list[Fare]] = {}
        for code in inventory.sites:
            self._reckon(code)

    def at(self, code: str, at_s: float) -> Fare:
        """How a site fares at an instant."""
        fares = self.of[code]
        return fares[0] if len(fares) == 1 else fares[max(0, bisect_right(fares, at_s, key=_from_s) - 1)]

    def breaks(self, code: str, at_s: float) -> list[Spell]:
        """What is broken of a site itself at an instant, so that it is lost: the earliest first."""
        circuits = self._circuits.get(code, ())
        keys = [(kind, circuit) for circuit in circuits for kind in _OF_CIRCUITS]
        keys += [(Broken.LINE, code), (Broken.ROUTER, code)]
        spells = (spell for kind, whom in keys for spell in self._broken.at(kind, whom, at_s))
        return sorted(spells, key=lambda spell: spell.from_s)

    def is_whole(self, circuit: str, at_s: float) -> bool:
        """Whether a circuit is, up to its hand-off."""
        return not self._broken.at(Broken.CIRCUIT, circuit, at_s)

    def _reckon(self, code: str) -> None:
        """The fares of a site, after those of its parents."""
        if code in self.of:
            return
        parents = self._parents(code)
        for parent in parents:
            self._reckon(parent)
        own = self._broken.edges(_OF_SITES, [code]) | self._broken.edges(_OF_CIRCUITS, self._circuits.get(code, ()))
        self.edges[code] = own.union(*(self.edges[parent] for parent in parents))
        fares: list[Fare] = []
        for at_s in (self._from_s, *sorted(edge for edge in self.edges[code] if edge > self._from_s)):
            fare = self._fare(code, at_s)
            if not fares or replace(fare, from_s=fares[-1].from_s) != fares[-1]:
                fares.append(fare)
        self.of[code] = fares

    def _fare(self, code: str, at_s: float) -> Fare:
        parents = self._parents(code)
        led = [parent for parent in parents if self.at(parent, at_s).is_passed]
        linked = [parent for parent in led if self._is_linked(code, parent, at_s)]
        way = self.at(linked[0], at_s) if linked else None
        loss, delay_s = self._amount(Broken.LOSS, code, at_s), self._amount(Broken.DELAY, code, at_s)
        return Fare(
            at_s,
            is_lit=not self._broken.at(Broken.ROUTER, code, at_s),
            is_led=bool(led) or not parents,
            is_open=way is not None or not parents,
            loss=_either(loss, way.loss if way else 0.0),
            delay_s=delay_s + (way.delay_s if way else 0.0),
            has_agent=not self._broken.at(Broken.AGENT, code, at_s),
            has_echo=not self._broken.at(Broken.ECHO, code, at_s),
        )

    def _parents(self, code: str) -> tuple[str, ...]:
        return tuple(parent for parent in self._inventory.sites[code].parents if parent in self._inventory.sites)

    def _is_linked(self, code: str, parent: str, at_s: float) -> bool:
        if any(spell.toward in ("", parent) for spell in self._broken.at(Broken.LINE, code, at_s)):
            return False
        circuits = self._circuits.get(code, ())
        broken = [any(self._broken.at(kind, circuit, at_s) for kind in _OF_CIRCUITS) for circuit in circuits]
        return not broken or not all(broken)

    def _amount(self, broken: Broken, code: str, at_s: float) -> float:
        return max((spell.amount for spell in self._broken.at(broken, code, at_s)), default=0.0)


@dataclass(slots=True)
class _Index:
    """The spells of a course by what is broken of whom."""

    course: Course
    _spells: dict[tuple[Broken, str], list[Spell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spell in self.course.spells:
            self._spells.setdefault((spell.broken, spell.whom), []).append(spell)

    def at(self, broken: Broken, whom: str, at_s: float) -> list[Spell]:
        held = self._spells.get((broken, whom))
        return [spell for spell in held if spell.holds(at_s)] if held else []

    def edges(self, kinds: Iterable[Broken], whom: Iterable[str]) -> frozenset[float]:
        keys = [(kind, each) for each in whom for kind in kinds]
        spells = (spell for key in keys for spell in self._spells.get(key, ()))
        return frozenset(edge for spell in spells for edge in (spell.from_s, spell.to_s))


def _either(loss: float, above: float) -> float:
    """The loss of two lines in a row, each with dice of its own."""
    return loss + above - loss * above


def _from_s(fare: Fare) -> float:
    return fare.from_s
