"""What really was: the outages of a simulated world, as somebody would see them who sees everything. Pure.

By the same words as the rules: a site that is down stays down when its parent falls later, and one that is cut off
above is down from when its parent is back. What befell ourselves is no outage of anybody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wanmon.health.window import SPAN_S
from wanmon.lab.course import START_S, Broken, Spell
from wanmon.lab.fare import Fare
from wanmon.lab.trouble import KINDS, Trouble
from wanmon.lab.world import World
from wanmon.model.cause import Cause
from wanmon.model.site import SiteStatus
from wanmon.model.state import State

#: A silence of so many seconds can be told for sure: on a line that was clean for five minutes, and on any line.
TELLABLE_S, TELLABLE_AT_WORST_S = 30.0, 80.0


@dataclass(frozen=True, slots=True)
class TrueOutage:
    """A site that was lost in [from_s, to_s), by what `trouble`; of one that was cut off above there is none.

    It has to last for `tellable_s` to be told from the loss of its line before.
    """

    site: str
    state: State
    from_s: float
    to_s: float
    trouble: Trouble | None
    cause: Cause
    tellable_s: float = TELLABLE_S

    @property
    def lasts_s(self) -> float:
        """How long it lasted."""
        return self.to_s - self.from_s


Stretch = tuple[float, float]


def outages(world: World, until_s: float) -> list[TrueOutage]:
    """Every outage of an active site, in the order of time."""
    found = [
        outage
        for code, site in world.inventory.sites.items()
        if site.status is SiteStatus.ACTIVE
        for outage in _of_site(world, code, until_s)
    ]
    return sorted(found, key=lambda outage: (outage.from_s, outage.site))


def watched(world: World, until_s: float) -> list[Stretch]:
    """The time in which somebody asked, and could have been answered."""
    stretches: list[Stretch] = []
    from_s = START_S
    for spell in world.course.of(Broken.POLLER, Broken.UPLINK):
        if spell.from_s > from_s:
            stretches.append((from_s, min(spell.from_s, until_s)))
        from_s = max(from_s, spell.to_s)
    return [*stretches, (from_s, until_s)] if from_s < until_s else stretches


def within(stretches: Sequence[Stretch], from_s: float, to_s: float) -> float:
    """How much of [from_s, to_s) lies in the stretches."""
    return sum(max(0.0, min(to_s, end_s) - max(from_s, begin_s)) for begin_s, end_s in stretches)


def _of_site(world: World, code: str, until_s: float) -> Iterator[TrueOutage]:
    held: State | None = None
    from_s = 0.0
    for fare, end_s in _spans(world, code, until_s):
        state = _state(fare, held)
        if state is not held:
            if held is not None:
                yield _outage(world, code, held, from_s, fare.from_s)
            held, from_s = state, fare.from_s
        if held is not None and end_s == until_s:
            yield _outage(world, code, held, from_s, until_s)


def _state(fare: Fare, held: State | None) -> State | None:
    """What a site is lost as, after it was lost as `held`; None where it is there."""
    if fare.is_passed:
        return None
    return State.DOWN if held is State.DOWN or fare.is_led else State.UNREACHABLE


def _outage(world: World, code: str, state: State, from_s: float, to_s: float) -> TrueOutage:
    broken: list[Spell] = world.fares.breaks(code, from_s) if state is State.DOWN else []
    trouble = broken[0].trouble if broken else None
    cause = (KINDS[trouble].cause if trouble else None) or Cause.UPSTREAM
    before = (fare for fare, end_s in _spans(world, code, from_s) if end_s > from_s - SPAN_S)
    is_clean = all(fare.is_passed and not fare.is_noisy for fare in before)
    tellable_s = TELLABLE_S if is_clean else TELLABLE_AT_WORST_S
    return TrueOutage(code, state, from_s, to_s, trouble, cause, tellable_s)


def _spans(world: World, code: str, until_s: float) -> list[tuple[Fare, float]]:
    """The fares of a site until an instant, each with its end."""
    fares = [fare for fare in world.fares.of[code] if fare.from_s < until_s]
    return list(zip(fares, [*(fare.from_s for fare in fares[1:]), until_s], strict=True))
