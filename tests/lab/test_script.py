"""Scripts of faults: read whole, or refused with a line for everything that is wrong."""

import re
from pathlib import Path

import pytest

from tests.lab.scenes import EXAMPLE, script
from wanmon.errors import NotFound, ScriptError
from wanmon.lab import script as scripts
from wanmon.lab.course import START_S, Broken
from wanmon.lab.plot import chosen, course_of
from wanmon.lab.trouble import KINDS, Trouble

DAY_S = 86_400.0


def problems(folder: Path, text: str) -> list[str]:
    """What is said of a script, without the folder that it lies in."""
    file = folder / "s.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        scripts.read(file, EXAMPLE)
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def event(text: str) -> str:
    return f"name: x\ndays: 1\nevents:\n  - {{{text}}}\n"


@pytest.mark.parametrize("name", scripts.shipped_scripts())
def test_a_shipped_script_can_be_played_on_the_example(name):
    read = scripts.read(scripts.find(name), EXAMPLE)

    assert read.events
    assert course_of(read, EXAMPLE, START_S + read.days * DAY_S).spells


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("02:00", 7200), ("1d 02:00:30", 93_630), ("12:30", 45_000), ("90m", 5400), ("2d", 172_800), ("1h30m", 5400)],
)
def test_an_instant_is_written_as_people_write_it(text, seconds):
    """Also `12:30` without quotes, which YAML would take for a number in base 60."""
    assert seconds == scripts.offset_s(text)


@pytest.mark.parametrize("text", ["25:00", "2 hours", "", "1d02:00", "-5m", 90, None])
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match="is no instant"):
        scripts.offset_s(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\ndays: none\n", "s.yaml:2: days 'none': is not a number: digits with a decimal point, like 21.18"),
        ("days: 1\n", "s.yaml:1: name: is missing"),
        ("name: x\ndays: 1\nspeed: 3\n", "s.yaml:3: speed: unknown key; did you mean 'seed'?"),
        ("- a\n", "s.yaml: is no script: write keys like `name: A bad day`"),
        ("a: [\n", "s.yaml:2: not YAML: expected the node content, but found '<stream end>'"),
        (
            event("at: noon, for: 1h, fault: cut, site: BN-0001"),
            "s.yaml:4: events[0].at 'noon': is no instant like 02:00, 1d 02:00:30 or 90m",
        ),
        (event("at: 1h, fault: cut, site: BN-0001"), "s.yaml:4: events[0]: cut needs a length: for: 20m"),
        (
            event("at: 1h, for: 1h, fault: reboot, site: BN-0001"),
            "s.yaml:4: events[0]: reboot happens at once: it takes no `for`",
        ),
        (
            event("at: 1h, for: 1h, fault: loss, site: BN-0001, ratio: 1.5"),
            "s.yaml:4: events[0].ratio '1.5': must be less than 1.0",
        ),
        (
            event("at: 1h, for: 1h, fault: cut, site: BN-0001, ratio: 0.5"),
            "s.yaml:4: events[0]: cut takes no ratio",
        ),
        (
            event("at: 1h, for: 1h, fault: cut"),
            "s.yaml:4: events[0]: cut takes one of site, sites, below, carrier",
        ),
        (
            event("at: 1h, for: 1h, fault: unplug_monitor, site: BN-0001"),
            "s.yaml:4: events[0]: unplug_monitor is our own: it takes no site",
        ),
        (
            event("at: 1h, for: 1h, fault: cut, site: BN-9999"),
            "s.yaml:4: events[0].site 'BN-9999': there is no such site; did you mean 'BN-0099'?",
        ),
        (
            event("at: 1h, for: 1h, fault: cut, site: BN-DC1"),
            "s.yaml:4: events[0].site 'BN-DC1': is a hub: it has no line for cut",
        ),
        (
            event("at: 1h, for: 1h, fault: cut, site: BN-0001, toward: BN-0002"),
            "s.yaml:4: events[0].toward 'BN-0002': is no parent of BN-0001",
        ),
        (
            event("at: 1h, for: 1h, fault: carrier_cut, carrier: VNP"),
            "s.yaml:4: events[0].carrier 'VNP': there is no such carrier; did you mean 'VNPT'?",
        ),
        (
            event("at: 1d, for: 1h, fault: cut, site: BN-0001"),
            "s.yaml:4: events[0].at '86400s': is after the end of the script, of 1 days",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_place(tmp_path, text, said):
    assert [said] == problems(tmp_path, text)


def test_an_unknown_fault_is_told_with_those_that_there_are(tmp_path):
    said = problems(tmp_path, event("at: 1h, fault: powercut, site: BN-0001"))

    assert said[0].startswith("s.yaml:4: events[0].fault 'powercut': is no fault: one of cut, ")
    assert said[0].endswith("did you mean 'power_cut'?")


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    text = "name: x\ndays: 0\nevents:\n  - {at: x, fault: reboot, site: BN-0001}\n  - {at: 1h, fault: cat}\n"

    assert ["s.yaml:2", "s.yaml:4", "s.yaml:5"] == [line.partition(": ")[0] for line in problems(tmp_path, text)]


def test_a_file_that_is_not_there_is_told_with_the_shipped_ones():
    with pytest.raises(NotFound, match="name a file, or one of all-cut, bad-day"):
        scripts.find("no-such-day")


def test_every_trouble_can_be_played():
    """A new one is a line in the table and a function in the plot: neither may be forgotten."""
    events = []
    for trouble, kind in KINDS.items():
        whom = {"sites": {"site": "BN-0001"}, "carrier": {"carrier": "VNPT"}, "ourselves": {}}[kind.target]
        events.append({"at": "1h", "fault": trouble, **({"for": "10m"} if kind.lasts else {}), **whom})
    course = course_of(script(*events), EXAMPLE, START_S + DAY_S)

    assert set(Trouble) == set(KINDS)
    assert set(Broken) == {spell.broken for spell in course.spells}


def test_the_page_on_the_lab_lists_every_fault():
    page = (Path(__file__).resolve().parents[2] / "docs" / "lab.md").read_text(encoding="utf-8")

    assert [trouble.value for trouble in Trouble] == re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)


def test_a_selector_names_sites_by_where_they_stand_and_who_serves_them():
    behind, served = (
        script({"at": "1h", "for": "1h", "fault": "power_cut", **selector}).events[0]
        for selector in ({"below": "BN-0001"}, {"carrier": "VIETTEL"})
    )
    children = {code for code, site in EXAMPLE.sites.items() if site.parent == "BN-0001"}
    circuits = EXAMPLE.circuits.values()
    first = {each.site for each in circuits if (each.carrier, each.role) == ("VIETTEL", "primary")}

    assert children == set(chosen(behind, EXAMPLE))
    assert first == set(chosen(served, EXAMPLE))
