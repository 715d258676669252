"""When the next packet may leave: so many in a second on average, a few at once where they had to wait.

Pure: the caller brings the instant and does the waiting.
"""

#: Who waits is woken at most this often, for being woken costs more than sending does.
LONGEST_S = 0.02
#: What may leave at once: ten echoes take a line of 100 Mbit/s 0.07 ms, so that they hardly queue behind one another.
TOGETHER = 10
#: Event loops come to the millisecond.
_SHORTEST_S = 0.002


class Departures:
    """Turns to leave, at most `per_second` on average and hardly more than `TOGETHER` at one instant."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._burst_s = min(LONGEST_S, max(TOGETHER * self._gap_s, _SHORTEST_S))
        #: Until when what has left would have lasted, one by one. Then as much as at first may leave at once.
        self.next_s = 0.0

    def take(self, now_s: float) -> bool:
        """Whether a packet may leave now; if so, its turn is taken."""
        if self.next_s - self._burst_s >= now_s:
            return False
        self.next_s = max(self.next_s, now_s) + self._gap_s
        return True
