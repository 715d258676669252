"""Checks in a living service: what an earlier run left, what people change meanwhile, what is written at the end."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from tests.poller.checking.asked import OK, NoKeys, Scripted
from tests.poller.kept import Numbered
from tests.poller.scripted import Agents, Hands, credential, library, ring
from wanmon.checks.result import Tools
from wanmon.clock import SteadyClock
from wanmon.config.settings import SnmpSettings
from wanmon.model.change import Action
from wanmon.model.finding import Verdict
from wanmon.model.inventory import NOUN, Edit, Inventory
from wanmon.model.path import Hop
from wanmon.poller import service
from wanmon.poller.board import Families
from wanmon.poller.checking.asking import Asker
from wanmon.poller.checking.questions import Key
from wanmon.poller.checking.recording import CheckRecords
from wanmon.poller.checking.rounds import Rounds
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.loop import Poller
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.records import StoreRecords
from wanmon.poller.service import Service
from wanmon.store import inventory, paths, schema, stretches
from wanmon.store.database import Database
from wanmon.store.stretches import Alike
from wanmon.store.writer import Writer

TRACE = Key("DC1", "trace", "127.0.0.1")
HOPS = (Hop(1, "127.0.0.1", (0.001,)),)
HUB = {"name": "Hub", "unit": "BN", "kind": "datacenter", "site_class": "any", "status": "active"}


class Scene:
    """A database with one hub, one path that is traced every second, and a service over it."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/wanmon.db"
        schema.upgrade(url)
        self.database = Database.open(url)
        self.clock = SteadyClock(Hands())
        self.apply(Action.ADD, "unit", "BN", name="Bắc Ninh", level="province")
        self.apply(Action.ADD, "class", "any", name="Any")
        self.apply(Action.ADD, "site", "DC1", **HUB)
        self.apply(Action.ADD, "check", "trace", kind="path_trace", site="DC1", target="127.0.0.1", interval_s=1)

    def apply(self, action: Action, noun: str, key: str, **values: Any) -> None:
        given = {NOUN[noun].key: key, **values} if action is Action.ADD else {}
        with self.database.write() as session:
            edits = [Edit(action, NOUN[noun], key, given)]
            inventory.apply(session, edits, author="", origin="", command="", reason="", at=self.clock.now())

    def begin(self, kind: Scripted) -> Service:
        """A service whose checks are of this kind."""
        self.hands = Hands()
        clock = SteadyClock(self.hands)
        self.writer = Writer(self.database)
        self.pipeline = Pipeline(Numbered(), StoreRecords(self.writer, clock))
        keys, breaker = ring(Agents({}), self.hands, credential("wan"))
        executor = LocalExecutor(keys, library(), None, SnmpSettings())
        records = CheckRecords(self.writer, clock)
        tools = Tools(None, None)  # type: ignore[arg-type]  # the scripted kind uses neither
        asker = Asker(tools, NoKeys(), records.path)
        rounds = Rounds(asker, records, kind.kinds("path_trace"), clock, self.pipeline.show_checks)
        poller = Poller(executor, self.pipeline, clock, 4)
        parts = (self.database, self.writer, poller, self.pipeline, executor, keys, breaker, clock, self.reckon)
        made = Service(*parts, checks=rounds)
        made.begin()
        return made

    def reckon(self, session: Session, held: Inventory, now: datetime) -> Families:
        return {}

    def live(self, living: Service, until: Callable[[], object]) -> None:
        """Live until something has come about, a second passing at each look; then end."""

        async def whole() -> None:
            running = asyncio.create_task(living.run())
            async with asyncio.timeout(10):
                while not until() and not running.done():
                    self.hands.move(1)
                    await asyncio.sleep(0.01)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

        asyncio.run(whole())
        living.end()
        self.writer.close(5)

    def stretches(self) -> list[tuple[Verdict, int]]:
        with self.database.read() as session:
            return [(row.verdict, row.runs) for row in stretches.listed(session, "DC1")]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(service, "FOLLOW_EVERY_S", 0.01)
    made = Scene(tmp_path)
    yield made
    made.database.close()


def whole_path() -> Scripted:
    return Scripted(lambda target: replace(OK, hops=HOPS))


def test_every_run_stands_in_the_stretch_once_the_service_has_ended(scene: Scene):
    kind = whole_path()
    scene.live(scene.begin(kind), lambda: len(kind.asked) >= 3)
    runs = scene.pipeline.board.checks[TRACE].runs

    assert runs >= 2
    assert [(Verdict.OK, runs)] == scene.stretches()


def test_since_when_it_goes_so_is_that_of_the_stretch(scene: Scene):
    began = scene.clock.now() - timedelta(days=40)
    with scene.database.write() as session:
        stretches.record(session, [Alike("DC1", "trace", "127.0.0.1", Verdict.OK, None, "", began, began)])
    kind = whole_path()
    scene.live(scene.begin(kind), lambda: len(kind.asked) >= 2)

    assert began == scene.pipeline.board.checks[TRACE].since


def test_a_stretch_of_an_earlier_year_is_forgotten_when_it_begins(scene: Scene):
    began = scene.clock.now() - timedelta(days=401)
    with scene.database.write() as session:
        stretches.record(session, [Alike("DC1", "trace", "old", Verdict.OK, None, "", began, began)])
    kind = whole_path()
    scene.live(scene.begin(kind), lambda: kind.asked)

    assert 1 == len(scene.stretches())


def test_a_path_that_is_accepted_is_taken_anew_by_the_running_service(scene: Scene):
    """`wanmon check accept` only forgets: the next run of whoever runs takes the present path."""
    old = (Hop(1, "127.0.0.2"),)
    with scene.database.write() as session:
        paths.keep(session, "trace", "DC1", "127.0.0.1", old, scene.clock.now())
    kind = whole_path()
    living = scene.begin(kind)

    def accepted() -> bool:
        if len(kind.asked) == 1:
            with scene.database.write() as session:
                paths.forget(session, "DC1", ["trace"])
        return bool(kind.asked) and kind.asked[-1].baseline == HOPS

    scene.live(living, accepted)
    with scene.database.read() as session:
        assert {("trace", "DC1", "127.0.0.1"): HOPS} == paths.baselines(session)
    assert old == kind.asked[0].baseline


def test_a_check_that_is_removed_while_it_is_asked_disturbs_no_write(scene: Scene):
    kind = whole_path()
    living = scene.begin(kind)

    def removed() -> bool:
        if len(kind.asked) == 1 and scene.pipeline.board.checks:
            with suppress(KeyError):
                scene.apply(Action.REMOVE, "check", "trace")
        return not scene.pipeline.board.checks

    scene.live(living, removed)

    assert (0, []) == (scene.writer.counters.failed, scene.stretches())
