"""`report sla` and `report close`: figures that can be explained, and what was answered for stays."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from wanmon.model.cause import Cause
from wanmon.model.life import Heartbeat, Transition
from wanmon.model.maintenance import Maintenance, Scope
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.store.database import Database

FEBRUARY = datetime.fromisoformat("2026-02-01T00:00:00+07:00")
MONTH_S, HOUR_S = 28 * 86_400, 3600
#: A commune with one circuit, of VNPT and in unit 258, and a district with two.
SITE, CIRCUIT, OTHER = "BN-0021", "VIETTEL-BN-0021-1", "BN-0020"
UNIT, CARRIER, DISTRICT = "258", "VIETTEL", "BN-0002"


def at(hour: float) -> datetime:
    """So many hours into February."""
    return FEBRUARY + timedelta(hours=hour)


@pytest.fixture
def keep(province):
    """Add rows to the database of the province."""
    database = Database.open(f"sqlite:///{province}/var/wanmon.db")

    def add(*rows) -> None:
        with database.write() as session:
            session.add_all(rows)

    yield add
    database.close()


def beats(*hours: tuple[float, float]) -> list[Heartbeat]:
    return [Heartbeat(began_at=at(first), last_at=at(last)) for first, last in hours]


def turned(new: State, hour: float, site: str = SITE, **values) -> Transition:
    old = State.UP if new is not State.UP else State.DOWN
    return Transition(site=site, old=old, new=new, at=at(hour), decided_at=at(hour), **values)


def cut(first: float, last: float, cause: Cause | None = None, site: str = SITE, state: State = State.DOWN) -> list:
    """What an outage leaves behind."""
    row = Outage(site=site, state=state, began_at=at(first), ended_at=at(last), decided_at=at(first), cause=cause)
    return [turned(state, first, site), turned(State.UP, last, site), row]


def window(first: float, last: float, scope=Scope.SITE, target=SITE, created: float = -99, **values) -> Maintenance:
    return Maintenance(
        scope=scope,
        target=target,
        starts_at=at(first),
        ends_at=at(last),
        author="lan",
        created_at=at(created),
        **values,
    )


@pytest.fixture
def watched(keep, noon):
    """A poller that has run since January without a pause, and two sites that are up."""
    keep(Heartbeat(began_at=at(-999), last_at=noon), turned(State.UP, -900), turned(State.UP, -900, OTHER))


@pytest.fixture
def asked(wanmon):
    """What `report sla` says of February as JSON, narrowed to the site unless told otherwise."""

    def ask(*words: str) -> dict:
        chosen = words or ("--site", SITE)
        ended = wanmon("report", "sla", "--month", "2026-02", *chosen, "-o", "json")
        assert (0, "") == (ended.status, ended.err)
        told: dict = json.loads(ended.out)
        return told

    return ask


@pytest.fixture
def site(asked):
    """The record of the site."""
    return lambda: asked()["sites"][0]


@pytest.fixture
def circuit(asked):
    """The record of its circuit."""
    return lambda: asked()["circuits"][0]


def less(hours: float, of_s: float = MONTH_S) -> float:
    return (of_s - hours * HOUR_S) / of_s


def test_a_month_that_goes_on_is_told_so_far(wanmon, keep, watched, noon):
    """Local noon plus seven: 1 March and 19 hours of the 2nd."""
    told = json.loads(wanmon("report", "sla", "--site", SITE, "-o", "json").out)

    assert ("2026-03", False, "2026-03-02T19:00:00+07:00") == (told["period"], told["is_over"], told["as_of"])
    assert 43 * HOUR_S == told["sites"][0]["expected_s"] == told["sites"][0]["up_s"]
    assert "2026-03 so far, up to 2026-03-02 19:00:00" == wanmon("report", "sla", "--site", SITE).out.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "name", "hours"),
    [
        (("--month", "2026-02"), "2026-02", 672),
        (("--quarter", "2026-Q1"), "2026-Q1", 715),
        (("--year", "2026"), "2026", 715),
    ],
)
def test_a_month_a_quarter_or_a_year_is_reported(wanmon, keep, noon, words, name, hours):
    """The year is two months and 43 hours old; nobody watched in January."""
    keep(*beats((0, 9999)), turned(State.UP, 0))
    told = json.loads(wanmon("report", "sla", *words, "--site", SITE, "-o", "json").out)

    assert (name, hours * HOUR_S, 1.0) == (
        told["period"],
        told["sites"][0]["up_s"],
        told["sites"][0]["availability_ratio"],
    )


def test_a_figure_is_judged_by_the_target_of_its_class(keep, watched, site):
    keep(*cut(100, 108, Cause.CARRIER_PATH))
    found = site()

    assert (less(8), 1.0, 8 * HOUR_S, 1) == (
        found["availability_ratio"],
        found["coverage_ratio"],
        found["down_s"],
        found["outages"],
    )
    assert (8 * HOUR_S, 664 * HOUR_S) == (found["mttr_s"], found["mtbf_s"])
    assert (0.995, "missed") == (found["target_ratio"], found["verdict"])


def test_a_power_cut_lowers_the_site_and_is_not_charged_to_the_carrier(keep, watched, site, circuit):
    keep(*cut(100, 108, Cause.POWER_OR_REBOOT))
    found = circuit()

    assert (less(8), "missed") == (site()["availability_ratio"], site()["verdict"])
    assert (less(8), 1.0, 8 * HOUR_S, "met") == (
        found["availability_ratio"],
        found["chargeable_availability_ratio"],
        found["excused_s"],
        found["verdict"],
    )


def test_what_a_person_ruled_counts(keep, watched, circuit):
    *turns, outage = cut(100, 108, Cause.CARRIER_PATH)
    outage.ruled_cause = Cause.POWER_OR_REBOOT
    keep(*turns, outage)

    assert 1.0 == circuit()["chargeable_availability_ratio"]


def test_what_was_cut_above_is_not_the_circuits(keep, watched, site, circuit):
    keep(*cut(100, 108, Cause.UPSTREAM, state=State.UNREACHABLE))

    assert (less(8), 1.0) == (site()["availability_ratio"], circuit()["availability_ratio"])
    assert 8 * HOUR_S == circuit()["unreachable_s"]


def test_a_poller_killed_for_ten_minutes_is_unknown_and_no_outage(keep, site, circuit, noon):
    keep(*beats((-999, 100), (100 + 1 / 6, 99999)), turned(State.UP, -900))

    for found in (site(), circuit()):
        assert (1.0, 0, 0, 600) == (found["availability_ratio"], found["down_s"], found["outages"], found["unknown_s"])
        assert less(1 / 6) == found["coverage_ratio"] < 1


def test_too_little_that_is_known_draws_no_verdict(keep, site, noon):
    keep(*beats((-999, 100), (200, 99999)), turned(State.UP, -900))

    assert "insufficient data" == site()["verdict"]


def test_a_window_of_five_minutes_inside_a_cut_of_eight_hours_excuses_five_minutes(keep, watched, site):
    keep(*cut(100, 108), window(102, 102 + 1 / 12))

    assert (8 * HOUR_S - 300, MONTH_S - 300) == (site()["down_s"], site()["expected_s"])


def test_a_window_that_was_announced_leaves_no_old_figure(keep, watched, site):
    keep(*cut(100, 108), window(99, 109))

    assert (1.0, None, []) == (
        site()["availability_ratio"],
        site()["availability_before_late_windows_ratio"],
        site()["late_windows_by"],
    )


def test_a_window_added_afterwards_changes_the_figure_and_the_old_one_stays_visible(keep, watched, asked, wanmon):
    """With the name of who added it, and for everything that it is part of."""
    keep(*cut(100, 108), window(99, 109, created=120, reason="thay router"))
    found, table = asked("--unit", UNIT), wanmon("report", "sla", "--month", "2026-02", "--site", SITE).out
    record = next(each for each in found["sites"] if each["site"] == SITE)

    assert (1.0, less(8), ["lan"]) == (
        record["availability_ratio"],
        record["availability_before_late_windows_ratio"],
        record["late_windows_by"],
    )
    assert [less(8)] == [
        each["chargeable_before_late_windows_ratio"] for each in found["circuits"] if each["site"] == SITE
    ]
    assert found["units"][0]["availability_before_late_windows_ratio"] < found["units"][0]["availability_ratio"]
    assert "availability before late windows  late windows by" in table
    assert re.search(r"100\.000 % .* 98\.809 %  lan", table)


def test_without_late_windows_and_closing_there_are_no_columns_for_them(keep, watched, wanmon):
    header = wanmon("report", "sla", "--month", "2026-02", "--site", SITE).out.splitlines()[3]

    assert "site name availability coverage down outages mttr mtbf target verdict" == " ".join(header.split())


def test_an_outage_that_straddles_the_month_is_clipped(wanmon, keep, watched, site):
    keep(*cut(672 - 1, 672 + 2))
    march = json.loads(wanmon("report", "sla", "--site", SITE, "-o", "json").out)["sites"][0]

    assert (HOUR_S, 1) == (site()["down_s"], site()["outages"])
    assert (2 * HOUR_S, 1) == (march["down_s"], march["outages"])


def test_an_outage_that_goes_on_counts_up_to_now(wanmon, keep, watched):
    keep(turned(State.DOWN, 672 + 42))
    march = json.loads(wanmon("report", "sla", "--site", SITE, "-o", "json").out)["sites"][0]

    assert (HOUR_S, 43 * HOUR_S) == (march["down_s"], march["expected_s"])


def test_a_site_activated_in_mid_month_counts_from_that_day(wanmon, keep, watched, site):
    wanmon("site", "set", SITE, "--activated-on", "2026-02-15")
    keep(*cut(100, 108))

    assert (1.0, 14 * 86_400) == (site()["availability_ratio"], site()["expected_s"])


def test_planned_sites_count_nowhere(wanmon, keep, watched, asked):
    wanmon("site", "set", SITE, "--status", "planned")
    told = asked("--unit", UNIT)

    assert SITE not in [record["site"] for record in told["sites"]]
    assert CIRCUIT not in [record["circuit"] for record in told["circuits"]]
    assert 14 == told["units"][0]["site_count"]


def test_of_two_circuits_without_evidence_nothing_is_claimed(keep, watched, asked):
    keep(turned(State.UP, -900, DISTRICT))
    found = asked("--site", DISTRICT)["circuits"]

    assert [("none", "no data", None, None)] * 2 == [
        (record["evidence"], record["verdict"], record["availability_ratio"], record["down_s"]) for record in found
    ]


def test_a_circuit_with_transitions_of_its_own_is_judged_by_them(keep, watched, asked):
    code = f"VNPT-{DISTRICT}-1"
    keep(turned(State.UP, -900, DISTRICT), turned(State.UP, -900, DISTRICT, circuit=code))
    keep(turned(State.DOWN, 100, DISTRICT, circuit=code), turned(State.UP, 108, DISTRICT, circuit=code))
    told = asked("--site", DISTRICT)
    found = next(record for record in told["circuits"] if record["circuit"] == code)

    assert (less(8), "own") == (found["availability_ratio"], found["evidence"])
    assert 1.0 == told["sites"][0]["availability_ratio"]


def test_totals_are_of_seconds_and_not_of_shares(wanmon, keep, watched, asked):
    """The other site counted for a week alone, and was down for a day of it."""
    wanmon("site", "set", OTHER, "--activated-on", "2026-02-22")
    keep(*cut(600, 624, site=OTHER))
    told = asked("--unit", UNIT)
    unit, carrier = told["units"][0], next(each for each in told["carriers"] if each["carrier"] == CARRIER)
    known_s = MONTH_S + 7 * 86_400

    assert (UNIT, (known_s - 86_400) / known_s, 86_400) == (unit["unit"], unit["availability_ratio"], unit["down_s"])
    assert (known_s - 86_400) / known_s == carrier["availability_ratio"] == carrier["chargeable_availability_ratio"]
    assert sum(record["expected_s"] for record in told["sites"]) == unit["expected_s"]


def test_a_total_says_how_many_circuits_have_no_data(keep, watched, asked):
    told = asked("--unit", UNIT)
    found = {record["carrier"]: (record["circuit_count"], record["no_data_count"]) for record in told["carriers"]}

    assert {"VIETTEL": (15, 1), "VNPT": (1, 1)} == found


def test_the_whole_province_has_a_total_for_each_unit_with_several_sites(keep, watched, asked):
    told = asked("--measure", "site")

    assert ("27", 178) == (told["units"][0]["unit"], told["units"][0]["site_count"])
    assert {"258", "256"} < {record["unit"] for record in told["units"]}
    assert ([], []) == (told["circuits"], told["carriers"])


def test_a_carrier_is_asked_for_its_circuits(keep, watched, asked):
    told = asked("--carrier", "viettel")

    assert [] == told["sites"] == told["units"]
    assert {CARRIER} == {record["carrier"] for record in told["circuits"]} == {told["carriers"][0]["carrier"]}


def test_a_circuit_whose_contract_ended_before_is_left_out_and_that_is_said(wanmon, keep, watched):
    wanmon("circuit", "set", CIRCUIT, "--ends-on", "2026-01-31")
    ended = wanmon("report", "sla", "--month", "2026-02", "--unit", UNIT)

    assert CIRCUIT not in ended.out
    assert [f"1 circuit left out, whose contract does not reach into 2026-02: {CIRCUIT}"] == ended.errors


def test_not_a_second_is_rounded_away(wanmon, keep, watched):
    keep(*cut(100, 100 + 1 / HOUR_S))
    table = wanmon("report", "sla", "--month", "2026-02", "--site", SITE).out

    assert " 99.999 % " in table
    assert "down  outages" in table
    assert " 1 s " in table


@pytest.mark.parametrize(
    ("words", "first", "count"),
    [
        ((), "site", 178),
        (("--measure", "site"), "site", 178),
        (("--measure", "chargeable"), "circuit", 185),
        (("--carrier", CARRIER), "circuit", 89),
        (("--site", SITE), "site", 1),
    ],
)
def test_csv_is_one_table(wanmon, keep, watched, words, first, count):
    ended = wanmon("report", "sla", "--month", "2026-02", *words, "-o", "csv")
    header, *rows = csv.reader(io.StringIO(ended.out))

    assert (first, count) == (header[0], len(rows))
    assert {len(header)} == {len(row) for row in rows}
    assert ["2026-02"] == ended.errors


@pytest.fixture
def checkered(keep, noon):
    """A month that has everything in it: down for several causes, cut above, unknown, gaps, windows of both kinds."""
    keep(*beats((-999, 300.3), (300.9, 99999)), turned(State.UP, -900))
    keep(*cut(100, 108, Cause.POWER_OR_REBOOT), *cut(200, 200.51, Cause.HANDOFF), *cut(300, 301, Cause.CARRIER_PATH))
    keep(*cut(400, 402, Cause.UPSTREAM, state=State.UNREACHABLE), turned(State.UNKNOWN, 500), turned(State.UP, 510))
    keep(window(104, 105), window(200.2, 200.4, Scope.CIRCUIT, CIRCUIT), window(107, 107.5, created=300, reason="UPS"))


@pytest.mark.parametrize("measure", ["site", "circuit", "chargeable"])
def test_the_intervals_of_an_explanation_sum_to_the_figure_to_the_second(wanmon, checkered, asked, measure):
    told = asked("--explain", SITE, "--measure", measure)
    sums: dict[str, int] = {}
    for piece in told["pieces"]:
        sums[piece["counted"]] = sums.get(piece["counted"], 0) + piece["duration_s"]
    listed = asked()
    record = listed["sites"][0] if measure == "site" else listed["circuits"][0]
    figure = record["chargeable_availability_ratio" if measure == "chargeable" else "availability_ratio"]

    assert sums["up"] / (sums["up"] + sums["down"]) == figure == told["availability_ratio"]
    assert (MONTH_S, sums) == (sum(sums.values()), {name: told[f"{name}_s"] for name in sums})
    assert {"from", "to", "duration_s", "state", "cause", "counted", "note"} == set(told["pieces"][0])
    assert [piece["to"] for piece in told["pieces"][:-1]] == [piece["from"] for piece in told["pieces"][1:]]


def test_an_explanation_tells_why(wanmon, checkered):
    ended = wanmon("report", "sla", "--month", "2026-02", "--explain", SITE, "--measure", "chargeable")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]

    assert 0 == ended.status
    for line in (
        "2026-02-05 04:00:00 2026-02-05 08:00:00 14400 down power_or_reboot excused",
        "2026-02-05 08:00:00 2026-02-05 09:00:00 3600 down power_or_reboot maintenance window 1 of lan",
        "2026-02-05 11:00:00 2026-02-05 11:30:00 1800 down power_or_reboot maintenance "
        "window 3 of lan, added afterwards: UPS",
        "2026-02-09 08:12:00 2026-02-09 08:24:00 720 down handoff circuit_maintenance window 2 of lan",
        "2026-02-13 12:18:00 2026-02-13 12:54:00 2160 unknown monitor unknown no poller ran",
        "2026-02-17 16:00:00 2026-02-17 18:00:00 7200 unreachable upstream unreachable",
        "2026-02-21 20:00:00 2026-02-22 06:00:00 36000 unknown unknown",
        "up 2341764 27 d 2 h",
        "availability = up / (up + down) = 2341764 / (2341764 + 2556) = 99.890 %",
        "coverage = 1 - unknown / counted time = 1 - 38160 / 2413080 = 98.418 %",
        "target 99.500 %: met",
    ):
        assert line in lines


def test_an_explanation_tells_the_figure_before_windows_added_afterwards(wanmon, checkered):
    ended = wanmon("report", "sla", "--month", "2026-02", "--explain", SITE)

    assert "without the windows that lan added afterwards: 98.499 %" in ended.out.splitlines()


def test_csv_of_an_explanation_is_its_intervals(wanmon, checkered):
    ended = wanmon("report", "sla", "--month", "2026-02", "--explain", SITE, "-o", "csv")
    header, *rows = csv.reader(io.StringIO(ended.out))

    assert ["from", "to", "duration_s", "state", "cause", "counted", "note"] == header
    assert MONTH_S == sum(int(row[2]) for row in rows)


def test_one_circuit_of_several_is_explained_by_its_name(wanmon, keep, watched):
    code = f"VNPT-{DISTRICT}-1"
    keep(turned(State.UP, -900, DISTRICT, circuit=code))
    words = ("report", "sla", "--month", "2026-02", "--measure", "circuit", "--explain")

    assert f"({'circuit'}), 2026-02" in wanmon(*words, code.lower()).out.splitlines()[0]
    ended = wanmon(*words, DISTRICT)
    assert (2, f"wanmon: site {DISTRICT} has 2 circuits, explain one of them: VIETTEL-BN-0002-2, {code}") == (
        ended.status,
        ended.errors[-1],
    )


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["--month", "2026-13"], 2, "'2026-13' is no period: write a month as 2026-03, a quarter as"),
        (["--month", "hai"], 2, "'hai' is no period"),
        (["--month", "2026-Q1"], 2, "--month 2026-Q1: that is a quarter: write --quarter 2026-Q1"),
        (["--quarter", "2026"], 2, "--quarter 2026: that is a year: write --year 2026"),
        (["--year", "2026-02"], 2, "--year 2026-02: that is a month: write --month 2026-02"),
        (["--month", "2026-04"], 2, "--month 2026-04: has not begun yet"),
        (["--month", "2026-01", "--quarter", "2026-Q1"], 2, "give one period, not --month and --quarter"),
        (["--month", "2026-01", "--year", "2026"], 2, "give one period, not --month and --year"),
        (["--site", "BN-9999"], 1, "there is no site 'BN-9999'"),
        (["--unit", "nowhere"], 1, "there is no unit 'nowhere'"),
        (["--carrier", "VNPR"], 1, "there is no carrier 'VNPR': did you mean VNPT?"),
        (["--site", SITE, "--unit", UNIT], 2, "give one of --site, --unit and --carrier, not --site and --unit"),
        (["--unit", UNIT, "--carrier", CARRIER], 2, "give one of --site, --unit and --carrier, not --unit and"),
        (["--explain", SITE, "--unit", UNIT], 2, "--explain names its site: leave out --site, --unit and --carrier"),
        (["--carrier", CARRIER, "--measure", "site"], 2, "a carrier answers for circuits: leave out --measure"),
        (["--measure", "sites"], 2, "invalid value for '--measure': "),
        (["--explain", "BN-9999"], 1, "there is no site 'BN-9999'"),
        (["--explain", "xã"], 2, "'xã' fits"),
        (["--explain", SITE], 1, f"site {SITE} has no data in 2026-03: nothing is known of the 154800 s that count"),
        (["--explain", SITE, "--month", "2020-01"], 1, f"site {SITE} does not count in 2020-01: it counts from 2023-"),
        (["--site", SITE, "--month", "2020-01"], 1, f"site {SITE} does not count in 2020-01: it counts from 2023-"),
        (
            ["--explain", f"VNPT-{DISTRICT}-1", "--measure", "circuit"],
            1,
            f"circuit VNPT-{DISTRICT}-1 has no data in 2026-03: nothing speaks for it alone",
        ),
        (["--explain", "BN-DC1", "--measure", "circuit"], 1, "site BN-DC1 has no circuit that counts in 2026-03"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_cannot_be_answered_is_one_line(wanmon, province, words, status, line):
    ended = wanmon("report", "sla", *words)

    assert (status, "", 1) == (ended.status, ended.out, len(ended.errors))
    assert ended.err.startswith(f"wanmon: {line}")


def test_a_planned_site_says_why_it_has_no_figure(wanmon, province):
    wanmon("site", "set", SITE, "--status", "planned")
    ended = wanmon("report", "sla", "--site", SITE)

    assert (
        1,
        [f"wanmon: site {SITE} is planned and counts nowhere: `wanmon site activate {SITE}` makes it count"],
    ) == (
        ended.status,
        ended.errors,
    )


def test_a_period_in_which_nothing_counts_is_said_to_be_empty(wanmon, province):
    ended = wanmon("report", "sla", "--month", "2020-01")

    assert (0, "2020-01\n", ["no site or circuit counts in it"]) == (ended.status, ended.out, ended.errors)


@pytest.fixture
def close(wanmon):
    """Close February as somebody."""

    def ask(*words: str, author: str = "hoa"):
        return wanmon("report", "close", "2026-02", "--author", author, *words)

    return ask


def test_a_closed_month_says_who_answered_for_it(wanmon, keep, watched, close, asked):
    ended = close("--reason", "tháng 2")

    assert (0, "", ["2026-02 is closed with the figures of 178 sites and 185 circuits"]) == (
        ended.status,
        ended.out,
        ended.errors,
    )
    assert {"at": "2026-03-02T19:00:00+07:00", "author": "hoa", "reason": "tháng 2", "times": 1} == asked()["closed"]
    first = wanmon("report", "sla", "--month", "2026-02", "--site", SITE).out.splitlines()[0]
    assert "2026-02, closed 2026-03-02 19:00:00 by hoa: tháng 2" == first


def test_what_changes_after_closing_is_restated_beside_the_closed_figure(wanmon, keep, watched, close, asked):
    """The cause of the outage became known when the month was closed already."""
    *turns, outage = cut(100, 108)
    keep(*turns)
    close()
    outage.cause = Cause.POWER_OR_REBOOT
    keep(outage, *cut(200, 202, site=OTHER))
    told, table = asked("--unit", UNIT), wanmon("report", "sla", "--month", "2026-02", "--unit", UNIT).out
    sites = {record["site"]: record for record in told["sites"]}
    circuit = next(record for record in told["circuits"] if record["circuit"] == CIRCUIT)

    assert (less(8), None) == (sites[SITE]["availability_ratio"], sites[SITE]["restated_availability_ratio"])
    assert (1.0, less(2)) == (sites[OTHER]["availability_ratio"], sites[OTHER]["restated_availability_ratio"])
    assert (less(8), 1.0, "missed") == (
        circuit["chargeable_availability_ratio"],
        circuit["restated_chargeable_ratio"],
        circuit["verdict"],
    )
    assert (less(4), less(5)) == tuple(told["units"][0][f"{which}availability_ratio"] for which in ("", "restated_"))
    assert "restated availability" in table


def test_what_does_not_change_after_closing_is_not_restated(wanmon, checkered, close, asked):
    close()
    told = asked("--unit", UNIT)

    assert {None} == {record["restated_availability_ratio"] for record in told["sites"] + told["circuits"]}
    assert "restated" not in wanmon("report", "sla", "--month", "2026-02", "--unit", UNIT).out


def test_a_target_that_is_raised_later_does_not_judge_a_closed_month(wanmon, keep, watched, close, site):
    keep(*cut(100, 102))
    close()
    Path("classes.csv").write_text("code,name,availability_target\ncommune,Xã,0.9999\n", encoding="utf-8")

    assert 0 == wanmon("inventory", "apply", "classes.csv", "--yes").status
    assert (0.995, "met") == (site()["target_ratio"], site()["verdict"])


def test_a_site_that_left_the_inventory_stays_in_the_closed_month(wanmon, keep, watched, close, asked):
    close()
    wanmon("circuit", "remove", CIRCUIT)
    wanmon("device", "remove", f"{SITE}-R1")
    assert 0 == wanmon("site", "remove", SITE).status
    found = next(record for record in asked("--measure", "site")["sites"] if record["site"] == SITE)

    assert (1.0, "") == (found["availability_ratio"], found["name"])


def test_an_explanation_of_a_closed_month_tells_the_closed_figure(wanmon, keep, watched, close):
    close()
    keep(*cut(100, 108))
    lines = wanmon("report", "sla", "--month", "2026-02", "--explain", SITE).out.splitlines()

    assert "closed 2026-03-02 19:00:00 by hoa: 100.000 %" == lines[-1]
    assert "98.809 %" in lines[-4]


def test_closing_again_needs_a_reason_and_counts(wanmon, keep, watched, close, asked):
    close()
    refused = close()
    keep(*cut(100, 108))
    told = asked()

    assert (2, ["wanmon: 2026-02 was closed 2026-03-02 19:00:00 by hoa: to close it again, say why with --reason"]) == (
        refused.status,
        refused.errors,
    )
    assert (1, 1.0) == (told["closed"]["times"], told["sites"][0]["availability_ratio"])

    assert 0 == close("--reason", "cut found", author="lan").status
    told = asked()
    assert (2, "lan", "cut found") == tuple(told["closed"][key] for key in ("times", "author", "reason"))
    assert (less(8), None) == tuple(told["sites"][0][f"{which}availability_ratio"] for which in ("", "restated_"))


def test_a_dry_run_shows_what_would_be_closed_and_closes_nothing(keep, watched, close, asked):
    ended = close("--dry-run")

    assert 0 == ended.status
    assert SITE in ended.out
    assert "nothing was changed: this was a dry run, of 178 sites and 185 circuits" == ended.errors[-1]
    assert asked()["closed"] is None


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["2026-03"], 2, "2026-03 is not over: it can be closed from 2026-04-01 on"),
        (["2026-04"], 2, "2026-04 is not over: it can be closed from 2026-05-01 on"),
        (["2026-13"], 2, "'2026-13' is no period"),
        (["2025-Q4"], 2, "2025-Q4 is a quarter: months are closed, each on its own"),
        (["2020-01"], 1, "no site counts in 2020-01: there is nothing to close"),
        (["2026-02", "--author", ""], 2, "--author ''"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_closed_is_refused_in_one_line(wanmon, province, asked, words, status, line):
    ended = wanmon("report", "close", *words)

    assert (status, "", 1) == (ended.status, ended.out, len(ended.errors))
    assert ended.err.startswith(f"wanmon: {line}")
    assert asked()["closed"] is None
