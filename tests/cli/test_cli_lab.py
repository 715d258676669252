"""`wanmon lab script` and `wanmon lab run`: scripts listed, judged and played, with nothing configured."""

import csv
import io
import json

import pytest

SHORT = """\
name: A short cut
days: 0.02
events:
  - {at: "8m", for: 5m, fault: cut, site: BN-0001}
"""


@pytest.fixture
def short(tmp_path):
    file = tmp_path / "short.yaml"
    file.write_text(SHORT, encoding="utf-8")
    return file


def test_the_shipped_scripts_are_listed(wanmon):
    ended = wanmon("lab", "script", "-o", "json")

    assert {"all-cut", "bad-day", "month", "unplugged"} <= {row["name"] for row in json.loads(ended.out)}


def test_a_script_is_told_event_by_event(wanmon, short):
    ended = wanmon("lab", "script", short, "-o", "json")
    (event,) = json.loads(ended.out)

    assert 0 == ended.status
    assert ("2026-03-02T00:08:00+07:00", 300.0, "cut", "BN-0001") == tuple(
        event[key] for key in ("at", "for_s", "fault", "whom")
    )


def test_a_script_that_is_wrong_is_refused_line_by_line(wanmon, short):
    short.write_text(SHORT.replace("BN-0001", "BN-9999") + '  - {at: "9m", fault: cut}\n', encoding="utf-8")
    ended = wanmon("lab", "run", short)

    assert 1 == ended.status
    assert [f"wanmon: {short}:5: events[1]: cut takes one of site, sites, below, carrier"] == ended.errors


def test_a_run_tells_what_was_found_beside_what_was(wanmon, short):
    ended = wanmon("lab", "run", short, "--sites", "9", "-o", "json")
    told = json.loads(ended.out)
    (outage,) = told["outages"]

    assert 0 == ended.status
    assert ("BN-0001", "down", "carrier_path", "cut", "right") == tuple(
        outage[key] for key in ("site", "state", "cause", "fault", "verdict")
    )
    assert (9, 0, 0, 1) == tuple(
        told["summary"][key] for key in ("sites", "outages_false", "outages_missed", "openings_recorded")
    )
    assert told["summary"]["state_steps_per_second"] > 0


def test_a_run_is_for_people_and_for_spreadsheets_too(wanmon, short):
    table = wanmon("lab", "run", short, "--sites", "9")
    sheet = wanmon("lab", "run", short, "--sites", "9", "-o", "csv")
    (row,) = csv.DictReader(io.StringIO(sheet.out))

    assert "state steps per second" in table.out
    assert ("BN-0001", "right") == (row["site"], row["verdict"])


def test_events_of_sites_that_are_not_played_are_left_out_and_said_so(wanmon, short):
    short.write_text(SHORT + '  - {at: "9m", for: 5m, fault: cut, site: BN-0100}\n', encoding="utf-8")
    ended = wanmon("lab", "run", short, "--sites", "9", "-o", "json")

    assert ["BN-0001"] == [row["site"] for row in json.loads(ended.out)["outages"]]
    assert ["1 of 2 events befall sites beyond the first 9: they are left out"] == ended.errors


def test_the_database_of_a_run_can_be_kept_and_is_never_overwritten(wanmon, short, tmp_path):
    kept = tmp_path / "kept.db"
    first = wanmon("lab", "run", short, "--sites", "9", "--keep", kept)
    again = wanmon("lab", "run", short, "--sites", "9", "--keep", kept)

    assert (0, 2) == (first.status, again.status)
    assert kept.stat().st_size > 0
    assert [f"wanmon: --keep {kept}: is there already: name a new file"] == again.errors
