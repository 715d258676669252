"""What is in force: flags before the environment before the file before the defaults."""

import os
from pathlib import Path

import pytest

from wanmon.config import settings
from wanmon.config.settings import Settings, find_file, known_keys, load_settings, secrets_beside
from wanmon.errors import ConfigError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No variable and no file of the machine that runs the tests."""
    for name in os.environ:
        if name.startswith("WANMON_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(settings, "SYSTEM_FILE", tmp_path / "etc.toml")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "wanmon.toml"


def test_without_a_file_the_defaults_are_in_force():
    found = load_settings()

    assert (None, "127.0.0.1:17700", "native", 1400) == (
        found.file, found.listen, found.snmp.engine, found.snmp.max_response_bytes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("in_file", "variable", "flag", "expected"),
    [
        (False, False, False, "127.0.0.1:17700"),
        (True, False, False, "127.0.0.1:1"),
        (True, True, False, "127.0.0.1:2"),
        (False, True, False, "127.0.0.1:2"),
        (True, True, True, "127.0.0.1:3"),
        (True, False, True, "127.0.0.1:3"),
        (False, False, True, "127.0.0.1:3"),
    ],
    ids=["none", "file", "variable over file", "variable", "flag over all", "flag over file", "flag"],
)
def test_what_is_nearer_to_the_hand_wins(
    file: Path, monkeypatch: pytest.MonkeyPatch, in_file: bool, variable: bool, flag: bool, expected: str
):
    file.write_text('listen = "127.0.0.1:1"\n' if in_file else "")
    if variable:
        monkeypatch.setenv("WANMON_LISTEN", "127.0.0.1:2")

    assert expected == load_settings(file, listen="127.0.0.1:3" if flag else None).listen


def test_keys_of_one_section_come_each_from_its_own_source(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.write_text("[snmp]\ntimeout_s = 3\nretries = 4\nin_flight = 5\n")
    monkeypatch.setenv("WANMON_SNMP__RETRIES", "1")
    found = load_settings(file, snmp={"in_flight": 9}).snmp

    assert (3, 1, 9, 1400) == (found.timeout_s, found.retries, found.in_flight, found.max_response_bytes)


def test_the_file_is_the_first_that_is_there(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch):
    assert None is find_file(None)

    (tmp_path / "etc.toml").touch()
    assert tmp_path / "etc.toml" == find_file(None)

    Path("wanmon.toml").touch()
    assert tmp_path / "empty" / "wanmon.toml" == find_file(None)

    monkeypatch.setenv("WANMON_CONFIG", str(file))
    assert file == find_file(None)

    assert tmp_path / "other.toml" == find_file(tmp_path / "other.toml")


def test_a_file_that_this_user_may_not_reach_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch):
    """/etc/wanmon is closed to all but the service's group."""

    def forbid(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", forbid)

    with pytest.raises(ConfigError, match=r"wanmon.toml: cannot be read: Permission denied: .*sudo -u wanmon wanmon"):
        find_file(None)


def test_a_file_that_was_named_must_be_there(file: Path):
    with pytest.raises(ConfigError, match=r"wanmon\.toml: cannot be read: No such file"):
        load_settings(file)


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(file: Path, tmp_path: Path):
    file.write_text('database = "sqlite:///var/w.db"\nsecrets = "s.toml"\nprofiles = "mine"\n')
    found = load_settings(file)

    assert f"sqlite:///{tmp_path}/var/w.db" == found.database_url
    assert tmp_path / "s.toml" == found.secrets_file
    assert found.profiles is not None
    assert tmp_path / "mine" == found.beside(found.profiles)


def test_paths_that_are_absolute_stay(file: Path):
    file.write_text('database = "sqlite:////srv/w.db"\nsecrets = "/srv/s.toml"\n')
    found = load_settings(file)

    assert ("sqlite:////srv/w.db", Path("/srv/s.toml")) == (found.database_url, found.secrets_file)


@pytest.mark.parametrize("database", ["postgresql://h/d", "sqlite://", "sqlite:///", "w.db", ""])
def test_a_database_that_is_not_known_is_told(file: Path, database: str):
    file.write_text(f'database = "{database}"\n')

    with pytest.raises(ConfigError, match="only sqlite:///PATH is known"):
        _ = load_settings(file).database_url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lisen = 1", "unknown key lisen: did you mean listen?"),
        ("databse = 1", "unknown key databse: did you mean database?"),
        ("[snmp]\ntimout_s = 1", "unknown key snmp.timout_s: did you mean snmp.timeout_s?"),
        ("[snpm]\ntimeout_s = 1", "unknown key snpm: did you mean snmp?"),
        ("[echo]\nper_secund = 1", "unknown key echo.per_secund: did you mean echo.per_second?"),
        ("zebra = 1", "unknown key zebra"),
        ('listen = "17700"', "listen = '17700': is not HOST:PORT"),
        ('listen = "h:70000"', "listen = 'h:70000': is not HOST:PORT"),
        ('listen = "::1:80"', "listen = '::1:80': is not HOST:PORT"),
        ("[snmp]\nretries = 9", "snmp.retries = 9: must be 5 or less"),
        ('[snmp]\nengine = "gufo"', "snmp.engine = 'gufo': must be 'native' or 'pysnmp'"),
        ("snmp = 3", "snmp = 3: must be a table of keys"),
        ("[snmp]\nretries = 1.5", "snmp.retries = 1.5: is not a whole number"),
        ("secrets = 3", "secrets = 3: must be a path, in quotes"),
        ("external_url = 3", "external_url = 3: must be text, in quotes"),
        ('listen = "h:800000"', "listen = 'h:800000': is not HOST:PORT with a port from 0 to 65535"),
        ('database = "mysql://x"', "database = 'mysql://x': only sqlite:///PATH is known"),
    ],
)
def test_a_key_or_value_that_does_not_fit_is_one_line_with_its_place(file: Path, text: str, message: str):
    file.write_text(text + "\n")

    with pytest.raises(ConfigError) as caught:
        load_settings(file)

    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)


def test_every_problem_of_the_file_is_told_at_once(file: Path):
    file.write_text('databse = 1\nlisten = "17700"\n[snmp]\nretries = 9\n')

    with pytest.raises(ConfigError) as caught:
        load_settings(file)

    assert 3 == len(caught.value.problems) == len(str(caught.value).splitlines())
    assert all(problem.startswith(f"{file}: ") for problem in caught.value.problems)


def test_a_section_that_a_variable_does_not_give_as_json_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WANMON_SNMP", "fast")

    with pytest.raises(ConfigError, match=r"a WANMON_ variable cannot be read: .*snmp"):
        load_settings()


def test_where_the_secrets_lie_is_told_by_a_file_that_cannot_be_used_whole(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file.write_text('databse = 1\nsecrets = "s.toml"\n')
    assert tmp_path / "s.toml" == secrets_beside(file)

    file.write_text("secrets = \n")
    assert tmp_path / "secrets.toml" == secrets_beside(file)

    monkeypatch.setenv("WANMON_SECRETS", "/srv/s.toml")
    assert Path("/srv/s.toml") == secrets_beside(file)


@pytest.mark.parametrize("text", ["listen = ", "listen = 1\nlisten = 2", "[snmp", "x = \xff"])
def test_a_file_that_is_no_toml_is_told(file: Path, text: str):
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(ConfigError, match="not valid TOML"):
        load_settings(file)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WANMON_LISTEN", "nowhere", "WANMON_LISTEN or a flag: listen = 'nowhere': is not HOST:PORT"),
        ("WANMON_SNMP__RETRIES", "many", "WANMON_SNMP__RETRIES or a flag: snmp.retries = 'many': "),
        ("WANMON_SNMP__RETRY", "1", "WANMON_SNMP__RETRY or a flag: unknown key snmp.retry: did you mean snmp.retries?"),
    ],
)
def test_a_variable_that_does_not_fit_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
):
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as caught:
        load_settings()

    assert str(caught.value).startswith(message)


def test_a_variable_that_a_secret_points_at_is_no_setting(monkeypatch: pytest.MonkeyPatch):
    """`password = "env:WANMON_SSH"` is the example of the manual."""
    monkeypatch.setenv("WANMON_SSH", "hunter2")

    assert "hunter2" not in repr(load_settings())


def test_a_renamed_key_names_its_heir(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(settings.RENAMED, "bind", "listen")
    file.write_text('bind = "h:1"\n')

    with pytest.raises(ConfigError, match="bind is now called listen"):
        load_settings(file)


@pytest.mark.parametrize("listen", ["127.0.0.1:17700", "[::1]:80", "wan.example:0", "0.0.0.0:65535"])
def test_a_place_to_listen_is_a_host_and_a_port(listen: str):
    assert listen == load_settings(listen=listen).listen


def test_every_key_is_known_by_its_dotted_name():
    assert {"database", "listen", "snmp.timeout_s", "echo.per_second"} <= set(known_keys())
    assert not {"snmp", "echo"} & set(known_keys())


def test_settings_are_not_changed_in_place():
    with pytest.raises(ValueError, match="frozen"):
        Settings().listen = "h:1"  # type: ignore[misc]
