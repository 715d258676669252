"""What each kind of time does to the figures of the site, of its circuit, and of what the carrier is charged with."""

from dataclasses import replace

import pytest

from wanmon.health.availability import Availability, Counted, Measure, Piece, Terms, availability, explain
from wanmon.health.history import Run
from wanmon.health.intervals import NOTHING, Intervals
from wanmon.health.period import named
from wanmon.model.cause import Cause
from wanmon.model.state import State

MARCH = named("2026-03").span
START, END = MARCH
HOUR_S, MONTH_S = 3600, END - START
ALWAYS = Intervals((MARCH,))
TERMS = Terms(MARCH, now_s=END, active=ALWAYS, service=ALWAYS)


def at(hour: float) -> float:
    """So many hours into the month."""
    return START + hour * HOUR_S


def month(state: State, first: float, last: float, cause: Cause | None = None) -> list[Run]:
    """A month of UP but for these hours of it."""
    return [Run(State.UP, START - 99, at(first)), Run(state, at(first), at(last), cause), Run(State.UP, at(last))]


def figures(state: State, hours: float, cause: Cause | None = None, **terms) -> Availability:
    return availability(month(state, 100, 100 + hours, cause), replace(TERMS, **terms))


def less(hours: float) -> float:
    return (MONTH_S - hours * HOUR_S) / MONTH_S


def hours(first: float, last: float) -> Intervals:
    return Intervals.of([(at(first), at(last))])


@pytest.mark.parametrize(
    ("state", "cause", "site", "circuit", "chargeable"),
    [
        (State.UP, None, 0, 0, 0),
        (State.DEGRADED, None, 0, 0, 0),
        (State.DOWN, Cause.CARRIER_PATH, 8, 8, 8),
        (State.DOWN, Cause.HANDOFF, 8, 8, 8),
        (State.DOWN, Cause.UNKNOWN, 8, 8, 8),
        (State.DOWN, None, 8, 8, 8),
    ],
)
def test_time_down_counts_against_everybody_unless_excused(state, cause, site, circuit, chargeable):
    found = figures(state, 8, cause)

    assert (less(site), less(circuit), less(chargeable)) == (found.site, found.circuit, found.chargeable)
    assert 1.0 == found.coverage
    assert found.for_site.verdict_allowed


@pytest.mark.parametrize("cause", [Cause.POWER_OR_REBOOT, Cause.SILENT_REBOOT, Cause.PLANNED, Cause.MONITOR])
def test_a_power_cut_lowers_the_site_and_is_not_charged_to_the_carrier(cause: Cause):
    found = figures(State.DOWN, 8, cause)

    assert less(8) == found.site == found.circuit
    assert 1.0 == found.chargeable
    assert 8 * HOUR_S == found.for_circuit.excused_s


def test_another_contract_excuses_other_causes():
    """The power cut is charged and the hand-off is not."""
    excused = frozenset({Cause.HANDOFF})

    assert less(8) == figures(State.DOWN, 8, Cause.POWER_OR_REBOOT, excused=excused).chargeable
    assert 1.0 == figures(State.DOWN, 8, Cause.HANDOFF, excused=excused).chargeable


def test_unreachable_counts_against_the_site_and_not_against_its_circuit():
    """Staff could not work, but the line between the site and its parent was never judged."""
    found = figures(State.UNREACHABLE, 8, Cause.UPSTREAM)

    assert (less(8), 1.0, 1.0) == (found.site, found.circuit, found.chargeable)
    assert (1, 0) == (found.for_site.outages, found.for_circuit.outages)
    assert 1.0 == found.coverage


def test_what_nobody_knows_is_neither_up_nor_down():
    runs = [Run(State.UP, START, at(10)), Run(State.UNKNOWN, at(10), at(14)), Run(State.DOWN, at(14), at(20))]
    found = availability([*runs, Run(State.UP, at(20))], TERMS)

    assert (MONTH_S - 10 * HOUR_S) / (MONTH_S - 4 * HOUR_S) == found.site
    assert less(4) == found.coverage


@pytest.mark.parametrize(("unknown", "allowed"), [(0.05, True), (0.051, False), (1.0, False)])
def test_below_95_percent_of_coverage_no_verdict_is_drawn(unknown: float, *, allowed: bool):
    tally = figures(State.UNKNOWN, 0).for_site
    seconds = dict.fromkeys(State, 0) | {State.UNKNOWN: round(unknown * 1e6), State.UP: round((1 - unknown) * 1e6)}

    assert allowed is replace(tally, seconds=seconds).verdict_allowed


@pytest.mark.parametrize(
    "terms",
    [
        {"active": NOTHING},
        {"service": NOTHING},
        {"windows": ALWAYS},
        {"now_s": START},
        {"now_s": START - 5.5},
    ],
    ids=["planned-or-retired", "no-service", "all-maintenance", "not-begun", "long-before"],
)
def test_nothing_in_the_denominator_is_no_data(terms):
    """Neither 0 nor 1: nobody is blamed and nobody is praised for it."""
    found = figures(State.DOWN, 8, Cause.HANDOFF, **terms)

    assert (None,) * 4 == (found.site, found.circuit, found.chargeable, found.coverage)
    assert not found.for_site.verdict_allowed
    assert None is found.for_site.mttr_s
    assert 0 == found.for_site.expected_s


def test_a_month_that_nobody_watched_has_coverage_but_no_figure():
    found = availability([], TERMS)

    assert (None, None, None, 0.0) == (found.site, found.circuit, found.chargeable, found.coverage)


def test_a_month_all_excused_charges_nothing_rather_than_everything():
    found = availability([Run(State.DOWN, START, None, Cause.POWER_OR_REBOOT)], TERMS)

    assert (0.0, 0.0, None) == (found.site, found.circuit, found.chargeable)


def test_a_window_added_afterwards_changes_the_figure():
    before, after = figures(State.DOWN, 8), figures(State.DOWN, 8, windows=hours(99, 109))

    assert less(8) == before.site
    assert 1.0 == after.site == after.circuit == after.chargeable
    assert MONTH_S - 10 * HOUR_S == after.for_site.expected_s
    assert 0 == after.for_site.outages


def test_a_window_of_five_minutes_inside_a_cut_of_eight_hours_excuses_five_minutes():
    found = figures(State.DOWN, 8, windows=hours(102, 102 + 1 / 12))

    assert 8 * HOUR_S - 300 == found.for_site.down_s == found.for_circuit.down_s
    assert 1 == found.for_site.outages


def test_a_window_for_circuits_touches_circuits_only():
    found = figures(State.DOWN, 8, circuit_windows=hours(100, 108))

    assert (less(8), 1.0, 1.0) == (found.site, found.circuit, found.chargeable)
    assert MONTH_S == found.for_site.expected_s
    assert MONTH_S - 8 * HOUR_S == found.for_circuit.expected_s


def test_only_service_hours_count():
    """Of the eight hours down two were within the hours of service."""
    found = figures(State.DOWN, 8, service=hours(90, 102))

    assert 10 / 12 == found.site
    assert 12 * HOUR_S == found.for_site.expected_s


def test_a_young_site_starts_at_its_activation():
    """It was silent before: nobody had plugged it in."""
    runs = [Run(State.DOWN, START - HOUR_S, at(100)), Run(State.UP, at(100))]

    assert 1.0 == availability(runs, replace(TERMS, active=hours(100, 10_000))).site


def test_an_open_outage_counts_up_to_now_and_the_future_not_at_all():
    runs = [Run(State.UP, START, at(90)), Run(State.DOWN, at(90), None)]
    found = availability(runs, replace(TERMS, now_s=at(100) + 0.9))

    assert 0.9 == found.site
    assert 100 * HOUR_S == found.for_site.expected_s


def test_an_outage_that_straddles_the_month_is_clipped_and_counts_in_both():
    runs = [Run(State.UP, START, END - 60), Run(State.DOWN, END - 60, END + 120), Run(State.UP, END + 120)]
    april = replace(TERMS, period=named("2026-04").span, now_s=END + HOUR_S)
    april = replace(april, active=Intervals((april.period,)), service=Intervals((april.period,)))
    first, second = availability(runs, TERMS).for_site, availability(runs, april).for_site

    assert (60, 1) == (first.down_s, first.outages)
    assert (120, 1) == (second.down_s, second.outages)


def test_edges_are_rounded_down_so_that_no_second_is_lost():
    runs = [
        Run(State.UP, START, START + 10.9),
        Run(State.DOWN, START + 10.9, START + 12.1),
        Run(State.UP, START + 12.1),
    ]
    tally = availability(runs, TERMS).for_site

    assert 2 == tally.down_s
    assert MONTH_S == tally.expected_s


@pytest.mark.parametrize(
    ("history", "site", "circuit"),
    [
        ("udu", 1, 1),
        ("ud?du", 1, 1),
        ("ud?udu", 2, 2),
        ("udgdu", 2, 2),
        ("udru", 2, 1),
        ("urdu", 2, 1),
        ("ud?ru", 2, 1),
        ("u?u", 0, 0),
        ("d", 1, 1),
    ],
)
def test_the_unknown_ends_no_outage_and_down_beside_unreachable_is_two(history: str, site: int, circuit: int):
    letters = dict(zip("?ugdr", State, strict=True))
    runs = [Run(letters[letter], at(hour), at(hour + 1)) for hour, letter in enumerate(history)]
    found = availability(runs, TERMS)

    assert (site, circuit) == (found.for_site.outages, found.for_circuit.outages)


def test_mean_times_are_per_outage():
    runs = [
        Run(state, at(hour), at(hour + 1))
        for hour, state in enumerate([State.UP, State.DOWN, State.UP, State.UNREACHABLE, State.UP, State.UP])
    ]
    found = availability(runs, TERMS)

    assert (HOUR_S, 2 * HOUR_S) == (found.for_site.mttr_s, found.for_site.mtbf_s)
    assert (HOUR_S, 4 * HOUR_S) == (found.for_circuit.mttr_s, found.for_circuit.mtbf_s)


def test_without_outages_there_is_no_mean():
    tally = figures(State.UP, 1).for_site

    assert (None, None) == (tally.mttr_s, tally.mtbf_s)


def test_the_pieces_tell_why_time_was_left_out():
    """The first reason that holds is told: what has not come cannot be under maintenance."""
    terms = replace(
        TERMS,
        active=hours(1, 10_000),
        service=hours(0, 8),
        windows=hours(2, 3),
        circuit_windows=hours(2, 4),
        now_s=at(9),
    )
    runs = [Run(State.UP, START, at(5)), Run(State.DOWN, at(5), None, Cause.PLANNED)]
    found = explain(runs, terms, Measure.CHARGEABLE)

    assert [
        Piece(at(0), at(1), State.UP, None, Counted.INACTIVE),
        Piece(at(1), at(2), State.UP, None, Counted.UP),
        Piece(at(2), at(3), State.UP, None, Counted.MAINTENANCE),
        Piece(at(3), at(4), State.UP, None, Counted.CIRCUIT_MAINTENANCE),
        Piece(at(4), at(5), State.UP, None, Counted.UP),
        Piece(at(5), at(8), State.DOWN, Cause.PLANNED, Counted.EXCUSED),
        Piece(at(8), at(9), State.DOWN, Cause.PLANNED, Counted.OUTSIDE_HOURS),
        Piece(at(9), END, State.UNKNOWN, None, Counted.FUTURE),
    ] == found


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("state", State)
def test_the_pieces_sum_to_the_figure(measure: Measure, state: State):
    runs = month(state, 100, 133.3, Cause.POWER_OR_REBOOT)
    terms = replace(TERMS, windows=hours(110, 111), circuit_windows=hours(120, 121), now_s=at(500))
    sums = dict.fromkeys(Counted, 0)
    for piece in explain(runs, terms, measure):
        sums[piece.counted] += piece.end_s - piece.start_s

    assert sums[Counted.UP] / (sums[Counted.UP] + sums[Counted.DOWN]) == getattr(availability(runs, terms), measure)
    assert MONTH_S == sum(sums.values())
