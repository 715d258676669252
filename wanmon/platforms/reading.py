"""How the texts of several platforms are read: tidy lines, phrases that say why, counts and mean times.

Pure. What a router wrote is data: a bounded part of it is looked at, line by line, by expressions that take a time in
proportion to the line; nothing raises, and no control character is handed on.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wanmon.platforms.platform import Outcome, PingReading

#: Characters of an output that are looked at; a hundred echoes or thirty hops with names and labels take 15,000.
CAP = 65_536
_LINE = 512
_DETAIL = 200

#: Escape sequences of terminals (ECMA-48): CSI, OSC, and those of two characters.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[ -Z\\^-~])")
_PAGING = re.compile(r"-{2,5} ?\(?more(?: [0-9]{1,3}%)?\)? ?-{2,5}|-- \[Q quit[^\]]{0,80}\]", re.IGNORECASE)

_SENT = re.compile(r"([0-9]{1,6}) packets?(?:\(s\))? transmitted", re.ASCII)
_RECEIVED = re.compile(r"([0-9]{1,6}) (?:packets?(?:\(s\))? )?received", re.ASCII)
_MEAN = re.compile(r"min/avg/max[^=:]{0,40}[=:] {0,4}<?[0-9.]{1,12}/<?([0-9]{1,9}(?:\.[0-9]{1,9})?)/", re.ASCII)

#: What a line says, in small letters, and what that comes to; a phrase with `\n` before it begins a line.
Phrases = Sequence[tuple[str, Outcome]]

#: What the software of many vendors has in common, because much of it descends from the same.
COMMON: Phrases = (
    ("prohibited", Outcome.PROHIBITED),
    ("packet filtered", Outcome.PROHIBITED),
    ("packet rejected", Outcome.PROHIBITED),
    ("unreachable", Outcome.UNREACHABLE),
    ("no route to", Outcome.UNREACHABLE),
    ("unknown host", Outcome.UNKNOWN_HOST),
    ("name or service not known", Outcome.UNKNOWN_HOST),
    ("name resolution", Outcome.UNKNOWN_HOST),
    ("to resolve", Outcome.UNKNOWN_HOST),
    ("cannot resolve", Outcome.UNKNOWN_HOST),
    ("rate limit", Outcome.RATE_LIMITED),
    ("rate-limit", Outcome.RATE_LIMITED),
    ("no buffer space", Outcome.RATE_LIMITED),
    ("source quench", Outcome.RATE_LIMITED),
    ("try again later", Outcome.RATE_LIMITED),
    ("upper limit", Outcome.RATE_LIMITED),
    ("time to live exceeded", Outcome.LOSS),
    ("ttl exceeded", Outcome.LOSS),
    ("frag needed", Outcome.LOSS),
    ("fragmentation needed", Outcome.LOSS),
    ("too big", Outcome.LOSS),
    ("too long", Outcome.LOSS),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a line of the router says, and the line."""

    outcome: Outcome
    line: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the router counted; `rtt_s` is the mean round trip, none where it tells none."""

    sent: int
    received: int
    rtt_s: float | None = None


def tidy(text: str) -> list[str]:
    """The lines that hold something, without what was meant for a terminal: escapes, paging, carriage returns."""
    shown = _PAGING.sub(" ", _ESCAPE.sub("", text[:CAP])).replace("\r", "\n").replace("\t", " ")
    lines = (_printable(line)[:_LINE].strip() for line in shown.split("\n"))
    return [line for line in lines if line]


def said(lines: Iterable[str], phrases: Phrases) -> Said | None:
    """The first line with the first phrase that occurs; earlier phrases weigh more."""
    folded = [("\n" + line.lower(), line) for line in lines]
    for phrase, outcome in phrases:
        for low, line in folded:
            if phrase in low:
                return Said(outcome, line[:_DETAIL])
    return None


def tallied(lines: Iterable[str]) -> Tally | None:
    """The counts of a ping that ends as the one of BSD does, all on one line or below one another."""
    sent = received = rtt_s = None
    for line in lines:
        sent = _count(_SENT.search(line), sent)
        received = _count(_RECEIVED.search(line), received)
        rtt_s = mean_s(line) if rtt_s is None else rtt_s
    return None if sent is None or received is None else Tally(sent, received, rtt_s)


def mean_s(line: str) -> float | None:
    """The mean of `min/avg/max = 1/2/3 ms` in seconds."""
    found = _MEAN.search(line)
    return float(found[1]) / 1000 if found else None


def ping_reading_of(text: str, phrases: Phrases) -> PingReading:
    """What most platforms write: statistics below the echoes, and words by which they tell what is amiss."""
    lines = tidy(text)
    return ping_reading(lines, tallied(lines), said(lines, phrases))


def ping_reading(lines: Sequence[str], tally: Tally | None, why: Said | None) -> PingReading:
    """What counts and words come to: words tell why nothing came, and never overrule an answer that did."""
    if tally is None or not tally.sent:
        if why is None or why.outcome is Outcome.LOSS:
            return PingReading(Outcome.UNREADABLE, detail=last_line(lines))
        return PingReading(why.outcome, detail=why.line)
    received = min(tally.received, tally.sent)  # some count duplicates
    if received == tally.sent:
        return PingReading(Outcome.ANSWERED, tally.sent, received, tally.rtt_s)
    outcome = why.outcome if why and not received else Outcome.LOSS
    return PingReading(outcome, tally.sent, received, tally.rtt_s if received else None, why.line if why else "")


def last_line(lines: Sequence[str]) -> str:
    """The last that a router wrote, for want of something better to show."""
    return lines[-1][:_DETAIL] if lines else ""


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(filter(str.isprintable, line))


def _count(found: "re.Match[str] | None", otherwise: int | None) -> int | None:
    return int(found[1]) if found else otherwise
