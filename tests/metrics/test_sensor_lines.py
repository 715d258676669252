"""The lines of sensors: what was read, and nothing of what was not."""

from dataclasses import replace

import pytest

from tests.metrics.rendered import HEALTH, NOW_S, lines, of, polled, port, track
from tests.metrics.test_device_lines import shown
from wanmon.metrics.device import DeviceRenderer
from wanmon.metrics.sensors import SENSOR_FAMILIES
from wanmon.poller.board import DeviceLines
from wanmon.poller.device.sensors import UNREAD, Health, Reading

IDS = {"site": "S1", "device": "S1-R1"}
PORTS = (port("eth0"),)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("wanmon_device_cpu_utilization_ratio", [({"cpu": "1"}, 0.28)]),
        ("wanmon_device_memory_used_bytes", [({"pool": "Processor"}, 22_188_980)]),
        ("wanmon_device_memory_size_bytes", [({"pool": "Processor"}, 75_688_760)]),
        ("wanmon_device_temperature_celsius", [({"sensor": "inlet"}, 41.5)]),
        ("wanmon_device_power_supply_up", [({"supply": "PS1"}, 1), ({"supply": "PS2"}, 0)]),
        ("wanmon_ups_on_battery", [({}, 0)]),
        ("wanmon_ups_battery_charge_ratio", [({}, 1)]),
        ("wanmon_ups_runtime_seconds", [({}, 65_520)]),
    ],
)
def test_a_reading_has_a_line(family: str, expected: list[tuple[dict[str, str], float]]):
    text = shown(lines(track(), polled(PORTS)))

    assert [(IDS | labels, value) for labels, value in expected] == of(text, family)


def test_the_dust_of_binary_fractions_is_not_shown():
    text = shown(lines(track(), polled(PORTS, health=Health(temperature=(Reading("a", 263 * 0.1),)))))

    assert 'sensor="a"} 26.3\n' in text


def test_a_device_without_sensors_has_none_of_these_families():
    text = shown(lines(track(), polled(PORTS, health=UNREAD)))

    assert not [family for family in SENSOR_FAMILIES if family in text]


def test_a_reading_that_did_not_come_is_no_longer_shown():
    """Nothing old is shown as current."""
    renderer, of_device = DeviceRenderer(), track()
    before = renderer.after_poll(of_device, polled(PORTS), DeviceLines())
    without = replace(HEALTH, cpu=(), temperature=(Reading("outlet", 30.0),))
    after = renderer.after_poll(of_device, polled(PORTS, health=without, changed=frozenset()), before)
    text = shown(after)

    assert [] == of(text, "wanmon_device_cpu_utilization_ratio")
    assert [(IDS | {"sensor": "outlet"}, 30)] == of(text, "wanmon_device_temperature_celsius")
    assert 1 == len(of(text, "wanmon_interface_up"))


def test_the_readings_of_a_device_that_fell_silent_vanish():
    made = lines(track(), polled(PORTS))

    assert of(shown(made, NOW_S + 89), "wanmon_device_temperature_celsius")
    assert not of(shown(made, NOW_S + 90), "wanmon_device_temperature_celsius")
