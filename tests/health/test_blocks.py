"""What passed in a day survives as 288 averages a direction, and what nobody watched stays missing."""

import struct
from datetime import date, datetime, timedelta
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.clock import LOCAL
from wanmon.errors import StoreError
from wanmon.health.blocks import BINS, Block, DayTally, Direction, local_day, pack, unpack

DAY = date(2026, 3, 2)
MIDNIGHT_S = datetime(2026, 3, 2, tzinfo=LOCAL).timestamp()
RECEIVE, TRANSMIT = Direction.RECEIVE, Direction.TRANSMIT

#: A few averages over and over, so that drawing a day costs little.
AVERAGES = st.lists(st.one_of(st.none(), st.floats(0, 2**100, width=32)), min_size=1, max_size=12).map(
    lambda some: tuple(islice(cycle(some), BINS))
)


def tallied(*rates: tuple[float, float, float]) -> tuple[float | None, ...]:
    """The receiving averages of rates (bps, from, to), in seconds since midnight."""
    tally = DayTally(DAY)
    for bps, from_s, to_s in rates:
        tally.add(RECEIVE, bps, MIDNIGHT_S + from_s, MIDNIGHT_S + to_s)
    return tally.block().receive


@given(AVERAGES, AVERAGES)
def test_a_block_survives_its_packing(receive: tuple[float | None, ...], transmit: tuple[float | None, ...]):
    block = Block(receive, transmit)

    assert block == unpack(pack(block))
    assert 2305 == len(pack(block))


@given(st.floats(0, 1e12))
def test_packing_loses_less_than_a_millionth(bps: float):
    block = Block((bps,) * BINS, (None,) * BINS)

    assert bps == pytest.approx(unpack(pack(block)).receive[0], rel=1e-6, abs=1e-30)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x01",
        b"\x02" + bytes(2304),
        b"\x01" + bytes(2303),
        b"\x01" + bytes(2305),
        struct.pack("<577f", *[0] * 577),
    ],
    ids=["nothing", "cut", "another version", "a byte short", "a byte long", "no version"],
)
def test_bytes_that_are_no_block_are_refused_in_one_line(packed: bytes):
    with pytest.raises(StoreError, match="restore a backup") as refused:
        unpack(packed)

    assert "\n" not in str(refused.value)


def test_a_rate_is_spread_over_the_bins_it_covers():
    averages = tallied((10, 0, 200), (40, 200, 500), (0, 500, 600))

    assert ((10 * 200 + 40 * 100) / 300, 40 * 200 / 300, None) == averages[:3]


@pytest.mark.parametrize(
    ("watched_s", "is_present"),
    [(0, False), (149, False), (150, True), (300, True)],
    ids=["none", "less", "half", "all"],
)
def test_a_bin_watched_for_less_than_half_is_missing(watched_s: float, is_present: bool):
    assert is_present is (tallied((7, 600, 600 + watched_s))[2] is not None)


def test_the_average_of_a_half_watched_bin_is_that_of_what_was_watched():
    assert 7 == tallied((7, 0, 160))[0]


def test_a_rate_over_midnight_falls_to_both_days():
    evening, morning = DayTally(DAY), DayTally(DAY + timedelta(days=1))
    for tally in (evening, morning):
        tally.add(TRANSMIT, 8, MIDNIGHT_S + 86_400 - 200, MIDNIGHT_S + 86_400 + 160)

    assert 8 == evening.block().transmit[-1]
    assert 8 == morning.block().transmit[0]
    assert 1 == sum(average is not None for average in evening.block().transmit)
    assert (None,) * BINS == evening.block().receive


@pytest.mark.parametrize(("from_s", "to_s"), [(-500, -1), (86_400, 86_900), (500, 500), (500, 400)])
def test_what_is_not_of_the_day_adds_nothing(from_s: float, to_s: float):
    assert (None,) * BINS == tallied((7, from_s, to_s))


def test_the_day_is_that_of_the_province():
    """17:00 UTC is midnight in Bắc Ninh."""
    seventeen_utc_s = datetime.fromisoformat("2026-03-01T17:00:00+00:00").timestamp()

    assert MIDNIGHT_S == seventeen_utc_s
    assert DAY == local_day(seventeen_utc_s)
    assert DAY - timedelta(days=1) == local_day(seventeen_utc_s - 1)


def test_a_day_resumed_goes_on_where_it_stood():
    tally = DayTally(DAY)
    tally.add(RECEIVE, 10, MIDNIGHT_S, MIDNIGHT_S + 450)
    tally.add(TRANSMIT, 20, MIDNIGHT_S, MIDNIGHT_S + 300)
    again = DayTally.resumed(DAY, unpack(pack(tally.block())))
    again.add(RECEIVE, 40, MIDNIGHT_S + 450, MIDNIGHT_S + 900)

    assert (10, 25, 40, None) == again.block().receive[:4]
    assert (20, None) == again.block().transmit[:2]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 1200)), min_size=1, max_size=60))
def test_every_bit_of_a_day_watched_without_a_gap_is_in_a_bin(rates: list[tuple[int, int]]):
    """Against a count second by second."""
    seconds: list[int] = []
    tally = DayTally(DAY)
    for bps, lasts_s in rates:
        begins_s = MIDNIGHT_S + len(seconds)
        tally.add(RECEIVE, bps, begins_s, begins_s + lasts_s)
        seconds += [bps] * lasts_s
    for place, average in enumerate(tally.block().receive):
        watched = seconds[place * 300 : (place + 1) * 300][: max(0, 86_400 - place * 300)]
        if len(watched) < 150:
            assert average is None
        else:
            assert sum(watched) / len(watched) == pytest.approx(average)
