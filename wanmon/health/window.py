"""The last slots of a device as bits: what was lost, and what was slow. Pure, and cheap for thousands of devices."""

from dataclasses import dataclass

#: Slots that are looked back upon: five minutes at one every five seconds.
SLOTS = 60
_MASK = (1 << SLOTS) - 1


@dataclass(frozen=True, slots=True)
class Window:
    """Of the last `slots` slots, newest in the lowest bit: which were missed."""

    slots: int = 0
    missed_bits: int = 0

    @property
    def missed(self) -> int:
        """How many were missed."""
        return self.missed_bits.bit_count()

    @property
    def loss_ratio(self) -> float:
        """Their share; 0 before the first slot."""
        return self.missed / self.slots if self.slots else 0.0

    def after(self, *, is_missed: bool) -> "Window":
        """The window one slot later."""
        return Window(min(self.slots + 1, SLOTS), (self.missed_bits << 1 | is_missed) & _MASK)
