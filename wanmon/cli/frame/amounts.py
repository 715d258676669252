"""Amounts as people read them in tables: rates, durations, instants, numbers. Pure; programs get the plain ones."""

import math
from datetime import datetime

from wanmon.clock import LOCAL

_RATES = (("Tbit/s", 10**12), ("Gbit/s", 10**9), ("Mbit/s", 10**6), ("kbit/s", 10**3))
_SPANS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def rate(bps: float) -> str:
    """`500 Mbit/s`, `2.5 Gbit/s`."""
    unit, size = next(((unit, size) for unit, size in _RATES if bps >= size), ("bit/s", 1))
    return f"{bps / size:.4g} {unit}"


def duration(seconds: float) -> str:
    """`12 ms`, `2.5 s`, `8 min 2 s`, `3 d 4 h`: the two greatest units that say something."""
    if seconds < 60:
        return f"{seconds * 1000:.3g} ms" if 0 < seconds < 1 else f"{seconds:.3g} s"
    rest = int(seconds)
    at = next(number for number, (_, size) in enumerate(_SPANS) if rest >= size)
    (unit, size), (smaller, smaller_size) = _SPANS[at : at + 2]
    count, rest = divmod(rest, size)
    less = rest // smaller_size
    return f"{count} {unit} {less} {smaller}" if less else f"{count} {unit}"


def percent(share: float) -> str:
    """`99.957 %`, rounded down: 100 % is said only where not a second is missing."""
    # What is added makes up for floats, which have no 0.29: it is less than one second in a thousand years.
    return f"{math.floor(share * 100_000 + 1e-6) / 1000:.3f} %"


def instant(at: datetime) -> str:
    """`2026-11-23 12:21:41`, local time."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")


def minute(at: datetime) -> str:
    """`2026-11-23 12:21`, local time: for what people planned, and where seconds would only take room."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def number(count: int, thing: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
