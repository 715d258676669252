"""Did the agent restart between two readings of sysUpTime? Pure.

sysUpTime counts hundredths of a second modulo 2^32 (RFC 3418), so it wraps after 497 days: a fall is no proof. The same
goes for hrSystemUptime (RFC 2790). One source is compared only with itself.
"""

WRAP = 2**32
_HALF = WRAP // 2
#: How far a clock may be off that never stopped: so much, or so much of the time between.
ALLOWED_S, ALLOWED_SHARE = 5.0, 0.001


def deviation_s(before: int, after: int, elapsed_s: float) -> float:
    """How far `after` (ticks) stands ahead of `before` plus `elapsed_s`, in seconds, wraps folded away."""
    behind = (before + 100 * elapsed_s - after + _HALF) % WRAP - _HALF
    return -behind / 100


def restarted(before: int, after: int, elapsed_s: float) -> bool:
    """Whether `after` cannot be `before` plus `elapsed_s`, allowing max(5 s, 0.1 %) of drift; 0 tells nothing."""
    if not before or not after:
        return False
    return abs(deviation_s(before, after, elapsed_s)) > max(ALLOWED_S, ALLOWED_SHARE * elapsed_s)


def steady(boot_time_s: float | None, fresh_s: float) -> float:
    """The boot time to show, of an agent that did not restart: a fresh reckoning, less the wraps of sysUpTime.

    The old one stays while the fresh one is within 5 s of it, so that it does not jitter.
    """
    if boot_time_s is None:
        return fresh_s
    wraps = round((fresh_s - boot_time_s) / (WRAP / 100))
    unwrapped_s = fresh_s - wraps * (WRAP / 100)
    return unwrapped_s if abs(unwrapped_s - boot_time_s) > 5 else boot_time_s
