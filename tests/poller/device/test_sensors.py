"""Readings in base units out of cells: units, decimal places, rows that count, names that are unique."""

from typing import Any

import pytest

from wanmon.poller.device.sensors import MOST_OF_A_KIND, Amount, Reading, as_number, readings
from wanmon.profiles.objects import MibObject
from wanmon.profiles.sensors import Pool, Share, Status, Temperature, Time
from wanmon.profiles.text import LABEL_CHARACTERS

Cells = dict[str, dict[tuple[int, ...], object]]


def objects(**units: str | None) -> dict[str, MibObject]:
    """Objects by name, each with its unit."""
    return {
        name: MibObject.model_validate(
            {
                "name": name,
                "oid": f"1.3.6.1.9.{number}",
                "syntax": "text" if name == "label" else "integer",
                "unit": unit,
            }
        )
        for number, (name, unit) in enumerate(units.items(), 1)
    }


def rows(**columns: Any) -> Cells:
    """Columns by name; a single value is one row, a list is rows 1, 2, ..."""
    listed = {name: given if isinstance(given, list) else [given] for name, given in columns.items()}
    return {name: {(row,): value for row, value in enumerate(given, 1)} for name, given in listed.items()}


@pytest.mark.parametrize(
    ("expected", "unit", "raw"),
    [
        (0.28, "percent", 28), (1.0, "percent", 100), (0.0, "percent", 0), (0.5, "ratio", b"0.5"),
        (0.28, "percent", b"28 \0"),
        (None, "percent", 101), (None, "percent", -1), (None, "percent", 255), (None, "percent", b"28 %"),
        (None, "percent", None), (None, "percent", b"nan"), (None, "percent", b"1e2"), (None, "percent", (1, 3)),
    ],
)  # fmt: skip
def test_a_load_is_a_share_of_1_or_nothing(expected: float | None, unit: str, raw: object):
    found = readings("cpu", Share(value="load"), objects(load=unit), rows(load=raw))

    assert ([] if expected is None else [Reading("1", pytest.approx(expected))]) == list(found)


@pytest.mark.parametrize(
    ("expected", "unit", "raw"),
    [(41.0, "celsius", 41), (-5.0, "celsius", -5), (41.5, "decicelsius", 415), (69.0, "millicelsius", 69_000),
     (None, "celsius", 65_535), (None, "celsius", 2**31 - 1), (None, "celsius", -32_768), (None, "celsius", 127)],
)  # fmt: skip
def test_a_temperature_is_in_degrees_and_one_that_cannot_be_is_none(expected: float | None, unit: str, raw: int):
    source = Temperature(value="heat", unknown=(127,))
    found = readings("temperature", source, objects(heat=unit), rows(heat=raw))

    assert ([] if expected is None else [Reading("1", pytest.approx(expected))]) == list(found)


@pytest.mark.parametrize(
    ("expected", "raw", "magnitude", "precision"),
    [(25.5, 255, 9, 1), (25.0, 25, 9, 0), (25.5, 25_500, 8, 0), (25.0, 25, 9, -3), (0.025, 25, 8, 0),
     (None, 25, 0, 0), (None, 25, 18, 0), (None, 25, None, 0), (25.0, 25, 9, None)],
)  # fmt: skip
def test_a_fixed_point_number_is_read_as_rfc_3433_says(
    expected: float | None, raw: int, magnitude: int | None, precision: int | None
):
    """EntitySensorDataScale units(9) and milli(8); a precision below 0 tells how many digits can be trusted."""
    source = Temperature(value="heat", magnitude="scale", precision="places")
    given = {name: value for name, value in {"scale": magnitude, "places": precision}.items() if value is not None}
    found = readings("temperature", source, objects(heat="celsius", scale=None, places=None), rows(heat=raw, **given))

    assert ([] if expected is None else [Reading("1", pytest.approx(expected))]) == list(found)


@pytest.mark.parametrize(
    ("expected", "source", "cells"),
    [
        ((30, 100), {"used": "a", "free": "b"}, {"a": 30, "b": 70}),
        ((30, 100), {"size": "a", "used": "b"}, {"a": 100, "b": 30}),
        ((30, 100), {"size": "a", "free": "b"}, {"a": 100, "b": 70}),
        ((30, 100), {"size": "a", "free": ["b", "c"]}, {"a": 100, "b": 50, "c": 20}),
        ((30, 100), {"size": "a", "used_share": "share"}, {"a": 100, "share": 30}),
        ((30 * 4096, 100 * 4096), {"size": "a", "used": "b", "block": "c"}, {"a": 100, "b": 30, "c": 4096}),
        (None, {"size": "a", "free": ["b", "c"]}, {"a": 100, "b": 50}),
        (None, {"size": "a", "used": "b"}, {"a": 100, "b": 101}),
        (None, {"size": "a", "used": "b"}, {"a": -1, "b": -2}),
        (None, {"size": "a", "used": "b"}, {"a": 0, "b": 0}),
        (None, {"size": "a", "free": "b"}, {"a": 100, "b": 101}),
        (None, {"size": "a", "used_share": "share"}, {"a": 100, "share": 101}),
        (None, {"size": "a", "used": "b"}, {"a": 100}),
    ],
    ids=["used and free", "size and used", "size and free", "free in parts", "share", "blocks", "a part is missing",
         "too much", "negative", "nothing there", "more free than there is", "more than all", "half of it"],
)  # fmt: skip
def test_a_pool_is_told_in_several_ways(
    expected: tuple[int, int] | None, source: dict[str, Any], cells: dict[str, int]
):
    known = objects(a="bytes", b="bytes", c="bytes", share="percent")
    found = readings("memory", Pool.model_validate(source), known, rows(**cells))

    assert ([] if expected is None else [Amount("1", *map(pytest.approx, expected))]) == list(found)


def test_a_supply_is_up_down_or_not_there():
    source = Status(value="state", when=(1, 2), absent=(5,))
    found = readings("power_supply", source, objects(state=None), rows(state=[1, 2, 3, 5, b"?"]))

    assert [Reading("1", 1.0), Reading("2", 1.0), Reading("3", 0.0)] == list(found)


def test_a_time_is_in_seconds():
    assert (Reading("1", 65_520.0),) == readings(
        "battery_runtime", Time(value="left"), objects(left="minutes"), rows(left=1092)
    )


def test_rows_that_fail_a_condition_are_not_there():
    source = Temperature.model_validate({"value": "heat", "where": {"kind": [8], "name": {"not": ["", "spare"]}}})
    cells = rows(heat=[20, 21, 22, 23, 24], kind=[8, 9, 8, 8], name=[b"a", b"a", b"spare", b"", b"a"])
    found = readings("temperature", source, objects(heat="celsius", kind=None, name=None), cells)

    assert [Reading("1", 20.0)] == list(found)


def test_a_row_is_called_by_its_label_and_without_one_by_its_index():
    source = Share(value="load", label="label", label_pattern=r"^(.*?)(?:, GREEN| *)$")
    cells = rows(load=[1, 2, 3, 4], label=[b"board, GREEN", b"", b"fan\xff", None])
    found = readings("cpu", source, objects(load="percent", label=None), cells)

    assert ["board", "2", r"fan\xff", "4"] == [name for name, _ in found]


def test_no_two_readings_share_a_name():
    cells = rows(load=[1, 2, 3, 4], label=[b"a", b"a@3", b"a", b"a"])
    found = readings("cpu", Share(value="load", label="label"), objects(load="percent", label=None), cells)

    assert ["a", "a@3", "a@3@3", "a@4"] == [name for name, _ in found]


def test_a_device_cannot_have_more_of_a_kind_than_a_scrape_can_bear():
    cells = rows(load=[1] * 500, label=[b"x" * 5000] * 500)
    found = readings("cpu", Share(value="load", label="label"), objects(load="percent", label=None), cells)

    assert MOST_OF_A_KIND == len(found)
    assert all(len(name) <= LABEL_CHARACTERS + 8 for name, _ in found)


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        (5.0, b"5"),
        (-5.5, b" -5.5 \0"),
        (None, b"9" * 40),
        (None, b""),
        (None, b"0x10"),
        (7, 7),
        (None, "7"),
        (None, (1, 2)),
    ],
)
def test_a_number_in_letters_is_one(expected: float | None, raw: object):
    assert expected == as_number(raw)
