"""The readings of a device's sensors, as records with units and as lines for people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from wanmon.cli.frame.amounts import duration
from wanmon.poller.device.sensors import Health

_MEBIBYTE = 1024 * 1024


def health_record(health: Health) -> dict[str, Any]:
    """Readings by kind; what was not read is an empty list, and null for a battery."""
    return {
        "cpu": [{"cpu": name, "utilization_ratio": round(value, 6)} for name, value in health.cpu],
        "memory": [
            {"pool": pool.name, "used_bytes": round(pool.used), "size_bytes": round(pool.size)}
            for pool in health.memory
        ],
        "temperature": [{"sensor": name, "celsius": round(value, 6)} for name, value in health.temperature],
        "power_supply": [{"supply": name, "up": value == 1} for name, value in health.power_supply],
        "on_battery": next((value == 1 for _, value in health.on_battery), None),
        "battery_charge_ratio": next((round(value, 6) for _, value in health.battery_charge), None),
        "battery_runtime_s": next((round(value, 6) for _, value in health.battery_runtime), None),
    }


def health_lines(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """One line for each reading of such a record: what it is, which, and how much."""
    return [{"sensor": kind, "name": name, "value": value} for kind, name, value in _lines(record)]


def _lines(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for each in record["cpu"]:
        yield "cpu", each["cpu"], _share(each["utilization_ratio"])
    for each in record["memory"]:
        used, size = (each[key] / _MEBIBYTE for key in ("used_bytes", "size_bytes"))
        yield "memory", each["pool"], f"{used:.4g} of {size:.4g} MiB"
    for each in record["temperature"]:
        yield "temperature", each["sensor"], f"{each['celsius']:.4g} °C"
    for each in record["power_supply"]:
        yield "power supply", each["supply"], "up" if each["up"] else "down"
    if record["on_battery"] is not None:
        yield "on battery", "", "yes" if record["on_battery"] else "no"
    if record["battery_charge_ratio"] is not None:
        yield "battery charge", "", _share(record["battery_charge_ratio"])
    if record["battery_runtime_s"] is not None:
        yield "battery runtime", "", duration(record["battery_runtime_s"])


def _share(value: float) -> str:
    return f"{100 * value:.4g} %"
