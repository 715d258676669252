"""What was learnt of how to speak to one agent: how large replies may be, how long they take, whether GETBULK works.

Pure; asked before each question, and told what became of it.
"""

from typing import NamedTuple

from wanmon.protocols.snmp.pace import LearntPace

#: A reply of this size passes every usual path in one piece: 1,500 bytes less tunnels and headers.
DEFAULT_BYTES = 1400
#: Many full replies in a row, a day of polls or so, until a size that was too large once is tried again.
FORGIVEN_AFTER = 10_000
#: By so much a full reply raises what is asked next: slowly, for what is too large costs three timeouts.
_STEP_BYTES = 8
#: From this share of the limit on, a reply says that the limit can be borne.
_FULL = 0.8
#: No limit goes below this: one value is always asked.
LEAST_BYTES = 64
#: So many silences, and no reply of about that size between them, say that what was borne before is borne no longer.
#: With 30 of 100 packets lost on the way there and on the way back, three tries fail every eighth time.
_STRIKES = 4


class Learnt(NamedTuple):
    """What is kept of it across restarts of ours; see `model.life.DeviceManners`."""

    limit_bytes: int
    barred_bytes: int = 0
    bulk: bool | None = None
    srtt_s: float | None = None
    rttvar_s: float | None = None


class Manners:
    """Of one agent; `most_bytes` is what the settings allow, `initial_s` how long to wait while nothing is known.

    `bulk` is None until a GETBULK was answered or found to be not.
    """

    def __init__(self, most_bytes: int, initial_s: float, learnt: Learnt | None = None) -> None:
        known = learnt or Learnt(most_bytes)
        self.most_bytes = most_bytes
        self.limit_bytes = min(max(known.limit_bytes, LEAST_BYTES), most_bytes)
        self.bulk = known.bulk
        self.pace = LearntPace(initial_s, known.srtt_s, known.rttvar_s)
        self._barred_bytes = known.barred_bytes
        self._borne_bytes = 0
        self._full_replies = 0
        self._strikes = self._struck_bytes = 0
        self._is_heard = False

    @property
    def is_heard(self) -> bool:
        """Whether something was heard since the latest silence: then it was no dead line that swallowed a reply."""
        return self._is_heard

    @property
    def borne_bytes(self) -> int:
        """The largest reply that came whole."""
        return self._borne_bytes

    @property
    def learnt(self) -> Learnt:
        """What is worth keeping."""
        return Learnt(self.limit_bytes, self._barred_bytes, self.bulk, self.pace.srtt_s, self.pace.rttvar_s)

    def bore(self, size_bytes: int) -> None:
        """A whole reply of that size came."""
        self._is_heard = True
        if size_bytes >= _FULL * self._struck_bytes:  # a small one says nothing of large ones
            self._strikes = self._struck_bytes = 0
        self._borne_bytes = max(self._borne_bytes, size_bytes)
        if size_bytes < _FULL * self.limit_bytes:
            return
        self._full_replies += 1
        if self._full_replies >= FORGIVEN_AFTER:
            self._full_replies, self._barred_bytes = 0, 0
        most_bytes = min(self.most_bytes, self._barred_bytes - 1) if self._barred_bytes else self.most_bytes
        self.limit_bytes = max(self.limit_bytes, min(self.limit_bytes + _STEP_BYTES, most_bytes))

    def too_large(self, size_bytes: int) -> None:
        """The agent said that a reply of about that size would be too big, or sent it cut off: ask for half."""
        size_bytes = min(size_bytes, self.limit_bytes)
        self._barred_bytes, self._full_replies = max(size_bytes, LEAST_BYTES + 1), 0
        if self._borne_bytes >= size_bytes:
            self._borne_bytes = 0  # what it bore before, it bears no longer
        self.limit_bytes = max(LEAST_BYTES, size_bytes // 2, self._borne_bytes)

    def lost(self, size_bytes: int) -> None:
        """An agent that answers otherwise was silent where a reply of about that size was due.

        Loss on the line does the same: at a size that was borne before, it takes some to believe in the size.
        """
        self._is_heard = False
        self._strikes, self._struck_bytes = self._strikes + 1, size_bytes
        if size_bytes > self._borne_bytes or self._strikes >= _STRIKES:
            self._strikes = self._struck_bytes = 0
            self.too_large(size_bytes)

    def forget(self) -> None:
        """The device restarted, perhaps with other software: find out again about GETBULK and sizes."""
        self.bulk = None
        self._barred_bytes = self._borne_bytes = self._full_replies = self._strikes = self._struck_bytes = 0
