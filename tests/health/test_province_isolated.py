"""Whether it is rather we who are cut off: with canaries and without, and how that ends."""

import pytest

from tests.health.world import COMMUNES, D1, D2, HUB, SHAPES, router, site, world
from wanmon.health.life import Vitality
from wanmon.health.machine import Effect
from wanmon.model.state import State

SEEDS = range(8)
EVERYBODY = set(SHAPES)
#: A canary that falls with our own line, which is the hub's here.
NEAR = {"canary": {HUB}}
#: A canary that never falls.
ALWAYS = {"canary": {"nobody"}}


@pytest.mark.parametrize("canaries", [{}, NEAR], ids=["without a canary", "with a canary"])
@pytest.mark.parametrize("seed", SEEDS)
def test_when_everything_is_silent_it_is_we_who_are_cut_off(seed, canaries):
    """Nobody is charged, and nothing is called down: no outage second of anybody."""
    here = world(seed, canaries=canaries)
    here.run(300)
    here.cut.add(HUB)
    here.run(400)

    assert [] == here.openings()
    assert {State.UNKNOWN} == here.states(SHAPES)
    assert {Effect.NONE} == {change.effect for change in here.changes if change.new is State.UNKNOWN}
    assert all(300 <= change.edge.at_s <= 307 for change in here.changes if change.new is State.UNKNOWN)


@pytest.mark.parametrize("canaries", [{}, NEAR], ids=["without a canary", "with a canary"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_isolated_is_up_again_without_an_alert(seed, canaries):
    here = world(seed, canaries=canaries)
    here.run(300)
    here.cut.add(HUB)
    here.run(600)
    here.cut.clear()
    here.run(700)

    assert [] == here.openings()
    assert {State.UP} == here.states(SHAPES)
    assert None is here.province.isolated_since_s


@pytest.mark.parametrize("seed", SEEDS)
def test_while_the_canary_lives_every_site_that_falls_is_a_real_outage(seed):
    """Every district of a carrier may fall at once: nobody is unknown then."""
    here = world(seed, canaries=ALWAYS)
    here.run(300)
    here.cut |= {D1, D2}
    here.run(400)

    assert [D1, D2] == sorted(here.openings())
    assert {State.UNREACHABLE} == here.states(COMMUNES[D1] + COMMUNES[D2])
    assert State.UP is here.province.states[HUB]
    assert None is here.province.isolated_since_s


def test_while_the_canary_lives_a_hub_that_falls_is_the_root_of_all():
    here = world(canaries=ALWAYS)
    here.run(300)
    here.cut.add(HUB)
    here.run(400)

    assert [HUB] == here.openings()
    assert {State.UNREACHABLE} == here.states(EVERYBODY - {HUB})
    assert {(HUB,)} == {here.province.roots[code] for code in EVERYBODY - {HUB}}


def test_a_canary_of_which_nothing_is_known_keeps_a_silence_waiting_for_so_long_and_no_longer():
    """At most for as many misses as it can take to judge the canary: 24 while its line is not known."""
    here = world(canaries=ALWAYS, mute={"canary"})
    here.run(300)
    here.cut.add(HUB)
    here.run(330)
    assert {State.UP} == here.states(SHAPES)

    here.run(345)
    (down,) = here.of(HUB, since_s=300)

    assert [HUB] == here.openings()
    assert 300 <= down.edge.at_s <= 305
    assert 24 < down.edge.decided_s - down.edge.at_s - 7 <= 26


def test_a_canary_that_is_lost_too_keeps_a_silence_waiting_only_until_it_is_judged():
    """One that is dead while a site answers is dead itself: what fell is not held back for it."""
    here = world(canaries=ALWAYS)
    here.run(300)
    here.cut |= {"canary", "C1"}
    here.run(330)

    assert ["C1"] == here.openings()
    assert {State.UP} == here.states(EVERYBODY - {"C1"})


def test_a_dead_canary_beside_a_living_one_says_nothing():
    here = world(canaries={"one": {"nobody"}, "two": {"nobody"}}, cut={"two"})
    here.run(300)
    here.cut.add("C1")
    here.run(315)

    assert ["C1"] == here.openings()


def test_a_site_that_was_down_before_we_were_cut_off_is_the_same_outage_afterwards():
    here = world(canaries=NEAR)
    here.run(300)
    here.cut.add("C1")
    here.run(400)
    here.cut.add(HUB)
    here.run(500)
    here.cut.remove(HUB)
    here.run(600)

    assert [Effect.OPENS, Effect.SUSPENDS, Effect.RESUMES] == [c.effect for c in here.of("C1", since_s=300)]
    assert ["C1"] == here.openings()


def test_a_site_that_fell_while_we_were_cut_off_is_found_down_afterwards():
    here = world(canaries=NEAR)
    here.run(300)
    here.cut.add(HUB)
    here.run(400)
    here.cut.add("C1")
    here.run(500)
    here.cut.remove(HUB)
    here.run(600)
    down = here.of("C1")[-1]

    assert ["C1"] == here.openings()
    assert 500 <= down.edge.at_s


@pytest.mark.parametrize("canaries", [{}, NEAR], ids=["without a canary", "with a canary"])
def test_nothing_is_counted_against_anybody_while_we_are_cut_off(canaries):
    """Else everybody would be called down with the first answer of somebody else."""
    here = world(canaries=canaries)
    here.run(300)
    here.cut.add(HUB)
    here.run(1300)
    lives = [here.province.lives[router(code)] for code in SHAPES]

    assert {Vitality.UNKNOWN} == {held.vitality for held in lives}
    assert {0} == {held.misses for held in lives}


@pytest.mark.parametrize("shapes", [{"S1": site("S1")}, {f"S{n}": site(f"S{n}") for n in range(1, 9)}], ids=len)
def test_a_province_without_a_hub_is_not_isolated_for_ever(shapes):
    """Where nobody stands behind anybody, anybody who answers proves that our own line is well."""
    here = world(shapes=shapes)
    here.run(300)
    here.cut |= set(shapes)
    here.run(400)
    assert {State.UNKNOWN} == here.states(shapes)

    here.cut.clear()
    here.run(500)
    assert {State.UP} == here.states(shapes)
    assert None is here.province.isolated_since_s

    here.cut |= set(sorted(shapes)[:4])
    here.run(600)
    assert State.UP not in here.states(sorted(shapes)[:4])


def test_in_a_province_without_a_hub_somebody_who_answers_shows_that_we_are_well():
    """Seven of ten fall with their carrier; the others answer."""
    shapes = {f"S{n}": site(f"S{n}") for n in range(10)}
    here = world(shapes=shapes)
    here.run(300)
    here.cut |= {f"S{n}" for n in range(7)}
    here.run(400)

    assert [f"S{n}" for n in range(7)] == sorted(here.openings())


def test_a_hub_that_answers_does_not_prove_that_we_reach_anybody_behind_it():
    """Without a canary: nobody below the hub was heard, and our own way may end right behind it."""
    here = world()
    here.run(300)
    here.cut |= {D1, D2}
    here.run(400)

    assert [] == here.openings()
    assert {State.UNKNOWN} == here.states(COMMUNES[D1] + COMMUNES[D2])


def test_planned_sites_have_no_say_in_whether_we_are_isolated():
    planned = {code: shape if code not in COMMUNES[D1] else _planned(shape) for code, shape in SHAPES.items()}
    here = world(shapes=planned, cut=set(COMMUNES[D1]))
    here.run(300)
    here.cut |= {D2}
    here.run(400)

    assert [D2] == [code for code in here.openings() if code not in COMMUNES[D1]]
    assert None is here.province.isolated_since_s


def _planned(shape):
    return type(shape)(shape.parents, shape.edges, shape.others, shape.lines, counts=False)


def test_a_site_that_waited_when_it_was_lost_sight_of_waits_anew():
    """What it waited before is of another silence."""
    here = world(canaries=ALWAYS, mute={"canary"})
    here.pass_s(300)
    here.cut.add(HUB)
    here.pass_s(315)
    here.mute |= set(map(router, SHAPES))
    here.pass_s(1000)
    assert {State.UNKNOWN} == here.states(SHAPES)

    here.mute -= set(map(router, SHAPES))
    here.cut.clear()
    here.pass_s(1300)
    here.cut.add(HUB)
    here.pass_s(1330)

    assert {State.UP} == here.states(SHAPES)
