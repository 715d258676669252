"""What is said of recorded outages, beside real ones."""

import pytest

from wanmon.lab.trouble import Trouble
from wanmon.lab.truth import TrueOutage
from wanmon.lab.verdict import Recorded, Ruling, judge
from wanmon.model.cause import Cause
from wanmon.model.state import State

CUT = TrueOutage("S1", State.DOWN, 1000.0, 1600.0, Trouble.CUT, Cause.CARRIER_PATH)
ABOVE = TrueOutage("S2", State.UNREACHABLE, 1000.0, 1600.0, None, Cause.UPSTREAM)
ALWAYS = [(0.0, 10_000.0)]


def recorded(
    site: str, state: State, cause: Cause | None, began_s: float = 1002.0, ended_s: float = 1601.0
) -> Recorded:
    return Recorded(site, state, began_s, ended_s, began_s + 8, cause, is_open=False)


@pytest.mark.parametrize(
    ("found", "ruling"),
    [
        (recorded("S1", State.DOWN, Cause.CARRIER_PATH), Ruling.RIGHT),
        (recorded("S1", State.DOWN, None), Ruling.RIGHT),  # nobody knows yet
        (recorded("S1", State.DOWN, Cause.HANDOFF), Ruling.WRONG_CAUSE),
        (recorded("S1", State.DOWN, Cause.MONITOR), Ruling.WRONG_CAUSE),
        (recorded("S1", State.UNREACHABLE, Cause.UPSTREAM), Ruling.WRONG_STATE),
        (recorded("S2", State.UNREACHABLE, Cause.UPSTREAM), Ruling.RIGHT),
        (recorded("S1", State.DOWN, Cause.CARRIER_PATH, 3000.0, 3100.0), Ruling.FALSE),
        (recorded("S3", State.DOWN, Cause.CARRIER_PATH), Ruling.FALSE),
        (recorded("S1", State.DOWN, Cause.SILENT_REBOOT, 5000.0, 5000.0), Ruling.RIGHT),
        (recorded("S1", State.DOWN, Cause.SILENT_REBOOT, 1300.0, 1300.0), Ruling.FALSE),
    ],
)
def test_a_recorded_outage_is_ruled_by_what_really_was(found, ruling):
    verdict = judge([found], [CUT, ABOVE], ALWAYS, [("S1", 5010.0)], [])

    assert [ruling] == [each.ruling for each in verdict.judged]


def test_what_began_while_nobody_watched_is_ours_whatever_it_was():
    found = recorded("S1", State.DOWN, Cause.MONITOR, 1500.0)
    verdict = judge([found], [CUT], [(0.0, 900.0), (1490.0, 10_000.0)], [], [])

    assert [Ruling.RIGHT] == [each.ruling for each in verdict.judged]


def test_what_nothing_tells_of_is_missed_if_it_could_be_told():
    """Too short, or nobody there to see it: nobody could."""
    short = TrueOutage("S1", State.DOWN, 3000.0, 3020.0, Trouble.CUT, Cause.CARRIER_PATH)
    lossy = TrueOutage("S1", State.DOWN, 4000.0, 4050.0, Trouble.FLAP, Cause.HANDOFF, tellable_s=80.0)
    real = [CUT, ABOVE, short, lossy]

    assert (CUT, ABOVE) == judge([], real, ALWAYS, [], []).missed
    assert () == judge([], real, [(0.0, 1010.0), (1590.0, 10_000.0)], [], []).missed


def test_a_site_cut_off_above_that_opens_an_alert_of_its_own_is_a_false_opening():
    verdict = judge([recorded("S2", State.DOWN, Cause.CARRIER_PATH)], [CUT, ABOVE], ALWAYS, [], [])

    assert (1, 0, 1) == (len(verdict.false_openings), len(verdict.false), len(verdict.missed_openings))
    assert (10.0,) == verdict.delays_s
