"""Outages under way, and why those that have ended were: told by the device, or by what is known when patience ends."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from wanmon.health.cause import Interval
from wanmon.health.findings import Change, Edge
from wanmon.health.intervals import NOTHING, Intervals
from wanmon.health.machine import Effect
from wanmon.model.cause import Cause
from wanmon.model.state import State
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import PollResult, Task, Ticks
from wanmon.poller.outages import PATIENCE_S, Conclusion, Outages, Running, Speaker, Subject
from wanmon.poller.witnesses import Witnesses

UNKNOWN, UP, DEGRADED, DOWN, UNREACHABLE = State
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
R1, R2 = Speaker("S1-R1", "wan0"), Speaker("S1-R2")
SITE: Subject = ("S1", None)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def instant(seconds: float) -> Instant:
    return Instant(at(seconds), seconds)


class Scene:
    """One site whose router has been up for a day when the test begins."""

    def __init__(self, *speakers: Speaker, subject: Subject = SITE) -> None:
        self.witnesses, self.conclusions = Witnesses(), list[Conclusion]()
        self.outages = Outages(self.witnesses, self.conclusions.append)
        self.speakers = list(speakers or [R1])
        self.subject = subject
        self.windows = NOTHING
        self.booted_s = -86_400.0
        self.state = UP

    def turn(self, new: State, at_s: float, *, roots: Iterable[str] = (), uncertain_s: float = 0.0) -> None:
        edge = Edge(at_s, at_s - uncertain_s, at_s + 7)
        site, circuit = self.subject
        change = Change(site, circuit, self.state, new, Effect.NONE, edge, tuple(roots))
        self.state = new
        self.outages.turn(change, at(at_s), self.speakers, self.windows)

    def poll(self, at_s: float, *, changed: int | None = 0, device: str = "S1-R1") -> None:
        """The device tells of its past; `changed` is ifLastChange of its port in seconds since the test began."""
        ticks = Ticks(round((at_s - self.booted_s) * 100), at_s)
        result = PollResult(Task.FAST, 0.1, uptime=ticks, tells_change=True)
        changes = {} if changed is None else {"wan0": max(0, round((changed - self.booted_s) * 100)) if changed else 0}
        self.witnesses.take(device, result, changes, instant(at_s))
        self.outages.told(device, lambda _: self.windows)

    def tick(self, at_s: float) -> None:
        self.outages.tick(instant(at_s), lambda _: self.windows)

    def causes(self) -> list[Cause]:
        return [conclusion.finding.cause for conclusion in self.conclusions]


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.poll(0)
    return made


def test_an_outage_that_ended_waits_for_its_device_to_tell(scene: Scene):
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)

    assert [] == scene.conclusions
    assert scene.outages.is_awaited("S1-R1")

    scene.poll(303)

    assert [Conclusion(SITE, at(100), scene.conclusions[0].finding)] == scene.conclusions
    assert not scene.outages.is_awaited("S1-R1")


def test_a_poll_that_was_received_before_its_end_decides_nothing(scene: Scene):
    """It may have been answered between the first reply and the third."""
    scene.turn(DOWN, 100)
    scene.poll(299)
    scene.turn(UP, 300)
    scene.poll(299.5)
    assert [] == scene.conclusions

    scene.poll(300)
    assert 1 == len(scene.conclusions)


STORIES = {
    "the machine started anew within it": (290, 0, Cause.POWER_OR_REBOOT),
    "its port changed within it": (None, 250, Cause.HANDOFF),
    "its port never changed": (None, 0, Cause.CARRIER_PATH),
    "its port changed long before": (None, -5000, Cause.CARRIER_PATH),
    "its port was not read": (None, None, Cause.UNKNOWN),
}


@pytest.mark.parametrize(("booted_s", "changed_s", "cause"), STORIES.values(), ids=STORIES)
def test_what_a_device_tells_after_its_return_decides(
    scene: Scene, booted_s: int | None, changed_s: int | None, cause: Cause
):
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.booted_s = scene.booted_s if booted_s is None else booted_s
    scene.poll(330, changed=changed_s)

    assert [cause] == scene.causes()


def test_what_it_said_before_the_outage_is_compared_with_and_not_what_it_said_in_it(scene: Scene):
    """A poll may be answered in the middle: echo was lost, and SNMP was not."""
    scene.turn(DOWN, 100)
    scene.booted_s = 290
    scene.poll(299)
    scene.turn(UP, 300)
    scene.poll(330)

    assert [Cause.POWER_OR_REBOOT] == scene.causes()


def test_patience_ends(scene: Scene):
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.tick(300 + PATIENCE_S)
    assert [] == scene.conclusions

    scene.tick(300 + PATIENCE_S + 1)
    assert [Cause.UNKNOWN] == scene.causes()

    scene.tick(5000)
    scene.poll(5000)
    assert 1 == len(scene.conclusions)


def test_at_the_end_everything_is_concluded_by_what_is_known(scene: Scene):
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.outages.end_all(lambda _: NOTHING)

    assert [Cause.UNKNOWN] == scene.causes()


def test_an_outage_without_anybody_to_tell_of_it_is_concluded_at_once():
    scene = Scene()
    scene.speakers = []
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)

    assert [Cause.UNKNOWN] == scene.causes()


def test_who_was_cut_off_waits_for_nobody(scene: Scene):
    scene.turn(UNREACHABLE, 100, roots=["D1", "D2"])
    scene.turn(UP, 300)

    assert [Cause.UPSTREAM] == scene.causes()
    assert {"roots": "D1,D2"} == scene.conclusions[0].finding.readings


def test_down_after_unreachable_closes_the_one_and_opens_the_other(scene: Scene):
    scene.turn(UNREACHABLE, 100, roots=["D1"])
    scene.turn(DOWN, 400)

    assert [Cause.UPSTREAM] == scene.causes()
    assert (DOWN, at(400)) == (scene.outages.running[SITE].state, scene.outages.running[SITE].began_at)

    scene.turn(UP, 500)
    scene.booted_s = 490
    scene.poll(510)

    assert [(at(100), Cause.UPSTREAM), (at(400), Cause.POWER_OR_REBOOT)] == [
        (conclusion.began_at, conclusion.finding.cause) for conclusion in scene.conclusions
    ]


def test_unknown_ends_nothing_and_the_silence_after_it_is_the_same_outage(scene: Scene):
    scene.turn(DOWN, 100)
    scene.turn(UNKNOWN, 200)
    scene.turn(DOWN, 900)

    assert at(100) == scene.outages.running[SITE].began_at
    assert [] == scene.conclusions

    scene.turn(UNKNOWN, 1000)
    scene.turn(UP, 1100)
    assert scene.outages.is_awaited("S1-R1")
    assert {} == scene.outages.running


def test_falling_again_before_the_device_has_told_concludes_the_first_by_what_is_known(scene: Scene):
    """What it says from now on is of another outage."""
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.turn(DOWN, 310)
    scene.turn(UP, 400)
    scene.booted_s = 395
    scene.poll(410)

    assert [(at(100), Cause.UNKNOWN), (at(310), Cause.POWER_OR_REBOOT)] == [
        (conclusion.began_at, conclusion.finding.cause) for conclusion in scene.conclusions
    ]


def test_a_site_that_is_up_without_having_been_lost_is_nobodys_outage(scene: Scene):
    scene.turn(DEGRADED, 100)
    scene.turn(UP, 200)
    scene.turn(UNKNOWN, 300)
    scene.turn(UP, 400)

    assert {} == scene.outages.running
    assert not scene.outages.is_awaited("S1-R1")


@pytest.mark.parametrize(
    ("window", "cause"),
    [((50, 400), Cause.PLANNED), ((50, 200), Cause.CARRIER_PATH), ((150, 400), Cause.CARRIER_PATH)],
    ids=["covers it", "ends before it", "begins after it"],
)
def test_an_outage_that_a_window_covers_was_planned(scene: Scene, window: tuple[int, int], cause: Cause):
    begins_s, ends_s = (START.timestamp() + seconds for seconds in window)
    scene.windows = Intervals.of([(begins_s, ends_s)])
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.poll(330)

    assert [cause] == scene.causes()


@pytest.mark.parametrize(
    ("absence", "uncertain_s", "cause"),
    [((50, 101), 0, Cause.MONITOR), ((50, 95), 10, Cause.MONITOR), ((50, 89), 10, Cause.CARRIER_PATH)],
    ids=["while away", "while it may have begun", "before"],
)
def test_an_outage_that_began_while_nobody_watched_is_ours(
    scene: Scene, absence: tuple[int, int], uncertain_s: float, cause: Cause
):
    left_s, back_s = (START.timestamp() + seconds for seconds in absence)
    scene.outages.absences.append(Interval(left_s, back_s, "nobody watched"))
    scene.turn(DOWN, 100, uncertain_s=uncertain_s)
    scene.turn(UP, 300)
    scene.poll(330)

    assert [cause] == scene.causes()


def test_an_outage_left_open_by_an_earlier_run_is_judged_by_what_was_said_before_it(scene: Scene):
    scene.outages.restore(SITE, Running(DOWN, at(-500)), [R1])
    scene.state = DOWN
    scene.turn(UP, 300)
    scene.booted_s = 290
    scene.poll(330)

    assert [(at(-500), Cause.POWER_OR_REBOOT)] == [(c.began_at, c.finding.cause) for c in scene.conclusions]


def test_the_device_by_which_it_returned_is_the_one_to_tell():
    scene = Scene(R1, R2)
    scene.poll(0)
    scene.poll(0, device="S1-R2")
    scene.turn(DOWN, 100)
    scene.speakers = [R2, R1]
    scene.turn(UP, 300)

    assert scene.outages.is_awaited("S1-R2")
    assert not scene.outages.is_awaited("S1-R1")


def test_an_end_before_its_beginning_is_an_outage_without_length(scene: Scene):
    """A silence is dated back to its first miss; no outage ends before it began."""
    scene.turn(DOWN, 100)
    scene.turn(UP, 90)
    scene.poll(101)

    assert 1 == len(scene.conclusions)


def test_what_has_left_the_inventory_is_forgotten(scene: Scene):
    """Whatever was awaited of it: nobody can say any more which windows it had."""
    scene.turn(DOWN, 100)
    scene.turn(UP, 300)
    scene.turn(DOWN, 350)
    scene.turn(UP, 360)
    scene.turn(DOWN, 400)
    scene.outages.keep(lambda subject: subject != SITE)
    scene.conclusions.clear()
    scene.tick(5000)
    scene.outages.end_all(lambda _: NOTHING)

    assert {} == scene.outages.running
    assert [] == scene.conclusions
