"""A whole poller in a time of its own: from probes to states, rows, outages and seconds."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.poller.simulated import Life, Router, tree
from wanmon.health.intervals import Intervals
from wanmon.health.maintenance import NO_WINDOWS, Windows
from wanmon.model.cause import Cause
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus
from wanmon.model.state import LOST, State
from wanmon.poller.jobs import Task
from wanmon.poller.memory import FILTERED
from wanmon.poller.outages import PATIENCE_S

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
KNOWN_S = 240.0


def begun(inventory: Inventory | None = None, **values: object) -> Life:
    """A poller that has known its lines for a while."""
    life = Life(inventory or tree(), **values)  # type: ignore[arg-type]
    life.pass_s(KNOWN_S)
    return life


def causes(life: Life, site: str = "C1") -> list[Cause]:
    return [each.finding.cause for each in life.kept.conclusions if each.subject == (site, None)]


def lost(life: Life, *names: str, seconds: float = 120.0) -> None:
    """Some sites or lanes are cut for so long, and well again after it."""
    life.cut |= set(names)
    life.pass_s(seconds)
    life.cut -= set(names)
    life.pass_s(60)


def test_all_is_up_within_seconds_of_the_start():
    life = Life(tree())
    life.pass_s(6)

    assert {UP} == {view.state for view in life.pipeline.board.sites.values()}
    assert {UNKNOWN} == {row.old for row in life.kept.transitions}
    assert all(row.at >= life.begun for row in life.kept.transitions)


def test_a_commune_that_is_cut_is_down_from_its_first_miss_and_up_from_its_first_reply():
    life = begun()
    lost(life, "C1")
    (_, _), (down, down_s), (up, up_s) = life.told("C1")
    row = life.kept.transitions[-2]

    assert (DOWN, UP) == (down, up)
    assert KNOWN_S <= down_s <= KNOWN_S + 5
    assert 7 <= life.after_s(row.decided_at) - KNOWN_S <= 12.1
    assert KNOWN_S + 120 <= up_s <= KNOWN_S + 126
    assert 0 < row.uncertain_s <= 5
    assert "timeout" == row.reason


def test_a_district_that_is_cut_cuts_its_communes_off():
    life = begun(canaries=("10.27.0.250",))
    lost(life, "D1")

    assert [UP, DOWN, UP] == [state for state, _ in life.told("D1")]
    for code in ("C1", "C2"):
        assert [UP, UNREACHABLE, UP] == [state for state, _ in life.told(code)]
        assert [Cause.UPSTREAM] == causes(life, code)
    assert ["D1"] == [row.roots for row in life.kept.transitions if row.site == "C1" and row.new is UNREACHABLE]
    assert [] == [row for row in life.kept.transitions if row.site in ("C3", "C4") and row.new in LOST]


def test_why_a_site_is_down_is_told_though_another_probe_decided_it():
    """The canary's answer is the last that was waited for."""
    life = begun(canaries=("10.27.0.250",))
    life.mute.add("canary 10.27.0.250")
    life.cut.add("DC1")
    life.pass_s(20)
    assert UP is life.state("DC1")

    life.mute.clear()
    life.pass_s(6)
    assert [("DC1", "timeout")] == [(row.site, row.reason) for row in life.kept.transitions if row.new is DOWN]


def test_the_view_of_a_cut_off_site_names_who_did_it_and_that_its_way_is_lost():
    life = begun(canaries=("10.27.0.250",))
    life.cut.add("D1")
    life.pass_s(60)
    view = life.pipeline.board.sites["C1"]

    assert (UNREACHABLE, ("D1",), True) == (view.state, view.roots, view.is_upstream_down)
    assert not life.pipeline.board.sites["C3"].is_upstream_down


STORIES = {
    "power": ({"booted_s": 110.0}, Cause.POWER_OR_REBOOT),
    "hand-off": ({"changed_s": 60.0}, Cause.HANDOFF),
    "carrier": ({}, Cause.CARRIER_PATH),
}


@pytest.mark.parametrize(("router", "cause"), STORIES.values(), ids=STORIES)
def test_the_cause_is_told_by_the_first_poll_after_the_return(router: dict[str, float], cause: Cause):
    life = begun()
    life.cut.add("C1")
    life.pass_s(120)
    began_s = life.now_s - 120
    life.routers["C1-R1"] = Router(**{name: began_s + seconds for name, seconds in router.items()})
    life.cut.clear()
    asked = life.asked["C1-R1", Task.FAST]
    life.pass_s(10)

    assert [cause] == causes(life)
    assert 1 <= life.asked["C1-R1", Task.FAST] - asked, "it is polled at once"
    assert 1 == life.pipeline.board.sites["C1"].outages[cause]


def test_a_device_that_does_not_tell_is_waited_for_so_long_and_no_longer():
    life = begun(deaf=set())
    life.cut.add("C1")
    life.pass_s(120)
    life.deaf.add("C1-R1")
    life.cut.clear()
    life.pass_s(PATIENCE_S - 5)
    assert [] == causes(life)

    life.pass_s(20)
    assert [Cause.UNKNOWN] == causes(life)


def test_a_machine_that_started_anew_while_nobody_missed_it_is_an_outage_without_length():
    life = begun()
    life.routers["C1-R1"] = Router(booted_s=life.now_s)
    at_s = life.now_s
    life.pass_s(60)
    ((site, at, uncertain_s, finding),) = life.kept.reboots

    assert ("C1", Cause.SILENT_REBOOT) == (site, finding.cause)
    assert at_s == pytest.approx(life.clock.seconds - (life.clock.wall - at).total_seconds(), abs=0.02)
    assert 0 < uncertain_s <= 30
    assert 1 == life.pipeline.board.sites["C1"].outages[Cause.SILENT_REBOOT]

    life.pass_s(300)
    assert 1 == len(life.kept.reboots)


def test_a_machine_that_started_anew_within_its_outage_is_no_reboot_beside_it():
    life = begun()
    life.cut.add("C1")
    life.pass_s(60)
    life.routers["C1-R1"] = Router(booted_s=life.now_s)
    life.pass_s(30)
    life.cut.clear()
    life.pass_s(300)

    assert [] == life.kept.reboots
    assert [Cause.POWER_OR_REBOOT] == causes(life)


def test_another_router_at_another_address_is_no_reboot_of_the_old_one():
    life = begun()
    changed = tree()
    changed.devices["C1-R1"].address = "10.27.200.1"
    life.routers["C1-R1"] = Router(booted_s=life.now_s)
    life.follow(changed)
    life.pass_s(120)

    assert [] == life.kept.reboots


def windows(life: Life, begins_s: float, ends_s: float, until_s: float = float("inf")) -> Windows:
    """A window of C1 from so many seconds after now to so many."""
    now_s = life.clock.now().timestamp()
    return Windows({"C1": Intervals.of([(now_s + begins_s, now_s + ends_s)])}, {}, now_s + until_s)


def test_an_outage_within_a_window_was_planned_and_its_seconds_are_counted_as_both():
    life = begun()
    held = windows(life, -10, 500)
    life.pipeline.use(held, held, (), life.instant)
    lost(life, "C1")
    seconds = life.pipeline.board.seconds["C1"]

    assert [Cause.PLANNED] == causes(life)
    assert 150 <= seconds.maintenance <= 200
    assert 115 <= seconds.by_state[list(State).index(DOWN)] <= 125


def test_a_window_that_does_not_excuse_is_shown_and_excuses_nothing():
    life = begun()
    life.pipeline.use(windows(life, -10, 500), NO_WINDOWS, (), life.instant)
    assert None is not life.pipeline.board.sites["C1"].maintenance_ends_s

    lost(life, "C1")
    assert [Cause.CARRIER_PATH] == causes(life)


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "until_s", "expected"),
    [
        (-10, 500, 1000, 500),
        (0, 500, 1000, 500),
        (-500, 0, 1000, None),
        (10, 500, 1000, None),
        (-10, 1000, 1000, float("inf")),
        (-10, 5000, 1000, float("inf")),
    ],
    ids=["in it", "as it begins", "as it ends", "before it", "to the end of what is known", "beyond it"],
)
def test_the_end_of_the_window_in_force_is_shown_if_it_has_one(
    begins_s: float, ends_s: float, until_s: float, expected: float | None
):
    """One that reaches as far as is known may go on: a moving end would be a lie."""
    life = begun()
    held = windows(life, begins_s, ends_s, until_s)
    life.pipeline.use(held, held, {"C2"}, life.instant)
    shown = life.pipeline.board.sites["C1"].maintenance_ends_s

    assert expected == (None if shown is None else shown - life.clock.now().timestamp())
    assert [False, True] == [life.pipeline.board.sites[code].is_acknowledged for code in ("C1", "C2")]


def test_a_planned_site_has_states_and_no_outages():
    changed = tree()
    changed.sites["C1"].status = SiteStatus.PLANNED
    life = begun(changed)
    lost(life, "C1")

    assert [UP, DOWN, UP] == [state for state, _ in life.told("C1")]
    assert [] == causes(life)


def test_a_planned_site_that_is_activated_while_it_is_down_has_an_outage_from_then_on():
    planned = tree()
    planned.sites["C1"].status = SiteStatus.PLANNED
    life = begun(planned)
    life.cut.add("C1")
    life.pass_s(120)
    activated = life.after_s(life.clock.now())
    life.follow(tree())
    life.pass_s(60)
    life.cut.clear()
    life.pass_s(60)

    assert [UP, DOWN, DOWN, UP] == [state for state, _ in life.told("C1")]
    assert activated == life.told("C1")[2][1]
    assert [Cause.CARRIER_PATH] == causes(life)


def test_a_site_that_leaves_while_its_outage_is_awaited_stops_nothing():
    """The poller went on failing until a restart: nobody could say which windows the site had."""
    life = begun(deaf=set())
    life.cut.add("C1")
    life.pass_s(60)
    life.deaf.add("C1-R1")
    life.cut.clear()
    life.pass_s(60)
    changed = tree()
    for table in (changed.sites, changed.devices, changed.circuits):
        for key in [key for key in table if key.startswith("C1")]:
            del table[key]  # type: ignore[attr-defined]
    life.follow(changed)
    life.pass_s(PATIENCE_S + 60)

    assert "C1" not in life.pipeline.board.sites
    assert {"C1"}.isdisjoint(site for site, _ in life.pipeline.sites.outages.running)


def test_a_device_that_answers_snmp_and_no_echo_is_filtered_and_its_site_up():
    life = begun()
    life.filtered.add("C1-R1")
    life.pass_s(120)

    assert UP is life.state("C1")
    assert [UP] == [state for state, _ in life.told("C1")]
    assert (UP, FILTERED) == (life.kept.states[-1].state, life.kept.states[-1].reason)

    life.filtered.clear()
    life.pass_s(70)
    assert not life.pipeline.tracks["C1-R1"].is_filtered
    assert (UP, "") == (life.kept.states[-1].state, life.kept.states[-1].reason)


def test_a_device_whose_echo_is_filtered_while_it_is_down_comes_back_by_snmp():
    life = begun()
    life.cut.add("C1")
    life.pass_s(60)
    life.filtered.add("C1-R1")
    life.cut.clear()
    life.pass_s(300)

    assert UP is life.state("C1")
    assert life.pipeline.tracks["C1-R1"].is_filtered


def test_a_device_judged_by_snmp_is_never_called_filtered():
    """Its lane is asked with one short question, its polls with more patience: any answer is one of the lane's."""
    life = begun(tree(liveness="snmp"))
    lane = life.pipeline.life
    life.cut.add("C1")
    life.pass_s(6)
    life.cut.clear()
    life.pass_s(200)

    assert not lane("C1-R1").is_filtered
    assert not any(row.reason == FILTERED for row in life.kept.states)


def test_a_circuit_whose_port_is_not_there_any_more_is_claimed_nothing_of():
    """It was renamed or taken out: what it said last is not true for ever."""
    life = begun(tree(circuits=2))
    assert UP is life.pipeline.board.sites["C1"].circuits["C1/1"]

    changed = tree(circuits=2)
    changed.circuits["C1/1"].interface = "wan7"
    life.follow(changed)
    life.pass_s(60)
    assert "C1/1" not in life.pipeline.board.sites["C1"].circuits


def test_a_port_that_vanishes_from_its_device_speaks_no_more():
    life = begun(tree(circuits=2))
    life.routers["C1-R1"].name = "ether1"
    life.pass_s(60)

    assert "C1/1" not in life.pipeline.board.sites["C1"].circuits
    assert [UP, UNKNOWN] == [state for state, _ in life.told("C1", "C1/1")]


@pytest.mark.parametrize("hour", [1, 12], ids=["at night", "at noon"])
def test_the_contract_of_a_circuit_runs_by_the_local_calendar(hour: int):
    """At one in the morning in Việt Nam it is still yesterday in UTC."""
    life = Life(tree())
    life.clock.wall = life.clock.wall.replace(hour=(hour - 7) % 24)
    today = (life.clock.wall + timedelta(hours=7)).date()
    changed = tree()
    changed.circuits["C1/1"].starts_on = today
    changed.circuits["C2/1"].ends_on = today - timedelta(days=1)
    life.follow(changed)
    life.pass_s(60)
    bound = {circuit.code for circuit in life.pipeline._circuits.values()}

    assert "C1/1" in bound
    assert "C2/1" not in bound
    assert "C1/1" in life.pipeline.board.sites["C1"].circuits
    assert {} == life.pipeline.board.sites["C2"].circuits


def test_an_outage_of_a_circuit_is_over_with_its_contract():
    """Nobody would ever see its end; a new contract begins with a history of its own."""
    life = begun(tree(circuits=2))
    life.routers["C1-R1"].is_port_up = False
    life.pass_s(60)
    assert ("C1", "C1/1") in life.pipeline.sites.outages.running

    changed = tree(circuits=2)
    changed.circuits["C1/1"].ends_on = life.clock.now().date() - timedelta(days=2)
    life.follow(changed)
    assert {} == life.pipeline.sites.outages.running


def test_a_circuit_dated_with_its_site_is_not_dated_before_it():
    """A router is taken away whose partner fell days ago: the site is down from now on, and so are its circuits."""
    inventory = tree(circuits=2)
    life = begun(inventory)
    life.pass_s(60)
    second = tree(circuits=2)
    second.devices["C1-R2"] = type(second.devices["C1-R1"]).model_validate(
        second.devices["C1-R1"].model_dump() | {"id": 77, "name": "C1-R2", "address": "10.27.77.1"}
    )
    life.follow(second)
    life.pass_s(240)
    life.cut.add("C1-R1")
    life.pass_s(3600)
    at_s = life.after_s(life.clock.now())
    del second.devices["C1-R2"]
    third = tree(circuits=2)
    life.follow(third)
    life.pass_s(60)

    assert DOWN is life.state("C1")
    assert at_s - 5 <= life.told("C1")[-1][1]
    for circuit in ("C1/1", "C1/2"):
        assert (DOWN, life.told("C1")[-1][1]) == life.told("C1", circuit)[-1]


def test_time_that_the_clock_skipped_is_unknown_and_no_state_is_charged_with_it():
    """The machine slept for an hour: nobody knows how anybody was."""
    life = begun()
    before = life.pipeline.board.seconds["C1"]
    life.clock.wall += timedelta(hours=1)
    life.pass_s(60)
    after = life.pipeline.board.seconds["C1"]
    grown = [new - old for old, new in zip(before.by_state, after.by_state, strict=True)]

    assert 3600 == pytest.approx(grown[list(State).index(UNKNOWN)], abs=0.1)
    assert 60 == pytest.approx(grown[list(State).index(UP)], abs=10)
    assert UP is life.state("C1")


def test_an_outage_found_right_after_the_clock_was_set_forward_is_ours():
    life = begun()
    life.cut.add("C1")
    life.clock.wall += timedelta(hours=1)
    life.pass_s(60)
    life.cut.clear()
    life.pass_s(60)

    assert [Cause.MONITOR] == causes(life)


def test_in_isolation_nothing_is_called_down_and_every_second_is_unknown():
    life = begun(canaries=("10.27.0.250",))
    life.cut |= {"DC1", "canary 10.27.0.250"}
    life.pass_s(300)
    shown = life.pipeline.board

    assert shown.is_isolated
    assert {UNKNOWN} == {view.state for view in shown.sites.values()}
    assert [] == [row for row in life.kept.transitions if row.new in LOST]

    life.cut.clear()
    life.pass_s(60)
    assert not life.pipeline.board.is_isolated
    assert {UP} == {view.state for view in life.pipeline.board.sites.values()}
    for seconds in life.pipeline.board.seconds.values():
        assert 280 <= seconds.by_state[list(State).index(UNKNOWN)] <= 320


@pytest.mark.parametrize("ours", ["isolated", "mute"])
def test_an_outage_that_began_while_we_could_not_tell_is_ours(ours: str):
    """Nobody knows when: it is charged to nobody."""
    life = begun(canaries=("10.27.0.250",))
    if ours == "isolated":
        life.cut |= {"DC1", "canary 10.27.0.250"}
    else:
        life.mute.add("C1-R1")
    life.pass_s(400)
    life.cut = {"C1"}
    life.mute.clear()
    life.pass_s(60)
    assert DOWN is life.state("C1")

    life.cut.clear()
    life.pass_s(60)
    assert [Cause.MONITOR] == causes(life)


def test_an_outage_that_began_after_we_could_tell_again_is_not_ours():
    life = begun(canaries=("10.27.0.250",))
    life.cut |= {"DC1", "canary 10.27.0.250"}
    life.pass_s(400)
    life.cut.clear()
    life.pass_s(200)
    lost(life, "C1")

    assert [Cause.CARRIER_PATH] == causes(life)


def test_what_is_held_and_queued_does_not_grow():
    life = begun(canaries=("10.27.0.250",))
    for _ in range(30):
        lost(life, "C1", "D2", seconds=40)
    life.pass_s(PATIENCE_S + 60)

    assert len(life.agenda._retries) <= len(life.pipeline.tracks)
    assert [] == life.pipeline.sites.outages._ended
    assert {} == life.pipeline.sites.outages.running
    assert set() == life.pipeline.sites.province._waiting.sites()
    assert len(life.queue) <= 3 * len(life.pipeline.tracks)


STEP = st.tuples(
    st.sampled_from(["cut", "mute", "deaf", "filtered", "boot", "port", "clock"]),
    st.sampled_from(["DC1", "D1", "D2", "C1", "C2", "C3", "C4", "circuit C1/2", "canary 10.27.0.250"]),
    st.floats(1, 400),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(STEP, max_size=12), st.booleans(), st.booleans())
def test_whatever_happens_the_story_holds_together_and_all_is_well_in_the_end(
    steps: list[tuple[str, str, float]], with_canary: bool, restarts: bool
):
    """The simulated poller itself checks that no counter falls and that nobody is asked twice at a time."""
    life = begun(tree(circuits=2, probed=True), canaries=("10.27.0.250",) if with_canary else ())
    lives = [life]
    for number, (what, name, seconds) in enumerate(steps):
        device = name if " " in name else f"{name}-R1"
        if what == "boot":
            life.routers[device] = Router(booted_s=life.now_s)
        elif what == "port" and device in life.routers:
            life.routers[device].is_port_up = not life.routers[device].is_port_up
            life.routers[device].changed_s = life.now_s
        elif what == "clock":
            life.clock.wall += timedelta(seconds=seconds)
        elif what in ("cut", "mute", "deaf", "filtered"):
            getattr(life, what).symmetric_difference_update({name if what == "cut" else device})
        life.pass_s(seconds)
        if restarts and number % 4 == 3:
            life = life.left(seconds)
            lives.append(life)
    for names in (life.cut, life.mute, life.deaf, life.filtered):
        names.clear()
    for router in life.routers.values():
        router.is_port_up = True
    life.pass_s(PATIENCE_S + 400)

    assert {UP} == {view.state for view in life.pipeline.board.sites.values()}
    assert {UP} == {track.state for track in life.pipeline.tracks.values()}
    assert {} == life.pipeline.sites.outages.running
    for each in lives:
        check_story(each)


def check_story(life: Life) -> None:
    """Changes follow one another in state and in time, and none is dated after its decision."""
    subjects = {(row.site, row.circuit) for row in life.kept.transitions}
    for subject in subjects:
        rows = [row for row in life.kept.transitions if (row.site, row.circuit) == subject]
        assert [row.new for row in rows[:-1]] == [row.old for row in rows[1:]], subject
        assert all(row.new is not row.old for row in rows), subject
        assert [row.at for row in rows] == sorted(row.at for row in rows), subject
        assert all(row.at <= row.decided_at for row in rows), subject
        assert all(row.uncertain_s >= 0 for row in rows), subject
