"""A poller that lives in a time of its own: its agenda and pipeline are real, the province it asks is made here.

Nothing waits: the next instant at which something happens is the next one there is.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.poller.kept import Kept, Numbered
from tests.poller.scripted import Hands, province
from wanmon.health.observation import OK, Observation
from wanmon.model.carrier import Circuit
from wanmon.model.inventory import Inventory
from wanmon.model.life import CircuitState, SiteState
from wanmon.model.outage import Outage
from wanmon.model.reason import Reason
from wanmon.model.site import SiteStatus
from wanmon.model.state import LOST, State
from wanmon.poller.agenda import Agenda, Turn
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import (
    POLLS,
    Column,
    DeviceIdentity,
    Job,
    LivenessResult,
    Outcome,
    PollResult,
    Port,
    Task,
    Ticks,
)
from wanmon.poller.loop import TICK_S
from wanmon.poller.memory import Remembered
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.seconds import SiteSeconds
from wanmon.poller.targets import DeviceTarget, TargetKind

#: How long an answer takes, a probe that gets none, a poll that gets none.
QUICK_S, MISSED_S, FAILED_S = 0.01, 1.0, 6.0
LANE = frozenset({Task.LIVENESS, Task.RETRY})


@dataclass
class Router:
    """The far end of a device: since when its machine and its WAN port are as they are (monotonic seconds)."""

    booted_s: float = -86_400.0
    changed_s: float = -86_400.0
    is_port_up: bool = True
    bps: int = 1_000_000
    octets: float = 0.0
    name: str = "wan0"
    serial: str = ""

    def last_change(self) -> int:
        """As ifLastChange tells it: 0 where the port has been so since the boot."""
        return max(0, round((self.changed_s - self.booted_s) * 100))


@dataclass
class Life:
    """A whole life of a poller, from its start to its end; `cut`, `mute`, `deaf` and `filtered` are names of targets.

    What is cut answers nothing, of the mute we can tell nothing, the deaf answer no SNMP, the filtered no echo.
    """

    inventory: Inventory
    canaries: tuple[str, ...] = ()
    remembered: Remembered | None = None
    clock: Hands = field(default_factory=Hands)
    kept: Kept = field(default_factory=Kept)
    routers: dict[str, Router] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    filtered: set[str] = field(default_factory=set)
    asked: Counter[tuple[str, Task]] = field(default_factory=Counter)
    queue: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    running: Counter[tuple[DeviceTarget, Task]] = field(default_factory=Counter)
    count: int = 0
    seconds: Mapping[str, SiteSeconds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(Numbered(), self.kept)
        self.begun = self.clock.now()
        self.agenda = Agenda(
            self.clock.now().timestamp(), self.clock.monotonic(), self.pipeline.life, self.pipeline.silent_polls
        )
        self.follow(self.inventory, self.remembered)
        self.ticks_at_s = self.now_s + TICK_S

    @property
    def now_s(self) -> float:
        return self.clock.monotonic()

    @property
    def instant(self) -> Instant:
        return Instant(self.clock.now(), self.clock.monotonic())

    def follow(
        self, inventory: Inventory, remembered: Remembered | None = None, generations: Mapping[str, int] | None = None
    ) -> None:
        fresh, gone = self.pipeline.follow(inventory, self.instant, self.canaries, remembered, generations)
        self.agenda.follow(fresh, gone, self.now_s)
        self.inventory = inventory

    def pass_s(self, seconds: float) -> None:
        """Live for so long."""
        until_s = self.now_s + seconds
        while (next_s := min(self.next_s(), until_s)) < until_s:
            self.clock.move(max(0.0, next_s - self.now_s))
            self.turn()
        self.clock.move(until_s - self.now_s)
        self.turn()

    def next_s(self) -> float:
        """When something happens next."""
        due = [self.ticks_at_s, *(at_s for at_s, _, _ in self.queue[:1])]
        planned_s = self.agenda.next_s()
        return min(due if planned_s is None else [*due, planned_s])

    def turn(self) -> None:
        """Do all that is due."""
        while self.queue and self.queue[0][0] <= self.now_s:
            heapq.heappop(self.queue)[2]()
        self.begin(self.agenda.due(self.now_s))
        if self.ticks_at_s <= self.now_s:
            self.ticks_at_s = self.now_s + TICK_S
            self.pipeline.tick(self.instant)
            self.check_seconds()

    def begin(self, turns: list[Turn]) -> None:
        for turn in turns:
            target, task = turn.job.target, turn.job.task
            self.asked[target.name, task] += 1
            self.running[target, task] += 1
            assert 1 == self.running[target, task], f"{task} of {target.name} twice at a time"
            assert 1 >= sum(self.running[target, each] for each in LANE), f"the lane of {target.name} twice at a time"
            outcome, after_s = self.outcome(turn.job)
            begun_s = self.now_s
            self.count += 1
            ending = (begun_s + after_s, self.count, lambda t=turn, o=outcome, b=begun_s: self.ended(t, o, b))
            heapq.heappush(self.queue, ending)

    def ended(self, turn: Turn, outcome: Outcome, begun_s: float) -> None:
        self.running[turn.job.target, turn.job.task] -= 1
        if isinstance(outcome, PollResult) and outcome.profile:
            outcome = self.polled(turn.job)
        asks = self.pipeline.take(turn.job, outcome, begun_s, self.instant)
        self.begin(self.agenda.ended(turn, begun_s, asks, self.now_s))

    def outcome(self, job: Job) -> tuple[Outcome, float]:
        """What comes of a job, and after how long."""
        name = job.target.name
        by_snmp = job.by_snmp or job.task is Task.EVIDENCE or job.task in POLLS or job.target.liveness == "snmp"
        is_there = self.is_there(job.target.site, name) and name not in (self.deaf if by_snmp else self.filtered)
        reason = Reason.LOCAL if name in self.mute else None if is_there else Reason.TIMEOUT
        if job.task in POLLS:
            return (self.polled(job), QUICK_S) if reason is None else (PollResult(job.task, 6.0, reason), FAILED_S)
        seen = OK if reason is None else Observation(reason)
        rtt_s = QUICK_S if reason is None else None
        protocol = "snmp" if by_snmp else "icmp"
        return LivenessResult(protocol, seen, rtt_s), QUICK_S if reason is not Reason.TIMEOUT else MISSED_S

    def is_there(self, code: str, name: str) -> bool:
        return name not in self.cut and (not code or self.is_open(code))

    def is_open(self, code: str) -> bool:
        """Whether some way leads to a site."""
        site = self.inventory.sites.get(code)
        parents = site.parents if site else ()
        return code not in self.cut and (not parents or any(map(self.is_open, parents)))

    def polled(self, job: Job) -> PollResult:
        """What a router tells of itself now."""
        router = self.routers.setdefault(job.target.name, Router())
        octets = int(router.octets + self.now_s * router.bps / 8)
        columns = {
            "oper_status": Column((0,), [1 if router.is_port_up else 2]),
            "last_change": Column((0,), [router.last_change()]),
            "receive_bytes": Column((0,), [octets]),
            "transmit_bytes": Column((0,), [octets]),
        }
        return PollResult(
            job.task,
            QUICK_S,
            credential="wan",
            profile="if-mib",
            identity=DeviceIdentity("Maker", "R-1", "7", router.serial),
            ports=(Port(1, router.name, "", "", 10**9),),
            columns=columns,
            uptime=Ticks(round((self.now_s - router.booted_s) * 100), self.now_s),
            tells_change=True,
        )

    def check_seconds(self) -> None:
        """No counter falls, and the states make up the whole exactly."""
        for code, after in self.pipeline.board.seconds.items():
            before = self.seconds.get(code, SiteSeconds())
            assert after.monitored == sum(after.by_state)
            assert all(x <= y for x, y in zip(before.by_state, after.by_state, strict=True)), (code, before, after)
            assert before.maintenance <= after.maintenance
        self.seconds = self.pipeline.board.seconds

    def state(self, code: str) -> State:
        return self.pipeline.board.sites[code].state

    def after_s(self, at: datetime) -> float:
        """How long after the beginning of this life an instant was."""
        return (at - self.begun).total_seconds()

    def told(self, site: str, circuit: str | None = None) -> list[tuple[State, float]]:
        """What a site or circuit went through, in the order in which it was decided."""
        rows = [row for row in self.kept.transitions if (row.site, row.circuit) == (site, circuit)]
        return [(row.new, self.after_s(row.at)) for row in rows]

    def left(self, away_s: float, **changes: Any) -> "Life":
        """The life of the next poller, begun `away_s` after this one was killed, on what this one has stored."""
        clock = Hands()
        clock.wall, clock.seconds = self.clock.wall + timedelta(seconds=away_s), 50.0
        shift_s = clock.seconds - (self.clock.seconds + away_s)
        for router in self.routers.values():
            router.booted_s += shift_s
            router.changed_s += shift_s
        given = {
            "remembered": self.memory(),
            "clock": clock,
            "routers": self.routers,
            **{name: getattr(self, name) for name in ("canaries", "cut", "mute", "deaf", "filtered")},
        }
        return Life(self.inventory, **given | changes)

    def memory(self) -> Remembered:
        """What the database has of this life."""
        sites: dict[str, SiteState] = {}
        running: dict[tuple[str, str | None], Outage] = {}
        for row in self.kept.transitions:
            if row.circuit is None:
                sites[row.site] = SiteState(
                    site=row.site, state=row.new, since=row.at, reason=row.reason, roots=row.roots
                )
            subject = row.site, row.circuit
            if row.new is not State.UNKNOWN and (subject not in running or running[subject].state is not row.new):
                running.pop(subject, None)
                if row.new in LOST:
                    running[subject] = Outage(
                        site=row.site, circuit=row.circuit, state=row.new, began_at=row.at,
                        began_uncertain_s=row.uncertain_s, decided_at=row.decided_at, roots=row.roots,
                    )  # fmt: skip
        circuits: dict[str, CircuitState] = {row.circuit: row for row in self.kept.circuit_states}
        return Remembered(
            sites=sites,
            devices={row.device: row for row in self.kept.states},
            witnesses={row.device: row for row in self.kept.witnesses},
            outages=running,
            circuits=circuits,
            seen_at=self.clock.now(),
        )

    def devices(self) -> list[str]:
        return [n for n, track in self.pipeline.tracks.items() if track.target.kind is TargetKind.DEVICE]


def tree(*, circuits: int = 1, probed: bool = False, **values: Any) -> Inventory:
    """A hub with a router, districts D1 and D2 below it, communes C1 to C4 below these, each with one router.

    Each site has a circuit that ends on the port of its router; C1 may have a second one, with a probe of its own.
    """
    below = {"D1": "DC1", "D2": "DC1", "C1": "D1", "C2": "D1", "C3": "D2", "C4": "D2"}
    devices = [{"name": f"{code}-R1", "site": code, **values} for code in ("DC1", *below)]
    made = province(devices, **{code: {"parent": parent} for code, parent in below.items()})
    made.sites["DC1"].status = SiteStatus.ACTIVE
    given = [
        circuit.model_dump() | {"device": f"{circuit.site}-R1", "interface": "wan0"}
        for circuit in made.circuits.values()
    ]
    if circuits == 2:
        backup = {"code": "C1/2", "role": "backup", "interface": "wan1", "probe_address": "10.27.99.1"}
        given.append(made.circuits["C1/1"].model_dump() | backup | ({} if probed else {"probe_address": None}))
    bound = {row["code"]: Circuit.model_validate(row | {"id": number}) for number, row in enumerate(given, 100)}
    return replace(made, circuits=bound)
