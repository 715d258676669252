"""What the documents say is true: commands exist, lists are complete, links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.metrics.rendered import Tallied
from wanmon.checks.registry import kinds
from wanmon.cli.frame.root import app, summaries
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.metrics.catalog import METRICS
from wanmon.metrics.own import Counted, OwnMetrics
from wanmon.platforms.registry import names, platform
from wanmon.poller.track import PollerTrack
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.remotes import Remotes
from wanmon.store.writer import WriterCounters

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
METRICS_PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_lines(text: str) -> list[str]:
    """Indented lines with their continuations joined."""
    joined = re.sub(r"\\\n\s+", "", text)
    return [line.strip() for line in joined.splitlines() if line.startswith("    ")]


def commands() -> list[str]:
    found = [line.partition(" #")[0] for line in code_lines(README)]
    shown = [line.rpartition("/bin/")[2] if "/bin/wanmon" in line else line for line in found]
    return sorted({line for line in shown if line.startswith("wanmon ")})


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_is_one(command):
    words = shlex.split(command)[1:]
    verb = [word for word in words if re.fullmatch("[a-z]+", word)][: 2 if words[0] in GROUPS else 1]
    answer = CliRunner().invoke(app, [*verb, "--help"], obj=Surroundings())

    assert 0 == answer.exit_code
    for flag in (word for word in words if word.startswith("--")):
        assert flag in answer.output


GROUPS = {
    "site",
    "unit",
    "carrier",
    "circuit",
    "device",
    "inventory",
    "check",
    "snmp",
    "credential",
    "profile",
    "config",
    "maintenance",
    "report",
    "outage",
    "lab",
}


def test_the_readme_names_every_command():
    table = README.partition("## The command line")[2].partition("###")[0]
    named = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]*)`", table))))

    assert set() == set(summaries()) - named


def test_the_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set() == set(re.findall(r"`?make ([a-z-]+)", README)) - targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (document.parent / target).exists(), target


def test_the_page_of_metrics_lists_the_catalogue():
    rows = dict(re.findall(r"^\| `(wanmon_[a-z_]+)` \| ([a-z]+) \|", METRICS_PAGE, re.MULTILINE))
    own = OwnMetrics(Counted(PollerTrack(), SnmpCounters(), WriterCounters(), lambda: 0, Remotes(), Tallied()))
    declared = {metric.name: metric.kind for metric in METRICS}
    for family in own.collect():
        declared[family.name + ("_total" if family.type == "counter" else "")] = family.type

    assert declared == rows


def test_the_architecture_page_has_the_ranks_of_the_code():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| \d \| ([^|]*)\|", page, re.MULTILINE))))
    there = {path.stem for path in (ROOT / "wanmon").iterdir() if path.stem not in ("__init__", "__pycache__")}

    assert there - {"_data", "py"} == listed


def test_the_page_of_checks_lists_every_kind_with_its_vantage():
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (hub|site) \|", page, re.MULTILINE))

    assert {name: kind.vantage for name, kind in kinds().items()} == rows


def test_the_page_of_platforms_lists_every_platform_and_which_are_verified():
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|.*\| (yes|no) \|$", page, re.MULTILINE))

    assert {name: "yes" if platform(name).is_verified else "no" for name in names()} == rows
