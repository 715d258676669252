"""The verdict on each site, as a running service puts it together and stores it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from tests.poller.scripted import Hands, province, target
from wanmon.checks.result import Measure, Result, RouterTarget, Target, loss
from wanmon.health.two_way import Judgement
from wanmon.health.window import Window
from wanmon.model.change import Action
from wanmon.model.finding import TwoWay, Verdict
from wanmon.model.inventory import NOUNS, Edit
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.board import Board, SiteView
from wanmon.poller.checking.book import Entry
from wanmon.poller.checking.questions import Key, Question
from wanmon.poller.track import DeviceTrack
from wanmon.poller.verdicts import WORDS_EVERY_S, Verdicts
from wanmon.store import inventory, schema, verdicts
from wanmon.store.database import Database

R1 = "S1-R1"
CLEAN = Window(60)
LOGIN = RouterTarget("S1", R1, "10.27.0.1", 22, "linux", ("routers",))
UP, DOWN = SiteView(State.UP, None), SiteView(State.DOWN, None)


@dataclass
class Present:
    """One site with one router, as the pipeline holds it."""

    board: Board
    tracks: dict[str, DeviceTrack]
    windows: dict[str, Window] = field(default_factory=dict)

    def window(self, device: str) -> Window:
        return self.windows.get(device, CLEAN)

    def show_verdicts(self, verdicts: Mapping[str, Judgement]) -> None:
        self.board = replace(self.board, verdicts=verdicts)


class AtOnce:
    """Makes writes at once, and counts them."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/wanmon.db"
        schema.upgrade(url)
        self.database = Database.open(url)
        self.count = 0

    def submit(self, make: Callable[[Session], Any]) -> Future[Any]:
        self.count += 1
        done: Future[Any] = Future()
        with self.database.write() as session:
            done.set_result(make(session))
        return done

    def stored(self) -> tuple[TwoWay, int | None] | None:
        with self.database.read() as session:
            held = verdicts.of(session, "S1")
            return (held.verdict, held.hop) if held else None


class Scene:
    """The site, its router up and answering everything unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        known = province([{"name": R1, "site": "S1"}], S1={})
        track = DeviceTrack.begin(target(R1))
        track.state, track.snmp.up = State.UP, True
        self.present = Present(Board(known, sites={"S1": UP, "DC1": UP}), {R1: track})
        self.track, self.hands, self.database = track, Hands(), AtOnce(folder)
        edits = [
            Edit(Action.ADD, noun, key, {column: getattr(row, column) for column in noun.columns})
            for noun in NOUNS
            for key, row in known.rows(noun).items()
        ]
        with self.database.database.write() as session:
            inventory.apply(session, edits, author="", origin="", command="", reason="", at=self.hands.now())
        self.verdicts = Verdicts(self.present, self.database, self.hands)

    def shows(self, **board: Any) -> None:
        self.present.board = replace(self.present.board, **board)

    def checked(self, kind: str, result: Result, ran_s: float | None = None) -> None:
        question = Question("S1", kind, kind, Target("dc-portal", "10.27.0.10", router=LOGIN))
        ran = self.hands.monotonic() if ran_s is None else ran_s
        entry = Entry(question, {}, result=result, ran_s=ran)
        self.shows(checks={**self.present.board.checks, Key("S1", kind, "dc-portal"): entry})

    def judged(self) -> Judgement | None:
        self.verdicts.look()
        return self.present.board.verdicts.get("S1")

    def verdict(self) -> TwoWay | None:
        found = self.judged()
        return found.verdict if found else None


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def from_site(verdict: Verdict, reason: Reason | None, lost: float) -> Result:
    return Result(verdict, "words", reason, measures=(loss(lost),), details={"sent": 5})


def test_a_site_that_answers_everything_is_ok(scene: Scene):
    assert TwoWay.OK is scene.verdict()
    assert (TwoWay.OK, None) == scene.database.stored()


def test_one_failed_poll_is_no_silence_of_the_agent(scene: Scene):
    scene.track.snmp.up, scene.track.snmp.silent_polls = False, 1

    assert TwoWay.OK is scene.verdict()

    scene.track.snmp.silent_polls = 2

    assert TwoWay.AGENT_ONLY is scene.verdict()


def test_what_the_site_sees_makes_it_one_way(scene: Scene):
    scene.checked("ssh_path", from_site(Verdict.CRITICAL, Reason.LOSS, 1.0))

    assert TwoWay.ONE_WAY_LOSS is scene.verdict()


def test_a_check_that_is_old_says_nothing_any_more(scene: Scene):
    scene.checked("ssh_path", from_site(Verdict.CRITICAL, Reason.LOSS, 1.0), scene.hands.monotonic() - 180)

    assert TwoWay.OK is scene.verdict()


def test_the_loss_before_an_outage_does_not_make_the_return_lossy(scene: Scene):
    """The misses of an outage are not those of a line that lives: they are not in the window."""
    scene.present.windows[R1] = Window(60, missed_bits=0)
    scene.track.echo.slots.extend([False] * 60)
    scene.checked("ssh_path", from_site(Verdict.OK, None, 0.0))

    assert TwoWay.OK is scene.verdict()


def test_the_routers_own_count_tells_the_direction(scene: Scene):
    scene.present.windows[R1] = Window(60, missed_bits=(1 << 20) - 1)
    counted = Result(
        Verdict.CRITICAL, "", Reason.LOSS,
        measures=(Measure("lost_there", 0.33, "ratio"), Measure("lost_back", 0.0, "ratio")),
    )  # fmt: skip
    scene.checked("loss_direction", counted)

    assert TwoWay.ONE_WAY_LOSS is scene.verdict()


def test_a_site_that_fell_is_down_at_the_hop_where_its_trace_ends_until_it_is_back(scene: Scene):
    scene.track.state, scene.track.snmp.silent_polls, scene.track.snmp.up = State.DOWN, 3, False
    scene.shows(sites={"S1": DOWN, "DC1": UP})
    scene.verdicts.traced("S1", (Hop(1, "10.27.9.1"), Hop(2)))

    assert (TwoWay.DOWN_AT_HOP, 2) == (scene.verdict(), scene.present.board.verdicts["S1"].hop)
    assert (TwoWay.DOWN_AT_HOP, 2) == scene.database.stored()

    scene.track.state, scene.track.snmp.silent_polls, scene.track.snmp.up = State.UP, 0, True
    scene.shows(sites={"S1": UP, "DC1": UP})

    assert TwoWay.OK is scene.verdict()

    scene.track.state, scene.track.snmp.silent_polls, scene.track.snmp.up = State.DOWN, 3, False
    scene.shows(sites={"S1": DOWN, "DC1": UP})

    assert (TwoWay.DOWN_AT_HOP, None) == (scene.verdict(), scene.present.board.verdicts["S1"].hop)


@pytest.mark.parametrize("hides", [{"is_isolated": True}, {"sites": {"S1": SiteView(State.UNKNOWN, None)}}])
def test_of_what_is_unknown_nothing_is_claimed_and_nothing_old_is_left(scene: Scene, hides: dict[str, Any]):
    scene.verdicts.look()
    scene.shows(**hides)

    assert scene.verdict() is None
    assert scene.database.stored() is None


def test_only_news_is_written(scene: Scene):
    """A share of loss that changes all the time must not be a write every five seconds."""
    scene.verdicts.look()
    written = scene.database.count
    for missed in range(13, 30):
        scene.present.windows[R1] = Window(60, missed_bits=(1 << missed) - 1)
        scene.verdicts.look()

    assert written == scene.database.count

    scene.hands.move(WORDS_EVERY_S)
    scene.verdicts.look()

    assert written + 1 == scene.database.count


def test_a_device_judged_by_snmp_has_no_echo_to_speak_of(scene: Scene):
    """On loopback every address answers echo: there it says nothing."""
    scene.present.tracks[R1] = DeviceTrack.begin(target(R1, liveness="snmp"))
    scene.present.tracks[R1].state = State.UP

    assert scene.verdict() is None
