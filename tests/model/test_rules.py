import pytest

from wanmon.model import rules
from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, Edit, preview


def told(inventory):
    return [(p.noun, p.key, p.field, p.message) for p in rules.problems(inventory)]


def test_a_sound_inventory_has_no_problem(province):
    assert [] == told(province)
    assert [] == told(EMPTY)


@pytest.mark.parametrize(("noun", "column", "other"), rules.REFERENCES)
def test_what_a_row_names_has_to_be_there(changed, province, noun, column, other):
    key = next(reversed(province.rows(NOUN[noun])))
    values = {"site": "NONE", "site_class": None} if (noun, column) == ("check", "site") else {column: "NONE"}
    values = {column: "none"} if column == "site_class" else values

    assert (noun, key, column, f"no such {other}") in told(changed(noun, key, **values))


def test_every_foreign_key_of_every_table_is_among_the_references():
    keys = {
        (noun.name, column.name)
        for noun in NOUN.values()
        for column in noun.table.__table__.columns
        if column.foreign_keys
    }

    assert keys == {(noun, column) for noun, column, _ in rules.REFERENCES}


def test_what_is_removed_is_missed_by_those_that_name_it(province):
    left = preview(province, [Edit(Action.REMOVE, NOUN["carrier"], "VNPT", {})])

    assert [("circuit", code, "carrier", "no such carrier") for code in ("D/1", "C/1")] == told(left)


def test_a_unit_does_not_lie_within_itself(changed):
    assert {"leads back to itself"} == {message for *_, message in told(changed("unit", "263", parent="09454"))}
    assert [("unit", "27", "parent", "leads back to itself")] == told(changed("unit", "27", parent="27"))


def test_a_unit_does_not_end_before_it_begins(changed):
    backwards = changed("unit", "263", valid_from="2025-07-01", valid_to="2025-06-30")

    assert [("unit", "263", "valid_to", "before valid_from 2025-07-01")] == told(backwards)
    assert [] == told(changed("unit", "263", valid_from="2025-07-01", valid_to="2025-07-01"))


@pytest.mark.parametrize(
    ("site", "values", "said"),
    [
        ("DC1", {"parent": "D"}, ("parent", "a hub has no parent")),
        ("DC1", {"second_parent": "D"}, ("parent", "a hub has no parent")),
        ("D", {"parent": None}, ("parent", "missing: only a datacenter has no parent")),
        ("D", {"second_parent": "DC1"}, ("second_parent", "the same as parent")),
        ("D", {"parent": "D"}, ("parent", "the topology runs in a cycle")),
        ("D", {"parent": "C"}, ("parent", "the topology runs in a cycle")),
        ("D", {"second_parent": "C"}, ("parent", "the topology runs in a cycle")),
    ],
)
def test_every_path_leads_to_a_hub(changed, site, values, said):
    assert ("site", site, *said) in told(changed("site", site, **values))


def test_a_site_below_a_cycle_is_not_in_it(changed, added):
    """C hangs behind D; D alone is at fault."""
    assert ["D"] == [key for _, key, *_ in told(changed("site", "D", parent="D"))]


def test_two_parents_on_the_way_to_one_hub_are_no_cycle(added):
    assert [] == told(added("site", "C", "E", parent="D", second_parent="DC1"))


def test_a_living_site_does_not_stand_behind_a_retired_one(changed):
    retired = changed("site", "D", status="retired")

    assert [("site", "C", "parent", "is retired")] == told(retired)
    assert [] == told(preview(retired, [Edit(Action.SET, NOUN["site"], "C", {"status": "retired"})]))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"port": 161}, ["overlaps with device D-R1"]),
        ({"port": 1161}, []),
        ({"port": 1161, "site": "C"}, ["overlaps with device D-R1 of site D"]),
        ({"address": "10.27.7.3"}, []),
    ],
)
def test_an_address_is_polled_for_one_site_alone(added, values, said):
    assert said == [message for *_, message in told(added("device", "D-R1", "D-R2", **values))]


def test_one_address_written_twice_is_one_address(added):
    six = added("device", "D-R1", "D-R2", address="2001:DB8:0::1")
    both = preview(six, [Edit(Action.SET, NOUN["device"], "D-R1", {"address": "2001:db8::1"})])

    assert ["overlaps with device D-R1"] == [message for *_, message in told(both)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, [("interface", "already carries circuit D/1")]),
        ({"interface": "wan1"}, []),
        ({"interface": ""}, []),
        ({"device": None}, [("interface", "needs a device")]),
        ({"device": "C-R1", "interface": "wan1"}, [("device", "stands at site C, not D")]),
        ({"interface": "wan1", "starts_on": "2026-01-02", "ends_on": "2026-01-01"},
         [("ends_on", "before starts_on 2026-01-02")]),
    ],
    ids=["same port", "other port", "no port", "no device", "another site's device", "ends before it starts"],
)  # fmt: skip
def test_a_port_carries_one_circuit_of_its_own_site(added, values, said):
    assert [("circuit", "D/2", *words) for words in said] == told(added("circuit", "D/1", "D/2", **values))


def test_two_circuit_ids_differ_in_more_than_case(added):
    alike = told(added("circuit", "D/1", "d/1", interface="wan1"))

    assert [("circuit", key, "code", "differs from another only in case") for key in ("D/1", "d/1")] == alike


def test_a_problem_reads_as_one_line(changed):
    (problem,) = rules.problems(changed("device", "D-R1", address="10.27.7.2"))

    assert "device C-R1: address 10.27.7.2: overlaps with device D-R1" == str(problem)
