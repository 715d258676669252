"""What is counted of one device while it is asked."""

from collections import deque

import pytest

from tests.poller.scripted import province, target
from wanmon.poller.targets import targets
from wanmon.poller.track import DeviceTrack, EchoTrack, Histogram


@pytest.mark.parametrize(("value", "bucket"), [(0, 0), (0.1, 0), (0.1000001, 1), (0.5, 1), (0.7, 2), (9.0, 2)], ids=str)
def test_a_bucket_holds_what_is_up_to_its_bound(value: float, bucket: int):
    histogram = Histogram((0.1, 0.5))
    histogram.observe(value)

    assert bucket == histogram.counts.index(1)
    assert value == histogram.total


def test_the_loss_is_told_over_five_minutes_alone():
    track = DeviceTrack.begin(target(liveness_interval_s=5)).echo
    for _ in range(1000):
        track.count(None, 0, is_slot=True)
    for number in range(45):
        track.count(0.01, number, is_slot=True)

    assert 60 == len(track.slots)
    assert 0.25 == track.loss_ratio
    assert (1045, 45) == (track.requests, track.replies)


def test_there_is_no_loss_before_the_first_echo():
    assert 0 == EchoTrack(deque()).loss_ratio


def test_the_jitter_is_that_of_rfc_3550():
    """Each difference moves it by a sixteenth of the way; a miss between two replies does not count."""
    track = EchoTrack(deque(maxlen=10))
    for rtt_s in (0.010, 0.026, None, 0.010):
        track.count(rtt_s, 0, is_slot=True)

    assert 0.001 + (0.016 - 0.001) / 16 == pytest.approx(track.jitter_s)


def test_the_targets_are_the_devices_of_sites_not_retired_with_the_intervals_of_their_class():
    rows = [{"name": "A-R1", "site": "A", "snmp": "new,old"}, {"name": "B-R1", "site": "B", "snmp": "none"}]
    found = targets(province(rows, A={"status": "planned"}, B={}))
    gone = targets(province(rows, A={"status": "retired"}, B={}))

    assert ("new", "old") == found["A-R1"].credentials
    assert () == found["B-R1"].credentials
    assert (5, 30, 600) == (
        found["A-R1"].liveness_interval_s, found["A-R1"].fast_interval_s, found["A-R1"].slow_interval_s,
    )  # fmt: skip
    assert {"B-R1"} == gone.keys()
