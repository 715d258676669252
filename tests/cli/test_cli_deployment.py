"""`init`, `config`, `db`, `backup`, `restore`: a deployment from the first file to the last copy."""

import csv
import json
import re
import stat
import tomllib

import pytest

from wanmon.config.secrets import load_secrets
from wanmon.config.settings import Settings, known_keys, load_settings
from wanmon.store import revisions


@pytest.fixture
def fresh(wanmon, tmp_path, monkeypatch):
    """A deployment that was just made, as the working directory."""
    assert 0 == wanmon("init", tmp_path / "new").status
    monkeypatch.chdir(tmp_path / "new")
    return tmp_path / "new"


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)


def flat(values: dict, prefix: str = "") -> dict:
    found = {}
    for key, value in values.items():
        found |= flat(value, f"{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def test_a_new_deployment_has_everything_and_works(wanmon, fresh):
    assert {"exporters", "inventory", "secrets.toml", "var", "wanmon.toml"} == {each.name for each in fresh.iterdir()}
    assert 0 == wanmon("config", "check").status
    assert 0 == wanmon("db", "check").status
    assert (0, "[]\n") == (wanmon("site", "list").status, wanmon("site", "list", "-o", "json").out)


def test_the_configuration_of_a_new_deployment_is_the_defaults(fresh):
    settings = load_settings(fresh / "wanmon.toml")

    assert settings.model_dump() == Settings(_flags={}, _file_values={}).model_dump()


def test_the_configuration_holds_every_key_with_its_true_default(fresh):
    """An operator who takes a # away must get what was in force before."""
    text = (fresh / "wanmon.toml").read_text(encoding="utf-8")
    written = flat(tomllib.loads(uncommented(text)))
    defaults = flat(load_settings(fresh / "wanmon.toml").model_dump(mode="json"))

    assert set(known_keys()) == set(written)
    assert "profiles" == written.pop("profiles")  # has no default
    assert {key: defaults[key] for key in written} == written


def test_the_secrets_are_empty_for_the_owner_alone_and_the_examples_in_them_are_valid(fresh, monkeypatch, tmp_path):
    path = fresh / "secrets.toml"

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert {} == load_secrets(path).snmp
    community = tmp_path / "community"
    community.write_text("public", encoding="utf-8")
    for name in ("AUTH", "PRIV", "SSH"):
        monkeypatch.setenv(f"WANMON_{name}", "long-enough")
    text = uncommented(path.read_text(encoding="utf-8")).replace("/etc/wanmon/community", str(community))
    path.write_text(text, encoding="utf-8")
    secrets = load_secrets(path)
    assert ({"wan-v2c", "core-v3"}, {"routers"}) == (set(secrets.snmp), set(secrets.ssh))


def test_the_empty_inventory_can_be_applied_as_it_is(wanmon, fresh):
    header = next(csv.reader((fresh / "inventory" / "sites.csv").open(encoding="utf-8")))
    assert "code" == header[0]
    assert 0 == wanmon("inventory", "apply", "inventory", "--yes").status

    words = ["--name", "Trung tâm dữ liệu", "--unit", "27", "--kind", "datacenter", "--class", "hub"]
    assert 0 == wanmon("unit", "add", "27", "--name", "Bắc Ninh", "--level", "province").status
    assert 0 == wanmon("site", "add", "BN-DC1", *words).status


def test_the_example_brings_the_whole_province(wanmon, province):
    assert 178 == len(json.loads(wanmon("site", "list", "-o", "json").out))
    assert (province / "inventory" / "sites.csv").is_file()


def test_nothing_is_made_where_something_is(wanmon, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    ended = wanmon("init", tmp_path)

    assert (2, [f"wanmon: {tmp_path} is not empty: choose another folder"]) == (ended.status, ended.errors)
    assert ["notes.txt"] == [each.name for each in tmp_path.iterdir()]


def test_nothing_is_made_for_an_example_that_is_not_there(wanmon, tmp_path):
    assert 1 == wanmon("init", tmp_path / "new", "--example", "profiles").status
    assert not (tmp_path / "new").exists()


def test_a_setting_is_shown_with_its_origin(wanmon, fresh, monkeypatch):
    (fresh / "wanmon.toml").write_text('grafana_url = "https://g.example"\n[snmp]\nretries = 1\n', encoding="utf-8")
    monkeypatch.setenv("WANMON_SNMP__TIMEOUT_S", "3")
    rows = {row["key"]: row for row in csv.DictReader(wanmon("config", "show", "-o", "csv").out.splitlines())}

    assert ("https://g.example", "file") == (rows["grafana_url"]["value"], rows["grafana_url"]["from"])
    assert ("1", "file") == (rows["snmp.retries"]["value"], rows["snmp.retries"]["from"])
    assert ("3.0", "environment") == (rows["snmp.timeout_s"]["value"], rows["snmp.timeout_s"]["from"])
    assert ("64", "default") == (rows["snmp.in_flight"]["value"], rows["snmp.in_flight"]["from"])
    assert set(known_keys()) == set(rows)


def test_the_check_names_credentials_that_devices_name_and_nobody_has(wanmon, province):
    (province / "secrets.toml").write_text("", encoding="utf-8")
    ended = wanmon("config", "check")

    assert (1, "") == (ended.status, ended.out)
    assert f"{province}/secrets.toml: no credential snmp.wan-v2c, which 178 devices name" == ended.errors[0]


def test_the_check_tells_every_problem_of_both_files(wanmon, province):
    (province / "wanmon.toml").write_text('databse = 1\nlisten = "17700"\n', encoding="utf-8")
    (province / "secrets.toml").write_text('[snmp.a]\nversion = "2c"\nnetworks = ["10/8"]\n', encoding="utf-8")
    ended = wanmon("config", "check")

    assert (1, "") == (ended.status, ended.out)
    assert [
        f"{province}/wanmon.toml: listen = '17700': is not HOST:PORT",
        f"{province}/wanmon.toml: unknown key databse: did you mean database?",
        f"{province}/secrets.toml: snmp.a.networks.0: is not a network like 10.27.0.0/16",
        f"wanmon: {province}/wanmon.toml: 3 problems",
    ] == ended.errors


def test_the_check_tells_of_a_folder_of_profiles_that_is_not_there(wanmon, province):
    (province / "wanmon.toml").write_text('profiles = "/nope"\n', encoding="utf-8")
    ended = wanmon("config", "check")

    assert [
        f"{province}/wanmon.toml: profiles = '/nope': there is no such folder",
        f"wanmon: {province}/wanmon.toml: 1 problem",
    ] == ended.errors


def test_the_configuration_may_lie_elsewhere(wanmon, fresh, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert 1 == wanmon("site", "list").status
    assert 0 == wanmon("--config", fresh / "wanmon.toml", "site", "list").status

    monkeypatch.setenv("WANMON_CONFIG", str(fresh / "wanmon.toml"))
    assert 0 == wanmon("site", "list").status


def test_the_revision_is_told_and_upgrading_again_changes_nothing(wanmon, fresh):
    assert f"{revisions.head()}\n" == wanmon("db", "current").out
    assert f"{revisions.head()}\n" == wanmon("db", "upgrade").out


def test_a_damaged_database_fails_its_check(wanmon, fresh):
    (fresh / "var" / "wanmon.db").write_bytes(b"not a database, though as long as the header of one is, and more" * 20)
    ended = wanmon("db", "check")

    assert (1, "") == (ended.status, ended.out)
    assert "is not a SQLite database" in ended.err


def test_a_backup_comes_back_elsewhere(wanmon, province, tmp_path, monkeypatch):
    wanmon("carrier", "set", "VNPT", "--hotline", "18001260")
    assert 0 == wanmon("backup", tmp_path / "copy.db").status
    assert 0o600 == stat.S_IMODE((tmp_path / "copy.db").stat().st_mode)
    wanmon("carrier", "set", "VNPT", "--hotline", "after")

    ended = wanmon("restore", tmp_path / "copy.db", tmp_path / "there")
    assert (0, f"{tmp_path}/there/wanmon.db\n") == (ended.status, ended.out)
    monkeypatch.setenv("WANMON_DATABASE", f"sqlite:///{tmp_path}/there/wanmon.db")
    assert "18001260" == json.loads(wanmon("carrier", "show", "VNPT", "-o", "json").out)["hotline"]


def test_nothing_is_restored_over_a_database(wanmon, province, tmp_path):
    assert 0 == wanmon("backup", tmp_path / "copy.db").status
    ended = wanmon("restore", tmp_path / "copy.db", "var")

    assert (1, 1) == (ended.status, len(ended.errors))
    assert "var/wanmon.db exists already" in ended.err
