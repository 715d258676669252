"""Rounds of checks from the command line, beside a running service: many at a time, and written down at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from wanmon.checks.result import Routers, Tools
from wanmon.cli.frame.asking import Asking, asking
from wanmon.cli.frame.checking import Asked
from wanmon.cli.frame.logging_in import logging_in
from wanmon.cli.frame.output import say
from wanmon.cli.frame.progress import progress
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verdict_view import Told, verdicts
from wanmon.errors import StoreError
from wanmon.model.inventory import Inventory
from wanmon.model.path import Hop
from wanmon.poller.checking.asking import Asker
from wanmon.poller.checking.questions import Key, Question
from wanmon.poller.checking.recording import alike_of
from wanmon.poller.instant import Instant
from wanmon.protocols.icmp import EchoClient
from wanmon.store import paths, stretches
from wanmon.store.stretches import Alike

#: Checks under way at the same time: a dead site holds its place for seconds. Of those from sites no more than there
#: are sessions, lest they wait for one until their time is over.
PLACES = {"hub": 128, "site": 8}
#: The longest that one check may take: a person waits for it.
DEADLINE_S = 90.0


@dataclass(slots=True)
class Round:
    """What came of all questions, in their order, how long that took, and the verdicts on their sites."""

    asked: list[Asked]
    took_s: float
    told: list[Told] = field(default_factory=list)


@dataclass(slots=True)
class Rounds:
    """Asks the same questions as often as it is told to."""

    here: Surroundings
    asker: Asker
    found_paths: dict[Key, tuple[Hop, ...]] = field(default_factory=dict)

    async def run(self, questions: Sequence[Question], inventory: Inventory | None = None) -> Round:
        """Ask all of them once, and write down how it went; with an `inventory` judge its sites by what came of it."""
        began_s = time.monotonic()
        places = {vantage: asyncio.Semaphore(number) for vantage, number in PLACES.items()}
        alike: list[Alike] = []
        with progress(len(questions), "checking") as done:

            async def ask(question: Question) -> Asked:
                async with places[question.vantage]:
                    result = await self.asker.ask(question, DEADLINE_S)
                instant = Instant(self.here.clock.now(), self.here.clock.monotonic())
                if question.is_declared:
                    alike.append(alike_of(question.key, result, instant))
                done()
                return Asked(question, result)

            asked = await asyncio.gather(*map(ask, questions))
        self._write_down(alike)
        told = await verdicts(inventory, asked) if inventory is not None else []
        return Round(asked, time.monotonic() - began_s, told)

    def _write_down(self, alike: Sequence[Alike]) -> None:
        """What cannot be written down is told all the same."""
        now = self.here.clock.now()
        try:
            with self.here.database.write() as session:
                stretches.record(session, alike)
                for key, hops in self.found_paths.items():
                    paths.keep(session, key.check, key.site, key.target, hops, now)
        except StoreError as error:
            say(f"what the checks found was not written down: {error}")
        self.found_paths.clear()


@asynccontextmanager
async def rounds(here: Surroundings) -> AsyncIterator[Rounds]:
    """Everything to run checks with, closed at the end."""
    with here.database.read() as session:
        baselines = {Key(site, check, target): hops for (check, site, target), hops in paths.baselines(session).items()}
    async with asking(here) as tools, logging_in(here) as routers:
        found: dict[Key, tuple[Hop, ...]] = {}
        asker = Asker(_tools(here, tools, routers), tools.keys, found.__setitem__, baselines)
        yield Rounds(here, asker, found)


def _tools(here: Surroundings, tools: Asking, routers: Routers) -> Tools:
    settings = here.settings.echo
    return Tools(EchoClient(settings.timeout_s, settings.per_second), tools.snmp, routers)
