"""A poller that is killed and begun anew: nothing resolves and nothing fires because of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.poller.scripted import Hands
from tests.poller.simulated import Life, tree
from wanmon.model.cause import Cause
from wanmon.model.outage import Outage
from wanmon.model.state import State

UP, DOWN, UNREACHABLE = State.UP, State.DOWN, State.UNREACHABLE


def settle(life: Life) -> Life:
    """Live until the lines are known."""
    life.pass_s(240)
    return life


@pytest.mark.parametrize("away_s", [2, 20, 3600], ids=["at once", "soon", "after an hour"])
@pytest.mark.parametrize("cut", [{"C1"}, {"D1"}, {"C1", "C3"}], ids=["commune", "district", "two"])
def test_what_was_lost_is_still_lost_and_what_was_up_is_up(cut: set[str], away_s: float):
    first = settle(Life(tree(), cut=cut))
    first.cut = set()
    first.pass_s(300)
    first.cut = cut
    first.pass_s(120)
    second = first.left(away_s)
    before = {code: first.state(code) for code in first.pipeline.board.sites}

    assert before == {code: second.state(code) for code in second.pipeline.board.sites}

    second.pass_s(300)

    assert [] == second.kept.transitions
    assert before == {code: second.state(code) for code in second.pipeline.board.sites}


@pytest.mark.parametrize("probed", [True, False], ids=["by its probe", "by its port"])
def test_a_circuit_that_was_down_is_still_down(probed: bool):
    """Its outage is open: it must not close and open anew with every restart."""
    first = settle(Life(tree(circuits=2, probed=probed)))
    if probed:
        first.cut.add("circuit C1/2")
    else:
        first.routers["C1-R1"].is_port_up = False
    first.pass_s(120)
    circuit = "C1/2" if probed else "C1/1"
    assert DOWN is first.pipeline.board.sites["C1"].circuits[circuit]

    second = first.left(20)
    assert DOWN is second.pipeline.board.sites["C1"].circuits[circuit]

    second.pass_s(300)

    assert [] == second.kept.transitions
    assert DOWN is second.pipeline.board.sites["C1"].circuits[circuit]


def test_an_outage_that_ended_just_before_a_kill_gets_its_cause_in_the_next_run():
    """Its router had not told of its past yet; what it said before the outage is stored."""
    first = settle(Life(tree()))
    first.cut.add("C1")
    first.pass_s(60)
    first.deaf.add("C1-R1")
    first.cut.clear()
    first.pass_s(20)
    fell, rose = [row for row in first.kept.transitions if row.site == "C1" and row.circuit is None][-2:]
    ended = Outage(site="C1", state=DOWN, began_at=fell.at, decided_at=fell.decided_at, ended_at=rose.at)
    second = first.left(5, remembered=replace(first.memory(), unexplained=(ended,)), deaf=set())
    second.pass_s(60)

    assert [] == [each for each in first.kept.conclusions if each.subject == ("C1", None)]
    assert [Cause.CARRIER_PATH] == [each.finding.cause for each in second.kept.conclusions]
    assert [fell.at] == [each.began_at for each in second.kept.conclusions]


def test_a_clock_that_was_set_back_before_a_restart_makes_no_site_immortal():
    """What was written last seemed to be still to come: no miss counted until the clock had caught up with it."""
    first = settle(Life(tree()))
    clock = Hands()
    clock.wall = first.clock.wall - timedelta(hours=1)
    second = first.left(5, clock=clock)
    second.pass_s(200)
    second.cut.add("C1")
    second.pass_s(60)

    assert DOWN is second.state("C1")
    assert [(DOWN, 200)] == [(state, round(at_s, -1)) for state, at_s in second.told("C1")]
