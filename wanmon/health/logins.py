"""When a login on a router may be tried, and with which credential. Pure.

Nobody knows whether a password is right before a device has said so. Until then it must not be on its way to more
devices than may refuse it, or one mistake in it locks the account on all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from wanmon.health.breaker import REFUSALS_TO_OPEN, paused_until

#: A device that refused a login is let be for so long, whatever other credentials it has.
REST = timedelta(minutes=10)


class Chance(Enum):
    """What may be done with a credential now."""

    TRY = auto()
    WAIT = auto()  # as many logins are under way as may still be refused
    PAUSED = auto()  # its breaker is open


def chance(refused_at: Collection[datetime], under_way: int, now: datetime) -> Chance:
    """Whether a credential may be tried on one more device.

    `refused_at` has the latest refusal of each device since it last worked anywhere, `under_way` counts the logins
    that nobody knows the end of. Both together are never more than open the breaker; after a pause there is one try.
    """
    if paused_until(refused_at, now) is not None:
        return Chance.PAUSED
    spare = max(REFUSALS_TO_OPEN - len(refused_at), 1)
    return Chance.TRY if under_way < spare else Chance.WAIT


def rests_until(refused_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a device is let be that refused a login; none while it may be tried.

    A refusal dated in the future was written before the clock was set back: it bars nothing.
    """
    return refused_at + REST if refused_at is not None and refused_at <= now < refused_at + REST else None


def in_order(names: Sequence[str], winner: str | None, last_refused: str | None) -> list[str]:
    """The credentials of a device, the one to try first: the one that follows the last refused, else the winner."""
    if last_refused in names:
        after = names.index(last_refused) + 1
        return [*names[after:], *names[:after]]
    return sorted(names, key=lambda name: name != winner)
