"""The lines of the sensors of one device."""

from collections.abc import Callable, Sequence

from wanmon.metrics.lines import sample
from wanmon.poller.device.sensors import UNREAD, Amount, Health, Reading

Ids = tuple[str, str]


def sensor_lines(ids: Ids, health: Health) -> dict[str, str]:
    """The families of what was read, by name; `ids` are site and device."""
    return {
        "wanmon_device_cpu_utilization_ratio": _named("wanmon_device_cpu_utilization_ratio", ids, health.cpu),
        "wanmon_device_memory_used_bytes": _pools("wanmon_device_memory_used_bytes", ids, health.memory, _used),
        "wanmon_device_memory_size_bytes": _pools("wanmon_device_memory_size_bytes", ids, health.memory, _size),
        "wanmon_device_temperature_celsius": _named("wanmon_device_temperature_celsius", ids, health.temperature),
        "wanmon_device_power_supply_up": _named("wanmon_device_power_supply_up", ids, health.power_supply),
        "wanmon_ups_on_battery": _single("wanmon_ups_on_battery", ids, health.on_battery),
        "wanmon_ups_battery_charge_ratio": _single("wanmon_ups_battery_charge_ratio", ids, health.battery_charge),
        "wanmon_ups_runtime_seconds": _single("wanmon_ups_runtime_seconds", ids, health.battery_runtime),
    }


def _used(amount: Amount) -> float:
    return amount.used


def _size(amount: Amount) -> float:
    return amount.size


def _named(family: str, ids: Ids, readings: Sequence[Reading]) -> str:
    return "".join(sample(family, (*ids, name), _tidy(value)) for name, value in readings)


def _pools(family: str, ids: Ids, amounts: Sequence[Amount], value: Callable[[Amount], float]) -> str:
    return "".join(sample(family, (*ids, amount.name), round(value(amount))) for amount in amounts)


def _single(family: str, ids: Ids, readings: Sequence[Reading]) -> str:
    """Of one battery: a device has one, and a second reading of it has no label to be told by."""
    return "".join(sample(family, ids, _tidy(value)) for _, value in readings[:1])


def _tidy(value: float) -> float:
    """Without what the binary fraction of 0.1 leaves behind."""
    return round(value, 6)


#: All of these families.
SENSOR_FAMILIES = frozenset(sensor_lines(("", ""), UNREAD))
