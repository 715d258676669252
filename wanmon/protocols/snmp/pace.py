"""How long a reply may take before the request is sent again, by the times of the replies before (RFC 6298).

Pure: the caller measures, and does the waiting.
"""

from typing import Protocol

SHORTEST_S = 0.5
LONGEST_S = 5.0
#: The weights of RFC 6298 section 2.
_ALPHA, _BETA, _DEVIATIONS = 1 / 8, 1 / 4, 4


class Pace(Protocol):
    """How long to wait for the replies of one agent."""

    @property
    def timeout_s(self) -> float:
        """Until the request is sent again."""
        ...

    def heard(self, after_s: float) -> None:
        """A reply came, so long after the request was first sent."""
        ...

    def missed(self) -> None:
        """None of the tries was answered."""
        ...


class FixedPace:
    """The same timeout whatever comes; implements `Pace`."""

    __slots__ = ("timeout_s",)

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s

    def heard(self, after_s: float) -> None:
        """Nothing is learnt."""

    def missed(self) -> None:
        """Nothing is learnt."""


class LearntPace:
    """srtt + 4 rttvar, within 0.5 to 5 s; `initial_s` until the first reply. Implements `Pace`.

    A reply to a request that was sent twice is timed from the first sending: too long rather than too short (Karn would
    pass it over, and then an agent that has become slow would never be waited for). Silence doubles the timeout until
    the next reply (section 5.5).
    """

    __slots__ = ("_initial_s", "_patience", "rttvar_s", "srtt_s")

    def __init__(self, initial_s: float, srtt_s: float | None = None, rttvar_s: float | None = None) -> None:
        self._initial_s = initial_s
        self._patience = 1.0
        self.srtt_s = srtt_s
        self.rttvar_s = rttvar_s

    @property
    def timeout_s(self) -> float:
        """Until the request is sent again."""
        if self.srtt_s is None or self.rttvar_s is None:
            return self._initial_s * self._patience
        own_s = max(SHORTEST_S, self.srtt_s + _DEVIATIONS * self.rttvar_s)
        return min(own_s * self._patience, LONGEST_S)

    def heard(self, after_s: float) -> None:
        """A reply came, so long after the request was first sent."""
        self._patience = 1.0
        if self.srtt_s is None or self.rttvar_s is None:
            self.srtt_s, self.rttvar_s = after_s, after_s / 2
            return
        self.rttvar_s += _BETA * (abs(self.srtt_s - after_s) - self.rttvar_s)
        self.srtt_s += _ALPHA * (after_s - self.srtt_s)

    def missed(self) -> None:
        """None of the tries was answered."""
        if self.timeout_s < LONGEST_S:
            self._patience *= 2
