"""`outage`: the list, one on one screen, and what people do about it."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from wanmon.model.outage import Outage, OutageNote
from wanmon.model.path import Hop
from wanmon.store import outage_paths, outages

ROOT = Path(__file__).parent.parent.parent


def ids(ended) -> list[int]:
    return [row["id"] for row in json.loads(ended.out)]


@pytest.fixture
def shown(wanmon):
    """One outage as JSON."""
    return lambda number: json.loads(wanmon("outage", "show", number, "-o", "json").out)


@pytest.fixture
def stored(storm):
    """All that is stored of outages."""

    def load() -> list[dict]:
        with storm.read() as session:
            return [row.model_dump() for table in (Outage, OutageNote) for row in session.exec(select(table))]

    return load


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), list(range(17, 0, -1))),
        (("--open",), list(range(17, 1, -1))),
        (("BN-0002",), [2]),
        (("yen phong",), [2]),
        (("--unit", "Yên Phong"), list(range(16, 1, -1))),
        (("--cause", "carrier_path"), [1]),
        (("--cause", "planned"), []),
        (("--since", "2026-03-02", "--until", "2026-03-02"), list(range(17, 0, -1))),
        (("--since", "2026-03-03"), list(range(17, 1, -1))),
        (("--until", "2026-03-01"), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_outages_are_listed_newest_first_and_narrowed(wanmon, storm, args, expected):
    ended = wanmon("outage", "list", *args, "-o", "json")

    assert (0, expected) == (ended.status, ids(ended))


def test_a_day_begins_and_ends_by_local_time(wanmon, storm):
    """Outage 1 lasted from 10:00 to 11:00 local time, when in London it was still night."""
    assert 1 in ids(wanmon("outage", "list", "--until", "2026-03-02", "-o", "json"))
    assert 1 not in ids(wanmon("outage", "list", "--since", "2026-03-03", "-o", "json"))


def test_a_list_that_is_cut_says_so(wanmon, storm):
    ended = wanmon("outage", "list", "--limit", "2", "-o", "json")

    assert [17, 16] == ids(ended)
    assert ["there are more than 2: these are the newest; `--limit` shows more"] == ended.errors
    assert [] == wanmon("outage", "list", "--limit", "17").errors


def test_a_table_tells_who_fell_together_and_whom_it_was_told(wanmon, storm):
    wanmon("outage", "ack", "2", "--ticket", "VNPT-4711", "--author", "lan")
    header, *lines = wanmon("outage", "list").out.splitlines()

    assert "id site name state began at ended at duration cause root cause together ticket acknowledged by" == " ".join(
        header.split()
    )
    assert ["3 of 89 on carrier VIETTEL", "carrier_path"] == re.findall(
        "3 of 89 on carrier VIETTEL|carrier_path", lines[-1]
    )[::-1]
    assert "VNPT-4711" in lines[-2]
    assert lines[-2].endswith("lan")


def test_where_there_is_no_outage_that_is_said(wanmon, province):
    assert ["no outages"] == wanmon("outage", "list").errors


def test_json_has_structure_and_csv_has_words(wanmon, storm):
    (first,) = json.loads(wanmon("outage", "list", "BN-0150", "-o", "json").out)
    (row,) = csv.DictReader(io.StringIO(wanmon("outage", "list", "BN-0150", "-o", "csv").out))

    assert [{"kind": "carrier", "code": "VIETTEL", "fell": 3, "of": 89}] == first["together"]
    assert "3 of 89 on carrier VIETTEL" == row["together"]
    assert list(first) == list(row)
    assert ("2026-03-02T10:00:00+07:00", 3600) == (first["began_at"], first["duration_s"])


def test_an_outage_is_one_screen_with_what_speaks_for_its_cause(wanmon, storm):
    wanmon("outage", "set", "1", "--cause", "power_or_reboot", "--reason", "a fuse", "--author", "minh")
    wanmon("outage", "note", "1", "the fuse was changed", "--author", "lan")
    ended = wanmon("outage", "show", "1")

    assert 0 == ended.status
    for words in (
        "began uncertain  4.5 s",
        "cause            power_or_reboot",
        "computed cause   carrier_path",
        "row text         the WAN port stayed up while it lasted",
        "ruled by         minh",
        "ruled reason     a fuse",
        "3 of 89 on carrier VIETTEL",
        "last change           2026-03-02 10:00:00",
        "VIETTEL-BN-0150-1",
        "0000 000 002",
        "the fuse was changed",
    ):
        assert words in ended.out


def test_an_outage_names_the_root_that_cut_the_site_off(shown, storm):
    told = shown(3)

    assert [{"site": "BN-0002", "name": "UBND huyện Yên Phong", "state": "down"}] == told["root_causes"]
    assert "look at BN-0002 UBND huyện Yên Phong first" == told["next_step"]
    assert (None, "cut off above") == (told["cause"], told["cause_text"])


def test_readings_are_for_programs_as_they_were_stored(shown, storm):
    assert {"if_last_change_ticks": 7, "last_change_s": 1772420400.0} == shown(1)["readings"]


def test_an_acknowledgement_has_an_author_a_ticket_and_a_reason(wanmon, shown, storm):
    ended = wanmon("outage", "ack", "2", "--ticket", "VNPT-4711", "--reason", "called the carrier", "--author", "lan")
    told = shown(2)

    assert (0, "", ["outage 2: acknowledged by lan"]) == (ended.status, ended.out, ended.errors)
    assert ("lan", "2026-03-02T19:00:00+07:00", "VNPT-4711") == (
        told["acknowledged_by"],
        told["acknowledged_at"],
        told["ticket"],
    )
    assert [("lan", "ack", "VNPT-4711", "called the carrier")] == [
        (note["author"], note["handling"], note["ticket"], note["text"]) for note in told["notes"]
    ]


def test_a_note_may_come_from_stdin_and_keeps_its_reason(wanmon, shown, storm, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a crew\nis on its way\n"))
    wanmon("outage", "note", "2", "-", "--reason", "they called")

    assert ["a crew is on its way (they called)"] == [note["text"] for note in shown(2)["notes"]]


def test_a_process_that_does_nothing_else_can_change_an_outage(storm, province, shown):
    """A row cannot be written before the tables that it refers to were loaded; other tests may have loaded them."""
    command = [sys.executable, "-m", "wanmon", "outage", "ack", "2", "--ticket", "VNPT-4711"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)

    assert (0, "", "VNPT-4711") == (done.returncode, done.stdout, shown(2)["ticket"])


@pytest.mark.parametrize(
    ("args", "fields"),
    [
        (("ack", "2", "--ticket", "T"), ["acknowledged_by", "acknowledged_at", "ticket", "note"]),
        (("note", "2", "words"), ["note"]),
        (("set", "2", "--cause", "handoff", "--reason", "why"), ["ruled_cause", "note"]),
    ],
    ids=["ack", "note", "set"],
)
def test_a_dry_run_shows_what_would_change_and_changes_nothing(wanmon, stored, args, fields):
    before = stored()
    ended = wanmon("outage", *args, "--dry-run")

    assert (0, ["nothing was changed: this was a dry run"]) == (ended.status, ended.errors)
    assert fields == [line.split()[1] for line in ended.out.splitlines()[1:]]
    assert before == stored()


CAUSES = "'monitor', 'planned', 'upstream', 'power_or_reboot', 'handoff', 'carrier_path', 'silent_reboot', 'unknown'"


@pytest.mark.parametrize(
    ("args", "status", "line"),
    [
        (("show", "99"), 1, "there is no outage '99': see `wanmon outage list`"),
        (("ack", "99"), 1, "there is no outage '99': see `wanmon outage list`"),
        (("note", "99", "words"), 1, "there is no outage '99': see `wanmon outage list`"),
        (("set", "99", "--cause", "handoff", "--reason", "why"), 1, "there is no outage '99'"),
        (("show", "two"), 2, "invalid value for 'ID': Input should be a valid integer"),
        (("show", "0"), 2, "invalid value for 'ID': Input should be greater than or equal to 1"),
        (("ack", "1"), 1, "outage 1 ended at 2026-03-02T11:00:00+07:00: only an open one can be acknowledged"),
        (("ack", "1", "--dry-run"), 1, "outage 1 ended at 2026-03-02T11:00:00+07:00: only an open one"),
        (("ack", "2", "--ticket", "a\x1bb"), 2, "--ticket 'a\\x1bb': has the unprintable character U+001B"),
        (("ack", "2", "--author", ""), 2, "--author ''"),
        (("note", "2", ""), 2, "outage 2: an empty note says nothing"),
        (("note", "2", " ", "--reason", "why"), 2, "outage 2: an empty note says nothing"),
        (("note", "2"), 2, "missing argument 'TEXT'"),
        (("note", "2", "x" * 501), 2, "TEXT 'xx"),
        (
            ("set", "1", "--cause", "handoff"),
            2,
            "outage 1: say why it is handoff: its cause changes only with a reason",
        ),
        (("set", "1", "--reason", "why"), 2, "missing option '--cause'"),
        (
            ("set", "1", "--cause", "fire", "--reason", "why"),
            2,
            f"invalid value for '--cause': 'fire' is not one of {CAUSES}",
        ),
        (("list", "--cause", "fire"), 2, f"invalid value for '--cause': 'fire' is not one of {CAUSES}"),
        (("list", "--since", "3/4"), 2, "--since '3/4': is no day like 2026-03-31"),
        (("list", "--until", ""), 2, "--until '': is no day like 2026-03-31"),
        (("list", "--limit", "0"), 2, "invalid value for '--limit': Input should be greater than or equal to 1"),
        (("list", "BN-9999"), 1, "there is no site 'BN-9999'"),
        (("list", "--unit", "9999"), 1, "there is no unit '9999'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_bad_input_is_one_line_and_changes_nothing(wanmon, stored, args, status, line):
    before = stored()
    ended = wanmon("outage", *args)

    assert (status, "", 1) == (ended.status, ended.out, len(ended.errors))
    assert ended.err.startswith(f"wanmon: {line}")
    assert before == stored()


@pytest.mark.parametrize("output", ["json", "csv"])
def test_what_is_shown_stands_alone_on_stdout(wanmon, storm, output):
    ended = wanmon("outage", "show", "1", "-o", output)

    assert (0, "") == (ended.status, ended.err)
    if output == "json":
        assert all(re.fullmatch("[a-z][a-z0-9_]*", key) for key in json.loads(ended.out))
    else:
        header, row = csv.reader(io.StringIO(ended.out))
        assert ("id", "1", len(header)) == (header[0], row[0], len(row))


def test_linked_outages_are_named(wanmon, storm, noon, shown):
    with storm.write() as session:
        first, second = outages.find(session, 2), outages.find(session, 17)
        second.previous = first.id
        session.add(second)

    assert [17] == [link["outage"] for link in shown(2)["linked"]]
    assert [2] == [link["outage"] for link in shown(17)["linked"]]


@pytest.fixture
def traced(storm):
    """The way to BN-0002 was traced when it fell, from the hub and from the site above."""
    with storm.write() as session:
        outage = session.get(Outage, 2)
        hops = (Hop(1, "10.27.0.1", (0.0012,)), Hop(2))
        for vantage, text in (("BN-DC1", "10.27.0.1 1.2 ms, no answer from hop 2"), ("BN-0001", "0 of 3 echoes")):
            outage_paths.keep(session, outage.site, outage.began_at, vantage, outage.began_at, hops, text)


@pytest.mark.parametrize("command", [("outage", "show", 2), ("status", "BN-0002")], ids=["outage", "status"])
def test_where_the_way_ended_is_shown_with_the_outage_and_on_the_screen_of_the_site(wanmon, traced, command):
    told = json.loads(wanmon(*command, "-o", "json").out)["paths"]
    screen = wanmon(*command).out

    assert ["BN-DC1", "BN-0001"] == [path["vantage"] for path in told]
    assert [{"hop": 1, "address": "10.27.0.1", "rtts_s": [0.0012], "reason": None}] == told[0]["hops"][:1]
    assert "hub: 10.27.0.1 1.2 ms, no answer from hop 2" in screen
    assert "BN-0001: 0 of 3 echoes" in screen
