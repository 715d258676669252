"""Down itself, or cut off above."""

import pytest

from wanmon.health.reach import Reach, Ruling, Standing, cut_off, rule
from wanmon.model.state import State

SINCE = 100.0
FRESH = Standing(State.UP, answered_s=100.5)
STALE = Standing(State.UP, answered_s=99.5)
SILENT = Standing(State.UP, answered_s=90.0)
NEVER = Standing(State.UNKNOWN)
DEAD = Standing(State.DOWN)
CUT = Standing(State.UNREACHABLE, roots=("TOP",))

CASES = {
    "a hub": ([], {}, Ruling(Reach.DOWN)),
    "a parent nobody knows": (["P"], {}, Ruling(Reach.DOWN)),
    "a parent that answers since": (["P"], {"P": FRESH}, Ruling(Reach.DOWN)),
    "a parent that answered before only": (["P"], {"P": STALE}, Ruling(Reach.WAIT)),
    "a parent that is silent itself": (["P"], {"P": SILENT}, Ruling(Reach.WAIT)),
    "a parent never heard": (["P"], {"P": NEVER}, Ruling(Reach.WAIT)),
    "a dead parent": (["P"], {"P": DEAD}, Ruling(Reach.UNREACHABLE, ("P",))),
    "a parent that is cut off": (["P"], {"P": CUT}, Ruling(Reach.UNREACHABLE, ("TOP",))),
    "one of two parents dead": (["P", "Q"], {"P": DEAD, "Q": FRESH}, Ruling(Reach.DOWN)),
    "one dead, one undecided": (["P", "Q"], {"P": DEAD, "Q": STALE}, Ruling(Reach.WAIT)),
    "both dead": (["P", "Q"], {"P": DEAD, "Q": DEAD}, Ruling(Reach.UNREACHABLE, ("P", "Q"))),
    "both cut off by one": (["P", "Q"], {"P": CUT, "Q": CUT}, Ruling(Reach.UNREACHABLE, ("TOP",))),
    "degraded is alive": (["P"], {"P": Standing(State.DEGRADED, 101.0)}, Ruling(Reach.DOWN)),
}


@pytest.mark.parametrize(("parents", "standings", "expected"), CASES.values(), ids=CASES)
def test_the_ways_of_a_silent_site_are_ruled_upon(parents, standings, expected):
    assert expected == rule(parents, standings, SINCE)


#: Two districts behind a hub, two communes; B2 has both districts above it, C hangs on B1 and B2.
WAYS = {"HUB": (), "D1": ("HUB",), "D2": ("HUB",), "B1": ("D1",), "B2": ("D1", "D2"), "C": ("B1", "B2"), "ALONE": ()}


@pytest.mark.parametrize(
    ("fallen", "expected"),
    [
        ("HUB", {"D1", "D2", "B1", "B2", "C"}),
        ("D1", {"B1"}),
        ("D2", set()),
        ("B1", set()),
        ("C", set()),
        ("ALONE", set()),
        ("ELSEWHERE", set()),
    ],
)
def test_a_site_is_cut_off_when_every_way_of_it_leads_through_the_fallen_one(fallen, expected):
    assert expected == cut_off(WAYS, fallen)


def test_parents_in_a_circle_end_too():
    assert {"B"} == cut_off({"A": ("B",), "B": ("A",)}, "A")
