"""Moments, lengths of time and days as people type them, read in local time. Pure; `now` is an argument.

What cannot be read is wrong usage, told together with the option that it was given to.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from wanmon.clock import LOCAL
from wanmon.errors import UsageError

#: For help texts and for whoever typed something else.
MOMENTS = "now, 22:00, `tomorrow 08:00`, +2h, 2026-03-31T22:00"
LENGTHS = "90m, 2h, 1d, 1h30m"

_HOUR = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DATE = r"2[0-9]{3}-[0-9]{2}-[0-9]{2}"
_NEAR = re.compile(rf"(?:(yesterday|today|tomorrow) )?({_HOUR})")
_FULL = re.compile(rf"{_DATE}[T ]{_HOUR}(?::[0-5][0-9])?(?:Z|[+-]{_HOUR})?")
_LENGTH = re.compile(r"(?:([0-9]{1,5})d)? ?(?:([0-9]{1,5})h)? ?(?:([0-9]{1,5})m)?")
_DAYS = {"yesterday": -1, "today": 0, "": 0, "tomorrow": 1}


def moment(option: str, text: str, now: datetime) -> datetime:
    """The instant that is meant: `now`, an hour of today or a day near, `+2h` from now, or a date with its hour.

    Without an offset it is local time. Raises `UsageError`.
    """
    words = " ".join(text.split())
    if words == "now":
        return now
    length = _length(words[1:].lstrip()) if words[:1] in ("+", "-") else None
    if length is not None:
        return now + length if words[0] == "+" else now - length
    near = _NEAR.fullmatch(words)
    if near:
        day = now.astimezone(LOCAL).date() + timedelta(days=_DAYS[near[1] or ""])
        return datetime.combine(day, time.fromisoformat(near[2]), LOCAL).astimezone(UTC)
    if not _FULL.fullmatch(words):
        raise UsageError(f"{option} {text!r}: is no time like {MOMENTS}")
    return _full(option, words)


def duration(option: str, text: str) -> timedelta:
    """How long `90m`, `2h`, `1d` or `1h30m` is. Raises `UsageError`; no time at all is no length either."""
    length = _length(" ".join(text.split()))
    if not length:
        raise UsageError(f"{option} {text!r}: is no length of time like {LENGTHS}")
    return length


def day(option: str, text: str) -> date:
    """The day `2026-03-31`. Raises `UsageError`."""
    try:
        if re.fullmatch(_DATE, text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise UsageError(f"{option} {text!r}: is no day like 2026-03-31")


def _full(option: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r}: there is no such day or hour") from None
    return (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC)


def _length(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(number or 0) for number in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
