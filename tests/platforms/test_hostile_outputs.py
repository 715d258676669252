"""Whatever a router writes, every reader comes to an end with a value, soon, and hands on no control character."""

import random
import time

import pytest

from tests.platforms.test_linux import FIRST_LINE, HEAD, SUMS, TIMES
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import CAP, tidy
from wanmon.platforms.registry import names, platform

MEBI = 1 << 20
MOST_S = 1.0

#: A megabyte that expressions might stumble over, each in one line and in many.
PIECES = [
    "1", "1 ", "*", " * ", "!", "!H ", "[", "[[]", "]", "(", "((", "\x1b[", "\x1b[1;", "\x1b]0;x", "\x1b", "-",
    "--- ",
    "--More--", "-- [Q quit", "---(more", "1.", "1.1.1.1 ", "::", "1:", "%", "fe80::1%", "ms ", "1 ms ", "\r", "\n",
    "\n1 10.0.0.1 1 ms", "\n10.0.0.1", "1 packets transmitted, ", "min/avg/max = ", "min/avg/max = 1/1/1/",
    "success rate is ",
    "sent=1 received=1 ", "avg-rtt=1s1ms1us", "avg-rtt=", "packet(s) ", "(1/1), ", "9" * 50, "\t",
    "\0",
    "\u202e", "\ud800", "\u0661", "é", "unreachable ", "does not exist ", "\n% ", "<", "<1 ms ", "!!!!!.....", "U",
]  # fmt: skip


def readings(text: str) -> list[PingReading | TraceReading]:
    every = [platform(name) for name in names()]
    return [read(text) for each in every for read in (each.read_ping, each.read_trace)]


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_megabyte_of_one_thing_is_read_soon(piece: str) -> None:
    """All sixteen readers together, so that none takes a time that grows faster than the text."""
    text = piece * (MEBI // len(piece))
    began = time.thread_time()
    found = readings(text)

    assert MOST_S > time.thread_time() - began
    assert all(reading.detail.isprintable() and len(reading.detail) <= 200 for reading in found)


def test_no_heap_of_pieces_breaks_a_reader() -> None:
    """Pieces in any order, a reading each, and nothing raised."""
    chance = random.Random(20260302)
    for _ in range(300):
        text = "".join(chance.choices([*PIECES, HEAD, SUMS.format(5, 3, 40), TIMES, FIRST_LINE], k=60))
        for reading in readings(text):
            assert reading.detail.isprintable()
            hops = reading.hops if isinstance(reading, TraceReading) else ()
            assert [hop.number for hop in hops] == sorted({hop.number for hop in hops})
            assert all(rtt_s >= 0 for hop in hops for rtt_s in hop.rtts_s)
            if isinstance(reading, PingReading):
                assert 0 <= reading.received <= reading.sent
                assert (reading.outcome is Outcome.ANSWERED) == (reading.received == reading.sent > 0)


def test_only_so_much_of_a_text_is_looked_at() -> None:
    """An endless output costs no more than its first part."""
    assert CAP == sum(map(len, tidy("x" * 100 + "\n" * CAP))) + CAP - 100
    assert ["x" * 512] == tidy("x" * MEBI)


@pytest.mark.parametrize("text", ["", "\n", " ", "nonsense", "\x1b[2J", "Last login: Mon Mar  2", "10.27.0.1"])
def test_what_nobody_knows_is_unreadable(text: str) -> None:
    assert {Outcome.UNREADABLE} == {reading.outcome for reading in readings(text)}
