"""A simulated world: which device answers what at which instant. Pure, and the same for the same seed.

A lane is answered when the whole of some way to a hub is, the site's own router runs, nothing filters the question, our
own uplink is plugged in, and the dice of that instant say so.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from wanmon.lab.course import START_S, Broken, Course, Spell
from wanmon.lab.fare import Fare, Fares
from wanmon.lab.past import Past, past_of
from wanmon.lab.traffic import mixed
from wanmon.model.inventory import Inventory
from wanmon.poller.targets import canary_name, circuit_lane

#: A round trip takes so long at least, so much more for the farthest device, and a share more by chance.
RTT_S, RTT_SPREAD_S, RTT_JITTER = 0.001, 0.004, 0.2
#: What befalls a greater share of the sites is of interest to all of them: is it rather we who are cut off?
MANY = 0.3
_DICE = 2**64
#: An echo and an SNMP request of the same instant throw dice of their own.
_SNMP = 0x5A4D_5053_0000_0000


@dataclass(frozen=True, slots=True)
class _Lane:
    """Whoever can be asked: a device of a site, the far side of a circuit, or, without either, a canary."""

    site: str | None
    circuit: str | None
    key: int
    rtt_s: float


class World:
    """The world of an inventory under a course of events; `epoch_s` is the wall time at which it begins."""

    def __init__(
        self, inventory: Inventory, course: Course, *, seed: int, epoch_s: float, canaries: Iterable[str] = ()
    ) -> None:
        self.inventory = inventory
        self.course = course
        self.fares = Fares(inventory, course, START_S)
        self._edges_s = _edges(self.fares, course)
        self._epoch_ms = round((epoch_s - START_S) * 1000)
        self._seed = seed
        self._unplugged = course.of(Broken.UPLINK)
        self._lanes = {name: _lane(name, device.site, None, seed) for name, device in inventory.devices.items()}
        for code, circuit in inventory.circuits.items():
            self._lanes[circuit_lane(code)] = _lane(circuit_lane(code), circuit.site, code, seed)
        for address in canaries:
            self._lanes[canary_name(address)] = _lane(canary_name(address), None, None, seed)
        self._pasts: dict[str, Past] = {}

    def echo(self, lane: str, at_s: float) -> float | None:
        """The round trip of an echo that is sent at an instant; None for no answer."""
        held = self._lanes[lane]
        if self._unplugged and self.is_unplugged(at_s):
            return None
        if held.site is None:
            return self._rtt_s(held, at_s, 0.0)
        fare = self.fares.at(held.site, at_s)
        if held.circuit is not None:
            return self._rtt_s(held, at_s, 0.0) if self.fares.is_whole(held.circuit, at_s) and fare.is_open else None
        return self._round_trip(held, fare, at_s) if fare.has_echo else None

    def snmp(self, device: str, at_s: float) -> float | None:
        """The same of one SNMP request."""
        held = self._lanes[device]
        if held.site is None or (self._unplugged and self.is_unplugged(at_s)):
            return None
        fare = self.fares.at(held.site, at_s)
        return self._round_trip(held, fare, at_s, _SNMP) if fare.has_agent else None

    def past(self, device: str) -> Past:
        """What a device can tell of itself."""
        if device not in self._pasts:
            bound = (circuit for circuit in self.inventory.circuits.values() if circuit.device == device)
            circuits = sorted((each for each in bound if each.interface), key=lambda circuit: circuit.interface)
            site = self.inventory.devices[device].site
            self._pasts[device] = past_of(device, site, circuits, self.course, self._seed, self._epoch_ms)
        return self._pasts[device]

    def is_unplugged(self, at_s: float) -> bool:
        """Whether our own uplink is."""
        return _is_any(self._unplugged, at_s)

    def spell_s(self, site: str | None, at_s: float) -> tuple[float, float]:
        """Since when nothing of a site has changed, and until when nothing will; without a site, of us ourselves."""
        edges_s = self._edges_s[site]
        place = bisect_right(edges_s, at_s)
        return edges_s[place - 1], edges_s[place]

    def site_of(self, lane: str) -> str | None:
        """The site of a lane; a canary has none."""
        return self._lanes[lane].site

    def _round_trip(self, held: _Lane, fare: Fare, at_s: float, salt: int = 0) -> float | None:
        if not fare.is_passed:
            return None
        if fare.loss and mixed(held.key ^ salt ^ int(at_s * 1e6)) < fare.loss * _DICE:
            return None
        return self._rtt_s(held, at_s, fare.delay_s)

    def _rtt_s(self, held: _Lane, at_s: float, delay_s: float) -> float:
        chance = mixed(held.key + int(at_s * 1e6)) / _DICE
        return (held.rtt_s + delay_s) * (1 + RTT_JITTER * chance)


def _lane(name: str, site: str | None, circuit: str | None, seed: int) -> _Lane:
    key = int.from_bytes(blake2b(f"{seed}/{name}/lane".encode(), digest_size=8).digest(), "big")
    return _Lane(site, circuit, key, RTT_S + RTT_SPREAD_S * (key % 1000) / 1000)


def _edges(fares: Fares, course: Course) -> dict[str | None, tuple[float, ...]]:
    """When something changes of each site, and of us ourselves: what befalls many sites is taken to befall all."""
    ours = (edge for spell in course.of(Broken.UPLINK, Broken.POLLER) for edge in (spell.from_s, spell.to_s))
    befalls = Counter(edge for edges in fares.edges.values() for edge in edges)
    many = (edge for edge, sites in befalls.items() if sites > MANY * len(fares.edges))
    shared = {-math.inf, math.inf, *ours, *many, *(at_s for at_s, _ in course.steps)}
    by_site: dict[str | None, tuple[float, ...]] = {None: tuple(sorted(shared))}
    for site, edges in fares.edges.items():
        wrap = {course.wraps[site]} if site in course.wraps else set()
        by_site[site] = tuple(sorted(shared | edges | wrap))
    return by_site


def _is_any(spells: Iterable[Spell], at_s: float) -> bool:
    return any(spell.holds(at_s) for spell in spells)
