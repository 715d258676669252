"""Windows of maintenance: when they hold by the local calendar, and whom they cover."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.clock import LOCAL
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.health.maintenance import (
    Covered,
    Occurrence,
    covered,
    occurrences,
    present_or_next,
    was_announced,
    windows,
)
from wanmon.health.period import named
from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, Edit, Inventory, preview
from wanmon.model.maintenance import Maintenance, Repeat, Scope

MARCH = named("2026-03").span
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def window(start: str, end: str | None = None, **values: object) -> Maintenance:
    """A window as the database gives it back; instants are written as on the wall."""
    instants = {name: local(value) for name, value in values.items() if name.endswith(("_at", "_until"))}
    row = {
        "scope": Scope.SITE,
        "target": "C1",
        "author": "lan",
        "starts_at": local(start).astimezone(UTC),
        "ends_at": local(end).astimezone(UTC) if end else None,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Maintenance.model_validate({**row, **values, **instants})


def on_the_wall(intervals: Intervals) -> list[str]:
    return [
        "/".join(datetime.fromtimestamp(second, LOCAL).isoformat(timespec="minutes") for second in span)
        .replace("2026-", "")
        .replace("+07:00", "")
        for span in intervals
    ]


NIGHTLY = {"repeats": Repeat.DAILY}
TIMES = {
    "once": (window("2026-03-10T22:00", "2026-03-11T02:00"), ["03-10T22:00/03-11T02:00"]),
    "until it is ended": (window("2026-03-30T22:00"), ["03-30T22:00/04-01T00:00"]),
    "open and ended": (window("2026-03-30T22:00", ended_at="2026-03-31T01:30"), ["03-30T22:00/03-31T01:30"]),
    "ended early": (
        window("2026-03-10T22:00", "2026-03-11T02:00", ended_at="2026-03-10T23:00"),
        ["03-10T22:00/03-10T23:00"],
    ),
    "ended when it was over": (
        window("2026-03-10T22:00", "2026-03-11T02:00", ended_at="2026-03-12T00:00"),
        ["03-10T22:00/03-11T02:00"],
    ),
    "called off": (window("2026-03-10T22:00", "2026-03-11T02:00", ended_at="2026-03-09T23:00"), []),
    "open and called off": (window("2026-03-10T22:00", ended_at="2026-03-10T22:00"), []),
    "without length": (window("2026-03-10T22:00", "2026-03-10T22:00"), []),
    "before the span": (window("2026-02-10T22:00", "2026-02-10T23:00"), []),
    "after the span": (window("2026-04-01T00:00", "2026-04-01T01:00"), []),
    "open after the span": (window("2026-04-01T00:00"), []),
    "into the span": (window("2026-02-28T22:00", "2026-03-01T02:00"), ["03-01T00:00/03-01T02:00"]),
    "out of the span": (window("2026-03-31T22:00", "2026-04-01T02:00"), ["03-31T22:00/04-01T00:00"]),
    "all of the span": (window("2026-01-01T00:00", "2026-12-31T00:00"), ["03-01T00:00/04-01T00:00"]),
    "up to the span": (window("2026-02-28T22:00", "2026-03-01T00:00"), []),
    "from midnight to midnight": (window("2026-03-10T00:00", "2026-03-11T00:00"), ["03-10T00:00/03-11T00:00"]),
    "daily up to a day": (
        window("2026-03-10T23:00", "2026-03-11T01:00", **NIGHTLY, repeats_until="2026-03-13T00:00"),
        ["03-10T23:00/03-11T01:00", "03-11T23:00/03-12T01:00", "03-12T23:00/03-13T01:00"],
    ),
    "daily, one cut short and none after": (
        window("2026-03-10T23:00", "2026-03-11T01:00", **NIGHTLY, ended_at="2026-03-12T00:30"),
        ["03-10T23:00/03-11T01:00", "03-11T23:00/03-12T00:30"],
    ),
    "daily since last year, over the edges": (
        window("2025-06-01T23:00", "2025-06-02T01:00", **NIGHTLY, repeats_until="2026-03-02T00:00"),
        ["03-01T00:00/03-01T01:00", "03-01T23:00/03-02T01:00"],
    ),
    "daily round the clock": (
        window("2026-03-30T08:00", "2026-03-31T08:00", **NIGHTLY),
        ["03-30T08:00/04-01T00:00"],
    ),
    "daily and longer than a day": (
        window("2026-03-10T00:00", "2026-03-12T00:00", **NIGHTLY, repeats_until="2026-03-12T00:00"),
        ["03-10T00:00/03-13T00:00"],
    ),
    "weekly": (
        window("2026-02-01T02:00", "2026-02-01T04:00", repeats=Repeat.WEEKLY, ended_at="2026-03-20T00:00"),
        ["03-01T02:00/03-01T04:00", "03-08T02:00/03-08T04:00", "03-15T02:00/03-15T04:00"],
    ),
    "monthly": (
        window("2025-12-15T22:00", "2025-12-16T02:00", repeats=Repeat.MONTHLY),
        ["03-15T22:00/03-16T02:00"],
    ),
    "monthly over the edges": (
        window("2026-01-31T22:00", "2026-02-01T02:00", repeats=Repeat.MONTHLY),
        ["03-31T22:00/04-01T00:00"],
    ),
}


@pytest.mark.parametrize(("row", "expected"), TIMES.values(), ids=TIMES)
def test_a_window_holds_in_march_when_the_calendar_on_the_wall_says(row, expected):
    assert expected == on_the_wall(occurrences(row, MARCH))


def test_a_month_without_that_day_has_no_window():
    row = window("2026-01-31T22:00", "2026-01-31T23:00", repeats=Repeat.MONTHLY)
    days = [span.partition("T")[0] for span in on_the_wall(occurrences(row, named("2026").span))]

    assert ["01-31", "03-31", "05-31", "07-31", "08-31", "10-31", "12-31"] == days


def test_a_monthly_window_goes_on_over_the_turn_of_the_year():
    row = window("2025-11-30T22:00", "2025-11-30T23:00", repeats=Repeat.MONTHLY)

    assert ["01-30T22:00/01-30T23:00"] == on_the_wall(occurrences(row, named("2026-01").span))


def test_a_day_begins_at_local_midnight():
    """23:00 UTC of the 9th is the morning of the 10th here: the 10th of each month comes round, not the 9th."""
    row = window("2026-01-10T06:00", "2026-01-10T07:00", repeats=Repeat.MONTHLY)

    assert 9 == row.starts_at.day
    assert ["03-10T06:00/03-10T07:00"] == on_the_wall(occurrences(row, MARCH))


def test_edges_within_a_second_are_rounded_down_like_all_others():
    row = window("2026-03-10T22:00:00.7", "2026-03-10T22:00:05.2", ended_at="2026-03-10T22:00:03.9")

    assert 3 == occurrences(row, MARCH).length_s


def test_an_empty_span_holds_no_window():
    assert NOTHING == occurrences(window("2026-03-10T22:00"), Span(MARCH.end_s, MARCH.start_s))


STEP_H = {Repeat.DAILY: 24, Repeat.WEEKLY: 168}
FIRST = local("2026-03-02T22:00")


@given(
    st.sampled_from(list(STEP_H)), st.integers(1, 200), st.integers(0, 9), st.integers(-400, 2000), st.integers(0, 400)
)
def test_what_comes_round_is_found_hour_by_hour_wherever_one_looks(repeats, length_h, rounds, from_h, looked_h):
    """Nights long over are not counted one by one, and none may get lost by that. Hours are those since the first."""
    starts_h = [number * STEP_H[repeats] for number in range(rounds + 1)]
    row = window("2026-03-02T22:00", repeats=repeats)
    row.ends_at, row.repeats_until = FIRST + length_h * HOUR, FIRST + (starts_h[-1] + 1) * HOUR
    span = Span(*(int((FIRST + hour * HOUR).timestamp()) for hour in (from_h, from_h + looked_h)))
    found = {
        hour
        for start_s, end_s in occurrences(row, span)
        for hour in range((start_s - span.start_s) // 3600 + from_h, (end_s - span.start_s) // 3600 + from_h)
    }
    held = {hour for start_h in starts_h for hour in range(start_h, start_h + length_h)}
    coming = present_or_next(row, FIRST + from_h * HOUR)
    not_over = [FIRST + start_h * HOUR for start_h in starts_h if start_h + length_h > from_h]

    assert held & set(range(from_h, from_h + looked_h)) == found
    assert next(iter(not_over), None) == (coming.starts_at if coming else None)


NOW = local("2026-03-11T01:00")
COMING = {
    "in force": (window("2026-03-10T22:00", "2026-03-11T02:00"), ("2026-03-10T22:00", "2026-03-11T02:00")),
    "in force until it is ended": (window("2026-03-11T01:00"), ("2026-03-11T01:00", None)),
    "to come": (window("2026-03-11T22:00", "2026-03-12T02:00"), ("2026-03-11T22:00", "2026-03-12T02:00")),
    "over at this moment": (window("2026-03-10T22:00", "2026-03-11T01:00"), None),
    "ended at this moment": (window("2026-03-10T22:00", ended_at="2026-03-11T01:00"), None),
    "to be ended": (window("2026-03-10T22:00", ended_at="2026-03-11T01:01"), ("2026-03-10T22:00", "2026-03-11T01:01")),
    "called off": (window("2026-03-11T22:00", "2026-03-12T02:00", ended_at="2026-03-11T00:30"), None),
    "daily, between two": (
        window("2026-01-10T22:00", "2026-01-11T00:30", **NIGHTLY),
        ("2026-03-11T22:00", "2026-03-12T00:30"),
    ),
    "daily, in force": (
        window("2026-01-10T22:00", "2026-01-11T02:00", **NIGHTLY),
        ("2026-03-10T22:00", "2026-03-11T02:00"),
    ),
    "daily, the last is over": (
        window("2026-01-10T22:00", "2026-01-11T00:30", **NIGHTLY, repeats_until="2026-03-11T00:00"),
        None,
    ),
    "on the 31st": (
        window("2026-01-31T22:00", "2026-01-31T23:00", repeats=Repeat.MONTHLY),
        ("2026-03-31T22:00", "2026-03-31T23:00"),
    ),
}


@pytest.mark.parametrize(("row", "expected"), COMING.values(), ids=COMING)
def test_a_window_is_in_force_or_comes_again_or_never(row, expected):
    then = expected and Occurrence(local(expected[0]), local(expected[1]) if expected[1] else None)

    assert then == present_or_next(row, NOW)


@pytest.mark.parametrize(("created_at", "announced"), [("21:59", True), ("22:00", True), ("22:01", False)])
def test_a_window_was_announced_if_it_was_there_when_it_began(created_at, announced):
    assert announced is was_announced(window("2026-03-10T22:00", created_at=f"2026-03-10T{created_at}"))


def site(code: str, unit: str, *parents: str) -> tuple[str, dict[str, object]]:
    ways = dict(zip(("parent", "second_parent"), parents, strict=False))
    kind = "party" if parents else "datacenter"
    return "site", {"code": code, "name": code, "unit": unit, "kind": kind, "site_class": "any", **ways}


def circuit(code: str, site: str, carrier: str) -> tuple[str, dict[str, object]]:
    return "circuit", {"code": code, "site": site, "carrier": carrier, "receive_bps": 1, "transmit_bps": 1}


@pytest.fixture(scope="module")
def province() -> Inventory:
    """Two districts behind the hub; C1 and its hamlet H hang on D1 alone, C2 on both, C3 on D2 and C2."""
    rows = [
        *(("unit", {"code": code, "name": code, "level": level, **({"parent": parent} if parent else {})}) for
          code, level, parent in (("27", "province", None), ("256", "district", "27"), ("258", "district", "27"),
                                  ("09163", "commune", "256"))),
        ("class", {"code": "any", "name": "Any"}),
        *(("carrier", {"code": code, "name": code}) for code in ("VNPT", "VIETTEL")),
        site("HUB", "27"), site("D1", "256", "HUB"), site("D2", "258", "HUB"), site("C1", "09163", "D1"),
        site("C2", "09163", "D1", "D2"), site("C3", "258", "D2", "C2"), site("H", "258", "C1"),
        circuit("A-1", "D1", "VNPT"), circuit("A-2", "C1", "VNPT"), circuit("B-1", "C1", "VIETTEL"),
    ]  # fmt: skip
    return preview(EMPTY, [Edit(Action.ADD, NOUN[noun], row["code"], row) for noun, row in rows])


def members(whom: Covered) -> str:
    return " ".join([*sorted(whom.sites), *sorted(whom.circuits)])


@pytest.mark.parametrize(
    ("scope", "target", "expected"),
    [
        (Scope.SITE, "D1", "D1"),
        (Scope.SITE, "gone", ""),
        (Scope.CIRCUIT, "A-2", "A-2"),
        (Scope.CIRCUIT, "gone", ""),
        (Scope.CARRIER, "VNPT", "A-1 A-2"),
        (Scope.CARRIER, "gone", ""),
        (Scope.BELOW, "D1", "C1 D1 H"),
        (Scope.BELOW, "D2", "D2"),
        (Scope.BELOW, "C1", "C1 H"),
        (Scope.BELOW, "HUB", "C1 C2 C3 D1 D2 H HUB"),
        (Scope.BELOW, "gone", ""),
        (Scope.UNIT, "27", "C1 C2 C3 D1 D2 H HUB"),
        (Scope.UNIT, "256", "C1 C2 D1"),
        (Scope.UNIT, "09163", "C1 C2"),
        (Scope.UNIT, "gone", ""),
    ],
)
def test_a_window_covers_those_of_its_scope(province, scope, target, expected):
    """Below a site are they alone that have no other way: the rest goes on working, and a silence of it is news."""
    whom = covered(window("2026-03-10T22:00", scope=scope, target=target), province)

    assert expected == members(whom)
    assert not whom.sites or not whom.circuits


def test_a_site_whose_both_ways_lead_through_one_district_is_below_it(province):
    inventory = preview(province, [Edit(Action.SET, NOUN["site"], "C3", {"parent": "D1", "second_parent": "C1"})])

    assert "C1 C3 D1 H" == members(covered(window("2026-03-10T22:00", scope=Scope.BELOW, target="D1"), inventory))


def test_the_windows_of_a_site_and_those_of_its_circuits_are_kept_apart(province):
    """A carrier's works excuse its circuits; that the office could not work still counts."""
    found = windows(
        [
            window("2026-03-10T22:00", "2026-03-10T23:00", target="D1"),
            window("2026-03-10T22:30", "2026-03-11T00:00", target="D1", scope=Scope.BELOW),
            window("2026-03-12T01:00", "2026-03-12T02:00", target="VNPT", scope=Scope.CARRIER),
            window("2026-04-12T01:00", "2026-04-12T02:00", target="D2"),
        ],
        province,
        MARCH,
    )

    assert ["03-10T22:00/03-11T00:00"] == on_the_wall(found.of_site("D1"))
    assert ["03-10T22:30/03-11T00:00"] == on_the_wall(found.of_site("C1"))
    assert ["03-12T01:00/03-12T02:00"] == on_the_wall(found.of_circuit("A-2"))
    assert NOTHING == found.of_circuit("B-1") == found.of_site("D2")
    assert {"C1", "D1", "H"} == set(found.sites)
    assert {"A-1", "A-2"} == set(found.circuits)


def test_windows_say_how_far_they_are_known():
    """One that reaches so far may have no end."""
    assert MARCH.end_s == windows([window("2026-03-10T22:00")], EMPTY, MARCH).until_s
