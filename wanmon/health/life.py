"""Is a device alive? The evidence rule, for one device. Pure.

A silence begins with a miss and hardens when loss alone can no longer explain it (`evidence`). Any answer to something
asked after that miss ends it, and the next miss begins another. What is dead comes back with three replies in a row.
Observations of `none` say nothing. Instants are seconds on one clock that never goes back.
"""

from dataclasses import dataclass, field, replace
from enum import Enum, auto

from wanmon.health.evidence import misses_needed
from wanmon.health.observation import Verdict
from wanmon.health.window import Window

REPLIES_TO_RETURN = 3
#: How long what is dead is asked every second, before it is left to its slots.
EAGER_S = 60.0
RETRY_S = 1.0
#: How often a device that answers SNMP and no echo is sent one echo.
FILTERED_ECHO_S = 60.0


class Vitality(Enum):
    """What is held of a device, whatever its silence of the moment."""

    UNKNOWN = auto()
    ALIVE = auto()
    DEAD = auto()


class Sign(Enum):
    """What a probe brought to light."""

    SILENT = auto()  # the first miss: ask whatever else may answer
    HEARD = auto()  # the silence was loss after all
    FILTERED = auto()  # echo alone is silent, for as long as would have been enough
    DEAD = auto()  # loss cannot explain the silence
    BACK = auto()  # alive again, or seen for the first time


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and what came of it: asked at `begun_s`.

    `is_lane` marks the probe that judges life (the echo, or whatever stands for it), `is_slot` those of it that were
    on schedule; other answers only give evidence of life.
    """

    begun_s: float
    verdict: Verdict
    is_lane: bool = True
    is_slot: bool = True


@dataclass(frozen=True, slots=True)
class Life:
    """What is held of one device.

    `silent_since_s` is the first miss since the latest evidence of life, `misses` are counted from it, and `needed` are
    enough. `lane_misses` counts the misses of the lane's own probe in a row, whatever else answers.
    """

    vitality: Vitality = Vitality.UNKNOWN
    since_s: float | None = None
    good_s: float | None = None
    bad_s: float | None = None
    silent_since_s: float | None = None
    misses: int = 0
    needed: int = 0
    lane_misses: int = 0
    is_filtered: bool = False
    replies: int = 0
    returning_since_s: float | None = None
    window: Window = field(default_factory=Window)

    @property
    def is_undecided(self) -> bool:
        """Whether it is silent, and nobody can tell yet what that means."""
        return self.silent_since_s is not None and self.vitality is not Vitality.DEAD


def step(life: Life, probe: Probe) -> tuple[Life, Sign | None]:
    """Advance by one probe."""
    if probe.verdict is Verdict.NONE:
        return life, None
    is_ok = probe.verdict is Verdict.OK
    if probe.is_slot and probe.is_lane and life.vitality is Vitality.ALIVE:
        seen = replace(life, window=life.window.after(is_missed=not is_ok))
    else:
        seen = life
    if is_ok:
        return _answered(seen, probe)
    # The miss that begins a silence is judged by the slots before it.
    return _missed(seen, probe, life.window) if probe.is_lane else (seen, None)


def _answered(life: Life, probe: Probe) -> tuple[Life, Sign | None]:
    if life.vitality is Vitality.DEAD:
        return _returning(life, probe) if probe.is_lane else (life, None)
    if probe.is_lane:
        life = replace(life, lane_misses=0)
    if life.vitality is Vitality.UNKNOWN:
        return _alive(life, probe.begun_s), Sign.BACK
    if life.silent_since_s is None:
        return replace(life, good_s=_latest(life.good_s, probe.begun_s)), None
    if probe.begun_s < life.silent_since_s:
        return life, None  # asked before the first miss: it proves nothing of what came after
    heard = replace(life, good_s=probe.begun_s, silent_since_s=None, misses=0)
    if not probe.is_lane and not life.is_filtered and life.lane_misses >= life.needed:
        return replace(heard, is_filtered=True, lane_misses=0), Sign.FILTERED
    return heard, Sign.HEARD


def _missed(life: Life, probe: Probe, before: Window) -> tuple[Life, Sign | None]:
    if life.vitality is Vitality.DEAD:
        since_s = probe.begun_s if life.silent_since_s is None else life.silent_since_s
        longer = replace(life, silent_since_s=since_s, misses=life.misses + 1, bad_s=probe.begun_s)
        return replace(longer, replies=0, returning_since_s=None), None
    lane_misses = life.lane_misses + 1
    if life.silent_since_s is None:
        needed = misses_needed(before.slots, before.missed) if lane_misses == 1 else life.needed
        begun = replace(
            life, silent_since_s=probe.begun_s, misses=1, lane_misses=lane_misses, needed=needed, bad_s=probe.begun_s
        )
        return begun, Sign.SILENT
    longer = replace(life, misses=life.misses + 1, lane_misses=lane_misses, bad_s=probe.begun_s)
    if longer.misses < longer.needed:
        return longer, None
    return replace(longer, vitality=Vitality.DEAD, since_s=life.silent_since_s, replies=0, is_filtered=False), Sign.DEAD


def _returning(life: Life, probe: Probe) -> tuple[Life, Sign | None]:
    replies = life.replies + 1
    since_s = probe.begun_s if life.returning_since_s is None else life.returning_since_s
    if replies < REPLIES_TO_RETURN:
        return replace(life, replies=replies, returning_since_s=since_s), None
    return _alive(life, since_s), Sign.BACK


def _alive(life: Life, since_s: float) -> Life:
    """Alive from `since_s` on; the slots of an earlier life say nothing of the line as it is now."""
    return Life(Vitality.ALIVE, since_s, good_s=since_s, bad_s=life.bad_s, window=life.window)


def _latest(held_s: float | None, begun_s: float) -> float:
    return begun_s if held_s is None else max(held_s, begun_s)


def begin_anew(life: Life) -> Life:
    """The life of what is dead, when the way to it has only just come back: what it missed before counts no more."""
    return replace(life, silent_since_s=None, misses=0, replies=0, returning_since_s=None)


def retry_after_s(life: Life, now_s: float) -> float | None:
    """How soon to ask again, beside the slots; None to leave it to them."""
    if life.vitality is Vitality.DEAD:
        eager = life.since_s is not None and now_s - life.since_s < EAGER_S
        return RETRY_S if eager or life.replies or life.misses < life.needed else None
    return RETRY_S if life.silent_since_s is not None else None
