"""All sites together: what each probe means for the site of its device, and for those behind it.

Holds the lives of the devices and the states of the sites; asks nobody and reads no clock. `observe` takes one probe
and tells what changed and whom to ask at once. The states change by `machine`, silences by `life`, and who is cut off
by whom is ruled by `reach`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wanmon.health import life, reach
from wanmon.health.evidence import misses_needed
from wanmon.health.life import Life, Probe, Sign, Vitality
from wanmon.health.machine import TABLE, Effect, Event
from wanmon.health.observation import Verdict
from wanmon.health.reach import Reach, Standing
from wanmon.model.state import State

#: Without a canary: so large a share of the sites, silent within so long, is taken to be our own silence.
ISOLATED_SHARE = 0.6
ISOLATED_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A site as the rules see it: the sites it stands behind and the devices that speak for it.

    `counts` is False for a planned site: it has a state, and no say in whether we are isolated.
    """

    parents: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A site that went from one state to another at `at_s`, or up to `uncertainty_s` earlier."""

    site: str
    old: State
    new: State
    effect: Effect
    at_s: float
    decided_s: float
    uncertainty_s: float
    roots: tuple[str, ...] = ()


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


@dataclass(slots=True)
class Findings:
    """What one probe led to: changes in the order in which they happened, and devices to ask at once.

    `ask_else` are those whose silence began: whatever else they may answer (SNMP, TCP) is to be asked; `ask_lane` are
    those on the way to the hub, and those to which the way has come back: their own probe is to be sent now.
    """

    changes: list[Change] = field(default_factory=list)
    ask_else: set[str] = field(default_factory=set)
    ask_lane: set[str] = field(default_factory=set)


class Province:
    """The sites of an inventory and what is held of them."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.lives: dict[str, Life] = {}
        self.states: dict[str, State] = {}
        self.roots: dict[str, tuple[str, ...]] = {}
        self.isolated_since_s: float | None = None
        self._shapes: Mapping[str, Shape] = {}
        self._site_of: dict[str, str] = {}
        self._children: dict[str, list[str]] = {}
        self._waiting_since_s: dict[str, float] = {}
        self.follow(shapes)

    def follow(self, shapes: Mapping[str, Shape]) -> None:
        """Take up other sites; those that stay keep what is held of them."""
        self._shapes = shapes
        self._site_of = {device: code for code, shape in shapes.items() for device in shape.edges}
        self._children = {code: [] for code in shapes}
        for code, shape in shapes.items():
            for parent in shape.parents:
                self._children.setdefault(parent, []).append(code)
        self.lives = {device: self.lives.get(device, Life()) for device in self._site_of}
        self.states = {code: self.states.get(code, State.UNKNOWN) for code in shapes}
        self.roots = {code: roots for code, roots in self.roots.items() if code in shapes}
        self._waiting_since_s = {code: at_s for code, at_s in self._waiting_since_s.items() if code in shapes}

    def observe(self, device: str, probe: Probe, now_s: float) -> Findings:
        """Take in one probe of a device, which ended at `now_s`."""
        found = Findings()
        if self.isolated_since_s is not None and not self._ends_isolation(device, probe):
            return found
        self.lives[device], sign = life.step(self.lives[device], probe)
        code = self._site_of[device]
        if sign is Sign.SILENT:
            found.ask_else.add(device)
            found.ask_lane |= self._edges_above(code)
        if sign is not None or probe.verdict is Verdict.FAIL:
            self._judge(code, now_s, found)
        if probe.verdict is Verdict.OK and self._waiting_since_s:
            for waiting in sorted(self._waiting_since_s.keys() & set(self._children[code])):
                self._judge(waiting, now_s, found)
        return found

    def _ends_isolation(self, device: str, probe: Probe) -> bool:
        """Misses tell nothing while we are isolated; an answer from below a hub ends it."""
        if probe.verdict is not Verdict.OK:
            return False
        if self._shapes[self._site_of[device]].parents:
            self.isolated_since_s = None
        return True

    def _edges_above(self, code: str) -> set[str]:
        """The edge devices of every site on the ways to a hub."""
        above: set[str] = set()
        waiting = [*self._shapes[code].parents]
        while waiting:
            parent = waiting.pop()
            if parent in self._shapes and parent not in above:
                above.add(parent)
                waiting.extend(self._shapes[parent].parents)
        return {device for parent in above for device in self._shapes[parent].edges}

    def _judge(self, code: str, now_s: float, found: Findings) -> None:
        lives = [self.lives[device] for device in self._shapes[code].edges]
        alive = [each for each in lives if each.vitality is Vitality.ALIVE and not each.is_undecided]
        if alive:
            self._waiting_since_s.pop(code, None)
            first = min(alive, key=lambda each: each.since_s or 0.0)
            at_s = now_s if first.since_s is None else first.since_s
            self._apply(code, Event.WELL, Edge(at_s, first.bad_s, now_s), (), found)
        elif all(each.vitality is Vitality.DEAD for each in lives):
            self._judge_silent(code, lives, now_s, found)

    def _judge_silent(self, code: str, lives: list[Life], now_s: float, found: Findings) -> None:
        """Every edge is dead: it is the site, something above it, or ourselves."""
        if self.states[code] is State.DOWN or any(each.misses < each.needed for each in lives):
            return  # it is known, or its way came back only just now and it has its own misses to make first
        if self._is_isolated():
            self._go_blind(now_s, found)
            return
        last = max(lives, key=_fell_silent_s)
        ruling = reach.rule(self._shapes[code].parents, self._standings(code), _fell_silent_s(last))
        if ruling.reach is Reach.WAIT and not self._has_waited(code, now_s):
            return
        self._waiting_since_s.pop(code, None)
        event = Event.CUT if ruling.reach is Reach.UNREACHABLE else Event.LOST
        self._apply(code, event, Edge(_fell_silent_s(last), last.good_s, now_s), ruling.roots, found)

    def _has_waited(self, code: str, now_s: float) -> bool:
        """Whether a site has waited for its parents for as long as they can take to be judged."""
        since_s = self._waiting_since_s.setdefault(code, now_s)
        above = (self._shapes[parent] for parent in self._shapes[code].parents if parent in self._shapes)
        needed = max((self.lives[device].needed for shape in above for device in shape.edges), default=0)
        return now_s - since_s > max(needed, misses_needed(0, 0)) * life.RETRY_S

    def _standings(self, code: str) -> dict[str, Standing]:
        """What is known of the parents that can be asked at all."""
        found = {}
        for parent in self._shapes[code].parents:
            shape = self._shapes.get(parent)
            if shape and shape.edges:
                answered = [self.lives[d].good_s for d in shape.edges]
                latest_s = max((at_s for at_s in answered if at_s is not None), default=None)
                found[parent] = Standing(self.states[parent], latest_s, self.roots.get(parent, ()))
        return found

    def _apply(self, code: str, event: Event, edge: Edge, roots: tuple[str, ...], found: Findings) -> None:
        old = self.states[code]
        new, effect = TABLE[old, event]
        if new is State.UNREACHABLE:
            self.roots[code] = roots
        else:
            self.roots.pop(code, None)
        if new is old:
            return
        self.states[code] = new
        found.changes.append(Change(code, old, new, effect, edge.at_s, edge.decided_s, edge.uncertainty_s, roots))
        for child in self._children.get(code, ()):
            if self.states[child] is State.UNREACHABLE and new not in (State.DOWN, State.UNREACHABLE):
                self._begin_anew(child, found)
            self._judge(child, edge.decided_s, found)

    def _begin_anew(self, code: str, found: Findings) -> None:
        """The way to it is back: it stays cut off until it answers, or has missed enough of its own."""
        found.ask_lane.update(self._shapes[code].edges)
        for device in self._shapes[code].edges:
            self.lives[device] = life.begin_anew(self.lives[device])

    def _is_isolated(self) -> bool:
        """Whether it is rather we who are silent: most sites fell within seconds, and none has answered since."""
        counted = [shape for shape in self._shapes.values() if shape.counts and shape.edges]
        fell = sorted(at_s for at_s in map(self._fell_s, counted) if at_s is not None)
        enough = int(ISOLATED_SHARE * len(counted)) + 1
        for first, last in zip(fell, fell[enough - 1 :], strict=False):
            if last - first <= ISOLATED_WITHIN_S and not self._anybody_answered_since(first):
                return True
        return False

    def _fell_s(self, shape: Shape) -> float | None:
        """When a site fell silent, if it is silent now; one that was down already says nothing new."""
        lives = [self.lives[device] for device in shape.edges]
        if any(each.silent_since_s is None for each in lives):
            return None
        return max(map(_fell_silent_s, lives))

    def _anybody_answered_since(self, first_s: float) -> bool:
        below_a_hub = (shape for shape in self._shapes.values() if shape.parents)
        return any(
            good_s is not None and good_s > first_s
            for shape in below_a_hub
            for good_s in (self.lives[device].good_s for device in shape.edges)
        )

    def _go_blind(self, now_s: float, found: Findings) -> None:
        """We are cut off ourselves: nothing is known of anybody, and no miss counts."""
        self.isolated_since_s = now_s
        self._waiting_since_s.clear()
        for device, held in self.lives.items():
            self.lives[device] = Life(window=held.window)
        for code in self._shapes:
            self._apply(code, Event.BLIND, Edge(now_s, None, now_s), (), found)


def _fell_silent_s(held: Life) -> float:
    return held.silent_since_s if held.silent_since_s is not None else held.since_s or 0.0


def restored(held: Life, state: State, since_s: float) -> Life:
    """The life of a device that was left in `state`: a restart resolves nothing and fires nothing."""
    if state is State.UP:
        return replace(held, vitality=Vitality.ALIVE, since_s=since_s)
    if state is State.DOWN:
        return replace(held, vitality=Vitality.DEAD, since_s=since_s, silent_since_s=since_s)
    return held
