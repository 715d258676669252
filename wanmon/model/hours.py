"""Service hours as text: `24x7`, or `mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30`. No dates here, no time zone.

`24x7` means every hour there is; all other hours do not hold on public holidays.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
_TIMES = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")


class Hours(NamedTuple):
    """Part of a day, half-open, in minutes since midnight; the end is at most 1440."""

    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of each day, Monday first, in order; a day without any is a day of rest."""

    days: tuple[tuple[Hours, ...], ...]
    holds_on_holidays: bool = False


ROUND_THE_CLOCK = Week(((Hours(0, MIDNIGHT),),) * 7, holds_on_holidays=True)


def parse_week(text: str) -> Week:
    """Read service hours. Raises ValueError of one line: what part of the text is wrong, and why."""
    if text.strip() == "24x7":
        return ROUND_THE_CLOCK
    days: tuple[list[Hours], ...] = tuple([] for _ in DAYS)
    for group in text.split(";"):
        for day, hours in _group(group.strip()):
            days[day].append(hours)
    return Week(tuple(_in_order(name, hours) for name, hours in zip(DAYS, days, strict=True)))


def _group(group: str) -> list[tuple[int, Hours]]:
    names, _, times = group.partition(" ")
    if not times.strip():
        raise ValueError(f"{group!r} is not like `mon-fri 07:30-11:30,13:30-17:00`, nor `24x7`")
    hours = [_hours(part.strip()) for part in times.split(",")]
    return [(day, part) for name in names.split(",") for day in _days(name) for part in hours]


def _days(text: str) -> range:
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or text.endswith("-"):
        raise ValueError(f"{text!r} is no day or range of days of {', '.join(DAYS)}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    if end < begin:
        raise ValueError(f"{text!r} runs backwards: the week begins with mon")
    return range(begin, end + 1)


def _hours(text: str) -> Hours:
    match = _TIMES.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not like 07:30-11:30")
    first, first_min, last, last_min = (int(number) for number in match.groups())
    hours = Hours(first * 60 + first_min, last * 60 + last_min)
    if hours.end_min > MIDNIGHT:
        raise ValueError(f"{text!r} goes beyond 24:00")
    if hours.end_min <= hours.start_min:
        raise ValueError(f"{text!r} does not end after it begins; hours over midnight end at 24:00 and go on next day")
    return hours


def _in_order(name: str, hours: list[Hours]) -> tuple[Hours, ...]:
    ordered = sorted(hours)
    for one, next_one in pairwise(ordered):
        if next_one.start_min < one.end_min:
            raise ValueError(f"the hours {_shown(one)} and {_shown(next_one)} of {name} overlap")
    return tuple(ordered)


def _shown(hours: Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)
