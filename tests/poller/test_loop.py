"""The loop that asks: bounded, never stopped by one that is silent, slow or broken.

The clock runs as fast as the tests: a second of the poller is a few turns of the event loop.
"""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.poller.kept import Kept, Numbered
from tests.poller.scripted import Hands, province
from wanmon.health.observation import OK, Observation
from wanmon.model.inventory import Inventory
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller import loop
from wanmon.poller.jobs import POLLS, Executor, Job, LivenessResult, Outcome, PollResult, Task
from wanmon.poller.loop import Poller
from wanmon.poller.pipeline import Pipeline

SITES = 177
ROUNDS = (Task.LIVENESS, Task.FAST, Task.SLOW)


def inventory(count: int, **values: Any) -> Inventory:
    devices = [{"name": f"S{n}-R1", "site": "S", "address": f"10.27.{n // 250}.{n % 250 + 1}", **values}
               for n in range(1, count + 1)]  # fmt: skip
    return province(devices, S={})


def answer(job: Job) -> Outcome:
    if job.task not in POLLS:
        return LivenessResult("icmp", OK, 0.001)
    return PollResult(job.task, 0.001, credential="wan", profile="if-mib")


def silence(job: Job) -> Outcome:
    if job.task not in POLLS:
        return LivenessResult("icmp", Observation(Reason.TIMEOUT))
    return PollResult(job.task, 6.0, Reason.TIMEOUT)


class Far:
    """An executor that answers at once, keeps some devices waiting, or breaks."""

    def __init__(self, clock: Hands) -> None:
        self.clock = clock
        self.jobs: Counter[tuple[str, Task]] = Counter()
        self.under_way = self.most = 0
        self.silent: Callable[[str], bool] = lambda _: False  # to SNMP, after so long
        self.dead: Callable[[str], bool] = lambda _: False  # to everything else
        self.silent_for_s = 6.0
        self.slow: Callable[[str], bool] = lambda _: False  # answers, but after ten seconds
        self.error: Exception | None = None
        self.stuck: asyncio.Event | None = None

    async def execute(self, job: Job) -> Outcome:
        self.jobs[job.target.name, job.task] += 1
        if job.task not in POLLS:
            return silence(job) if self.dead(job.target.name) else answer(job)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self._poll(job)
        finally:
            self.under_way -= 1

    async def _poll(self, job: Job) -> Outcome:
        if self.error:
            raise self.error
        if self.stuck:
            await self.stuck.wait()
        if self.silent(job.target.name):
            await self._pass(self.silent_for_s)
            return silence(job)
        if self.slow(job.target.name):
            await self._pass(10)
        return answer(job)

    async def _pass(self, seconds: float) -> None:
        until_s = self.clock.seconds + seconds
        while self.clock.seconds < until_s:
            await asyncio.sleep(0)

    def polls(self, name: str) -> int:
        return self.jobs[name, Task.FAST]


class Scene:
    """A poller over a far end, run by hand."""

    def __init__(self, count: int, in_flight: int = 64, **values: Any) -> None:
        self.clock = Hands()
        self.far = Far(self.clock)
        self.pipeline = Pipeline(Numbered(), Kept())
        executor: Executor = self.far
        self.poller = Poller(executor, self.pipeline, self.clock, in_flight)
        self.poller.follow(inventory(count, **values))

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            running = asyncio.create_task(self.poller.run())
            try:
                await work()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        asyncio.run(whole())

    async def pass_s(self, seconds: float, *, step_s: float = 0.25) -> None:
        """Let time pass in small steps, and everybody do their work in each."""
        for _ in range(round(seconds / step_s)):
            self.clock.move(step_s)
            for _ in range(6):
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch):
    """The loop looks at the clock at every turn."""
    monkeypatch.setattr(loop, "NAP_S", 0.0)


def test_everybody_is_asked_at_their_intervals():
    scene = Scene(20)

    async def ten_minutes() -> None:
        await scene.pass_s(600)

    scene.run(ten_minutes)

    for number in range(1, 21):
        assert [120, 20, 1] == [scene.far.jobs[f"S{number}-R1", task] for task in ROUNDS]
    assert scene.pipeline.board.is_ready
    assert 0 == scene.poller.skipped
    assert {} == dict(scene.pipeline.poller.overruns)


def test_snmp_none_is_judged_by_its_probe_of_life_alone():
    scene = Scene(1, snmp="none")
    scene.run(lambda: scene.pass_s(60))

    assert {("S1-R1", Task.LIVENESS): 12} == dict(scene.far.jobs)


@pytest.mark.parametrize("in_flight", [1, 5])
def test_no_more_are_under_way_than_there_are_places(in_flight: int):
    scene = Scene(100, in_flight)

    async def stuck_for_an_interval() -> None:
        scene.far.stuck = asyncio.Event()
        await scene.pass_s(31)
        assert in_flight == scene.far.most
        scene.far.stuck.set()
        scene.far.stuck = None
        await scene.pass_s(31)

    scene.run(stuck_for_an_interval)

    assert scene.far.most <= in_flight + max(1, in_flight // 2)
    assert 0 == scene.pipeline.poller.in_flight
    assert all(scene.far.polls(f"S{number}-R1") for number in range(1, 101))


def test_the_silent_never_keep_the_living_waiting():
    """89 of 177 silent for the whole of their deadline: the 88 others miss no round."""
    scene = Scene(SITES, in_flight=8)
    scene.far.silent = lambda name: int(name[1:-3]) % 2 == 1

    async def settle_and_measure() -> None:
        scene.far.silent_for_s = 0.5
        await scene.pass_s(60)
        scene.far.silent_for_s = 24
        before = Counter(scene.far.jobs)
        await scene.pass_s(300)
        for number in range(2, SITES, 2):
            assert 10 == scene.far.polls(f"S{number}-R1") - before[f"S{number}-R1", Task.FAST]

    scene.run(settle_and_measure)

    lags = scene.pipeline.poller.lags["icmp"]
    assert 0 == sum(lags.counts[7:]), "probes of life were late"


def test_one_agent_that_answers_after_ten_seconds_delays_none_of_the_others():
    """They miss no round, and 99 of 100 polls begin within a second of their time; nor does it miss its own."""
    scene = Scene(SITES, in_flight=4)
    scene.far.slow = lambda name: name == "S7-R1"

    async def settle_and_measure() -> None:
        await scene.pass_s(60)
        before = Counter(scene.far.jobs)
        await scene.pass_s(300)
        for number in range(1, SITES + 1):
            assert 10 == scene.far.polls(f"S{number}-R1") - before[f"S{number}-R1", Task.FAST]

    scene.run(settle_and_measure)

    for protocol in ("icmp", "snmp"):
        lags = scene.pipeline.poller.lags[protocol]
        late = sum(lags.counts[bisect_left(lags.bounds, 1.0) + 1 :])
        assert late <= 0.01 * sum(lags.counts), protocol
    assert 0 == scene.poller.skipped
    assert {} == dict(scene.pipeline.poller.overruns)


def test_a_silent_device_is_polled_ever_more_rarely_and_still_probed():
    scene = Scene(1)
    scene.far.silent = lambda _: True
    scene.far.silent_for_s = 0.5
    polls = []

    async def sixteen_minutes() -> None:
        for _ in range(32):
            before = sum(scene.far.jobs[("S1-R1", task)] for task in (Task.FAST, Task.SLOW))
            await scene.pass_s(30)
            polls.append(sum(scene.far.jobs[("S1-R1", task)] for task in (Task.FAST, Task.SLOW)) - before)

    scene.run(sixteen_minutes)

    assert 4 <= sum(polls) <= 7
    assert 1 <= sum(polls[16:]) <= 3
    assert 192 == scene.far.jobs["S1-R1", Task.LIVENESS]


def test_the_first_answer_ends_the_back_off():
    scene = Scene(1)
    scene.far.silent = lambda _: True
    scene.far.silent_for_s = 0.5

    async def silent_then_back() -> None:
        await scene.pass_s(600)
        scene.far.silent = lambda _: False
        await scene.pass_s(8 * 30)
        before = scene.far.polls("S1-R1")
        await scene.pass_s(300)
        assert 10 == scene.far.polls("S1-R1") - before

    scene.run(silent_then_back)


def test_a_poll_whose_predecessor_is_still_under_way_is_left_out_and_counted():
    scene = Scene(1)

    async def stuck() -> None:
        scene.far.stuck = asyncio.Event()
        await scene.pass_s(30 * 5)

    scene.run(stuck)

    assert 1 == scene.far.polls("S1-R1")
    assert 4 == scene.pipeline.poller.overruns["snmp"]
    assert 30 == scene.far.jobs["S1-R1", Task.LIVENESS]


def test_our_own_mistake_is_counted_and_the_asking_goes_on():
    """Nor does one device with an unknown profile keep the whole service from being ready."""
    scene = Scene(1)
    scene.far.error = ValueError("a mistake")
    scene.run(lambda: scene.pass_s(90))

    counts = scene.pipeline.poller
    assert 3 <= counts.failures["snmp", Reason.LOCAL]
    assert 3 <= scene.pipeline.tracks["S1-R1"].failures["snmp", Reason.LOCAL]
    assert 18 == sum(count for (_, task), count in scene.far.jobs.items() if task is Task.LIVENESS)
    assert scene.pipeline.board.is_ready
    assert 0 == counts.in_flight


def test_late_ticks_are_counted_not_caught_up():
    scene = Scene(10)

    async def asleep_for_a_minute() -> None:
        await scene.pass_s(30)
        before = sum(scene.far.jobs.values())
        await scene.pass_s(60, step_s=60)
        assert 10 * 2 <= sum(scene.far.jobs.values()) - before <= 10 * 3

    scene.run(asleep_for_a_minute)

    assert 10 * 12 <= scene.poller.skipped <= 10 * 13


@pytest.mark.parametrize("step_s", [1, -1, 3600, -3600, 86_400, -86_400], ids=str)
def test_a_step_of_the_wall_clock_neither_adds_nor_drops_a_round(step_s: float):
    scene = Scene(10)

    async def stepped_in_mid_round() -> None:
        await scene.pass_s(30)
        before = Counter(scene.far.jobs)
        scene.clock.wall += timedelta(seconds=step_s)
        await scene.pass_s(60)
        for number in range(1, 11):
            name = f"S{number}-R1"
            assert 12 == scene.far.jobs[name, Task.LIVENESS] - before[name, Task.LIVENESS]
            assert 2 == scene.far.polls(name) - before[name, Task.FAST]

    scene.run(stepped_in_mid_round)


def test_a_device_that_is_removed_is_asked_no_more():
    scene = Scene(4)

    async def remove_two() -> None:
        await scene.pass_s(30)
        before = Counter(scene.far.jobs)
        assert ["S3-R1", "S4-R1"] == scene.poller.follow(inventory(2))
        await scene.pass_s(60)
        asked = {name for (name, _), count in (scene.far.jobs - before).items() if count}
        assert {"S1-R1", "S2-R1"} == asked

    scene.run(remove_two)


def test_a_change_of_one_device_does_not_reschedule_the_others():
    scene = Scene(4)

    async def change_one() -> None:
        await scene.pass_s(300)
        for number in range(40):
            changed = inventory(4)
            changed.devices["S1-R1"].port = 200 + number
            scene.poller.follow(changed)
            await scene.pass_s(7.5)
        for number in (2, 3, 4):
            assert [120, 20] == [scene.far.jobs[f"S{number}-R1", task] for task in (Task.LIVENESS, Task.FAST)]

    scene.run(change_one)


def test_what_is_under_way_is_cancelled_with_the_loop():
    scene = Scene(5)

    async def stuck() -> None:
        scene.far.stuck = asyncio.Event()
        await scene.pass_s(30)

    scene.run(stuck)

    assert 5 == scene.far.most
    assert 0 == scene.far.under_way == scene.pipeline.poller.in_flight


def test_a_poll_at_once_is_taken_in_like_any_other():
    scene = Scene(1)

    async def at_once() -> None:
        await scene.poller.poll_now("S1-R1", 5)

    scene.run(at_once)

    assert 1 == scene.far.polls("S1-R1")
    assert scene.pipeline.tracks["S1-R1"].snmp.up


def test_a_poll_at_once_joins_the_one_under_way():
    """Two conversations would only slow each other down."""
    scene = Scene(1)

    async def twice() -> None:
        scene.far.stuck = asyncio.Event()
        first, second = (asyncio.create_task(scene.poller.poll_now("S1-R1", 5)) for _ in range(2))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not first.done()
        scene.far.stuck.set()
        await asyncio.gather(first, second)

    scene.run(twice)

    assert 1 == scene.far.polls("S1-R1")


def test_a_poll_at_once_is_waited_for_no_longer_than_told():
    """A scrape of a silent device must end before Prometheus gives up on it."""
    scene = Scene(1)

    async def stuck() -> None:
        scene.far.stuck = asyncio.Event()
        await asyncio.wait_for(scene.poller.poll_now("S1-R1", 0.02), 0.5)

    scene.run(stuck)

    assert 0 == scene.far.under_way


def test_a_poll_at_once_of_a_device_without_snmp_is_a_probe_of_life():
    scene = Scene(1, snmp="none")
    scene.run(lambda: scene.poller.poll_now("S1-R1", 5))

    assert {("S1-R1", Task.FRESH): 1} == dict(scene.far.jobs)


def test_a_device_that_falls_silent_is_asked_every_second_and_polled_at_once_when_it_is_back():
    scene = Scene(2)

    async def falls_and_returns() -> None:
        await scene.pass_s(200)
        scene.far.dead = lambda name: name == "S1-R1"
        before = Counter(scene.far.jobs)
        await scene.pass_s(20)
        lane = sum((scene.far.jobs - before)["S1-R1", task] for task in (Task.LIVENESS, Task.RETRY))
        assert 15 <= lane <= 20
        assert State.DOWN is scene.pipeline.tracks["S1-R1"].state

        scene.far.dead = lambda _: False
        before = Counter(scene.far.jobs)
        await scene.pass_s(5)
        assert State.UP is scene.pipeline.tracks["S1-R1"].state
        assert 1 <= (scene.far.jobs - before)["S1-R1", Task.FAST]

    scene.run(falls_and_returns)


def test_a_start_does_not_poll_everybody_in_the_first_seconds():
    """Each device has its turn within the interval, however soon it answers an echo."""
    scene = Scene(60)
    scene.run(lambda: scene.pass_s(6))

    assert 60 == sum(scene.far.jobs[f"S{number}-R1", Task.LIVENESS] > 0 for number in range(1, 61))
    assert sum(scene.far.polls(f"S{number}-R1") for number in range(1, 61)) <= 2 * 60 * 6 / 30


def test_what_was_under_way_when_the_loop_failed_is_asked_again():
    """A device whose poll was broken off with the loop must not wait for its end for ever."""
    scene = Scene(1)

    async def fails_once() -> None:
        scene.far.stuck = asyncio.Event()
        await scene.pass_s(31)
        assert 1 == scene.far.under_way

    async def goes_on() -> None:
        scene.far.stuck = None
        await scene.pass_s(31)

    scene.run(fails_once)
    before = scene.far.polls("S1-R1")
    scene.run(goes_on)

    assert 1 <= scene.far.polls("S1-R1") - before
    assert {} == dict(scene.pipeline.poller.overruns)
