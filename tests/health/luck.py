"""Luck: what becomes of every question to a device on a lossy line, drawn before anything is asked.

Drawn by the hundred thousand as the bits of long numbers, and the same for whoever tells the story of it.
"""

from dataclasses import dataclass
from random import Random

SLOT_S = 5
#: A twelfth of 365.25 days.
SLOTS_OF_A_MONTH = 525_960
#: Binary digits of a loss: exact to less than one in ten million.
DIGITS = 24
LOST = "1"


@dataclass(frozen=True)
class Luck:
    """What becomes of each question that may be asked, as bits, the first in the lowest: 1 is lost.

    `lane[second]` has the lane's own probe so many seconds after each slot; `other` what else is asked at a slot: SNMP
    when a silence begins, or the minute's echo of a filtered device.
    """

    slots: int
    lane: tuple[int, ...]
    other: int


def draw(dice: Random, loss: float, slots: int = SLOTS_OF_A_MONTH) -> Luck:
    """Luck in which every round trip is lost with the same chance, whatever became of the others."""
    return Luck(slots, tuple(lost(dice, loss, slots) for _ in range(SLOT_S)), lost(dice, loss, slots))


def lost(dice: Random, loss: float, count: int) -> int:
    """So many bits, each of them 1 with the chance `loss`: halved for a 0 of its binary fraction, raised for a 1."""
    bits = 0
    for digit in reversed(f"{round(loss * 2**DIGITS):0{DIGITS}b}".rstrip("0")):
        fresh = dice.getrandbits(count)
        bits = bits | fresh if digit == "1" else bits & fresh
    return bits


def text(bits: int, slots: int) -> str:
    """The bits as a text that begins with the first."""
    return f"{bits:0{slots}b}"[::-1]
