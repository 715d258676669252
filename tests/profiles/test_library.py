"""Profiles are data: a broken one is told with file, line and field, and the others go on."""

from pathlib import Path
from textwrap import dedent

import pytest

from wanmon.config.layout import shipped
from wanmon.errors import NotFound
from wanmon.profiles.identity import Extract
from wanmon.profiles.library import Library, load
from wanmon.profiles.objects import parse_oid

SHIPPED = shipped("inventory") / "profiles"
GOOD = """\
profile: good
title: A good one
verified: false
match: {sys_object_id: [1.3.6.1.4.1.9]}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return folder


#: What sensors and identity name, from line 5 on.
OBJECTS = """\
objects:
  load: {oid: 1.3.6.1.4.1.9.1, syntax: integer, unit: percent}
  bare: {oid: 1.3.6.1.4.1.9.2, syntax: integer}
  heat: {oid: 1.3.6.1.4.1.9.3, syntax: integer, unit: celsius}
  total: {oid: 1.3.6.1.4.1.9.4.0, syntax: integer, unit: percent}
"""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sensors: {cpu: [{value: bare}]}", 10, "sensors.cpu.0.value: bare has no unit: a share is asked for"),
        ("sensors: {cpu: [{value: heat}]}", 10, "sensors.cpu.0.value: heat is a temperature in celsius: a share is"),
        ("sensors: {cpu: [{value: lead}]}", 10, "sensors.cpu.0.value: 'lead': there is no such object"),
        ("sensors:\n  cpu:\n    - value: load\n      label: nam", 13, "sensors.cpu.0.label: 'nam': there is no such"),
        ("sensors: {cpu: [{value: load, where: {nam: [1]}}]}", 10, "sensors.cpu.0.where.nam: 'nam': there is no such"),
        ("sensors: {cpu: [{value: load, where: {bare: []}}]}", 10, "give values that the cell must hold"),
        ("sensors: {cpu: [{value: load, where: {bare: 1}}]}", 10, "sensors.cpu.0.where.bare"),
        ("sensors: {cpu: [{value: total}]}", 10, "sensors.cpu.0: is a scalar: give it a name"),
        ("sensors: {cpu: [{value: total, label: bare, name: x}]}", 10, "has scalars and columns"),
        ("sensors: {cpu: [{valeu: load}]}", 10, "sensors.cpu.0.value"),
        ("sensors: {cpu: [{value: load, colour: red}]}", 10, "sensors.cpu.0.colour = 'red': Extra inputs"),
        ("sensors: {cpu: [{value: load, group: daily}]}", 10, "sensors.cpu.0.group = 'daily'"),
        ("sensors: {cpu: [{value: load, label_pattern: a}]}", 10, "needs exactly one group"),
        ("sensors: {fan: [{value: load}]}", 10, "sensors.fan = "),
        ("sensors: {memory: [{size: load}]}", 10, "needs two of size, used and free, or size and used_share"),
        ("sensors: {power_supply: [{value: bare}]}", 10, "sensors.power_supply.0.when"),
        ("identity: {serial: {from: nobody}}", 10, "identity.serial.from: 'nobody': there is no such scalar or object"),
        ("identity: {serial: [{text: a}, {from: nobody}]}", 10, "identity.serial.1.from: 'nobody'"),
        ("identity: {serial: {from: load, row: main}}", 10, "identity.serial.row: 'main': there are no such rows"),
        ("rows: {main: [{nam: [1]}]}", 10, "rows.main.0.nam: 'nam': there is no such object"),
        ("wan_port: ['(']", 10, "wan_port.0 = '(': is no regular expression"),
    ],
)
def test_what_does_not_hold_together_is_told_with_its_place(tmp_path: Path, text: str, line: int, words: str):
    write(tmp_path, broken=GOOD + OBJECTS + text + "\n", other=GOOD.replace("good", "other", 1))
    library = load([SHIPPED, tmp_path])

    assert 1 == len(library.problems)
    assert library.problems[0].startswith(f"{tmp_path}/broken.yaml:{line}: ")
    assert words in library.problems[0]
    assert "other" in library.profiles
    assert "good" not in library.profiles


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("  load: {oid: 1.3.6.x, syntax: integer}", 6, "objects.load.oid = '1.3.6.x': is no numeric OID"),
        ("  load: {oid: 1.3.6.1, syntax: string}", 6, "objects.load.syntax = 'string'"),
        ("  load: {oid: 1.3.6.1, syntax: integer, unit: bogomips}", 6, "objects.load.unit = 'bogomips'"),
        ("  load: {syntax: integer}", 6, "objects.load.oid"),
        ("  '1x': {oid: 1.3.6.1, syntax: integer}", 6, "objects.1x.name"),
    ],
)
def test_a_wrong_object_is_told_with_its_place(tmp_path: Path, text: str, line: int, words: str):
    library = load([write(tmp_path, broken=GOOD + "objects:\n" + text + "\n")])

    assert library.problems[0].startswith(f"{tmp_path}/broken.yaml:{line}: ")
    assert words in library.problems[0]


def test_what_includes_a_part_that_cannot_be_used_is_told_too(tmp_path: Path):
    part = GOOD.replace("good", "part", 1).replace("match", "# match") + "sensors: {cpu: [{value: nothing}]}\n"
    library = load([write(tmp_path, good=GOOD + "include: [part]\n", part=part)])

    assert [
        f"{tmp_path}/part.yaml:5: sensors.cpu.0.value: 'nothing': there is no such object here, or in what is included",
        f"{tmp_path}/good.yaml:5: include.0: 'part': there is no such profile",
    ] == list(library.problems)


def test_an_own_profile_that_does_not_hold_together_leaves_the_shipped_one(tmp_path: Path):
    broken = "profile: if-mib\ntitle: x\nverified: false\nsensors: {cpu: [{value: nothing}]}\n"
    library = load([SHIPPED, write(tmp_path, mine=broken)])

    assert 1 == len(library.problems)
    assert library.named("if-mib").interfaces


def test_a_part_matches_no_device_by_itself(tmp_path: Path):
    part = "profile: part\ntitle: x\nverified: false\n"

    assert "if-mib" == load([SHIPPED, write(tmp_path, part=part)]).matching((1, 3, 6), "anything").profile


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD + "title: [\n", 6, "not valid YAML"),
        (GOOD + "\tx: 1\n", 5, "not valid YAML"),
        (GOOD + "since: 2026-02-31\n", None, "not valid YAML: day is out of range"),
        (GOOD + "x: \0\n", None, "not valid YAML: unacceptable character"),
        ("[" * 5000, None, "not valid YAML"),
        ("- a\n", 1, "Input should be a valid dictionary"),
        ("", 1, "Input should be a valid dictionary"),
        ("profile: good\nverified: true\n", 1, "title = "),
        (GOOD + "vendro: cisco\n", 5, "vendro = 'cisco': Extra inputs are not permitted"),
        (GOOD.replace("good", "Bad Name", 1), 1, "profile = 'Bad Name'"),
        (GOOD.replace("false", "perhaps"), 3, "verified = 'perhaps'"),
        (GOOD.replace("1.3.6.1.4.1.9", "cisco"), 4, "match.sys_object_id.0 = 'cisco': is no numeric OID"),
        (GOOD.replace("sys_object_id", "sys_descr: '(', sys_object_id"), 4, "is no regular expression"),
        (
            GOOD + "identity:\n  model: {from: description, pattern: 'x'}\n",
            6,
            "identity.model.pattern = 'x': needs exactly one group",
        ),
        (
            GOOD + "scalars:\n  uptime:\n    group: fast\n    objects:\n"
            "      - {name: sysUpTime, oid: 1.3.6.1.2.1.1.3, syntax: timeticks}\n",
            1,
            "scalars.uptime: sysUpTime is no scalar instance",
        ),
        (
            GOOD + "interfaces:\n  name:\n    group: slow\n    objects:\n"
            "      - {name: ifName, oid: 1.3.6.1.2.1.31.1.1.1.1, syntax: string}\n",
            9,
            "interfaces.name.objects.0.syntax = 'string'",
        ),
        (GOOD + "interfaces:\n  colour: {group: slow, objects: []}\n", 6, "interfaces.colour"),
        (GOOD + "interfaces:\n  name: {group: slow, objects: []}\n", 6, "interfaces.name.objects = []"),
    ],
    ids=["unclosed", "tab", "no such day", "control character", "too deep", "list", "empty", "no title", "unknown key",
         "name", "not a truth", "OID", "expression", "no group", "no instance", "syntax", "role", "no objects"],
)  # fmt: skip
def test_a_broken_profile_is_told_with_its_place_and_the_others_go_on(
    tmp_path: Path, text: str, line: int | None, words: str
):
    write(tmp_path, broken=text, other=GOOD.replace("good", "other", 1))
    library = load([SHIPPED, tmp_path])

    assert 1 == len(library.problems)
    assert library.problems[0].startswith(f"{tmp_path}/broken.yaml:" + (f"{line}: " if line else ""))
    assert words in library.problems[0]
    assert "\n" not in library.problems[0]
    assert {"if-mib", "net-snmp", "other"} <= library.profiles.keys()
    assert "broken" not in library.profiles


def test_a_file_that_is_no_text_is_told(tmp_path: Path):
    (tmp_path / "broken.yaml").write_bytes(b"profile: \xff\n")
    (tmp_path / "folder.yaml").mkdir()

    assert (f"{tmp_path}/broken.yaml: is not UTF-8", f"{tmp_path}/folder.yaml: cannot be read: Is a directory") == (
        load([tmp_path]).problems
    )


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path):
    (tmp_path / "broken.yaml").write_text("#" * (1 << 21))

    assert "larger than" in load([tmp_path]).problems[0]


def test_an_include_that_is_not_there_is_told(tmp_path: Path):
    library = load([write(tmp_path, good=GOOD + "include: [if-mibb]\n")])

    assert (f"{tmp_path}/good.yaml:5: include.0: 'if-mibb': there is no such profile",) == library.problems
    assert {} == library.profiles


def test_an_include_gives_its_objects_and_ones_own_go_first(tmp_path: Path):
    own = GOOD + (
        "include: [if-mib]\nscalars:\n  name:\n    group: slow\n"
        "    objects: [{name: ownName, oid: 1.3.6.1.4.1.9.1.0, syntax: text}]\n"
    )
    profile = load([SHIPPED, write(tmp_path, good=own)]).named("good")

    assert "ownName" == profile.scalars["name"].objects[0].name
    assert "sysUpTime" == profile.scalars["uptime"].objects[0].name
    assert "receive_bytes" in profile.interfaces


def test_a_later_folder_takes_the_place_of_an_earlier_one(tmp_path: Path):
    changed = GOOD.replace("good", "net-snmp", 1)

    assert "A good one" == load([SHIPPED, write(tmp_path, mine=changed)]).named("net-snmp").title


def test_a_broken_profile_of_a_later_folder_leaves_the_shipped_one(tmp_path: Path):
    library = load([SHIPPED, write(tmp_path, mine="profile: if-mib\n")])

    assert 1 == len(library.problems)
    assert library.named("if-mib").interfaces


@pytest.fixture
def vendors(tmp_path: Path) -> Library:
    def vendor(name: str, match: str) -> str:
        return f"profile: {name}\ntitle: x\nverified: false\nmatch: {match}\n"

    return load(
        [
            SHIPPED,
            write(
                tmp_path,
                long=vendor("long", "{sys_object_id: [1.3.6.1.4.1.9.1]}"),
                short=vendor("short", "{sys_object_id: [1.3.6.1.4.1.9, 1.3.6.1.4.1.99]}"),
                xr=vendor("xr", "{sys_object_id: [1.3.6.1.4.1.9.1.7], sys_descr: 'IOS.XR'}"),
            ),
        ]
    )


@pytest.mark.parametrize(
    ("expected", "object_id", "description"),
    [
        ("long", "1.3.6.1.4.1.9.1.5", ""),
        ("long", "1.3.6.1.4.1.9.1", ""),
        ("short", "1.3.6.1.4.1.9.2", ""),
        ("short", "1.3.6.1.4.1.99.1", ""),
        ("if-mib", "1.3.6.1.4.1.98", ""),
        ("if-mib", "1.3.6.1.4.1", ""),
        ("xr", "1.3.6.1.4.1.9.1.7", "Cisco IOS XR Software"),
        ("long", "1.3.6.1.4.1.9.1.7", "Cisco IOS Software"),
        ("net-snmp", "1.3.6.1.4.1.8072.3.2.10", "Linux"),
    ],
)
def test_the_longest_matching_object_id_wins(vendors: Library, expected: str, object_id: str, description: str):
    assert expected == vendors.matching(parse_oid(object_id), description).profile


def test_a_device_without_an_object_id_has_the_generic_profile(vendors: Library):
    assert "if-mib" == vendors.matching((), "").profile


def test_a_profile_that_is_not_there_is_told_with_those_that_are(vendors: Library):
    with pytest.raises(NotFound, match=r"there are cisco-ios, .*if-mib, .*long, .*net-snmp"):
        vendors.named("cisco")


@pytest.mark.parametrize(
    ("given", "texts", "expected"),
    [
        ({"text": "Cisco"}, [], "Cisco"),
        ({}, [], ""),
        ({"from": "description"}, ["RouterOS 7"], "RouterOS 7"),
        ({"from": "description", "pattern": r"Version ([^ ,]+)"}, ["IOS, Version 15.1, x"], "15.1"),
        ({"from": "description", "pattern": r"Version ([^ ,]+)"}, ["IOS"], ""),
        ({"from": "description", "pattern": r"a|(b)"}, ["a"], ""),
        ({"from": "imageString", "pattern": r"FAMILY\$(.*)\$"}, ["IMAGE$x$", "FAMILY$C3560$", "FAMILY$y$"], "C3560"),
        ({"from": "name"}, [], ""),
    ],
)
def test_a_text_is_fixed_or_cut_out(given: dict[str, str], texts: list[str], expected: str):
    assert expected == Extract.model_validate(given).of(texts)


def test_the_shipped_profiles_are_whole():
    library = load([SHIPPED])
    files = sorted(file.stem for file in SHIPPED.glob("*.yaml"))

    assert () == library.problems
    assert files == sorted(library.profiles)
    for name in files:
        profile = library.named(name)
        if profile.is_part:
            continue
        assert "uptime" in profile.scalars, name
        assert {"name", "oper_status", "receive_bytes", "transmit_bytes"} <= profile.interfaces.keys(), name


def test_one_name_is_one_object_in_all_shipped_profiles():
    """Else `wanmon snmp get ifName` would depend on the order of files."""
    found = {(item.name, item.oid) for item in load([SHIPPED]).objects()}

    assert len({name for name, _ in found}) == len(found)


def test_the_example_of_the_manual_can_be_used(tmp_path: Path):
    page = (SHIPPED.parents[1] / "docs" / "profiles.md").read_text(encoding="utf-8")
    example = page.partition("## The keys\n\n")[2].partition("\n`scalars`")[0]
    library = load([SHIPPED, write(tmp_path, acme=example)])

    assert () == library.problems
    assert ["cpu", "temperature"] == [kind for kind, _ in library.named("acme").sensors.kinds()][:2]
