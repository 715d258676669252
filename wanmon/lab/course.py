"""The course of a simulated world: what of it is broken, from when to when, and what begins anew. Values only.

Instants are seconds on the monotonic clock of the simulation, on which a script begins at `START_S`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from wanmon.lab.trouble import Trouble

#: No machine is switched on at the instant at which it is first looked at.
START_S = 100_000.0


class Broken(Enum):
    """What can be broken, and whose it is."""

    LINE = auto()  # of a site: every way to its parents, or the one `toward` one of them, beyond the hand-off
    CIRCUIT = auto()  # of a circuit: the same, for it alone
    PORT = auto()  # of a circuit: the port that it ends on has dropped
    ROUTER = auto()  # of a site: no power, or still booting
    AGENT = auto()  # of a site: SNMP is not answered
    ECHO = auto()  # of a site: echo is not answered
    LOSS = auto()  # of a site: its line loses the share `amount` of all round trips
    DELAY = auto()  # of a site: every round trip takes `amount` seconds more
    UPLINK = auto()  # our own
    POLLER = auto()  # nobody asks


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that is broken in [from_s, to_s), and the trouble that it is a part of."""

    broken: Broken
    whom: str
    from_s: float
    to_s: float
    trouble: Trouble
    amount: float = 0.0
    toward: str = ""

    def holds(self, at_s: float) -> bool:
        """Whether it is so at an instant."""
        return self.from_s <= at_s < self.to_s


class Beginning(NamedTuple):
    """The routers of a site, or only their agents, that began to count anew."""

    site: str
    at_s: float
    is_machine: bool


class ClockStep(NamedTuple):
    """Our own wall clock that is set forward, or back."""

    at_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that happens; `wraps` tells of which sites sysUpTime passes 2^32 ticks, and when."""

    spells: tuple[Spell, ...] = ()
    beginnings: tuple[Beginning, ...] = ()
    steps: tuple[ClockStep, ...] = ()
    wraps: Mapping[str, float] = field(default_factory=dict)

    def of(self, *broken: Broken) -> tuple[Spell, ...]:
        """The spells of some kinds, in order."""
        return tuple(sorted((each for each in self.spells if each.broken in broken), key=_from_s))


def _from_s(spell: Spell) -> float:
    return spell.from_s
