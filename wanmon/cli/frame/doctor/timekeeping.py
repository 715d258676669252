"""Our clock: whether the kernel says that somebody keeps it right, and in which zone the machine is.

The kernel is asked by adjtimex(2), so that it does not matter which program keeps the time.
"""

import ctypes
import os
from dataclasses import dataclass
from datetime import datetime

from wanmon.cli.frame.doctor.finding import Finding, fine, skipped, warning
from wanmon.clock import LOCAL

#: adjtimex(2): the clock is not synchronised, as a status bit and as what the call returns.
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
#: The longest error that outages may be dated with.
_MOST_ERROR_S = 1.0


class _Timex(ctypes.Structure):
    """`struct timex` of linux/timex.h, up to what is read here; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What the kernel says of the clock: whether it is kept right, and by how much it may be wrong at most."""

    is_synchronised: bool
    error_s: float


def examine(now: datetime) -> list[Finding]:
    """The clock and the zone of this machine."""
    return [clock(asked()), zone(now.astimezone().utcoffset() == now.astimezone(LOCAL).utcoffset(), _zone(now))]


def clock(kept: Kept | None) -> Finding:
    """Judge what the kernel says. Pure."""
    if kept is None:
        return skipped("clock", "this system does not tell whether its clock is kept right")
    if not kept.is_synchronised:
        advice = "let chrony or systemd-timesyncd keep the time: outages are dated by it, and SNMPv3 needs it"
        return warning("clock", "nobody keeps this clock right, says the kernel", advice)
    words = f"kept right by NTP, at most {kept.error_s * 1000:.0f} ms wrong"
    if kept.error_s > _MOST_ERROR_S:
        return warning("clock", words, "see whether the time server can be reached: `chronyc tracking`")
    return fine("clock", words)


def zone(is_local: bool, name: str) -> Finding:  # one fact, named by the function
    """Judge the zone of the machine: we show local time in any, other programs on it may not. Pure."""
    if is_local:
        return fine("time zone", name)
    words = f"{name}: our pages show {LOCAL.key} all the same"
    return warning("time zone", words, f"so that the journal agrees: `timedatectl set-timezone {LOCAL.key}`")


def asked() -> Kept | None:
    """Ask the kernel; none where it cannot be asked."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        held = _Timex()
        told = libc.adjtimex(ctypes.byref(held))
    except (OSError, AttributeError):
        return None
    if told < 0:
        return None
    is_synchronised = told != _TIME_ERROR and not held.status & _STA_UNSYNC
    return Kept(is_synchronised, held.maxerror / 1e6)


def _zone(now: datetime) -> str:
    return os.environ.get("TZ") or now.astimezone().tzname() or "unknown"
