"""The folder of platforms is their registry."""

import re
from pathlib import Path

import pytest
from netmiko.ssh_dispatcher import CLASS_MAPPER

from wanmon.config.layout import shipped
from wanmon.errors import NotFound
from wanmon.platforms.asking import PingRequest, TraceRequest
from wanmon.platforms.registry import names, of_profile, platform
from wanmon.profiles.library import load


def test_the_platforms_are_those_that_were_promised():
    promised = (
        "cisco_ios", "cisco_xe", "fortinet", "hp_comware", "huawei_vrp", "juniper_junos", "linux", "mikrotik_routeros",
    )  # fmt: skip

    assert list(promised) == names()


@pytest.mark.parametrize("name", names())
def test_a_platform_is_whole(name):
    known = platform(name)

    assert name == known.name
    assert known.summary.endswith(".")
    assert known.netmiko in CLASS_MAPPER
    assert all(isinstance(command, str) for command in known.ping(PingRequest("10.27.0.10")))
    assert all(isinstance(command, str) for command in known.trace(TraceRequest("2001:db8::10")))


def test_only_what_was_tried_on_a_real_device_is_verified():
    assert ["linux"] == [name for name in names() if platform(name).is_verified]


def test_an_unknown_platform_is_told_with_those_there_are():
    with pytest.raises(NotFound, match="cisco_ios, cisco_xe, fortinet"):
        platform("reading")


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("cisco-ios", "cisco_ios"),
        ("huawei-vrp", "huawei_vrp"),
        ("h3c-comware", "hp_comware"),
        ("juniper-junos", "juniper_junos"),
        ("mikrotik-routeros", "mikrotik_routeros"),
        ("fortinet-fortios", "fortinet"),
        ("net-snmp", "linux"),
        ("vyatta-vyos", "linux"),
        ("zte-zxr10", ""),
        ("auto", ""),
        ("", ""),
    ],
)
def test_a_profile_tells_how_its_devices_speak(profile, name):
    assert name == of_profile(profile)


def test_every_profile_that_a_platform_names_is_one():
    named = [profile for name in names() for profile in platform(name).profiles]

    assert sorted(set(named)) == sorted(named)
    assert set() == set(named) - set(load([shipped("inventory") / "profiles"]).profiles)


def test_the_page_lists_every_platform_as_it_is():
    """Whoever sets up a login reads there which right it needs."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "platforms.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if re.match(r"\| `[a-z_]+` \|.*\| (yes|no) \|$", line)]
    rows = [[*re.findall(r"`([a-z0-9_-]+)`", line), line.split("|")[-2].strip()] for line in lines]
    told = {row[0]: (row[-1] == "yes", {*row[1:-1]}) for row in rows}

    assert sorted(told) == names()
    for name in names():
        assert told[name][0] == platform(name).is_verified
        assert told[name][1] >= {*platform(name).profiles, platform(name).netmiko}
