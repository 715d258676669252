"""The loop that asks: takes what is due, bounds how much is under way, and hands every outcome to the pipeline."""

import asyncio
from collections.abc import Awaitable, Callable

from wanmon.clock import Clock
from wanmon.errors import LeaseHeld
from wanmon.health.observation import Observation
from wanmon.log import log
from wanmon.model.inventory import Inventory
from wanmon.model.life import DeviceState, SiteState
from wanmon.model.reason import Reason
from wanmon.poller.jobs import Executor, Job, LivenessResult, Outcome, PollResult, Task
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.schedule import Schedule
from wanmon.poller.targets import DeviceTarget
from wanmon.poller.track import Histogram

#: A poll may take this share of its interval, over all its retries.
DEADLINE_SHARE = 0.8
#: A silent device is polled every 2nd, 4th, 8th interval.
MAX_BACK_OFF = 3
DURATION_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
LAG_BUCKETS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
#: The longest nap: a device that was just added does not wait longer to be looked at.
NAP_S = 0.25
RESTART_AFTER_S = 1.0

Key = tuple[str, Task]


class Poller:
    """Asks every device of the inventory when its time has come."""

    def __init__(self, executor: Executor, pipeline: Pipeline, clock: Clock, in_flight: int) -> None:
        self._executor = executor
        self._pipeline = pipeline
        self._clock = clock
        self._schedule: Schedule[Key] = Schedule(clock.now().timestamp(), clock.monotonic())
        self._targets: dict[str, DeviceTarget] = {}
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._held_back: dict[str, int] = {}
        # The silent have places of their own: however many there are, they never keep the living waiting.
        self._places = asyncio.Semaphore(in_flight)
        self._silent_places = asyncio.Semaphore(max(1, in_flight // 2))

    @property
    def skipped(self) -> int:
        """Ticks that passed unseen because the loop itself was late."""
        return self._schedule.skipped

    def follow(
        self,
        inventory: Inventory,
        device_states: dict[str, DeviceState] | None = None,
        site_states: dict[str, SiteState] | None = None,
    ) -> list[str]:
        """Take up an inventory, rescheduling only what changed; tell which devices are gone."""
        fresh, gone = self._pipeline.follow(inventory, self._clock.now(), device_states, site_states)
        for name in gone:
            self._targets.pop(name, None)
            self._held_back.pop(name, None)
            for task in Task:
                self._schedule.remove((name, task))
        for target in fresh:
            self._targets[target.name] = target
            self._put_on(target)
        return gone

    def _put_on(self, target: DeviceTarget) -> None:
        now_s = self._clock.monotonic()
        intervals = {Task.LIVENESS: target.liveness_interval_s}
        if target.credentials:
            intervals |= {Task.FAST: target.fast_interval_s, Task.SLOW: target.slow_interval_s}
        for task in Task:
            self._schedule.remove((target.name, task))
            if task in intervals:
                interval_s = intervals[task]
                self._schedule.add((target.name, task), row_id=target.id, interval_s=interval_s, now_s=now_s)

    async def run(self) -> None:
        """Ask until cancelled; what is under way then is cancelled, too."""
        try:
            while True:
                now_s = self._clock.monotonic()
                for key, due_s in self._schedule.due(now_s):
                    self._start(key, due_s)
                next_s = self._schedule.next_s()
                nap_s = NAP_S if next_s is None else min(NAP_S, max(0.0, next_s - self._clock.monotonic()))
                await asyncio.sleep(nap_s)
        finally:
            running = list(self._running.values())
            for job in running:
                job.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def poll_now(self, name: str, deadline_s: float) -> None:
        """Poll a device at once, beside its schedule, or join the poll under way; wait at most `deadline_s` for it.

        What comes of it is taken in like any poll.
        """
        target = self._targets[name]
        key = name, Task.FAST if target.credentials else Task.LIVENESS
        if key not in self._running:
            self._begin(key, Job(key[1], target, _deadline_s(target)), self._clock.monotonic())
        await asyncio.wait({self._running[key]}, timeout=deadline_s)

    def _start(self, key: Key, due_s: float) -> None:
        name, task = key
        target = self._targets[name]
        if key in self._running:
            self._pipeline.poller.overruns[_protocol(target, task)] += 1
        elif task is Task.LIVENESS or not self._holds_back(name):
            self._begin(key, Job(task, target, _deadline_s(target)), due_s)

    def _begin(self, key: Key, job: Job, due_s: float) -> None:
        running = self._running[key] = asyncio.create_task(self._do(job, due_s))
        running.add_done_callback(lambda _: self._running.pop(key, None))

    def _holds_back(self, name: str) -> bool:
        """Whether a silent device is let be this time."""
        silent = self._pipeline.tracks[name].snmp.silent_polls
        if not silent:
            self._held_back[name] = 0
            return False
        self._held_back[name] = (self._held_back.get(name, 0) + 1) % 2 ** min(silent, MAX_BACK_OFF)
        return self._held_back[name] != 0

    async def _do(self, job: Job, due_s: float) -> None:
        protocol = _protocol(job.target, job.task)
        if job.task is Task.LIVENESS:
            await self._ask(job, due_s, protocol)
            return
        track = self._pipeline.tracks.get(job.target.name)
        if track is None:
            return  # removed between its tick and now
        async with self._silent_places if track.snmp.silent_polls else self._places:
            await self._ask(job, due_s, protocol)

    async def _ask(self, job: Job, due_s: float, protocol: str) -> None:
        counts = self._pipeline.poller
        began_s = self._clock.monotonic()
        counts.lags.setdefault(protocol, Histogram(LAG_BUCKETS_S)).observe(max(0.0, began_s - due_s))
        counts.in_flight += 1
        try:
            outcome = await self._executor.execute(job)
        except Exception as error:
            # Our own mistake must not end the asking: it is taken in as local, and told.
            log.exception("job failed", device=job.target.name, task=job.task.value, error=repr(error))
            outcome = _our_fault(job, protocol)
        finally:
            counts.in_flight -= 1
        ended_s = self._clock.monotonic()
        counts.durations.setdefault(protocol, Histogram(DURATION_BUCKETS_S)).observe(ended_s - began_s)
        try:
            self._pipeline.take(job, outcome, self._clock.now(), ended_s)
        except Exception as error:
            log.exception("outcome not taken in", device=job.target.name, task=job.task.value, error=repr(error))
            counts.task_restarts += 1


def _protocol(target: DeviceTarget, task: Task) -> str:
    return target.liveness.partition(":")[0] if task is Task.LIVENESS else "snmp"


def _our_fault(job: Job, protocol: str) -> Outcome:
    if job.task is Task.LIVENESS:
        return LivenessResult(protocol, Observation(Reason.LOCAL))
    return PollResult(job.task, 0.0, Reason.LOCAL, "our own mistake: see the log", changed=frozenset())


def _deadline_s(target: DeviceTarget) -> float:
    return DEADLINE_SHARE * target.fast_interval_s


async def watched(name: str, work: Callable[[], Awaitable[None]], restarted: Callable[[], None]) -> None:
    """Keep a task that should never end going: told, counted and begun anew when it fails.

    Only the loss of the lease is let through: then the whole service must stop.
    """
    while True:
        try:
            await work()
            return
        except LeaseHeld:
            raise
        except Exception as error:
            log.exception("task failed, restarting", task=name, error=repr(error))
            restarted()
            await asyncio.sleep(RESTART_AFTER_S)
