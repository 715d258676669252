"""An agent that answers every object of a profile with whatever comes: it is read, and what is shown of it can be."""

import random
from collections.abc import Iterator

import pytest

from tests.metrics.rendered import lines, of, samples, track
from tests.metrics.test_device_lines import shown
from wanmon.config.layout import shipped
from wanmon.lab.replay_reading import read_once
from wanmon.lab.snmprec import Recorded
from wanmon.poller.device.sensors import MOST_OF_A_KIND
from wanmon.profiles.library import load
from wanmon.protocols.snmp.types import Oid, Syntax, Value

LIBRARY = load([shipped("inventory") / "profiles"])
DEVICES = sorted(name for name, profile in LIBRARY.profiles.items() if not profile.is_part)
SEEDS = 6
NUMBERS = [0, 1, 2, 3, 5, 8, 50, 100, 255, 65_535, 2**31 - 1, -1, -(2**31), 2**64 - 1]
BYTES = [
    b"",
    b"\0",
    b"50",
    b"a",
    b"a",
    b"\xff\xfe",
    b"x" * 900,
    b'"} 1\n',
    "Đ".encode(),
    b"\x07\xe2\x04\x09\x13\x1c\x0f\0",
]


def value(luck: random.Random) -> tuple[Syntax, Value]:
    made: list[tuple[Syntax, Value]] = [
        (Syntax.INTEGER, luck.choice(NUMBERS)),
        (Syntax.OCTET_STRING, luck.choice(BYTES)),
        (Syntax.OBJECT_IDENTIFIER, (1, 3, 6, 1, 2, 1, 25, 2, 1, luck.randrange(4))),
        (Syntax.NULL, None),
    ]
    return luck.choices(made, [6, 4, 1, 1])[0]


def indexes(luck: random.Random) -> Iterator[Oid]:
    for _ in range(luck.choice([0, 1, 3, 100])):
        yield tuple(luck.randrange(120) for _ in range(luck.choice([1, 1, 1, 2, 4])))


def nonsense(profile: str, luck: random.Random) -> Recorded:
    rows = list(indexes(luck))
    recorded: Recorded = {}
    for item in LIBRARY.named(profile).all_objects():
        for oid in [item.oid] if item.is_scalar else [(*item.oid, *row) for row in rows]:
            if luck.random() < 0.9:
                recorded[oid] = value(luck)
    return recorded


@pytest.mark.parametrize("profile", DEVICES)
def test_whatever_an_agent_answers_is_read_and_shown(profile: str):
    for seed in range(SEEDS):
        result = read_once(nonsense(profile, random.Random(f"{profile} {seed}")), LIBRARY, profile)
        of_device = track()
        of_device.snmp.identity = result.identity
        page = shown(lines(of_device, result))

        assert samples(page)
        assert all(0 <= share <= 1 for _, share in of(page, "wanmon_device_cpu_utilization_ratio"))
        assert all(-100 <= heat <= 300 for _, heat in of(page, "wanmon_device_temperature_celsius"))
        assert {on for _, on in of(page, "wanmon_device_power_supply_up")} <= {0, 1}
        assert len(of(page, "wanmon_device_memory_size_bytes")) <= MOST_OF_A_KIND
