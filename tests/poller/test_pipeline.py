"""From outcomes to states, rows and the board: each change told once, nothing old shown, nothing changed in place."""

from datetime import datetime
from typing import Any

import pytest

from tests.poller.kept import Kept, Numbered
from tests.poller.scripted import Hands, province
from wanmon.health.observation import OK, Observation
from wanmon.health.province import REMEMBERED_S
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.model.life import DeviceState, SiteState
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.agenda import NOBODY, Asks
from wanmon.poller.board import Board
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import Job, LivenessResult, Outcome, PollResult, Task, Ticks
from wanmon.poller.memory import FILTERED, Remembered
from wanmon.poller.pipeline import Pipeline

MISS = Observation(Reason.TIMEOUT)
LOCAL = Observation(Reason.LOCAL)
#: A line known for so many slots without a loss is called down after so many misses; one not known, after more.
CLEAN, CALLED_DOWN, NOT_KNOWN = [OK] * 36, [MISS] * 7, [MISS] * 24
RETURN = [OK] * 3


class Scene:
    """Two sites, one with two edge routers and a UPS; a second passes between outcomes."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self.clock, self.kept, self.renderer = Hands(), Kept(), Numbered()
        self.pipeline = Pipeline(self.renderer, self.kept)
        self.begun = self.clock.now()
        self.follow(self.inventory(), remembered)

    @property
    def instant(self) -> Instant:
        return Instant(self.clock.now(), self.clock.monotonic())

    @staticmethod
    def inventory(*more: dict[str, Any], **changes: Any) -> Inventory:
        devices = [
            {"name": "S1-R1", "site": "S1", **changes},
            {"name": "S1-R2", "site": "S1"},
            {"name": "S1-U1", "site": "S1", "role": "ups"},
            {"name": "S2-R1", "site": "S2", "snmp": "none"},
            *more,
        ]
        return province(devices, S1={}, S2={})

    def follow(self, inventory: Inventory, remembered: Remembered | None = None) -> tuple[list[str], list[str]]:
        fresh, gone = self.pipeline.follow(inventory, self.instant, (), remembered)
        return [each.name for each in fresh], gone

    @property
    def board(self) -> Board:
        return self.pipeline.board

    def take(self, name: str, outcome: Outcome, task: Task = Task.LIVENESS) -> Asks:
        self.clock.move(1)
        job = Job(task, self.pipeline.tracks[name].target, 10)
        return self.pipeline.take(job, outcome, self.clock.monotonic(), self.instant)

    def see(self, name: str, *observations: Observation) -> None:
        for observation in observations:
            self.take(name, LivenessResult("icmp", observation, 0.01 if observation is OK else None))

    def poll(self, name: str, reason: Reason | None = None, **values: Any) -> None:
        given = {"credential": "wan", "profile": "if-mib"} if reason in (None, Reason.PARTIAL) else {}
        self.take(name, PollResult(Task.FAST, 0.1, reason, **given | values), Task.FAST)

    def ticks(self, count: int) -> Ticks:
        """An uptime received just now."""
        return Ticks(count, self.clock.monotonic())

    def told(self) -> list[tuple[str, State, State, float]]:
        return [
            (t.site, t.old, t.new, (t.at - self.begun).total_seconds()) for t in self.kept.transitions
        ]  # fmt: skip


@pytest.fixture
def scene() -> Scene:
    return Scene()


UNKNOWN, UP, DEGRADED, DOWN = State.UNKNOWN, State.UP, State.DEGRADED, State.DOWN


def test_a_change_is_recorded_once_and_dated_from_its_first_observation(scene: Scene):
    scene.see("S2-R1", *CLEAN, *CALLED_DOWN, *CALLED_DOWN, *RETURN, OK)

    assert [("S2", UNKNOWN, UP, 1), ("S2", UP, DOWN, 37), ("S2", DOWN, UP, 51)] == scene.told()
    assert [UP, DOWN, UP] == [row.state for row in scene.kept.states]
    assert ["", "timeout", ""] == [row.reason for row in scene.kept.transitions]
    down = scene.kept.transitions[1]
    assert 6 == (down.decided_at - down.at).total_seconds()
    assert 1 == down.uncertain_s


def test_a_device_that_is_hardly_known_is_called_down_later(scene: Scene):
    """Its line may lose every other packet."""
    scene.see("S2-R1", OK, *NOT_KNOWN[1:])
    assert UP is scene.board.sites["S2"].state

    scene.see("S2-R1", MISS)
    assert ("S2", UP, DOWN, 2) == scene.told()[-1]


def test_a_site_falls_with_its_last_edge_and_rises_with_its_first(scene: Scene):
    scene.see("S1-R1", *CLEAN)
    scene.see("S1-R2", *CLEAN, *CALLED_DOWN)
    assert [("S1", UNKNOWN, UP, 1), ("S1", UP, DEGRADED, 79)] == scene.told()

    scene.see("S1-R1", *CALLED_DOWN)
    scene.see("S1-R2", *RETURN)
    scene.see("S1-R1", *RETURN)

    assert [("S1", DEGRADED, DOWN, 80), ("S1", DOWN, DEGRADED, 87), ("S1", DEGRADED, UP, 92)] == scene.told()[2:]
    assert ["redundancy_lost", "timeout", "redundancy_lost", ""] == [t.reason for t in scene.kept.transitions[1:]]


def test_a_device_that_is_no_edge_moves_no_site(scene: Scene):
    scene.see("S1-U1", *CLEAN, *CALLED_DOWN)

    assert [] == scene.told()
    assert [("S1-U1", UP), ("S1-U1", DOWN)] == [(row.device, row.state) for row in scene.kept.states]


def test_a_silent_device_that_is_no_edge_only_degrades_its_site(scene: Scene):
    scene.see("S1-R1", OK)
    scene.see("S1-U1", *CLEAN, *CALLED_DOWN)

    assert ("S1", UP, DEGRADED) == scene.told()[-1][:3]
    assert "inner_device" == scene.board.sites["S1"].reason


def test_what_we_could_not_tell_changes_nothing(scene: Scene):
    scene.see("S2-R1", OK, *[LOCAL] * 10)

    assert UP is scene.board.sites["S2"].state
    assert 1 == scene.pipeline.tracks["S2-R1"].echo.requests


def test_a_silent_agent_degrades_a_site_that_lives_and_its_answer_mends_it(scene: Scene):
    scene.see("S2-R1", OK)
    scene.poll("S2-R1", Reason.TIMEOUT)
    scene.poll("S2-R1", Reason.TIMEOUT)
    scene.see("S2-R1", OK)
    scene.poll("S2-R1")

    assert [("S2", UNKNOWN, UP, 1), ("S2", UP, DEGRADED, 3), ("S2", DEGRADED, UP, 5)] == scene.told()
    assert ["", "agent_only", ""] == [row.reason for row in scene.kept.transitions]


def test_a_wrong_credential_does_not_degrade_a_site(scene: Scene):
    """We could not tell: it says nothing of the agent."""
    scene.see("S2-R1", OK)
    for _ in range(5):
        scene.poll("S2-R1", Reason.AUTH, refused=("wan",))

    assert UP is scene.board.sites["S2"].state


@pytest.mark.parametrize("fails_first", [True, False], ids=["before it is called down", "after"])
def test_a_site_that_comes_back_is_not_degraded_by_what_failed_while_it_was_down(scene: Scene, fails_first: bool):
    """A poll that failed with the line says nothing of the agent."""
    scene.see("S2-R1", *CLEAN, *CALLED_DOWN[: 2 if fails_first else 7])
    for _ in range(3):
        scene.poll("S2-R1", Reason.TIMEOUT)
    scene.see("S2-R1", *CALLED_DOWN, *RETURN)

    assert [UP, DOWN, UP] == [new for _, _, new, _ in scene.told()]


def restored(**states: State) -> Remembered:
    since = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    known = {UNKNOWN: UNKNOWN, DOWN: DOWN, State.UNREACHABLE: DOWN}
    return Remembered(
        devices={
            name: DeviceState(device=name, state=known.get(state, UP), since=since)
            for code, state in states.items()
            for name in ({"S1": ("S1-R1", "S1-R2"), "S2": ("S2-R1",)}[code])
        },
        sites={code: SiteState(site=code, state=state, since=since) for code, state in states.items()},
        seen_at=Hands().now(),
    )


def test_a_degraded_site_stays_so_over_a_restart_until_its_agents_were_asked():
    scene = Scene(restored(S1=DEGRADED, S2=UP))
    scene.see("S1-R1", OK)
    scene.see("S1-R2", OK)
    scene.poll("S1-R1")
    scene.poll("S1-R2")
    scene.clock.move(REMEMBERED_S - 5)
    scene.pipeline.tick(scene.instant)

    assert DEGRADED is scene.board.sites["S1"].state
    assert [] == scene.told()

    scene.clock.move(1)
    scene.pipeline.tick(scene.instant)

    assert [("S1", DEGRADED, UP, REMEMBERED_S)] == scene.told()


def test_what_is_amiss_still_after_a_restart_changes_nothing():
    scene = Scene(restored(S1=DEGRADED, S2=UP))
    scene.see("S1-R1", OK)
    scene.see("S1-R2", OK)
    for _ in range(2):
        scene.poll("S1-R1", Reason.TIMEOUT)
    scene.clock.move(REMEMBERED_S)
    scene.pipeline.tick(scene.instant)

    assert (DEGRADED, "agent_only") == (scene.board.sites["S1"].state, scene.board.sites["S1"].reason)
    assert [] == scene.told()


def test_a_restart_resolves_nothing_and_fires_nothing():
    given = restored(S1=UP, S2=DOWN)
    scene = Scene(given)

    assert {"S1": UP, "S2": DOWN, "DC1": UNKNOWN} == {code: view.state for code, view in scene.board.sites.items()}
    assert given.sites["S2"].since == scene.board.sites["S2"].since

    scene.see("S1-R1", OK, MISS)
    scene.see("S2-R1", *NOT_KNOWN, OK, OK, MISS)

    assert ([], []) == (scene.kept.transitions, scene.kept.states)


def test_a_restored_state_goes_on_like_any_other():
    scene = Scene(restored(S1=UP, S2=DOWN))
    scene.see("S2-R1", *RETURN)

    assert [("S2", DOWN, UP, 1)] == scene.told()


def test_a_device_whose_echo_was_filtered_is_asked_by_snmp_after_a_restart_too():
    given = restored(S1=UP, S2=UP)
    given.devices["S1-R1"].reason = FILTERED
    scene = Scene(given)

    assert scene.pipeline.tracks["S1-R1"].is_filtered
    assert scene.pipeline.life("S1-R1").is_filtered


def test_the_late_outcome_of_a_device_that_moved_is_ignored(scene: Scene):
    """It speaks of another address."""
    old = Job(Task.LIVENESS, scene.pipeline.tracks["S2-R1"].target, 10)
    changed = province([{"name": "S2-R1", "site": "S2", "snmp": "none", "address": "10.27.9.9"}], S1={}, S2={})
    scene.follow(changed)

    assert NOBODY is scene.pipeline.take(old, LivenessResult("icmp", OK, 0.01), 0, scene.instant)
    assert [] == scene.told()
    assert 0 == scene.pipeline.poller.polls["icmp"]


def test_the_late_outcome_of_a_device_that_is_gone_is_ignored(scene: Scene):
    old = Job(Task.LIVENESS, scene.pipeline.tracks["S2-R1"].target, 10)
    scene.follow(province([], S1={}, S2={}))

    assert NOBODY is scene.pipeline.take(old, LivenessResult("icmp", OK, 0.01), 0, scene.instant)
    assert {} == scene.board.devices
    assert [] == scene.told()


def test_only_what_changed_is_told_as_fresh_or_gone(scene: Scene):
    assert ([], []) == scene.follow(scene.inventory())
    assert (["S1-R1"], []) == scene.follow(scene.inventory(address="10.27.9.9"))
    assert (["S1-R1", "S2-R9"], []) == scene.follow(scene.inventory({"name": "S2-R9", "site": "S2"}))
    assert ([], ["S2-R9"]) == scene.follow(scene.inventory())
    assert "S2-R9" in scene.renderer.forgotten


def test_nothing_old_is_shown_of_a_device_that_changed(scene: Scene):
    scene.poll("S1-R1")
    scene.poll("S1-R2")
    scene.follow(scene.inventory(site="S2"))

    assert {} == scene.board.devices["S1-R1"].values
    assert scene.board.devices["S1-R2"].values


def test_a_retired_site_and_its_devices_are_neither_asked_nor_shown(scene: Scene):
    rows = [{"name": "S1-R1", "site": "S1"}, {"name": "S2-R1", "site": "S2"}]
    scene.follow(province(rows, S1={}, S2={"status": "retired"}))

    assert {"S1-R1"} == scene.board.devices.keys() == scene.pipeline.tracks.keys()
    assert {"DC1", "S1"} == scene.board.sites.keys()


def test_a_site_follows_the_edges_that_it_has_left(scene: Scene):
    """A site must not stay up for a router that was taken away."""
    scene.see("S1-R1", *CLEAN)
    scene.see("S1-R2", *CLEAN, *CALLED_DOWN)
    rows = [{"name": "S1-R2", "site": "S1", "address": "10.27.0.2", "id": 2}, {"name": "S2-R1", "site": "S2"}]
    scene.follow(province(rows, S1={}, S2={}))

    assert DOWN is scene.board.sites["S1"].state
    assert ("S1", DEGRADED, DOWN, 79) == scene.told()[-1]


def test_a_board_in_hand_never_changes(scene: Scene):
    """A scrape reads it while polls end."""
    board = scene.board
    devices, sites = dict(board.devices), dict(board.sites)
    scene.see("S1-R1", OK)
    scene.poll("S1-R1")
    scene.follow(EMPTY)

    assert (devices, sites) == (board.devices, board.sites)
    assert {} == scene.board.devices


def first_round(scene: Scene) -> None:
    for name in ("S1-R1", "S1-R2", "S1-U1"):
        scene.see(name, MISS)
        scene.poll(name, Reason.TIMEOUT)


def test_it_is_ready_when_every_device_was_asked_once(scene: Scene):
    """Whether they answered does not matter, nor is SNMP waited for where it is not spoken."""
    first_round(scene)

    assert not scene.board.is_ready

    scene.see("S2-R1", LOCAL)

    assert scene.board.is_ready


def test_it_stays_ready_when_a_device_is_added(scene: Scene):
    first_round(scene)
    scene.see("S2-R1", OK)
    scene.follow(scene.inventory({"name": "S2-R9", "site": "S2"}))

    assert scene.board.is_ready


def test_it_is_ready_with_nobody_to_ask():
    """A new installation is empty, and not broken."""
    scene = Scene()
    scene.follow(EMPTY)

    assert scene.board.is_ready


def test_a_device_that_ceases_to_speak_snmp_is_not_waited_for(scene: Scene):
    scene.follow(scene.inventory(snmp="none"))
    for name in ("S1-R2", "S1-U1"):
        scene.see(name, OK)
        scene.poll(name)
    scene.see("S1-R1", OK)
    scene.see("S2-R1", OK)

    assert scene.board.is_ready


@pytest.mark.parametrize(
    ("reason", "silent", "up"),
    [(None, 0, True), (Reason.PARTIAL, 0, True), (Reason.TIMEOUT, 1, False), (Reason.AUTH, 1, False)],
    ids=str,
)
def test_a_poll_tells_whether_the_agent_is_up(scene: Scene, reason: Reason | None, silent: int, up: bool):
    scene.poll("S1-R1", reason)
    snmp = scene.pipeline.tracks["S1-R1"].snmp

    assert (silent, up) == (snmp.silent_polls, snmp.up)


def test_our_own_fault_is_no_silence_of_the_device(scene: Scene):
    scene.poll("S1-R1")
    scene.poll("S1-R1", Reason.LOCAL)
    snmp = scene.pipeline.tracks["S1-R1"].snmp

    assert (0, None) == (snmp.silent_polls, snmp.up)
    assert 1 == scene.pipeline.tracks["S1-R1"].failures["snmp", Reason.LOCAL]


def test_a_return_ends_the_back_off(scene: Scene):
    scene.see("S1-R1", *NOT_KNOWN)
    scene.poll("S1-R1", Reason.TIMEOUT)
    scene.poll("S1-R1", Reason.TIMEOUT)
    scene.see("S1-R1", *RETURN)

    assert 0 == scene.pipeline.tracks["S1-R1"].snmp.silent_polls


def test_a_site_whose_only_known_edge_falls_is_unknown_and_not_up(scene: Scene):
    """The other router was never heard: nobody can tell whether it carries the site."""
    scene.see("S1-R1", *CLEAN, *[MISS] * 320)
    scene.pipeline.tick(scene.instant)

    assert UNKNOWN is scene.board.sites["S1"].state
    assert [("S1", UNKNOWN, UP, 1), ("S1", UP, UNKNOWN, 37)] == scene.told()


def test_names_alone_make_no_counter_current(scene: Scene):
    """The slow group answers with small PDUs where the fast one may have failed for hours."""
    scene.poll("S1-R1")
    answered_s = scene.pipeline.tracks["S1-R1"].snmp.answered_s
    result = PollResult(Task.SLOW, 0.1, credential="wan", profile="if-mib", changed=frozenset())
    scene.take("S1-R1", result, Task.SLOW)

    assert answered_s == scene.pipeline.tracks["S1-R1"].snmp.answered_s


@pytest.mark.parametrize("told", [None, ()], ids=["not asked this time", "none"])
def test_neighbours_are_recorded_when_they_were_asked_for(scene: Scene, told: tuple[()] | None):
    """That there is nobody any more is worth knowing, too."""
    scene.take("S1-R1", PollResult(Task.SLOW, 0.1, None, profile="p", neighbours=told), Task.SLOW)

    assert ([] if told is None else [("S1-R1", ())]) == scene.kept.heard


def test_a_winner_is_recorded_when_it_is_new_and_refusals_always(scene: Scene):
    scene.poll("S1-R1", credential="old")
    scene.poll("S1-R1", credential="old")
    scene.poll("S1-R1", credential="new", refused=("old",))
    scene.poll("S1-R1", Reason.AUTH, credential="", refused=("new",))

    assert [
        ("S1-R1", "old", ()),
        ("S1-R1", "new", ("old",)),
        ("S1-R1", "", ("new",)),
    ] == scene.kept.credentials  # fmt: skip


def test_a_credential_refused_by_one_and_taken_by_another_is_recorded_as_working(scene: Scene):
    """Else three misconfigured devices would pause it for all, for as long as they are asked."""
    scene.poll("S1-R1", credential="wan")
    scene.poll("S1-R2", Reason.AUTH, refused=("wan",))
    scene.poll("S1-R1", credential="wan")
    scene.poll("S1-R1", credential="wan")

    assert ("S1-R1", "wan", ()) == scene.kept.credentials[-1]
    assert 3 == len(scene.kept.credentials)


def test_a_restart_is_counted_and_moves_the_boot_time(scene: Scene):
    scene.poll("S1-R1", uptime=scene.ticks(8_640_000))
    snmp = scene.pipeline.tracks["S1-R1"].snmp
    before = snmp.boot_time_s
    scene.poll("S1-R1", uptime=scene.ticks(100), restarted=True)

    assert 1 == snmp.reboots
    assert before is not None
    assert scene.clock.now().timestamp() - 1 - 1 == snmp.boot_time_s


def test_a_restart_counts_even_if_the_rest_of_the_poll_failed(scene: Scene):
    """It is seen once: the next poll compares with the uptime after it."""
    scene.poll("S1-R1", uptime=scene.ticks(8_640_000))
    scene.poll("S1-R1", Reason.TIMEOUT, uptime=scene.ticks(100), restarted=True)

    assert 1 == scene.pipeline.tracks["S1-R1"].snmp.reboots


def test_failures_are_counted_by_protocol_and_reason_for_device_and_poller(scene: Scene):
    scene.see("S1-R1", MISS, MISS, OK)
    scene.poll("S1-R1", Reason.DEADLINE)

    for counter in (scene.pipeline.tracks["S1-R1"].failures, scene.pipeline.poller.failures):
        assert {("icmp", Reason.TIMEOUT): 2, ("snmp", Reason.DEADLINE): 1} == dict(counter)
    assert {"icmp": 3, "snmp": 1} == dict(scene.pipeline.poller.polls)


def test_a_late_echo_is_loss(scene: Scene):
    scene.take("S1-R1", LivenessResult("icmp", Observation(Reason.LATE), None))
    scene.take("S1-R1", LivenessResult("icmp", OK, 0.25))
    echo = scene.pipeline.tracks["S1-R1"].echo

    assert (2, 1, 0.5, 0.25) == (echo.requests, echo.replies, echo.loss_ratio, echo.rtt.total)


def test_a_failed_poll_writes_nothing_about_credentials(scene: Scene):
    """A province that is silent must not fill the writer's queue."""
    scene.poll("S1-R1")
    for _ in range(5):
        scene.poll("S1-R1", Reason.TIMEOUT)
        scene.poll("S1-R2", Reason.LOCAL)

    assert [("S1-R1", "wan", ())] == scene.kept.credentials


def knocking() -> Scene:
    """S2 has one router, without SNMP, that somebody logs in to."""
    scene = Scene()
    scene.follow(scene.inventory({"name": "S2-R1", "site": "S2", "snmp": "none", "ssh": "routers"}))
    scene.see("S2-R1", *CLEAN)
    return scene


def knocks(scene: Scene, seconds: int, answer: Observation) -> None:
    """Misses of the lane, and at each what its SSH port does."""
    for _ in range(seconds):
        asks = scene.take("S2-R1", LivenessResult("icmp", MISS), Task.RETRY)
        assert {"S2-R1"} == asks.knock
        scene.take("S2-R1", LivenessResult("tcp", answer), Task.KNOCK)


def test_a_site_whose_router_takes_connections_alone_is_degraded_and_not_down():
    """It carries traffic perhaps, and nobody may be sent there for a cut."""
    scene = knocking()
    knocks(scene, 30, OK)

    assert (State.DEGRADED, "mgmt_only") == (scene.board.sites["S2"].state, scene.board.sites["S2"].reason)
    assert UP is scene.pipeline.tracks["S2-R1"].state


def test_it_is_up_again_with_the_first_echo():
    scene = knocking()
    knocks(scene, 30, OK)
    scene.see("S2-R1", OK)

    assert (UP, "") == (scene.board.sites["S2"].state, scene.board.sites["S2"].reason)


def test_a_site_whose_router_takes_no_connection_either_is_down_as_soon_as_without_asking():
    scene = knocking()
    for _ in range(7):
        scene.take("S2-R1", LivenessResult("icmp", MISS), Task.RETRY)
        scene.take("S2-R1", LivenessResult("tcp", MISS), Task.KNOCK)

    assert DOWN is scene.board.sites["S2"].state


def test_where_nobody_logs_in_no_port_is_tried():
    scene = Scene()
    scene.see("S1-R1", *CLEAN)

    assert frozenset() == scene.take("S1-R1", LivenessResult("icmp", MISS)).knock


def test_a_check_that_its_router_answered_keeps_a_site_from_being_called_down():
    """Whoever is logged in there need not wait for an echo."""
    scene = knocking()
    for _ in range(30):
        scene.see("S2-R1", MISS)
        scene.pipeline.answered("S2-R1", scene.clock.monotonic() + 0.5, scene.instant)

    assert State.DEGRADED is scene.board.sites["S2"].state


def test_a_check_begun_before_the_silence_proves_nothing():
    scene = knocking()
    begun_s = scene.clock.monotonic()
    for _ in range(7):
        scene.see("S2-R1", MISS)
        scene.pipeline.answered("S2-R1", begun_s, scene.instant)

    assert DOWN is scene.board.sites["S2"].state


def test_a_check_of_a_router_that_answers_again_raises_its_site_and_has_it_polled():
    scene = Scene()
    scene.see("S1-R1", *CLEAN)
    scene.see("S1-R2", *CLEAN)
    for name in ("S1-R1", "S1-R2"):
        scene.see(name, *CALLED_DOWN)
    asks = scene.pipeline.answered("S1-R1", scene.clock.monotonic() + 0.5, scene.instant)

    assert {"S1-R1"} == asks.poll
    assert State.DEGRADED is scene.board.sites["S1"].state
    assert NOBODY == scene.pipeline.answered("S9-R1", 0.0, scene.instant)
