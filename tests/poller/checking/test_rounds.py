"""Checks on their schedule: each in its time and never twice at once, and every end is a result."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.poller.checking.asked import OK, SILENT, NoKeys, Scripted, question
from tests.poller.scripted import Hands, province
from wanmon.checks.result import CheckParams, Result, Target, Tools
from wanmon.errors import WanmonError
from wanmon.model.check import Check
from wanmon.model.finding import Verdict
from wanmon.model.inventory import Inventory
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.checking import rounds
from wanmon.poller.checking.asking import Asker
from wanmon.poller.checking.book import Entry, Stand
from wanmon.poller.checking.questions import Key
from wanmon.poller.checking.recording import FLUSH_EVERY_S, CheckRecords
from wanmon.poller.checking.rounds import Rounds

TOOLS = Tools(None, None)  # type: ignore[arg-type]  # the scripted kinds use neither
ECHO = Key("S1", "echo", "S1-R1")


class Written:
    """Takes writes and makes none: what they would write is in the arguments of the store's functions."""

    def __init__(self) -> None:
        self.writes: list[Any] = []

    def submit(self, make: Callable[[Any], Any]) -> Any:
        self.writes.append(make)


class Scene:
    """One site with one check, a clock moved by hand, and the rounds over it."""

    def __init__(self, kind: Scripted | None = None, *, interval_s: int = 60, isolated: bool = False) -> None:
        self.kind, self.hands, self.written = kind or Scripted(), Hands(), Written()
        self.records = CheckRecords(self.written, self.hands)
        self.shown: list[Mapping[Key, Entry]] = []
        self.paths: dict[Key, tuple[Hop, ...]] = {}
        self.asker = Asker(TOOLS, NoKeys(), self.paths.__setitem__)
        kinds = self.kind.kinds("icmp_echo", "path_trace", "ssh_path")
        self.rounds = Rounds(self.asker, self.records, kinds, self.hands, self.shown.append, lambda: isolated)
        self.rounds.follow(inventory(interval_s=interval_s))

    async def live(self, *moments: Callable[[], object]) -> None:
        """Run; after each moment every task has had its turns."""
        running = asyncio.create_task(self.rounds.run())
        for moment in moments:
            moment()
            await turns()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def entry(self, key: Key = ECHO) -> Entry:
        return self.shown[-1][key]

    def move(self, seconds: float) -> Callable[[], None]:
        return lambda: self.hands.move(seconds)


async def turns() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def inventory(**checks: Any) -> Inventory:
    given = {"id": 1, "code": "echo", "kind": "icmp_echo", "site": "S1", "target": "S1-R1"}
    made = province([{"name": "S1-R1", "site": "S1"}], S1={})
    return replace(made, checks={"echo": Check.model_validate(given | checks)})


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "NAP_S", 0.0)


def test_a_check_runs_once_in_each_interval_and_is_shown():
    scene = Scene()
    asyncio.run(scene.live(*[scene.move(60)] * 3))

    assert 3 == len(scene.kind.asked)
    assert (3, Verdict.OK, 60.0) == (scene.entry().runs, scene.entry().way[0], scene.entry().question.interval_s)  # type: ignore[index]


def test_a_run_that_lasts_is_never_doubled_and_what_is_left_out_is_counted():
    gate: list[asyncio.Future[Result]] = []

    def slow(target: Target) -> asyncio.Future[Result]:
        gate.append(asyncio.get_running_loop().create_future())
        return gate[-1]

    scene = Scene(Scripted(slow))
    asyncio.run(scene.live(*[scene.move(60)] * 3, lambda: gate[0].set_result(OK), scene.move(60)))

    assert (2, 1, 2) == (len(scene.kind.asked), scene.kind.most, scene.rounds.overruns)
    assert 0 == scene.rounds.in_flight


def test_what_is_cancelled_while_it_runs_is_let_go():
    scene = Scene(Scripted(lambda target: asyncio.get_running_loop().create_future()))
    asyncio.run(scene.live(scene.move(60)))

    assert (1, 0, 0) == (len(scene.kind.asked), scene.kind.running, scene.rounds.in_flight)


def test_an_inventory_that_changed_something_else_moves_nothing_and_breaks_nothing_off():
    gate: list[asyncio.Future[Result]] = []

    def slow(target: Target) -> asyncio.Future[Result]:
        gate.append(asyncio.get_running_loop().create_future())
        return gate[-1]

    scene = Scene(Scripted(slow))
    follow = lambda: scene.rounds.follow(inventory())  # noqa: E731
    asyncio.run(scene.live(scene.move(60), follow, lambda: gate[0].set_result(OK), scene.move(60)))

    assert (2, 1) == (len(scene.kind.asked), scene.entry().runs)


@pytest.mark.parametrize("checks", [{"target": "127.0.0.9"}, {"kind": "path_trace"}], ids=["gone", "another kind"])
def test_a_check_that_is_gone_or_another_while_it_runs_leaves_nothing(checks):
    scene = Scene(Scripted(lambda target: asyncio.get_running_loop().create_future()))
    asyncio.run(scene.live(scene.move(60), lambda: scene.rounds.follow(inventory(**checks))))

    assert {0} == {entry.runs for entry in scene.shown[-1].values()}
    assert 0 == scene.kind.running


def test_a_daily_check_is_not_first_run_tomorrow_unless_it_was_run_today():
    """A certificate that nobody looked at for a day is looked at within a minute of the start."""
    new, known = Scene(interval_s=86_400), Scene()
    known.rounds.resume({ECHO: Stand((Verdict.OK, None), known.hands.now(), known.hands.now() - timedelta(hours=3))})
    known.rounds.follow(inventory(interval_s=86_400))
    for scene in (new, known):
        asyncio.run(scene.live(scene.move(60)))

    assert (1, 0) == (len(new.kind.asked), len(known.kind.asked))


def test_while_we_are_cut_off_a_failure_says_nothing_of_the_site():
    scene = Scene(Scripted(lambda target: SILENT), isolated=True)
    asyncio.run(scene.live(scene.move(60)))

    assert (Verdict.UNKNOWN, Reason.ISOLATED) == scene.entry().way


def test_since_when_it_goes_so_outlives_a_restart_and_counts_begin_anew():
    scene = Scene()
    began = scene.hands.now() - timedelta(days=3)
    scene.rounds = Rounds(
        scene.asker, scene.records, scene.kind.kinds("icmp_echo"), scene.hands, scene.shown.append, lambda: False
    )
    scene.rounds.resume({ECHO: Stand((Verdict.OK, None), began, scene.hands.now())})
    scene.rounds.follow(inventory())
    asyncio.run(scene.live(scene.move(60)))

    assert (began, 1) == (scene.entry().since, scene.entry().runs)


def test_changes_are_written_at_once_and_the_rest_together(monkeypatch):
    answers = [OK, OK, SILENT, SILENT, SILENT]
    scene = Scene(Scripted(lambda target: answers.pop(0)))
    monkeypatch.setattr(
        "wanmon.store.stretches.record", lambda session, many: session.append([(a.verdict, a.runs) for a in many])
    )
    asyncio.run(scene.live(*[scene.move(60)] * 5))
    before: list[Any] = []
    for write in scene.written.writes[1:]:
        write(before)
    scene.hands.move(FLUSH_EVERY_S)
    scene.rounds.end()
    after: list[Any] = []
    scene.written.writes[-1](after)

    assert [[(Verdict.OK, 1)], [(Verdict.OK, 1), (Verdict.CRITICAL, 1)]] == before
    assert [[(Verdict.CRITICAL, 2)]] == after


def asked(kind: Scripted, *, deadline_s: float = 5, name: str = "icmp_echo", **values: Any) -> Result:
    asker = Asker(TOOLS, NoKeys(), lambda key, hops: None)
    made = question(form=(kind.kind(name), CheckParams()), kind=name, **values)
    return asyncio.run(asker.ask(made, deadline_s))


def test_what_takes_too_long_ends_at_its_deadline():
    found = asked(Scripted(lambda target: asyncio.get_running_loop().create_future()), deadline_s=0.01)

    assert (Verdict.UNKNOWN, Reason.DEADLINE) == (found.verdict, found.reason)


def test_our_own_mistakes_are_results_and_say_what_to_do():
    wrong = asked(Scripted(lambda target: WanmonError("echo is forbidden: do this")))
    broken = asked(Scripted(lambda target: ValueError("secret")))

    assert (Reason.LOCAL, "echo is forbidden: do this") == (wrong.reason, wrong.text)
    assert (Reason.LOCAL, "internal error (ValueError): see the log") == (broken.reason, broken.text)


def test_an_obstacle_is_told_and_nobody_is_asked():
    kind = Scripted()

    assert "no router" == asked(kind, obstacle="no router").text
    assert [] == kind.asked


def test_a_check_from_a_site_is_not_made_where_nobody_logs_in():
    kind = Scripted()
    asker = Asker(TOOLS, NoKeys(), lambda key, hops: None)
    made = question(form=(kind.kind("ssh_path", "site"), CheckParams()), kind="ssh_path")

    assert Reason.LOCAL is asyncio.run(asker.ask(made, 5)).reason
    assert [] == kind.asked


HOPS = (Hop(1, "10.27.0.1", (0.001,)), Hop(2, "10.27.1.1", (0.002,)))


@pytest.mark.parametrize(
    ("result", "taken"),
    [
        (replace(OK, hops=HOPS), True),
        (replace(OK, hops=(*HOPS[:1], Hop(2))), False),
        (replace(OK, hops=(*HOPS[:1], replace(HOPS[1], reason=Reason.PROHIBITED))), False),
        (replace(SILENT, hops=HOPS), False),
        (OK, False),
    ],
    ids=["whole", "a silent end", "refused at its end", "critical", "no hops"],
)
def test_the_first_whole_path_is_compared_with_from_then_on(result, taken):
    kept: dict[Key, tuple[Hop, ...]] = {}
    kind = Scripted(lambda target: result)
    asker = Asker(TOOLS, NoKeys(), kept.__setitem__)
    made = question(form=(kind.kind("path_trace"), CheckParams()), kind="path_trace")
    for _ in range(2):
        asyncio.run(asker.ask(made, 5))

    assert ({made.key: HOPS} if taken else {}) == kept
    assert HOPS * taken == kind.asked[1].baseline
    assert () == kind.asked[0].baseline
