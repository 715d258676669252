"""Until when it is known how a site was, and until when nothing of that can change any more. Pure."""

import math
from collections.abc import Mapping, Sequence

from wanmon.health.life import Life, Vitality
from wanmon.health.window import SPAN_S
from wanmon.model.state import State

#: The states of a site that answers.
THERE = (State.UP, State.DEGRADED)
#: Nothing that is later than this before now can still be dated back: a probe in the lane has ended by then.
SETTLING_S = 2.0
#: So long without any observation, and nothing is known of a site any more; or so many intervals, where that is longer.
BLIND_AFTER_S, BLIND_INTERVALS = SPAN_S, 3


def seen_s(lives: Mapping[str, Life], followed_s: Mapping[str, float]) -> float | None:
    """Until when it is known how a site was, by its edges and since when each is followed; None where it has none.

    While an edge may live, what the dead ones miss says nothing of the site: it is known until they fell.
    """
    is_lost = all(held.vitality is Vitality.DEAD for held in lives.values())
    seen = [
        held.fell_s
        if held.vitality is Vitality.DEAD and not is_lost
        else max(-math.inf if held.seen_s is None else held.seen_s, followed_s[edge])
        for edge, held in lives.items()
    ]
    return max(seen, default=None)


def is_blind(seen: float, interval_s: float, now_s: float) -> bool:
    """Whether nothing was observed for so long that nothing is known any more."""
    return now_s - seen > max(BLIND_AFTER_S, BLIND_INTERVALS * interval_s)


def settled_s(
    state: State, since_s: float, lives: Sequence[Life], seen: float | None, interval_s: float, now_s: float
) -> float:
    """Up to when nothing about a site's state can change any more, whatever comes; `seen` is until when it is known."""
    holds = [now_s - SETTLING_S]
    fell_s = max((each.fell_s for each in lives), default=since_s)
    if state is not State.DOWN and all(each.is_silent for each in lives) and fell_s > since_s:
        holds.append(fell_s)
    if state not in THERE:
        holds += [each.returning_since_s for each in lives if each.returning_since_s is not None]
    if seen is not None and now_s - seen > 2 * interval_s + SETTLING_S:
        holds.append(seen)  # should nothing more be seen, it is unknown from there on
    return min(holds)
