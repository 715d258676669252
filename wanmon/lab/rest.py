"""The shortcut: whoever is at rest is asked no more until something of it changes, and is then brought up to date.

A lane is at rest when its next answers are known and change nothing: it lives and nothing is lost, or it is dead and
settled as such. What its turns would have left is reckoned; the last turn of each kind is really asked, at its own
instant. When all are at rest, time jumps. `tests/lab/test_shortcut.py` proves it equal to asking every turn.

Not made up is what only metrics show: round trips, how often who was asked, traffic.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from wanmon.health.ailments import Ailment
from wanmon.health.life import FILTERED_ECHO_S, Life, Vitality, retry_after_s
from wanmon.health.window import Window
from wanmon.lab.world import World
from wanmon.model.state import LOST, State
from wanmon.poller.agenda import MAX_BACK_OFF, Agenda, Turn
from wanmon.poller.jobs import Task
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.schedule import phase
from wanmon.poller.targets import DeviceTarget

#: So long after something changed nobody rests yet: every device has been polled since.
SETTLED_S = 45.0
#: So long before something changes all is as if nobody had ever rested.
LEAD_S = 10.0
#: How often it is looked whether somebody may rest. Were it in step with slots, the dead would always be met waiting.
LOOK_EVERY_S = 7.0
#: A shorter rest is not worth it.
SHORTEST_S = 30.0
#: What a restart of the poller leaves open is closed by then.
STARTED_S = 150.0
_ROUND = 1 << MAX_BACK_OFF
_JUST_BEFORE_S = 1e-6
_TRANSIENT = frozenset({Ailment.LOSSY, Ailment.SLOW, Ailment.PARTIAL})


@dataclass(frozen=True, slots=True)
class Beat:
    """The turns of one kind: every `interval_s`, from `offset_s` on."""

    offset_s: float
    interval_s: float

    def before(self, at_s: float) -> int:
        """The number of the last turn before an instant."""
        return math.ceil((at_s - self.offset_s) / self.interval_s) - 1

    def at_s(self, number: int) -> float:
        """When the turn of a number comes."""
        return self.offset_s + number * self.interval_s


class LabAgenda(Agenda):
    """The agenda of the poller, from which targets can be taken off for a while without being forgotten."""

    def __init__(self, wall_s: float, monotonic_s: float, pipeline: Pipeline) -> None:
        super().__init__(wall_s, monotonic_s, pipeline.life, pipeline.silent_polls)
        self._anchor_s = monotonic_s - wall_s

    def beats(self, target: DeviceTarget) -> dict[Task, Beat]:
        """When a target has its turns."""
        intervals = {Task.LIVENESS: target.liveness_interval_s}
        if target.credentials:
            intervals |= {Task.FAST: target.fast_interval_s, Task.SLOW: target.slow_interval_s}
        return {
            task: Beat(self._anchor_s + phase(target.id) * interval_s, interval_s)
            for task, interval_s in intervals.items()
        }

    def is_free(self, name: str) -> bool:
        """Whether nothing is under way with a target, and nothing is to be asked beside its schedule."""
        held = self._held[name]
        return not (held.running or held.is_retry_due or held.is_slot_due or held.poll_again)

    def leave_off(self, name: str) -> None:
        """Have no more turns of a target."""
        for task in Task:
            self._schedule.remove((name, task))

    def take_up(self, target: DeviceTarget, from_s: float) -> None:
        """Have turns of a target again, from an instant on."""
        for task, beat in self.beats(target).items():
            key, now_s = (target.name, task), from_s - _JUST_BEFORE_S
            self._schedule.add(key, row_id=target.id, interval_s=beat.interval_s, now_s=now_s)

    def missed_turn(self, name: str, task: Task, due_s: float) -> Turn:
        """A turn that was due while the target was left off."""
        return self._begun(self._held[name], task, due_s)

    def held_back(self, name: str, ticks: int) -> int:
        """Let so many ticks of the polls of a silent device pass; at how many of them it would have been polled."""
        held = self._held[name]
        polls, held.held_back = divmod(held.held_back + ticks, _ROUND)
        return polls

    def since_poll(self, name: str) -> int:
        """How many ticks ago a silent device would have been polled last."""
        return self._held[name].held_back

    def echoed(self, name: str, slot_s: float) -> None:
        """Of a device whose echo is filtered: one was sent every minute, up to that slot."""
        held = self._held[name]
        if held.echoed_s is not None:
            held.echoed_s += FILTERED_ECHO_S * max(0, math.floor((slot_s - held.echoed_s) / FILTERED_ECHO_S))


@dataclass(frozen=True, slots=True)
class _Sleeper:
    target: DeviceTarget
    beats: dict[Task, Beat]
    since_s: float
    wakes_s: float


class Rest:
    """Who rests now, of the lanes of one poller. The next one is to be woken at `wakes_s`."""

    def __init__(
        self, world: World, pipeline: Pipeline, agenda: LabAgenda, began_s: float, *, is_allowed: bool
    ) -> None:
        self._world = world
        self._pipeline = pipeline
        self._agenda = agenda
        self._from_s = began_s + STARTED_S if is_allowed else math.inf
        self.looked_s = began_s
        self._awake: dict[str, DeviceTarget] = {}
        self._asleep: dict[str, _Sleeper] = {}
        self.wakes_s = math.inf

    def follow(self, targets: Iterable[DeviceTarget]) -> None:
        """Watch over these."""
        self._awake |= {target.name: target for target in targets}

    @property
    def is_whole(self) -> bool:
        """Whether everybody rests."""
        return not self._awake

    def lie_down(self, now_s: float) -> None:
        """Let everybody rest who may."""
        self.looked_s = now_s
        if now_s < self._from_s:
            return
        for name, target in list(self._awake.items()):
            since_s, until_s = self._world.spell_s(self._world.site_of(name), now_s)
            is_worth_it = until_s - LEAD_S - now_s >= SHORTEST_S
            if is_worth_it and since_s <= now_s - SETTLED_S and self._is_at_rest(target, now_s):
                del self._awake[name]
                self._asleep[name] = _Sleeper(target, self._agenda.beats(target), now_s, until_s - LEAD_S)
                self.wakes_s = min(self.wakes_s, until_s - LEAD_S)
                self._agenda.leave_off(name)

    def refresh(self, now_s: float) -> None:
        """Date the latest answer or miss of all who rest: of whom nothing is heard for long, nothing is known."""
        lives = self._pipeline.sites.province.lives
        for name, sleeper in self._asleep.items():
            beat = sleeper.beats[Task.LIVENESS]
            lives[name] = _seen(lives[name], beat.at_s(beat.before(now_s)))

    def wake(self, now_s: float, *, everybody: bool = False) -> list[tuple[Turn, float]]:
        """Wake who is to be woken by now; the turns to be really asked, each at its own instant."""
        turns: list[tuple[Turn, float]] = []
        self.looked_s = now_s
        for name, sleeper in list(self._asleep.items()):
            if everybody or sleeper.wakes_s <= now_s:
                del self._asleep[name]
                self._awake[name] = sleeper.target
                turns += self._woken(sleeper, now_s)
                self._agenda.take_up(sleeper.target, now_s)
        self.wakes_s = min((sleeper.wakes_s for sleeper in self._asleep.values()), default=math.inf)
        return sorted(turns, key=lambda turn: turn[1])

    def _is_at_rest(self, target: DeviceTarget, now_s: float) -> bool:
        """Whether what it will answer is known, and changes nothing."""
        name, province = target.name, self._pipeline.sites.province
        held, code = province.lives[name], self._world.site_of(name)
        if not self._agenda.is_free(name) or self._pipeline.sites.outages.is_awaited(name):
            return False
        if code is None:
            return self._is_canary_at_rest(held, now_s)
        fare, state = self._world.fares.at(code, now_s), province.states[code]
        if self._world.is_unplugged(now_s):
            return province.isolated_since_s is not None and self._is_given_up(target)
        if held.vitality is Vitality.DEAD:
            is_settled = state is State.DOWN or (state in LOST and not fare.is_led)
            return not fare.is_passed and is_settled and _is_left(held, now_s) and self._is_given_up(target)
        has_echo = fare.has_echo or not target.credentials
        is_steady = fare.is_passed and not fare.is_noisy and held.is_filtered is not has_echo
        is_well = state not in LOST and province.ailments.get(code, frozenset()).isdisjoint(_TRANSIENT)
        return is_steady and is_well and _is_alive(held) and self._is_polled(target, is_answered=fare.has_agent)

    def _is_canary_at_rest(self, held: Life, now_s: float) -> bool:
        return _is_left(held, now_s) if self._world.is_unplugged(now_s) else _is_alive(held)

    def _is_given_up(self, target: DeviceTarget) -> bool:
        """Whether its polls have failed for so long that they are as rare as they get."""
        return self._is_polled(target, is_answered=False)

    def _is_polled(self, target: DeviceTarget, *, is_answered: bool) -> bool:
        silent = self._pipeline.silent_polls(target.name)
        return not target.credentials or (silent == 0 if is_answered else silent >= MAX_BACK_OFF)

    def _woken(self, sleeper: _Sleeper, now_s: float) -> Iterator[tuple[Turn, float]]:
        """Bring a lane up to date, but for the last turn of each kind."""
        name, beat = sleeper.target.name, sleeper.beats[Task.LIVENESS]
        lives, last = self._pipeline.sites.province.lives, beat.before(now_s)
        slots = last - beat.before(sleeper.since_s)
        if slots:
            is_dead = lives[name].vitality is Vitality.DEAD
            reckoned = _after_misses if is_dead else _after_answers
            lives[name] = _seen(reckoned(lives[name], slots - 1), beat.at_s(last - 1))
            if lives[name].is_filtered:
                self._agenda.echoed(name, beat.at_s(last))
            yield self._agenda.missed_turn(name, Task.LIVENESS, beat.at_s(last)), beat.at_s(last)
        yield from self._missed_polls(sleeper, now_s)

    def _missed_polls(self, sleeper: _Sleeper, now_s: float) -> Iterator[tuple[Turn, float]]:
        name = sleeper.target.name
        polls: dict[Task, Beat] = {task: beat for task, beat in sleeper.beats.items() if task is not Task.LIVENESS}
        counts = {task: beat.before(now_s) - beat.before(sleeper.since_s) for task, beat in polls.items()}
        if not self._pipeline.silent_polls(name):
            due = [(beat.at_s(beat.before(now_s)), task) for task, beat in polls.items() if counts[task]]
        else:
            due = self._rare_poll(name, polls, counts, now_s)
        for at_s, task in due:
            yield self._agenda.missed_turn(name, task, at_s), at_s

    def _rare_poll(
        self, name: str, polls: dict[Task, Beat], counts: dict[Task, int], now_s: float
    ) -> list[tuple[float, Task]]:
        """The last poll of a device that is polled at every so many ticks only."""
        count = self._agenda.held_back(name, sum(counts.values()))
        if not count:
            return []
        self._pipeline.tracks[name].snmp.silent_polls += count - 1
        ticks = [(b.at_s(b.before(now_s) - back), task) for task, b in polls.items() for back in range(_ROUND)]
        return [sorted(ticks)[-1 - self._agenda.since_poll(name)]]


def _is_alive(held: Life) -> bool:
    return held.vitality is Vitality.ALIVE and not held.is_undecided and held.window.tells


def _is_left(held: Life, now_s: float) -> bool:
    """Whether it is dead, and left to its slots."""
    return held.vitality is Vitality.DEAD and retry_after_s(held, now_s) is None


def _seen(held: Life, at_s: float) -> Life:
    """Asked last at `at_s`, and answered or missed as before."""
    if held.vitality is Vitality.ALIVE:
        return replace(held, good_s=max(held.good_s or at_s, at_s))
    return replace(held, bad_s=max(held.bad_s or at_s, at_s)) if held.vitality is Vitality.DEAD else held


def _after_misses(held: Life, slots: int) -> Life:
    return replace(held, misses=held.misses + slots)


def _after_answers(held: Life, slots: int) -> Life:
    """Also of an unknown one, of which no slot is counted."""
    if held.vitality is not Vitality.ALIVE:
        return held
    window = held.window
    shift, mask = min(slots, window.size), (1 << window.size) - 1
    missed, slow, nearly = (each << shift & mask for each in (window.missed_bits, window.slow_bits, window.nearly_bits))
    return replace(held, window=Window(min(window.size, window.slots + slots), missed, slow, nearly, window.size))
