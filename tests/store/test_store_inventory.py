"""Changing the inventory: all or nothing, judged by the rules, and written into the log."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select, text

from wanmon.errors import InventoryError, NotFound, StoreError
from wanmon.model.change import Action, Change
from wanmon.model.device import Device
from wanmon.model.inventory import NOUN, NOUNS, Edit
from wanmon.model.life import SiteState
from wanmon.model.state import State
from wanmon.store import inventory
from wanmon.store.database import Database

Apply = Callable[..., int | None]


def set_(noun: str, key: str, **values: Any) -> Edit:
    return Edit(Action.SET, NOUN[noun], key, values)


def remove(noun: str, key: str) -> Edit:
    return Edit(Action.REMOVE, NOUN[noun], key, {})


def log_of(database: Database, **where: str) -> list[tuple[str, str, str, str | None, str | None]]:
    with database.read() as session:
        found = inventory.changes(session, **where)
    return [(change.action.value, change.key, change.field, change.old, change.new) for _, change in found]


def test_what_was_applied_is_what_is_loaded(province: Database, smallest: list[Edit]):
    with province.read() as session:
        loaded = inventory.load(session)

    assert {(edit.noun.name, edit.key) for edit in smallest} == {
        (noun.name, key) for noun in NOUNS for key in loaded.rows(noun)
    }
    assert "UBND phường Ninh Xá" == loaded.sites["BN-0001"].name


def test_loaded_rows_outlive_their_session(province: Database):
    with province.read() as session:
        loaded = inventory.load(session)

    assert "10.27.1.1" == loaded.devices["BN-0001-R1"].address


def test_rows_may_come_before_what_they_refer_to(change: Apply, smallest: list[Edit]):
    """Files come in any order, and a site may be its neighbour's parent."""
    assert 1 == change(*reversed(smallest))


def test_an_added_row_is_one_change_with_the_row_as_json(province: Database):
    ((action, key, field, old, new),) = log_of(province, noun="device", key="BN-0001-R1")

    assert ("add", "BN-0001-R1", "", None) == (action, key, field, old)
    assert {"name": "BN-0001-R1", "role": "edge", "port": 161} == {
        name: value for name, value in json.loads(str(new)).items() if name in ("name", "role", "port")
    }


def test_the_row_in_the_log_makes_the_same_row_again(province: Database):
    """`inventory undo` will need nothing else."""
    with province.read() as session:
        loaded = inventory.load(session)
    for noun in NOUNS:
        for _, key, _, _, new in log_of(province, noun=noun.name):
            row = noun.fields.model_validate(json.loads(str(new)))

            assert loaded.rows(noun)[key].model_dump(exclude={"id"}) == row.model_dump()


def test_a_row_set_is_one_change_for_each_field_that_differs(province: Database, change: Apply):
    change(set_("device", "BN-0001-R1", port=1161, role="edge", liveness="snmp"))

    assert {
        ("set", "BN-0001-R1", "port", "161", "1161"),
        ("set", "BN-0001-R1", "liveness", "icmp", "snmp"),
    } == set(log_of(province, noun="device", key="BN-0001-R1")[:2])


def test_values_in_the_log_read_back_as_they_were(province: Database, change: Apply):
    change(set_("site", "BN-0001", status="active", activated_on="2026-03-02", latitude=21.1861, parent="BN-DC1"))
    texts = {field: (old, new) for _, _, field, old, new in log_of(province, noun="site", key="BN-0001") if field}

    assert {
        "status": ("planned", "active"),
        "activated_on": (None, "2026-03-02"),
        "latitude": (None, "21.1861"),
    } == texts


def test_a_removed_row_stands_in_the_log(province: Database, change: Apply):
    change(remove("circuit", "VNPT-MW-7"))
    action, _, _, old, new = log_of(province, noun="circuit")[0]

    assert ("remove", None, "VNPT") == (action, new, json.loads(str(old))["carrier"])


def test_edits_that_change_nothing_leave_no_trace(province: Database, change: Apply):
    assert change(set_("device", "BN-0001-R1", address="10.27.1.1", port="161")) is None
    assert change() is None
    with province.read() as session:
        assert 1 == inventory.latest_changeset(session)


def test_edits_that_undo_each_other_come_to_nothing(province: Database, change: Apply):
    there, back = set_("device", "BN-0001-R1", port=1161), set_("device", "BN-0001-R1", port=161)

    assert change(there, back) is None


def test_a_row_removed_and_added_again_keeps_its_id_and_its_state(
    province: Database, change: Apply, smallest: list[Edit]
):
    """The phase of a device comes from its row id: replacing it from a file must not move it."""
    with province.read() as session:
        before = inventory.load(session).devices["BN-0001-R1"]
    again = next(edit for edit in smallest if edit.key == "BN-0001-R1")
    change(remove("device", "BN-0001-R1"), replace(again, values={**again.values, "port": 1161}))
    with province.read() as session:
        after = inventory.load(session).devices["BN-0001-R1"]

    assert isinstance(before, Device)
    assert isinstance(after, Device)
    assert (before.id, 1161) == (after.id, after.port)


def test_the_latest_changeset_is_0_before_the_first(database: Database):
    with database.read() as session:
        assert 0 == inventory.latest_changeset(session)


def test_the_last_changeset_of_some_rows_is_found_among_others(province: Database, change: Apply):
    second = change(set_("device", "BN-0001-R1", port=1161))
    change(set_("device", "BN-0002-R1", port=1161))
    with province.read() as session:
        found = inventory.last_changeset(session, {"site": ["BN-0001"], "device": ["BN-0001-R1"], "circuit": []})
        added = inventory.last_changeset(session, {"site": ["BN-0001"]})

        assert found
        assert added
        assert (second, 1) == (found.id, added.id)
        assert inventory.last_changeset(session, {"site": ["BN-0003"], "device": ["BN-0001"]}) is None


def test_every_problem_is_told_at_once_and_nothing_is_written(province: Database, change: Apply):
    with pytest.raises(InventoryError) as told:
        change(
            set_("device", "BN-0001-R1", port=1161),
            set_("device", "BN-0002-R1", address="10.27.2", port=70000),
            Edit(Action.ADD, NOUN["unit"], "BN", {"code": "BN", "name": "x", "level": "province"}),
            set_("site", "BN-0001", code="BN-0003"),
        )

    assert [
        "device BN-0002-R1: address 10.27.2: is not an IPv4 or IPv6 address",
        "device BN-0002-R1: port 70000: Input should be less than or equal to 65535",
        "unit BN: already exists",
        "site BN-0001: code BN-0003: is for life",
    ] == list(told.value.problems)
    with province.read() as session:
        assert 161 == inventory.load(session).devices["BN-0001-R1"].port
        assert 1 == inventory.latest_changeset(session)


def test_unknown_fields_and_missing_ones_are_told_by_name(province: Database, change: Apply):
    with pytest.raises(InventoryError) as told:
        change(Edit(Action.ADD, NOUN["carrier"], "FPT", {"code": "FPT", "hotlin": "1"}))

    assert ["carrier FPT: name: Field required", "carrier FPT: hotlin 1: Extra inputs are not permitted"] == list(
        told.value.problems
    )


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([set_("device", "BN-0002-R1", address="10.27.1.1")], "overlaps with device BN-0001-R1"),
        ([set_("site", "BN-0001", parent="BN-0009")], "no such site"),
        ([set_("site", "BN-0001", parent="BN-0002"), set_("site", "BN-0002", parent="BN-0001")], "runs in a cycle"),
        ([set_("site", "BN-DC1", status="retired")], "is retired"),
    ],
    ids=["address twice", "unknown parent", "cycle", "retired parent"],
)
def test_a_breach_between_rows_is_refused(province: Database, change: Apply, edits: list[Edit], told: str):
    with pytest.raises(InventoryError, match=told):
        change(*edits)


def test_what_an_older_program_let_pass_does_not_bar_its_mending(province: Database, change: Apply):
    """Else two breaches could only be mended in one stroke, and a stricter rule would lock everybody out."""
    with province.write() as session:
        session.execute(text("UPDATE device SET address = '10.27.1.1', port = id"))
        session.execute(text("UPDATE site SET status = 'retired' WHERE code = 'BN-DC1'"))

    assert 2 == change(set_("device", "BN-0002-R1", address="10.27.2.1"))


def test_a_row_that_is_not_there_cannot_be_changed(province: Database, change: Apply):
    with pytest.raises(NotFound, match="there is no site 'BN-9999': see `wanmon site list`"):
        change(set_("site", "BN-9999", name="x"))


def test_a_site_with_things_on_it_is_not_removed_and_they_are_named_in_one_line(province: Database, change: Apply):
    with pytest.raises(InventoryError) as told:
        change(remove("site", "BN-0001"))

    assert "site BN-0001: cannot be removed: on it hang device BN-0001-R1, circuit VNPT-MW-7" == str(told.value)


def test_many_dependants_are_counted(province: Database, change: Apply, smallest: list[Edit]):
    """A hub has 177 children: an error stays one line."""
    model = next(edit for edit in smallest if edit.key == "BN-0001")
    more = [replace(model, key=f"X{n}", values={**model.values, "code": f"X{n}"}) for n in range(9)]
    change(*more)

    with pytest.raises(InventoryError, match=r"on it hang site BN-0001, .* and 6 more$"):
        change(remove("site", "BN-DC1"))


def test_a_site_goes_together_with_all_that_hangs_on_it(province: Database, change: Apply):
    change(remove("site", "BN-0001"), remove("device", "BN-0001-R1"), remove("circuit", "VNPT-MW-7"))

    with province.read() as session:
        assert {"BN-DC1", "BN-0002"} == set(inventory.load(session).sites)


def test_the_state_of_a_site_goes_with_it(province: Database, change: Apply, noon: Any):
    with province.write() as session:
        session.add(SiteState(site="BN-0001", state=State.UP, since=noon))
    change(remove("site", "BN-0001"), remove("device", "BN-0001-R1"), remove("circuit", "VNPT-MW-7"))

    with province.read() as session:
        assert [] == session.exec(select(SiteState)).all()


def test_two_devices_may_swap_their_addresses(province: Database, change: Apply):
    """Each is on the other's address for a moment, and the database sees that moment."""
    change(set_("device", "BN-0001-R1", address="10.27.2.1"), set_("device", "BN-0002-R1", address="10.27.1.1"))

    with province.read() as session:
        devices = inventory.load(session).devices
    assert ("10.27.2.1", "10.27.1.1") == (devices["BN-0001-R1"].address, devices["BN-0002-R1"].address)


def test_an_address_passes_from_a_removed_device_to_a_new_one(province: Database, change: Apply, smallest: list[Edit]):
    model = next(edit for edit in smallest if edit.key == "BN-0002-R1")
    heir = replace(model, key="BN-0002-R2", values={**model.values, "name": "BN-0002-R2"})

    assert 2 == change(heir, remove("device", "BN-0002-R1"))


@pytest.mark.parametrize("table", ["change", "changeset"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET id = id + 1000",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ],
)
def test_the_log_only_grows(province: Database, table: str, statement: str):
    with pytest.raises(StoreError, match="refused to alter the log of changes"), province.write() as session:
        session.execute(text(statement.format(table=table)))

    with province.read() as session:
        assert 9 == len(session.exec(select(Change)).all())
