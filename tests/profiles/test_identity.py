"""Who a device says it is: out of scalars, rows of tables, and patterns, in the order of the profile."""

from typing import Any

import pytest

from wanmon.profiles.identity import Identity, identified
from wanmon.profiles.objects import MibObject
from wanmon.profiles.profile import Profile
from wanmon.profiles.rows import first_row

OBJECTS = {
    name: MibObject.model_validate({"name": name, "oid": f"1.3.6.1.9.{number}", "syntax": syntax})
    for number, (name, syntax) in enumerate(
        [("klass", "integer"), ("model", "text"), ("serial", "text"), ("mac", "mac")], 1
    )
}
CELLS: dict[str, dict[tuple[int, ...], object]] = {
    "klass": {(1,): 11, (2,): 9, (3,): 3, (4,): 3},
    "model": {(1,): b"", (2,): b"board", (3,): b"chassis A", (4,): b"chassis B"},
    "serial": {(2,): b"B1", (3,): b"", (4,): b"C4"},
    "mac": {(7,): bytes.fromhex("002085ebdfd0")},
}


def field(given: Any, rows: dict[str, tuple[int, ...] | None] | None = None) -> str:
    """What a single field gives."""
    identity = Identity.model_validate({"model": given})
    return identified(identity, {"description": b"RouterOS 7.1\r\nx"}, OBJECTS, CELLS, rows or {})["model"]


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("Acme", {"text": "Acme"}),
        ("RouterOS 7.1 x", {"from": "description"}),
        ("7.1", {"from": "description", "pattern": r"RouterOS (\S+)"}),
        ("board", {"from": "model"}),
        ("chassis A", {"from": "model", "pattern": "(chassis .)"}),
        ("chassis B", {"from": "model", "row": "main"}),
        ("", {"from": "model", "row": "none"}),
        ("00:20:85:eb:df:d0", {"from": "mac"}),
        ("", {"from": "location"}),
        ("board", [{"from": "location"}, {"from": "model", "row": "none"}, {"from": "model"}, {"text": "x"}]),
        ("", []),
    ],
)  # fmt: skip
def test_a_field_is_the_first_of_its_sources_that_gives_something(expected: str, given: Any):
    assert expected == field(given, {"main": (4,), "none": None})


def test_a_field_is_as_long_as_a_label_may_be():
    identity = Identity.model_validate({"model": {"from": "description"}})
    found = identified(identity, {"description": b"x" * 5000}, {}, {}, {})

    assert 200 == len(found["model"])


@pytest.mark.parametrize(
    ("expected", "choices"),
    [
        ((4,), [{"klass": [3], "serial": {"not": [""]}}]),
        ((3,), [{"klass": [3]}]),
        ((1,), [{"klass": [99]}, {"klass": [11]}]),
        ((2,), [{"serial": {"not": [""]}}]),
        (None, [{"klass": [99]}]),
        (None, []),
    ],
)
def test_a_row_is_the_first_that_meets_the_first_choice_that_any_meets(
    expected: tuple[int, ...] | None, choices: list[dict[str, Any]]
):
    rows = Profile.model_validate({"profile": "x", "title": "x", "verified": False, "rows": {"main": choices}}).rows[
        "main"
    ]

    assert expected == first_row(rows, CELLS)


def test_what_a_profile_says_itself_goes_before_what_it_includes():
    own = Identity.model_validate({"model": {"from": "a"}, "vendor": {"text": "Own"}})
    part = Identity.model_validate({"model": {"from": "b"}, "vendor": {"text": "Part"}, "serial": {"from": "c"}})
    both = own.before(part)

    assert ["a", "b"] == [extract.source for extract in both.model]
    assert ("Own", "c") == (both.vendor[0].text, both.serial[0].source)
