"""The largest packet that passes is found whatever the network says, and with how many questions."""

import asyncio

import pytest

from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.path_mtu import FLOOR_BYTES, PathMtu, largest

SILENCE = EchoAnswer(reason=Reason.TIMEOUT)


class Link:
    """Passes what is no larger than its MTU; tells what it tells of anything else."""

    def __init__(self, mtu: int, refusal: EchoAnswer, lost: int = 0) -> None:
        self.mtu, self.refusal, self.lost = mtu, refusal, lost
        self.asked: list[int] = []

    async def ask(self, size: int) -> EchoAnswer:
        self.asked.append(size)
        if self.lost:
            self.lost -= 1
            return SILENCE
        return EchoAnswer(0.01) if size <= self.mtu else self.refusal


def told(mtu: int) -> EchoAnswer:
    return EchoAnswer(0.01, Reason.TOO_BIG, "10.0.0.1", Refusal.TOO_BIG, mtu)


def found(link: Link, ceiling: int = 1500, tries: int = 1) -> PathMtu:
    return asyncio.run(largest(link.ask, ceiling, tries))


@pytest.mark.parametrize("mtu", [FLOOR_BYTES, 129, 576, 1279, 1280, 1399, 1400, 1492, 1498, 1499])
@pytest.mark.parametrize(
    "refusal", [SILENCE, told(0), told(9000), told(40)], ids=["silent", "no hint", "too high", "too low"]
)
def test_without_a_usable_hint_it_is_narrowed_down(mtu: int, refusal: EchoAnswer):
    link = Link(mtu, refusal)

    assert PathMtu(mtu, refusal) == found(link)
    assert 50 >= len(link.asked)


def test_a_hint_that_is_true_needs_one_more_question():
    link = Link(1400, told(1400))

    assert PathMtu(1400, told(1400)) == found(link)
    assert [FLOOR_BYTES, 1500, 1400] == link.asked


def test_a_hint_that_is_too_wide_is_not_believed():
    """A tunnel further on may be narrower than who tells the limit."""
    assert PathMtu(1350, told(1400)) == found(Link(1350, told(1400)))


def test_all_that_is_wanted_passes():
    assert PathMtu(1500) == found(Link(9000, SILENCE))


def test_nothing_passes():
    assert PathMtu(0, SILENCE) == found(Link(0, SILENCE))
    assert not PathMtu(0, SILENCE).is_black_hole


def test_a_lost_packet_is_asked_again():
    assert PathMtu(1500) == found(Link(1500, SILENCE, lost=1), tries=2)


def test_a_late_reply_has_passed_all_the_same():
    async def late(size: int) -> EchoAnswer:
        return EchoAnswer(2.0, Reason.LATE)

    assert PathMtu(1500) == asyncio.run(largest(late, 1500))
