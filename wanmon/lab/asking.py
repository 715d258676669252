"""The outcomes that an executor would bring out of a simulated world, and how long it would take for each.

Stands where `poller.execute` stands, and remembers of each device what its reader would: whether it is learnt, and its
last sysUpTime. Asks nobody and waits for nothing: the caller brings the instant.
"""

from dataclasses import dataclass, field, replace

from wanmon.health.observation import OK, Observation
from wanmon.health.uptime import restarted
from wanmon.lab.past import Past, PortPast
from wanmon.lab.province import PORT_SPEED_BPS
from wanmon.lab.world import World
from wanmon.model.reason import Reason
from wanmon.poller.execute import LIVENESS_TIMEOUT_S
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
from wanmon.poller.wan import UP

#: As in the settings: an SNMP request waits so long, and is sent again so often.
TIMEOUT_S, RETRIES = 2.0, 2
#: Round trips of a poll of the fast group, and of a walk through all tables.
FAST_TRIPS, LEARNING_TRIPS = 1, 12
PROFILE = "net-snmp"
DOWN = 2

_ECHO_SILENT = LivenessResult("icmp", Observation(Reason.TIMEOUT))
_TCP_SILENT = LivenessResult("tcp", Observation(Reason.TIMEOUT))
_SNMP_SILENT = LivenessResult("snmp", Observation(Reason.TIMEOUT))


@dataclass(slots=True)
class _Device:
    """What is remembered of one device: what it has, once that is learnt, and what it said last."""

    past: Past
    ports: tuple[Port, ...]
    rows: tuple[int, ...]
    identity: DeviceIdentity
    is_learnt: bool = False
    is_greeted: bool = False
    uptime: Ticks | None = None
    busy_until_s: float = 0.0
    columns: dict[str, Column] = field(default_factory=dict)


class Asking:
    """Answers jobs out of a world, for one life of a poller."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._devices: dict[str, _Device] = {}

    def ask(self, job: Job, at_s: float) -> tuple[Outcome, float]:
        """What comes of a job that begins at `at_s`, and when."""
        return self._poll(job, at_s) if job.task in POLLS else self._probe(job, at_s)

    def _probe(self, job: Job, at_s: float) -> tuple[Outcome, float]:
        if job.task is Task.KNOCK:  # nobody logs in to a simulated router: it has no SSH
            return _TCP_SILENT, at_s + LIVENESS_TIMEOUT_S
        is_lane = job.task is not Task.ECHO
        by_snmp = job.by_snmp or job.task is Task.EVIDENCE or (is_lane and job.target.liveness == "snmp")
        world, name = self._world, job.target.name
        rtt_s = world.snmp(name, at_s) if by_snmp else world.echo(name, at_s)
        if rtt_s is None or rtt_s > LIVENESS_TIMEOUT_S:
            return (_SNMP_SILENT if by_snmp else _ECHO_SILENT), at_s + LIVENESS_TIMEOUT_S
        return LivenessResult("snmp" if by_snmp else "icmp", OK, rtt_s), at_s + rtt_s

    def _poll(self, job: Job, at_s: float) -> tuple[Outcome, float]:
        """A poll; at most one conversation with a device at a time, and none beyond its deadline."""
        held = self._device(job.target.name)
        begun_s, until_s = max(at_s, held.busy_until_s), at_s + job.deadline_s
        talk = _Talk(self._world, job.target.name, begun_s, until_s)
        result = _read(held, job, talk)
        held.busy_until_s = talk.now_s
        return replace(result, duration_s=talk.now_s - at_s), talk.now_s

    def _device(self, name: str) -> _Device:
        held = self._devices.get(name)
        if held is None:
            past = self._world.past(name)
            ports = tuple(
                Port(number, port.name, "", port.name, PORT_SPEED_BPS) for number, port in enumerate(past.ports, 2)
            )
            identity = DeviceIdentity("net-snmp", "Linux", "6.1.0", "", name, f"Linux {name} simulated")
            held = self._devices[name] = _Device(past, ports, tuple(range(len(ports))), identity)
        return held


@dataclass(slots=True)
class _Talk:
    """A conversation over SNMP: the instant that it has come to."""

    world: World
    device: str
    now_s: float
    until_s: float

    def trip(self) -> bool:
        """One request, sent again when it is lost; whether it was answered."""
        for _ in range(1 + RETRIES):
            if self.now_s >= self.until_s:
                return False
            rtt_s = self.world.snmp(self.device, self.now_s)
            if rtt_s is not None and rtt_s <= TIMEOUT_S:
                self.now_s += rtt_s
                return True
            self.now_s = min(self.now_s + TIMEOUT_S, self.until_s)
        return False

    @property
    def silence(self) -> Reason:
        """Why nothing came."""
        return Reason.DEADLINE if self.now_s >= self.until_s else Reason.TIMEOUT


def _read(held: _Device, job: Job, talk: _Talk) -> PollResult:
    """What `poller.reader` would make of it: greeted, learnt where need be, and the fast group read."""
    silent = PollResult(job.task, 0.0, changed=frozenset())
    if not held.is_greeted:
        held.is_greeted = talk.trip()
        if not held.is_greeted:
            return _described(held, replace(silent, reason=talk.silence))
    learnt = silent
    if not held.is_learnt or job.task is Task.SLOW:
        learnt = _learn(held, job.task, talk)
        if learnt.reason not in (None, Reason.PARTIAL):
            return _described(held, learnt)
    result = _fast(held, learnt, talk)
    if result.restarted:
        again = _fast(held, _learn(held, job.task, talk), talk)
        result = replace(again, restarted=True, uptime=again.uptime or result.uptime)
    return _described(held, result)


def _learn(held: _Device, task: Task, talk: _Talk) -> PollResult:
    if not talk.trip():
        held.is_greeted = False
        return PollResult(task, 0.0, talk.silence, changed=frozenset())
    answered = [talk.trip() for _ in range(LEARNING_TRIPS)]
    is_new, held.is_learnt = not held.is_learnt, held.is_learnt or all(answered)
    # The scalars come first: the uptime of the machine is among them.
    host_uptime = Ticks(held.past.machine_uptime(talk.now_s), talk.now_s) if answered[0] else None
    reason = None if all(answered) else Reason.PARTIAL
    return PollResult(task, 0.0, reason, changed=None if is_new else frozenset(), host_uptime=host_uptime)


def _fast(held: _Device, learnt: PollResult, talk: _Talk) -> PollResult:
    if not all(talk.trip() for _ in range(FAST_TRIPS)):
        held.is_greeted = False
        return replace(learnt, reason=talk.silence, changed=frozenset())
    now_s, past = talk.now_s, held.past
    held.columns = _columns(held, now_s)
    before, ticks = held.uptime, past.uptime(now_s)
    if not ticks:
        return learnt
    held.uptime = Ticks(ticks, now_s)
    again = before is not None and restarted(before.ticks, ticks, now_s - before.received_s)
    return replace(learnt, uptime=held.uptime, restarted=again)


def _columns(held: _Device, at_s: float) -> dict[str, Column]:
    past, rows = held.past, held.rows

    def column(values: list[int]) -> Column:
        return Column(rows, values)

    def status(port: PortPast) -> int:
        return UP if port.is_up(at_s) else DOWN

    return {
        "admin_status": column([UP] * len(rows)),
        "oper_status": column([status(port) for port in past.ports]),
        "last_change": column([past.last_change(port, at_s) for port in past.ports]),
        "receive_bytes": column([past.octets(port.receive, at_s) for port in past.ports]),
        "transmit_bytes": column([past.octets(port.transmit, at_s) for port in past.ports]),
        "discontinuity": column([0] * len(rows)),
    }


def _described(held: _Device, result: PollResult) -> PollResult:
    """The result with all that is known of the device."""
    if not held.columns:
        return result
    narrow = frozenset((role, row) for role in ("receive_bytes", "transmit_bytes") for row in held.rows)
    return replace(
        result,
        credential="lab",
        profile=PROFILE,
        identity=held.identity,
        ports=held.ports,
        columns=held.columns,
        tells_change=True,
        narrow=narrow if held.past.is_narrow else frozenset(),
    )
