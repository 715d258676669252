"""What runs through the circuits: five-minute averages by local day, and what the counters do not allow to be said."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from wanmon.clock import LOCAL
from wanmon.health.blocks import BINS, Block
from wanmon.health.rates import DropReason, Reading
from wanmon.model.carrier import CircuitFields
from wanmon.poller.instant import Instant
from wanmon.poller.traffic import LATE_S, Traffic
from wanmon.poller.wan import WanPort

DAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=LOCAL).astimezone(UTC)
#: A noon at which a day of the wall clock and one of UTC are the same.
NOON = MIDNIGHT + timedelta(hours=12)
CIRCUIT = CircuitFields.model_validate(
    {"code": "A/1", "site": "S1", "carrier": "VNPT", "receive_bps": 10**8, "transmit_bps": 10**8}
)
LONGEST_S = 90.0


class Scene:
    """One circuit, polled every 30 s; bits per second run through it as a test says."""

    def __init__(self, since: datetime = NOON) -> None:
        self.kept: dict[date, Block] = {}
        self.stored = 0
        self.dropped: Counter[DropReason] = Counter()
        self.traffic = Traffic(self.keep, self.dropped)
        self.since, self.at_s, self.octets, self.bits = since, 0.0, 10**12, 64
        self.booted_s = -10_000.0

    def keep(self, circuit: str, on: date, block: Block) -> None:
        assert "A/1" == circuit
        self.kept[on] = block
        self.stored += 1

    def poll(self, bps: float = 8_000.0, after_s: float = 30.0, **values: Any) -> None:
        """Poll again, when `bps` have run in both directions since the last time."""
        self.at_s += after_s
        self.octets += int(bps * after_s / 8)
        value = self.octets % 2**self.bits
        uptime = round((self.at_s - self.booted_s) * 100)
        given: dict[str, Any] = {"value": value, "bits": self.bits, "uptime_ticks": uptime} | values
        reading = Reading(received_s=self.at_s, **given)
        port = WanPort("wan0", True, 0, 10**9, reading, reading)
        instant = Instant(self.since + timedelta(seconds=self.at_s), self.at_s)
        self.traffic.take(CIRCUIT, port, LONGEST_S, instant)

    def run(self, seconds: float, bps: float = 8_000.0) -> None:
        for _ in range(round(seconds / 30)):
            self.poll(bps)

    def averages(self, on: date = DAY) -> dict[int, float]:
        """The averages of the bins that were watched, by their number."""
        self.traffic.end()
        block = self.kept[on]
        assert block.receive == block.transmit
        return {place: average for place, average in enumerate(block.receive) if average is not None}


@pytest.mark.parametrize("bits", [32, 64])
def test_octets_become_averages_of_five_minutes(bits: int):
    scene = Scene()
    scene.bits = bits
    scene.poll()
    scene.run(300, bps=8_000)
    scene.run(300, bps=80_000)
    found = scene.averages()

    assert {144, 145} == found.keys() - {146}
    assert 8_000 == pytest.approx(found[144], rel=0.12)
    assert 80_000 == pytest.approx(found[145], rel=0.12)
    assert {} == scene.dropped


def test_a_counter_of_32_bits_wraps_and_one_that_is_too_slow_for_its_line_says_nothing():
    scene = Scene()
    scene.bits, scene.octets = 32, 2**32 - 50_000
    scene.poll(0)
    scene.run(300, bps=16_000)
    found = scene.averages()

    assert 16_000 == pytest.approx(found[144], rel=0.01)
    assert {} == scene.dropped

    fast = Scene()
    fast.bits = 32
    fast.poll()
    fast.poll(after_s=60)  # at 1 Gbit/s it may have wrapped within 34 s

    assert {DropReason.AMBIGUOUS_WRAP: 2} == fast.dropped


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"bits": 32}, DropReason.WIDTH_CHANGED),
        ({"value": 5}, DropReason.FELL),
        ({"uptime_ticks": 500}, DropReason.RESTART),
        ({"after_s": 91.0}, DropReason.GAP),
        ({"after_s": 0.5}, DropReason.NO_TIME),
        ({"bps": 2 * 10**9}, DropReason.OVER_SPEED),
    ],
    ids=lambda each: str(each) if isinstance(each, str) else "",
)
def test_what_the_counters_do_not_allow_is_dropped_and_counted(what: dict[str, Any], reason: DropReason):
    """Once for each direction; and the next pair begins with the newer reading."""
    scene = Scene()
    scene.poll()
    scene.poll(**what)

    assert {reason: 2} == scene.dropped


def test_after_a_drop_it_goes_on_from_the_newer_reading():
    scene = Scene()
    scene.poll()
    scene.octets = 0
    scene.poll()
    assert {DropReason.FELL: 2} == scene.dropped

    scene.run(300, bps=8_000)
    assert {DropReason.FELL: 2} == scene.dropped
    assert 8_000 == pytest.approx(scene.averages()[144], rel=0.12)


def test_a_rate_across_midnight_belongs_to_both_days():
    scene = Scene(MIDNIGHT + timedelta(hours=23, minutes=50))
    scene.poll()
    scene.run(1200, bps=8_000)
    scene.traffic.end()
    first, second = scene.kept[DAY], scene.kept[DAY + timedelta(days=1)]

    assert [286, 287] == [place for place in range(BINS) if first.receive[place] is not None]
    assert [0, 1] == [place for place in range(BINS) if second.receive[place] is not None]
    for average in (first.receive[286], first.receive[287], second.receive[0], second.receive[1]):
        assert 8_000 == pytest.approx(average, rel=0.01)


def test_a_day_is_kept_as_it_grows_and_whole_when_it_is_over():
    scene = Scene(MIDNIGHT + timedelta(hours=23, minutes=40))
    scene.poll()
    scene.run(600)
    assert scene.kept[DAY].receive[285] is not None

    scene.run(900)
    assert scene.kept[DAY].receive[287] is not None


def test_a_day_that_is_over_is_let_go_of():
    """The memory of a poller that runs for years holds today, and yesterday for a few minutes."""
    scene = Scene(MIDNIGHT + timedelta(hours=23))
    scene.poll()
    scene.run(3600 + LATE_S - 60)
    assert 2 == len(scene.traffic._circuits["A/1"].days)

    scene.run(600)
    assert [DAY + timedelta(days=1)] == list(scene.traffic._circuits["A/1"].days)


def test_it_is_not_stored_more_often_than_bins_begin():
    scene = Scene()
    scene.poll()
    scene.run(3600)

    assert 12 <= scene.stored <= 13


def test_a_day_that_an_earlier_run_has_begun_goes_on():
    first = Scene()
    first.poll()
    first.run(450, bps=8_000)
    first.traffic.end()
    second = Scene(NOON + timedelta(seconds=480))
    second.traffic.resume("A/1", DAY, first.kept[DAY])
    second.poll()
    second.run(600, bps=80_000)
    found = second.averages()

    assert 8_000 == pytest.approx(found[144], rel=0.12)
    assert 8_000 < found[145] < 80_000
    assert 80_000 == pytest.approx(found[146], rel=0.01)


def test_a_circuit_that_is_not_read_any_more_is_stored_a_last_time():
    scene = Scene()
    scene.poll()
    scene.run(240)
    scene.traffic.unbind("A/1")
    scene.traffic.unbind("B/1")

    assert scene.kept[DAY].receive[144] is not None


def test_a_circuit_that_is_read_again_on_the_same_day_keeps_what_it_had():
    """Else a port that was unbound for a minute would take the morning with it."""
    scene = Scene()
    scene.poll()
    scene.run(600)
    scene.traffic.unbind("A/1")
    scene.poll()
    scene.run(600)
    found = scene.averages()

    assert {144, 145, 146, 147} <= found.keys()


def test_no_pair_spans_two_ports():
    """The other port has counted other octets: what lies between the two is no traffic."""
    scene = Scene()
    scene.poll()
    scene.run(300)
    scene.traffic.unbind("A/1")
    scene.octets += 10**8
    scene.run(300)

    assert {} == scene.dropped
    assert 8_000 == pytest.approx(max(scene.averages().values()), rel=0.12)


def test_a_circuit_that_is_gone_is_let_go_of_when_its_day_is_over():
    """Another one goes on."""
    scene, other = Scene(), CIRCUIT.model_copy(update={"code": "B/1"})
    scene.poll()
    scene.run(300)
    scene.traffic.unbind("A/1")
    port = WanPort("wan1", True, 0, 10**9, None, None)
    for seconds in (600, 13 * 3600):
        scene.traffic.take(other, port, LONGEST_S, Instant(NOON + timedelta(seconds=seconds), seconds))

    assert "A/1" not in scene.traffic._circuits


def test_a_direction_that_was_not_read_is_not_taken_for_an_idle_one():
    scene = Scene()
    scene.poll()
    for _ in range(10):
        scene.at_s += 30
        reading = Reading(10**12, 64, scene.at_s, round((scene.at_s - scene.booted_s) * 100))
        port = WanPort("wan0", True, 0, 10**9, reading, None)
        scene.traffic.take(CIRCUIT, port, LONGEST_S, Instant(NOON + timedelta(seconds=scene.at_s), scene.at_s))
    scene.traffic.end()

    assert 0.0 == scene.kept[DAY].receive[144]
    assert None is scene.kept[DAY].transmit[144]
