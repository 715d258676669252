"""Loss alone is hardly ever called an outage: at most once in ten years of a site.

WANMON_SITE_MONTHS=1770 (`make false-downs`) is the acceptance: ten months of 177 sites at each loss.
"""
# ruff: noqa: T201 - the table is what it is run for

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from random import Random

import pytest

from tests.health.false_downs import HEADING, MINUTE_S, Count, Story, count_month, missed_in_a_row, tell
from tests.health.luck import SLOT_S, SLOTS_OF_A_MONTH, Luck, draw, lost
from wanmon.health.life import Kind, Life, Probe, Sign, Vitality, retry_after_s, step, unfiltered
from wanmon.health.observation import Verdict

SITE_MONTHS = int(os.environ.get("WANMON_SITE_MONTHS", "24"))
PROCESSES = 2
LOSSES = (0.10, 0.20, 0.30, 0.50)
MOST_A_SITE_YEAR = 0.1
SLOTS_OF_A_DAY = 17_280


class Poller:
    """Asks one device as a poller would: slots, retries, SNMP when a silence begins, an echo a minute if filtered."""

    def __init__(self, luck: Luck) -> None:
        self.luck = luck
        self.life = Life()
        self.story = Story()
        self.needed: list[int] = []
        self.filtered_s: int | None = None

    def run(self) -> Story:
        for at_s in range(self.luck.slots * SLOT_S):
            if at_s % SLOT_S == 0 or retry_after_s(self.life, at_s - 1) is not None:
                self.ask(at_s)
        return self.story

    def ask(self, at_s: int) -> None:
        slot, second = divmod(at_s, SLOT_S)
        was_filtered = self.life.is_filtered
        was_dead = self.life.vitality is Vitality.DEAD
        kind = Kind.SLOT if second == 0 else Kind.RETRY
        sign = self.observe(Probe(at_s, verdict(self.luck.lane[second], slot), kind))
        if sign is Sign.SILENT and not was_filtered:
            self.observe(Probe(at_s, verdict(self.luck.other, slot), Kind.OTHER))
            self.filtered_s = at_s
        elif was_filtered and not was_dead and (at_s - self.filtered_s) % MINUTE_S == 0:
            self.send_echo(at_s, slot)

    def send_echo(self, at_s: int, slot: int) -> None:
        """An answered echo makes it the lane's own probe again."""
        answer = verdict(self.luck.other, slot)
        self.observe(Probe(at_s, answer, Kind.OTHER))
        if answer is Verdict.OK:
            self.life = unfiltered(self.life)

    def observe(self, probe: Probe) -> Sign | None:
        self.life, sign = step(self.life, probe)
        if sign is Sign.SILENT:
            self.story.silences += 1
            self.needed.append(self.life.needed)
        elif sign not in (None, Sign.HEARD):
            self.story.decided.append((int(probe.begun_s), sign.name))
        return sign


def verdict(bits: int, slot: int) -> Verdict:
    return Verdict.FAIL if bits >> slot & 1 else Verdict.OK


def weather(dice: Random, slots: int) -> Luck:
    """Luck that changes every few minutes: clean, lossy, cut, or only one of echo and SNMP silent."""
    spells = [fleeting(dice, dice.randrange(1, 120)) for _ in range(slots // 40)]
    total = sum(spell.slots for spell in spells)
    lane = tuple(joined((spell.slots, spell.lane[second]) for spell in spells) for second in range(SLOT_S))
    return Luck(total, lane, joined((spell.slots, spell.other) for spell in spells))


def fleeting(dice: Random, slots: int) -> Luck:
    lane_loss, other_loss = (dice.choice((0.02, 0.1, 0.3, 0.5, 0.8, 0.97)) for _ in range(2))
    return Luck(slots, tuple(lost(dice, lane_loss, slots) for _ in range(SLOT_S)), lost(dice, other_loss, slots))


def joined(spells: Iterable[tuple[int, int]]) -> int:
    bits = at = 0
    for slots, spell in spells:
        bits |= spell << at
        at += slots
    return bits


@pytest.mark.parametrize("loss", LOSSES)
def test_the_quick_telling_is_the_rule_s_own_on_a_lossy_line(loss):
    luck = draw(Random(f"line {loss}"), loss, 2 * SLOTS_OF_A_DAY)

    assert Poller(luck).run() == tell(luck)


@pytest.mark.parametrize("seed", range(4))
def test_the_quick_telling_is_the_rule_s_own_where_much_is_decided(seed):
    """On steady lines days pass without a decision; here devices are called down, filtered and back all the time."""
    luck = weather(Random(f"weather {seed}"), SLOTS_OF_A_DAY)
    expected = Poller(luck).run()

    assert {"DEAD", "FILTERED", "BACK"} == {what for _, what in expected.decided}
    assert expected == tell(luck)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_odds_of_all_silences_add_up_to_less_than_once_in_ten_years(loss):
    """A few days tell what it takes years to count: SNMP is lost, and all misses that are needed after the first."""
    luck = draw(Random(f"odds {loss}"), loss, 4 * SLOTS_OF_A_DAY)
    poller = Poller(luck)
    poller.run()
    expected_downs = sum(loss * loss ** (needed - 1) for needed in poller.needed)

    assert expected_downs / (luck.slots / SLOTS_OF_A_MONTH / 12) <= MOST_A_SITE_YEAR


@pytest.mark.parametrize("loss", LOSSES)
def test_luck_is_as_bad_as_it_is_asked_to_be(loss):
    """Within five standard deviations, and without memory from one question to the next."""
    luck = draw(Random(7), loss)
    spread = 5 * (loss * (1 - loss) / luck.slots) ** 0.5

    for bits in (*luck.lane, luck.other):
        assert abs(bits.bit_count() / luck.slots - loss) < spread
        assert abs((bits & bits >> 1).bit_count() / luck.slots - loss**2) < 2 * spread


def test_seven_misses_in_a_row_are_as_rare_as_dice_make_them():
    """However the answers of SNMP fall: what is skipped as harmless is not skipped by mistake."""
    luck = draw(Random(7), 0.5)

    assert 2**-7 == pytest.approx(missed_in_a_row(luck, 7).bit_count() / luck.slots, rel=0.05)


def counted(months: int) -> Iterator[Count]:
    """The counts of one loss after the other."""
    counts = {loss: Count(loss) for loss in LOSSES}
    with ProcessPoolExecutor(PROCESSES) as pool:
        for each in pool.map(count_month, *zip(*product(LOSSES, range(months)), strict=True), chunksize=5):
            counts[each.loss].add(each)
            if counts[each.loss].months == months:
                yield counts[each.loss]


def test_loss_alone_is_hardly_ever_called_down():
    """A single call is allowed where there are too few years to tell."""
    print(f"\n{HEADING}")
    for count in counted(SITE_MONTHS):
        print(count, flush=True)

        assert count.downs <= max(1.0, MOST_A_SITE_YEAR * count.site_years)
