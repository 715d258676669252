"""A window of maintenance from what was typed: whom it is for, when it holds, checked. Pure.

What does not fit is wrong usage, told in one line with its option and what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from wanmon.cli.frame import amounts, choosing
from wanmon.cli.frame.moments import day, duration, moment
from wanmon.cli.frame.signature import Signature
from wanmon.clock import LOCAL
from wanmon.errors import UsageError
from wanmon.model.inventory import NOUN, Inventory
from wanmon.model.maintenance import Maintenance, Repeat, Scope

#: What the target of each scope is.
TARGETS = {
    Scope.SITE: NOUN["site"],
    Scope.CIRCUIT: NOUN["circuit"],
    Scope.CARRIER: NOUN["carrier"],
    Scope.BELOW: NOUN["site"],
    Scope.UNIT: NOUN["unit"],
}
#: How long one window may last that comes round: until the next begins, in the shortest month, too.
_PERIODS = {Repeat.DAILY: timedelta(days=1), Repeat.WEEKLY: timedelta(days=7), Repeat.MONTHLY: timedelta(days=28)}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The options of `maintenance add` as they were typed; none where they were not."""

    targets: Mapping[Scope, str | None]
    start: str
    end: str | None
    length: str | None
    repeats: Repeat
    until: str | None
    counts: bool


def window(typed: Typed, inventory: Inventory, signature: Signature, now: datetime) -> Maintenance:
    """The row that was meant. Raises `UsageError`, and `NotFound` or `Ambiguous` for its target."""
    scope, target = _target(typed.targets, inventory)
    starts_at = moment("--from", typed.start, now)
    ends_at = _end(typed, starts_at, now)
    repeats_until = _until(typed, starts_at, ends_at)
    if starts_at < now and not signature.reason:
        raise UsageError("--reason is missing: the window begins before now: say why it is added afterwards")
    row = {
        "scope": scope,
        "target": target,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "repeats": typed.repeats,
        "repeats_until": repeats_until,
        "excludes": not typed.counts,
        "reason": signature.reason,
        "author": signature.author,
        "created_at": now,
    }
    return Maintenance.model_validate(row)


def _target(targets: Mapping[Scope, str | None], inventory: Inventory) -> tuple[Scope, str]:
    given = [(scope, text) for scope, text in targets.items() if text is not None]
    if not given:
        raise UsageError(f"say what is under maintenance: one of {', '.join(f'--{scope}' for scope in targets)}")
    if len(given) > 1:
        raise UsageError(f"{' and '.join(f'--{scope}' for scope, _ in given)}: a window is for one: add one for each")
    scope, text = given[0]
    return scope, choosing.find(inventory, TARGETS[scope], text)


def _end(typed: Typed, starts_at: datetime, now: datetime) -> datetime | None:
    """When the first one ends; none where it holds until somebody ends it."""
    if typed.end is not None and typed.length is not None:
        raise UsageError("--to and --for: give one of them, or neither for a window that holds until it is ended")
    if typed.length is not None:
        return starts_at + duration("--for", typed.length)
    if typed.end is None:
        return None
    ends_at = moment("--to", typed.end, now)
    if ends_at <= starts_at:
        begins, ends = amounts.instant(starts_at), amounts.instant(ends_at)
        advice = "give a later day, as in `tomorrow 02:00`, or a length by --for"
        raise UsageError(f"--to {typed.end!r}: is {ends}, not after the beginning at {begins}: {advice}")
    return ends_at


def _until(typed: Typed, starts_at: datetime, ends_at: datetime | None) -> datetime | None:
    """The midnight after the last day on which it may begin; none where there is no last day."""
    if typed.repeats is Repeat.ONCE:
        if typed.until is not None:
            raise UsageError(f"--until {typed.until!r}: needs --repeat")
        return None
    if ends_at is None:
        raise UsageError(f"--repeat {typed.repeats}: needs an end: add --to or --for")
    period = _PERIODS[typed.repeats]
    if ends_at - starts_at > period:
        lasts, most = (amounts.duration(each.total_seconds()) for each in (ends_at - starts_at, period))
        raise UsageError(f"--repeat {typed.repeats}: a window of {lasts} is longer than {most}: shorten it")
    if typed.until is None:
        return None
    last = day("--until", typed.until)
    if last < starts_at.astimezone(LOCAL).date():
        raise UsageError(
            f"--until {typed.until!r}: lies before the first window, which begins {amounts.instant(starts_at)}"
        )
    return datetime.combine(last + _DAY, time(), LOCAL)
