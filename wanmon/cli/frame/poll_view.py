"""What one poll read, as records with snake_case keys and units. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from wanmon.poller.jobs import Column, PollResult
from wanmon.poller.targets import DeviceTarget

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


def device_record(target: DeviceTarget, result: PollResult) -> dict[str, Any]:
    """One device with its ports.

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
        "interfaces": _ports(result),
    }


def port_records(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One flat record for each port of a device, or one without a port where there are none."""
    device = {key: record[key] for key in ("device", "site", "reason")}
    ports: Sequence[Mapping[str, Any]] = record["interfaces"] or [dict.fromkeys(PORT_COLUMNS)]
    return [{**device, **port} for port in ports]


def _ports(result: PollResult) -> list[dict[str, Any]]:
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
