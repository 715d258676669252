"""What is written down of checks: what changes at once, what goes on as before every ten minutes together."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from wanmon.checks.result import Result
from wanmon.clock import Clock
from wanmon.model.finding import CheckStretch
from wanmon.model.path import Hop
from wanmon.poller.checking.book import Stand, Way
from wanmon.poller.checking.questions import Key
from wanmon.poller.instant import Instant
from wanmon.poller.records import Submits
from wanmon.store import paths, stretches
from wanmon.store.stretches import Alike

FLUSH_EVERY_S = 600.0
PRUNE_EVERY_S = 86_400.0


class CheckRecords:
    """Turns results into writes. Nobody waits for them."""

    def __init__(self, writer: Submits, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._ways: dict[Key, Way] = {}
        self._news: list[Alike] = []
        self._going_on: dict[Key, Alike] = {}
        self._flushed_s = clock.monotonic()
        self._pruned_s = float("-inf")

    def resume(self, stands: Mapping[Key, Stand]) -> None:
        """Go on from what an earlier run left."""
        self._ways = {key: stand.way for key, stand in stands.items()}

    def hold_only(self, keys: Collection[Key]) -> None:
        """Forget all that is no longer asked."""
        self._ways = {key: way for key, way in self._ways.items() if key in keys}

    def took(self, key: Key, result: Result, instant: Instant) -> None:
        """A check was run."""
        alike = alike_of(key, result, instant)
        before, way = self._going_on.pop(key, None), (result.verdict, result.reason)
        if self._ways.get(key) == way:
            self._going_on[key] = alike if before is None else _joined(before, alike)
            return
        self._ways[key] = way
        self._news += [alike] if before is None else [before, alike]

    def path(self, key: Key, hops: tuple[Hop, ...]) -> None:
        """A path became the baseline."""
        now = self._clock.now()
        self._writer.submit(lambda session: paths.keep(session, key.check, key.site, key.target, hops, now))

    def tick(self, now_s: float) -> None:
        """Hand over what it is time for."""
        if now_s - self._flushed_s >= FLUSH_EVERY_S:
            self._flush(now_s)
        if self._news:
            news, self._news = self._news, []
            self._writer.submit(lambda session: stretches.record(session, news))
        if now_s - self._pruned_s >= PRUNE_EVERY_S:
            self._pruned_s = now_s
            self._writer.submit(partial(stretches.prune, now=self._clock.now()))

    def end(self) -> None:
        """Hand over all that is left: this is the end."""
        self._flush(self._clock.monotonic())
        self.tick(self._flushed_s)

    def _flush(self, now_s: float) -> None:
        self._flushed_s = now_s
        self._news += self._going_on.values()
        self._going_on.clear()


def alike_of(key: Key, result: Result, instant: Instant) -> Alike:
    """One run, to be written down."""
    at, way = instant.at, (result.verdict, result.reason)
    return Alike(key.site, key.check, key.target, *way, result.text, began_at=at, last_at=at)


def stands(rows: Iterable[CheckStretch]) -> dict[Key, Stand]:
    """How each question stood when the last stretches were written."""
    return {
        Key(row.site, row.check, row.target): Stand((row.verdict, row.reason), row.began_at, row.last_at)
        for row in rows
    }


def _joined(before: Alike, after: Alike) -> Alike:
    return replace(before, text=after.text, last_at=after.last_at, runs=before.runs + after.runs)
