"""Everybody has a moment of their own, and keeps it."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmon.poller.schedule import Schedule, phase

WALL_S = 1_772_452_800.0
SITES = 177


def timetable(intervals_s: dict[int, float], *, now_s: float = 0.0, wall_s: float = WALL_S) -> Schedule[int]:
    """Row ids with their intervals, on a machine that started `now_s` ago at `wall_s`."""
    made: Schedule[int] = Schedule(wall_s, now_s)
    for row_id, interval_s in intervals_s.items():
        made.add(row_id, row_id=row_id, interval_s=interval_s, now_s=now_s)
    return made


def ticks(schedule: Schedule[int], until_s: float) -> list[tuple[float, int]]:
    """Every tick up to `until_s`, each taken just when it is due."""
    found = []
    while (next_s := schedule.next_s()) is not None and next_s <= until_s:
        found += [(at_s, key) for key, at_s in schedule.due(next_s)]
    return found


@pytest.mark.parametrize(("row_id", "expected"), [(0, 0), (1, 0.5), (2, 0.25), (3, 0.75), (4, 0.125), (5, 0.625)])
def test_the_phase_is_the_van_der_corput_number_of_the_row(row_id: int, expected: float):
    assert expected == phase(row_id)


@pytest.mark.parametrize("power", [1, 4, 8, 12])
def test_the_phases_of_a_full_set_of_rows_are_evenly_apart(power: int):
    count = 2**power

    assert [number / count for number in range(count)] == sorted(map(phase, range(count)))


def most_in_a_second(instants: Iterable[float]) -> int:
    """The fullest window of 1 s, whatever it begins with."""
    ordered, most, begin = sorted(instants), 0, 0
    for end, at_s in enumerate(ordered):
        while at_s - ordered[begin] >= 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


@pytest.mark.parametrize("first_row", [1, 2, 1000, 54_321])
@pytest.mark.parametrize("interval_s", [5, 30])
def test_no_second_has_more_than_twice_the_mean(interval_s: float, first_row: int):
    schedule = timetable(dict.fromkeys(range(first_row, first_row + SITES), interval_s))
    found = ticks(schedule, 3 * interval_s)

    assert 3 * SITES == len(found)
    assert 2 * SITES / interval_s >= most_in_a_second(at_s for at_s, _ in found)


def test_a_restart_keeps_everybodys_moment():
    """The wall clock anchors it: the monotonic clock begins anew, the wall times of the ticks do not."""
    before = ticks(timetable(dict.fromkeys(range(1, 50), 30), now_s=0), 90)
    again = ticks(timetable(dict.fromkeys(range(1, 50), 30), now_s=77_000, wall_s=WALL_S + 41.7), 77_000 + 45)
    by_wall = {(round((WALL_S + at_s) % 30, 3), key) for at_s, key in before}

    assert by_wall >= {(round((WALL_S + 41.7 + at_s - 77_000) % 30, 3), key) for at_s, key in again}


def test_additions_and_removals_move_nobody_else():
    undisturbed = ticks(timetable(dict.fromkeys(range(1, 21), 30)), 300)
    schedule = timetable(dict.fromkeys(range(1, 21), 30))
    found = ticks(schedule, 100)
    schedule.remove(7)
    schedule.add(99, row_id=99, interval_s=5, now_s=100)
    found += ticks(schedule, 300)

    assert [tick for tick in undisturbed if tick[1] != 7 or tick[0] <= 100] == [t for t in found if t[1] != 99]
    assert 40 == sum(key == 99 for _, key in found)


def test_one_that_is_moved_ticks_only_at_its_new_times():
    schedule = timetable({1: 30})
    schedule.remove(1)
    schedule.add(1, row_id=1, interval_s=30, now_s=0)
    schedule.add(1, row_id=1, interval_s=10, now_s=0)

    assert 10 == len(ticks(schedule, 100))
    assert 1 == len(schedule)


def test_what_was_missed_is_skipped_and_counted_never_caught_up():
    schedule = timetable({1: 10})
    first_s = schedule.next_s()
    assert first_s is not None

    assert [(1, pytest.approx(first_s + 30))] == schedule.due(first_s + 34)
    assert 3 == schedule.skipped
    assert [] == schedule.due(first_s + 39.9)
    assert pytest.approx(first_s + 40) == schedule.next_s()


@settings(max_examples=60)
@given(st.lists(st.floats(0.001, 50), min_size=1, max_size=60), st.integers(1, 300), st.sampled_from([0.5, 5, 30]))
def test_asked_at_any_moments_every_tick_is_told_or_skipped_once(naps_s: list[float], row_id: int, interval_s: float):
    """However late the loop comes: at most one tick at a time, on the grid, none twice, none in the future."""
    schedule = timetable({row_id: interval_s})
    first_s = schedule.next_s()
    assert first_s is not None
    now_s, told = 0.0, []
    for nap_s in naps_s:
        now_s += nap_s
        due = schedule.due(now_s)
        assert len(due) <= 1
        assert all(now_s - interval_s < at_s + 1e-6 and at_s <= now_s + 1e-6 for _, at_s in due)
        told += [at_s for _, at_s in due]
    passed = 0 if now_s < first_s else int((now_s - first_s) / interval_s + 1e-9) + 1

    assert passed == len(told) + schedule.skipped
    assert all(abs((at_s - first_s) / interval_s - round((at_s - first_s) / interval_s)) < 1e-6 for at_s in told)
    assert max(Counter(round(at_s, 3) for at_s in told).values(), default=1) == 1


def test_the_first_tick_is_within_one_interval():
    for row_id in range(200):
        next_s = timetable({row_id: 30}, now_s=123.4).next_s()
        assert next_s is not None
        assert 123.4 < next_s < 153.401


def test_an_empty_timetable_has_no_next_tick():
    schedule = timetable({1: 5})
    schedule.remove(1)
    schedule.remove(2)

    assert None is schedule.next_s()
    assert [] == schedule.due(1e9)
