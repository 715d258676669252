"""The root command: what it lists, what it imports, how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from wanmon.cli.frame.root import Commands, app, summaries

PROMISED = {
    "backup", "carrier", "check", "circuit", "config", "credential", "db", "device", "init", "inventory", "maintenance",
    "outage", "poll", "profile", "report", "restore", "site", "snmp", "status", "unit", "watch",
}  # fmt: skip
LIST_IMPORTS = """
import sys
from wanmon.cli.frame.ending import run
run(sys.argv[2:])
wanted = sys.argv[1].split(",")
print("imported:", *[name for name in wanted if name in sys.modules], file=sys.stderr)
"""


def imported(names: str, *args: str) -> list[str]:
    command = [sys.executable, "-c", LIST_IMPORTS, names, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.splitlines()[-1].split()[1:]


def test_every_promised_command_is_there():
    assert set(summaries()) >= PROMISED


def test_help_lists_every_command_with_its_first_line(wanmon):
    ended = wanmon("--help")

    assert 0 == ended.status
    for name in summaries():
        assert f"\n  {name} " in ended.out


def test_no_words_at_all_are_a_call_for_help(wanmon):
    ended = wanmon()

    assert (0, "") == (ended.status, ended.err)
    assert ended.out.startswith("Usage: wanmon")


def test_help_imports_nothing_slow():
    """`wanmon --help` has 0.3 s."""
    slow = "sqlmodel,sqlalchemy,pydantic,pydantic_settings,rich,alembic,yaml,structlog,asyncio,wanmon.cli.site"

    assert [] == imported(slow, "--help")


def test_a_listing_imports_nothing_that_it_does_not_need(province):
    """`wanmon site list` has one second, and sqlmodel takes half of it."""
    assert ["sqlmodel"] == imported("sqlmodel,alembic,rich,pysnmp,netmiko,starlette,jinja2,yaml", "site", "list")


def every_command() -> list[tuple[str, ...]]:
    group = Commands()
    found: list[tuple[str, ...]] = []
    for name in PROMISED:
        verbs = getattr(group.get_command(None, name), "commands", None)
        found += [(name, verb) for verb in verbs] if verbs else [(name,)]
    return sorted(found)


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself(wanmon, words):
    ended = wanmon(*words, "--help")

    assert (0, "") == (ended.status, ended.err)
    assert "Usage: wanmon" in ended.out
    assert "install-completion" not in ended.out


@pytest.mark.parametrize("words", [words for words in every_command() if len(words) == 2], ids=" ".join)
def test_every_option_has_its_help(words):
    command = Commands().get_command(None, words[0]).commands[words[1]]

    assert [] == [each.name for each in command.params if each.param_type_name == "option" and not each.help]


def test_what_writes_takes_dry_run_author_and_reason():
    writes = [("site", v) for v in ("add", "set", "activate", "retire", "remove")]
    writes += [(n, v) for n in ("unit", "carrier", "device", "circuit") for v in ("add", "set", "remove")]
    writes += [("inventory", "apply"), ("maintenance", "add"), ("maintenance", "end"), ("report", "close")]
    writes += [("outage", "ack"), ("outage", "note"), ("outage", "set")]
    for name, verb in writes:
        options = {each.name for each in Commands().get_command(None, name).commands[verb].params}
        assert options >= {"dry_run", "author", "reason"}, (name, verb)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["staus"], "wanmon: no such command 'staus': did you mean 'status'? See `wanmon --help`"),
        (["site"], "wanmon: missing command: see `wanmon site --help`"),
        (["lab"], "wanmon: missing command: see `wanmon lab --help`"),
        (["site", "list", "--colour"], "wanmon: no such option: --colour: see `wanmon site list --help`"),
        (["site", "show"], "wanmon: missing argument 'SITE': see `wanmon site show --help`"),
        (["--frobnicate"], "wanmon: no such option: --frobnicate: see `wanmon --help`"),
    ],
    ids=["a word mistyped", "no verb", "no verb of one", "unknown option", "no argument", "unknown global option"],
)
def test_wrong_usage_is_one_line_and_status_2(wanmon, args, line):
    ended = wanmon(*args)

    assert (2, "", [line]) == (ended.status, ended.out, ended.errors)


def test_the_version_is_told(wanmon):
    ended = wanmon("--version")

    assert 0 == ended.status
    assert ended.out.startswith("wanmon ")


def test_an_unexpected_error_is_one_line_and_a_traceback_only_with_debug(wanmon, province, monkeypatch):
    def explode(self):
        raise ZeroDivisionError("by\x1b[31m zero")

    monkeypatch.setattr("wanmon.cli.frame.surroundings.Surroundings.inventory", explode)
    plain, debug = wanmon("site", "list"), wanmon("--debug", "site", "list")

    words = "wanmon: internal error: ZeroDivisionError: by\\x1b[31m zero; run again with --debug"
    assert (1, [words]) == (plain.status, plain.errors)
    assert "Traceback" in debug.err
    assert words == debug.errors[-1]


def test_an_interrupt_ends_with_130(wanmon, province, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr("wanmon.cli.frame.surroundings.Surroundings.inventory", interrupt)
    ended = wanmon("site", "list")

    assert (130, "") == (ended.status, ended.err)


def test_a_reader_that_leaves_early_is_no_error(province):
    """`wanmon site list | head -1`."""
    command = f"{sys.executable} -m wanmon site list -o json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert ("[\n", "") == (done.stdout, done.stderr)


def test_the_program_writes_utf8_whatever_the_locale_says(province):
    """Cron jobs run in the C locale, old servers in others."""
    command = [sys.executable, "-m", "wanmon", "site", "list", "Yên Phong"]
    environment = {"LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "latin-1", "PYTHONPATH": str(Path.cwd())}
    root = Path(__file__).parent.parent.parent
    environment["PYTHONPATH"] = str(root)
    done = subprocess.run(command, capture_output=True, env=environment, check=False)

    assert "UBND huyện Yên Phong".encode() in done.stdout


def test_the_application_is_a_typer_application_of_its_own():
    assert app.registered_callback is not None
