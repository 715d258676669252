"""The outages that are under way, and why those that have ended happened.

An outage ends with the first reply, but why it happened shows only when the device has told of its own past: the first
poll after its return decides, or the patience for it ends. The rows are made from transitions by `store.outages`;
what is found out here is added to them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from wanmon.health import cause
from wanmon.health.cause import Evidence, Finding, Interval
from wanmon.health.findings import Change
from wanmon.health.intervals import Intervals
from wanmon.health.witness import Outage, Witness
from wanmon.model.state import LOST, State
from wanmon.poller.instant import Instant
from wanmon.poller.witnesses import Witnesses

#: So long after its end an outage waits for its device to tell why it was.
PATIENCE_S = 600.0

#: A site and, for what concerns it alone, one circuit of it.
Subject = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Why an outage happened that began at `began_at`."""

    subject: Subject
    began_at: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who tells the past of a subject: a device, and which of its ports the line ends on."""

    device: str
    port: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An outage that is under way; in `faults` we could not tell how its subject was."""

    state: State
    began_at: datetime
    uncertain_s: float = 0.0
    roots: tuple[str, ...] = ()
    before: dict[Speaker, Witness] = field(default_factory=dict)
    faults: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ended:
    subject: Subject
    outage: Running
    at: datetime
    uncertain_s: float
    speaker: Speaker | None


class Outages:
    """Follows transitions; `conclude` is told why each outage was. Only what `counts` has outages at all."""

    def __init__(self, witnesses: Witnesses, conclude: Callable[[Conclusion], None]) -> None:
        self.running: dict[Subject, Running] = {}
        self.absences: list[Interval] = []
        self._witnesses = witnesses
        self._conclude = conclude
        self._ended: list[_Ended] = []

    def is_awaited(self, device: str) -> bool:
        """Whether an outage has ended of which this device is to tell why it was."""
        return any(ended.speaker is not None and ended.speaker.device == device for ended in self._ended)

    def keep(self, is_there: Callable[[Subject], bool]) -> None:
        """Let go of sites and circuits that are not watched any more; what has ended of a site is awaited still."""
        self.running = {subject: running for subject, running in self.running.items() if is_there(subject)}
        self._ended = [ended for ended in self._ended if is_there((ended.subject[0], None))]

    def restore(self, subject: Subject, running: Running, speakers: list[Speaker]) -> None:
        """Go on with an outage that an earlier run left open, judged by what was said before it."""
        self.running[subject] = replace(running, before=self._said(speakers))

    def await_again(
        self,
        subject: Subject,
        running: Running,
        ended_at: datetime,
        uncertain_s: float,
        speakers: list[Speaker],
        windows: Intervals,
    ) -> None:
        """Go on waiting for the cause of an outage that ended shortly before an earlier run did."""
        held = replace(running, before=self._said(speakers))
        self._end(_Ended(subject, held, ended_at, uncertain_s, speakers[0] if speakers else None), windows)

    def met_another(self, device: str) -> None:
        """Another machine stands in the place of a device: what the one before said is compared with nothing."""
        self.running = {subject: _without(held, device) for subject, held in self.running.items()}
        self._ended = [replace(ended, outage=_without(ended.outage, device)) for ended in self._ended]

    def clock_moved(self, seconds: float) -> None:
        """Our clock was set forward: what was said before an outage was said as long ago as before."""
        self.running = {subject: _moved(held, seconds) for subject, held in self.running.items()}
        self._ended = [replace(ended, outage=_moved(ended.outage, seconds)) for ended in self._ended]

    def turn(self, change: Change, at: datetime, speakers: list[Speaker], windows: Intervals) -> None:
        """Take in a transition of a site or circuit; the first of `speakers` tells best."""
        subject = change.site, change.circuit
        held = self.running.get(subject)
        if change.new is State.UNKNOWN or (held is not None and held.state is change.new):
            return  # unknown ends nothing, and the same silence after it is the same outage
        if held is not None:
            del self.running[subject]
            speaker = speakers[0] if speakers and change.new not in LOST else None
            self._end(_Ended(subject, held, max(at, held.began_at), change.edge.uncertainty_s, speaker), windows)
        if change.new in LOST:
            for ended in [each for each in self._ended if each.subject == subject]:
                self._settle(ended, windows)  # what it says from now on is of another outage
            uncertain_s = change.edge.uncertainty_s
            faults = _blindness(at, uncertain_s) if change.old is State.UNKNOWN else ()
            self.running[subject] = Running(change.new, at, uncertain_s, change.roots, self._said(speakers), faults)

    def _said(self, speakers: list[Speaker]) -> dict[Speaker, Witness]:
        return {speaker: self._witnesses.of(speaker.device).about(speaker.port) for speaker in speakers}

    def told(self, device: str, windows_of: Callable[[Subject], Intervals]) -> None:
        """Take in that a device has told of its past just now."""
        for ended in [each for each in self._ended if each.speaker is not None and each.speaker.device == device]:
            agent = self._witnesses.of(device).agent
            if agent is not None and agent.received_s >= ended.at.timestamp():
                self._settle(ended, windows_of(ended.subject))

    def tick(self, instant: Instant, windows_of: Callable[[Subject], Intervals]) -> None:
        """Let time pass: patience ends."""
        for ended in list(self._ended):
            if (instant.at - ended.at).total_seconds() > PATIENCE_S:
                self._settle(ended, windows_of(ended.subject))

    def end_all(self, windows_of: Callable[[Subject], Intervals]) -> None:
        """Conclude by what is known: this is the end."""
        for ended in list(self._ended):
            self._settle(ended, windows_of(ended.subject))

    def _end(self, ended: _Ended, windows: Intervals) -> None:
        """Wait for the device to tell, unless it has nothing to tell."""
        self._ended.append(ended)
        if ended.speaker is None or ended.outage.state is State.UNREACHABLE:
            self._settle(ended, windows)

    def _settle(self, ended: _Ended, windows: Intervals) -> None:
        self._ended.remove(ended)
        finding = cause.judge(self._evidence(ended, windows))
        self._conclude(Conclusion(ended.subject, ended.outage.began_at, finding))

    def _evidence(self, ended: _Ended, windows: Intervals) -> Evidence:
        held, speaker = ended.outage, ended.speaker
        before = after = Witness()
        tells_change = False
        if speaker is not None:
            testimony = self._witnesses.of(speaker.device)
            tells_change = testimony.tells_change
            before = held.before.get(speaker, before)
            after = testimony.about(speaker.port, since_s=ended.at.timestamp())
        return Evidence(
            Outage(held.began_at.timestamp(), ended.at.timestamp(), held.uncertain_s, ended.uncertain_s),
            before,
            after,
            faults=(*self.absences, *held.faults),
            windows=tuple(Interval(float(start_s), float(end_s), "maintenance") for start_s, end_s in windows),
            is_unreachable=held.state is State.UNREACHABLE,
            roots=held.roots,
            tells_change=tells_change,
        )


def _without(held: Running, device: str) -> Running:
    return replace(held, before={each: said for each, said in held.before.items() if each.device != device})


def _moved(held: Running, seconds: float) -> Running:
    return replace(held, before={speaker: witness.moved(seconds) for speaker, witness in held.before.items()})


def _blindness(began_at: datetime, uncertain_s: float) -> tuple[Interval, ...]:
    """The time in which nothing was known of what fell then; none where nothing ever was."""
    began_s = began_at.timestamp()
    return (Interval(began_s - uncertain_s, began_s, "nothing was known"),) if uncertain_s else ()
