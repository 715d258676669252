"""Sets of time: half-open intervals of whole UTC seconds, sorted, apart from each other. Pure.

Edges are rounded down here and nowhere else, so that intervals which touch keep touching.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """From `start_s` on, up to but not including `end_s`, both in whole seconds since 1970 UTC."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Intervals:
    """A set of seconds. Build it by `of`; `spans` are in order, none is empty and no two touch."""

    spans: tuple[Span, ...] = ()

    @staticmethod
    def of(pairs: Iterable[tuple[float, float]]) -> "Intervals":
        """From (start, end) in any order, overlapping or not; a pair that ends no later than it starts is empty."""
        spans: list[Span] = []
        for start, end in sorted(pairs):
            start_s, end_s = math.floor(start), math.floor(end)
            if end_s <= start_s:
                continue
            if spans and start_s <= spans[-1].end_s:
                spans[-1] = Span(spans[-1].start_s, max(spans[-1].end_s, end_s))
            else:
                spans.append(Span(start_s, end_s))
        return Intervals(tuple(spans))

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    @property
    def length_s(self) -> int:
        """How many seconds there are in it."""
        return sum(end - start for start, end in self.spans)

    def __or__(self, other: "Intervals") -> "Intervals":
        return Intervals.of(self.spans + other.spans)

    def __and__(self, other: "Intervals") -> "Intervals":
        ours, theirs = self.spans, other.spans
        both: list[Span] = []
        i = j = 0
        while i < len(ours) and j < len(theirs):
            start_s, end_s = max(ours[i].start_s, theirs[j].start_s), min(ours[i].end_s, theirs[j].end_s)
            if start_s < end_s:
                both.append(Span(start_s, end_s))
            if ours[i].end_s < theirs[j].end_s:
                i += 1
            else:
                j += 1
        return Intervals(tuple(both))

    def __sub__(self, other: "Intervals") -> "Intervals":
        if not self.spans or not other.spans:
            return self
        return self & other.gaps(self.spans[0].start_s, self.spans[-1].end_s)

    def gaps(self, start_s: int, end_s: int) -> "Intervals":
        """What of [start_s, end_s) is not in it."""
        inside = self.clip(start_s, end_s).spans
        edges = [start_s, *(edge for span in inside for edge in span), end_s]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return Intervals(tuple(Span(start, end) for start, end in pairs if start < end))

    def clip(self, start_s: int, end_s: int) -> "Intervals":
        """What of it lies in [start_s, end_s): no slower for what lies elsewhere."""
        spans = list(self.spans[self._slice(start_s, end_s)])
        if spans and spans[0].start_s < start_s:
            spans[0] = Span(start_s, spans[0].end_s)
        if spans and spans[-1].end_s > end_s:
            spans[-1] = Span(spans[-1].start_s, end_s)
        return Intervals(tuple(spans))

    def length_within_s(self, start_s: int, end_s: int) -> int:
        """How many seconds of it lie in [start_s, end_s): `clip` without making anything."""
        spans = self.spans[self._slice(start_s, end_s)]
        return sum(min(end, end_s) - max(start, start_s) for start, end in spans)

    def _slice(self, start_s: int, end_s: int) -> slice:
        """Which spans have a second in [start_s, end_s)."""
        if start_s >= end_s:
            return slice(0)
        first = bisect_right(self.spans, start_s, key=_end_of)
        return slice(first, bisect_left(self.spans, end_s, lo=first, key=_start_of))


NOTHING = Intervals()


def _start_of(span: Span) -> int:
    return span.start_s


def _end_of(span: Span) -> int:
    return span.end_s
