"""What the poller tells, in a real database: transitions with their outages, causes, and who fell together."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.poller.scripted import Hands
from wanmon.health.blocks import Block, unpack
from wanmon.health.cause import Finding
from wanmon.model.cause import Cause
from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit, Inventory
from wanmon.model.life import CircuitState, DeviceWitness, SiteState, Transition
from wanmon.model.neighbour import NeighbourProtocol
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.poller.jobs import DeviceIdentity, Sighting
from wanmon.poller.outages import Conclusion
from wanmon.poller.records import StoreRecords
from wanmon.store import inventory, life, neighbours, outages, schema, traffic
from wanmon.store.database import Database

UP, DOWN, UNREACHABLE = State.UP, State.DOWN, State.UNREACHABLE
SITE = {"unit": "BN", "kind": "party", "site_class": "any", "status": "active"}
#: Four communes below a hub: two lines of VNPT, two of Viettel; the last site is planned.
ROWS: list[tuple[str, str, dict[str, Any]]] = [
    ("unit", "BN", {"name": "Bắc Ninh", "level": "province"}),
    ("class", "any", {"name": "Any"}),
    ("carrier", "VNPT", {"name": "VNPT"}),
    ("carrier", "VTL", {"name": "Viettel"}),
    ("site", "DC1", SITE | {"kind": "datacenter", "name": "Hub"}),
    *[("site", code, SITE | {"name": "x", "parent": "DC1"}) for code in ("S1", "S2", "S3", "S4")],
    ("site", "S5", SITE | {"name": "x", "parent": "DC1", "status": "planned"}),
    ("device", "S1-R1", {"site": "S1", "address": "127.0.9.1", "snmp": "wan"}),
    *[
        ("circuit", f"{site}/1", {"site": site, "carrier": carrier, "receive_bps": 10**7, "transmit_bps": 10**7})
        for site, carrier in (("S1", "VNPT"), ("S2", "VNPT"), ("S3", "VTL"), ("S4", "VNPT"))
    ],
]
CARRIER_PATH = Finding(Cause.CARRIER_PATH, 6, {"uptime_ticks": 5000})


class Scene:
    """A database, and records whose writes are made at once."""

    def __init__(self, folder: Path) -> None:
        schema.upgrade(f"sqlite:///{folder}/wanmon.db")
        self.database = Database.open(f"sqlite:///{folder}/wanmon.db")
        self.clock = Hands()
        self.records = StoreRecords(self, self.clock)
        edits = [Edit(Action.ADD, NOUN[noun], key, {NOUN[noun].key: key, **row}) for noun, key, row in ROWS]
        with self.database.write() as session:
            inventory.apply(session, edits, author="l", origin="o", command="t", reason="", at=self.clock.now())

    def submit(self, make: Callable[[Session], Any]) -> Future[Any]:
        done: Future[Any] = Future()
        with self.database.write() as session:
            done.set_result(make(session))
        return done

    @property
    def inventory(self) -> Inventory:
        with self.database.read() as session:
            return inventory.load(session)

    def at(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def turn(self, site: str, old: State, new: State, at_s: float, **values: Any) -> None:
        at = self.at(at_s)
        row = Transition(site=site, old=old, new=new, at=at, decided_at=at + timedelta(seconds=7), **values)
        self.records.transition(row)

    def conclude(self, site: str, began_s: float, finding: Finding = CARRIER_PATH, circuit: str | None = None) -> None:
        self.records.conclusion(Conclusion((site, circuit), self.at(began_s), finding), self.inventory)

    def outages(self) -> list[Outage]:
        with self.database.read() as session:
            rows = list(session.exec(select(Outage).order_by(Outage.id)))  # type: ignore[arg-type]
            session.expunge_all()
            return rows


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.database.close()


def test_a_transition_into_down_is_an_outage_that_the_next_one_ends(scene: Scene):
    scene.turn("S1", UP, DOWN, 0, uncertain_s=4.0, reason="timeout")
    (opened,) = scene.outages()
    scene.turn("S1", DOWN, UP, 300, uncertain_s=1.0)
    (closed,) = scene.outages()

    assert (DOWN, scene.at(0), 4.0, None) == (
        opened.state, opened.began_at, opened.began_uncertain_s, opened.ended_at,
    )  # fmt: skip
    assert (scene.at(300), 1.0, None) == (closed.ended_at, closed.ended_uncertain_s, closed.cause)
    with scene.database.read() as session:
        assert UP is life.load_states(session).sites["S1"].state
        assert all(row.processed_at is not None for row in life.transitions(session))


def test_unknown_ends_no_outage_and_the_silence_after_it_is_the_same(scene: Scene):
    for number, (old, new) in enumerate([(UP, DOWN), (DOWN, State.UNKNOWN), (State.UNKNOWN, DOWN), (DOWN, UP)]):
        scene.turn("S1", old, new, number * 100)
    (outage,) = scene.outages()

    assert (scene.at(0), scene.at(300)) == (outage.began_at, outage.ended_at)


def test_an_outage_that_goes_on_as_another_is_linked_to_it(scene: Scene):
    scene.turn("S1", UP, UNREACHABLE, 0, roots="DC1")
    scene.turn("S1", UNREACHABLE, DOWN, 100)
    first, second = scene.outages()

    assert ("DC1", first.id, first.ended_at) == (first.roots, second.previous, second.began_at)


def test_the_cause_is_written_beside_the_outage_that_began_then(scene: Scene):
    scene.turn("S1", UP, DOWN, 0)
    scene.turn("S1", DOWN, UP, 100)
    scene.turn("S1", UP, DOWN, 500)
    scene.conclude("S1", 0)
    first, second = scene.outages()

    assert (Cause.CARRIER_PATH, 6, {"uptime_ticks": 5000}) == (first.cause, first.row, json.loads(first.readings))
    assert None is second.cause


def test_it_is_told_who_fell_together_with_it(scene: Scene):
    """Within a minute of it, by carrier, parent and unit; planned sites and circuits are not counted."""
    for site, at_s in (("S1", 0), ("S2", 59), ("S3", -60), ("S4", 61)):
        scene.turn(site, UP, DOWN, at_s)
    scene.turn("S2", UP, DOWN, 10, circuit="S2/1")
    scene.conclude("S1", 0)
    together = {(kind, code): (fell, of) for kind, code, fell, of in json.loads(scene.outages()[0].together)}

    assert {("carrier", "VNPT"): (2, 3), ("parent", "DC1"): (3, 4), ("unit", "BN"): (3, 5)} == together


def test_a_circuit_has_an_outage_of_its_own(scene: Scene):
    scene.turn("S1", UP, DOWN, 0, circuit="S1/1")
    scene.turn("S1", UP, DOWN, 0)
    scene.conclude("S1", 0, circuit="S1/1")

    assert [("S1/1", Cause.CARRIER_PATH), (None, None)] == [(row.circuit, row.cause) for row in scene.outages()]


def test_a_conclusion_about_what_has_left_is_passed_over(scene: Scene):
    scene.conclude("S1", 0)
    scene.turn("S9", UP, DOWN, 0)

    assert [] == scene.outages()


def test_a_planned_site_has_transitions_and_no_outage(scene: Scene):
    scene.turn("S5", UP, DOWN, 0)

    assert [] == scene.outages()
    with scene.database.read() as session:
        assert DOWN is life.load_states(session).sites["S5"].state


def test_a_reboot_that_nobody_missed_is_an_outage_without_length(scene: Scene):
    scene.records.reboot("S1", scene.at(-100), 20.0, Finding(Cause.SILENT_REBOOT, 7, {"boot_s": 1.0}))
    (outage,) = scene.outages()

    assert (Cause.SILENT_REBOOT, outage.began_at, 20.0) == (outage.cause, outage.ended_at, outage.began_uncertain_s)


def test_states_and_witnesses_are_kept_as_they_were_told_last(scene: Scene):
    now = scene.clock.now()
    for ticks in (5000, 9000):
        scene.records.witness(
            DeviceWitness(device="S1-R1", agent_ticks=ticks, agent_at=now, ports='{"wan0": [1, 2, 3.5]}')
        )
    for evidence in ("port", "probe"):
        scene.records.circuit_state(CircuitState(circuit="S1/1", state=DOWN, since=now, evidence=evidence))
    scene.records.site_state(SiteState(site="S1", state=UNREACHABLE, since=now, roots="DC1,S2"))
    with scene.database.read() as session:
        states, witnesses = life.load_states(session), life.load_witnesses(session)

    assert (9000, '{"wan0": [1, 2, 3.5]}') == (witnesses["S1-R1"].agent_ticks, witnesses["S1-R1"].ports)
    assert (DOWN, "probe") == (states.circuits["S1/1"].state, states.circuits["S1/1"].evidence)
    assert "DC1,S2" == states.sites["S1"].roots


def test_what_is_told_of_circuits_and_devices_that_have_left_is_passed_over(scene: Scene):
    now = scene.clock.now()
    scene.records.witness(DeviceWitness(device="S9-R1"))
    scene.records.circuit_state(CircuitState(circuit="S9/1", state=DOWN, since=now))
    scene.records.reboot("S9", now, 0.0, Finding(Cause.SILENT_REBOOT, 7, {}))
    with scene.database.read() as session:
        assert {} == life.load_witnesses(session)
        assert {} == life.load_states(session).circuits
    assert [] == scene.outages()


def test_a_day_of_traffic_is_written_over_as_it_grows(scene: Scene):
    on = scene.clock.now().date()
    for bps in (8_000.0, 16_000.0):
        averages = (bps, *[None] * 287)
        scene.records.traffic("S1/1", on, Block(averages, averages))
    scene.records.traffic("S9/1", on, Block(averages, averages))
    with scene.database.read() as session:
        days = traffic.of_day(session, on)

        assert {"S1/1"} == days.keys()
        assert 16_000.0 == unpack(days["S1/1"]).receive[0]


def test_the_rows_say_the_same_however_often_they_are_followed(scene: Scene):
    scene.turn("S1", UP, DOWN, 0)
    with scene.database.write() as session:
        assert 0 == outages.process(session, scene.at(10))

    assert 1 == len(scene.outages())


def test_a_neighbour_is_dated_when_it_is_told(scene: Scene):
    told = Sighting(NeighbourProtocol.CDP, "wan0", "hub", "Gi0/8", system_name="hub", address="10.27.0.1")
    began = scene.clock.now()
    scene.records.neighbours("S1-R1", [told])
    scene.clock.move(3600)
    scene.records.neighbours("S1-R1", [told])
    with scene.database.read() as session:
        (row,) = neighbours.load(session)

    assert ("S1-R1", "wan0", "Gi0/8", "10.27.0.1") == (row.device, row.interface, row.port_id, row.address)
    assert (began, scene.clock.now()) == (row.first_seen_at, row.last_seen_at)


def test_a_machine_that_nobody_said_would_come_is_told_once(scene: Scene, capsys: pytest.CaptureFixture[str]):
    for serial in ("OLD", "OLD", "NEW", "NEW"):
        scene.records.machine("S1-R1", DeviceIdentity("Maker", "R-1", "7", serial))
    lines = [line for line in capsys.readouterr().out.splitlines() if "another machine answers" in line]

    assert 1 == len(lines)
    assert "OLD" in lines[0]
    assert "NEW" in lines[0]
