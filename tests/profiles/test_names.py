"""Names of objects: the table of the standard MIBs holds together, and names and OIDs find each other."""

import re
from pathlib import Path

import pytest

from wanmon.config.layout import shipped
from wanmon.errors import ConfigError, NotFound
from wanmon.profiles.library import load
from wanmon.profiles.names import NamedObject, Names, names_of, read, standard_groups, standard_objects
from wanmon.profiles.objects import MibObject
from wanmon.protocols.snmp.types import Syntax

LIBRARY = load([shipped("inventory") / "profiles"])
NAMES = names_of(LIBRARY.objects())
KINDS = {
    "octet_string": {"text", "bytes", "mac", "ip", "date_and_time", "bits", "text_or_mac"},
    "opaque": {"float"},
}
#: How profiles call the types that the table calls as the protocol does.
PROFILE_SYNTAXES = {"text": "octet_string", "oid": "object_identifier"}


def test_no_name_and_no_oid_is_there_twice():
    table = standard_objects()

    assert 800 < len(table)
    assert len(table) == len({item.name.lower() for item in table})
    assert len(table) == len({item.oid for item in table})
    assert sorted(item.oid for item in table) == [item.oid for item in table]


def test_the_table_keeps_to_the_standard_and_to_two_vendors():
    """A vendor's private copy of a MIB has the same names under other OIDs."""
    roots = ("1.0.8802.1.1.2.", "1.3.6.1.2.1.", "1.3.6.1.6.3.", "1.3.6.1.4.1.9.9.23.", "1.3.6.1.4.1.2021.")

    assert [] == [item.name for item in standard_objects() if not ".".join(map(str, item.oid)).startswith(roots)]


@pytest.mark.parametrize("item", standard_objects(), ids=lambda item: item.name)
def test_a_row_of_the_table_is_whole(item):
    """A kind is given to bytes and to nothing else; numbers and bits alone have names."""
    assert re.fullmatch(r"[a-z][A-Za-z0-9]{2,63}", item.name)
    assert Syntax[item.syntax.upper()] < Syntax.NO_SUCH_OBJECT
    assert item.kind in KINDS.get(item.syntax, {""})
    assert (item.kind == "bits") or item.syntax == "integer" or not item.values
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) for name in item.values.values())


def test_the_profiles_agree_with_the_table():
    standard = {item.name: item for item in standard_objects()}
    shared = [item for item in LIBRARY.objects() if item.name in standard]

    assert 20 < len({item.name for item in shared})
    for item in shared:
        assert standard[item.name].oid == item.oid, item.name
        wire = PROFILE_SYNTAXES.get(item.syntax, item.syntax)
        assert standard[item.name].syntax == wire or wire == standard[item.name].kind, item.name


def test_no_profile_gives_another_name_to_an_object_of_the_table():
    by_oid = {item.oid: item.name for item in standard_objects()}

    assert [] == [item.name for item in LIBRARY.objects() if by_oid.get(item.oid, item.name) != item.name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.3.6.1.2.1.1.5.0", (1, 3, 6, 1, 2, 1, 1, 5, 0)),
        (".1.3.6", (1, 3, 6)),
        ("ifName", (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)),
        ("ifname.3", (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 3)),
        ("sysName", (1, 3, 6, 1, 2, 1, 1, 5, 0)),
        ("sysName.0", (1, 3, 6, 1, 2, 1, 1, 5, 0)),
        ("ifHCInOctets.1.2", (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1, 2)),
    ],
)
def test_names_and_numbers_become_oids(text: str, expected: tuple[int, ...]):
    assert expected == NAMES.resolve(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ifNmae", NotFound),
        ("", NotFound),
        ("ifName.x", ConfigError),
        ("ifName.-1", ConfigError),
        ("3.1", ConfigError),
        ("1", ConfigError),
        ("1.40", ConfigError),
        ("1.3.4294967296", ConfigError),
        ("1.3." + "1." * 200 + "1", ConfigError),
    ],
)
def test_what_is_no_oid_is_told(text: str, error: type[Exception]):
    with pytest.raises(error) as caught:
        NAMES.resolve(text)

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        ((1, 3, 6, 1, 2, 1, 1, 5, 0), ("sysName", (0,))),
        ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 3), ("ifName", (3,))),
        ((1, 3, 6, 1, 2, 1, 4, 20, 1, 2, 10, 27, 0, 1), ("ipAdEntIfIndex", (10, 27, 0, 1))),
        ((1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9, 0, 24, 1), ("lldpRemSysName", (0, 24, 1))),
        ((1, 3, 6, 1, 2, 1, 2, 2, 1), None),
        ((1, 3, 6, 1, 4, 1, 9999, 1), None),
    ],
)
def test_an_instance_is_found_with_its_index(oid, expected):
    found = NAMES.find(oid)

    assert expected == (found and (found[0].name, found[1]))


def test_a_name_that_a_profile_alone_knows_is_one():
    names = Names([NamedObject("hwCpuDevUsage", (1, 3, 6, 1, 4, 1, 2011, 1, 6)), *standard_objects()])

    assert (1, 3, 6, 1, 4, 1, 2011, 1, 6, 7) == names.resolve("hwCpuDevUsage.7")


@pytest.mark.parametrize(
    "row", ["ifName,1.3.6.x,octet_string,text,", "ifName,1.3.6.1", "ifName,1.3.6.1,integer,,up=1"], ids=str
)
def test_a_row_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, row: str):
    (tmp_path / "objects.csv").write_text(f"name,oid,syntax,kind,values\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"objects\.csv:2: .*a row is name,oid,syntax,kind,values"):
        read(tmp_path / "objects.csv")


def test_a_profile_tells_how_the_bytes_of_its_objects_are_meant():
    given = {"name": "acmeClock", "oid": "1.3.6.1.4.1.99999.7.0", "syntax": "date_and_time"}
    found = names_of([MibObject.model_validate(given)]).find((1, 3, 6, 1, 4, 1, 99999, 7, 0))

    assert found is not None
    assert ("acmeClock", "date_and_time") == (found[0].name, found[0].kind)


@pytest.mark.parametrize(
    ("text", "root"),
    [("system", (1, 3, 6, 1, 2, 1, 1)), ("ifXTable", (1, 3, 6, 1, 2, 1, 31, 1, 1))],
    ids=["group", "table"],
)
def test_groups_and_tables_can_be_walked_and_not_asked_for(text: str, root: tuple[int, ...]):
    names = names_of([])

    assert root == names.root(text)
    with pytest.raises(NotFound):
        names.resolve(text)


def test_every_group_holds_objects_and_has_the_name_of_none():
    groups = standard_groups()

    assert len(groups) == len(set(groups.values()))
    for name, oid in groups.items():
        assert any(item.oid[: len(oid)] == oid for item in standard_objects()), name
        assert name.lower() not in {item.name.lower() for item in standard_objects()}
