"""The states of the sites as facts: what the rules found becomes rows, views, counters of seconds and outages.

Asks nobody. `health.province` decides; here it is dated, and handed on.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from typing import Protocol

from wanmon.clock import LOCAL
from wanmon.health import ailments, cause
from wanmon.health.cause import Finding, Interval
from wanmon.health.circuits import Evidence
from wanmon.health.findings import Change, Edge, Findings
from wanmon.health.intervals import NOTHING, Intervals, Span
from wanmon.health.machine import Effect
from wanmon.health.maintenance import NO_WINDOWS, Windows
from wanmon.health.province import Province
from wanmon.health.topology import Shape
from wanmon.health.witness import Witness
from wanmon.model.cause import Cause
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.model.life import CircuitState, DeviceState, SiteState, Transition
from wanmon.model.state import LOST, State
from wanmon.poller import memory
from wanmon.poller.board import SiteView
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import PollResult
from wanmon.poller.memory import Remembered
from wanmon.poller.outages import Conclusion, Outages, Speaker, Subject
from wanmon.poller.seconds import SecondsCounter, SiteSeconds
from wanmon.poller.shapes import shapes
from wanmon.poller.wan import WanPort
from wanmon.poller.witnesses import Witnesses

#: By so much the two clocks of an instant may stray from each other.
STRAYS_S = 1.0


class Facts(Protocol):
    """Where facts about sites are kept. Nothing here waits for it."""

    def transition(self, transition: Transition) -> None:
        """A site or circuit that changed its state."""
        ...

    def site_state(self, state: SiteState) -> None:
        """More is known of the present state of a site."""
        ...

    def circuit_state(self, state: CircuitState) -> None:
        """The present state of a circuit."""
        ...

    def conclusion(self, conclusion: Conclusion, inventory: Inventory) -> None:
        """Why an outage was."""
        ...

    def reboot(self, site: str, at: datetime, uncertain_s: float, finding: Finding) -> None:
        """A machine that started anew at `at`, while nobody missed it."""
        ...


class Sites:
    """The sites of the inventory in hand, by code; `reason_of` tells how the last missed probe of a lane failed."""

    def __init__(self, facts: Facts, reason_of: Callable[[str], str]) -> None:
        self.province = Province()
        self.witnesses = Witnesses()
        self.outages = Outages(self.witnesses, self._concluded)
        self.views: Mapping[str, SiteView] = {}
        self._facts = facts
        self._reason_of = reason_of
        self._inventory: Inventory = EMPTY
        self._shapes: Mapping[str, Shape] = {}
        self._seconds: dict[str, SecondsCounter] = {}
        self._circuit_since_s: dict[str, float] = {}
        self._isolated_since_s: float | None = None
        self._shown = self._excusing = NO_WINDOWS
        self._under: Mapping[str, Intervals] = {}
        self._ahead_s: float | None = None

    def follow(
        self,
        inventory: Inventory,
        intervals: Mapping[str, float],
        canaries: tuple[str, ...],
        instant: Instant,
        remembered: Remembered | None = None,
    ) -> None:
        """Take up an inventory; `intervals` are those of all lanes, in seconds, by name."""
        self._follow_clock(instant)
        before, self._inventory = self._shapes, inventory
        self._shapes = shapes(inventory, instant.at.astimezone(LOCAL).date())
        self.outages.keep(self._is_there)
        found = self.province.follow(self._shapes, intervals, canaries, instant.now_s)
        left = self._restore(remembered, instant) if remembered is not None else Findings()
        stored = remembered.sites if remembered else {}
        began_s = instant.at.timestamp()
        self.views = {
            code: self.views.get(code)
            or SiteView(self.province.states[code], stored[code].since if code in stored else None)
            for code in self._shapes
        }
        self._seconds = {
            code: self._seconds.get(code) or SecondsCounter(self.province.states[code], began_s)
            for code in self._shapes
        }
        self._under = {code: self._under_maintenance(code, self._shown) for code in self._shapes}
        found.touched |= self._shapes.keys()
        self.take(found, instant)
        self.take(left, instant)
        for code, shape in self._shapes.items():
            if shape.counts and code in before and not before[code].counts:
                self._activated(code, instant)

    def _activated(self, code: str, instant: Instant) -> None:
        """A site that begins to count while it is lost has an outage from now on: it had none as a planned one."""
        state = self.province.states[code]
        if state in LOST and (code, None) not in self.outages.running:
            edge = Edge(instant.now_s, None, instant.now_s)
            change = Change(code, None, state, state, Effect.OPENS, edge, self.province.roots.get(code, ()))
            self._show(code, replace(self.views[code], since=instant.at))
            self._record(change, instant.at, instant, self.views[code].reason)

    def _restore(self, remembered: Remembered, instant: Instant) -> Findings:
        found = memory.resume(self.province, remembered, instant)
        self.witnesses.restore(remembered.witnesses)
        for subject, outage in remembered.outages.items():
            if self._is_there(subject):
                self.outages.restore(subject, memory.running(outage), self._speakers(subject, None))
        self.outages.absences.extend(remembered.absences)
        for outage in remembered.unexplained:
            subject = outage.site, outage.circuit
            if outage.site in self._shapes and outage.ended_at is not None:
                held = memory.running(outage)
                speakers, windows = self._speakers(subject, None), self._windows_of(subject)
                self.outages.await_again(subject, held, outage.ended_at, outage.ended_uncertain_s, speakers, windows)
        return found

    def take(self, found: Findings, instant: Instant) -> None:
        """Take in what was found."""
        self._follow_clock(instant)
        touched = dict.fromkeys(sorted(found.touched))
        for change in found.changes:
            touched[change.site] = None
            if change.circuit is None:
                touched |= dict.fromkeys(self.province.topology.children.get(change.site, ()))
                self._site_changed(change, instant)
            else:
                self._circuit_changed(change, instant)
        self._note_isolation(instant)
        for code in touched:
            before, after = self.views[code], self._viewed(code)
            if after != before:
                self._show(code, after)
                if (before.reason, before.roots) != (after.reason, after.roots):
                    self._facts.site_state(_row(code, after))

    def device_row(self, device: str, state: State, reason: str, instant: Instant) -> DeviceState:
        """The present state of a device as it is stored."""
        since_s = self.province.lives[device].since_s
        since = instant.at if since_s is None else instant.dated(since_s)
        return DeviceState(device=device, state=state, since=since, reason=reason)

    def polled(self, device: str, result: PollResult, ports: Sequence[WanPort], instant: Instant) -> None:
        """Take in what a device told of its past in a poll; `ports` are those that circuits end on."""
        self._follow_clock(instant)
        before = {port.name: self.witnesses.of(device).about(port.name) for port in ports} or {
            "": self.witnesses.of(device).about("")
        }
        changes = {port.name: port.last_change_ticks for port in ports if port.last_change_ticks is not None}
        self.witnesses.take(device, result, changes, instant)
        is_awaited = self.outages.is_awaited(device)
        if is_awaited:
            self.outages.told(device, self._windows_of)
        elif result.uptime is not None:
            self._look_for_reboot(device, next(iter(before.values())))

    def met_another(self, device: str) -> None:
        """Another machine stands in the place of a device: what the one before said judges no outage."""
        self.witnesses.forget(device)
        self.outages.met_another(device)

    def tick(self, instant: Instant) -> Mapping[str, SiteSeconds]:
        """Let time pass; the counters of seconds, as far as they are settled now."""
        self.take(self.province.tick(instant.now_s), instant)
        self.outages.tick(instant, self._windows_of)
        counted = {}
        for code, seconds in self._seconds.items():
            until_s = instant.epoch_s(self.province.settled_s(code, instant.now_s))
            seconds.settle(until_s, self._under[code])
            counted[code] = seconds.counted()
        return counted

    def use(self, shown: Windows, excusing: Windows, acknowledged: Collection[str], instant: Instant) -> None:
        """Go on with other windows (all that are, and those that excuse an outage) and acknowledged outages' sites."""
        if shown is not self._shown:
            self._under = {code: self._under_maintenance(code, shown) for code in self._shapes}
        self._shown, self._excusing = shown, excusing
        for code, view in self.views.items():
            ends_s = _end_s(self._under[code], instant.at.timestamp(), shown.until_s)
            fresh = replace(view, is_acknowledged=code in acknowledged, maintenance_ends_s=ends_s)
            if fresh != view:
                self._show(code, fresh)

    def end(self) -> None:
        """Conclude by what is known: this is the end."""
        self.outages.end_all(self._windows_of)

    def _note_isolation(self, instant: Instant) -> None:
        """Keep from when to when we were cut off: a silence that began in it is not the site's."""
        since_s = self.province.isolated_since_s
        if since_s is None and self._isolated_since_s is not None:
            self.outages.absences.append(Interval(self._isolated_since_s, instant.at.timestamp(), "cut off"))
            self._isolated_since_s = None
        elif since_s is not None and self._isolated_since_s is None:
            self._isolated_since_s = instant.epoch_s(since_s)

    def _follow_clock(self, instant: Instant) -> None:
        """Take in that the wall clock was set forward: of the time that was skipped nothing is known.

        And nothing has happened in it: what was read before lies as long ago as it did.
        """
        ahead_s = instant.at.timestamp() - instant.now_s
        skipped_s = ahead_s - (ahead_s if self._ahead_s is None else self._ahead_s)
        if self._ahead_s is None or skipped_s > STRAYS_S:
            self._ahead_s = ahead_s
        if skipped_s > STRAYS_S:
            now_s = instant.at.timestamp()
            self.outages.absences.append(Interval(now_s - skipped_s, now_s, "the clock was set forward"))
            self.witnesses.clock_moved(skipped_s)
            self.outages.clock_moved(skipped_s)
            for code, seconds in self._seconds.items():
                seconds.skip(skipped_s, self._under[code])

    def _site_changed(self, change: Change, instant: Instant) -> None:
        code, seconds = change.site, self._seconds[change.site]
        at_s = max(instant.epoch_s(change.edge.at_s), seconds.earliest_s)
        seconds.turn(change.new, at_s, self._under[code])
        at = datetime.fromtimestamp(at_s, UTC)
        ailing = ailments.in_words(self.province.ailments.get(code, ()))
        told = ailing if change.new is State.DEGRADED else self._why(change)
        self._show(code, replace(self.views[code], state=change.new, since=at, reason=told, roots=change.roots))
        self._record(change, at, instant, told)

    def _circuit_changed(self, change: Change, instant: Instant) -> None:
        assert change.circuit is not None
        evidence = self.province.circuits.held[change.circuit].evidence
        at_s = max(instant.epoch_s(change.edge.at_s), self._circuit_since_s.get(change.circuit, 0.0))
        if evidence is Evidence.SITE:
            at_s = max(at_s, self._seconds[change.site].earliest_s)  # as its site was dated
        self._circuit_since_s[change.circuit] = at_s
        at = datetime.fromtimestamp(at_s, UTC)
        row = CircuitState(circuit=change.circuit, state=change.new, since=at, evidence=evidence.value)
        self._facts.circuit_state(row)
        self._record(change, at, instant, self._why(change))

    def _why(self, change: Change) -> str:
        """How the probe failed that was missed last of whoever fell."""
        return self._reason_of(change.lane) if change.new is State.DOWN and change.lane else ""

    def _record(self, change: Change, at: datetime, instant: Instant, reason: str) -> None:
        self._facts.transition(
            Transition(
                site=change.site,
                circuit=change.circuit,
                old=change.old,
                new=change.new,
                reason=reason,
                at=at,
                decided_at=max(at, instant.dated(change.edge.decided_s)),
                uncertain_s=change.edge.uncertainty_s,
                roots=",".join(change.roots),
            )
        )
        subject = change.site, change.circuit
        if self._shapes[change.site].counts or subject in self.outages.running:
            self.outages.turn(change, at, self._speakers(subject, change.lane), self._windows_of(subject))

    def _look_for_reboot(self, device: str, before: Witness) -> None:
        """A machine that started anew while nobody missed it: an outage of no length."""
        code, after = self.province.topology.site_of.get(device), self.witnesses.of(device).about("")
        if code is None or self._shapes[code].edges != (device,) or not self._shapes[code].counts:
            return
        if (code, None) in self.outages.running:
            return
        windows = [Interval(float(start), float(end), "maintenance") for start, end in self._windows_of((code, None))]
        finding = cause.silent_reboot(before, after, windows)
        if finding is not None:
            boot_s = float(finding.readings["boot_s"])
            at = datetime.fromtimestamp(boot_s, UTC)
            self._facts.reboot(code, at, boot_s - float(finding.readings["last_poll_s"]), finding)
            self._count(code, finding.cause)

    def _is_there(self, subject: Subject) -> bool:
        site, circuit = subject
        shape = self._shapes.get(site)
        return shape is not None and (circuit is None or any(line.code == circuit for line in shape.lines))

    def _concluded(self, conclusion: Conclusion) -> None:
        self._facts.conclusion(conclusion, self._inventory)
        site, circuit = conclusion.subject
        if circuit is None and site in self.views:
            self._count(site, conclusion.finding.cause)

    def _count(self, code: str, why: Cause) -> None:
        view = self.views[code]
        self._show(code, replace(view, outages={**view.outages, why: view.outages.get(why, 0) + 1}))

    def _viewed(self, code: str) -> SiteView:
        """A site as it is held to be now."""
        view, province = self.views[code], self.province
        lines = ((line.code, province.circuits.held[line.code].state) for line in self._shapes[code].lines)
        ailing = ailments.in_words(province.ailments.get(code, ()))
        return replace(
            view,
            reason=ailing if view.state is State.DEGRADED else view.reason,
            roots=province.roots.get(code, ()),
            is_upstream_down=province.is_upstream_down(code),
            circuits={circuit: state for circuit, state in lines if state is not None},
        )

    def _show(self, code: str, view: SiteView) -> None:
        self.views = {**self.views, code: view}

    def _speakers(self, subject: Subject, lane: str | None) -> list[Speaker]:
        """Who tells the past of a site or circuit: the device that the change is by first."""
        site, circuit = subject
        lines = [line for line in self._shapes[site].lines if circuit in (None, line.code)]
        ports: dict[str, str] = {}
        for line in lines:
            if line.port is not None:
                ports.setdefault(*line.port)
        edges = self._shapes[site].edges
        chosen = [edge for edge in edges if circuit is None or edge in ports] or list(edges)
        ordered = sorted(chosen, key=lambda edge: edge != lane)
        return [Speaker(edge, ports.get(edge, "")) for edge in ordered]

    def _windows_of(self, subject: Subject) -> Intervals:
        """The time in which an outage of a site or circuit is excused."""
        site, circuit = subject
        if circuit is None:
            return self._under_maintenance(site, self._excusing)
        return self._excusing.of_site(site) | self._excusing.of_circuit(circuit)

    def _under_maintenance(self, code: str, windows: Windows) -> Intervals:
        """The windows of a site, and the time in which every one of its circuits is in one."""
        of_circuits = [windows.of_circuit(line.code) for line in self._shapes[code].lines]
        return windows.of_site(code) | (reduce(and_, of_circuits) if of_circuits else NOTHING)


def _end_s(under: Intervals, now_s: float, until_s: float) -> float | None:
    """When the maintenance ends that holds now; infinite where it reaches beyond what is known."""
    at = bisect_right(under.spans, now_s, key=_start_s) - 1
    end_s = under.spans[at].end_s if at >= 0 else now_s
    if end_s <= now_s:
        return None
    return math.inf if end_s >= until_s else end_s


def _start_s(span: Span) -> int:
    return span.start_s


def _row(code: str, view: SiteView) -> SiteState:
    """The present state of a site as it is stored; one that never changed has none yet."""
    since = view.since or datetime.fromtimestamp(0, UTC)
    return SiteState(site=code, state=view.state, since=since, reason=view.reason, roots=",".join(view.roots))
