"""Stretches: a row for each time in which a check went one way, never one for each run."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from wanmon.model.change import Action
from wanmon.model.finding import CheckStretch, Verdict
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.store import inventory, paths, stretches
from wanmon.store.stretches import Alike

MINUTE = timedelta(minutes=1)
HOPS = (Hop(1, "10.27.0.1", (0.001,)), Hop(2), Hop(3, "10.27.1.1", (0.004,)))


@pytest.fixture
def stored(database, smallest, noon):
    """The smallest province with one check for its class."""
    check = {"code": "echo", "kind": "icmp_echo", "site_class": "commune"}
    edits = [*smallest, Edit(Action.ADD, NOUN["check"], "echo", check)]
    with database.write() as session:
        inventory.apply(session, edits, author="", origin="", command="", reason="", at=noon)
    return database


def took(database: Any, *many: Alike) -> None:
    with database.write() as session:
        stretches.record(session, many)


def shown(database: Any) -> Sequence[tuple[Any, ...]]:
    with database.read() as session:
        found = stretches.listed(session, "BN-0001")
    return [(row.verdict, row.reason, row.began_at, row.last_at, row.runs, row.text) for row in reversed(found)]


@pytest.fixture
def alike(noon):
    """Runs of the one check, `minute` minutes after noon."""

    def make(verdict: Verdict, minute: int, reason: Reason | None = None, **values: Any) -> Alike:
        at = noon + minute * MINUTE
        given = {"began_at": at, "last_at": at, "text": f"{minute}"} | values
        return Alike("BN-0001", "echo", "BN-0001-R1", verdict, reason, **given)

    return make


def test_runs_that_go_alike_are_one_row_and_a_change_of_verdict_or_reason_begins_another(stored, alike, noon):
    took(stored, alike(Verdict.OK, 0))
    took(stored, alike(Verdict.OK, 10, began_at=noon + MINUTE, runs=10))
    took(stored, alike(Verdict.CRITICAL, 11, Reason.TIMEOUT))
    took(stored, alike(Verdict.CRITICAL, 12, Reason.PROHIBITED), alike(Verdict.OK, 13))

    assert [
        (Verdict.OK, None, noon, noon + 10 * MINUTE, 11, "10"),
        (Verdict.CRITICAL, Reason.TIMEOUT, noon + 11 * MINUTE, noon + 11 * MINUTE, 1, "11"),
        (Verdict.CRITICAL, Reason.PROHIBITED, noon + 12 * MINUTE, noon + 12 * MINUTE, 1, "12"),
        (Verdict.OK, None, noon + 13 * MINUTE, noon + 13 * MINUTE, 1, "13"),
    ] == shown(stored)


def test_a_run_from_the_command_line_in_between_never_makes_stretches_overlap(stored, alike, noon):
    """`serve` writes what it saw since noon at ten past: after the other row, and as the present one."""
    took(stored, alike(Verdict.CRITICAL, 5, Reason.TIMEOUT))
    took(stored, alike(Verdict.OK, 10, began_at=noon, runs=10))
    took(stored, alike(Verdict.OK, 20, began_at=noon + 11 * MINUTE, runs=10))

    assert [(noon + 5 * MINUTE, noon + 5 * MINUTE, 1), (noon + 5 * MINUTE, noon + 20 * MINUTE, 20)] == [
        row[2:5] for row in shown(stored)
    ]
    with stored.read() as session:
        assert [Verdict.OK] == [row.verdict for row in stretches.present(session)]


def test_what_has_left_the_inventory_is_passed_over_and_the_others_are_kept(stored, alike, noon):
    """It may go while it is being asked: a reference into nothing would fail the whole batch of the writer."""
    gone = Alike("BN-0009", "echo", "x", Verdict.OK, None, "", noon, noon)
    other = Alike("BN-0001", "no-check", "x", Verdict.OK, None, "", noon, noon)
    took(stored, gone, other, alike(Verdict.OK, 0))

    assert 1 == len(shown(stored))


def test_the_stretches_of_a_check_go_with_it(stored, alike, noon):
    took(stored, alike(Verdict.OK, 0))
    with stored.write() as session:
        edit = Edit(Action.REMOVE, NOUN["check"], "echo", {})
        inventory.apply(session, [edit], author="", origin="", command="", reason="", at=noon)

    assert [] == shown(stored)


def test_what_ended_400_days_ago_is_forgotten(stored, alike, noon):
    took(stored, alike(Verdict.OK, 0), alike(Verdict.CRITICAL, 1, Reason.LOSS))
    with stored.write() as session:
        stretches.prune(session, noon + stretches.KEPT + MINUTE)

    assert [Verdict.CRITICAL] == [row[0] for row in shown(stored)]


def test_history_is_of_the_checks_that_are_asked_for(stored, alike):
    took(stored, alike(Verdict.OK, 0))
    with stored.read() as session:
        assert [] == stretches.listed(session, "BN-0001", checks=["another"])
        assert ["echo"] == [row.check for row in stretches.listed(session, "BN-0001", checks=["echo"], limit=5)]
        assert isinstance(stretches.present(session)[0], CheckStretch)


def test_the_first_path_is_the_baseline_until_it_is_forgotten(stored, noon):
    with stored.write() as session:
        before = paths.generation(session)
        paths.keep(session, "echo", "BN-0001", "BN-0001-R1", HOPS, noon)
        paths.keep(session, "echo", "BN-0001", "BN-0001-R1", HOPS[:1], noon + MINUTE)
        paths.keep(session, "gone", "BN-0001", "BN-0001-R1", HOPS, noon)

    with stored.read() as session:
        assert {("echo", "BN-0001", "BN-0001-R1"): HOPS} == paths.baselines(session)
        assert (0, 1) == (before[0], paths.generation(session)[0])
    with stored.write() as session:
        assert [] == paths.forget(session, "BN-0002", ["echo"])
        assert ["BN-0001-R1"] == [row.target for row in paths.forget(session, "BN-0001", ["echo"])]
        assert {} == paths.baselines(session)
