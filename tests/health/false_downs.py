"""How often loss alone passes for an outage: the evidence rule told again, for speed, over months of a lossy line.

Most of a month cannot make the misses that decide anything: its silences are counted all at once, as bits of long
numbers. The rest, the beginning, and whatever follows a decision until five minutes are past, is told second by
second. Of the product's own rules only `misses_needed` is used.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.health.luck import LOST, SLOT_S, SLOTS_OF_A_MONTH, Luck, draw, text
from wanmon.health.evidence import misses_needed

SLOTS_REMEMBERED = 60
REPLIES_TO_RETURN = 3
EAGER_S = 60
MINUTE_S = 60
NEEDED = [[misses_needed(slots, missed) for missed in range(slots + 1)] for slots in range(SLOTS_REMEMBERED + 1)]
#: Fewer misses in a row than these decide nothing, whatever went before.
LEAST_NEEDED = min(map(min, NEEDED))
UNKNOWN, ALIVE, DEAD = "unknown", "alive", "dead"


@dataclass
class Story:
    """What came of it: how many silences there were, and at which second what was decided."""

    silences: int = 0
    decided: list[tuple[int, str]] = field(default_factory=list)

    def count(self, decision: str) -> int:
        """How often this was decided."""
        return sum(what == decision for _, what in self.decided)


@dataclass
class Count:
    """What came of some site-months at one loss."""

    loss: float
    months: int = 0
    silences: int = 0
    filtered: int = 0
    downs: int = 0
    cpu_s: float = 0.0

    @property
    def site_years(self) -> float:
        return self.months / 12

    def add(self, other: "Count") -> None:
        self.months += other.months
        self.silences += other.silences
        self.filtered += other.filtered
        self.downs += other.downs
        self.cpu_s += other.cpu_s

    def __str__(self) -> str:
        asked = f"{self.loss:>4.0%} {self.site_years:>10.1f} {self.months * SLOTS_OF_A_MONTH:>13,} {self.silences:>13,}"
        return f"{asked} {self.filtered:>8} {self.downs:>11} {self.downs / self.site_years:>13.3f} {self.cpu_s:>5.0f} s"


HEADING = "loss site-years         slots      silences filtered false DOWNs per site-year     CPU"


def count_month(loss: float, number: int) -> Count:
    """One month of one site, with dice of its own: the same in whichever process it is reckoned."""
    began_s = time.process_time()
    story = tell(draw(Random(f"{loss} {number}"), loss))
    cpu_s = time.process_time() - began_s
    return Count(loss, 1, story.silences, story.count("FILTERED"), story.count("DEAD"), cpu_s)


def tell(luck: Luck) -> Story:
    """What the rule makes of it, from a device never heard of on."""
    begun = silences_begun(luck)
    begins, may_decide = text(begun, luck.slots), text(begun & missed_in_a_row(luck, LEAST_NEEDED), luck.slots)
    device = Device(luck)
    story = device.story
    slot = device.live(0)
    while (next_slot := may_decide.find("1", slot)) >= 0:
        story.silences += begins.count("1", slot, next_slot)
        slot = device.live(next_slot)
    story.silences += begins.count("1", slot)
    return story


def silences_begun(luck: Luck) -> int:
    """The slots at which a silence begins, where nothing is decided.

    Those missed, but for those within a silence: one that began without an answer to SNMP, or was there before, and
    missed all five seconds goes on at the next slot. That is how an addition carries.
    """
    all_missed = luck.lane[0] & luck.lane[1] & luck.lane[2] & luck.lane[3] & luck.lane[4]
    unheard = all_missed & luck.other
    going_on = (all_missed + unheard) ^ all_missed ^ unheard
    return luck.lane[0] & ~going_on


def missed_in_a_row(luck: Luck, misses: int) -> int:
    """The slots from which on the lane misses at least so often in a row, if a silence begins there.

    After a miss comes the next second, or, where SNMP answered, the next slot.
    """
    row = luck.lane[0]
    for within_silence in retries_missed(luck, misses - 1):
        row = luck.lane[0] & (luck.other & within_silence | ~luck.other & row >> 1)
    return row


def retries_missed(luck: Luck, most: int) -> Iterator[int]:
    """The slots after which the next second is missed, the next two, and so on."""
    missed = -1
    for second in range(1, most + 1):
        missed &= luck.lane[second % SLOT_S] >> second // SLOT_S
        yield missed


class Device:
    """A device as the rule sees it, told second by second."""

    def __init__(self, luck: Luck) -> None:
        self.slots = luck.slots
        self.lane = [text(bits, luck.slots) for bits in luck.lane]
        self.other = text(luck.other, luck.slots)
        self.story = Story()
        self.vitality = UNKNOWN
        self.since_s = self.silent_since_s = 0
        self.is_silent = False
        self.misses = self.needed = self.lane_misses = self.lane_needed = self.replies = 0
        self.dead_s = self.silent_slots = self.returning_s = 0
        self.filtered_s: int | None = None
        self.window = ""

    def live(self, slot: int) -> int:
        """Live from a slot on until nothing but the last slots is remembered; return the slot that comes next."""
        if self.vitality == ALIVE:
            self.window = self.lane[0][slot - SLOTS_REMEMBERED : slot]
        at_s = slot * SLOT_S
        while at_s < self.slots * SLOT_S:
            slot, second = divmod(at_s, SLOT_S)
            self.ask(slot, second)
            if second == 0 and self.is_calm(slot):
                return slot + 1
            at_s = at_s + 1 if self.is_retrying(at_s) else (slot + 1) * SLOT_S
        return self.slots

    def is_calm(self, slot: int) -> bool:
        """Whether this slot was answered, and what went before can be read from the slots alone."""
        if self.vitality != ALIVE or self.filtered_s is not None or self.lane[0][slot] == LOST:
            return False
        return slot >= SLOTS_REMEMBERED and self.window == self.lane[0][slot + 1 - SLOTS_REMEMBERED : slot + 1]

    def is_retrying(self, at_s: int) -> bool:
        """Whether the next second asks again."""
        return self.replies > 0 or at_s - self.dead_s < EAGER_S if self.vitality == DEAD else self.is_silent

    def ask(self, slot: int, second: int) -> None:
        """Send the lane's own probe, and whatever else is due."""
        at_s, outcome = slot * SLOT_S + second, self.lane[second][slot]
        if self.vitality == DEAD:
            self.ask_dead(at_s, outcome)
            return
        before = self.window
        if second == 0 and self.vitality == ALIVE:
            self.window = (before + outcome)[-SLOTS_REMEMBERED:]
        if outcome != LOST:
            self.answered(at_s, second)
        elif self.is_silent:
            self.miss_again(at_s, second)
        else:
            self.fall_silent(at_s, before)
        if self.filtered_s is not None and at_s > self.filtered_s and (at_s - self.filtered_s) % MINUTE_S == 0:
            self.send_the_echo_of_the_minute(slot)

    def answered(self, at_s: int, second: int) -> None:
        self.is_silent, self.lane_misses = False, 0
        if self.vitality == UNKNOWN:
            self.return_to_life(at_s, is_slot=second == 0)

    def fall_silent(self, at_s: int, before: str) -> None:
        self.needed = NEEDED[len(before)][before.count(LOST)]
        self.lane_needed = self.lane_needed if self.lane_misses else self.needed
        self.lane_misses += 1
        self.is_silent, self.misses, self.silent_since_s = True, 1, at_s
        self.silent_slots = int(at_s % SLOT_S == 0)
        self.story.silences += 1
        if self.filtered_s is None and self.other[at_s // SLOT_S] != LOST:
            self.heard_by_snmp(at_s)

    def heard_by_snmp(self, at_s: int) -> None:
        self.is_silent = False
        if self.vitality == UNKNOWN:
            self.return_to_life(at_s, is_slot=False)
        elif self.lane_misses >= self.lane_needed:
            self.filtered_s, self.lane_misses, self.window = at_s, 0, ""
            self.story.decided.append((at_s, "FILTERED"))

    def send_the_echo_of_the_minute(self, slot: int) -> None:
        if self.other[slot] != LOST:
            self.filtered_s, self.is_silent, self.lane_misses, self.window = None, False, 0, ""

    def miss_again(self, at_s: int, second: int) -> None:
        self.misses += 1
        self.lane_misses += 1
        self.silent_slots += second == 0
        if self.misses >= self.needed:
            if self.vitality == ALIVE and self.silent_slots:
                self.window = self.window[: -self.silent_slots]
            self.vitality, self.since_s, self.dead_s, self.replies = DEAD, self.silent_since_s, at_s, 0
            self.story.decided.append((at_s, "DEAD"))

    def ask_dead(self, at_s: int, outcome: str) -> None:
        self.replies = 0 if outcome == LOST else self.replies + 1
        if self.replies == 1:
            self.returning_s = at_s
        if self.replies == REPLIES_TO_RETURN:
            self.return_to_life(at_s, is_slot=at_s % SLOT_S == 0)

    def return_to_life(self, at_s: int, *, is_slot: bool) -> None:
        """Alive again; of the slots before, those of the last five minutes are remembered, unless SNMP judges now."""
        if self.vitality == UNKNOWN or self.filtered_s is not None:
            self.window = ""
        else:
            gone = -(-(self.returning_s - self.since_s) // SLOT_S)
            kept = max(0, min(len(self.window), SLOTS_REMEMBERED - gone))
            self.window = self.window[len(self.window) - kept :]
        self.window += self.lane[0][at_s // SLOT_S] if is_slot else ""
        self.vitality, self.is_silent, self.lane_misses, self.replies = ALIVE, False, 0, 0
        self.story.decided.append((at_s, "BACK"))
