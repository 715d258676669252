"""When a credential that devices refuse is left alone, before the devices lock the account. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

#: So many devices must refuse it: one that refuses may itself be at fault.
REFUSALS_TO_OPEN = 3

PAUSE = timedelta(minutes=10)


def paused_until(refused_at: Collection[datetime], now: datetime) -> datetime | None:
    """Until when a credential rests; none while it may be tried.

    `refused_at` has the latest refusal of each device that refused it since it last worked anywhere. After the pause
    one more try is allowed; another refusal moves the latest on and the pause begins anew.
    """
    if len(refused_at) < REFUSALS_TO_OPEN:
        return None
    latest = max(refused_at)
    # A refusal dated in the future was written before the clock was set back: it bars nothing.
    return latest + PAUSE if latest <= now < latest + PAUSE else None
