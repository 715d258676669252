"""The last slots of a device as bits: what was lost, and what was slow. Pure, and cheap for thousands of devices."""

import math
from dataclasses import dataclass

#: Slots that are looked back upon: five minutes at one every five seconds.
SLOTS = 60
SPAN_S = 300.0
#: Below so many slots a share tells nothing.
SLOTS_TO_TELL = 20
#: Below so much of the limit a line that was slow is slow no more.
RELEASE = 0.8


@dataclass(frozen=True, slots=True)
class Window:
    """Of the last `slots` slots, newest in the lowest bit: which were missed, slow, or almost slow.

    `size` is how many are looked back upon.
    """

    slots: int = 0
    missed_bits: int = 0
    slow_bits: int = 0
    nearly_bits: int = 0
    size: int = SLOTS

    @classmethod
    def over(cls, interval_s: float) -> "Window":
        """The window of a device with a slot every `interval_s`."""
        return cls(size=max(SLOTS_TO_TELL, min(SLOTS * 5, round(SPAN_S / interval_s))))

    @property
    def missed(self) -> int:
        """How many were missed."""
        return self.missed_bits.bit_count()

    @property
    def loss_ratio(self) -> float:
        """Their share; 0 before the first slot."""
        return self.missed / self.slots if self.slots else 0.0

    @property
    def tells(self) -> bool:
        """Whether there are slots enough to speak of a share."""
        return self.slots >= SLOTS_TO_TELL

    @property
    def is_slow(self) -> bool:
        """Whether the 95th percentile of the round trips is above the limit."""
        return self._p95_among(self.slow_bits)

    @property
    def is_nearly_slow(self) -> bool:
        """Whether it is at 80 % of the limit, or above."""
        return self._p95_among(self.nearly_bits)

    def after(self, *, is_missed: bool, delay: float = 0.0) -> "Window":
        """The window one slot later; `delay` is the round trip as a share of the limit."""
        mask = (1 << self.size) - 1
        return Window(
            self.slots + 1 if self.slots < self.size else self.slots,
            (self.missed_bits << 1 | is_missed) & mask,
            (self.slow_bits << 1 | (delay > 1.0 and not is_missed)) & mask,
            (self.nearly_bits << 1 | (delay >= RELEASE and not is_missed)) & mask,
            self.size,
        )

    def without_last(self, slots: int) -> "Window":
        """The window as it was before the last slots; what they pushed out of it is not known any more."""
        kept = max(0, self.slots - slots)
        return Window(kept, self.missed_bits >> slots, self.slow_bits >> slots, self.nearly_bits >> slots, self.size)

    def much_later(self, elapsed_s: float) -> "Window":
        """The window when for so long no slot was counted: what lies more than five minutes back is dropped."""
        kept = max(0, min(self.slots, self.size - math.ceil(elapsed_s * self.size / SPAN_S)))
        mask = (1 << kept) - 1
        return Window(kept, self.missed_bits & mask, self.slow_bits & mask, self.nearly_bits & mask, self.size)

    def _p95_among(self, bits: int) -> bool:
        """Whether the round trip of rank ceil(0.95 n) of n replies is among `bits`, which are the longest ones."""
        replies = self.slots - self.missed
        return bool(replies) and bits.bit_count() > replies - -(-95 * replies // 100)
