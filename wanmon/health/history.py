"""The history of a site or circuit: which state it was in, from when to when, and why. Pure.

Made of transitions, never of samples. What no run covers is unknown, and so is what nobody watched.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from wanmon.health.intervals import Intervals, Span
from wanmon.model.cause import Cause
from wanmon.model.state import State


@dataclass(frozen=True, slots=True)
class Run:
    """One state from `start_s` to `end_s`, seconds since 1970 UTC; no end while it goes on."""

    state: State
    start_s: float
    end_s: float | None = None
    cause: Cause | None = None


class Stretch(NamedTuple):
    """A run in whole seconds, cut to a period."""

    state: State
    start_s: int
    end_s: int
    cause: Cause | None


def runs_of(changes: Iterable[tuple[State, float, Cause | None]]) -> list[Run]:
    """Runs from (new state, at, cause) in the order they were decided, the last one open.

    A silence is dated back to its first miss: it overrides what was held of that time until then.
    """
    runs: list[Run] = []
    for state, at_s, cause in changes:
        while runs and runs[-1].start_s >= at_s:
            runs.pop()
        if runs:
            runs[-1] = replace(runs[-1], end_s=at_s)
        runs.append(Run(state, at_s, None, cause))
    return runs


def unwatched(beats: Iterable[tuple[float, float]], span: Span, now_s: float, allowed_s: float) -> Intervals:
    """What of `span` no poller watched, from its (first, last) signs of life: pauses of more than `allowed_s`.

    Before the first sign there was none, and after the last one none up to now, once it is older than that.
    """
    pauses: list[tuple[float, float]] = []
    last_s = -math.inf
    for began_s, ended_s in [*sorted(beats), (now_s, math.inf)]:
        if began_s - last_s > allowed_s:
            pauses.append((max(last_s, span.start_s), min(began_s, span.end_s)))
        last_s = max(last_s, ended_s)
    return Intervals.of(pauses)


def with_gaps(runs: Iterable[Run], gaps: Intervals) -> list[Run]:
    """The history with nothing known in `gaps`; what was shown before one resumes after it, with its cause.

    The time of a gap is a run of UNKNOWN whose cause is the monitor.
    """
    laid = [Run(State.UNKNOWN, start_s, end_s, Cause.MONITOR) for start_s, end_s in gaps]
    laid += [piece for run in runs for piece in _outside(run, gaps)]
    return sorted(laid, key=lambda run: run.start_s)


def stretches(runs: Iterable[Run], span: Span, now_s: float) -> list[Stretch]:
    """What fills `span` without a gap: the runs cut to it, the open one up to now, and UNKNOWN between.

    Raises ValueError where a run begins before the one before it has ended.
    """
    filled: list[Stretch] = []
    at_s, past = span.start_s, -math.inf
    for run in runs:
        end = now_s if run.end_s is None else run.end_s
        if run.start_s < past:
            raise ValueError(f"the run of {run.state} from {run.start_s:g} begins before the last one ended, {past:g}")
        past = math.inf if run.end_s is None else run.end_s
        start_s, end_s = max(math.floor(run.start_s), at_s), min(math.floor(end), span.end_s)
        if start_s < end_s:
            if at_s < start_s:
                filled.append(Stretch(State.UNKNOWN, at_s, start_s, None))
            filled.append(Stretch(run.state, start_s, end_s, run.cause))
            at_s = end_s
    if at_s < span.end_s:
        filled.append(Stretch(State.UNKNOWN, at_s, span.end_s, None))
    return filled


def _outside(run: Run, gaps: Intervals) -> Iterator[Run]:
    at_s, past_s = run.start_s, math.inf if run.end_s is None else run.end_s
    for gap in gaps:
        if gap.end_s <= at_s:
            continue
        if gap.start_s >= past_s:
            break
        if at_s < gap.start_s:
            yield replace(run, start_s=at_s, end_s=gap.start_s)
        at_s = gap.end_s
    if at_s < past_s:
        yield run if at_s == run.start_s else replace(run, start_s=at_s)
