"""The figures of a small province: who counts when, what is judged by what, and sums of seconds."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from wanmon.health.figures import (
    Evidence,
    Figures,
    Past,
    Verdict,
    figures,
    judged,
    total,
    without_late_windows,
)
from wanmon.health.history import Run, runs_of
from wanmon.health.intervals import NOTHING, Intervals
from wanmon.health.period import named
from wanmon.model.carrier import CarrierFields, CircuitFields
from wanmon.model.cause import Cause
from wanmon.model.holiday import HolidayFields
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.model.maintenance import Maintenance, Scope
from wanmon.model.site import SiteClassFields, SiteFields
from wanmon.model.state import State
from wanmon.model.unit import UnitFields

MARCH = named("2026-03").span
START, END = MARCH
HOUR_S, DAY_S, MONTH_S = 3600, 86_400, END - START


def at(hour: float) -> float:
    return START + hour * HOUR_S


def lost(first: float, last: float, state: State = State.DOWN, cause: Cause | None = None) -> list[Run]:
    """A month of UP but for these hours of it."""
    return [Run(State.UP, START - 99, at(first)), Run(state, at(first), at(last), cause), Run(State.UP, at(last))]


WELL = [Run(State.UP, START - 99)]


def site(code: str, **values: Any) -> SiteFields:
    given = {"unit": "BN", "kind": "peoples_committee", "site_class": "commune", "status": "active"}
    return SiteFields.model_validate({"code": code, "name": code, **given, **values})


def circuit(code: str, of: str, **values: Any) -> CircuitFields:
    given = {"carrier": "VNPT", "receive_bps": 10**7, "transmit_bps": 10**7}
    return CircuitFields.model_validate({"code": code, "site": of, **given, **values})


def inventory(*rows: SiteFields | CircuitFields, hours: str = "24x7", holidays: tuple[str, ...] = ()) -> Inventory:
    class_ = {"code": "commune", "name": "Xã", "service_hours": hours, "availability_target": 0.995}
    return replace(
        EMPTY,
        units={"BN": UnitFields(code="BN", name="Bắc Ninh", level="province")},
        classes={"commune": SiteClassFields.model_validate(class_)},
        carriers={"VNPT": CarrierFields(code="VNPT", name="VNPT")},
        sites={row.code: row for row in rows if isinstance(row, SiteFields)},
        circuits={row.code: row for row in rows if isinstance(row, CircuitFields)},
        holidays={day: HolidayFields(day=day, name="Lễ") for day in holidays},
    )


def past(sites: dict[str, list[Run]], *windows: Maintenance, **values: Any) -> Past:
    return replace(Past(MARCH, float(END), sites, {}, NOTHING, windows), **values)


def window(first: float, last: float, scope: Scope = Scope.SITE, target: str = "A", **values: Any) -> Maintenance:
    starts_at, ends_at = (datetime.fromtimestamp(at(hour), UTC) for hour in (first, last))
    announced = {"created_at": datetime.fromtimestamp(START, UTC), "author": "lan"}
    return Maintenance(scope=scope, target=target, starts_at=starts_at, ends_at=ends_at, **{**announced, **values})


def less(hours: float, of_s: int = MONTH_S) -> float:
    return (of_s - hours * HOUR_S) / of_s


def one(runs: list[Run], *windows: Maintenance, **values: Any) -> Figures:
    """The figures of one site with one circuit."""
    return figures(inventory(site("A"), circuit("C", "A", **values)), past({"A": runs}, *windows))


def test_a_site_and_its_only_circuit_have_the_figures_of_one_history():
    found = one(lost(100, 108, cause=Cause.CARRIER_PATH))

    assert less(8) == found.sites["A"].tally.share == found.circuits["C"].tally.chargeable_share
    assert (Verdict.MISSED, Verdict.MISSED) == (found.sites["A"].verdict, found.circuits["C"].verdict)
    assert Evidence.SITE is found.circuits["C"].evidence


def test_a_power_cut_lowers_the_site_and_is_not_charged_to_the_carrier():
    found = one(lost(100, 108, cause=Cause.POWER_OR_REBOOT))

    assert (less(8), Verdict.MISSED) == (found.sites["A"].tally.share, found.sites["A"].verdict)
    assert (1.0, Verdict.MET) == (found.circuits["C"].tally.chargeable_share, found.circuits["C"].verdict)
    assert less(8) == found.circuits["C"].tally.share


def test_a_contract_may_excuse_other_causes():
    found = one(lost(100, 108, cause=Cause.POWER_OR_REBOOT), excused="handoff,upstream")

    assert less(8) == found.circuits["C"].tally.chargeable_share


def test_what_was_cut_above_counts_against_the_site_and_not_its_circuit():
    found = one(lost(100, 108, State.UNREACHABLE, Cause.UPSTREAM))

    assert (less(8), 1.0) == (found.sites["A"].tally.share, found.circuits["C"].tally.share)


def test_a_gap_in_watching_is_neither_up_nor_down_and_no_outage():
    gap = Intervals.of([(at(10), at(10) + 600)])
    found = figures(inventory(site("A"), circuit("C", "A")), past({"A": WELL}, gaps=gap))

    for tally in (found.sites["A"].tally, found.circuits["C"].tally):
        assert (1.0, 0) == (tally.share, tally.outages)
        assert (600, (MONTH_S - 600) / MONTH_S) == (tally.seconds[State.UNKNOWN], tally.coverage)


def test_a_site_that_nobody_watched_has_no_data():
    found = figures(inventory(site("A"), circuit("C", "A")), past({}))

    assert (None, 0.0, Verdict.NO_DATA) == (
        found.sites["A"].tally.share,
        found.sites["A"].tally.coverage,
        found.sites["A"].verdict,
    )
    assert Verdict.NO_DATA is found.circuits["C"].verdict


@pytest.mark.parametrize(
    ("values", "is_there"),
    [
        ({"status": "planned"}, False),
        ({"status": "retired"}, False),
        ({"status": "retired", "retired_on": "2026-03-11"}, True),
        ({"status": "retired", "retired_on": "2026-03-01"}, False),
        ({"activated_on": "2026-04-01"}, False),
        ({"activated_on": "2026-03-31"}, True),
    ],
    ids=["planned", "retired some day", "retired within", "retired before", "activated later", "activated within"],
)
def test_sites_that_do_not_live_in_the_span_count_nowhere(values: dict[str, str], *, is_there: bool):
    found = figures(inventory(site("A", **values), circuit("C", "A")), past({"A": WELL}))

    assert (is_there, is_there) == ("A" in found.sites, "C" in found.circuits)


def test_a_site_activated_within_the_month_counts_from_that_day():
    """Nobody had plugged it in before."""
    runs = [Run(State.DOWN, START - 99, at(240)), Run(State.UP, at(240))]
    found = figures(inventory(site("A", activated_on="2026-03-11")), past({"A": runs})).sites["A"]

    assert (1.0, 21 * DAY_S) == (found.tally.share, found.tally.expected_s)


def test_only_the_service_hours_of_the_class_count_and_no_holiday():
    """Mondays are the 2nd, 9th, 16th, 23rd and 30th; the 9th is a holiday, and of the 2nd two hours were lost."""
    runs = lost(24 + 10, 24 + 20)
    place = inventory(site("A"), hours="mon 08:00-12:00", holidays=("2026-03-09",))
    found = figures(place, past({"A": runs})).sites["A"]

    assert (16 * HOUR_S, 2 * HOUR_S) == (found.tally.expected_s, found.tally.down_s)


def test_a_circuit_with_a_history_of_its_own_is_judged_by_it():
    place = inventory(site("A"), circuit("C", "A"), circuit("D", "A"))
    found = figures(place, past({"A": WELL}, circuits={"C": lost(100, 108)})).circuits

    assert (less(8), Evidence.OWN) == (found["C"].tally.share, found["C"].evidence)


def test_a_circuit_beside_another_has_no_figure_without_evidence_of_its_own():
    """Which of the two carried the traffic nobody knows: nothing is claimed, and no second is summed."""
    place = inventory(site("A"), circuit("C", "A"), circuit("D", "A"))
    found = figures(place, past({"A": lost(100, 108)}, circuits={"C": WELL})).circuits["D"]

    assert (Evidence.NONE, Verdict.NO_DATA) == (found.evidence, found.verdict)
    assert (None, None, 0) == (found.tally.share, found.tally.coverage, found.tally.expected_s)


def test_a_circuit_counts_from_the_first_to_the_last_day_of_its_contract():
    """On 11 March one carrier followed the other; each had the site to itself."""
    place = inventory(
        site("A"), circuit("C", "A", ends_on="2026-03-10"), circuit("D", "A", starts_on=date(2026, 3, 11))
    )
    found = figures(place, past({"A": lost(100, 108)})).circuits

    assert (10 * DAY_S, 8 * HOUR_S) == (found["C"].tally.expected_s, found["C"].tally.down_s)
    assert (21 * DAY_S, 0) == (found["D"].tally.expected_s, found["D"].tally.down_s)


def test_a_circuit_whose_contract_ended_before_is_left_out():
    assert {} == one(WELL, ends_on="2026-02-28").circuits


def test_a_window_of_five_minutes_inside_a_cut_of_eight_hours_excuses_five_minutes():
    found = one(lost(100, 108), window(102, 102 + 1 / 12))

    assert 8 * HOUR_S - 300 == found.sites["A"].tally.down_s == found.circuits["C"].tally.down_s


@pytest.mark.parametrize(
    ("scope", "target", "site_down", "circuit_down"),
    [
        (Scope.SITE, "A", 0, 0),
        (Scope.UNIT, "BN", 0, 0),
        (Scope.BELOW, "A", 0, 0),
        (Scope.CIRCUIT, "C", 8, 0),
        (Scope.CARRIER, "VNPT", 8, 0),
        (Scope.SITE, "B", 8, 8),
    ],
)
def test_a_window_covers_a_site_with_its_circuits_or_circuits_alone(
    scope: Scope, target: str, site_down: int, circuit_down: int
):
    found = one(lost(100, 108), window(99, 110, scope, target))

    assert (site_down * HOUR_S, circuit_down * HOUR_S) == (
        found.sites["A"].tally.down_s,
        found.circuits["C"].tally.down_s,
    )


def test_a_window_that_does_not_exclude_changes_no_figure():
    assert one(lost(100, 108)) == one(lost(100, 108), window(99, 110, excludes=False))


def test_a_window_added_afterwards_changes_the_figure_and_the_old_one_can_be_had():
    late = window(99, 110, created_at=datetime.fromtimestamp(at(120), UTC))
    recorded = past({"A": lost(100, 108)}, late, window(200, 201))
    place = inventory(site("A"))

    assert 1.0 == figures(place, recorded).sites["A"].tally.share
    assert less(8, MONTH_S - HOUR_S) == figures(place, without_late_windows(recorded)).sites["A"].tally.share


def test_an_outage_that_straddles_the_month_is_clipped():
    found = one([Run(State.UP, START - 99, END - 60), Run(State.DOWN, END - 60, END + 120), Run(State.UP, END + 120)])

    assert (60, 1) == (found.sites["A"].tally.down_s, found.sites["A"].tally.outages)


@pytest.mark.parametrize(
    ("share", "coverage", "verdict"),
    [
        (0.995, 1.0, Verdict.MET),
        (0.99499, 1.0, Verdict.MISSED),
        (1.0, 0.95, Verdict.MET),
        (1.0, 0.9499, Verdict.INSUFFICIENT),
        (None, 1.0, Verdict.NO_DATA),
        (None, 0.0, Verdict.NO_DATA),
        (None, None, Verdict.NO_DATA),
    ],
)
def test_a_verdict_needs_enough_that_is_known(share: float | None, coverage: float | None, verdict: Verdict):
    assert verdict is judged(share, coverage, 0.995)


def test_a_total_is_of_seconds_and_no_mean_of_shares():
    """A site that counted for an hour and was down all of it must not weigh as much as one that counted for a month."""
    young = site("B", activated_on="2026-03-31")
    found = figures(inventory(site("A"), young), past({"A": WELL, "B": lost(0, 744)})).sites
    sum_of_both = total(figure.tally for figure in found.values())

    assert MONTH_S / (MONTH_S + DAY_S) == sum_of_both.share
    assert (1, MONTH_S + DAY_S) == (sum_of_both.outages, sum_of_both.expected_s)


def test_a_total_of_nothing_is_no_data():
    assert (None, None, None) == (total([]).share, total([]).coverage, total([]).mttr_s)


def test_the_worked_example_of_the_page_is_reckoned_as_it_says():
    """docs/availability.md is what officials are shown."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "availability.md").read_text(encoding="utf-8")
    shares = dict(re.findall(r"^    (site|circuit|chargeable|coverage) .* = ([0-9.]+) %", page, re.MULTILINE))
    states = [
        (State.UP, -9, None),
        (State.DOWN, 4 * 24 + 8, Cause.POWER_OR_REBOOT),
        (State.UP, 4 * 24 + 16, None),
        (State.UNREACHABLE, 9 * 24 + 9, Cause.UPSTREAM),
        (State.UP, 9 * 24 + 9.5, None),
        (State.DOWN, 16 * 24 + 14, Cause.CARRIER_PATH),
        (State.UP, 16 * 24 + 14 + 2 / 3, None),
    ]
    recorded = past(
        {"A": runs_of((state, at(hour), cause) for state, hour, cause in states)},
        window(4 * 24 + 10, 4 * 24 + 10 + 1 / 12),
        gaps=Intervals.of([(at(19 * 24), at(19 * 24) + 600)]),
    )
    found = figures(inventory(site("A"), circuit("C", "A")), recorded)
    of_site, of_circuit = found.sites["A"], found.circuits["C"]

    assert shares == {
        name: f"{int(share * 1e5) / 1e3:.3f}"
        for name, share in {
            "site": of_site.tally.share,
            "circuit": of_circuit.tally.share,
            "chargeable": of_circuit.tally.chargeable_share,
            "coverage": of_site.tally.coverage,
        }.items()
    }
    assert (Verdict.MISSED, Verdict.MET) == (of_site.verdict, of_circuit.verdict)
    for seconds in (of_site.tally.up_s, of_site.tally.down_s, of_circuit.tally.down_s, of_site.tally.expected_s):
        assert f"{seconds:,}" in page
