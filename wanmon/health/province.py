"""All sites together: what each probe means for the site of its device, and for those behind it.

Holds the lives of the lanes and the states of the sites; asks nobody and reads no clock. Every method that takes an
observation tells what changed and whom to ask at once. States change by `machine` alone, silences harden by `life`,
who is cut off by whom is ruled by `reach`, and whether it is rather we who are silent by `isolation`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wanmon.health import ailments, isolation, life, reach, sight
from wanmon.health.ailments import MGMT_ONLY, WELL, Ailment, Condition
from wanmon.health.circuits import Claim
from wanmon.health.claims import Claims
from wanmon.health.evidence import misses_needed
from wanmon.health.findings import Change, Edge, Findings
from wanmon.health.isolation import Ourselves
from wanmon.health.life import Kind, Life, Probe, Sign, Vitality
from wanmon.health.machine import TABLE, Effect, Event
from wanmon.health.observation import Verdict
from wanmon.health.reach import Reach, Standing
from wanmon.health.sight import THERE
from wanmon.health.topology import Shape, Topology
from wanmon.health.waiting import Wait, Waiting
from wanmon.health.window import Window
from wanmon.model.state import LOST, State

#: What was degraded before a restart stays so for so long: by then its agents and its line have been heard again.
REMEMBERED_S = 120.0


@dataclass(frozen=True, slots=True)
class Left:
    """What a site was left in by an earlier run: a restart resolves nothing and fires nothing."""

    state: State
    since_s: float
    roots: tuple[str, ...] = ()


class Province:
    """The sites of an inventory and what is held of them, by code; of lanes, by the name of their device."""

    def __init__(self) -> None:
        self.lives: dict[str, Life] = {}
        self.states: dict[str, State] = {}
        self.since_s: dict[str, float] = {}
        self.roots: dict[str, tuple[str, ...]] = {}
        self.ailments: dict[str, frozenset[Ailment]] = {}
        self.circuits = Claims()
        self.topology = Topology()
        self.isolated_since_s: float | None = None
        self._conditions: dict[str, Condition] = {}
        self._waiting = Waiting()
        self._followed_s: dict[str, float] = {}
        self._suspended: dict[str, State] = {}
        self._remembered_until_s: dict[str, float] = {}

    def follow(
        self, shapes: Mapping[str, Shape], intervals: Mapping[str, float], canaries: Sequence[str], now_s: float
    ) -> Findings:
        """Take up other sites and lanes (`intervals`, in seconds, by name); those that stay keep what is held of them.

        A site that has lost all of its edges is unknown from now on.
        """
        self.topology = Topology(shapes, intervals, tuple(canaries))
        self._keep(shapes, intervals, now_s)
        found = Findings()
        for code, shape in shapes.items():
            if not shape.edges:
                self._blind(code, now_s, now_s, found)
            self._judge(code, now_s, found)
        return found

    def restore(
        self,
        sites: Mapping[str, Left],
        lanes: Mapping[str, Life],
        claimed: Mapping[str, Claim],
        suspended: Mapping[str, State],
        now_s: float,
    ) -> Findings:
        """Go on from an earlier run, which `claimed` this of circuits; `suspended` are lost states of unknown sites.

        What a device was left in and what its site was left in may differ, where a kill came between the two.
        """
        for code, left in sites.items():
            if code in self.states and self.topology.shapes[code].edges:
                self.states[code], self.since_s[code] = left.state, left.since_s
                if left.roots:
                    self.roots[code] = left.roots
                if left.state is State.DEGRADED:
                    self._remembered_until_s[code] = now_s + REMEMBERED_S
        self.lives.update({lane: held for lane, held in lanes.items() if lane in self.lives})
        for line in (line for shape in self.topology.shapes.values() for line in shape.lines):
            if line.code in claimed:
                self.circuits.restore(line, claimed[line.code])
        self._suspended.update(suspended)
        found = Findings()
        for code in self.topology.shapes:
            self._judge(code, now_s, found)
        return found

    def observe(self, lane: str, probe: Probe, now_s: float) -> Findings:
        """Take in one probe of a lane, which ended at `now_s`."""
        found = Findings()
        if self.isolated_since_s is not None and not self._ends_isolation(lane, probe):
            return found
        self.lives[lane], sign = life.step(self.lives[lane], probe)
        if sign is not None:
            found.signs.append((lane, sign))
        if lane in self.topology.canaries:
            self._canary_told(sign, probe, now_s, found)
            return found
        code = self.topology.site_of[lane]
        if self.lives[lane].is_undecided and probe.verdict is Verdict.FAIL:
            # With every miss: one lost answer must not call a device dead whose echo alone is filtered.
            found.ask_else.add(lane)
        if sign is Sign.SILENT:
            found.ask_lane |= self.topology.edges_above(code) | set(self.topology.canaries)
        turned = probe.kind is Kind.SLOT and self._fares(lane)
        if turned or sign is not None or probe.verdict is Verdict.FAIL:
            self._judge(code, now_s, found)
        if probe.verdict is Verdict.OK:
            for waiting in sorted(self._waiting.sites().intersection(self.topology.children[code])):
                self._judge(waiting, now_s, found)
        return found

    def poll(self, device: str, *, is_answered: bool, is_partial: bool, now_s: float) -> Findings:
        """Take in how an SNMP poll ended that says something of the agent."""
        found = Findings()
        if device not in self.topology.site_of or (not is_answered and self.lives[device].is_silent):
            return found  # a poll that fails with the line says nothing of the agent
        before = self._conditions.get(device, WELL)
        after = before.after_poll(is_answered=is_answered, is_partial=is_partial)
        if after is not before:
            self._conditions[device] = after
            self._judge(self.topology.site_of[device], now_s, found)
        return found

    def port(self, device: str, interface: str, *, is_up: bool | None, now_s: float) -> Findings:
        """Take in the status of a port that a circuit ends on; None where it is known no more."""
        found = Findings()
        code = self.topology.site_of.get(device)
        if code is not None and self.circuits.turn_port((device, interface), is_up=is_up):
            self._judge(code, now_s, found)
        return found

    def echoed(self, lane: str) -> None:
        """Take in that a device answers echo again, whose lane was SNMP's meanwhile."""
        self.lives[lane] = life.unfiltered(self.lives[lane])

    def tick(self, now_s: float) -> Findings:
        """Let time pass: a site of which nothing was observed for long is unknown, from its last observation on."""
        found = Findings()
        for code in [code for code, until_s in self._remembered_until_s.items() if now_s >= until_s]:
            del self._remembered_until_s[code]
            self._judge(code, now_s, found)
        for code, shape in self.topology.shapes.items():
            seen_s = self._seen_s(shape)
            if seen_s is None or self.states[code] is State.UNKNOWN:
                continue
            if sight.is_blind(seen_s, self.topology.longest_interval_s(code), now_s):
                self._blind(code, max(seen_s, self.since_s[code]), now_s, found)
        return found

    def settled_s(self, code: str, now_s: float) -> float:
        """Up to when nothing about a site's state can change any more, whatever comes."""
        shape = self.topology.shapes[code]
        lives = [self.lives[edge] for edge in shape.edges]
        interval_s = self.topology.longest_interval_s(code)
        return sight.settled_s(self.states[code], self._since(code), lives, self._seen_s(shape), interval_s, now_s)

    def is_upstream_down(self, code: str) -> bool:
        """Whether every site that it stands behind is lost."""
        parents = [self.states[parent] for parent in self.topology.shapes[code].parents if parent in self.states]
        return bool(parents) and all(state in LOST for state in parents)

    def _keep(self, shapes: Mapping[str, Shape], intervals: Mapping[str, float], now_s: float) -> None:
        """Of what is held, what belongs to sites and lanes that are there; the others begin anew."""
        self.lives = {
            lane: self.lives.get(lane) or Life(window=Window.over(interval_s)) for lane, interval_s in intervals.items()
        }
        self._followed_s = {lane: self._followed_s.get(lane, now_s) for lane in intervals}
        self.states = {code: self.states.get(code, State.UNKNOWN) for code in shapes}
        self.since_s = {code: self.since_s.get(code, now_s) for code in shapes}
        self.circuits.keep(line for shape in shapes.values() for line in shape.lines)
        self._conditions = {device: held for device, held in self._conditions.items() if device in intervals}
        kept = {code: tuple(root for root in held if root in shapes) for code, held in self.roots.items()}
        self.roots = {code: roots for code, roots in kept.items() if roots and code in shapes}
        self.ailments = {code: held for code, held in self.ailments.items() if code in shapes}
        for code in self._waiting.sites() - shapes.keys():
            self._waiting.end(code)
        self._suspended = {code: held for code, held in self._suspended.items() if code in shapes}
        self._remembered_until_s = {c: held for c, held in self._remembered_until_s.items() if c in shapes}

    def _fares(self, lane: str) -> bool:
        """Take in how the line of a lane fares after a slot; whether that turned."""
        held = self.lives[lane]
        before = self._conditions.get(lane, WELL)
        after = before.after_slot(held.window) if held.vitality is Vitality.ALIVE else before
        self._conditions[lane] = after
        return after is not before

    def _ends_isolation(self, lane: str, probe: Probe) -> bool:
        """Misses tell nothing while we are isolated; an answer from below a hub ends it, and so does a canary's."""
        if lane in self.topology.canaries:
            return True
        if probe.verdict is not Verdict.OK:
            return False
        if self.topology.is_far(self.topology.site_of[lane]):
            self.isolated_since_s = None
        return True

    def _canary_told(self, sign: Sign | None, probe: Probe, now_s: float, found: Findings) -> None:
        if probe.verdict is Verdict.OK and sign is Sign.BACK:
            self.isolated_since_s = None
        if probe.verdict is Verdict.OK or sign is Sign.DEAD:
            for waiting in sorted(self._waiting.sites()):
                self._judge(waiting, now_s, found)

    def _judge(self, code: str, now_s: float, found: Findings) -> None:
        shape = self.topology.shapes[code]
        lives = [self.lives[device] for device in shape.edges]
        if any(each.vitality is Vitality.ALIVE and not each.is_undecided for each in lives):
            self._judge_alive(code, shape, now_s, found)
        elif lives and all(each.vitality is Vitality.DEAD for each in lives):
            self._judge_silent(code, lives, now_s, found)
        self._judge_circuits(code, None, now_s, found)

    def _judge_alive(self, code: str, shape: Shape, now_s: float, found: Findings) -> None:
        self._waiting.end(code)
        alive = [edge for edge in shape.edges if self.lives[edge].vitality is Vitality.ALIVE]
        well = [edge for edge in alive if not self.lives[edge].is_undecided]
        amiss = self._amiss(shape, alive)
        if not amiss and self.states[code] is State.DEGRADED and code in self._remembered_until_s:
            return
        if amiss != self.ailments.get(code, frozenset()):
            self.ailments[code] = amiss
            found.touched.add(code)
        first = min(well, key=lambda edge: self.lives[edge].since_s or 0.0)
        held = self.lives[first]
        if self.states[code] in THERE or held.since_s is None:
            edge = Edge(now_s, None, now_s)
        else:
            edge = Edge(max(held.since_s, self._since(code)), held.bad_s, now_s)
        self._apply(code, Event.AILING if amiss else Event.WELL, edge, (), first, found)

    def _amiss(self, shape: Shape, alive: Sequence[str]) -> frozenset[Ailment]:
        dead = {lane for lane in shape.lanes if self.lives[lane].vitality is Vitality.DEAD}
        amiss = ailments.of_devices(
            [MGMT_ONLY if self.lives[edge].is_mgmt_only else self._conditions.get(edge, WELL) for edge in alive],
            len(dead & set(shape.edges)),
            len(dead & set(shape.others)),
        )
        return amiss | {Ailment.REDUNDANCY_LOST} if self.circuits.lacks_one(shape.lines, self.lives) else amiss

    def _judge_silent(self, code: str, lives: list[Life], now_s: float, found: Findings) -> None:
        """Every edge is dead: it is the site, something above it, or ourselves."""
        if self.states[code] is State.DOWN or any(each.misses < each.needed for each in lives):
            return  # it is known, or its way came back only just now and it has its own misses to make first
        last = max(lives, key=lambda each: each.fell_s)
        fell_s = last.fell_s
        if self.states[code] is not State.UNREACHABLE:
            ourselves = isolation.ourselves(self.topology, self.lives, fell_s)
            if ourselves is Ourselves.CUT_OFF:
                self._go_blind(now_s, found)
                return
            if ourselves is Ourselves.UNDECIDED and not self._has_waited(code, Wait.CANARIES, now_s):
                return
        ruling = reach.rule(self.topology.shapes[code].parents, self._standings(code), fell_s)
        if ruling.reach is Reach.WAIT and not self._has_waited(code, Wait.ANCESTORS, now_s):
            return
        self._waiting.end(code)
        event = Event.CUT if ruling.reach is Reach.UNREACHABLE else Event.LOST
        lane = next(edge for edge in self.topology.shapes[code].edges if self.lives[edge] is last)
        edge = Edge(max(fell_s, self._since(code)), last.good_s, now_s)
        roots = sorted(ruling.roots, key=self._since)
        self._apply(code, event, edge, tuple(roots), lane, found)

    def _judge_circuits(self, code: str, edge: Edge | None, now_s: float, found: Findings) -> None:
        """What is claimed of each circuit now; it changes at `edge` where the site's own change says so.

        While the site's own silence is undecided, so is that of its circuits: it may be cut off with all of them.
        """
        if edge is None and self._is_undecided(code):
            return
        self.circuits.judge(
            code,
            self.topology.shapes[code].lines,
            self.states[code],
            self.roots.get(code, ()),
            self.lives,
            Edge(now_s, None, now_s),
            edge,
            found,
        )

    def _is_undecided(self, code: str) -> bool:
        """Whether every edge is silent, and nobody can tell yet what that means."""
        lives = [self.lives[edge] for edge in self.topology.shapes[code].edges]
        return self.states[code] not in LOST and bool(lives) and all(each.is_silent for each in lives)

    def _has_waited(self, code: str, wait: Wait, now_s: float) -> bool:
        """Whether a site has waited long enough for others to be judged."""
        lanes = self.topology.canaries if wait is Wait.CANARIES else self.topology.edges_above(code)
        needed = max((self.lives[lane].needed for lane in lanes), default=0)
        return self._waiting.has_waited(code, wait, needed, now_s)

    def _standings(self, code: str) -> dict[str, Standing]:
        """What is known of the parents that can be asked at all."""
        found = {}
        for parent in self.topology.shapes[code].parents:
            shape = self.topology.shapes.get(parent)
            if shape and shape.edges:
                answered = [self.lives[d].good_s for d in shape.edges]
                latest_s = max((at_s for at_s in answered if at_s is not None), default=None)
                found[parent] = Standing(self.states[parent], latest_s, self.roots.get(parent, ()))
        return found

    def _apply(
        self, code: str, event: Event, edge: Edge, roots: tuple[str, ...], lane: str | None, found: Findings
    ) -> None:
        """The only place where the state of a site changes."""
        old = self.states[code]
        new, effect = TABLE[old, event]
        self._keep_roots(code, roots if new is State.UNREACHABLE else (), found)
        if new is old:
            return
        self.states[code], self.since_s[code] = new, edge.at_s
        if new in LOST or new is State.UNKNOWN:
            self.ailments.pop(code, None)
        effect = self._remembered(code, old, new, effect)
        found.changes.append(Change(code, None, old, new, effect, edge, roots, lane))
        self._judge_circuits(code, None if old in THERE and new in THERE else edge, edge.decided_s, found)
        for child in self.topology.children.get(code, ()):
            if self.states[child] is State.UNREACHABLE and new not in LOST:
                self._begin_anew(child, found)
            self._judge(child, edge.decided_s, found)

    def _keep_roots(self, code: str, roots: tuple[str, ...], found: Findings) -> None:
        if roots == self.roots.get(code, ()):
            return
        found.touched.add(code)
        if roots:
            self.roots[code] = roots
        else:
            del self.roots[code]

    def _remembered(self, code: str, old: State, new: State, effect: Effect) -> Effect:
        """UNKNOWN never closes an outage: the same silence after it is the same outage, and opens nothing."""
        if effect is Effect.SUSPENDS:
            self._suspended[code] = old
            return effect
        return Effect.RESUMES if self._suspended.pop(code, None) is new and new in LOST else effect

    def _begin_anew(self, code: str, found: Findings) -> None:
        """The way to it is back: it stays cut off until it answers, or has missed enough of its own."""
        found.ask_lane.update(self.topology.shapes[code].edges)
        for device in self.topology.shapes[code].edges:
            self.lives[device] = life.begin_anew(self.lives[device])

    def _go_blind(self, now_s: float, found: Findings) -> None:
        """We are cut off ourselves: nothing is known of anybody, and no miss counts."""
        self.isolated_since_s = now_s
        at_s = {code: self._blind_from_s(code, shape, now_s) for code, shape in self.topology.shapes.items()}
        for code, from_s in at_s.items():
            self._blind(code, from_s, now_s, found)

    def _blind_from_s(self, code: str, shape: Shape, now_s: float) -> float:
        silent = [held.silent_since_s for held in (self.lives[edge] for edge in shape.edges)]
        known = [since_s for since_s in silent if since_s is not None]
        is_new = len(known) == len(silent) and bool(known) and self.states[code] not in LOST
        return max(max(known), self._since(code)) if is_new else now_s

    def _blind(self, code: str, at_s: float, now_s: float, found: Findings) -> None:
        """Nothing is known of a site from `at_s` on."""
        self._waiting.end(code)
        for lane in self.topology.shapes[code].lanes:
            self.lives[lane] = life.forgotten(self.lives[lane])
            self._followed_s[lane] = now_s
        self._apply(code, Event.BLIND, Edge(at_s, None, now_s), (), None, found)

    def _seen_s(self, shape: Shape) -> float | None:
        return sight.seen_s({edge: self.lives[edge] for edge in shape.edges}, self._followed_s)

    def _since(self, code: str) -> float:
        return self.since_s[code]


def restored(held: Life, *, is_up: bool | None, since_s: float, seen_s: float | None) -> Life:
    """The life of a device that an earlier run left up, down or (None) unknown, and observed last at `seen_s`."""
    if is_up is None:
        return held
    if is_up:
        return replace(held, vitality=Vitality.ALIVE, since_s=since_s, good_s=seen_s)
    dead = replace(held, vitality=Vitality.DEAD, since_s=since_s, silent_since_s=since_s, bad_s=seen_s)
    return replace(dead, needed=misses_needed(0, 0))
