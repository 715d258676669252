import pytest
from pydantic import ValidationError

from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, NOUNS, Edit, preview, units_within

SITE, UNIT = NOUN["site"], NOUN["unit"]


def test_no_edit_is_no_change(province):
    assert province == preview(province, [])


def test_a_preview_leaves_its_source_alone(province):
    after = preview(province, [Edit(Action.SET, SITE, "C", {"name": "y"}), Edit(Action.REMOVE, UNIT, "09454", {})])

    assert ("x", "y") == (province.sites["C"].name, after.sites["C"].name)
    assert ("09454" in province.units, "09454" in after.units) == (True, False)


def test_a_set_changes_the_fields_it_names_alone(province):
    after = preview(province, [Edit(Action.SET, SITE, "C", {"street": "12 Lê Lợi"})])
    differing = [c for c in SITE.columns if getattr(after.sites["C"], c) != getattr(province.sites["C"], c)]

    assert ["street"] == differing


def test_edits_are_made_in_their_order(province):
    after = preview(province, [Edit(Action.SET, SITE, "C", {"name": name}) for name in ("a", "b")])

    assert "b" == after.sites["C"].name


@pytest.mark.parametrize("action", [Action.SET, Action.REMOVE])
def test_a_row_that_is_not_there_cannot_be_edited(province, action):
    with pytest.raises(KeyError):
        preview(province, [Edit(action, SITE, "NONE", {})])


@pytest.mark.parametrize("values", [{"latitude": 91}, {"colour": "red"}, {"status": "open"}, {"name": ""}])
def test_a_value_that_its_field_refuses_is_refused(province, values):
    with pytest.raises(ValidationError):
        preview(province, [Edit(Action.SET, SITE, "C", values)])


def test_rows_of_the_database_are_previewed_like_rows_of_files(province):
    table = SITE.table.model_validate({c: getattr(province.sites["C"], c) for c in SITE.columns} | {"id": 7})
    stored = preview(province, [])
    after = preview(type(stored)(**{**{n.plural: stored.rows(n) for n in NOUNS}, "sites": {"C": table}}), [
        Edit(Action.SET, SITE, "C", {"name": "y"})
    ])  # fmt: skip

    assert "y" == after.sites["C"].name


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
def test_a_noun_has_its_key_among_its_columns_and_its_table_has_them_all(noun):
    assert noun.key in noun.columns
    assert set(noun.columns) <= set(noun.table.model_fields)
    assert {} == EMPTY.rows(noun)


def test_a_unit_has_those_within_it_down_to_the_last(added):
    inventory = added("unit", "09454", "1", name="Thôn Hương Vinh", parent="09454")

    assert {"27", "263", "09454", "1"} == units_within(inventory, "27")
    assert {"09454", "1"} == units_within(inventory, "09454")
    assert set() == units_within(inventory, "gone")
