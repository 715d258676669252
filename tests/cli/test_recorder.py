"""A walk that is recorded: read in parts, written also where it broke off, and never over another."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pytest

from wanmon.cli.frame import recorder
from wanmon.cli.frame.asking import Asking
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError
from wanmon.lab import snmprec
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.types import Answer, Failure, Syntax, VarBind

ROOT = (1, 3, 6, 1, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
END = VarBind((2, 0), Syntax.END_OF_MIB_VIEW, None)
ROWS = [VarBind((*ROOT, number), Syntax.INTEGER, number) for number in range(1, 2_501)]


class Table:
    """A session with an agent that has rows, and falls silent behind one of them."""

    def __init__(self, rows, breaks_after=None):
        self.rows = rows
        self.breaks_after = breaks_after

    async def go_on(self, walk, deadline_s=None):
        while not walk.is_done:
            (after,), repetitions = walk.question(1360)
            if self.breaks_after is not None and after >= (*ROOT, self.breaks_after):
                return Failure(Reason.TIMEOUT, "no reply")
            found = [row for row in self.rows if row.oid > after][:repetitions] or [END]
            walk.came([row for row in found if self.breaks_after is None or row.oid[-1] <= self.breaks_after], 1000)
        return None


def walked(table, root=ROOT):
    moved = []
    return asyncio.run(recorder.walk_in_parts(root, lambda *at: moved.append(at), table)), moved


def test_a_long_walk_is_read_in_parts_that_join():
    answer, moved = walked(Table(ROWS))

    assert (tuple(ROWS), None) == (answer.varbinds, answer.reason)
    assert [(1_000, (*ROOT, 1_000)), (2_000, (*ROOT, 2_000)), (2_500, (*ROOT, 2_500))] == moved


def test_what_came_before_silence_is_kept_with_its_reason():
    answer, _ = walked(Table(ROWS, breaks_after=1_200))

    assert (1_200, Reason.TIMEOUT) == (len(answer.varbinds), answer.reason)


def test_an_agent_without_end_is_left_at_some_point(monkeypatch):
    monkeypatch.setattr(recorder, "MOST_ROWS", 2_000)
    answer, _ = walked(Table(ROWS))

    assert (2_000, Reason.PARTIAL) == (len(answer.varbinds), answer.reason)


def test_a_recording_that_broke_off_says_so_in_the_file(tmp_path):
    file = tmp_path / "walk.snmprec"
    answers = [
        Answer((*ROWS[:2], VarBind((*ROOT, 3), Syntax.NO_SUCH_INSTANCE, None)), Reason.TIMEOUT, "no reply"),
        Answer((ROWS[1],)),
    ]
    count = recorder.write(file, [ROOT, (*ROOT, 2)], answers, NOON)

    assert 2 == count
    assert [
        "# recorded 2026-03-02T19:00:00+07:00 by wanmon snmp walk 1.3.6.1.2, 1.3.6.1.2.2",
        "# not whole: the walk of 1.3.6.1.2 broke off behind 1.3.6.1.2.3: timeout no reply",
        "1.3.6.1.2.1|2|1",
        "1.3.6.1.2.2|2|2",
    ] == file.read_text(encoding="utf-8").splitlines()
    assert [row.oid for row in ROWS[:2]] == list(snmprec.read(file))


def test_nothing_at_all_is_no_file(tmp_path):
    assert 0 == recorder.write(tmp_path / "walk", [ROOT], [Answer((), Reason.TIMEOUT)], NOON)
    assert not (tmp_path / "walk").exists()


def test_a_file_that_cannot_be_new_is_told_before_anybody_is_asked(tmp_path):
    (tmp_path / "there").touch()
    with pytest.raises(UsageError, match="is there already: name a new file"):
        recorder.check_new(tmp_path / "there")
    with pytest.raises(UsageError, match="there is no folder"):
        recorder.check_new(tmp_path / "nowhere" / "walk")


def test_a_walk_that_broke_off_is_not_begun_again_with_the_next_credential(province):
    """Silence before the first answer may be a refusal; behind a thousand rows it is the line."""

    class Keys:
        def usable(self, target):
            return [SimpleNamespace(name="first"), SimpleNamespace(name="second")]

        @asynccontextmanager
        async def trying(self, credential):
            yield True

        def open(self, target, credential):
            return Table(ROWS, breaks_after=1_200 if credential.name == "first" else 0)

        def worked(self, target, credential):
            pass

    tools = Asking(Surroundings(), None)
    tools.keys = Keys()
    ask = partial(recorder.walk_in_parts, ROOT, lambda *at: None)
    name, answer = asyncio.run(tools.ask(SimpleNamespace(name="sw", credentials=()), ask))

    assert ("first", 1_200, Reason.TIMEOUT) == (name, len(answer.varbinds), answer.reason)
