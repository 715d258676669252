"""From an outcome to a state, a row and the board: the middle of the five hops.

The only place that changes tracks and swaps the board. What is to be stored is handed to `Records`; how a device is
rendered is handed in by whoever composes the program.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from wanmon.health import liveness
from wanmon.health.liveness import Liveness
from wanmon.health.observation import Verdict
from wanmon.health.states import EdgeView, site_state
from wanmon.health.uptime import steady
from wanmon.model.device import DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.life import DeviceState, SiteState, Transition
from wanmon.model.reason import NO_OBSERVATION, Reason
from wanmon.model.site import SiteStatus
from wanmon.model.state import State
from wanmon.poller.board import Board, DeviceLines, SiteView
from wanmon.poller.jobs import Job, LivenessResult, Outcome, PollResult, Task
from wanmon.poller.targets import DeviceTarget, targets
from wanmon.poller.track import DeviceTrack, PollerTrack, SnmpTrack


class Renderer(Protocol):
    """What makes the exported lines of a device. It may keep what it prepared, by device."""

    def after_liveness(self, track: DeviceTrack, shown: DeviceLines) -> DeviceLines:
        """The lines after a probe of life."""
        ...

    def after_poll(self, track: DeviceTrack, result: PollResult, shown: DeviceLines) -> DeviceLines:
        """The lines after an SNMP poll."""
        ...

    def forget(self, device: str) -> None:
        """A device that is no longer shown."""
        ...


class Records(Protocol):
    """Where facts are kept. Nothing here waits for it."""

    def device_state(self, state: DeviceState) -> None:
        """A device that changed its state."""
        ...

    def transition(self, transition: Transition) -> None:
        """A site that changed its state."""
        ...

    def credential(self, device: str, winner: str, refused: tuple[str, ...]) -> None:
        """The credential that a device answered to ("" for none), and those it refused."""
        ...


class Pipeline:
    """Holds the tracks and the board, and takes every outcome in."""

    def __init__(self, renderer: Renderer, records: Records) -> None:
        self.board = Board()
        self.tracks: dict[str, DeviceTrack] = {}
        self.poller = PollerTrack()
        self._renderer = renderer
        self._records = records
        self._edges: dict[str, list[str]] = {}
        self._unasked: set[tuple[str, Task]] = set()
        self._doubted: set[str] = set()

    def follow(
        self,
        inventory: Inventory,
        at: datetime,
        device_states: Mapping[str, DeviceState] | None = None,
        site_states: Mapping[str, SiteState] | None = None,
    ) -> tuple[list[DeviceTarget], list[str]]:
        """Take up an inventory; tell which targets are new or changed, and which devices are gone.

        The states given are those of an earlier run: a restart resolves nothing and fires nothing.
        """
        wanted = targets(inventory)
        gone = [name for name in self.tracks if name not in wanted]
        fresh = [target for name, target in wanted.items() if self._is_news(name, target)]
        for name in gone:
            del self.tracks[name]
            self._unasked -= {(name, task) for task in Task}
            self._renderer.forget(name)
        for target in fresh:
            self._take_up(target, (device_states or {}).get(target.name))
        self._edges = _edges(wanted.values(), inventory)
        self.board = self._board_for(inventory, {target.name for target in fresh}, site_states or {})
        for code in list(self.board.sites):
            self._judge_site(code, at, at, "")
        return fresh, gone

    def _is_news(self, name: str, target: DeviceTarget) -> bool:
        return name not in self.tracks or self.tracks[name].target != target

    def _take_up(self, target: DeviceTarget, stored: DeviceState | None) -> None:
        known = self.tracks.get(target.name)
        held = known.liveness if known else Liveness()
        if known is None and stored is not None:
            held = Liveness(stored.state, stored.since, _reason(stored.reason))
        self._renderer.forget(target.name)
        self.tracks[target.name] = DeviceTrack.begin(target, held)
        self._unasked -= {(target.name, task) for task in Task}
        self._unasked |= {(target.name, task) for task in first_round(target)}

    def _board_for(self, inventory: Inventory, fresh: Collection[str], stored: Mapping[str, SiteState]) -> Board:
        """The board over an inventory: sites that stay keep their view, the others begin with the stored one.

        Of a device that changed nothing is shown any more: its labels may be others now.
        """
        sites = {}
        for code, site in inventory.sites.items():
            if site.status is not SiteStatus.RETIRED:
                row = stored.get(code)
                begun = SiteView(row.state, row.since) if row else SiteView(State.UNKNOWN, None)
                sites[code] = self.board.sites.get(code, begun)
        devices = {
            name: self._renderer.after_liveness(track, DeviceLines()) if name in fresh else self.board.devices[name]
            for name, track in self.tracks.items()
        }
        is_ready = self.board.is_ready or not self._unasked
        return replace(self.board, inventory=inventory, sites=sites, devices=devices, is_ready=is_ready)

    def take(self, job: Job, outcome: Outcome, at: datetime, now_s: float) -> None:
        """Take in what came of a job that ended at `at`, `now_s` on the monotonic clock."""
        track = self.tracks.get(job.target.name)
        if track is None or track.target != job.target:
            return  # moved or removed while it was being asked
        if isinstance(outcome, LivenessResult):
            self._take_liveness(track, outcome, at, now_s)
        else:
            self._take_poll(track, outcome, at, now_s)
        self._unasked.discard((job.target.name, job.task))
        if not self.board.is_ready and not self._unasked:
            self.board = replace(self.board, is_ready=True)

    def _count(self, track: DeviceTrack, protocol: str, reason: Reason | None) -> None:
        self.poller.polls[protocol] += 1
        if reason is not None:
            track.failures[protocol, reason] += 1
            self.poller.failures[protocol, reason] += 1

    def _take_liveness(self, track: DeviceTrack, seen: LivenessResult, at: datetime, now_s: float) -> None:
        self._count(track, seen.protocol, seen.observation.reason)
        if seen.refused:
            self._doubted.update(seen.refused)
            self._records.credential(track.target.name, "", seen.refused)
        if seen.protocol == "icmp" and seen.observation.verdict is not Verdict.NONE:
            track.echo.count(seen.rtt_s, now_s)
        before = track.liveness
        track.liveness = liveness.step(before, seen.observation, at)
        shown = self.board.devices[track.target.name]
        self.board = self.board.with_device(track.target.name, self._renderer.after_liveness(track, shown))
        if track.liveness.state is not before.state:
            # What has come back, or fallen just now, is asked at its next tick, and its agent begins anew.
            track.snmp.silent_polls = track.snmp.agent_failures = 0
            self._device_changed(track, at)

    def _device_changed(self, track: DeviceTrack, decided_at: datetime) -> None:
        held = track.liveness
        since = held.since or decided_at
        reason = held.reason.value if held.reason else ""
        self._records.device_state(DeviceState(device=track.target.name, state=held.state, since=since, reason=reason))
        if track.target.role is DeviceRole.EDGE:
            self._judge_site(track.target.site, since, decided_at, reason)

    def _judge_site(self, code: str, since: datetime, decided_at: datetime, reason: str) -> None:
        view = self.board.sites.get(code)
        tracks = [self.tracks[name] for name in self._edges.get(code, ()) if name in self.tracks]
        state, ailment = site_state(EdgeView(track.liveness.state, track.snmp.agent_failures) for track in tracks)
        if view is None or state is view.state:
            return
        if tracks and all(track.liveness.state is State.UNKNOWN for track in tracks):
            return  # devices not heard of yet say nothing against the state that was left; no device at all does
        if view.state is State.DEGRADED and state is State.UP and not all(map(_is_heard, tracks)):
            return  # nor does one that lives, before its agent was asked
        reason = ailment or (reason if state is State.DOWN else "")
        self.board = self.board.with_site(code, SiteView(state, since))
        self._records.transition(
            Transition(site=code, old=view.state, new=state, reason=reason, at=since, decided_at=decided_at)
        )

    def _take_poll(self, track: DeviceTrack, result: PollResult, at: datetime, now_s: float) -> None:
        self._count(track, "snmp", result.reason)
        snmp = track.snmp
        answered = result.reason in (None, Reason.PARTIAL) and bool(result.profile)
        snmp.last_poll_at_s, snmp.duration_s = at.timestamp(), result.duration_s
        if answered or result.reason not in NO_OBSERVATION:
            snmp.agent_failures = 0 if answered else snmp.agent_failures + 1
        snmp.up = None if result.reason is Reason.LOCAL else answered
        if result.reason is not Reason.LOCAL:
            snmp.silent_polls = 0 if answered else snmp.silent_polls + 1
        self._doubted.update(result.refused)
        # Told again after a refusal anywhere: what works for one device must not be paused for all.
        is_news = result.credential not in ("", snmp.credential) or (answered and result.credential in self._doubted)
        if is_news or result.refused:
            self._records.credential(track.target.name, result.credential, result.refused)
        if result.uptime_ticks is not None:
            _take_uptime(snmp, result, at)
        if answered:
            self._doubted.discard(result.credential)
            self._take_answer(track, result, at, now_s)
        shown = self.board.devices[track.target.name]
        lines = self._renderer.after_poll(track, result, shown)
        self.board = self.board.with_device(track.target.name, lines)
        if track.target.role is DeviceRole.EDGE:
            self._judge_site(track.target.site, at, at, "")

    def _take_answer(self, track: DeviceTrack, result: PollResult, at: datetime, now_s: float) -> None:
        snmp = track.snmp
        snmp.last_success_at_s = at.timestamp()
        if result.task is Task.FAST or result.changed is None:
            snmp.answered_s = now_s  # of the ports: names alone make no counter current
        snmp.credential, snmp.identity = result.credential, result.identity


def _take_uptime(snmp: SnmpTrack, result: PollResult, at: datetime) -> None:
    """Also of a poll that failed later on: a restart is seen once only."""
    assert result.uptime_ticks is not None
    booted_at_s = at.timestamp() - result.uptime_ticks / 100
    snmp.boot_time_s = steady(None if result.restarted else snmp.boot_time_s, booted_at_s)
    snmp.reboots += result.restarted


def _is_heard(track: DeviceTrack) -> bool:
    return not track.target.credentials or track.snmp.last_poll_at_s is not None


def _reason(stored: str) -> Reason | None:
    """A reason as it was stored; one that only a newer version knows is none."""
    return next((reason for reason in Reason if reason == stored), None)


def first_round(target: DeviceTarget) -> tuple[Task, ...]:
    """What must have been asked of a device before the board is complete."""
    return (Task.LIVENESS, Task.FAST) if target.credentials else (Task.LIVENESS,)


def _edges(wanted: Iterable[DeviceTarget], inventory: Inventory) -> dict[str, list[str]]:
    """The edge devices of every site."""
    edges: dict[str, list[str]] = {code: [] for code in inventory.sites}
    for target in wanted:
        if target.role is DeviceRole.EDGE:
            edges[target.site].append(target.name)
    return edges
