"""Bad input: one line that says what, where and what to do; the right exit status; nothing changed."""

import sqlite3
from pathlib import Path

import pytest

from wanmon.errors import InventoryError

ADD = ("site", "add", "BN-0200", "--name", "Trạm y tế", "--unit", "256", "--kind", "department", "--class", "agency")


@pytest.mark.parametrize(
    ("args", "status", "line"),
    [
        (
            ["site", "show", "BN-9999"],
            1,
            "there is no site 'BN-9999': did you mean BN-0099",
        ),
        (["site", "add", *ADD[3:]], 2, "missing argument 'CODE'"),
        (
            ["site", "add", "BN-0001", *ADD[3:], "--parent", "BN-DC1"],
            1,
            "site BN-0001: already exists",
        ),
        (
            [*ADD, "--parent", "BN-DC1", "--address", "10.27.1.1", "--snmp", "wan-v2c"],
            1,
            "device BN-0200-R1: address 10.27.1.1: overlaps with device BN-0001-R1",
        ),
        (
            [*ADD, "--parent", "BN-DC1", "--address", "10.27.1.1", "--port", "1161", "--snmp", "wan-v2c"],
            1,
            "device BN-0200-R1: address 10.27.1.1: overlaps with device BN-0001-R1 of site BN-0001",
        ),
        (
            ["device", "set", "BN-0001-R1", "--address", "10.27.1.256"],
            2,
            "device BN-0001-R1: --address '10.27.1.256': is not an IPv4 or IPv6 address",
        ),
        (
            ["device", "set", "BN-0001-R1", "--role", "egde"],
            2,
            "device BN-0001-R1: --role 'egde': is none of edge, inner, ups; did you mean 'edge'?",
        ),
        (
            ["site", "set", "BN-0001", "--parent", "BN-0009"],
            1,
            "site BN-0001: parent BN-0009: the topology runs in a cycle",
        ),
        (
            ["site", "retire", "BN-0001"],
            1,
            "site BN-0009: parent BN-0001: is retired",
        ),
        (["site", "remove", "BN-0001"], 1, "site BN-0001: cannot be removed: on it hang site BN-0009, site BN-0010"),
        (["site", "set", "BN-0001"], 2, "say what to set: see `wanmon site set --help`"),
        (["device", "set", "--snmp", "new"], 2, "say which devices: either by their name, or by --where column=value"),
        (
            ["device", "set", "--where", "smnp=old", "--snmp", "new"],
            2,
            "--where 'smnp=old': is no column=value of a device: did you mean snmp?",
        ),
        (["device", "set", "--where", "snmp=gone", "--snmp", "new"], 1, "there is no device 'snmp=gone'"),
        (["site", "set", "BN-0001", "--name", ""], 2, "site BN-0001: --name '': is empty: give a value"),
        (["site", "set", "BN-0001", "--name", "a\x1b[31mb"], 2, "site BN-0001: --name 'a\\x1b[31mb': has the unprint"),
        (["site", "set", "BN-0001", "--name", "x", "--author", ""], 2, "--author '': is empty"),
        (["site", "set", "BN-0001", "--name", "x", "--author", "a\x07"], 2, "has the unprintable character U+0007"),
        (["unit", "remove", "bn"], 1, "there is no unit 'bn': see `wanmon unit list`"),
        (["poll"], 2, "say whom to poll: devices, addresses or sites, or --all"),
        (["check", "run"], 2, "say whose checks to run: sites, or --all"),
        (
            ["check", "run", "--all", "--kind", "ping"],
            1,
            "there is no kind of check 'ping': there are dns_lookup",
        ),
        (["snmp", "get", "BN-0001", "1.3.6.x"], 1, "'1.3.6.x' is no numeric OID"),
        (["snmp", "get", "192.0.2.1", "sysName.0"], 2, "192.0.2.1 is not in the inventory: give --credential NAME"),
        (
            ["snmp", "get", "192.0.2.1", "sysName.0", "--credential", "wan-v2c"],
            1,
            "wanmon: 192.0.2.1 is outside the networks of wan-v2c (127.0.0.0/8)",
        ),
        (ADD, 2, "site BN-0200: missing --parent: only a datacenter has none"),
        (
            ["site", "set", "BN-0001", "--parent", ""],
            1,
            "site BN-0001: parent: missing: only a datacenter has no parent",
        ),
        (["snmp", "get", "BN-0001", "sysName.0", "--credential", "nope"], 2, "no credential snmp.nope in "),
        (["credential", "test", "nope"], 2, "no credential snmp.nope in "),
        (["watch"], 2, "watch needs a terminal: use `wanmon status`"),
        (["inventory", "apply", "inventory"], 2, "nobody is here to confirm"),
        (["inventory", "plan", "nowhere.csv"], 1, "nowhere.csv: there is no such file or folder"),
        (["inventory", "plan", "gone/sites.csv"], 1, "gone/sites.csv: there is no such file or folder"),
        (["inventory", "plan", "wanmon.toml"], 2, "cannot tell what the rows of 'wanmon.toml' are: say it with --noun"),
        (["restore", "no.db", "there"], 1, "no backup at no.db"),
        (["backup", "wanmon.toml"], 1, "wanmon.toml exists already: choose another name, or move it away"),
        (["backup", "missing/copy.db"], 1, "missing/copy.db cannot be written: No such file or directory"),
        (["init", "."], 2, ". is not empty: choose another folder"),
        (["init", "new", "--example", "ha-noi"], 1, "there is no example 'ha-noi': there is bac-ninh"),
        (["--config", "none.toml", "config", "show"], 1, "/none.toml: cannot be read: No such file or directory"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_bad_input_is_one_line(wanmon, untouched, args, status, line):
    ended = wanmon(*args)

    assert (status, "") == (ended.status, ended.out)
    assert ended.errors[0].startswith("wanmon: ")
    assert line in ended.errors[0]
    assert "Traceback" not in ended.err
    assert all(each.startswith("wanmon: ") for each in ended.errors)
    assert untouched()


def test_every_missing_flag_is_named_at_once(wanmon, untouched):
    ended = wanmon("site", "add", "BN-0200", "--name", "Trạm", "--address", "10.27.9.200")

    line = "wanmon: site BN-0200: missing --unit, --kind, --class: see `wanmon site add --help`"
    assert (2, [line]) == (ended.status, ended.errors)
    assert untouched()


def test_every_bad_flag_is_named_at_once(wanmon, untouched):
    ended = wanmon("device", "set", "BN-0001-R1", "--port", "x", "--liveness", "tcp:0")

    line = (
        "wanmon: device BN-0001-R1: --port 'x': is not a whole number: digits only; "
        "--liveness 'tcp:0': is none of icmp, snmp, tcp:PORT"
    )
    assert (2, [line]) == (ended.status, ended.errors)
    assert untouched()


def test_an_ambiguous_name_lists_what_it_fits_and_is_wrong_usage(wanmon, province):
    """Two wards are called Ninh Xá."""
    ended = wanmon("site", "show", "ninh xa")

    assert (2, "") == (ended.status, ended.out)
    assert "'ninh xa' fits 2 sites, give a code: BN-" in ended.errors[0]
    assert 2 == ended.errors[0].count("Ninh Xá")


def test_an_unknown_key_of_the_configuration_is_named_with_a_suggestion(wanmon, province):
    (province / "wanmon.toml").write_text('databse = "sqlite:///x.db"\n', encoding="utf-8")
    ended = wanmon("site", "list")

    line = f"wanmon: {province}/wanmon.toml: unknown key databse: did you mean database?"
    assert (1, [line]) == (ended.status, ended.errors)


def test_secrets_that_others_can_read_are_refused(wanmon, province):
    (province / "secrets.toml").chmod(0o644)
    ended = wanmon("credential", "list")

    path = f"{province}/secrets.toml"
    assert (1, [f"wanmon: {path}: mode 0644 lets others read it: run `chmod 600 {path}`"]) == (
        ended.status,
        ended.errors,
    )


def test_a_database_newer_than_the_code_is_refused(wanmon, province):
    with sqlite3.connect(province / "var" / "wanmon.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    for args in (["site", "list"], ["db", "upgrade"], ["status"]):
        ended = wanmon(*args)
        assert (1, 1) == (ended.status, len(ended.errors))
        assert "has the schema 9999, newer than this wanmon knows" in ended.err


def test_without_any_configuration_one_is_asked_for(wanmon, tmp_path, monkeypatch):
    """The defaults of an empty folder are nobody's wish."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wanmon.config.settings.SYSTEM_FILE", tmp_path / "none.toml")
    line = (
        "wanmon: no configuration found (looked at $WANMON_CONFIG, ./wanmon.toml, /etc/wanmon/wanmon.toml): "
        "cd to your deployment, name it with --config, or make one with `wanmon init`"
    )

    for args in (["site", "list"], ["status"], ["db", "current"], ["db", "check"], ["backup", "copy.db"]):
        ended = wanmon(*args)
        assert (1, "", [line]) == (ended.status, ended.out, ended.errors)


def test_a_database_that_was_named_and_is_not_there_is_told_by_its_place(wanmon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANMON_DATABASE", f"sqlite:///{tmp_path}/mine.db")

    assert f"wanmon: no database at {tmp_path}/mine.db: " in wanmon("site", "list").err


def test_a_database_that_is_not_there_says_what_to_do(wanmon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wanmon.toml").touch()
    ended = wanmon("site", "list")

    line = f"wanmon: no database at {tmp_path}/var/wanmon.db: run `wanmon init` or `wanmon db upgrade`"
    assert (1, [line]) == (ended.status, ended.errors)


def test_a_file_in_windows_1258_is_named_as_such(wanmon, province, untouched):
    path = Path("sites.csv")
    text = "code,name,unit,kind,site_class,parent\nBN-0200,Tr\xe0 L\xe2m,256,department,agency,BN-DC1\n"
    path.write_bytes(text.encode("cp1258"))
    ended = wanmon("inventory", "apply", path, "--yes")

    assert (1, 1) == (ended.status, len(ended.errors))
    assert "wanmon: sites.csv:2: is Windows-1258, not UTF-8: save it as `CSV UTF-8`" == ended.errors[0]
    assert untouched()


def test_an_unknown_column_is_named_with_a_suggestion(wanmon, province, untouched):
    Path("sites.csv").write_text("code,nme,unit,kind,site_class\nBN-0200,x,256,department,agency\n", encoding="utf-8")
    ended = wanmon("inventory", "apply", "sites.csv", "--yes")

    assert 1 == ended.status
    assert "wanmon: sites.csv:1: unknown column 'nme'; did you mean 'name'?" == ended.errors[0]
    assert untouched()


def test_a_cycle_in_files_is_found_without_any_database(wanmon, province, tmp_path, monkeypatch):
    sites = province / "inventory" / "sites.csv"
    lines = sites.read_text(encoding="utf-8").splitlines()
    looped = [line.replace(",BN-DC1,", ",BN-0009,") if line.startswith("BN-0001,") else line for line in lines]
    sites.write_text("\n".join(looped) + "\n", encoding="utf-8")
    (province / "var" / "wanmon.db").unlink()
    ended = wanmon("inventory", "validate", "inventory")

    assert 1 == ended.status
    assert any("the topology runs in a cycle" in line for line in ended.errors)


def test_of_very_many_problems_the_first_are_shown_and_the_others_counted(wanmon, province, untouched):
    rows = "".join(f"BN-{number},x,256,department,agency\n" for number in range(1000, 1070))
    Path("sites.csv").write_text("code,name,unit,kind,site_class\n" + rows, encoding="utf-8")
    ended = wanmon("inventory", "apply", "sites.csv", "--yes")

    assert (1, 51) == (ended.status, len(ended.errors))
    assert "wanmon: … and 20 more" == ended.errors[-1]
    assert untouched()


def test_a_problem_from_a_file_cannot_drive_the_terminal(wanmon, province, monkeypatch):
    def refuse(self):
        raise InventoryError(["sites.csv:2: \x1b]0;owned\x07"])

    monkeypatch.setattr("wanmon.cli.frame.surroundings.Surroundings.inventory", refuse)

    assert ["wanmon: sites.csv:2: \\x1b]0;owned\\x07"] == wanmon("site", "list").errors
