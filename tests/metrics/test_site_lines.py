"""The lines of a site: its state, its maintenance, its outages, and how long it was in which state."""

from dataclasses import replace
from typing import Any

import pytest

from tests.metrics.rendered import NOW_S, TEXT, board, exposition, of, samples, scraped, value
from tests.poller.scripted import Hands
from wanmon.model.cause import Cause
from wanmon.model.finding import TwoWay
from wanmon.model.inventory import EMPTY
from wanmon.model.state import State
from wanmon.poller.board import Board, SiteView
from wanmon.poller.seconds import SiteSeconds

NOW = Hands().now()
SECONDS = SiteSeconds((1.0, 20.015625, 300.5, 4000.0, 0.25), 77.5)


def shown(**values: Any) -> str:
    """A scrape in which site S1 is in this state."""
    given: dict[str, Any] = {"state": State.UP, "since": NOW} | values
    return scraped(board().with_site("S1", SiteView(**given)))


@pytest.mark.parametrize(
    ("ends_s", "maintenance", "end"),
    [(None, 0, None), (1_772_460_000.0, 1, 1_772_460_000), (float("inf"), 1, None)],
    ids=["outside", "in a window", "in one without an end"],
)
def test_the_end_of_a_window_is_shown_where_it_has_one(ends_s: float | None, maintenance: int, end: float | None):
    """An infinite number would make every rule about it true."""
    text = shown(maintenance_ends_s=ends_s)

    assert maintenance == value(text, "wanmon_site_maintenance", site="S1")
    assert end == value(text, "wanmon_site_maintenance_end_timestamp_seconds", site="S1")


@pytest.mark.parametrize(
    ("state", "roots", "expected"),
    [
        (State.UNREACHABLE, ("D1",), ["D1"]),
        (State.UNREACHABLE, ("D2", "D1"), ["D2"]),
        (State.UNREACHABLE, (), []),
        (State.DOWN, ("D1",), []),
    ],
    ids=["one", "the first to fall of two", "none known", "not cut off"],
)
def test_one_root_is_named_while_a_site_is_cut_off(state: State, roots: tuple[str, ...], expected: list[str]):
    """Two would make two series of a join that wants one."""
    found = of(shown(state=state, roots=roots), "wanmon_site_root_cause_info")

    assert expected == [labels["root_cause_site"] for labels, _ in found]


def test_flags_are_0_until_they_hold():
    plain, flagged = shown(), shown(is_upstream_down=True, is_acknowledged=True)
    names = ("wanmon_site_upstream_down", "wanmon_site_outage_acknowledged")

    assert [0, 0] == [value(plain, name, site="S1") for name in names]
    assert [1, 1] == [value(flagged, name, site="S1") for name in names]


def test_every_cause_of_an_outage_is_counted_from_the_start():
    text = shown(outages={Cause.HANDOFF: 3})
    found = {labels["cause"]: n for labels, n in of(text, "wanmon_site_outages_total") if labels["site"] == "S1"}

    assert {cause.value: 3 if cause is Cause.HANDOFF else 0 for cause in Cause} == found


CIRCUITS = {State.UP: 1, State.DEGRADED: 1, State.DOWN: 0, State.UNREACHABLE: 0, State.UNKNOWN: None}


@pytest.mark.parametrize(("state", "expected"), CIRCUITS.items())
def test_a_circuit_of_which_nothing_is_known_has_no_state(state: State, expected: float | None):
    assert expected == value(shown(circuits={"S1/1": state}), "wanmon_circuit_up", circuit="S1/1")
    assert None is value(shown(), "wanmon_circuit_up", circuit="S1/1")


def test_the_seconds_of_the_states_make_up_the_monitored_ones():
    text = scraped(replace(board(), seconds={"S1": SECONDS}))
    by_state = [value(text, f"wanmon_site_{state}_seconds_total", site="S1") for state in State]

    assert list(SECONDS.by_state) == by_state
    assert sum(SECONDS.by_state) == value(text, "wanmon_site_monitored_seconds_total", site="S1")
    assert 77.5 == value(text, "wanmon_site_maintenance_seconds_total", site="S1")


def test_the_seconds_of_a_narrowed_scrape_are_those_of_its_sites():
    held = replace(board(), seconds={"S1": SECONDS, "S2": SiteSeconds()})
    text = exposition().narrowed(held, {"S1"}, NOW_S, TEXT).body.decode()

    assert ["S1"] == [labels["site"] for labels, _ in of(text, "wanmon_site_monitored_seconds_total")]


@pytest.mark.parametrize("isolated", [True, False])
def test_our_own_isolation_is_one_series_for_all(isolated: bool):
    assert isolated == value(scraped(replace(board(), is_isolated=isolated)), "wanmon_isolated")


def test_figures_that_were_reckoned_elsewhere_are_shown_as_they_are():
    line = 'wanmon_site_availability_ratio{site="S1",period="month"} NaN\n'
    text = scraped(replace(board(), figures={"wanmon_site_availability_ratio": line.encode()}))

    assert line in text


def test_each_scrape_shows_what_holds_then_and_nothing_of_before():
    """Lines of a site are rendered when it changed, and kept between."""
    made, first = exposition(), replace(board(), seconds={"S1": SECONDS})

    def scrape(of_board: Board) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return samples(made.everything(of_board, NOW_S, TEXT).body.decode())

    def ours(found: dict[tuple[str, frozenset[tuple[str, str]]], float]) -> dict[object, float]:
        return {key: number for key, number in found.items() if not key[0].startswith(("process_", "python_"))}

    second = replace(
        first.with_site("S1", SiteView(State.DOWN, NOW, circuits={"S1/1": State.DOWN})),
        seconds={"S1": replace(SECONDS, maintenance=99.0)},
    )
    third = replace(second, inventory=EMPTY, sites={}, devices={}, seconds={})
    for each in (first, first, second, third, first):
        assert ours(samples(scraped(each))) == ours(scrape(each))


def test_the_verdict_is_one_of_all_that_there_are_and_none_where_nothing_is_known():
    text = scraped(board())

    assert 1 == value(text, "wanmon_site_verdict", site="S1", verdict="agent_only")
    assert [0.0] * 5 == [
        value(text, "wanmon_site_verdict", site="S1", verdict=each.value)
        for each in TwoWay
        if each is not TwoWay.AGENT_ONLY
    ]
    assert value(text, "wanmon_site_verdict", site="S2", verdict="ok") is None
