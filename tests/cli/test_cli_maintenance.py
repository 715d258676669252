"""`wanmon maintenance`: windows are added, listed and ended. It is Monday, 2 March 2026, 19:00 in Bắc Ninh."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest

ADD = ("maintenance", "add")
SITE = (*ADD, "--site", "BN-0002")


@pytest.fixture
def listed(wanmon, province):
    """What a list in JSON holds: all windows, or only those that are not over."""

    def ask(*, every=True, **at):
        return json.loads(wanmon("maintenance", "list", *(["--all"] if every else []), "-o", "json", **at).out)

    return ask


def times(record) -> tuple[str, str | None]:
    assert {"+07:00"} == {record[name][19:] for name in ("starts_at", "ends_at") if record[name]}
    return record["starts_at"][:16], record["ends_at"] and record["ends_at"][:16]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ("2026-03-02T19:00", None)),
        (["--for", "2h"], ("2026-03-02T19:00", "2026-03-02T21:00")),
        (["--to", "22:00"], ("2026-03-02T19:00", "2026-03-02T22:00")),
        (["--from", "22:00"], ("2026-03-02T22:00", None)),
        (["--from", "tomorrow 08:00", "--for", "1h30m"], ("2026-03-03T08:00", "2026-03-03T09:30")),
        (["--from", "+2h", "--to", "tomorrow 00:00"], ("2026-03-02T21:00", "2026-03-03T00:00")),
        (["--from", "2026-03-31T22:00", "--to", "2026-04-01 02:00"], ("2026-03-31T22:00", "2026-04-01T02:00")),
        (["--from", "2026-03-31T15:00Z", "--for", "1d"], ("2026-03-31T22:00", "2026-04-01T22:00")),
        (["--from", "-3h", "--to", "now", "--reason", "quên báo"], ("2026-03-02T16:00", "2026-03-02T19:00")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_window_holds_from_when_to_when_it_was_said(wanmon, listed, options, expected):
    ended = wanmon(*SITE, *options)

    assert (0, "") == (ended.status, ended.out)
    [record] = listed()
    assert expected == times(record)


@pytest.mark.parametrize(
    ("option", "text", "target", "name", "counts"),
    [
        ("--site", "yen phong", "BN-0002", "UBND huyện Yên Phong", (1, 2)),
        ("--site", "10.27.2.1", "BN-0002", "UBND huyện Yên Phong", (1, 2)),
        ("--circuit", "vnpt-bn-0002-1", "VNPT-BN-0002-1", "UBND huyện Yên Phong", (0, 1)),
        ("--carrier", "viettel", "VIETTEL", "Viettel Bắc Ninh", (0, 89)),
        ("--below", "bn-0002", "BN-0002", "UBND huyện Yên Phong", (15, 16)),
        ("--unit", "Yên Phong", "258", "Yên Phong", (15, 16)),
    ],
)
def test_a_target_is_what_people_call_it_and_the_list_tells_whom_it_covers(
    wanmon, listed, option, text, target, name, counts
):
    wanmon(*ADD, option, text)
    [record] = listed()

    assert (option[2:], target, name) == (record["scope"], record["target"], record["target_name"])
    assert counts == (record["site_count"], record["circuit_count"])


def test_what_was_added_is_told_with_its_number(wanmon, province):
    in_force = wanmon(*SITE, "--for", "2h")
    opened = wanmon(*ADD, "--circuit", "VNPT-BN-0002-1")
    planned = wanmon(*ADD, "--carrier", "VNPT", "--from", "22:00", "--for", "1h", "--repeat", "weekly")

    assert ["maintenance window 1 is in force until 2026-03-02 21:00:00: 1 site, 2 circuits"] == in_force.errors
    assert ["maintenance window 2 is in force until it is ended: 1 circuit"] == opened.errors
    assert planned.errors[0].startswith("maintenance window 3 begins 2026-03-02 22:00:00: ")


def test_a_window_added_afterwards_says_what_that_does_to_figures(wanmon, listed):
    ended = wanmon(*SITE, "--from", "08:00", "--to", "09:00", "--reason", "mất điện có báo trước")
    [record] = listed()

    assert [
        "maintenance window 1 is over: 1 site, 2 circuits",
        "it begins before now: figures of the past change, and the old ones stay visible",
    ] == ended.errors
    assert (False, True, "mất điện có báo trước") == (
        record["was_announced"],
        record["excludes"],
        record["reason"],
    )


def test_a_window_that_counts_changes_no_figure(wanmon, listed):
    ended = wanmon(*SITE, "--counts", "--from", "08:00", "--for", "1h", "--reason", "để biết")

    assert ["maintenance window 1 is over: 1 site, 2 circuits"] == ended.errors
    assert [False] == [record["excludes"] for record in listed()]


def test_a_window_keeps_who_added_it_and_why(wanmon, listed):
    wanmon(*SITE, "--author", "Trần Thị B", "--reason", "thay bộ lưu điện")
    [record] = listed()

    assert ("Trần Thị B", "thay bộ lưu điện", "2026-03-02T19:00:00+07:00", True) == (
        record["author"],
        record["reason"],
        record["created_at"],
        record["was_announced"],
    )


def test_a_dry_run_shows_the_window_and_adds_none(wanmon, listed):
    ended = wanmon(*SITE, "--from", "08:00", "--for", "1h", "--reason", "x", "--dry-run")
    heading, line = ended.out.splitlines()

    assert "scope  target                        from" in heading
    assert "BN-0002 UBND huyện Yên Phong  2026-03-02 08:00  2026-03-02 09:00  over" in line
    assert "nothing was changed: this was a dry run" == ended.errors[-1]
    assert "figures of the past change" in ended.errors[0]
    assert [] == listed()


BAD = [
    ([*ADD], 2, "say what is under maintenance: one of --site, --circuit, --carrier, --below, --unit"),
    ([*SITE, "--unit", "258"], 2, "--site and --unit: a window is for one: add one for each"),
    ([*ADD, "--site", "BN-9999"], 1, "there is no site 'BN-9999': did you mean BN-0099"),
    ([*ADD, "--below", "BN-9999"], 1, "there is no site 'BN-9999'"),
    ([*ADD, "--site", ""], 1, "there is no site ''"),
    ([*ADD, "--site", "ninh xa"], 2, "'ninh xa' fits 2 sites, give a code: BN-"),
    ([*ADD, "--circuit", "VNPT-9"], 1, "there is no circuit 'VNPT-9'"),
    ([*ADD, "--carrier", "FPT"], 1, "there is no carrier 'FPT': see `wanmon carrier list`"),
    ([*ADD, "--unit", "Hà Nội"], 1, "there is no unit 'Hà Nội'"),
    (
        [*SITE, "--from", "soon"],
        2,
        "--from 'soon': is no time like now, 22:00, `tomorrow 08:00`, +2h, 2026-03-31T22:00",
    ),
    ([*SITE, "--to", "2026-02-30 08:00"], 2, "--to '2026-02-30 08:00': there is no such day or hour"),
    ([*SITE, "--for", "two hours"], 2, "--for 'two hours': is no length of time like 90m, 2h, 1d, 1h30m"),
    ([*SITE, "--for", "-2h"], 2, "--for '-2h': is no length of time like"),
    ([*SITE, "--for", "0m"], 2, "--for '0m': is no length of time like"),
    ([*SITE, "--for", "2h", "--to", "22:00"], 2, "--to and --for: give one of them, or neither"),
    (
        [*SITE, "--from", "22:00", "--to", "02:00"],
        2,
        "--to '02:00': is 2026-03-02 02:00:00, not after the beginning at 2026-03-02 22:00:00: give a later day",
    ),
    ([*SITE, "--to", "now"], 2, "--to 'now': is 2026-03-02 19:00:00, not after the beginning at 2026-03-02 19:00:00"),
    ([*SITE, "--from", "18:59"], 2, "--reason is missing: the window begins before now: say why it is added afterw"),
    ([*SITE, "--repeat", "hourly"], 2, "invalid value for '--repeat'"),
    ([*SITE, "--repeat", "daily"], 2, "--repeat daily: needs an end: add --to or --for"),
    ([*SITE, "--for", "25h", "--repeat", "daily"], 2, "--repeat daily: a window of 1 d 1 h is longer than 1 d"),
    ([*SITE, "--for", "8d", "--repeat", "weekly"], 2, "--repeat weekly: a window of 8 d is longer than 7 d: shorten"),
    ([*SITE, "--for", "29d", "--repeat", "monthly"], 2, "--repeat monthly: a window of 29 d is longer than 28 d"),
    ([*SITE, "--until", "2026-06-30"], 2, "--until '2026-06-30': needs --repeat"),
    (
        [*SITE, "--for", "1h", "--repeat", "daily", "--until", "2026-03-01"],
        2,
        "--until '2026-03-01': lies before the first window, which begins 2026-03-02 19:00:00",
    ),
    ([*SITE, "--for", "1h", "--repeat", "daily", "--until", "Tết"], 2, "--until 'Tết': is no day like 2026-03-31"),
    ([*SITE, "--author", ""], 2, "--author '': is empty"),
    ([*SITE, "--reason", "a\x1b[31m"], 2, "--reason 'a\\x1b[31m': has the unprintable character U+001B"),
    (["maintenance", "end", "7"], 1, "there is no maintenance window '7': see `wanmon maintenance list --all`"),
    (["maintenance", "end", "7", "--dry-run"], 1, "there is no maintenance window '7'"),
    (["maintenance", "end", "BN-0002"], 2, "invalid value for 'ID'"),
    (["maintenance", "end", "0"], 2, "invalid value for 'ID'"),
    (["maintenance", "end", str(2**64)], 2, "invalid value for 'ID'"),
    (["maintenance", "end"], 2, "missing argument 'ID'"),
]


@pytest.mark.parametrize(("args", "status", "line"), BAD, ids=[" ".join(args)[:70] for args, _, _ in BAD])
def test_bad_input_is_one_line_and_adds_nothing(wanmon, listed, args, status, line):
    ended = wanmon(*args)

    assert (status, "", 1) == (ended.status, ended.out, len(ended.errors))
    assert f"wanmon: {line}" == ended.errors[0][: 8 + len(line)]
    assert [] == listed()


@pytest.mark.parametrize(
    ("length", "repeat"), [("1d", "daily"), ("7d", "weekly"), ("28d", "monthly")], ids=["daily", "weekly", "monthly"]
)
def test_a_window_may_fill_its_period(wanmon, province, length, repeat):
    assert 0 == wanmon(*SITE, "--for", length, "--repeat", repeat).status


def test_a_window_that_comes_round_is_listed_with_the_next_time_until_its_last_day(wanmon, listed, noon):
    wanmon(*SITE, "--from", "22:00", "--for", "3h", "--repeat", "daily", "--until", "2026-03-04")

    def seen(hours: float) -> tuple[bool, str, str] | None:
        records = listed(every=False, at=noon + timedelta(hours=hours))
        parts = [(r["is_in_force"], r["occurrence_starts_at"], r["occurrence_ends_at"]) for r in records]
        return (parts[0][0], parts[0][1][5:16], parts[0][2][5:16]) if parts else None

    assert (False, "03-02T22:00", "03-03T01:00") == seen(0)
    assert (True, "03-02T22:00", "03-03T01:00") == seen(3)
    assert (False, "03-03T22:00", "03-04T01:00") == seen(6)
    assert (True, "03-04T22:00", "03-05T01:00") == seen(53.9)
    assert seen(54) is None
    assert [("daily", "2026-03-04")] == [(r["repeats"], r["repeats_until"]) for r in listed()]


def test_windows_of_the_past_are_listed_when_asked_for(wanmon, listed, noon):
    wanmon(*SITE, "--for", "1h")
    wanmon(*ADD, "--unit", "258", "--from", "23:00", "--for", "1h")
    later = noon + timedelta(hours=1)

    assert [2] == [record["id"] for record in listed(every=False, at=later)]
    assert [1, 2] == [record["id"] for record in listed(at=later)]


def test_without_any_window_people_are_told_so(wanmon, province):
    ended = wanmon("maintenance", "list")

    assert (0, "", ["no maintenance is in force or to come"]) == (ended.status, ended.out, ended.errors)


def test_the_table_is_for_people(wanmon, province, noon):
    wanmon(*SITE, "--author", "lan", "--reason", "đo kiểm")
    wanmon(*ADD, "--below", "BN-0002", "--from", "20:00", "--for", "1h")
    wanmon(*ADD, "--carrier", "VNPT", "--from", "22:00", "--for", "1h", "--repeat", "weekly", "--until", "2026-06-30")
    later = noon + timedelta(hours=1.5)
    for number in ("2", "3"):
        wanmon("maintenance", "end", number, at=later)
    rows = wanmon("maintenance", "list", "--all", at=later).out.splitlines()
    heading, opened, ended, called_off = ([cell.strip() for cell in re.split("  +", row)] for row in rows)

    assert "id scope target from to next repeats sites circuits reason author" == " ".join(heading)
    assert ["site", "BN-0002 UBND huyện Yên Phong", "2026-03-02 19:00", "until ended", "in force"] == opened[1:6]
    assert ["1", "2", "đo kiểm", "lan"] == opened[6:]
    assert ["below", "2026-03-02 21:00", "ended 2026-03-02 20:30"] == [ended[1], *ended[4:6]]
    assert ["called off", "weekly until 2026-06-30"] == called_off[5:7]


def test_the_table_says_which_windows_count_where_one_does(wanmon, province):
    wanmon(*SITE, "--for", "1h", "--counts")

    assert "counts" in wanmon("maintenance", "list").out.splitlines()[0].split()


def test_csv_has_whole_instants_and_every_column(wanmon, listed):
    wanmon(*SITE, "--for", "1h")
    [row] = csv.DictReader(io.StringIO(wanmon("maintenance", "list", "-o", "csv").out))

    assert list(listed()[0]) == list(row)
    assert ("2026-03-02T20:00:00+07:00", "true", "") == (row["ends_at"], row["is_in_force"], row["ended_at"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "maintenance window 1 has ended"),
        (["--for", "2h"], "maintenance window 1 has ended"),
        (["--from", "23:00", "--for", "2h"], "maintenance window 1 is called off"),
        (["--for", "30m", "--repeat", "daily"], "maintenance window 1 has ended"),
    ],
    ids=["open", "early", "called off", "no longer daily"],
)
def test_a_window_is_ended_with_author_and_reason(wanmon, listed, noon, options, words):
    wanmon(*SITE, *options)
    later = noon + timedelta(hours=1)
    ended = wanmon("maintenance", "end", "1", "--author", "bình", "--reason", "xong sớm", at=later)
    [record] = listed(at=later)

    assert (0, "", [words]) == (ended.status, ended.out, ended.errors)
    assert ("2026-03-02T20:00:00+07:00", "bình", "xong sớm") == tuple(
        record[name] for name in ("ended_at", "ended_by", "ended_reason")
    )
    assert (False, None) == (record["is_in_force"], record["occurrence_starts_at"])
    assert [] == listed(every=False, at=later)


def test_a_dry_run_shows_what_would_be_ended_and_ends_nothing(wanmon, listed):
    wanmon(*SITE)
    ended = wanmon("maintenance", "end", "1", "--dry-run")

    assert (0, ["nothing was changed: this was a dry run"]) == (ended.status, ended.errors)
    assert "BN-0002 UBND huyện Yên Phong" in ended.out
    assert [True] == [record["is_in_force"] for record in listed()]


def test_what_has_ended_or_is_over_cannot_be_ended(wanmon, listed, noon):
    wanmon(*SITE)
    wanmon(*SITE, "--for", "1h")
    wanmon("maintenance", "end", "1", "--author", "lan")
    before = listed()
    again, over = (wanmon("maintenance", "end", str(n), at=noon + timedelta(hours=1)) for n in (1, 2))

    words = "maintenance window 1 was ended already, at 2026-03-02T19:00:00+07:00 by lan"
    assert (1, [f"wanmon: {words}"]) == (again.status, again.errors)
    assert (1, ["wanmon: maintenance window 2 is over: see `wanmon maintenance list --all`"]) == (
        over.status,
        over.errors,
    )
    assert before == listed()


def test_a_window_outlives_its_target(wanmon, listed, province):
    """Figures of the past rest on it."""
    wanmon("carrier", "add", "FPT", "--name", "FPT Telecom")
    wanmon(*ADD, "--carrier", "FPT")
    wanmon("carrier", "remove", "FPT")
    [record] = listed()

    assert ("FPT", "", 0, 0) == tuple(record[k] for k in ("target", "target_name", "site_count", "circuit_count"))


def test_a_retired_site_is_not_counted_among_those_covered(wanmon, listed):
    wanmon(*ADD, "--unit", "258")
    communes = json.loads(wanmon("site", "list", "--unit", "258", "--where", "class=commune", "-o", "json").out)
    wanmon("site", "retire", communes[0]["code"])

    assert [14] == [record["site_count"] for record in listed()]


def test_a_window_from_now_on_is_not_one_added_afterwards(wanmon, listed, noon):
    """Not even by a fraction of a second."""
    now = noon + timedelta(microseconds=123_456)
    wanmon(*SITE, at=now)

    assert [True] == [record["was_announced"] for record in listed(at=now)]
