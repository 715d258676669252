"""The states of a site, and what leads from one to another: one table. Nothing else changes a state. Pure."""

from enum import Enum, auto

from wanmon.model.state import State


class Event(Enum):
    """What was found out about a site."""

    WELL = auto()  # an edge device answers, and nothing is amiss
    AILING = auto()  # an edge device answers, but something is amiss
    LOST = auto()  # every edge is silent for good, and a way to it is open
    CUT = auto()  # every edge is silent for good, and every way to it is cut above
    BLIND = auto()  # we ourselves cannot tell


class Effect(Enum):
    """What a transition means for whoever is told."""

    NONE = auto()
    OPENS = auto()  # an outage begins
    OPENS_QUIETLY = auto()  # an outage begins that is another site's fault
    CLOSES = auto()
    REOPENS = auto()  # one outage ends where another begins
    SUSPENDS = auto()  # an outage may go on, unseen
    RESUMES = auto()  # it did: the silence after UNKNOWN is the one before it


_U, _UP, _DEG, _DOWN, _UNR = State.UNKNOWN, State.UP, State.DEGRADED, State.DOWN, State.UNREACHABLE

#: (state, event) -> (new state, what it means).
TABLE: dict[tuple[State, Event], tuple[State, Effect]] = {
    (_U, Event.WELL): (_UP, Effect.CLOSES),
    (_U, Event.AILING): (_DEG, Effect.CLOSES),
    (_U, Event.LOST): (_DOWN, Effect.OPENS),
    (_U, Event.CUT): (_UNR, Effect.OPENS_QUIETLY),
    (_U, Event.BLIND): (_U, Effect.NONE),
    (_UP, Event.WELL): (_UP, Effect.NONE),
    (_UP, Event.AILING): (_DEG, Effect.NONE),
    (_UP, Event.LOST): (_DOWN, Effect.OPENS),
    (_UP, Event.CUT): (_UNR, Effect.OPENS_QUIETLY),
    (_UP, Event.BLIND): (_U, Effect.NONE),
    (_DEG, Event.WELL): (_UP, Effect.NONE),
    (_DEG, Event.AILING): (_DEG, Effect.NONE),
    (_DEG, Event.LOST): (_DOWN, Effect.OPENS),
    (_DEG, Event.CUT): (_UNR, Effect.OPENS_QUIETLY),
    (_DEG, Event.BLIND): (_U, Effect.NONE),
    (_DOWN, Event.WELL): (_UP, Effect.CLOSES),
    (_DOWN, Event.AILING): (_DEG, Effect.CLOSES),
    (_DOWN, Event.LOST): (_DOWN, Effect.NONE),
    (_DOWN, Event.CUT): (_DOWN, Effect.NONE),  # it was down before its parent fell: it stays its own outage
    (_DOWN, Event.BLIND): (_U, Effect.SUSPENDS),
    (_UNR, Event.WELL): (_UP, Effect.CLOSES),
    (_UNR, Event.AILING): (_DEG, Effect.CLOSES),
    (_UNR, Event.LOST): (_DOWN, Effect.REOPENS),
    (_UNR, Event.CUT): (_UNR, Effect.NONE),
    (_UNR, Event.BLIND): (_U, Effect.SUSPENDS),
}
