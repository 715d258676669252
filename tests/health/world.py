"""A world of our own: a hub, two districts, six communes, lines that are cut, and whoever asks as a poller would."""

import heapq
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wanmon.health.findings import Change
from wanmon.health.life import Kind, Probe, retry_after_s
from wanmon.health.machine import Effect
from wanmon.health.observation import Verdict
from wanmon.health.province import Province
from wanmon.health.topology import Shape
from wanmon.model.state import State

HUB, D1, D2 = "HUB", "D1", "D2"
COMMUNES = {D1: ["C1", "C2", "C3"], D2: ["C4", "C5", "C6"]}
INTERVAL_S = 5.0


def router(code: str, number: int = 1) -> str:
    return f"{code}-R{number}"


def site(code: str, *parents: str) -> Shape:
    return Shape(parents, (router(code),))


SHAPES = {
    HUB: site(HUB),
    **{district: site(district, HUB) for district in COMMUNES},
    **{code: site(code, district) for district, codes in COMMUNES.items() for code in codes},
}


@dataclass
class World:
    """Sites whose lines can be cut, asked as a poller would: slots, retries, and whoever is to be asked at once.

    `cut` names sites and single lanes that are silent, `mute` the lanes of which we can tell nothing ourselves, `loss`
    the share of probes that are lost by site or lane. `canaries` are by name; each falls with the sites in its value.
    """

    phases: Mapping[str, float]
    shapes: Mapping[str, Shape] = field(default_factory=lambda: dict(SHAPES))
    cut: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    loss: dict[str, float] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    canaries: Mapping[str, set[str]] = field(default_factory=dict)
    province: Province = field(default_factory=Province)
    now_s: float = 0.0
    changes: list[Change] = field(default_factory=list)
    queue: list[tuple[float, int, str, Probe | Kind]] = field(default_factory=list)
    count: int = 0
    slot_due: set[str] = field(default_factory=set)
    lanes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.follow(self.shapes)

    def follow(self, shapes: Mapping[str, Shape]) -> None:
        """Another inventory; its new lanes are asked from now on."""
        self.shapes = shapes
        sites = {lane: code for code, shape in shapes.items() for lane in lanes_of(shape)}
        fresh = [lane for lane in (*self.canaries, *sites) if lane not in self.lanes]
        self.lanes = {**dict.fromkeys(self.canaries, ""), **sites}
        found = self.province.follow(shapes, dict.fromkeys(self.lanes, INTERVAL_S), tuple(self.canaries), self.now_s)
        self.changes += found.changes
        for number, lane in enumerate(fresh):
            self.ask(self.now_s + self.phases.get(lane, number * 1.3 % INTERVAL_S), lane, Kind.SLOT)

    def ask(self, at_s: float, lane: str, what: Probe | Kind) -> None:
        self.count += 1
        heapq.heappush(self.queue, (at_s, self.count, lane, what))

    def is_open(self, code: str) -> bool:
        """Whether some way leads from us to a site."""
        parents = self.shapes[code].parents if code in self.shapes else ()
        return code not in self.cut and (not parents or any(map(self.is_open, parents)))

    def verdict(self, lane: str) -> Verdict:
        if lane in self.mute:
            return Verdict.NONE
        code = self.lanes[lane]
        path = self.canaries.get(lane, set())
        is_there = lane not in self.cut and not self.cut & path and (not code or self.is_open(code))
        loss = self.loss.get(lane, self.loss.get(code, 0.0))
        return Verdict.OK if is_there and self.dice.random() >= loss else Verdict.FAIL

    def run(self, until_s: float) -> None:
        while self.queue and self.queue[0][0] <= until_s:
            at_s, _, lane, what = heapq.heappop(self.queue)
            if lane not in self.lanes:
                continue  # taken off the inventory
            self.now_s = at_s
            if isinstance(what, Probe):
                self.ended(lane, what)
            elif what is Kind.SLOT:
                self.slot(lane)
            else:
                self.begin(lane, Kind.SLOT if what is Kind.RETRY and self.stands_for_slot(lane) else what)
        self.now_s = until_s

    def slot(self, lane: str) -> None:
        self.ask(self.now_s + INTERVAL_S, lane, Kind.SLOT)
        if retry_after_s(self.province.lives[lane], self.now_s) is None:
            self.begin(lane, Kind.SLOT)
        else:  # the retry of this second stands for it
            self.slot_due.add(lane)

    def stands_for_slot(self, lane: str) -> bool:
        stands = lane in self.slot_due
        self.slot_due.discard(lane)
        return stands

    def begin(self, lane: str, kind: Kind) -> None:
        """Send a probe; what came of it is known 10 ms later, or, where nothing comes, after a second."""
        verdict = self.verdict(lane)
        ended_s = self.now_s + (1.0 if verdict is Verdict.FAIL else 0.01)
        self.ask(ended_s, lane, Probe(self.now_s, verdict, kind))

    def ended(self, lane: str, probe: Probe) -> None:
        found = self.province.observe(lane, probe, self.now_s)
        self.changes += found.changes
        if probe.kind is not Kind.OTHER:
            self.retry(lane, probe.begun_s)
        for asked in sorted(found.ask_lane):
            self.begin(asked, Kind.FRESH)
        for asked in sorted(found.ask_else):
            self.begin(asked, Kind.OTHER)

    def retry(self, lane: str, begun_s: float) -> None:
        """The next second, unless a retry is on its way already."""
        after_s = retry_after_s(self.province.lives[lane], self.now_s)
        is_coming = any(each == lane and is_in_lane(what) for _, _, each, what in self.queue)
        if after_s is not None and not is_coming:
            self.ask(max(begun_s + after_s, self.now_s), lane, Kind.RETRY)

    def tick(self, at_s: float) -> None:
        """Let time pass, as the poller does every few seconds."""
        self.run(at_s)
        self.changes += self.province.tick(at_s).changes

    def pass_s(self, until_s: float, every_s: float = 5.0) -> None:
        """Run with a tick every few seconds."""
        while self.now_s < until_s:
            self.tick(min(until_s, self.now_s + every_s))

    def of(self, code: str, since_s: float = 0.0) -> list[Change]:
        """What a site itself went through."""
        return [c for c in self.changes if c.site == code and c.circuit is None and c.edge.decided_s > since_s]

    def openings(self, since_s: float = 0.0) -> list[str]:
        """The sites that an alert was opened for."""
        return [c.site for c in self.changes if c.effect is Effect.OPENS and c.edge.decided_s >= since_s]

    def states(self, codes: Iterable[str]) -> set[State]:
        return {self.province.states[code] for code in codes}


def lanes_of(shape: Shape) -> tuple[str, ...]:
    return (*shape.edges, *shape.others, *(line.lane for line in shape.lines if line.lane))


def is_in_lane(what: Probe | Kind) -> bool:
    """Whether this is a probe on its way, or the next retry, after which the lane goes on by itself."""
    return what.kind in (Kind.SLOT, Kind.RETRY) if isinstance(what, Probe) else what is Kind.RETRY


def world(seed: int = 0, **values: object) -> World:
    dice = random.Random(seed)
    return World({router(code): dice.random() * INTERVAL_S for code in SHAPES}, **values)  # type: ignore[arg-type]
