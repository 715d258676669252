"""How answers are written: complete for programs, harmless for terminals and spreadsheets."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.cli.frame import output
from wanmon.cli.frame.amounts import percent
from wanmon.cli.frame.options import Output
from wanmon.cli.frame.printable import printable, printable_json, width

NASTY = "a\x1b[31mb\x9b2J\u202ec\x07"
ROOT = Path(__file__).parent.parent.parent

READING = [
    ("unit", "list"), ("unit", "show", "256"), ("carrier", "list"), ("carrier", "show", "VNPT"), ("site", "list"),
    ("site", "show", "BN-0001"), ("device", "list"), ("device", "show", "BN-0001-R1"), ("circuit", "list"),
    ("circuit", "show", "VNPT-BN-0001-1"), ("status",), ("status", "BN-0001"), ("credential", "list"),
    ("credential", "status"), ("profile", "list"), ("check", "list"), ("check", "kinds"), ("config", "show"),
    ("inventory", "plan", "inventory"), ("inventory", "log"), ("maintenance", "list"), ("outage", "list"),
    ("report", "sla"), ("report", "sla", "--carrier", "VNPT"),
]  # fmt: skip


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | set().union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_stands_alone_on_stdout_and_its_keys_are_snake_case(wanmon, province, words):
    ended = wanmon(*words, "-o", "json")

    assert 0 == ended.status
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys(json.loads(ended.out)))


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_csv_has_a_header_and_rows_as_long_as_it(wanmon, province, words):
    ended = wanmon(*words, "-o", "csv")
    lengths = {len(row) for row in csv.reader(io.StringIO(ended.out))}

    assert (0, 1) == (ended.status, len(lengths))


def test_json_keeps_diacritics_and_types(wanmon, province):
    ended = wanmon("site", "show", "BN-0002", "-o", "json")
    site = json.loads(ended.out)

    assert '"UBND huyện Yên Phong"' in ended.out
    assert (21.2, "2023-07-01", None) == (site["latitude"], site["activated_on"], site["retired_on"])
    assert ["huyện Yên Phong", "tỉnh Bắc Ninh"] == site["unit_path"]


def test_the_json_of_a_list_has_every_column_of_the_file(wanmon, province):
    header = (province / "inventory" / "devices.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    devices = json.loads(wanmon("device", "list", "-o", "json").out)

    assert 178 == len(devices)
    assert header == list(devices[0])


def test_the_csv_of_a_list_is_a_file_that_changes_nothing(wanmon, province):
    """What is exported can be edited and applied again."""
    for noun in ("unit", "carrier", "site", "device", "circuit"):
        plural = f"{noun}s"
        Path(f"{plural}.csv").write_text(wanmon(noun, "list", "-o", "csv").out, encoding="utf-8")
        ended = wanmon("inventory", "plan", f"{plural}.csv")
        assert (0, "") == (ended.status, ended.out)
        assert ended.err.startswith("nothing to change; ")


def test_a_piped_table_is_neither_cut_nor_wrapped(wanmon, province):
    name = "UBND " + "rất dài " * 24 + "hết"
    wanmon("site", "set", "BN-0001", "--name", name)
    lines = wanmon("site", "list").out.splitlines()

    assert 1 + 178 == len(lines)
    assert name in lines[1]
    assert not any(line.endswith(" ") for line in lines)


def test_instants_are_shown_with_their_offset(capsys):
    output.show_json({"since": datetime(2026, 3, 2, 5, 0, tzinfo=UTC)})
    output.show_records([{"since": datetime(2026, 3, 2, 5, 0, tzinfo=UTC)}], ["since"], Output.CSV)

    assert 2 == capsys.readouterr().out.count("2026-03-02T12:00:00+07:00")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)"])
def test_a_formula_is_text_in_csv_and_raw_in_json(capsys, text):
    output.show_records([{"name": text}], ["name"], Output.CSV)
    output.show_records([{"name": text}], ["name"], Output.JSON)
    out = capsys.readouterr().out

    assert f"'{text}" in out
    assert json.dumps(text) in out


def test_negative_numbers_are_no_formulas(capsys):
    output.show_records([{"latitude": -21.5, "count": -3}], ["latitude", "count"], Output.CSV)

    assert "latitude,count\n-21.5,-3\n" == capsys.readouterr().out


@pytest.mark.parametrize("form", list(Output))
def test_no_control_character_reaches_a_terminal(capsys, form):
    output.show_records([{"name": NASTY}], ["name"], form)
    out = capsys.readouterr().out

    assert all(character.isprintable() or character == "\n" for character in out)
    if form is Output.JSON:
        assert [{"name": NASTY}] == json.loads(out)


@given(st.text())
def test_any_text_can_be_shown_and_any_json_is_read_back(text):
    assert printable(text).isprintable()
    shown = printable_json(json.dumps(text, ensure_ascii=False))
    assert shown.isprintable()
    assert text == json.loads(shown)


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("Phường", 6), ("Phu\u031bo\u031b\u0300ng", 6), ("東京", 4)])
def test_the_width_of_a_text_is_what_it_takes_on_the_screen(text, columns):
    assert columns == width(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0.30000001, "0.3"),
        (5455200.12, "5455200.12"),
        (100.0, "100"),
        ([1, "b"], "1, b"),
        (date(2026, 3, 2), "2026-03-02"),
    ],
)
def test_a_cell_of_a_table_is_for_people(value, text):
    assert text == output.cell_text(value)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("receive_bps", 500_000_000, "500 Mbit/s"),
        ("receive_bps", 2_500_000_000, "2.5 Gbit/s"),
        ("speed_bps", 64, "64 bit/s"),
        ("duration_s", 482, "8 min 2 s"),
        ("duration_s", 7200, "2 h"),
        ("duration_s", 93_784, "1 d 2 h"),
        ("duration_s", 0, "0 s"),
        ("rtt_s", 0.01234, "12.3 ms"),
        ("timeout_s", 2.5, "2.5 s"),
        ("receive_bytes", 482, "482"),
        ("since", datetime(2026, 11, 23, 5, 21, 41, tzinfo=UTC), "2026-11-23 12:21:41"),
    ],
)
def test_an_amount_is_for_people_in_a_table_and_plain_for_programs(capsys, column, value, text):
    output.show_records([{column: value}], [column], Output.TABLE)
    heading, cell = capsys.readouterr().out.splitlines()
    output.show_records([{column: value}], [column], Output.JSON)
    [record] = json.loads(capsys.readouterr().out)

    assert text == cell.strip()
    assert heading.strip() in (column.rpartition("_")[0], column, column.replace("_", " "))
    assert record[column] in (value, "2026-11-23T12:21:41+07:00")


def test_an_empty_list_says_so_to_people_alone(wanmon, province):
    nothing = ("site", "list", "--status", "planned")

    assert ("", "no sites\n") == (wanmon(*nothing).out, wanmon(*nothing).err)
    assert ("[]\n", "") == (wanmon(*nothing, "-o", "json").out, wanmon(*nothing, "-o", "json").err)
    assert 1 == len(wanmon(*nothing, "-o", "csv").out.splitlines())


def on_a_terminal(*args: str, **environment: str) -> str:
    """What a command writes to a terminal of 100 columns."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "wanmon", *args]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    with subprocess.Popen(
        command, stdout=follower, stderr=follower, stdin=subprocess.DEVNULL, env=environment
    ) as child:
        os.close(follower)
        written = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # how Linux says that the other side is closed
                break
            written += piece
        child.wait()
    os.close(leader)
    return written.decode()


def test_states_are_coloured_on_a_terminal_and_fit_it(province):
    lines = on_a_terminal("status", "--unit", "258").splitlines()

    assert any("\x1b[" in line for line in lines)
    assert all(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= 100 for line in lines)


def test_no_color_is_honoured(province):
    assert "\x1b" not in on_a_terminal("status", "--unit", "258", NO_COLOR="1")


def test_ctrl_c_ends_watch_well(province):
    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "wanmon", "watch", "--unit", "258"]
    with subprocess.Popen(command, stdout=follower, stderr=follower, stdin=follower, env=environment) as child:
        os.close(follower)
        seen = b""
        while b"BN-0002" not in seen:
            seen += os.read(leader, 65536)
        child.send_signal(2)
        status = child.wait(timeout=10)
    os.close(leader)

    assert 0 == status
    assert b"Traceback" not in seen


@pytest.mark.parametrize(
    ("up_s", "of_s", "text"),
    [
        (1, 1, "100.000 %"),
        (31_535_999, 31_536_000, "99.999 %"),
        (178 * 31_536_000 - 1, 178 * 31_536_000, "99.999 %"),
        (29, 100, "29.000 %"),
        (57, 100, "57.000 %"),
        (995, 1000, "99.500 %"),
        (99_499, 100_000, "99.499 %"),
        (2, 3, "66.666 %"),
        (0, 7, "0.000 %"),
    ],
)
def test_a_share_is_rounded_down_so_that_no_second_vanishes(up_s: int, of_s: int, text: str):
    """Neither a second of a year nor one of all sites; and what floats cannot hold makes no difference."""
    assert text == percent(up_s / of_s)
