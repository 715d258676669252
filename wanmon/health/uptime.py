"""Did the agent restart between two readings of sysUpTime? Pure.

sysUpTime counts hundredths of a second modulo 2^32 (RFC 3418), so it wraps after 497 days: a fall is no proof.
"""

WRAP = 2**32


def restarted(before: int, after: int, elapsed_s: float) -> bool:
    """Whether `after` cannot be `before` plus `elapsed_s`, allowing max(5 s, 0.1 %) of drift; 0 tells nothing."""
    if not before or not after:
        return False
    expected = (before + round(elapsed_s * 100)) % WRAP
    deviation = (after - expected + WRAP // 2) % WRAP - WRAP // 2
    return abs(deviation) / 100 > max(5.0, 0.001 * elapsed_s)


def steady(boot_time_s: float | None, fresh_s: float) -> float:
    """The boot time to show, of an agent that did not restart: a fresh reckoning, less the wraps of sysUpTime.

    The old one stays while the fresh one is within 5 s of it, so that it does not jitter.
    """
    if boot_time_s is None:
        return fresh_s
    wraps = round((fresh_s - boot_time_s) / (WRAP / 100))
    unwrapped_s = fresh_s - wraps * (WRAP / 100)
    return unwrapped_s if abs(unwrapped_s - boot_time_s) > 5 else boot_time_s
