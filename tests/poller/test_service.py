"""A poller that lives: it keeps in step with its database, and stops when another takes that over."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.poller.kept import Numbered
from tests.poller.scripted import Agents, Hands, credential, library, ring
from wanmon.errors import LeaseHeld
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.life import CredentialProtocol, DeviceState
from wanmon.model.state import State
from wanmon.poller import loop, service
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.loop import Poller
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.records import StoreRecords
from wanmon.poller.service import LEASE, Service
from wanmon.store import credentials, inventory, leases, life, schema
from wanmon.store.database import Database
from wanmon.store.writer import Writer

SNMP = CredentialProtocol.SNMP
SITE = {"unit": "BN", "kind": "party", "site_class": "any", "status": "active"}


class Scene:
    """A database with one device, and a service over it whose devices never answer."""

    def __init__(self, folder: Path) -> None:
        schema.upgrade(f"sqlite:///{folder}/wanmon.db")
        self.clock = Hands()
        self.database = Database.open(f"sqlite:///{folder}/wanmon.db")
        self.apply("unit", "BN", name="Bắc Ninh", level="province")
        self.apply("class", "any", name="Any")
        self.apply("site", "DC1", **SITE | {"kind": "datacenter"}, name="Hub")
        self.apply("site", "S1", **SITE, name="x", parent="DC1")
        self.device("S1-R1")
        self.writer = Writer(self.database)
        self.pipeline = Pipeline(Numbered(), StoreRecords(self.writer, self.clock))
        self.keys, self.breaker = ring(Agents({}), self.clock, credential("wan"))
        self.service = self.another()

    def apply(self, noun: str, key: str, **values: Any) -> None:
        edit = Edit(Action.ADD, NOUN[noun], key, {NOUN[noun].key: key, **values})
        with self.database.write() as session:
            inventory.apply(session, [edit], author="lan", origin="noc", command="test", reason="", at=self.clock.now())

    def device(self, name: str) -> None:
        self.apply("device", name, site="S1", address=f"127.0.9.{name[-1]}", snmp="wan")

    def another(self) -> Service:
        executor = LocalExecutor(self.keys, library(), None, 1400)
        poller = Poller(executor, self.pipeline, self.clock, 4)
        track = self.pipeline.poller
        return Service(self.database, self.writer, poller, executor, self.keys, self.breaker, track, self.clock)

    def run(self, until: Callable[[], object]) -> None:
        """Live until something has come about."""

        async def whole() -> None:
            running = asyncio.create_task(self.service.run())
            async with asyncio.timeout(10):
                while not until() and not running.done():
                    await asyncio.sleep(0.01)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

        asyncio.run(whole())

    def close(self) -> None:
        self.writer.close(5)
        self.database.close()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name, module in (("FOLLOW_EVERY_S", service), ("BEAT_EVERY_S", service), ("RESTART_AFTER_S", loop)):
        monkeypatch.setattr(module, name, 0.01)
    made = Scene(tmp_path)
    yield made
    made.close()


def test_it_begins_with_the_last_states_and_the_credentials_that_worked(scene: Scene):
    with scene.database.write() as session:
        row = DeviceState(device="S1-R1", state=State.DOWN, since=scene.clock.now(), reason="timeout")
        life.set_device_states(session, [row])
        credentials.remember_winner(session, SNMP, "S1-R1", "wan")
    scene.service.begin()

    assert State.DOWN is scene.pipeline.tracks["S1-R1"].liveness.state
    assert {"S1-R1"} == scene.pipeline.board.devices.keys()
    assert scene.keys.is_proven(scene.pipeline.tracks["S1-R1"].target, credential("wan", "3"))


def test_one_database_has_one_service(scene: Scene):
    with scene.database.write() as session:
        leases.acquire(session, LEASE, token="t", pid=1, host="another", now=scene.clock.now())

    with pytest.raises(LeaseHeld, match="another"):
        scene.service.begin()


def test_a_change_of_the_inventory_is_taken_up_while_it_runs(scene: Scene):
    scene.service.begin()
    scene.device("S1-R2")
    scene.run(lambda: "S1-R2" in scene.pipeline.board.devices)

    assert {"S1-R1", "S1-R2"} == scene.pipeline.tracks.keys()


def test_a_pause_that_the_command_line_noted_holds_here(scene: Scene):
    scene.service.begin()
    with scene.database.write() as session:
        for device in ("S1-R1", "x", "y"):
            credentials.refused(session, SNMP, "wan", device, scene.clock.now())
    scene.run(lambda: scene.breaker.is_paused("wan"))

    assert scene.breaker.is_paused("wan")


def test_its_heart_beats_and_the_lease_is_renewed(scene: Scene):
    scene.service.begin()
    begun = scene.clock.now()
    scene.clock.move(20)

    def beaten() -> bool:
        with scene.database.read() as session:
            return life.last_beat(session) == scene.clock.now()

    scene.run(beaten)

    assert beaten()
    with scene.database.read() as session:
        held = leases.holder(session, LEASE, scene.clock.now())
        assert held is not None
        assert (begun, scene.clock.now()) == (held.since, held.renewed_at)


def test_it_stops_when_another_has_taken_the_database_over(scene: Scene):
    scene.service.begin()
    scene.clock.move(60)
    with scene.database.write() as session:
        leases.acquire(session, LEASE, token="other", pid=1, host="another", now=scene.clock.now())

    with pytest.raises(ExceptionGroup) as caught:
        scene.run(lambda: False)

    assert caught.group_contains(LeaseHeld)


def test_a_task_that_fails_is_restarted_and_counted(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    failures = iter([RuntimeError("once")])
    original = scene.service._look

    def look() -> Any:
        error = next(failures, None)
        if error:
            raise error
        return original()

    scene.service.begin()
    monkeypatch.setattr(scene.service, "_look", look)
    scene.device("S1-R2")
    scene.run(lambda: "S1-R2" in scene.pipeline.board.devices)

    assert 1 == scene.pipeline.poller.task_restarts
    assert "S1-R2" in scene.pipeline.board.devices


def test_the_lease_is_given_back_at_the_end(scene: Scene):
    scene.service.begin()
    scene.service.end()
    assert scene.writer.flush(5)

    with scene.database.read() as session:
        assert None is leases.holder(session, LEASE, scene.clock.now())


def test_what_is_refused_and_taken_is_kept_for_the_next_start(scene: Scene):
    """Three refusals pause a credential; where it works it is no longer in doubt."""
    records = StoreRecords(scene.writer, scene.clock)
    for device in ("S1-R1", "x", "y"):
        records.credential(device, "", ("wan",))
    assert scene.writer.flush(5)
    with scene.database.read() as session:
        assert {"wan"} == credentials.pauses(session, SNMP, scene.clock.now()).keys()

    records.credential("S1-R1", "wan", ())
    assert scene.writer.flush(5)
    with scene.database.read() as session:
        assert {} == credentials.pauses(session, SNMP, scene.clock.now())
        assert {"S1-R1": "wan"} == credentials.winners(session, SNMP)
