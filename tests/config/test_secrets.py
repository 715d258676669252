"""The credentials: readable by their owner alone, bound to their networks, and never shown."""

import base64
import traceback
from pathlib import Path

import pytest

from wanmon.config.secrets import Secrets, load_secrets
from wanmon.errors import ConfigError

CANARY = "kT7-canary-w9Q"
WHOLE = f"""\
[snmp.wan-v2c]
version = "2c"
community = "{CANARY}"
networks = ["10.27.0.0/16", "2001:db8:27::/48"]

[snmp.core-v3]
version = "3"
user = "wanmon"
auth = {{ protocol = "SHA-256", password = "{CANARY}-auth" }}
priv = {{ protocol = "AES-128", password = "{CANARY}-priv" }}
networks = ["10.27.0.0/24"]

[ssh.routers]
username = "wanmon"
password = "{CANARY}-ssh"
networks = ["10.27.0.0/16"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "secrets.toml"
    made.touch(mode=0o600)
    return made


def loaded(file: Path, text: str) -> Secrets:
    file.write_text(text)
    return load_secrets(file)


def refusal(file: Path, text: str | bytes) -> str:
    """The one line that is said of a file, after a search for the canary in everything that could be shown."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_secrets(file)
    shown = "".join(traceback.format_exception(caught.value))
    assert_hidden(shown)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def assert_hidden(shown: str) -> None:
    """Plain, hex, base64, or the beginning of it."""
    assert CANARY[:6] not in shown
    assert CANARY.encode().hex() not in shown
    assert base64.b64encode(CANARY.encode()).decode()[:8] not in shown


def test_credentials_are_read_by_protocol_and_name(file: Path):
    found = loaded(file, WHOLE)

    assert {"wan-v2c", "core-v3"} == found.snmp.keys()
    assert ("core-v3", "3", "wanmon") == (
        found.snmp["core-v3"].name, found.snmp["core-v3"].version, found.snmp["core-v3"].user,
    )  # fmt: skip
    community = found.snmp["wan-v2c"].community
    assert community is not None
    assert CANARY == community.get_secret_value()
    assert "wanmon" == found.ssh["routers"].username


def test_no_file_is_no_secrets(tmp_path: Path):
    assert Secrets() == load_secrets(tmp_path / "secrets.toml")


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(file: Path, mode: int):
    file.write_text(WHOLE)
    file.chmod(mode)

    assert 2 == len(load_secrets(file).snmp)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o610, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused(file: Path, mode: int):
    file.chmod(mode)
    line = refusal(file, WHOLE)

    assert f"{file}: mode {mode:04o} lets others read it: run `chmod 600 {file}`" == line


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_secrets(tmp_path)


def test_nothing_that_is_printed_shows_a_secret(file: Path):
    found = loaded(file, WHOLE)

    for shown in (
        repr(found), str(found), repr(found.snmp["core-v3"]), f"{found.snmp['core-v3'].auth}", str(found.model_dump()),
        found.model_dump_json(), repr(found.ssh["routers"].password), repr([*found.snmp.values()]),
    ):  # fmt: skip
        assert_hidden(shown)


def entry(**changes: str | None) -> str:
    lines = {"version": '"2c"', "community": f'"{CANARY}"', "networks": '["10.27.0.0/16"]'} | changes
    return "[snmp.wan]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value is not None)


V3 = {"version": '"3"', "community": None, "user": '"u"'}
AUTH = f'{{ protocol = "SHA", password = "{CANARY}" }}'


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": '"4"'}, "snmp.wan.version: must be '1', '2c' or '3'"),
        ({"version": f'"{CANARY}"'}, "snmp.wan.version: must be '1'"),
        ({"comunity": f'"{CANARY}"'}, "snmp.wan: unknown key comunity: did you mean community?"),
        ({"community": None}, "snmp.wan: version 2c takes a community"),
        ({"community": f'["{CANARY}"]'}, "snmp.wan.community: must be text, in quotes"),
        ({"user": f'"{CANARY}"'}, "snmp.wan: version 2c takes a community, and neither user, auth nor priv"),
        ({"community": '""'}, "snmp.wan.community: is empty: write the secret, file:PATH or env:NAME"),
        ({"networks": None}, "snmp.wan.networks: is missing"),
        ({"networks": "[]"}, "snmp.wan.networks: is empty: name the networks that it may be sent to"),
        (
            {"networks": '["10.27.0.1/16"]'},
            "snmp.wan.networks.0: is not a network like 10.27.0.0/16: its host bits must be 0",
        ),
        ({"networks": f'["{CANARY}"]'}, "snmp.wan.networks.0: is not a network like 10.27.0.0/16"),
        ({**V3, "user": None}, "snmp.wan: version 3 takes a user and no community"),
        ({**V3, "community": f'"{CANARY}"'}, "snmp.wan: version 3 takes a user and no community"),
        ({**V3, "priv": AUTH.replace("SHA", "DES")}, "snmp.wan: priv without auth does not exist in SNMPv3"),
        ({**V3, "auth": AUTH.replace("SHA", "SHA-1")}, "snmp.wan.auth.protocol: must be 'MD5'"),
        ({**V3, "auth": AUTH.replace(CANARY, CANARY[:7])}, "snmp.wan.auth.password: is too short: 8 characters"),
        ({**V3, "auth": f'"{CANARY}"'}, "snmp.wan.auth: must be a table of keys"),
    ],
    ids=["version", "a secret as version", "unknown key", "no community", "list", "user", "no text", "no networks",
         "empty networks", "host bits", "a secret as network", "no user", "both", "priv alone", "protocol", "short",
         "a secret as auth"],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_key_and_never_by_value(file: Path, changes: dict[str, str | None], words: str):
    assert refusal(file, entry(**changes)).startswith(f"{file}: {words}")


@pytest.mark.parametrize(
    "text",
    [
        f'[snmp.wan]\ncommunity = "{CANARY}\n',
        f"[snmp.wan]\ncommunity = {CANARY}\n",
        f'[snmp.wan]\ncommunity = "{CANARY}" "{CANARY}"\n',
        f'[snmp.wan]\n"{CANARY}"\n',
        f'[snmp.wan]\ncommunity = "{CANARY}"\ncommunity = "{CANARY}"\n',
        f'[snmp.wan]\n{CANARY} = 1\n{CANARY} = 2\n',
        f'[snmp.wan]\ncommunity = "\\q{CANARY}"\n',
        f'[snmp.wan]\ncommunity = "{CANARY}"\n[snmp.wan.community]\n',
        f"[snmp.wan]\ncommunity = 2026-99-99{CANARY}\n",
        b'[snmp.wan]\ncommunity = "\xff' + CANARY.encode() + b'"\n',
    ],
    ids=["unclosed", "bare", "twice", "no key", "key twice", "odd key twice", "escape", "table", "date", "bytes"],
)  # fmt: skip
def test_a_mistake_on_the_line_of_a_secret_does_not_show_the_line(file: Path, text: str | bytes):
    assert refusal(file, text).startswith(f"{file}: not valid TOML (")


@pytest.mark.parametrize(
    "text", [f'snmp = "{CANARY}"\n', f'[snmp]\nwan = "{CANARY}"\n', f'[smnp.wan]\ncommunity = "{CANARY}"\n']
)
def test_a_secret_in_the_wrong_place_is_not_shown(file: Path, text: str):
    refusal(file, text)


def test_every_problem_is_told_at_once(file: Path):
    text = entry(version='"4"', comunity=f'"{CANARY}"') + f'[ssh.far]\nuser = "{CANARY}"\nnetworks = ["10/8"]\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_secrets(file)

    assert [
        f"{file}: snmp.wan.version: must be '1', '2c' or '3'",
        f"{file}: snmp.wan: unknown key comunity: did you mean community?",
        f"{file}: ssh.far.networks.0: is not a network like 10.27.0.0/16",
        f"{file}: ssh.far.username: is missing",
        f"{file}: ssh.far: unknown key user: did you mean username?",
    ] == list(caught.value.problems)
    assert_hidden(str(caught.value))


def test_a_secret_may_lie_in_a_file_or_a_variable(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "community").write_text(CANARY + "\r\n")
    monkeypatch.setenv("WANMON_TEST_SECRET", CANARY)
    from_file = loaded(file, entry(community=f'"file:{tmp_path}/community"')).snmp["wan"].community
    from_variable = loaded(file, entry(community='"env:WANMON_TEST_SECRET"')).snmp["wan"].community

    assert from_file is not None
    assert from_variable is not None
    assert CANARY == from_file.get_secret_value() == from_variable.get_secret_value()


def test_a_secret_that_is_not_where_it_should_be_is_told(file: Path, tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\xff" + CANARY.encode())

    assert f"file {tmp_path}/none cannot be read: No such file or directory" in refusal(
        file, entry(community=f'"file:{tmp_path}/none"')
    )
    assert "not UTF-8 text" in refusal(file, entry(community=f'"file:{tmp_path}/binary"'))
    assert "environment variable WANMON_NOT_THERE is not set" in refusal(
        file, entry(community='"env:WANMON_NOT_THERE"')
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.27.0.0", True),
        ("10.27.255.255", True),
        ("10.28.0.0", False),
        ("127.0.0.1", False),
        ("2001:db8:27::1", True),
        ("2001:db8:28::1", False),
        ("::ffff:10.27.0.1", False),
        ("::a1b:1", False),
    ],
)
def test_a_secret_goes_only_to_its_networks(file: Path, address: str, expected: bool):
    assert expected is loaded(file, WHOLE).snmp["wan-v2c"].may_be_sent_to(address)


def test_a_file_is_looked_for_beside_secrets_toml(file: Path, monkeypatch: pytest.MonkeyPatch):
    """`serve` is started from anywhere."""
    (file.parent / "community").write_text("beside\n", encoding="utf-8")
    monkeypatch.chdir("/")
    secrets = loaded(file, '[snmp.a]\nversion = "2c"\ncommunity = "file:community"\nnetworks = ["10.0.0.0/8"]\n')
    community = secrets.snmp["a"].community

    assert community is not None
    assert "beside" == community.get_secret_value()
