"""The lines of one device, rendered when a probe or a poll of it ends; implements `poller.pipeline.Renderer`."""

import itertools
from collections.abc import Mapping
from dataclasses import replace

from wanmon.metrics.lines import encoded, number, sample, series
from wanmon.metrics.ports import PortLines
from wanmon.metrics.sensors import SENSOR_FAMILIES, sensor_lines
from wanmon.model.reason import OF_CHECKS, Reason
from wanmon.model.state import State
from wanmon.poller.board import DeviceLines
from wanmon.poller.device.sensors import Health
from wanmon.poller.jobs import PollResult
from wanmon.poller.track import DeviceTrack, Histogram

#: After so many intervals without an answer, what was read is old.
STALE_INTERVALS = 3
#: What can go wrong with an echo, a connection, and an SNMP poll: every series exists from the start.
REASONS: Mapping[str, tuple[Reason, ...]] = {
    "icmp": (Reason.TIMEOUT, Reason.LATE, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.LOCAL),
    "tcp": (Reason.TIMEOUT, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.LOCAL),
    "snmp": tuple(reason for reason in Reason if reason not in OF_CHECKS | {Reason.ISOLATED}),
}


class DeviceRenderer:
    """Keeps the prepared port lines of every device, and its failures as they were rendered last."""

    def __init__(self) -> None:
        self._ports: dict[str, PortLines] = {}
        self._failures: dict[str, tuple[int, str]] = {}
        self._sensors: dict[str, tuple[Health, dict[str, bytes]]] = {}

    def forget(self, device: str) -> None:
        """A device that is no longer shown, or that changed."""
        self._ports.pop(device, None)
        self._failures.pop(device, None)
        self._sensors.pop(device, None)

    def after_liveness(self, track: DeviceTrack, shown: DeviceLines) -> DeviceLines:
        """The lines after a probe of life."""
        lines = replace(shown, own=self._own(track))
        if track.echo.answered_at_s is None:
            return lines
        until_s = track.echo.answered_at_s + STALE_INTERVALS * track.target.liveness_interval_s
        return replace(lines, echo=encoded(_echo(track)), echo_until_s=until_s)

    def after_poll(self, track: DeviceTrack, result: PollResult, shown: DeviceLines) -> DeviceLines:
        """The lines after an SNMP poll."""
        lines = replace(shown, own=self._own(track))
        if track.snmp.answered_s is None or result.reason not in (None, Reason.PARTIAL):
            return lines
        until_s = track.snmp.answered_s + STALE_INTERVALS * track.target.fast_interval_s
        ports = self._port_values(track, result, _without_sensors(shown.values))
        values = {**ports, **self._sensor_values(track, result.health), **encoded(_identity(track))}
        return replace(lines, values=values, values_until_s=until_s)

    def _sensor_values(self, track: DeviceTrack, health: Health) -> dict[str, bytes]:
        """Rendered anew when a reading changed."""
        name = track.target.name
        held = self._sensors.get(name)
        if held is None or held[0] is not health:
            held = self._sensors[name] = (health, encoded(sensor_lines((track.target.site, name), health)))
        return held[1]

    def _own(self, track: DeviceTrack) -> dict[str, bytes]:
        """What is shown whether the device answers or not. Counts only grow: their sum tells whether one did."""
        name, total = track.target.name, track.failures.total()
        held = self._failures.get(name)
        if held is None or held[0] != total:
            held = self._failures[name] = (total, _failures(track))
        return encoded({"wanmon_device_poll_failures_total": held[1], **_state(track)})

    def _port_values(self, track: DeviceTrack, result: PollResult, old: Mapping[str, bytes]) -> dict[str, bytes]:
        target = track.target
        ports, changed = self._ports.get(target.name), result.changed
        if ports is None or ports.ports != result.ports or changed is None:
            ports = self._ports[target.name] = PortLines(target.site, target.name, result.ports)
            return {**ports.described(), **ports.render(result.columns, None, track.snmp.boot_time_s)}
        return {**old, **ports.render(result.columns, changed, track.snmp.boot_time_s)}


def _without_sensors(values: Mapping[str, bytes]) -> dict[str, bytes]:
    """What was shown, but for the readings of sensors: one that was not read this time is not shown."""
    return {family: text for family, text in values.items() if family not in SENSOR_FAMILIES}


def _state(track: DeviceTrack) -> dict[str, str]:
    """How the device does, as far as that is known."""
    target, snmp, echo = track.target, track.snmp, track.echo
    ids = (target.site, target.name)
    lines: dict[str, str] = {}
    if track.state is not State.UNKNOWN:
        lines["wanmon_device_up"] = sample("wanmon_device_up", ids, track.state is State.UP)
    if target.liveness == "icmp":
        lines["wanmon_icmp_requests_total"] = sample("wanmon_icmp_requests_total", ids, echo.requests)
        lines["wanmon_icmp_replies_total"] = sample("wanmon_icmp_replies_total", ids, echo.replies)
        if echo.up is not None:
            lines["wanmon_icmp_up"] = sample("wanmon_icmp_up", ids, echo.up)
            lines["wanmon_icmp_loss_ratio"] = sample("wanmon_icmp_loss_ratio", ids, echo.loss_ratio)
        lines["wanmon_device_icmp_filtered"] = sample("wanmon_device_icmp_filtered", ids, track.is_filtered)
    if target.credentials:
        lines |= _own_snmp(track, ids)
    if snmp.credential:
        name = "wanmon_device_credential_info"
        lines[name] = sample(name, (*ids, "snmp", snmp.credential), 1)
    return lines


def _own_snmp(track: DeviceTrack, ids: tuple[str, str]) -> dict[str, str]:
    snmp = track.snmp
    values: dict[str, float | None] = {
        "wanmon_snmp_up": snmp.up,
        "wanmon_device_reboots_total": snmp.reboots,
        "wanmon_device_last_poll_timestamp_seconds": snmp.last_poll_at_s or 0,
        "wanmon_device_last_success_timestamp_seconds": snmp.last_success_at_s or 0,
        "wanmon_device_poll_duration_seconds": snmp.duration_s,
    }
    return {name: sample(name, ids, value) for name, value in values.items() if value is not None}


def _failures(track: DeviceTrack) -> str:
    target, name = track.target, "wanmon_device_poll_failures_total"
    protocols = {target.liveness.partition(":")[0], *(("snmp",) if target.credentials else ())}
    known = {(protocol, reason) for protocol in protocols for reason in REASONS[protocol]}
    return "".join(
        sample(name, (target.site, target.name, protocol, reason.value), track.failures[protocol, reason])
        for protocol, reason in sorted(known | track.failures.keys())
    )


def _echo(track: DeviceTrack) -> dict[str, str]:
    ids = (track.target.site, track.target.name)
    return {
        "wanmon_icmp_rtt_seconds": histogram("wanmon_icmp_rtt_seconds", ids, track.echo.rtt),
        "wanmon_icmp_jitter_seconds": sample("wanmon_icmp_jitter_seconds", ids, track.echo.jitter_s),
    }


def _identity(track: DeviceTrack) -> dict[str, str]:
    target, identity = track.target, track.snmp.identity
    ids = (target.site, target.name)
    labels = (*ids, target.role.value, identity.vendor, identity.model, identity.os_version, identity.serial)
    lines = {"wanmon_device_info": sample("wanmon_device_info", labels, 1)}
    if track.snmp.boot_time_s is not None:
        name = "wanmon_device_boot_time_seconds"
        lines[name] = sample(name, ids, track.snmp.boot_time_s)
    return lines


def histogram(name: str, values: tuple[str, ...], counted: Histogram) -> str:
    """The bucket, sum and count lines of a histogram; `le` is written as a float, as OpenMetrics asks."""
    plain = series(name, values)
    inner = plain[len(name) + 1 : -1]
    running = list(itertools.accumulate(counted.counts))
    bounds = [*(repr(float(bound)) for bound in counted.bounds), "+Inf"]
    buckets = [f'{name}_bucket{{{inner},le="{le}"}} {n}\n' for le, n in zip(bounds, running, strict=True)]
    return "".join(buckets) + f"{name}_sum{{{inner}}} {number(counted.total)}\n{name}_count{{{inner}}} {running[-1]}\n"
