"""How the hops of a path are read: number, address, times, and the letters that say why it goes no further.

All platforms write hops in one manner, with these differences: names stand before addresses in parentheses, or behind
them in angle brackets; labels and AS numbers stand in brackets, or on lines of their own; further addresses of a hop
follow on lines without a number; units are `ms`, `msec` or `us`, apart or not. Pure, and never raises.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms.platform import Outcome, TraceReading
from wanmon.platforms.reading import Phrases, Said, last_line, said, tidy

#: A hop counts in one byte (RFC 791 section 3.1).
_MOST_HOPS = 255
_MOST_TIMES = 12
_LONGEST_ADDRESS = 64  # with its zone

_ASIDE = re.compile(r"\[[^\[\]]{0,200}\]")
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)
_TIME = re.compile(r"<?([0-9]{1,7}(?:\.[0-9]{1,9})?)(ms|msec|us|s)?", re.ASCII)
_SECONDS = {"s": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6}
_LOST = frozenset({"*", "timeout"})

#: The letters after `!` that are not plain "unreachable": A and X, Z of a whole host, F for want of fragments.
_REASONS = {"!A": Reason.PROHIBITED, "!X": Reason.PROHIBITED, "!Z": Reason.PROHIBITED, "!F": Reason.SMALL}
_OUTCOMES = {Reason.PROHIBITED: Outcome.PROHIBITED, Reason.UNREACHABLE: Outcome.UNREACHABLE}
_WORDED = {Outcome.PROHIBITED: Reason.PROHIBITED, Outcome.UNREACHABLE: Reason.UNREACHABLE}


@dataclass(slots=True)
class _Seen:
    """What the words of a hop hold so far; `is_hop` once there is anything that only a hop has."""

    address: str = ""
    times_s: list[float] = field(default_factory=list)
    reason: Reason | None = None
    is_hop: bool = False


def trace_reading_of(text: str, phrases: Phrases) -> TraceReading:
    """What most platforms write: a line for each hop, and words by which they tell what is amiss."""
    lines = tidy(text)
    return trace_reading(lines, said(lines, phrases))


def trace_reading(lines: Sequence[str], why: Said | None, statuses: Phrases = ()) -> TraceReading:
    """What the lines of a trace come to; `why` is what they say if they are no trace.

    `statuses` are phrases that may stand in the line of a hop instead of letters.
    """
    hops = tuple(_hops(lines, statuses))
    if not hops:
        outcome = Outcome.UNREADABLE if why is None or why.outcome is Outcome.LOSS else why.outcome
        return TraceReading(outcome, (), why.line if why else last_line(lines))
    reason = next((hop.reason for hop in reversed(hops) if hop.reason), None)
    if reason:
        return TraceReading(_OUTCOMES.get(reason, Outcome.UNREACHABLE), hops, why.line if why else "")
    return TraceReading(Outcome.ANSWERED if hops[-1].address else Outcome.LOSS, hops)


def _hops(lines: Sequence[str], statuses: Phrases) -> Iterator[Hop]:
    """Each hop once, in the order of their numbers: a table that is drawn again replaces what it drew before."""
    found: dict[int, _Seen] = {}
    present: _Seen | None = None
    for line in lines:
        first, *words = _ASIDE.sub(" ", line).split() or [""]
        if _NUMBER.fullmatch(first):
            seen = _read(_Seen(), words)
            if seen.is_hop and 0 < int(first) <= _MOST_HOPS:
                present = found[int(first)] = _worded(seen, line, statuses)
        elif present is not None and (first == "*" or _address(first) or (words and _is_in_parentheses(words[0]))):
            _read(present, [first, *words])
    for number, seen in sorted(found.items()):
        yield Hop(number, seen.address, tuple(seen.times_s[:_MOST_TIMES]), seen.reason)


def _read(seen: _Seen, words: Sequence[str]) -> _Seen:
    """Take in the words behind the number of a hop; the first address that came is the hop's."""
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if address := _address(word):
            if not seen.address or (_is_in_parentheses(word) and not seen.times_s):
                seen.address = address
        elif time := _TIME.fullmatch(word):
            scale = _SECONDS.get(time[2] or following)
            if scale and len(seen.times_s) < _MOST_TIMES:
                seen.times_s.append(round(float(time[1]) * scale, 9))
        elif word.startswith("!") and len(word) > 1:
            seen.reason = seen.reason or _REASONS.get(word[:2], Reason.UNREACHABLE)
        else:
            seen.is_hop = seen.is_hop or word in _LOST
    seen.is_hop = seen.is_hop or bool(seen.address)
    return seen


def _worded(seen: _Seen, line: str, statuses: Phrases) -> _Seen:
    status = said([line], statuses) if statuses and not seen.reason else None
    if status:
        seen.reason = _WORDED.get(status.outcome)
    return seen


def _address(word: str) -> str:
    """The address that a word is, canonically and without zone; empty where it is none."""
    bare = word.strip("(),<>").partition("%")[0]
    if len(word) > _LONGEST_ADDRESS or not ("." in bare or ":" in bare):
        return ""
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""


def _is_in_parentheses(word: str) -> bool:
    return word.startswith("(") and bool(_address(word))
