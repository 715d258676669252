"""The traffic of simulated ports."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.lab.traffic import BIN_MS, HOUR_MS, flow, octets, rate_bps, tally

INSTANTS = st.integers(min_value=1_577_836_800_000, max_value=2_524_608_000_000)  # 2020 to 2050, UTC
SHARES = st.one_of(st.none(), st.floats(min_value=0, max_value=1))


def test_the_same_seed_and_instant_give_the_same_figure(utc):
    """The value is written down: another machine or Python must find it again."""
    instant = utc(2026, 3, 2, 3, 0)

    assert 2_836_683_989_277_762 == octets(flow(7, "BN-0001-R1", "eth0", "receive", 100_000_000), instant)


@pytest.mark.parametrize(
    "other", [(8, "d", "p", "receive"), (7, "e", "p", "receive"), (7, "d", "q", "receive"), (7, "d", "p", "transmit")]
)
def test_seed_device_port_and_direction_each_make_another_flow(other, utc):
    instant = utc(2026, 3, 2, 3, 0)

    assert rate_bps(flow(7, "d", "p", "receive", 10**8), instant) != rate_bps(flow(*other, 10**8), instant)


@given(at_ms=INSTANTS, share=SHARES, rate=st.integers(min_value=0, max_value=10**11), seed=st.integers())
def test_the_rate_never_exceeds_what_is_contracted(at_ms, share, rate, seed):
    assert 0 <= rate_bps(flow(seed, "d", "p", "receive", rate, share), at_ms) <= rate


@given(at_ms=INSTANTS, step_ms=st.integers(min_value=0, max_value=2 * BIN_MS), seed=st.integers())
def test_a_counter_never_falls_and_never_outruns_the_contracted_rate(at_ms, step_ms, seed):
    """Time is bent in whole milliseconds: one more of it may have passed."""
    line = flow(seed, "d", "p", "receive", 10**9)
    ran = octets(line, at_ms + step_ms) - octets(line, at_ms)

    assert 0 <= ran <= 10**9 * (step_ms + 1) // 8000 + 1


def test_a_counter_does_not_fall_from_one_millisecond_to_the_next(utc):
    """Across an hour's knot and a bin's edge."""
    line = flow(3, "d", "p", "receive", 10**6)
    start = utc(2026, 3, 2, 1, 59, 59)
    read = [octets(line, start + step) for step in range(2_000)]

    assert sorted(read) == read


def test_the_counter_is_the_integral_of_the_rate(utc):
    line = flow(3, "d", "p", "receive", 10**8)
    start, step = utc(2026, 3, 2, 0, 0), 1_000
    summed = sum(rate_bps(line, start + at) for at in range(step // 2, HOUR_MS, step)) * step / 8000

    assert pytest.approx(summed, rel=1e-3) == octets(line, start + HOUR_MS) - octets(line, start)


def test_offices_are_busy_in_the_morning_and_quiet_at_night_and_on_sunday(utc):
    """Local time is UTC+7: 09:30 in Bac Ninh is 02:30 UTC. Monday 2 March 2026."""
    line = flow(3, "d", "p", "receive", 10**8)
    morning, noon, afternoon, night, sunday = (
        octets(line, at + HOUR_MS) - octets(line, at)
        for at in (
            utc(2026, 3, 2, 2, 0),
            utc(2026, 3, 2, 5, 0),
            utc(2026, 3, 2, 7, 30),
            utc(2026, 3, 2, 19, 0),
            utc(2026, 3, 1, 2, 0),
        )
    )

    assert night < sunday < noon < min(morning, afternoon)


def test_a_port_can_be_told_how_busy_it_is(utc):
    """For the capacity rule: a line whose office hours are above 90 %."""
    line = flow(3, "d", "p", "receive", 10**8, 0.96)

    assert rate_bps(line, utc(2026, 3, 2, 2, 30)) > 0.90 * 10**8


def test_all_counters_follow_the_octets():
    line = dataclasses.replace(
        flow(3, "d", "p", "receive", 10**8), packet_octets=500, packets_per_error=10, packets_per_discard=25
    )

    assert (50_000, 100, 6, 1, 10, 4) == tally(line, 50_000, 60_000)
