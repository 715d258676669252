"""Is a device alive? The evidence rule, for one device. Pure.

A silence begins with a miss and hardens when loss alone can no longer explain it (`evidence`). Any answer to something
asked after that miss ends it, and the next miss begins another. What is dead comes back with three replies in a row,
or with one TCP connection.
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
    MGMT_ONLY = auto()  # echo and SNMP are, and its management answers
    DEAD = auto()  # loss cannot explain the silence
    BACK = auto()  # alive again, or seen for the first time


class Kind(Enum):
    """Why a probe was sent. The lane is the probe that judges life: the echo, or whatever stands for it."""

    SLOT = auto()  # of the lane, on schedule: these alone tell how lossy the line is
    RETRY = auto()  # of the lane, a second after a miss
    FRESH = auto()  # of the lane, because somebody behind it fell silent: its miss adds nothing to a silence
    OTHER = auto()  # SNMP beside the lane: only its answer says something
    MANAGEMENT = auto()  # TCP or SSH beside the lane: likewise, and nothing else may stand for the lane


BESIDE = frozenset({Kind.OTHER, Kind.MANAGEMENT})


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and what came of it: asked at `begun_s`; `delay` is its round trip as a share of the limit."""

    begun_s: float
    verdict: Verdict
    kind: Kind = Kind.SLOT
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Life:
    """What is held of one device.

    `silent_since_s` is the first miss since the latest evidence of life, `misses` are counted from it, and `needed` are
    enough; `silent_slots` of them were on schedule. `lane_misses` counts the misses of the lane in a row, whatever else
    answers; `lane_needed` of them are enough to call the echo filtered. `good_s` is when the latest answered probe was
    asked, `bad_s` the latest missed one, `dead_s` the one that decided. While `is_filtered`, SNMP stands for the echo;
    while `is_mgmt_only`, neither is answered and only a TCP connection shows that it lives.
    """

    vitality: Vitality = Vitality.UNKNOWN
    since_s: float | None = None
    good_s: float | None = None
    bad_s: float | None = None
    dead_s: float | None = None
    silent_since_s: float | None = None
    misses: int = 0
    needed: int = 0
    silent_slots: int = 0
    lane_misses: int = 0
    lane_needed: int = 0
    is_filtered: bool = False
    is_mgmt_only: bool = False
    replies: int = 0
    returning_since_s: float | None = None
    window: Window = field(default_factory=Window)

    @property
    def is_undecided(self) -> bool:
        """Whether it is silent, and nobody can tell yet what that means."""
        return self.silent_since_s is not None and self.vitality is not Vitality.DEAD

    @property
    def is_silent(self) -> bool:
        """Whether it does not answer just now, whatever that means."""
        return self.silent_since_s is not None or self.vitality is Vitality.DEAD

    @property
    def fell_s(self) -> float:
        """When the silence began that it is in, or else the life."""
        return self.silent_since_s if self.silent_since_s is not None else self.since_s or 0.0

    @property
    def seen_s(self) -> float | None:
        """When the latest probe was asked of which something is known."""
        if self.good_s is None or self.bad_s is None:
            return self.bad_s if self.good_s is None else self.good_s
        return max(self.good_s, self.bad_s)


def step(life: Life, probe: Probe) -> tuple[Life, Sign | None]:
    """Advance by one probe."""
    if probe.verdict is Verdict.NONE:
        return life, None
    is_ok = probe.verdict is Verdict.OK
    window = life.window
    if probe.kind is Kind.SLOT and life.vitality is Vitality.ALIVE:
        window = window.after(is_missed=not is_ok, delay=probe.delay)
    if is_ok:
        return _answered(life, probe, window)
    if probe.kind in BESIDE or (probe.kind is Kind.FRESH and life.silent_since_s is not None):
        return life, None
    if life.vitality is Vitality.DEAD:
        return _still_dead(life, probe), None
    if life.good_s is not None and probe.begun_s <= life.good_s:
        return replace(life, window=window), None  # a miss shows a second late: something has answered meanwhile
    return _missed(life, probe, window)


def _answered(life: Life, probe: Probe, window: Window) -> tuple[Life, Sign | None]:
    if life.vitality is Vitality.DEAD:
        return _returning(life, probe)
    if life.silent_since_s is not None and probe.begun_s < life.silent_since_s:
        return replace(life, window=window), None  # asked before the first miss: it proves nothing of what came after
    if life.vitality is Vitality.UNKNOWN:
        return _alive(life, probe, probe.begun_s), Sign.BACK
    if life.is_mgmt_only and probe.kind is not Kind.MANAGEMENT:
        # How the lane fared meanwhile tells nothing of the line.
        return replace(_well(life, probe), is_mgmt_only=False), Sign.HEARD
    in_lane = probe.kind not in BESIDE
    lane_misses = 0 if in_lane else life.lane_misses
    good_s = probe.begun_s if life.good_s is None else max(life.good_s, probe.begun_s)
    if life.silent_since_s is None:
        return replace(life, good_s=good_s, lane_misses=lane_misses, window=window), None
    heard = replace(
        life, good_s=good_s, silent_since_s=None, misses=0, silent_slots=0, lane_misses=lane_misses, window=window
    )
    if not in_lane and lane_misses >= life.lane_needed:
        return _beside_the_lane(heard, probe)
    return heard, Sign.HEARD


def _beside_the_lane(heard: Life, probe: Probe) -> tuple[Life, Sign]:
    """What answers while the lane has been silent for as long as would have been enough."""
    # How well echo fared tells nothing of the probe that stands for it from now on.
    afresh = Window(size=heard.window.size)
    if probe.kind is Kind.MANAGEMENT:
        sign = Sign.HEARD if heard.is_mgmt_only else Sign.MGMT_ONLY
        return replace(heard, is_mgmt_only=True, window=afresh), sign
    if heard.is_filtered:
        return heard, Sign.HEARD
    return replace(heard, is_filtered=True, lane_misses=0, window=afresh), Sign.FILTERED


def _well(life: Life, probe: Probe) -> Life:
    """The life of what is well again, and nothing is held against its line."""
    good_s = probe.begun_s if life.good_s is None else max(life.good_s, probe.begun_s)
    return replace(
        life, good_s=good_s, silent_since_s=None, misses=0, silent_slots=0, lane_misses=0,
        window=Window(size=life.window.size),
    )  # fmt: skip


def _missed(life: Life, probe: Probe, window: Window) -> tuple[Life, Sign | None]:
    is_first = life.silent_since_s is None
    # The misses of a silence are judged by the slots before it.
    needed = misses_needed(life.window.slots, life.window.missed) if is_first else life.needed
    longer = replace(
        life,
        bad_s=probe.begun_s,
        silent_since_s=probe.begun_s if is_first else life.silent_since_s,
        misses=life.misses + 1,
        needed=needed,
        silent_slots=life.silent_slots + (probe.kind is Kind.SLOT),
        lane_misses=life.lane_misses + 1,
        lane_needed=life.lane_needed if life.lane_misses else needed,
        window=window,
    )
    if longer.misses < longer.needed:
        return longer, Sign.SILENT if is_first else None
    # Its own slots are no more of those that the line had while it was up.
    before = window.without_last(longer.silent_slots) if life.vitality is Vitality.ALIVE else window
    since_s = longer.silent_since_s
    return replace(
        longer, vitality=Vitality.DEAD, since_s=since_s, dead_s=probe.begun_s, replies=0, window=before
    ), Sign.DEAD


def _still_dead(life: Life, probe: Probe) -> Life:
    since_s = probe.begun_s if life.silent_since_s is None else life.silent_since_s
    longer = replace(life, silent_since_s=since_s, misses=life.misses + 1, bad_s=probe.begun_s)
    return replace(longer, replies=0, returning_since_s=None)


def _returning(life: Life, probe: Probe) -> tuple[Life, Sign | None]:
    if life.bad_s is not None and probe.begun_s <= life.bad_s:
        return life, None  # asked before the latest miss
    if probe.kind is Kind.MANAGEMENT:
        # A connection takes an answer to an answer: nothing that chance makes. And there may be no lane to return in.
        return replace(_alive(life, probe, probe.begun_s), is_mgmt_only=True), Sign.BACK
    if probe.kind is Kind.OTHER:
        # It speaks SNMP while its echo stays silent: from now on SNMP judges whether it is back.
        is_news = not life.is_filtered and not life.replies
        return (replace(life, is_filtered=True), Sign.FILTERED) if is_news else (life, None)
    replies = life.replies + 1
    since_s = probe.begun_s if life.returning_since_s is None else life.returning_since_s
    if replies < REPLIES_TO_RETURN:
        return replace(life, replies=replies, returning_since_s=since_s), None
    return _alive(life, probe, since_s), Sign.BACK


def _alive(life: Life, probe: Probe, since_s: float) -> Life:
    """Alive from `since_s` on, and heard of last by `probe`."""
    window = Window(size=life.window.size)
    if life.since_s is not None and not life.is_filtered:
        window = life.window.much_later(since_s - life.since_s)
    return Life(
        Vitality.ALIVE,
        since_s,
        good_s=probe.begun_s,
        bad_s=life.bad_s,
        is_filtered=life.is_filtered,
        window=window.after(is_missed=False, delay=probe.delay) if probe.kind is Kind.SLOT else window,
    )


def begin_anew(life: Life) -> Life:
    """The life of what is dead, when the way to it has only just come back: what it missed before counts no more."""
    return replace(life, silent_since_s=None, misses=0, silent_slots=0, replies=0, returning_since_s=None)


def unfiltered(life: Life) -> Life:
    """The life of a device whose echo is answered again: echo judges it from now on."""
    return replace(life, is_filtered=False, lane_misses=0, window=Window(size=life.window.size))


def forgotten(life: Life) -> Life:
    """The life of a device of which we ourselves could tell nothing for a while."""
    return Life(good_s=life.good_s, is_filtered=life.is_filtered, window=Window(size=life.window.size))


def retry_after_s(life: Life, now_s: float) -> float | None:
    """How soon to ask again, beside the slots; None to leave it to them."""
    if life.vitality is Vitality.DEAD:
        eager = life.dead_s is not None and now_s - life.dead_s < EAGER_S
        return RETRY_S if eager or life.replies or life.misses < life.needed else None
    return RETRY_S if life.silent_since_s is not None else None
