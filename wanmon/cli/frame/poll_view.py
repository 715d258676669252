"""What one poll read, as records with snake_case keys and units. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from wanmon.cli.frame.health_view import health_record
from wanmon.poller.device.wan_port import UP, propose
from wanmon.poller.jobs import Column, PollResult
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.profiles.profile import Profile

#: ifAdminStatus and ifOperStatus (RFC 2863).
_STATUS = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}


def _status(value: int) -> object:
    return _STATUS.get(value, value)


def _seconds(ticks: int) -> object:
    return ticks / 100


def _as_it_is(value: int) -> object:
    return value


#: Columns that are not shown as they come: the name and the form they get.
_FORMED: Mapping[str, tuple[str, Callable[[int], object]]] = {
    "admin_status": ("admin_status", _status),
    "oper_status": ("oper_status", _status),
    "last_change": ("last_change_s", _seconds),
    "discontinuity": ("discontinuity_s", _seconds),
}
_ROLES = (
    "admin_status", "oper_status", "last_change", "discontinuity",
    "receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets",
    "receive_errors", "transmit_errors", "receive_discards", "transmit_discards",
)  # fmt: skip
PORT_COLUMNS = (
    "interface",
    "if_index",
    "alias",
    "description",
    "speed_bps",
    *(_FORMED[role][0] if role in _FORMED else role for role in _ROLES),
)


def device_record(target: DeviceTarget, result: PollResult, library: Library) -> dict[str, Any]:
    """One device with its ports, its sensors, and the port that probably leads to the carrier.

    `uptime_s` and `last_change_s` are on the clock of the agent: seconds since it started.
    """
    return {
        "device": target.name,
        "site": target.site,
        "address": target.address,
        "port": target.port,
        "reason": result.reason,
        "detail": result.detail,
        "credential": result.credential,
        "profile": result.profile,
        "duration_s": round(result.duration_s, 6),
        "uptime_s": None if result.uptime is None else result.uptime.ticks / 100,
        "identity": asdict(result.identity),
        "interfaces": port_columns(result),
        "sensors": health_record(result.health),
        "wan_port": wan_port_record(result, library.profiles.get(result.profile)),
    }


def wan_port_record(result: PollResult, profile: Profile | None) -> dict[str, str] | None:
    """The port that is proposed as the one to the carrier, and why; none where nothing speaks for one."""
    up = {row: value == UP for row, value in _by_row(result.columns.get("oper_status")).items()}
    found = propose(result.ports, up, result.default_route, profile.wan_port if profile else ())
    return asdict(found) if found else None


def port_records(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One flat record for each port of a device, or one without a port where there are none."""
    device = {key: record[key] for key in ("device", "site", "reason")}
    ports: Sequence[Mapping[str, Any]] = record["interfaces"] or [dict.fromkeys(PORT_COLUMNS)]
    return [{**device, **port} for port in ports]


def port_columns(result: PollResult) -> list[dict[str, Any]]:
    """The ports of a device with what was read of each."""
    values = {role: _by_row(result.columns.get(role)) for role in _ROLES}
    return [
        {
            "interface": port.name,
            "if_index": port.if_index,
            "alias": port.alias,
            "description": port.description,
            "speed_bps": port.speed_bps,
            **dict(_formed(role, values[role].get(row)) for role in _ROLES),
        }
        for row, port in enumerate(result.ports)
    ]


def _by_row(column: Column | None) -> dict[int, object]:
    return dict(zip(column.rows, column.values, strict=True)) if column else {}


def _formed(role: str, value: object) -> tuple[str, Any]:
    """A value under its name; none where the agent gave something else than a number."""
    name, form = _FORMED.get(role, (role, _as_it_is))
    return name, form(value) if isinstance(value, int) else None
