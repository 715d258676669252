"""Sites that are cut off under those that cut them off."""

from datetime import UTC, datetime, timedelta

import pytest

from wanmon.cli.frame.glimpse import Glimpse, Service
from wanmon.cli.frame.storms import lines, root_causes
from wanmon.model.inventory import EMPTY
from wanmon.model.site import SiteStatus
from wanmon.model.state import State
from wanmon.store.life import States

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEEN = Glimpse(EMPTY, States({}, {}), Service(True, NOON), {}, (), NOON)


def site(code: str, state: State, *roots: str, status: SiteStatus = SiteStatus.ACTIVE, after_s: float = 0) -> dict:
    since = NOON + timedelta(seconds=after_s)
    words = {"site": code, "name": code, "state": state, "since": since, "reason": "", "status": status, "parent": ""}
    return {**words, "root_cause": list(roots), "is_in_maintenance": False}


DOWN = [site("A", State.DOWN), site("B", State.DOWN)]
BEHIND_A = [site("C", State.UNREACHABLE, "A", after_s=9), site("D", State.UNREACHABLE, "A", after_s=3)]
BEHIND_B = [site("E", State.UNREACHABLE, "B")]
BEHIND_BOTH = [site("F", State.UNREACHABLE, "A", "B"), site("G", State.UNREACHABLE, "A", "B")]
UP = [site("H", State.UP)]
PLANNED = [site("I", State.UNREACHABLE, "A", status=SiteStatus.PLANNED)]
PROVINCE = [*DOWN, *BEHIND_A, *BEHIND_B, *BEHIND_BOTH, *UP, *PLANNED]


@pytest.mark.parametrize(
    ("records", "are_folded", "expected"),
    [
        (PROVINCE, True, ["A", "2 sites", "2 sites", "B", "E", "H", "I"]),
        (PROVINCE, False, ["A", "C", "D", "F", "G", "B", "E", "H", "I"]),
        ([*BEHIND_A, *UP], True, ["2 sites", "H"]),
        ([*BEHIND_A, *UP], False, ["C", "D", "H"]),
        ([], True, []),
    ],
    ids=["folded", "each", "the root is not among them", "each of those", "none"],
)
def test_those_cut_off_stand_under_their_root(records, are_folded, expected):
    assert expected == [line["site"] for line in lines(SEEN, records, are_folded=are_folded)]


def test_a_folded_storm_names_its_roots_and_began_with_the_first():
    one, both = (line for line in lines(SEEN, PROVINCE, are_folded=True) if line["site"] == "2 sites")

    assert ("cut off by A", NOON + timedelta(seconds=3), ["A"]) == (one["name"], one["since"], one["root_cause"])
    assert ("cut off by A and B", ["A", "B"]) == (both["name"], both["root_cause"])


def test_roots_are_told_the_worst_first_and_planned_sites_count_nowhere():
    assert [("A", 4), ("B", 3)] == [(root["site"], root["cut_off_count"]) for root in root_causes(SEEN, PROVINCE)]
