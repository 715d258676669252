"""From an outcome to a state, a row and the board: the middle of the five hops.

The only place that changes tracks and swaps the board. The rules of `health` decide (`poller.sites`); what is to be
stored is handed to `Records`; how a device is rendered is handed in by whoever composes the program.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from wanmon.clock import LOCAL
from wanmon.health.findings import Findings
from wanmon.health.life import Kind, Life, Probe, Sign, Vitality
from wanmon.health.maintenance import Windows
from wanmon.health.observation import Verdict
from wanmon.health.two_way import Judgement
from wanmon.health.window import Window
from wanmon.model.carrier import CircuitFields
from wanmon.model.inventory import Inventory
from wanmon.model.reason import NO_OBSERVATION, Reason
from wanmon.model.state import State
from wanmon.poller.acquaintance import Acquaintance
from wanmon.poller.agenda import NOBODY, Asks
from wanmon.poller.board import Board, DeviceLines, Families
from wanmon.poller.checking.book import Entry
from wanmon.poller.checking.questions import Key
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import KINDS, Job, LivenessResult, Outcome, PollResult, Task, first_round
from wanmon.poller.memory import FILTERED, Remembered
from wanmon.poller.outlets import Records, Renderer
from wanmon.poller.shapes import is_in_force
from wanmon.poller.sites import Sites
from wanmon.poller.targets import DeviceTarget, TargetKind, targets
from wanmon.poller.track import DeviceTrack, PollerTrack
from wanmon.poller.traffic import Traffic
from wanmon.poller.wan import WanPort, WanPorts

#: A pair of counters may span so many intervals of the fast group.
LONGEST_INTERVALS = 3
#: The status of a port is believed for so many failed polls.
BELIEVED_POLLS = 3
VITALITY = {Vitality.UNKNOWN: State.UNKNOWN, Vitality.ALIVE: State.UP, Vitality.DEAD: State.DOWN}


class Pipeline:
    """Holds the tracks and the board, and takes every outcome in."""

    def __init__(self, renderer: Renderer, records: Records) -> None:
        self.board = Board()
        self.tracks: dict[str, DeviceTrack] = {}
        self.poller = PollerTrack()
        self.sites = Sites(records, self._reason_of)
        self.traffic = Traffic(records.traffic, self.poller.dropped_samples)
        self.acquaintance = Acquaintance(records)
        self._renderer = renderer
        self._records = records
        self._wan: dict[str, WanPorts] = {}
        self._circuits: dict[tuple[str, str], CircuitFields] = {}
        self._unasked: set[tuple[str, Task]] = set()

    def life(self, name: str) -> Life:
        """What is held of a target."""
        return self.sites.province.lives[name]

    def window(self, name: str) -> Window:
        """The last slots of a device, as far as it was held to be alive in them."""
        return self.life(name).window

    def silent_polls(self, name: str) -> int:
        """How many SNMP polls of a device failed in a row."""
        return self.tracks[name].snmp.silent_polls

    def follow(
        self,
        inventory: Inventory,
        instant: Instant,
        canaries: tuple[str, ...] = (),
        remembered: Remembered | None = None,
        generations: Mapping[str, int] | None = None,
    ) -> tuple[list[DeviceTarget], list[str]]:
        """Take up an inventory; tell which targets are new or changed, and which are gone.

        What is remembered is of an earlier run: a restart resolves nothing and fires nothing. `generations` are those
        of devices whose machine was replaced.
        """
        wanted = targets(inventory, canaries, generations)
        gone = [name for name in self.tracks if name not in wanted]
        fresh = [target for name, target in wanted.items() if self._is_news(name, target)]
        for name in gone:
            del self.tracks[name]
            self._unasked -= {(name, task) for task in Task}
            self.sites.witnesses.forget(name)
            self.acquaintance.forget(name)
            self._renderer.forget(name)
        for target in fresh:
            self._take_up(target)
        self._bind(inventory, instant)
        intervals = {name: target.liveness_interval_s for name, target in wanted.items()}
        names = tuple(target.name for target in wanted.values() if target.kind is TargetKind.CANARY)
        self.sites.follow(inventory, intervals, names, instant, remembered)
        for name in self.tracks:
            self._note_life(name)
        self.board = self._board_for(inventory, {target.name for target in fresh})
        return fresh, gone

    def use(self, shown: Windows, excusing: Windows, acknowledged: Collection[str], instant: Instant) -> None:
        """Go on with other windows of maintenance and other acknowledged outages."""
        self.sites.use(shown, excusing, acknowledged, instant)
        self._show_sites()

    def show_figures(self, figures: Families) -> None:
        """Show figures that were reckoned elsewhere."""
        self.board = replace(self.board, figures=figures)

    def show_checks(self, checks: Mapping[Key, Entry]) -> None:
        """Show what is held of each check."""
        self.board = replace(self.board, checks=checks)

    def show_verdicts(self, verdicts: Mapping[str, Judgement]) -> None:
        """Show the verdicts on the ways to sites."""
        if verdicts != self.board.verdicts:
            self.board = replace(self.board, verdicts=verdicts)

    def tick(self, instant: Instant) -> None:
        """Let time pass: what nobody was heard of for long is unknown, and seconds are counted."""
        seconds = self.sites.tick(instant)
        for name in self.tracks:
            self._note_life(name)
        self._show_sites()
        self.board = replace(self.board, seconds=seconds)

    def end(self) -> None:
        """Store what is known: this is the end."""
        self.sites.end()
        self.traffic.end()
        for name, track in self.tracks.items():
            if track.target.credentials and track.snmp.last_success_at_s is not None:
                self._records.witness(self.sites.witnesses.row(name))

    def take(self, job: Job, outcome: Outcome, begun_s: float, instant: Instant) -> Asks:
        """Take in what came of a job that began at `begun_s` (monotonic); tell whom to ask at once."""
        track = self.tracks.get(job.target.name)
        if track is None or track.target != job.target:
            return NOBODY  # moved or removed while it was being asked
        if isinstance(outcome, LivenessResult):
            asks = self._take_liveness(track, job, outcome, begun_s, instant)
        else:
            asks = self._take_poll(track, outcome, begun_s, instant)
        self._unasked.discard((job.target.name, job.task))
        self._show_sites()
        return asks

    def answered(self, device: str, begun_s: float, instant: Instant) -> Asks:
        """Take in that a device answered TCP or SSH to something begun at `begun_s` (monotonic), as `take` does."""
        track = self.tracks.get(device)
        if track is None:
            return NOBODY
        asks = self._observed(track, Probe(begun_s, Verdict.OK, Kind.MANAGEMENT), None, instant)
        self._show_sites()
        return asks

    def _is_news(self, name: str, target: DeviceTarget) -> bool:
        return name not in self.tracks or self.tracks[name].target != target

    def _take_up(self, target: DeviceTarget) -> None:
        self._renderer.forget(target.name)
        old = self.tracks.get(target.name)
        if old is not None and target.is_another_than(old.target):
            self._meet_another(target)
        self.tracks[target.name] = DeviceTrack.begin(target)
        self._unasked -= {(target.name, task) for task in Task}
        self._unasked |= {(target.name, task) for task in first_round(target)}

    def _meet_another(self, target: DeviceTarget) -> None:
        """Forget what was learnt of the machine before: no outage is judged by it, and no pair of counters spans both.

        What it said last may have been stored a moment after the rows were cleared: that is written over.
        """
        self.sites.met_another(target.name)
        self.acquaintance.forget(target.name)
        if target.credentials:
            self._records.witness(self.sites.witnesses.row(target.name))
        for (device, _), circuit in self._circuits.items():
            if device == target.name:
                self.traffic.unbind(circuit.code)

    def _bind(self, inventory: Inventory, instant: Instant) -> None:
        """Look up which ports of which devices are of interest, because a circuit ends there."""
        today = instant.at.astimezone(LOCAL).date()
        before = self._circuits
        self._circuits = {
            (circuit.device, circuit.interface): circuit
            for circuit in inventory.circuits.values()
            if circuit.device and circuit.interface and is_in_force(circuit, today)
        }
        for port, circuit in before.items():
            if port not in self._circuits or self._circuits[port].code != circuit.code:
                self.traffic.unbind(circuit.code)
        names: dict[str, set[str]] = {}
        for device, interface in self._circuits:
            names.setdefault(device, set()).add(interface)
        self._wan = {device: WanPorts(device, frozenset(ports)) for device, ports in names.items()}

    def _board_for(self, inventory: Inventory, fresh: Collection[str]) -> Board:
        """The board over an inventory; of a device that changed nothing is shown: its labels may be others now."""
        devices = {
            name: self._renderer.after_liveness(track, DeviceLines()) if name in fresh else self.board.devices[name]
            for name, track in self.tracks.items()
            if track.target.kind is TargetKind.DEVICE
        }
        is_ready = self.board.is_ready or not self._unasked
        return replace(self.board, inventory=inventory, sites=self.sites.views, devices=devices, is_ready=is_ready)

    def _show_sites(self) -> None:
        """Swap the board where the sites are others than those it shows."""
        isolated = self.sites.province.isolated_since_s is not None
        is_ready = self.board.is_ready or not self._unasked
        board = self.board
        if board.sites is not self.sites.views or board.is_isolated is not isolated or board.is_ready is not is_ready:
            self.board = replace(board, sites=self.sites.views, is_isolated=isolated, is_ready=is_ready)

    def _count(self, track: DeviceTrack, protocol: str, reason: Reason | None) -> None:
        self.poller.polls[protocol] += 1
        if reason is not None:
            track.failures[protocol, reason] += 1
            self.poller.failures[protocol, reason] += 1

    def _take_liveness(
        self, track: DeviceTrack, job: Job, seen: LivenessResult, begun_s: float, instant: Instant
    ) -> Asks:
        name, observation = track.target.name, seen.observation
        if job.task is not Task.KNOCK:  # it is no failure of a device that its SSH is as silent as the rest
            self._count(track, seen.protocol, observation.reason)
        self.acquaintance.refused(name, seen.refused)
        if seen.protocol == "icmp" and observation.verdict is not Verdict.NONE:
            track.echo.count(seen.rtt_s, instant.now_s, is_slot=job.task is Task.LIVENESS)
        delay = (seen.rtt_s or 0.0) / track.target.slow_s
        probe = Probe(begun_s, observation.verdict, KINDS[job.task], delay)
        asks = self._observed(track, probe, observation.reason, instant)
        if job.task is Task.ECHO and observation.verdict is Verdict.OK and self.life(name).is_filtered:
            # Once an echo is answered, echo judges the device again.
            self.sites.province.echoed(name)
            self._device_changed(name, instant)
        self._render(track)
        return asks

    def _observed(self, track: DeviceTrack, probe: Probe, reason: Reason | None, instant: Instant) -> Asks:
        if probe.verdict is Verdict.FAIL and probe.kind is not Kind.MANAGEMENT:
            track.reason = reason
        found = self.sites.province.observe(track.target.name, probe, instant.now_s)
        return self._found(found, instant)

    def _found(self, found: Findings, instant: Instant) -> Asks:
        """Take in what was found, and make of it whom to ask at once."""
        # Whoever is heard of for the first time is polled in its turn: a start must not ask everybody at once.
        back = {name for name, sign in found.signs if sign is Sign.BACK and self.tracks[name].state is State.DOWN}
        fallen = {name for name, sign in found.signs if sign is Sign.DEAD}
        self.sites.take(found, instant)
        for name, sign in found.signs:
            if sign in (Sign.BACK, Sign.DEAD, Sign.FILTERED):
                self._turned(name, instant)
        if fallen:
            self._keep_witnesses(fallen)
        other, knock = (filter(has, found.ask_else) for has in (self._has_snmp, self._has_login))
        return Asks(frozenset(found.ask_lane), frozenset(other), frozenset(knock), frozenset(back))

    def _reason_of(self, name: str) -> str:
        """How the last missed probe of a target failed; "" where none was missed yet."""
        reason = self.tracks[name].reason
        return reason.value if reason else ""

    def _has_snmp(self, name: str) -> bool:
        target = self.tracks[name].target
        return bool(target.credentials) and target.liveness != "snmp"

    def _has_login(self, name: str) -> bool:
        target = self.tracks[name].target
        return bool(target.login_port) and not target.liveness.startswith("tcp:")

    def _keep_witnesses(self, devices: Iterable[str]) -> None:
        """Store what the fallen said before: it judges their outage even if we are restarted in it."""
        for name in devices:
            if self.tracks[name].target.credentials:
                self._records.witness(self.sites.witnesses.row(name))

    def _turned(self, name: str, instant: Instant) -> None:
        """A device that has come back, or fallen just now, is asked at its next tick."""
        self.tracks[name].snmp.silent_polls = 0
        self._device_changed(name, instant)

    def _note_life(self, name: str) -> None:
        track, held = self.tracks[name], self.life(name)
        track.state, track.is_filtered = VITALITY[held.vitality], held.is_filtered

    def _device_changed(self, name: str, instant: Instant) -> None:
        self._note_life(name)
        track = self.tracks[name]
        if track.target.kind is not TargetKind.DEVICE:
            return
        reason = track.reason.value if track.state is State.DOWN and track.reason else ""
        if track.state is State.UP and track.is_filtered:
            reason = FILTERED
        self._records.device_state(self.sites.device_row(name, track.state, reason, instant))

    def _render(self, track: DeviceTrack) -> None:
        if track.target.kind is TargetKind.DEVICE:
            name = track.target.name
            lines = self._renderer.after_liveness(track, self.board.devices[name])
            self.board = self.board.with_device(name, lines)

    def _take_poll(self, track: DeviceTrack, result: PollResult, begun_s: float, instant: Instant) -> Asks:
        self._count(track, "snmp", result.reason)
        snmp, name = track.snmp, track.target.name
        answered = result.reason in (None, Reason.PARTIAL) and bool(result.profile)
        snmp.last_poll_at_s, snmp.duration_s = instant.at.timestamp(), result.duration_s
        snmp.up = None if result.reason is Reason.LOCAL else answered
        if result.reason is not Reason.LOCAL:
            snmp.silent_polls = 0 if answered else snmp.silent_polls + 1
        if snmp.identity.is_another_than(result.identity):
            self._meet_another(track.target)
        self.acquaintance.polled(name, result, snmp.credential, instant.now_s, is_answered=answered)
        snmp.take_uptime(result, instant)
        asks = NOBODY
        if answered:
            self._take_answer(track, result, instant)
            # Where SNMP is the probe of life, any answer to it is one of the lane's.
            kind = Kind.RETRY if track.target.liveness == "snmp" else KINDS[result.task]
            asks = self._observed(track, Probe(begun_s, Verdict.OK, kind), None, instant)
        self._judge_agent(track, result, answered=answered, instant=instant)
        self._take_ports(track, result, answered=answered, instant=instant)
        lines = self._renderer.after_poll(track, result, self.board.devices[name])
        self.board = self.board.with_device(name, lines)
        return asks

    def _judge_agent(self, track: DeviceTrack, result: PollResult, *, answered: bool, instant: Instant) -> None:
        """What a poll says of the agent; where SNMP is the probe of life, only that it answers says something."""
        is_told = result.reason not in NO_OBSERVATION and track.target.liveness != "snmp"
        if answered or is_told:
            found = self.sites.province.poll(
                track.target.name,
                is_answered=answered,
                is_partial=result.reason is Reason.PARTIAL,
                now_s=instant.now_s,
            )
            self.sites.take(found, instant)

    def _take_ports(self, track: DeviceTrack, result: PollResult, *, answered: bool, instant: Instant) -> None:
        """What the ports tell that circuits end on: whether they are up, when they changed, what ran through them."""
        name, wan = track.target.name, self._wan.get(track.target.name)
        if not answered:
            if wan is not None and track.snmp.silent_polls == BELIEVED_POLLS:
                for port in wan.names:
                    self.sites.take(self._port(name, port, is_up=None, instant=instant), instant)
            return
        ports = wan.of(result) if wan is not None else []
        for seen in ports:
            if seen.is_up is not None:
                self.sites.take(self._port(name, seen.name, is_up=seen.is_up, instant=instant), instant)
            self._take_traffic(track, seen, instant)
        if wan is not None:
            for port in wan.names.difference(seen.name for seen in ports):
                self.sites.take(self._port(name, port, is_up=None, instant=instant), instant)
        self.sites.polled(name, result, ports, instant)
        if result.task is Task.SLOW or result.restarted:
            self._records.witness(self.sites.witnesses.row(name))

    def _port(self, device: str, interface: str, *, is_up: bool | None, instant: Instant) -> Findings:
        return self.sites.province.port(device, interface, is_up=is_up, now_s=instant.now_s)

    def _take_traffic(self, track: DeviceTrack, port: WanPort, instant: Instant) -> None:
        circuit = self._circuits.get((track.target.name, port.name))
        if circuit is not None:
            self.traffic.take(circuit, port, LONGEST_INTERVALS * track.target.fast_interval_s, instant)

    def _take_answer(self, track: DeviceTrack, result: PollResult, instant: Instant) -> None:
        snmp = track.snmp
        snmp.last_success_at_s = instant.at.timestamp()
        if result.task is Task.FAST or result.changed is None:
            snmp.answered_s = instant.now_s  # of the ports: names alone make no counter current
        snmp.credential, snmp.identity = result.credential, result.identity
        if result.neighbours is not None:
            self._records.neighbours(track.target.name, result.neighbours)
