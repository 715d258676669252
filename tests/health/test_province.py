"""The sites together, on a world of our own: a hub, two districts, six communes, and lines that are cut."""

import heapq
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmon.health.findings import Change
from wanmon.health.life import Kind, Probe, Vitality, retry_after_s
from wanmon.health.machine import Effect
from wanmon.health.observation import Verdict
from wanmon.health.province import Province, Shape
from wanmon.model.state import State

HUB, D1, D2 = "HUB", "D1", "D2"
COMMUNES = {D1: ["C1", "C2", "C3"], D2: ["C4", "C5", "C6"]}
SHAPES = {
    HUB: Shape((), ("HUB-R1",)),
    **{district: Shape((HUB,), (f"{district}-R1",)) for district in COMMUNES},
    **{code: Shape((district,), (f"{code}-R1",)) for district, codes in COMMUNES.items() for code in codes},
}
ABOVE = {"HUB": [], **{d: [HUB] for d in COMMUNES}, **{c: [d, HUB] for d, codes in COMMUNES.items() for c in codes}}


@dataclass
class World:
    """Sites whose lines can be cut, asked as a poller would: slots, retries, and whoever is to be asked at once."""

    phases: dict[str, float]
    cut: set[str] = field(default_factory=set)
    loss: dict[str, float] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    canaries: dict[str, set[str]] = field(default_factory=dict)  # by name: whose cut silences it
    province: Province = field(default_factory=Province)
    now_s: float = 0.0
    changes: list[Change] = field(default_factory=list)
    queue: list[tuple[float, int, str, Kind]] = field(default_factory=list)
    count: int = 0
    slot_due: set[str] = field(default_factory=set)

    def __post_init__(self):
        lanes = [f"{code}-R1" for code in SHAPES] + list(self.canaries)
        self.province.follow(SHAPES, dict.fromkeys(lanes, 5.0), tuple(self.canaries), 0.0)
        for number, canary in enumerate(self.canaries):
            self.ask(number * 1.3, canary, Kind.SLOT)
        for code, phase in self.phases.items():
            self.ask(phase, code, Kind.SLOT)

    def ask(self, at_s, code, kind):
        self.count += 1
        heapq.heappush(self.queue, (at_s, self.count, code, kind))

    def answers(self, code):
        path = self.canaries.get(code) or [code, *ABOVE[code]]
        return not self.cut.intersection(path) and self.dice.random() >= self.loss.get(code, 0.0)

    def run(self, until_s):
        while self.queue and self.queue[0][0] <= until_s:
            begun_s, _, code, kind = heapq.heappop(self.queue)
            lane = self.lane(code)
            in_lane = retry_after_s(self.province.lives[lane], begun_s) is not None
            if kind is Kind.SLOT:
                self.ask(begun_s + 5.0, code, Kind.SLOT)
                if in_lane:  # the retry of this second stands for the slot
                    self.slot_due.add(code)
                    continue
            elif kind is Kind.RETRY and code in self.slot_due:
                self.slot_due.remove(code)
                kind = Kind.SLOT
            self.probe(begun_s, code, kind)
        self.now_s = until_s

    def probe(self, begun_s, code, kind):
        ok = self.answers(code)
        ended_s = begun_s + (0.01 if ok else 1.0)
        verdict = Verdict.OK if ok else Verdict.FAIL
        # The answer is taken in when it is there: nothing else of the world moves within that second here.
        found = self.province.observe(self.lane(code), Probe(begun_s, verdict, kind), ended_s)
        self.changes += found.changes
        if kind is not Kind.OTHER:
            self.retry(code, begun_s)
        for lane in found.ask_lane:
            self.ask(ended_s, lane.removesuffix("-R1"), Kind.FRESH)
        for lane in found.ask_else:
            self.ask(ended_s, lane.removesuffix("-R1"), Kind.OTHER)

    def lane(self, code):
        return code if code in self.canaries else f"{code}-R1"

    def retry(self, code, begun_s):
        """The next second, unless a retry is on its way already."""
        after_s = retry_after_s(self.province.lives[self.lane(code)], begun_s)
        if after_s is not None and not any(c == code and kind is Kind.RETRY for _, _, c, kind in self.queue):
            self.ask(begun_s + after_s, code, Kind.RETRY)

    def openings(self, since_s=0.0):
        return [c.site for c in self.changes if c.effect is Effect.OPENS and c.edge.decided_s >= since_s]


def world(seed=0, **values):
    dice = random.Random(seed)
    return World({code: dice.random() * 5 for code in SHAPES}, **values)


SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_that_is_cut_is_down_within_twelve_seconds_dated_at_its_first_miss(seed):
    here = world(seed)
    here.run(300)
    here.cut.add("C1")
    here.run(400)
    down = here.changes[-1]

    assert ["C1"] == here.openings()
    assert 300 <= down.edge.at_s <= 305
    assert 307 <= down.edge.decided_s <= 312.01
    assert down.edge.uncertainty_s <= 5.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_district_that_is_cut_opens_one_alert_and_its_communes_are_unreachable(seed):
    here = world(seed)
    here.run(300)
    here.cut.add(D1)
    here.run(400)

    assert [D1] == here.openings()
    assert {State.UNREACHABLE} == {here.province.states[code] for code in COMMUNES[D1]}
    assert {(D1,)} == {here.province.roots[code] for code in COMMUNES[D1]}
    assert {State.UP} == {here.province.states[code] for code in (HUB, D2, *COMMUNES[D2])}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_district_that_returns_opens_nothing(seed):
    """No storm on the way up."""
    here = world(seed)
    here.run(300)
    here.cut.add(D1)
    here.run(900)
    here.cut.clear()
    here.run(1000)

    assert [] == here.openings(since_s=900)
    assert {State.UP} == set(here.province.states.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_that_fell_in_the_shadow_is_down_once_its_district_is_back(seed):
    here = world(seed)
    here.run(300)
    here.cut |= {D1, "C2"}
    here.run(900)
    here.cut.remove(D1)
    here.run(1000)

    assert State.DOWN is here.province.states["C2"]
    assert "C2" not in here.province.roots
    assert [Effect.REOPENS] == [c.effect for c in here.changes if c.site == "C2" and c.edge.decided_s > 900]
    assert all(c.edge.at_s >= 900 for c in here.changes if c.site == "C2" and c.edge.decided_s > 900)


def test_a_commune_down_before_its_district_falls_stays_its_own_outage():
    here = world()
    here.run(300)
    here.cut.add("C1")
    here.run(400)
    here.cut.add(D1)
    here.run(600)

    assert State.DOWN is here.province.states["C1"]
    assert ["C1", D1] == here.openings()


@pytest.mark.parametrize("seed", SEEDS)
def test_when_everything_is_silent_it_is_we_who_are_cut_off(seed):
    """The hub's own line: nobody is charged, and nothing is called down."""
    here = world(seed)
    here.run(300)
    here.cut.add(HUB)
    here.run(400)

    assert [] == here.openings()
    assert {State.UNKNOWN} == set(here.province.states.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_isolated_is_up_again_without_an_alert(seed):
    here = world(seed)
    here.run(300)
    here.cut.add(HUB)
    here.run(600)
    here.cut.clear()
    here.run(700)

    assert [] == here.openings()
    assert {State.UP} == set(here.province.states.values())


def test_a_line_that_loses_a_third_of_its_packets_is_not_down():
    here = world(loss={"C1": 0.3})
    here.run(7200)

    assert [] == here.openings()


def test_two_parents_must_both_be_dead():
    shapes = {**SHAPES, "C1": Shape((D1, D2), ("C1-R1",))}
    province = Province()
    province.follow(shapes, {f"{code}-R1": 5.0 for code in shapes}, (), 0.0)
    for code in shapes:
        province.observe(f"{code}-R1", Probe(0.0, Verdict.OK), 0.0)
    province.states |= {D1: State.DOWN}
    for second in range(30):
        province.observe("D2-R1", Probe(5.0 + second, Verdict.OK), 5.0 + second)
        province.observe("C1-R1", Probe(5.0 + second, Verdict.FAIL), 6.0 + second)

    assert State.DOWN is province.states["C1"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(SHAPES)), st.integers(20, 400)), max_size=8), st.integers(0, 9999))
def test_whatever_is_cut_and_mended_all_is_well_in_the_end(steps, seed):
    """And no alert is ever opened for a site whose way to the hub was cut above it all the time."""
    here = world(seed)
    here.run(300)
    at_s = 300
    for code, length_s in steps:
        here.cut ^= {code}
        at_s += length_s
        here.run(at_s)
    here.cut.clear()
    here.run(at_s + 300)

    assert {State.UP} == set(here.province.states.values())
    assert {Vitality.ALIVE} == {held.vitality for held in here.province.lives.values()}
    assert {} == here.province.roots
