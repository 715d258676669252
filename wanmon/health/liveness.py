"""Is a device alive? Three misses in a row are down, two answers in a row are up again.

Pure. A change is dated from the first observation of its run, not from the one that decided it. Observations of `none`
neither move a state nor break a run.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from wanmon.health.observation import Observation, Verdict
from wanmon.model.reason import Reason
from wanmon.model.state import State

MISSES_UNTIL_DOWN = 3
REPLIES_UNTIL_UP = 2


@dataclass(frozen=True, slots=True)
class Liveness:
    """What is held of one device: its state since when, and the run of observations that speaks against it."""

    state: State = State.UNKNOWN
    since: datetime | None = None
    reason: Reason | None = None
    run: int = 0
    run_began_at: datetime | None = None


def step(held: Liveness, seen: Observation, at: datetime) -> Liveness:
    """Advance by one observation, made at `at`."""
    if seen.verdict is Verdict.NONE:
        return held
    towards = State.UP if seen.verdict is Verdict.OK else State.DOWN
    if held.state is towards:
        return held if held.run == 0 else replace(held, run=0, run_began_at=None)
    needed = _needed(held.state, towards)
    # Where one is enough, the run so far was of the other kind.
    run, began_at = (held.run + 1, held.run_began_at or at) if needed > 1 else (1, at)
    if run < needed:
        return replace(held, run=run, run_began_at=began_at)
    return Liveness(towards, began_at, seen.reason)


def _needed(old: State, towards: State) -> int:
    if towards is State.DOWN:
        return MISSES_UNTIL_DOWN
    return 1 if old is State.UNKNOWN else REPLIES_UNTIL_UP
