"""What one observation led to: changes of state, and whom to ask at once. Values only."""

from dataclasses import dataclass, field

from wanmon.health.life import Sign
from wanmon.health.machine import Effect
from wanmon.model.state import State


@dataclass(frozen=True, slots=True)
class Edge:
    """Where one state ends and another begins: `before_s` is the last probe that spoke for the old one."""

    at_s: float
    before_s: float | None
    decided_s: float

    @property
    def uncertainty_s(self) -> float:
        """How much earlier it may have been."""
        return 0.0 if self.before_s is None else max(0.0, self.at_s - self.before_s)


@dataclass(frozen=True, slots=True)
class Change:
    """A site, or one circuit of it, that went from one state to another; `lane` is whose life decided it, if one's."""

    site: str
    circuit: str | None
    old: State
    new: State
    effect: Effect
    edge: Edge
    roots: tuple[str, ...] = ()
    lane: str | None = None


@dataclass(slots=True)
class Findings:
    """Changes in the order in which they happened, and lanes to ask at once.

    `signs` tell of which lane what was found out. `ask_else` are devices whose silence began: whatever else they may
    answer is to be asked; `ask_lane` are those on the way to the hub, canaries, and those to which the way has come
    back: their own probe is to be sent now. `touched` are sites of which more changed than the state.
    """

    changes: list[Change] = field(default_factory=list)
    signs: list[tuple[str, Sign]] = field(default_factory=list)
    ask_else: set[str] = field(default_factory=set)
    ask_lane: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
