"""A poller that lives: it keeps in step with its database, and stops when another takes that over."""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from tests.poller.kept import Numbered
from tests.poller.scripted import Agents, Hands, credential, library, ring
from wanmon.clock import LOCAL, SteadyClock
from wanmon.config.settings import SnmpSettings
from wanmon.errors import LeaseHeld
from wanmon.health import blocks
from wanmon.health.blocks import Block, local_day
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit, Inventory
from wanmon.model.life import CredentialProtocol, DeviceState, DeviceWitness, Transition
from wanmon.model.maintenance import Maintenance, Scope
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.poller import loop, service
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.loop import Poller
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.records import StoreRecords
from wanmon.poller.service import LEASE, Service
from wanmon.store import (
    credentials,
    inventory,
    leases,
    life,
    maintenance,
    outages,
    replacement,
    schema,
    traffic,
)
from wanmon.store.database import Database
from wanmon.store.writer import Writer

SNMP = CredentialProtocol.SNMP
SITE = {"unit": "BN", "kind": "party", "site_class": "any", "status": "active"}


class Scene:
    """A database with one device, and a service over it whose devices never answer."""

    def __init__(self, folder: Path) -> None:
        schema.upgrade(f"sqlite:///{folder}/wanmon.db")
        self.hands = Hands()
        self.clock = SteadyClock(self.hands)
        self.database = Database.open(f"sqlite:///{folder}/wanmon.db")
        self.apply("unit", "BN", name="Bắc Ninh", level="province")
        self.apply("class", "any", name="Any")
        self.apply("site", "DC1", **SITE | {"kind": "datacenter"}, name="Hub")
        self.apply("site", "S1", **SITE, name="x", parent="DC1")
        self.device("S1-R1")
        self.writer = Writer(self.database)
        self.pipeline = Pipeline(Numbered(), StoreRecords(self.writer, self.clock))
        self.keys, self.breaker = ring(Agents({}), self.hands, credential("wan"))
        self.service = self.another()

    def apply(self, noun: str, key: str, **values: Any) -> None:
        edit = Edit(Action.ADD, NOUN[noun], key, {NOUN[noun].key: key, **values})
        with self.database.write() as session:
            inventory.apply(session, [edit], author="lan", origin="noc", command="test", reason="", at=self.clock.now())

    def device(self, name: str) -> None:
        self.apply("device", name, site="S1", address=f"127.0.9.{name[-1]}", snmp="wan")

    def another(self) -> Service:
        executor = LocalExecutor(self.keys, library(), None, SnmpSettings())
        poller = Poller(executor, self.pipeline, self.clock, 4)
        return Service(
            self.database,
            self.writer,
            poller,
            self.pipeline,
            executor,
            self.keys,
            self.breaker,
            self.clock,
            self.reckon,
        )

    def reckon(self, session: Session, inventory: Inventory, now: datetime) -> dict[str, bytes]:
        """Stands where figures are reckoned and rendered."""
        return {"sites": str(len(inventory.sites)).encode()}

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

    assert State.DOWN is scene.pipeline.tracks["S1-R1"].state
    assert {"S1-R1"} == scene.pipeline.board.devices.keys()
    assert scene.keys.is_proven(scene.pipeline.tracks["S1-R1"].target, credential("wan", "3"))


def test_the_figures_are_reckoned_over_the_inventory_in_hand_and_shown(scene: Scene):
    scene.service.begin()
    scene.run(lambda: scene.pipeline.board.figures)

    assert {"sites": b"2"} == scene.pipeline.board.figures


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
    scene.hands.move(20)

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
    scene.hands.move(60)
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


def beat(scene: Scene, *ago_s: float) -> None:
    """A poller has said that it lives, so long ago."""
    now = scene.clock.now()
    with scene.database.write() as session:
        for seconds in ago_s:
            life.beat(session, now - timedelta(seconds=seconds))


ABSENCES = {
    "never before": ([], []),
    "a moment ago": ([10], []),
    "just not too long": ([30], []),
    "a minute ago": ([60], [(60, 0)]),
    "a gap between two runs": ([1000, 500, 490], [(1000, 500), (490, 0)]),
    "none between them": ([520, 500, 490, 10], [(490, 10)]),
}


@pytest.mark.parametrize(("beats_s", "expected_s"), ABSENCES.values(), ids=ABSENCES)
def test_when_nobody_watched_is_remembered(scene: Scene, beats_s: list[float], expected_s: list[tuple[float, float]]):
    """An outage that may have begun then is nobody's but ours."""
    beat(scene, *beats_s)
    now_s = scene.clock.now().timestamp()
    scene.service.begin()

    assert expected_s == [
        (now_s - absence.from_s, now_s - absence.to_s) for absence in scene.pipeline.sites.outages.absences
    ]


def test_an_open_outage_and_what_was_said_before_it_are_taken_up_again(scene: Scene):
    began = scene.clock.now() - timedelta(hours=2)
    records = StoreRecords(scene.writer, scene.clock)
    records.transition(Transition(site="S1", old=State.UP, new=State.DOWN, at=began, decided_at=began, uncertain_s=4.0))
    records.witness(DeviceWitness(device="S1-R1", agent_ticks=5000, agent_at=began, tells_change=True))
    assert scene.writer.flush(5)
    scene.service.begin()
    held = scene.pipeline.sites.outages.running["S1", None]

    assert (State.DOWN, began, 4.0) == (held.state, held.began_at, held.uncertain_s)
    assert [5000] == [said.agent.ticks for said in held.before.values() if said.agent]
    assert State.DOWN is scene.pipeline.board.sites["S1"].state


def test_a_day_of_traffic_goes_on(scene: Scene):
    scene.apply("carrier", "VNPT", name="VNPT")
    scene.apply("circuit", "A/1", site="S1", carrier="VNPT", receive_bps=10**7, transmit_bps=10**7)
    on, averages = local_day(scene.clock.now().timestamp()), (8_000.0, *[None] * 287)
    with scene.database.write() as session:
        traffic.put(session, "A/1", on, blocks.pack(Block(averages, averages)))
    scene.service.begin()
    scene.service.end()
    assert scene.writer.flush(5)
    with scene.database.read() as session:
        kept = blocks.unpack(traffic.of_day(session, on)["A/1"])

    assert averages == kept.receive == kept.transmit


def test_a_clock_that_was_set_forward_is_followed(scene: Scene):
    """As after any gap of beats nothing is known of the time between."""
    scene.service.begin()
    scene.hands.wall += timedelta(hours=1)
    scene.run(lambda: scene.clock.now() == scene.hands.wall)

    def beaten() -> bool:
        with scene.database.read() as session:
            return life.last_beat(session) == scene.hands.wall

    scene.run(beaten)
    with scene.database.read() as session:
        beats = life.heartbeats(session, scene.hands.wall - timedelta(days=1))

    assert 2 == len(beats)


def test_a_clock_that_was_set_back_is_not_followed(scene: Scene):
    """An outage would be dated before the one that came before it."""
    scene.service.begin()
    before = scene.clock.now()
    scene.hands.wall -= timedelta(hours=1)
    scene.hands.seconds += 20
    looks = iter(range(30))
    scene.run(lambda: next(looks, None) is None)

    assert before + timedelta(seconds=20) == scene.clock.now()
    with scene.database.read() as session:
        assert life.last_beat(session) == scene.clock.now()


def add_window(scene: Scene, *, ends_in: timedelta | None = timedelta(days=3)) -> int:
    now = scene.clock.now()
    row = Maintenance(
        scope=Scope.SITE, target="S1", starts_at=now - timedelta(minutes=5), author="lan", created_at=now,
        ends_at=None if ends_in is None else now + ends_in,
    )  # fmt: skip
    with scene.database.write() as session:
        return maintenance.add(session, row)


def shown_end_s(scene: Scene) -> float | None:
    """How long the maintenance of S1 goes on."""
    ends_s = scene.pipeline.board.sites["S1"].maintenance_ends_s
    return None if ends_s is None else ends_s - scene.clock.now().timestamp()


@pytest.mark.parametrize(
    ("ends_in", "expected_s"),
    [(timedelta(hours=1), 3600), (timedelta(days=3), 3 * 86_400), (None, math.inf), (timedelta(days=300), math.inf)],
    ids=["an hour", "days", "no end", "almost a year"],
)
def test_a_window_that_is_added_is_shown_with_its_end(scene: Scene, ends_in: timedelta | None, expected_s: float):
    scene.service.begin()
    add_window(scene, ends_in=ends_in)
    scene.run(lambda: shown_end_s(scene) is not None)

    assert expected_s == shown_end_s(scene)


def test_a_window_that_is_ended_is_shown_no_more(scene: Scene):
    number = add_window(scene)
    scene.service.begin()
    assert None is not shown_end_s(scene)

    with scene.database.write() as session:
        maintenance.end(session, number, scene.clock.now(), "lan")
    scene.run(lambda: shown_end_s(scene) is None)

    assert None is shown_end_s(scene)


def test_windows_are_reckoned_anew_only_when_one_changed_or_an_hour_is_over(scene: Scene):
    """Every two seconds it would take a good part of a processor."""
    scene.service.begin()
    assert None is scene.service._look().windows

    add_window(scene)
    scene.service._take(scene.service._look())
    assert None is scene.service._look().windows

    scene.hands.move(3600)
    assert None is not scene.service._look().windows


def test_a_new_day_is_a_new_inventory(scene: Scene):
    """A contract begins or ends with it, though nobody changed anything."""
    scene.service.begin()
    assert None is scene.service._look().inventory

    now = scene.clock.now().astimezone(LOCAL)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    scene.hands.move((midnight - now).total_seconds() - 1)
    assert None is scene.service._look().inventory

    scene.hands.move(1)
    assert None is not scene.service._look().inventory


def test_an_outage_that_somebody_took_on_is_shown_as_such(scene: Scene):
    now = scene.clock.now()
    with scene.database.write() as session:
        session.add(Outage(site="S1", state=State.DOWN, began_at=now, decided_at=now))
    scene.service.begin()
    assert not scene.pipeline.board.sites["S1"].is_acknowledged

    with scene.database.write() as session:
        outages.acknowledge(session, 1, "lan", now)
    scene.run(lambda: scene.pipeline.board.sites["S1"].is_acknowledged)

    assert scene.pipeline.board.sites["S1"].is_acknowledged


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


def test_a_machine_that_was_replaced_at_the_same_address_is_taken_up_as_another(scene: Scene):
    """Neither address nor port tells: the person's word does."""
    with scene.database.write() as session:
        credentials.remember_winner(session, SNMP, "S1-R1", "wan")
    scene.service.begin()
    before = scene.pipeline.tracks["S1-R1"].target
    with scene.database.write() as session:
        signed = {"author": "lan", "origin": "noc", "command": "device replace", "reason": ""}
        changeset = replacement.replace(session, "S1-R1", [], **signed, at=scene.clock.now())
    scene.run(lambda: scene.pipeline.tracks["S1-R1"].target != before)
    after = scene.pipeline.tracks["S1-R1"].target

    assert (0, changeset) == (before.generation, after.generation)
    assert not scene.keys.is_proven(after, credential("wan", "3"))
