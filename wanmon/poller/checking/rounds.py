"""The loop that runs checks on their schedule, each within 0.8 of its interval, and never two of one question."""

import asyncio
import heapq
from collections.abc import Callable, Mapping
from functools import partial

from wanmon.checks.registry import Kind
from wanmon.checks.result import Result, unable
from wanmon.clock import Clock
from wanmon.log import log
from wanmon.model.finding import Verdict
from wanmon.model.inventory import Inventory
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.agenda import DEADLINE_SHARE
from wanmon.poller.checking.asking import Asker, reasons_of
from wanmon.poller.checking.book import Book, Entry, Stand
from wanmon.poller.checking.both_ends import heard
from wanmon.poller.checking.questions import Key, Question, questions
from wanmon.poller.checking.recording import CheckRecords
from wanmon.poller.instant import Instant
from wanmon.poller.schedule import Schedule, phase

#: Checks under way at the same time. Those from sites have places of their own: waiting for a login, they must not
#: keep the others waiting.
PLACES = {"hub": 64, "site": 16}
#: The longest nap: a check that was just declared does not wait longer to be looked at.
NAP_S = 0.25
#: A check that nobody has run for an interval is first run within so long, however long its interval is.
FIRST_WITHIN_S = 60.0


class Rounds:
    """Asks every question of the inventory when its time has come; `show` is given what is held of them all.

    `answered` is told of a device that answered TCP or SSH to something begun then (monotonic).
    """

    def __init__(
        self,
        asker: Asker,
        records: CheckRecords,
        kinds: Mapping[str, Kind],
        clock: Clock,
        show: Callable[[Mapping[Key, Entry]], None],
        is_isolated: Callable[[], bool] = lambda: False,
        answered: Callable[[str, float], None] = lambda device, begun_s: None,
    ) -> None:
        self.book = Book()
        self.in_flight = 0
        self._overruns = 0
        self._asker = asker
        self._records = records
        self._kinds = kinds
        self._reasons = {name: reasons_of(kind) for name, kind in kinds.items()}
        self._clock = clock
        self._show = show
        self._is_isolated = is_isolated
        self._answered = answered
        self._schedule: Schedule[Key] = Schedule(clock.now().timestamp(), clock.monotonic())
        self._firsts: list[tuple[float, Key]] = []
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._places = {vantage: asyncio.Semaphore(places) for vantage, places in PLACES.items()}
        self._stands: Mapping[Key, Stand] = {}

    def resume(self, stands: Mapping[Key, Stand]) -> None:
        """Go on from what an earlier run left: before the first inventory is taken up."""
        self._stands = stands
        self._records.resume(stands)

    def compare_with(self, baselines: Mapping[Key, tuple[Hop, ...]]) -> None:
        """Go on with other baselines of paths."""
        self._asker.compare_with(baselines)

    def follow(self, inventory: Inventory) -> None:
        """Take up an inventory, rescheduling only what changed; what is asked otherwise now is broken off."""
        before = {key: entry.question for key, entry in self.book.entries.items()}
        asked = questions(inventory, self._kinds, inventory.sites)
        self.book.follow(asked, self._reasons, self._stands)
        now = {question.key: question for question in asked}
        for key in before.keys() - now.keys():
            self._schedule.remove(key)
        for key, question in now.items():
            if _rhythm(before.get(key)) != _rhythm(question):
                self._put(question)
        for key, task in self._running.items():
            if before.get(key) != now.get(key):
                task.cancel()
        self._records.hold_only(now.keys())
        self._show(self.book.entries)

    async def run(self) -> None:
        """Ask until cancelled; what is under way then is cancelled, too."""
        try:
            while True:
                now_s = self._clock.monotonic()
                for key, _ in self._schedule.due(now_s):
                    self._begin(key)
                self._begin_firsts(now_s)
                self._records.tick(now_s)
                next_s = self._schedule.next_s()
                nap_s = NAP_S if next_s is None else min(NAP_S, max(0.0, next_s - self._clock.monotonic()))
                await asyncio.sleep(nap_s)
        finally:
            running = list(self._running.values())
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def end(self) -> None:
        """Hand over what is not written down yet."""
        self._records.end()

    @property
    def overruns(self) -> int:
        """Runs that were left out: the one before was under way still, or the loop itself was late."""
        return self._overruns + self._schedule.skipped

    def _put(self, question: Question) -> None:
        """Put a question on the timetable; one that was not run for long does not wait for its turn first."""
        now_s, interval_s = self._clock.monotonic(), question.interval_s
        self._schedule.add(question.key, row_id=question.row_id, interval_s=interval_s, now_s=now_s)
        stand = self._stands.get(question.key)
        is_fresh = stand is not None and (self._clock.now() - stand.last_at).total_seconds() < interval_s
        if interval_s > FIRST_WITHIN_S and not is_fresh:
            heapq.heappush(self._firsts, (now_s + phase(question.row_id) * FIRST_WITHIN_S, question.key))

    def _begin_firsts(self, now_s: float) -> None:
        while self._firsts and self._firsts[0][0] <= now_s:
            _, key = heapq.heappop(self._firsts)
            entry = self.book.entries.get(key)
            if entry is not None and not entry.runs and key not in self._running:
                self._begin(key)

    def _begin(self, key: Key) -> None:
        if key in self._running:
            self._overruns += 1
            return
        task = asyncio.create_task(self._do(self.book.entries[key].question))
        self._running[key] = task
        task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: Key, task: "asyncio.Task[None]") -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("result of a check not taken in", site=key.site, check=key.check, error=repr(error))

    async def _do(self, question: Question) -> None:
        async with self._places[question.vantage]:
            self.in_flight += 1
            begun_s = self._clock.monotonic()
            try:
                result = await self._asker.ask(question, DEADLINE_SHARE * question.interval_s)
            finally:
                self.in_flight -= 1
        self._take(question, result)
        if device := heard(question, result):
            self._answered(device, begun_s)

    def _take(self, question: Question, result: Result) -> None:
        if result.verdict is not Verdict.OK and self._is_isolated():
            result = unable(Reason.ISOLATED, "we ourselves are cut off")
        instant = Instant(self._clock.now(), self._clock.monotonic())
        if self.book.take(question, result, instant) is not None:
            self._records.took(question.key, result, instant)
            self._show(self.book.entries)


def _rhythm(question: Question | None) -> tuple[float, int] | None:
    return None if question is None else (question.interval_s, question.row_id)
