"""No rate is above what the line can carry, none is guessed, and none stays away for longer than two polls."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.rates import Dropped, DropReason, Limits, Rate, Reading, rate, step

MEGABIT = 1_000_000
GIGABIT = 1_000_000_000
HUNDRED = Limits(speed_bps=100 * MEGABIT, contracted_bps=50 * MEGABIT)
POLL_S = 30

BOUNDARIES = sorted(
    {0, 1, 2**63} | {2**power + step for power in (31, 32, 63, 64) for step in (-1, 0, 1)} - {2**64, 2**64 + 1}
)
NARROW = [value for value in BOUNDARIES if value < 2**32]
SPEEDS = [None, 0, 64_000, 2 * MEGABIT, 100 * MEGABIT, 200 * MEGABIT, GIGABIT, 10 * GIGABIT]


def reading(value: int, at_s: float, bits: int = 64, uptime_s: float | None = None, **more: int | None) -> Reading:
    """A reading at `at_s`, of an agent an hour older than our clock unless told otherwise."""
    ticks = round(((3600 + at_s) if uptime_s is None else uptime_s) * 100)
    return Reading(value, bits, at_s, ticks, **more)


@pytest.mark.parametrize(
    ("expected", "before", "after", "limits"),
    [
        (Rate(8000, 30), reading(0, 0), reading(30_000, 30), HUNDRED),
        (Rate(0, 30), reading(7, 0), reading(7, 30), HUNDRED),
        (Rate(8000, 30), reading(2**32 - 10_000, 0, 32), reading(20_000, 30, 32), HUNDRED),
        (Rate(8000, 30), reading(2**32 - 10_000, 0), reading(2**32 + 20_000, 30), Limits()),
        (Rate(120 * MEGABIT, 30), reading(0, 0), reading(450_000_000, 30), HUNDRED),
        (DropReason.OVER_SPEED, reading(0, 0), reading(480_000_000, 30), HUNDRED),
        (Rate(128 * MEGABIT, 30), reading(0, 0), reading(480_000_000, 30), Limits(MEGABIT, 105 * MEGABIT)),
        (DropReason.FELL, reading(1000, 0), reading(999, 30), HUNDRED),
        (DropReason.FELL, reading(2**64 - 1, 0), reading(0, 30), Limits()),
        (DropReason.RESTART, reading(1000, 0), reading(90_000, 30, uptime_s=20), HUNDRED),
        (DropReason.RESTART, reading(2**32 - 9, 0, 32), reading(5, 30, 32, uptime_s=20), HUNDRED),
        (
            DropReason.DISCONTINUITY,
            reading(1000, 0, discontinuity_ticks=0),
            reading(2000, 30, discontinuity_ticks=361_000),
            HUNDRED,
        ),
        (
            Rate(8000, 30),
            reading(0, 0, discontinuity_ticks=5),
            reading(30_000, 30, discontinuity_ticks=5),
            HUNDRED,
        ),
        (Rate(8000, 30), reading(0, 0), reading(30_000, 30, discontinuity_ticks=5), HUNDRED),
        (DropReason.WIDTH_CHANGED, reading(1000, 0, 32), reading(2**40, 30), HUNDRED),
        (DropReason.AMBIGUOUS_WRAP, reading(1000, 0, 32), reading(2000, 30, 32), Limits()),
        (DropReason.AMBIGUOUS_WRAP, reading(1000, 0, 32), reading(2000, 30, 32), Limits(speed_bps=0)),
        (DropReason.NO_TIME, reading(1000, 0), reading(2000, 0), HUNDRED),
        (DropReason.NO_TIME, reading(1000, 5), reading(2000, 0), HUNDRED),
        (DropReason.NO_TIME, reading(1000, 0), reading(2000, 2, uptime_s=3599.9), HUNDRED),
        (DropReason.GAP, reading(1000, 0), reading(2000, 90.1), HUNDRED),
        (Rate(8000, 600), reading(0, 0), reading(600_000, 600), replace(HUNDRED, longest_s=1800)),
    ],
    ids=[
        "plain", "idle", "32-bit wrap", "64 bits over 2^32", "full and a little", "over speed",
        "contract above the port", "64-bit fell", "64-bit wrapped", "restart", "restart near a wrap",
        "discontinuity", "same discontinuity",
        "discontinuity newly told", "width", "32 bits of unknown speed", "32 bits of speed 0", "same instant",
        "clock ran back", "agent's clock ran back", "gap", "slow poll",
    ],
)  # fmt: skip
def test_a_pair_gives_a_rate_or_its_reason(
    expected: Rate | DropReason, before: Reading, after: Reading, limits: Limits
):
    wanted = expected if isinstance(expected, Rate) else Dropped(expected)

    assert wanted == rate(before, after, limits)


@pytest.mark.parametrize(
    ("speed_bps", "longest_s"), [(GIGABIT, 34.35), (200 * MEGABIT, 171.79), (100 * MEGABIT, 343.59)]
)
def test_32_bits_serve_until_they_could_wrap_twice(speed_bps: int, longest_s: float):
    limits = Limits(speed_bps, longest_s=1000)
    before = reading(5, 0, 32)

    assert isinstance(rate(before, reading(5, longest_s, 32), limits), Rate)
    assert Dropped(DropReason.AMBIGUOUS_WRAP) == rate(before, reading(5, longest_s + 0.02, 32), limits)


def test_the_time_is_that_of_the_agent():
    """A reply that was a second late tells of the second in which the counter was read."""
    late = replace(reading(30_000, 30), received_s=31)

    assert Rate(8000, 30) == rate(reading(0, 0), late, HUNDRED)


@pytest.mark.parametrize(("before_ticks", "after_ticks"), [(None, None), (0, 500), (500, 0), (None, 500)])
def test_without_the_agents_time_ours_serves_and_a_fall_is_no_wrap(before_ticks: int | None, after_ticks: int | None):
    def timeless(value: int, at_s: float, ticks: int | None, bits: int) -> Reading:
        return Reading(value, bits, at_s, ticks)

    for bits in (32, 64):
        rising = rate(timeless(0, 0, before_ticks, bits), timeless(30_000, 30, after_ticks, bits), HUNDRED)
        assert Rate(8000, 30) == rising
    fallen = rate(timeless(2**32 - 9, 0, before_ticks, 32), timeless(9, 30, after_ticks, 32), HUNDRED)
    assert Dropped(DropReason.AMBIGUOUS_WRAP) == fallen


def test_the_wrap_of_the_uptime_is_no_restart():
    before = Reading(0, 64, 0, 2**32 - 1000)
    after = Reading(30_000, 64, 30, 2000)

    assert Rate(8000, 30) == rate(before, after, HUNDRED)


def is_possible(given_rate: Rate | Dropped | None, limits: Limits) -> bool:
    capacity_bps = max(limits.speed_bps or 0, limits.contracted_bps or 0)
    return not isinstance(given_rate, Rate) or not capacity_bps or given_rate.bps <= 1.25 * capacity_bps


def test_no_pair_of_boundary_values_gives_an_impossible_rate_and_all_recover_within_two_polls():
    """Every boundary value after every other, both widths, at every speed, with and without a restart between."""
    pairs = [(32, *pair) for pair in product(NARROW, NARROW)] + [
        (64, *pair) for pair in product(BOUNDARIES, BOUNDARIES)
    ]
    for (bits, first, second), speed_bps, is_restart in product(pairs, SPEEDS, (False, True)):
        limits = Limits(speed_bps)
        uptimes_s = (5, 35, 65) if is_restart else (3630, 3660, 3690)
        held, _ = step(None, reading(first, 0, bits), limits)
        told = []
        for poll, uptime_s in enumerate(uptimes_s, start=1):
            value = min(second + (poll - 1) * 1000, 2**bits - 1)
            held, given_rate = step(held, reading(value, poll * POLL_S, bits, uptime_s), limits)
            told.append(given_rate)

        assert all(is_possible(each, limits) for each in told), (bits, first, second, speed_bps)
        if bits == 64 or (speed_bps and POLL_S < 2**32 * 8 / speed_bps):
            assert any(isinstance(each, Rate) for each in told[:2]), (bits, first, second, speed_bps)


def test_every_wrap_of_32_bits_between_boundary_values_is_counted_right():
    """What truly passed, below the capacity, over every boundary: the rate is exactly that."""
    for start, passed in product(BOUNDARIES, (0, 1, 1000, 2**20, 375_000_000 - 1)):
        before, after = reading(start % 2**32, 0, 32), reading((start + passed) % 2**32, POLL_S, 32)

        assert Rate(passed * 8 / POLL_S, POLL_S) == rate(before, after, HUNDRED)


READINGS = st.builds(
    Reading,
    value=st.one_of(st.sampled_from(NARROW), st.integers(0, 2**32 - 1), st.sampled_from(BOUNDARIES)),
    bits=st.just(64),
    received_s=st.floats(-1e6, 1e6),
    uptime_ticks=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
    discontinuity_ticks=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
)


def of_width(drawn: Reading, bits: int) -> Reading:
    return replace(drawn, bits=bits, value=drawn.value % 2**bits)


@given(
    st.lists(st.tuples(READINGS, st.sampled_from([32, 64])), max_size=6),
    st.integers(0, 2**32 - 1),
    st.integers(0, 375_000_000),
    st.sampled_from([32, 64]),
)
def test_after_any_nonsense_two_sound_polls_bring_a_true_rate(
    nonsense: list[tuple[Reading, int]], start: int, passed: int, bits: int
):
    held, given_rate = None, None
    for drawn, width in nonsense:
        held, given_rate = step(held, of_width(drawn, width), HUNDRED)
        assert is_possible(given_rate, HUNDRED)
    for poll in range(2):
        value = (start + poll * passed) % 2**bits
        held, given_rate = step(held, reading(value, 2e6 + poll * POLL_S, bits), HUNDRED)
        assert is_possible(given_rate, HUNDRED)

    assert isinstance(given_rate, Rate)
    assert passed * 8 / POLL_S == pytest.approx(given_rate.bps)


@given(READINGS, READINGS, st.floats(0, 95), st.sampled_from([32, 64]), st.sampled_from(SPEEDS))
def test_no_pair_at_all_gives_an_impossible_rate(
    first: Reading, second: Reading, apart_s: float, bits: int, speed_bps: int | None
):
    limits = Limits(speed_bps)
    after = replace(of_width(second, bits), received_s=first.received_s + apart_s)
    given_rate = rate(of_width(first, bits), after, limits)

    assert is_possible(given_rate, limits)
    assert not isinstance(given_rate, Rate) or (given_rate.bps >= 0 and given_rate.dt_s >= 1)
