"""Circuits of a site that can differ from it: when each of them changed, and what that means for the site."""

import pytest

from tests.health.world import COMMUNES, D1, SHAPES, World, router, world
from wanmon.health.circuits import NOTHING_KNOWN, Evidence, Line
from wanmon.health.findings import Change
from wanmon.health.topology import Shape
from wanmon.model.state import State

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
FIBRE, RADIO = Line("fibre", port=(router("C1"), "wan0")), Line("radio", port=(router("C1"), "wan1"))
PROBED = Line("fibre", lane="circuit fibre", port=(router("C1"), "wan0"))
CANARY = {"canary": {"nobody"}}


def make(*lines: Line, seed: int = 0, **values: object) -> World:
    """A world whose commune C1 has these circuits."""
    return world(seed, shapes={**SHAPES, "C1": Shape((D1,), (router("C1"),), lines=lines)}, **values)


def port(here: World, line: Line, is_up: bool | None) -> None:
    here.changes += here.province.port(*line.port, is_up=is_up, now_s=here.now_s).changes  # type: ignore[misc]


def of_circuit(here: World, code: str, since_s: float = 0.0) -> list[Change]:
    return [c for c in here.changes if c.circuit == code and c.edge.decided_s > since_s]


def evidence(here: World, code: str) -> Evidence:
    return here.province.circuits.held[code].evidence


def test_a_port_that_falls_takes_its_circuit_down_and_its_site_is_less_redundant():
    here = make(FIBRE, RADIO)
    here.run(300)
    port(here, FIBRE, is_up=True)
    port(here, RADIO, is_up=True)
    here.run(400)
    port(here, RADIO, is_up=False)
    here.run(500)
    (_, down) = of_circuit(here, "radio", since_s=290)

    assert (UP, DOWN, 400) == (down.old, down.new, down.edge.at_s)
    assert (DEGRADED, {"redundancy_lost"}) == (here.province.states["C1"], here.province.ailments["C1"])
    assert [] == here.openings()


def test_a_circuit_of_which_nothing_speaks_has_no_state():
    here = make(Line("fibre"), Line("radio"))
    here.run(400)

    assert {NOTHING_KNOWN} == set(here.province.circuits.held.values())
    assert UP is here.province.states["C1"]


def test_a_port_that_is_known_no_more_speaks_no_more():
    here = make(FIBRE, RADIO)
    here.run(300)
    port(here, FIBRE, is_up=False)
    port(here, FIBRE, is_up=None)

    assert NOTHING_KNOWN == here.province.circuits.held["fibre"]
    assert [UP, DOWN, UNKNOWN] == [UP, *(c.new for c in of_circuit(here, "fibre", since_s=290))]
    assert UP is here.province.states["C1"]


def test_the_circuits_of_a_site_that_falls_fall_with_it_and_at_its_date():
    here = make(FIBRE, RADIO)
    here.run(300)
    port(here, FIBRE, is_up=True)
    port(here, RADIO, is_up=True)
    here.cut.add("C1")
    here.run(400)
    (site,) = here.of("C1", since_s=300)

    for code in ("fibre", "radio"):
        down = of_circuit(here, code)[-1]
        assert (DOWN, site.edge) == (down.new, down.edge)
    assert Evidence.SITE is evidence(here, "fibre")


def test_a_single_circuit_without_a_probe_has_no_history_of_its_own():
    """It is that of its site."""
    here = make(FIBRE)
    here.run(300)
    here.cut.add("C1")
    here.run(400)

    assert [] == of_circuit(here, "fibre")
    assert DOWN is here.province.circuits.held["fibre"].state


def test_a_circuit_whose_far_side_falls_is_dated_from_the_first_miss():
    here = make(PROBED, RADIO)
    here.run(300)
    port(here, RADIO, is_up=True)
    here.cut.add("circuit fibre")
    here.run(400)
    (down,) = of_circuit(here, "fibre", since_s=300)

    assert (DOWN, "circuit fibre") == (down.new, down.lane)
    assert 300 <= down.edge.at_s <= 305
    assert Evidence.PROBE is evidence(here, "fibre")
    assert DEGRADED is here.province.states["C1"]


def test_a_circuit_that_was_down_before_its_site_was_cut_off_is_not_dated_back():
    """Its time of DOWN counts against the carrier, and must not be written over."""
    here = make(PROBED, RADIO, canaries=CANARY)
    here.run(300)
    here.cut.add("circuit fibre")
    here.run(400)
    here.cut.add(D1)
    here.run(500)
    down, cut_off = of_circuit(here, "fibre", since_s=300)

    assert (DOWN, UNREACHABLE) == (down.new, cut_off.new)
    assert 300 <= down.edge.at_s <= 305
    assert 400 <= cut_off.edge.at_s <= 405
    assert (D1,) == cut_off.roots


def test_a_circuit_is_down_and_not_cut_off_once_the_way_to_its_site_is_back():
    here = make(PROBED, RADIO, canaries=CANARY)
    here.run(300)
    here.cut |= {"circuit fibre", D1}
    here.run(500)
    here.cut.remove(D1)
    here.run(600)
    back = of_circuit(here, "fibre")[-1]

    assert (UNREACHABLE, DOWN) == (back.old, back.new)
    assert 500 <= back.edge.at_s


@pytest.mark.parametrize("line", [PROBED, FIBRE], ids=["probe", "port"])
def test_changes_of_a_circuit_follow_one_another(line):
    here = make(line, RADIO, canaries=CANARY)
    for at_s, cut in enumerate(
        [set(), {"C1"}, {"circuit fibre"}, {D1, "circuit fibre"}, {D1}, set(), {"circuit fibre"}, set()]
    ):
        here.cut = {each for each in cut if each in here.lanes or each in SHAPES}
        here.pass_s(at_s * 400 + 400)
        port(here, RADIO, is_up=at_s % 2 == 0)
        port(here, FIBRE, is_up=at_s % 3 == 0)
    for code in ("fibre", "radio"):
        changes = of_circuit(here, code)
        assert [change.new for change in changes[:-1]] == [change.old for change in changes[1:]]
        dates = [change.edge.at_s for change in changes]
        assert sorted(dates) == dates, changes


def test_a_circuit_that_is_left_alone_while_it_is_down_comes_up_all_the_same():
    """The other one was given up: without a change its outage would be open, and its time down, for ever."""
    here = make(FIBRE, RADIO)
    here.run(300)
    port(here, FIBRE, is_up=False)
    port(here, RADIO, is_up=True)
    here.run(400)
    here.follow({**SHAPES, "C1": Shape((D1,), (router("C1"),), lines=(FIBRE,))})
    here.cut.add("C1")
    here.run(500)

    assert [DOWN, UP, DOWN] == [change.new for change in of_circuit(here, "fibre", since_s=290)]
    assert {400} == {change.edge.at_s for change in of_circuit(here, "fibre", since_s=290) if change.new is UP}


@pytest.mark.parametrize("is_cut", [True, False], ids=["down", "up"])
def test_a_circuit_that_gets_company_has_a_history_of_its_own_from_then_on(is_cut):
    """Until then its site's was its own: nothing told of it would be no data."""
    here = make(FIBRE)
    here.run(300)
    port(here, FIBRE, is_up=True)
    here.cut |= {"C1"} if is_cut else set()
    here.run(400)
    assert [] == of_circuit(here, "fibre")

    here.follow({**SHAPES, "C1": Shape((D1,), (router("C1"),), lines=(FIBRE, RADIO))})
    here.run(410)

    assert [(UNKNOWN, DOWN if is_cut else UP, 400)] == [
        (change.old, change.new, change.edge.at_s) for change in of_circuit(here, "fibre")
    ]


def test_a_circuit_that_leaves_leaves_nothing_behind():
    here = make(PROBED, RADIO)
    here.run(300)
    port(here, RADIO, is_up=False)
    here.follow(SHAPES)
    here.run(400)

    assert {} == here.province.circuits.held == here.province.circuits.ports
    assert "circuit fibre" not in here.province.lives
    assert UP is here.province.states["C1"]
    assert {State.UP} == here.states(COMMUNES[D1])


@pytest.mark.parametrize("seed", range(8))
def test_a_circuit_that_falls_with_its_district_is_cut_off_and_never_down(seed):
    """Its far side falls silent with all the rest, and may be found dead before its site is judged."""
    here = make(PROBED, RADIO, seed=seed, canaries=CANARY)
    here.run(300)
    port(here, RADIO, is_up=True)
    here.cut.add(D1)
    here.run(400)

    assert [UNREACHABLE] == [change.new for change in of_circuit(here, "fibre", since_s=300)]
    assert [UNREACHABLE] == [change.new for change in of_circuit(here, "radio", since_s=300)]
    assert [UNREACHABLE] == [change.new for change in here.of("C1", since_s=300)]
