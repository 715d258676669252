"""How many misses in a row are no longer explained by the loss of the line. Pure.

A clean line needs 7, one that loses half of its round trips 24 and more: the chance that loss alone makes such a run is
kept at one in ten million.
"""

import math

#: Below so many slots the line's own loss is not known, and taken to be a half.
SLOTS_TO_KNOW = 20
LEAST_LOSS, MOST_LOSS, UNKNOWN_LOSS = 0.10, 0.80, 0.50
#: How many standard deviations the bound lies above what was seen.
Z = 2.0
#: A run of misses is evidence when loss alone makes it once in 10^7.
ODDS = 7.0


def loss_bound(slots: int, missed: int) -> float:
    """The upper bound of Wilson's score interval for the loss of a line that missed `missed` of `slots`, clamped."""
    if slots < SLOTS_TO_KNOW:
        return UNKNOWN_LOSS
    share, square = missed / slots, Z * Z
    middle = share + square / (2 * slots)
    spread = Z * math.sqrt(share * (1 - share) / slots + square / (4 * slots * slots))
    return min(max((middle + spread) / (1 + square / slots), LEAST_LOSS), MOST_LOSS)


def misses_needed(slots: int, missed: int) -> int:
    """How many misses in a row call the device down, after a history of `missed` of `slots`."""
    return math.ceil(ODDS / -math.log10(loss_bound(slots, missed)))
