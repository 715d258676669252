"""An inventory as the rules see it, and who is asked for it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.poller.scripted import province
from wanmon.health.circuits import Line
from wanmon.model.carrier import Circuit
from wanmon.model.inventory import Inventory
from wanmon.poller.instant import Instant
from wanmon.poller.shapes import is_in_force, shapes
from wanmon.poller.targets import CANARY_INTERVAL_S, TargetKind, canary_name, circuit_lane, targets

TODAY = date(2026, 3, 2)
DEVICES = [
    {"name": "S1-R1", "site": "S1"},
    {"name": "S1-R2", "site": "S1"},
    {"name": "S1-S1", "site": "S1", "role": "inner"},
    {"name": "S1-U1", "site": "S1", "role": "ups"},
]


def with_circuits(inventory: Inventory, *rows: dict[str, Any]) -> Inventory:
    """The same with these circuits of S1 alone."""
    given = {"site": "S1", "carrier": "VNPT", "receive_bps": 10**7, "transmit_bps": 10**7}
    made = {row["code"]: Circuit.model_validate(given | {"id": n} | row) for n, row in enumerate(rows, 1)}
    return replace(inventory, circuits=made)


def test_edges_speak_for_a_site_and_the_others_do_not():
    shape = shapes(province(DEVICES, S1={}), TODAY)["S1"]

    assert (("S1-R1", "S1-R2"), ("S1-S1", "S1-U1"), ("DC1",)) == (shape.edges, shape.others, shape.parents)


def test_a_site_stands_behind_both_of_its_parents():
    found = shapes(province([], S1={}, S2={}, S3={"parent": "S1", "second_parent": "S2"}), TODAY)

    assert ("S1", "S2") == found["S3"].parents
    assert () == found["DC1"].parents


def test_a_planned_site_has_no_say_and_a_retired_one_no_shape():
    found = shapes(province([], S1={}, S2={"status": "planned"}, S3={"status": "retired"}), TODAY)

    assert {"DC1": False, "S1": True, "S2": False} == {code: shape.counts for code, shape in found.items()}


def test_a_circuit_has_the_lane_of_its_probe_and_the_port_it_ends_on():
    bound = {"device": "S1-R1", "interface": "wan0"}
    inventory = with_circuits(
        province(DEVICES, S1={}),
        {"code": "Z", "role": "primary"} | bound,
        {"code": "A", "role": "backup", "probe_address": "10.27.9.9"},
        {"code": "B", "role": "backup", "device": "S1-R1"},
    )

    assert (
        Line("Z", None, ("S1-R1", "wan0")), Line("A", "circuit A", None), Line("B"),
    ) == shapes(inventory, TODAY)["S1"].lines  # fmt: skip


DAY = timedelta(days=1)
CONTRACTS = {
    "no dates": (None, None, True),
    "it begins today": (TODAY, None, True),
    "it begins tomorrow": (TODAY + DAY, None, False),
    "it ends today": (None, TODAY, True),
    "it ended yesterday": (None, TODAY - DAY, False),
    "today alone": (TODAY, TODAY, True),
}


@pytest.mark.parametrize(("starts_on", "ends_on", "expected"), CONTRACTS.values(), ids=CONTRACTS)
def test_a_contract_runs_from_its_first_day_to_its_last(starts_on: date | None, ends_on: date | None, expected: bool):
    inventory = with_circuits(province(DEVICES, S1={}), {"code": "A", "starts_on": starts_on, "ends_on": ends_on})

    assert expected is is_in_force(inventory.circuits["A"], TODAY)
    assert expected is bool(shapes(inventory, TODAY)["S1"].lines)


def test_probe_addresses_and_canaries_are_asked_by_echo_alone():
    inventory = with_circuits(province(DEVICES, S1={}), {"code": "A", "probe_address": "10.27.9.9"}, {"code": "B"})
    found = targets(inventory, ("10.27.0.250", "10.27.0.251"))
    others = {name: target for name, target in found.items() if target.kind is not TargetKind.DEVICE}

    assert {
        circuit_lane("A"): "10.27.9.9", canary_name("10.27.0.250"): "10.27.0.250",
        canary_name("10.27.0.251"): "10.27.0.251",
    } == {name: target.address for name, target in others.items()}  # fmt: skip
    assert {("icmp", ())} == {(target.liveness, target.credentials) for target in others.values()}
    assert CANARY_INTERVAL_S == others[canary_name("10.27.0.250")].liveness_interval_s
    assert ("S1", "") == (others[circuit_lane("A")].site, others[canary_name("10.27.0.251")].site)


def test_the_circuits_of_a_retired_site_are_not_asked():
    inventory = with_circuits(province([], S1={"status": "retired"}), {"code": "A", "probe_address": "10.27.9.9"})

    assert {} == targets(inventory)


def test_no_device_can_be_called_as_a_lane_without_one():
    for name in (canary_name("10.27.0.250"), circuit_lane("A")):
        with pytest.raises(ValueError, match="name"):
            province([{"name": name, "site": "S1"}], S1={})


def test_an_instant_leads_from_one_clock_to_the_other(noon):
    instant = Instant(noon, 1000.0)

    assert noon - timedelta(seconds=30) == instant.dated(970.0)
    assert noon.timestamp() - 30 == instant.epoch_s(970.0)
    assert -2600.0 == instant.monotonic_s(noon - timedelta(hours=1))
