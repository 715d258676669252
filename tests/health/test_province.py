"""The sites together: who is down, who is only cut off, who cannot be told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.health.world import COMMUNES, D1, D2, HUB, SHAPES, router, site, world
from wanmon.health.life import Vitality
from wanmon.health.machine import Effect
from wanmon.health.sight import BLIND_AFTER_S
from wanmon.health.topology import Shape
from wanmon.model.state import State

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_that_is_cut_is_down_within_twelve_seconds_dated_at_its_first_miss(seed):
    here = world(seed)
    here.run(300)
    here.cut.add("C1")
    here.run(400)
    down = here.changes[-1]

    assert ["C1"] == here.openings()
    assert 300 <= down.edge.at_s <= 305
    assert 307 <= down.edge.decided_s <= 312.01
    assert down.edge.uncertainty_s <= 5.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_district_that_is_cut_opens_one_alert_and_its_communes_are_unreachable(seed):
    here = world(seed)
    here.run(300)
    here.cut.add(D1)
    here.run(400)

    assert [D1] == here.openings()
    assert {State.UNREACHABLE} == here.states(COMMUNES[D1])
    assert {(D1,)} == {here.province.roots[code] for code in COMMUNES[D1]}
    assert {State.UP} == here.states((HUB, D2, *COMMUNES[D2]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_district_that_returns_opens_nothing(seed):
    """No storm on the way up."""
    here = world(seed)
    here.run(300)
    here.cut.add(D1)
    here.run(900)
    here.cut.clear()
    here.run(1000)

    assert [] == here.openings(since_s=900)
    assert {State.UP} == here.states(SHAPES)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_that_fell_in_the_shadow_is_down_once_its_district_is_back(seed):
    here = world(seed)
    here.run(300)
    here.cut |= {D1, "C2"}
    here.run(900)
    here.cut.remove(D1)
    here.run(1000)

    assert State.DOWN is here.province.states["C2"]
    assert "C2" not in here.province.roots
    assert [Effect.REOPENS] == [change.effect for change in here.of("C2", since_s=900)]
    assert all(change.edge.at_s >= 900 for change in here.of("C2", since_s=900))


def test_a_commune_down_before_its_district_falls_stays_its_own_outage():
    here = world()
    here.run(300)
    here.cut.add("C1")
    here.run(400)
    here.cut.add(D1)
    here.run(600)

    assert State.DOWN is here.province.states["C1"]
    assert ["C1", D1] == here.openings()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_waits_for_a_district_whose_line_is_so_lossy_that_it_takes_longer_to_tell(seed):
    """The district needs more misses than its communes: who is behind it is not called down before."""
    here = world(seed, loss={D1: 0.4})
    here.run(600)
    before_s = here.now_s
    here.cut.add(D1)
    here.loss.clear()
    here.run(before_s + 120)

    assert [D1] == here.openings(since_s=before_s)
    assert {State.UNREACHABLE} == here.states(COMMUNES[D1])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_commune_waits_for_every_site_above_it_and_not_for_its_parent_alone(seed):
    """A lossy hub falls: its districts wait for it, and so do the communes behind them."""
    shapes = {**SHAPES, "X": site("X"), "X1": site("X1", "X"), **{f"X1{n}": site(f"X1{n}", "X1") for n in range(12)}}
    here = world(seed, shapes=shapes, loss={HUB: 0.5})
    here.run(900)
    before_s = here.now_s
    here.cut.add(HUB)
    here.run(before_s + 150)

    assert [HUB] == here.openings(since_s=before_s)
    assert {State.UNREACHABLE} == here.states([D1, D2, *COMMUNES[D1], *COMMUNES[D2]])
    assert {(HUB,)} == {here.province.roots[code] for code in (D1, D2, *COMMUNES[D1], *COMMUNES[D2])}


def test_a_commune_waits_no_longer_than_its_district_can_take():
    """A district of which we can tell nothing keeps nobody waiting for ever."""
    here = world()
    here.run(300)
    here.mute.add(router(D1))
    here.cut.add("C1")
    here.run(360)

    assert ["C1"] == here.openings()
    assert 330 < here.of("C1")[-1].edge.decided_s < 340


@pytest.mark.parametrize("both", [False, True], ids=["one parent dead", "both parents dead"])
def test_a_site_with_two_parents_is_cut_off_when_both_are_dead(both):
    here = world(shapes={**SHAPES, "C1": site("C1", D1, D2)}, canaries={"canary": {"nobody"}})
    here.run(300)
    here.cut |= {D1, D2} if both else {D1}
    here.run(400)

    assert (State.UNREACHABLE if both else State.UP) is here.province.states["C1"]
    assert {State.UNREACHABLE} == here.states(("C2", "C3"))


def test_of_two_roots_the_one_that_fell_first_comes_first():
    """It is the one that is named first wherever there is room for one only."""
    here = world(shapes={**SHAPES, "C1": site("C1", D1, D2)}, canaries={"canary": {"nobody"}})
    here.run(300)
    here.cut.add(D2)
    here.run(400)
    here.cut.add(D1)
    here.run(500)

    assert (D2, D1) == here.province.roots["C1"]
    assert (D2, D1) == here.of("C1")[-1].roots


def test_one_of_two_parents_back_is_a_way():
    here = world(shapes={**SHAPES, "C1": site("C1", D1, D2)}, canaries={"canary": {"nobody"}})
    here.run(300)
    here.cut |= {D1, D2}
    here.run(500)
    here.cut.remove(D2)
    here.run(600)

    assert State.UP is here.province.states["C1"]
    assert "C1" not in here.province.roots


def test_a_root_that_leaves_the_inventory_is_named_no_more():
    """The communes come before their district in every file: nobody may be judged by a root that is gone."""
    shapes = {code: SHAPES[code] for code in ("C1", "C2", "C3", D1, HUB, D2, "C4", "C5", "C6")}
    here = world(shapes=shapes, canaries={"canary": {"nobody"}})
    here.run(300)
    here.cut.add(HUB)
    here.run(400)
    assert {(HUB,)} == {here.province.roots[code] for code in COMMUNES[D1]}

    here.cut.add(D1)
    here.follow({**{code: shape for code, shape in shapes.items() if code != HUB}, D1: site(D1), D2: site(D2)})
    here.run(500)

    assert State.DOWN is here.province.states[D1]
    assert {(D1,)} == {here.province.roots[code] for code in COMMUNES[D1]}


TWO_EDGES = Shape((D1,), (router("C1"), router("C1", 2)))


def test_a_site_is_lost_with_its_last_edge_and_dated_from_there():
    here = world(shapes={**SHAPES, "C1": TWO_EDGES})
    here.run(300)
    here.cut.add(router("C1"))
    here.run(400)
    here.cut.add(router("C1", 2))
    here.run(500)
    ailing, down = here.of("C1", since_s=300)

    assert (State.DEGRADED, State.DOWN) == (ailing.new, down.new)
    assert "C1" not in here.province.ailments
    assert 400 <= down.edge.at_s <= 405
    assert router("C1", 2) == down.lane


def test_redundancy_is_lost_and_found_with_one_of_two_edges():
    here = world(shapes={**SHAPES, "C1": TWO_EDGES})
    here.run(300)
    here.cut.add(router("C1", 2))
    here.run(400)
    ailing = here.province.ailments["C1"]
    here.cut.clear()
    here.run(500)

    assert {"redundancy_lost"} == ailing
    assert [State.DEGRADED, State.UP] == [change.new for change in here.of("C1", since_s=300)]
    assert [] == here.openings()


def test_an_inner_device_that_is_silent_degrades_its_site_and_never_more():
    here = world(shapes={**SHAPES, "C1": Shape((D1,), (router("C1"),), others=("C1-U1",))})
    here.run(300)
    here.cut.add("C1-U1")
    here.run(3600)

    assert {"inner_device"} == here.province.ailments["C1"]
    assert [State.DEGRADED] == [change.new for change in here.of("C1", since_s=300)]


def test_a_site_of_which_nothing_is_observed_for_five_minutes_is_unknown_from_the_last_observation_on():
    here = world()
    here.pass_s(300)
    last_s = here.province.lives[router("C1")].good_s
    here.mute.add(router("C1"))
    here.pass_s(last_s + BLIND_AFTER_S - 1)
    assert State.UP is here.province.states["C1"]

    here.pass_s(900)
    (blind,) = here.of("C1", since_s=300)

    assert State.UNKNOWN is blind.new
    assert last_s == blind.edge.at_s
    assert BLIND_AFTER_S < blind.edge.decided_s - last_s <= BLIND_AFTER_S + 5
    assert {State.UP} == here.states(SHAPES.keys() - {"C1"})


@pytest.mark.parametrize("is_back", [True, False], ids=["comes back", "is gone"])
def test_a_site_that_is_seen_again_is_judged_anew(is_back):
    here = world()
    here.pass_s(300)
    here.mute.add(router("C1"))
    here.pass_s(900)
    here.mute.clear()
    here.cut |= set() if is_back else {"C1"}
    here.pass_s(1000)

    assert [State.UNKNOWN, State.UP if is_back else State.DOWN] == [c.new for c in here.of("C1", since_s=300)]


def test_the_silence_after_unknown_is_the_outage_before_it():
    """UNKNOWN never closes an outage: nobody is called out twice for one cut."""
    here = world()
    here.pass_s(300)
    here.cut.add("C1")
    here.pass_s(400)
    here.mute.add(router("C1"))
    here.pass_s(1000)
    here.mute.clear()
    here.pass_s(1100)
    here.cut.clear()
    here.pass_s(1200)

    assert [Effect.OPENS, Effect.SUSPENDS, Effect.RESUMES, Effect.CLOSES] == [
        change.effect for change in here.of("C1", since_s=300)
    ]
    assert ["C1"] == here.openings()


def test_a_site_that_was_down_may_be_up_after_unknown_and_that_closes_its_outage():
    here = world()
    here.pass_s(300)
    here.cut.add("C1")
    here.pass_s(400)
    here.mute.add(router("C1"))
    here.pass_s(1000)
    here.mute.clear()
    here.cut.clear()
    here.pass_s(1100)
    here.cut.add("C1")
    here.pass_s(1200)

    assert [Effect.OPENS, Effect.SUSPENDS, Effect.CLOSES, Effect.OPENS] == [
        change.effect for change in here.of("C1", since_s=300)
    ]


def test_a_site_does_not_stay_up_for_a_router_that_nobody_can_ask():
    """One router is dead; the other, which may carry the site, cannot be asked: then nobody can tell."""
    here = world(shapes={**SHAPES, "C1": TWO_EDGES}, mute={router("C1", 2)})
    here.pass_s(300)
    here.cut.add(router("C1"))
    here.pass_s(400)
    assert State.UP is here.province.states["C1"]

    here.pass_s(700)
    (blind,) = here.of("C1", since_s=300)

    assert State.UNKNOWN is blind.new
    assert 300 <= blind.edge.at_s <= 305


def test_a_router_added_to_a_site_that_is_down_raises_it_only_by_answering():
    here = world()
    here.pass_s(300)
    here.cut.add("C1")
    here.pass_s(400)
    here.follow({**SHAPES, "C1": TWO_EDGES})
    here.pass_s(500)

    assert State.DOWN is here.province.states["C1"]


def test_a_site_without_edges_is_unknown():
    here = world(shapes={**SHAPES, "C1": Shape((D1,))})
    here.pass_s(400)

    assert State.UNKNOWN is here.province.states["C1"]
    assert [] == here.of("C1")


def test_a_site_that_loses_its_last_edge_is_unknown_from_then_on():
    here = world()
    here.pass_s(300)
    here.follow({**SHAPES, "C1": Shape((D1,))})
    (blind,) = here.of("C1", since_s=200)

    assert (State.UNKNOWN, 300) == (blind.new, blind.edge.at_s)


def test_a_site_behind_one_without_edges_is_taken_to_be_reachable():
    here = world(shapes={**SHAPES, D1: Shape((HUB,))})
    here.run(300)
    here.cut.add("C1")
    here.run(400)

    assert ["C1"] == here.openings()


def test_what_leaves_the_inventory_leaves_nothing_behind():
    here = world(shapes={**SHAPES, "C1": TWO_EDGES}, canaries={"canary": {"nobody"}})
    here.run(300)
    here.cut.add(D1)
    here.run(400)
    here.follow({code: shape for code, shape in SHAPES.items() if code not in ("C1", D1)})
    held = here.province

    for by_code in (held.states, held.since_s, held.roots, held.ailments, held._waiting.sites(), held._suspended):
        assert {"C1", D1}.isdisjoint(by_code)
    for by_lane in (held.lives, held._conditions, held._followed_s):
        assert {router("C1"), router("C1", 2), router(D1)}.isdisjoint(by_lane)


def test_a_line_that_loses_a_third_of_its_packets_is_lossy_and_not_down():
    here = world(loss={"C1": 0.3})
    here.run(7200)

    assert [] == here.openings()
    assert {"lossy"} == here.province.ailments["C1"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(SHAPES)), st.integers(20, 400)), max_size=8), st.integers(0, 9999))
def test_whatever_is_cut_and_mended_all_is_well_in_the_end(steps, seed):
    """And no alert is ever opened for a site whose way to the hub was cut above it all the time."""
    here = world(seed)
    here.run(300)
    at_s = 300
    for code, length_s in steps:
        here.cut ^= {code}
        at_s += length_s
        here.run(at_s)
    here.cut.clear()
    here.run(at_s + 300)

    assert {State.UP} == here.states(SHAPES)
    assert {Vitality.ALIVE} == {held.vitality for held in here.province.lives.values()}
    assert {} == here.province.roots
    assert None is here.province.isolated_since_s


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cut", "mute"]),
            st.sampled_from([*sorted(SHAPES), router("C1", 2), "canary"]),
            st.integers(5, 500),
        ),
        max_size=10,
    ),
    st.integers(0, 9999),
)
def test_whatever_happens_changes_of_a_site_follow_one_another(steps, seed):
    """In time and in state, and none is dated after it was decided."""
    here = world(seed, shapes={**SHAPES, "C1": TWO_EDGES}, canaries={"canary": {HUB}}, loss={"C2": 0.2, D2: 0.1})
    for what, code, length_s in steps:
        silenced = here.cut if what == "cut" else here.mute
        silenced ^= {code if what == "cut" else router(code) if code in SHAPES else code}
        here.pass_s(here.now_s + length_s)
    for code in SHAPES:
        changes = here.of(code)
        assert [State.UNKNOWN, *(change.new for change in changes)] == [
            *(change.old for change in changes), here.province.states[code],
        ]  # fmt: skip
        dates = [change.edge.at_s for change in changes]
        assert sorted(dates) == dates
        assert all(change.edge.at_s <= change.edge.decided_s for change in changes)
