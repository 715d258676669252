"""Silent sites that wait until it is known how others fare: canaries first, then those above them. Plain state.

The one after the other: those above may themselves wait for the canaries.
"""

from enum import Enum, auto

from wanmon.health.evidence import misses_needed
from wanmon.health.life import RETRY_S


class Wait(Enum):
    """What a silent site may wait for."""

    CANARIES = auto()
    ANCESTORS = auto()


class Waiting:
    """Who waits for what, and since when."""

    def __init__(self) -> None:
        self._since_s: dict[Wait, dict[str, float]] = {wait: {} for wait in Wait}

    def sites(self) -> set[str]:
        """The sites that wait for anything."""
        return {code for waiting in self._since_s.values() for code in waiting}

    def end(self, code: str) -> None:
        """It waits no more."""
        for waiting in self._since_s.values():
            waiting.pop(code, None)

    def has_waited(self, code: str, wait: Wait, needed: int, now_s: float) -> bool:
        """Whether a site has waited for so long as others that need so many misses can take to be judged."""
        since_s = self._since_s[wait].setdefault(code, now_s)
        return now_s - since_s > max(needed, misses_needed(0, 0)) * RETRY_S
