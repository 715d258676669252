"""`profile list` and `profile test`: what is known of each kind of device, and a profile tried on a recorded walk."""

import json
from pathlib import Path

import pytest

from wanmon.config.layout import shipped

SHIPPED = shipped("inventory") / "profiles"
WALKS = Path(__file__).parents[1] / "profiles" / "walks"
HUAWEI = SHIPPED / "huawei-vrp.yaml", WALKS / "huawei-vrp.snmprec"


def test_the_list_tells_who_was_tried_on_a_real_device_and_what_each_reads(wanmon):
    ended = wanmon("profile", "list", "-o", "json")
    found = {record["profile"]: record for record in json.loads(ended.out)}

    assert (0, "") == (ended.status, ended.err)
    assert (True, False) == (found["cisco-ios"]["verified"], found["huawei-vrp"]["verified"])
    assert {"vendor", "serial", "cpu", "memory", "temperature", "power_supply"} <= set(found["cisco-ios"]["gives"])
    assert {"on_battery", "battery_charge", "battery_runtime"} <= set(found["ups"]["gives"])
    assert ["cpu", "memory"] == found["host-resources"]["gives"]


def test_a_profile_that_cannot_be_used_is_told_beside_the_list(wanmon, province):
    (province / "vendors").mkdir()
    (province / "vendors" / "mine.yaml").write_text("profile: mine\ntitle: x\nverified: perhaps\n")
    (province / "wanmon.toml").write_text('profiles = "vendors"\n')
    ended = wanmon("profile", "list")

    assert 3 == ended.status
    assert "cisco-ios" in ended.out
    assert any("mine.yaml:3: verified = 'perhaps'" in line for line in ended.errors)


def test_a_walk_is_read_by_a_profile_as_the_poller_would(wanmon):
    profile, walk = HUAWEI
    ended = wanmon("profile", "test", str(profile), "--replay", str(walk), "-o", "json")
    told = json.loads(ended.out)

    assert (0, "") == (ended.status, ended.err)
    assert ("huawei-vrp", "huawei-vrp", []) == (told["profile"], told["would_match"], told["missing"])
    assert ("Huawei", "AR1220E") == (told["identity"]["vendor"], told["identity"]["model"])
    assert [{"sensor": "SRU Board 0", "celsius": 52.0}] == told["sensors"]["temperature"]
    assert {"interface": "Dialer0", "reason": "the default route leads through it"} == told["wan_port"]
    assert 4 == len(told["interfaces"])


def test_a_person_reads_the_same_in_tables(wanmon):
    profile, walk = HUAWEI
    lines = wanmon("profile", "test", str(profile), "--replay", str(walk)).out.splitlines()

    assert "vendor       Huawei" in lines
    assert "wan port     Dialer0: the default route leads through it" in lines
    assert "memory        SRU Board 0  962.6 of 2048 MiB" in lines
    assert "power supply  0.1          up" in lines


def test_what_a_profile_promises_and_the_walk_has_not_is_told(wanmon):
    """A FortiGate's walk read as a MikroTik."""
    words = ["--replay", str(WALKS / "fortinet-fortios.snmprec")]
    ended = wanmon("profile", "test", str(SHIPPED / "mikrotik-routeros.yaml"), *words, "-o", "json")
    told = json.loads(ended.out)

    assert 1 == ended.status
    assert "fortinet-fortios" == told["would_match"]
    assert [
        "identity.model: nothing of it is in the walk",
        "identity.os_version: nothing of it is in the walk",
    ] == told["missing"]
    assert told["missing"] == ended.errors


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("profile: mine\ntitle: x\nverified: false\nvendro: y\n", "mine.yaml:4: vendro = 'y': Extra inputs"),
        ("profile: mine\ntitle: x\nverified: false\ninclude: [if-mibb]\n", "mine.yaml:4: include.0: 'if-mibb'"),
        ("profile: [\n", "mine.yaml:2: not valid YAML"),
    ],
)
def test_a_profile_that_cannot_be_used_is_told_with_file_line_and_field(wanmon, tmp_path, text, words):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    ended = wanmon("profile", "test", str(file), "--replay", str(HUAWEI[1]))

    assert 1 == ended.status
    assert words in ended.err


def test_a_file_that_is_not_there_is_told(wanmon, tmp_path):
    ended = wanmon("profile", "test", str(tmp_path / "none.yaml"), "--replay", str(HUAWEI[1]))

    assert (1, True) == (ended.status, "none.yaml: cannot be read: No such file" in ended.err)


def test_a_walk_that_is_not_there_is_told(wanmon, tmp_path):
    ended = wanmon("profile", "test", str(HUAWEI[0]), "--replay", str(tmp_path / "none.snmprec"))

    assert (True, True) == (ended.status != 0, "none.snmprec" in ended.err)


def test_an_own_profile_may_include_an_own_part(wanmon, province, tmp_path):
    (province / "vendors").mkdir()
    (province / "vendors" / "part.yaml").write_text(
        "profile: part\ntitle: x\nverified: false\nobjects:\n"
        "  hostLoad: {oid: 1.3.6.1.4.1.12356.101.4.1.3.0, syntax: gauge32, unit: percent}\n"
        "sensors: {cpu: [{value: hostLoad, name: all}]}\n"
    )
    (province / "wanmon.toml").write_text('profiles = "vendors"\n')
    mine = tmp_path / "mine.yaml"
    mine.write_text("profile: mine\ntitle: x\nverified: false\ninclude: [if-mib, part]\n")
    ended = wanmon("profile", "test", str(mine), "--replay", str(WALKS / "fortinet-fortios.snmprec"), "-o", "json")

    assert [{"cpu": "all", "utilization_ratio": 0.04}] == json.loads(ended.out)["sensors"]["cpu"]


def test_a_device_is_no_table(wanmon):
    ended = wanmon("profile", "test", str(HUAWEI[0]), "--replay", str(HUAWEI[1]), "-o", "csv")

    assert (2, True) == (ended.status, "-o json" in ended.err)
