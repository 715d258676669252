"""Paths kept with the outage that they were traced for."""

from datetime import timedelta

import pytest

from wanmon.model.life import Transition
from wanmon.model.path import Hop, unpacked
from wanmon.model.site import SiteStatus
from wanmon.model.state import State
from wanmon.store import life, outage_paths, outages

HOPS = (Hop(1, "10.27.0.1", (0.0012,)), Hop(2))


@pytest.fixture
def fallen(database, smallest, change, noon):
    """BN-0001 is down since noon: an active site with an open outage."""
    for edit in smallest:
        if edit.key == "BN-0001":
            edit.values["status"] = SiteStatus.ACTIVE
    change(*smallest)
    with database.write() as session:
        fell = Transition(site="BN-0001", old=State.UP, new=State.DOWN, at=noon, decided_at=noon)
        life.record_transitions(session, [fell])
        outages.process(session, noon)
    return database


def test_a_path_is_kept_with_the_outage_that_began_then_and_once_from_each_vantage(fallen, noon):
    with fallen.write() as session:
        kept = [
            outage_paths.keep(session, "BN-0001", noon, vantage, noon, HOPS, "words")
            for vantage in ("BN-DC1", "BN-0002", "BN-DC1")
        ]
    with fallen.read() as session:
        found = outage_paths.of_outage(session, 1)

    assert [True, True, False] == kept
    assert ["BN-DC1", "BN-0002"] == [path.vantage for path in found]
    assert HOPS == unpacked(found[0].hops)


@pytest.mark.parametrize(("site", "later_s"), [("BN-0001", 1), ("BN-0002", 0)], ids=["another time", "another site"])
def test_a_path_without_its_outage_is_passed_over(fallen, noon, site, later_s):
    """The outage of a site that was unknown for a while goes on from an earlier time."""
    with fallen.write() as session:
        began_at = noon + timedelta(seconds=later_s)

        assert not outage_paths.keep(session, site, began_at, "BN-DC1", noon, HOPS, "words")
        assert [] == outage_paths.of_outage(session, 1)
