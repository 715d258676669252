"""Sets of seconds against Python's own sets."""

from hypothesis import given
from hypothesis import strategies as st

from wanmon.health.intervals import NOTHING, Intervals, Span

PAIRS = st.lists(st.tuples(st.integers(-30, 60), st.integers(-30, 60)), max_size=8)


def seconds(pairs) -> set[int]:
    return {second for start, end in pairs for second in range(start, end)}


def is_normal(intervals: Intervals) -> bool:
    edges = [edge for span in intervals for edge in span]
    return edges == sorted(set(edges))


@given(PAIRS, PAIRS)
def test_union_intersection_and_difference_are_those_of_sets(ours, theirs):
    a, b = Intervals.of(ours), Intervals.of(theirs)
    for expected, found in (
        (seconds(ours) | seconds(theirs), a | b),
        (seconds(ours) & seconds(theirs), a & b),
        (seconds(ours) - seconds(theirs), a - b),
    ):
        assert expected == seconds(found)
        assert len(expected) == found.length_s
        assert bool(expected) == bool(found)
        assert is_normal(found)


@given(PAIRS, st.integers(-40, 70), st.integers(-40, 70))
def test_a_clip_and_its_gaps_share_a_stretch_between_them(pairs, start, end):
    intervals, window = Intervals.of(pairs), set(range(start, end))

    assert seconds(pairs) & window == seconds(intervals.clip(start, end))
    assert len(seconds(pairs) & window) == intervals.length_within_s(start, end)
    assert window - seconds(pairs) == seconds(intervals.gaps(start, end))
    assert is_normal(intervals.clip(start, end))
    assert is_normal(intervals.gaps(start, end))


def test_edges_are_rounded_down_so_that_what_touches_goes_on_touching():
    """An hour in two halves is an hour, wherever it was cut."""
    first, second = Intervals.of([(0.9, 1800.7)]), Intervals.of([(1800.7, 3600.2)])

    assert (Span(0, 3600),) == (first | second).spans
    assert NOTHING == first & second
    assert 3600 == first.length_s + second.length_s


def test_an_edge_before_1970_is_rounded_down_too():
    assert (Span(-2, -1),) == Intervals.of([(-1.5, -0.5)]).spans


def test_what_ends_before_it_begins_is_empty():
    assert NOTHING == Intervals.of([(5, 5), (9, 3), (7.1, 7.9)])
