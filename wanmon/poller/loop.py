"""The loop that asks: begins the turns that are due, bounds how much is under way, hands outcomes to the pipeline."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping

from wanmon.clock import Clock
from wanmon.errors import LeaseHeld
from wanmon.health.observation import Observation
from wanmon.log import log
from wanmon.model.inventory import Inventory
from wanmon.model.reason import Reason
from wanmon.poller.agenda import NOBODY, Agenda, Key, Turn
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import POLLS, Executor, Job, LivenessResult, Outcome, PollResult, Task
from wanmon.poller.memory import Remembered
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.track import Histogram

DURATION_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
LAG_BUCKETS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
#: The longest nap: a device that was just added does not wait longer to be looked at.
NAP_S = 0.25
#: How often time is let pass for those of whom nothing is heard.
TICK_S = 5.0
RESTART_AFTER_S = 1.0


class Poller:
    """Asks every target of the inventory when its time has come."""

    def __init__(
        self, executor: Executor, pipeline: Pipeline, clock: Clock, in_flight: int, canaries: tuple[str, ...] = ()
    ) -> None:
        self._executor = executor
        self._pipeline = pipeline
        self._clock = clock
        self._canaries = canaries
        self._agenda = Agenda(clock.now().timestamp(), clock.monotonic(), pipeline.life, pipeline.silent_polls)
        self._running: dict[asyncio.Task[None], Key] = {}
        # The silent have places of their own: however many there are, they never keep the living waiting.
        self._places = asyncio.Semaphore(in_flight)
        self._silent_places = asyncio.Semaphore(max(1, in_flight // 2))

    @property
    def skipped(self) -> int:
        """Ticks that passed unseen because the loop itself was late."""
        return self._agenda.skipped

    def instant(self) -> Instant:
        """Now, on both clocks."""
        return Instant(self._clock.now(), self._clock.monotonic())

    def follow(
        self,
        inventory: Inventory,
        remembered: Remembered | None = None,
        generations: Mapping[str, int] | None = None,
    ) -> list[str]:
        """Take up an inventory, rescheduling only what changed; tell of which targets all that is known is void.

        These are the ones that are gone, and those that are another machine now.
        """
        instant = self.instant()
        before = {name: track.target for name, track in self._pipeline.tracks.items()}
        fresh, gone = self._pipeline.follow(inventory, instant, self._canaries, remembered, generations)
        self._agenda.follow(fresh, gone, instant.now_s)
        others = (each for each in fresh if each.name in before and each.is_another_than(before[each.name]))
        return [*gone, *(target.name for target in others)]

    async def run(self) -> None:
        """Ask until cancelled; what is under way then is cancelled, too."""
        ticked_s = self._clock.monotonic()
        try:
            while True:
                now_s = self._clock.monotonic()
                self._begin(self._agenda.due(now_s))
                self._note_overruns()
                if now_s - ticked_s >= TICK_S:
                    ticked_s = now_s
                    self._pipeline.tick(self.instant())
                next_s = self._agenda.next_s()
                nap_s = NAP_S if next_s is None else min(NAP_S, max(0.0, next_s - self._clock.monotonic()))
                await asyncio.sleep(nap_s)
        finally:
            running = list(self._running)
            for job in running:
                job.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._agenda.broken_off()

    async def poll_now(self, name: str, deadline_s: float) -> None:
        """Poll a device at once, beside its schedule, or join the poll under way; wait at most `deadline_s` for it.

        What comes of it is taken in like any poll.
        """
        target = self._agenda.target(name)
        if target is None:
            return
        key = name, Task.FAST if target.credentials else Task.FRESH
        if key not in self._running.values():
            now_s = self._clock.monotonic()
            self._begin(self._agenda.poll_now(name, now_s) or self._agenda.lane_now(name, now_s))
        awaited = [task for task, running in self._running.items() if running == key]
        if awaited:
            await asyncio.wait(awaited, timeout=deadline_s)

    def answered(self, device: str, begun_s: float) -> None:
        """Take in that a device answered TCP or SSH to something begun at `begun_s` (monotonic): it lives."""
        instant = self.instant()
        self._begin(self._agenda.asked(self._pipeline.answered(device, begun_s, instant), instant.now_s))

    def _begin(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            running = asyncio.create_task(self._do(turn))
            self._running[running] = turn.key
            running.add_done_callback(self._running.pop)

    async def _do(self, turn: Turn) -> None:
        job = turn.job
        if job.task not in POLLS:
            await self._ask(turn)
            return
        track = self._pipeline.tracks.get(job.target.name)
        async with self._silent_places if track and track.snmp.silent_polls else self._places:
            await self._ask(turn)

    async def _ask(self, turn: Turn) -> None:
        job, counts, protocol = turn.job, self._pipeline.poller, _protocol(turn.job)
        begun_s = self._clock.monotonic()
        counts.lags.setdefault(protocol, Histogram(LAG_BUCKETS_S)).observe(max(0.0, begun_s - turn.due_s))
        counts.in_flight += 1
        try:
            outcome = await self._executor.execute(job)
        except Exception as error:
            # Our own mistake must not end the asking: it is taken in as local, and told.
            log.exception("job failed", device=job.target.name, task=job.task.value, error=repr(error))
            outcome = _our_fault(job, protocol)
        finally:
            counts.in_flight -= 1
        instant = self.instant()
        counts.durations.setdefault(protocol, Histogram(DURATION_BUCKETS_S)).observe(instant.now_s - begun_s)
        asks = NOBODY
        try:
            asks = self._pipeline.take(job, outcome, begun_s, instant)
        except Exception as error:
            log.exception("outcome not taken in", device=job.target.name, task=job.task.value, error=repr(error))
            counts.task_restarts += 1
        self._begin(self._agenda.ended(turn, begun_s, asks, instant.now_s))

    def _note_overruns(self) -> None:
        """Turns that were left out because the one before was still under way, by protocol."""
        if self._agenda.overruns:
            counts: Counter[str] = Counter()
            for (name, task), count in self._agenda.overruns.items():
                target = self._agenda.target(name)
                if target is not None:
                    counts[_protocol(Job(task, target, 0.0))] += count
            self._pipeline.poller.overruns.update(counts)
            self._agenda.overruns.clear()


def _protocol(job: Job) -> str:
    if job.task is Task.KNOCK:
        return "tcp"
    by_snmp = job.by_snmp or job.task is Task.EVIDENCE or job.task in POLLS
    return "snmp" if by_snmp else job.target.liveness.partition(":")[0]


def _our_fault(job: Job, protocol: str) -> Outcome:
    if job.task in POLLS:
        return PollResult(job.task, 0.0, Reason.LOCAL, "our own mistake: see the log", changed=frozenset())
    return LivenessResult(protocol, Observation(Reason.LOCAL))


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
