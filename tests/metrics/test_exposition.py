"""A scrape as Prometheus reads it: always whole, always parsed, under the names that the contract gives."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.metrics.rendered import (
    NOW_S,
    OPEN,
    TEXT,
    board,
    exposition,
    families,
    label_sets,
    names,
    of,
    port,
    samples,
    scraped,
    value,
)
from tests.poller.checking.asked import certificate, entries
from tests.poller.scripted import Hands
from wanmon.errors import NotFound
from wanmon.metrics.catalog import METRICS
from wanmon.metrics.exposition import chosen
from wanmon.metrics.sensors import SENSOR_FAMILIES
from wanmon.model.inventory import EMPTY
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.board import Board, SiteView
from wanmon.poller.seconds import SiteSeconds
from wanmon.poller.track import Histogram, PollerTrack
from wanmon.protocols.snmp.remotes import Remotes

DEVICE = {"site", "device"}
PORT = DEVICE | {"interface"}
CHECK = DEVICE | {"check", "target"}
#: The contract's names, written down by hand: a change of one is a change for every user.
CONTRACT: dict[str, set[str]] = {
    "wanmon_site_state": {"site"},
    "wanmon_site_degraded": {"site"},
    "wanmon_site_up": {"site"},
    "wanmon_site_unknown": {"site"},
    "wanmon_site_last_change_timestamp_seconds": {"site"},
    "wanmon_site_maintenance": {"site"},
    "wanmon_site_maintenance_end_timestamp_seconds": {"site"},
    "wanmon_site_upstream_down": {"site"},
    "wanmon_site_verdict": {"site", "verdict"},
    "wanmon_site_root_cause_info": {"site", "root_cause_site"},
    "wanmon_site_outage_acknowledged": {"site"},
    "wanmon_site_outages_total": {"site", "cause"},
    "wanmon_site_monitored_seconds_total": {"site"},
    **{f"wanmon_site_{state}_seconds_total": {"site"} for state in State},
    "wanmon_site_maintenance_seconds_total": {"site"},
    "wanmon_isolated": set(),
    "wanmon_site_info": {"site", "name", "unit", "district", "kind", "class", "status", "latitude", "longitude"},
    "wanmon_site_parent_info": {"site", "parent", "rank"},
    "wanmon_circuit_info": {"site", "circuit", "carrier", "role", "device", "interface"},
    "wanmon_circuit_contracted_receive_bytes_per_second": {"site", "circuit"},
    "wanmon_circuit_contracted_transmit_bytes_per_second": {"site", "circuit"},
    "wanmon_circuit_contract_end_timestamp_seconds": {"site", "circuit"},
    "wanmon_circuit_up": {"site", "circuit"},
    "wanmon_device_up": DEVICE,
    "wanmon_device_icmp_filtered": DEVICE,
    "wanmon_icmp_up": DEVICE,
    "wanmon_snmp_up": DEVICE,
    "wanmon_device_info": DEVICE | {"role", "vendor", "model", "os_version", "serial"},
    "wanmon_device_boot_time_seconds": DEVICE,
    "wanmon_device_reboots_total": DEVICE,
    "wanmon_device_last_poll_timestamp_seconds": DEVICE,
    "wanmon_device_last_success_timestamp_seconds": DEVICE,
    "wanmon_device_poll_duration_seconds": DEVICE,
    "wanmon_device_poll_failures_total": DEVICE | {"protocol", "reason"},
    "wanmon_device_credential_info": DEVICE | {"protocol", "credential"},
    "wanmon_device_cpu_utilization_ratio": DEVICE | {"cpu"},
    "wanmon_device_memory_used_bytes": DEVICE | {"pool"},
    "wanmon_device_memory_size_bytes": DEVICE | {"pool"},
    "wanmon_device_temperature_celsius": DEVICE | {"sensor"},
    "wanmon_device_power_supply_up": DEVICE | {"supply"},
    "wanmon_ups_on_battery": DEVICE,
    "wanmon_ups_battery_charge_ratio": DEVICE,
    "wanmon_ups_runtime_seconds": DEVICE,
    "wanmon_icmp_requests_total": DEVICE,
    "wanmon_icmp_replies_total": DEVICE,
    "wanmon_icmp_loss_ratio": DEVICE,
    "wanmon_icmp_rtt_seconds_bucket": DEVICE | {"le"},
    "wanmon_icmp_rtt_seconds_sum": DEVICE,
    "wanmon_icmp_rtt_seconds_count": DEVICE,
    "wanmon_icmp_jitter_seconds": DEVICE,
    "wanmon_interface_up": PORT,
    "wanmon_interface_admin_up": PORT,
    "wanmon_interface_oper_status": PORT,
    "wanmon_interface_speed_bytes_per_second": PORT,
    "wanmon_interface_last_change_timestamp_seconds": PORT,
    "wanmon_interface_receive_bytes_total": PORT,
    "wanmon_interface_transmit_bytes_total": PORT,
    "wanmon_interface_receive_packets_total": PORT,
    "wanmon_interface_transmit_packets_total": PORT,
    "wanmon_interface_receive_errors_total": PORT,
    "wanmon_interface_transmit_errors_total": PORT,
    "wanmon_interface_receive_discards_total": PORT,
    "wanmon_interface_transmit_discards_total": PORT,
    "wanmon_interface_info": PORT | {"if_index", "alias", "description"},
    "wanmon_check_success": CHECK,
    "wanmon_check_runs_total": CHECK,
    "wanmon_check_failures_total": CHECK | {"reason"},
    "wanmon_check_duration_seconds": CHECK,
    "wanmon_check_last_run_timestamp_seconds": CHECK,
    "wanmon_check_last_success_timestamp_seconds": CHECK,
    "wanmon_check_interval_seconds": CHECK,
    "wanmon_check_rtt_seconds": CHECK,
    "wanmon_check_loss_ratio": CHECK,
    "wanmon_check_tls_certificate_expiry_timestamp_seconds": CHECK,
    "wanmon_check_info": CHECK | {"kind", "vantage"},
    "wanmon_build_info": {"version"},
    "wanmon_inventory_sites": {"kind", "status"},
    "wanmon_polls_total": {"protocol"},
    "wanmon_poll_failures_total": {"protocol", "reason"},
    "wanmon_poll_duration_seconds_bucket": {"protocol", "le"},
    "wanmon_poll_schedule_lag_seconds_bucket": {"protocol", "le"},
    "wanmon_poll_overruns_total": {"protocol"},
    "wanmon_polls_in_flight": set(),
    "wanmon_snmp_requests_total": set(),
    "wanmon_snmp_retries_total": set(),
    "wanmon_snmp_malformed_total": set(),
    "wanmon_samples_dropped_total": {"reason"},
    "wanmon_database_errors_total": set(),
    "wanmon_config_last_reload_successful": set(),
    "wanmon_config_last_reload_success_timestamp_seconds": set(),
}
#: Labels that were added to the contract's.
ADDED = {
    "wanmon_site_info": {"unit_name", "district_name"},
    "wanmon_build_info": {"python_version"},
}

both = pytest.mark.parametrize("accept", [TEXT, OPEN], ids=["text", "openmetrics"])


def eventful() -> Board:
    """A board with a site that is cut off, one in a window of maintenance, and a check."""
    shown, checks = board(), entries(certificate(1.8e9))
    cut_off = SiteView(State.UNREACHABLE, None, roots=("DC1",))
    served = SiteView(State.UP, Hands().now(), maintenance_ends_s=1e9, circuits={"S1/1": State.UP})
    return replace(
        shown, sites={**shown.sites, "S2": cut_off, "S1": served}, seconds={"S1": SiteSeconds()}, checks=checks
    )


@both
def test_names_and_labels_are_those_of_the_contract(accept: str):
    found = label_sets(samples(scraped(eventful(), accept)))

    assert set() == CONTRACT.keys() - found.keys()
    for name, labels in CONTRACT.items():
        assert {frozenset(labels | ADDED.get(name, set()))} == found[name], name


@both
def test_every_family_is_declared_once_and_stands_together(accept: str):
    """Prometheus drops what comes after its family has ended; OpenMetrics forbids it."""
    text = scraped(board(), accept)
    declared = re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    helped = re.findall(r"^# HELP (\S+) ", text, re.MULTILINE)

    assert len(declared) == len(set(declared)) == len(set(helped))
    assert declared == helped

    at = ""
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            at = line.split()[2]
        elif not line.startswith("#"):
            name = re.split(r"[{ ]", line)[0]
            assert re.fullmatch(re.escape(at) + "(_total|_bucket|_sum|_count|_info|_created)?", name), (at, name)


def test_both_formats_have_the_same_samples():
    shown = board()
    text, opened = samples(scraped(shown)), samples(scraped(shown, OPEN))
    of_the_process = ("process_", "python_")

    assert {key: number for key, number in text.items() if not key[0].startswith(of_the_process)} == {
        key: number for key, number in opened.items() if not key[0].startswith(of_the_process)
    }


def test_openmetrics_ends_with_its_mark_and_text_does_not():
    assert scraped(board(), OPEN).endswith("# EOF\n")
    assert "# EOF" not in scraped(board())


@both
def test_an_empty_board_is_a_valid_scrape(accept: str):
    assert families(scraped(Board(), accept))
    assert "wanmon_build_info" in names(scraped(Board(inventory=EMPTY), accept))


@both
def test_no_sample_has_a_timestamp(accept: str):
    assert {None} == {
        sample.timestamp for family in families(scraped(board(), accept)) for sample in family.samples
    }  # fmt: skip


def test_values_of_a_device_vanish_after_three_intervals_and_its_state_stays():
    shown = board()
    fresh = names(scraped(shown, now_s=NOW_S + 14.9))
    quiet = names(scraped(shown, now_s=NOW_S + 15))
    old = names(scraped(shown, now_s=NOW_S + 90))
    echo = {name for name in CONTRACT if re.match("wanmon_icmp_(rtt|jitter)", name)}
    read = SENSOR_FAMILIES | {
        name for name in CONTRACT if name.startswith(("wanmon_interface_", "wanmon_device_info", "wanmon_device_b"))
    }

    assert echo == fresh - quiet
    assert read == quiet - old
    assert {"wanmon_device_up", "wanmon_snmp_up", "wanmon_icmp_up", "wanmon_icmp_loss_ratio"} <= old


@pytest.mark.parametrize(
    ("state", "number", "up", "unknown"),
    [
        (State.UNKNOWN, 0, None, 1),
        (State.UP, 1, 1, 0),
        (State.DEGRADED, 2, 1, 0),
        (State.DOWN, 3, 0, 0),
        (State.UNREACHABLE, 4, 0, 0),
    ],
)
def test_unknown_is_shown_neither_as_up_nor_as_down(state: State, number: int, up: float | None, unknown: float):
    shown = board()
    text = scraped(shown.with_site("S1", SiteView(state, None)))

    assert number == value(text, "wanmon_site_state", site="S1")
    assert up == value(text, "wanmon_site_up", site="S1")
    assert unknown == value(text, "wanmon_site_unknown", site="S1")


def test_the_inventory_is_shown_in_base_units():
    text = scraped(board())

    assert 1_000_000 == value(text, "wanmon_circuit_contracted_receive_bytes_per_second", circuit="S1/1")
    assert 500_000 == value(text, "wanmon_circuit_contracted_transmit_bytes_per_second", circuit="S1/1")
    # The end of the last day in Việt Nam: 2027-01-01T00:00+07:00.
    assert 1_798_736_400 == value(text, "wanmon_circuit_contract_end_timestamp_seconds", circuit="S1/1")
    assert 125_000_000 == value(text, "wanmon_interface_speed_bytes_per_second", device="S1-R1")


def test_a_site_is_described_with_its_unit_and_district():
    found = {labels["site"]: labels for labels, _ in of(scraped(board()), "wanmon_site_info")}

    assert {
        "site": "S1", "name": "x", "unit": "09454", "unit_name": 'Thị trấn "Gia Bình"', "district": "263",
        "district_name": "Gia Bình", "kind": "party", "class": "any", "status": "active",
        "latitude": "21.18", "longitude": "106.07",
    } == found["S1"]  # fmt: skip
    assert ("263", "263", "") == (found["S2"]["unit"], found["S2"]["district"], found["S2"]["latitude"])
    assert ("27", "") == (found["DC1"]["unit"], found["DC1"]["district"])


def test_parents_have_their_rank():
    text = scraped(board(S3={"second_parent": "S1"}))

    assert {("S1", "DC1", "1"), ("S2", "DC1", "1"), ("S3", "DC1", "1"), ("S3", "S1", "2")} == {
        (labels["site"], labels["parent"], labels["rank"]) for labels, _ in of(text, "wanmon_site_parent_info")
    }


def test_every_pair_of_kind_and_status_is_counted_from_the_start():
    found = of(scraped(board()), "wanmon_inventory_sites")

    assert 7 * 3 == len(found)
    assert 2 == value(scraped(board()), "wanmon_inventory_sites", kind="party", status="active")


def test_a_new_inventory_is_described_anew():
    shown, made = board(), exposition()
    first = made.everything(shown, NOW_S, TEXT).body
    second = made.everything(replace(shown, inventory=EMPTY, sites={}, devices={}), NOW_S, TEXT).body

    assert b'wanmon_site_info{site="S1"' in first
    assert b"wanmon_site_info{" not in second


@pytest.mark.parametrize(
    ("sites", "units", "expected"),
    [
        (["S1"], [], {"S1"}),
        (["S1", "S2"], [], {"S1", "S2"}),
        ([], ["09454"], {"S1"}),
        ([], ["263"], {"S1", "S2"}),
        ([], ["27"], {"S1", "S2", "DC1"}),
        (["DC1"], ["09454"], {"S1", "DC1"}),
    ],
    ids=["site", "sites", "commune", "district", "province", "both"],
)
def test_a_unit_stands_for_all_within_it(sites: list[str], units: list[str], expected: set[str]):
    shown = board()
    codes = chosen(shown, sites, units)
    text = exposition().narrowed(shown, codes, NOW_S, TEXT).body.decode()

    assert expected == codes
    assert expected == {dict(labels)["site"] for _, labels in samples(text)}


@both
def test_what_is_narrowed_is_a_valid_scrape_without_our_own_metrics(accept: str):
    shown = board()
    text = exposition().narrowed(shown, {"S1"}, NOW_S, accept).body.decode()
    one = exposition().device(shown, "S1-R1", NOW_S, accept).body.decode()

    for found in (names(text), names(one)):
        assert "wanmon_interface_up" in found
        assert "wanmon_build_info" not in found
    assert {"S1-R1"} == {dict(labels)["device"] for _, labels in samples(one)}


@pytest.mark.parametrize(("sites", "units"), [(["S9"], []), ([], ["99"]), (["S1", ""], [])])
def test_a_name_that_is_not_there_is_refused(sites: list[str], units: list[str]):
    with pytest.raises(NotFound):
        chosen(board(), sites, units)


def test_clones_and_lost_memories_of_snmpv3_engines_are_counted():
    engines = Remotes()
    for host, boots in (("10.0.0.1", 3), ("10.0.0.2", 4), ("10.0.0.3", 5)):
        remote = engines.at((host, 161))
        remote.discovered(b"clone", 0, 0, 5000.0)
        remote.hear(boots, 1000, 5000.0)
    made = exposition(engines=engines)
    before = made.everything(Board(), 0, TEXT).body.decode()
    engines.at(("10.0.0.3", 161)).resynchronise(1, 1, 5000.0)
    after = made.everything(Board(), 0, TEXT).body.decode()

    assert [3, 0] == [value(before, f"wanmon_snmp_{name}") for name in ("engine_clones", "boots_backwards_total")]
    assert 1 == value(after, "wanmon_snmp_boots_backwards_total")


def test_our_own_metrics_are_read_from_the_counters_at_each_scrape():
    poller = PollerTrack()
    poller.polls["icmp"] = 7
    poller.failures["snmp", Reason.AUTH] = 3
    poller.overruns["snmp"] = 2
    poller.in_flight, poller.task_restarts, poller.last_reload_ok = 5, 1, False
    poller.durations["snmp"] = Histogram((0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0))
    for duration_s in (0.005, 0.006, 99):
        poller.durations["snmp"].observe(duration_s)
    made = exposition(poller, skipped=11)
    text = made.everything(Board(), 0, TEXT).body.decode()

    assert 7 == value(text, "wanmon_polls_total", protocol="icmp")
    assert 3 == value(text, "wanmon_poll_failures_total", protocol="snmp", reason="auth")
    assert 0 == value(text, "wanmon_poll_failures_total", protocol="icmp", reason="timeout")
    assert 2 == value(text, "wanmon_poll_overruns_total", protocol="snmp")
    assert [5, 1, 0, 11] == [
        value(text, "wanmon_" + name)
        for name in (
            "polls_in_flight", "task_restarts_total", "config_last_reload_successful", "poll_skipped_ticks_total",
        )
    ]  # fmt: skip
    buckets = {labels["le"]: n for labels, n in of(text, "wanmon_poll_duration_seconds_bucket")
               if labels["protocol"] == "snmp"}  # fmt: skip
    assert (1, 2, 2, 3) == (buckets["0.005"], buckets["0.01"], buckets["25.0"], buckets["+Inf"])

    poller.polls["icmp"] = 8
    assert 8 == value(made.everything(Board(), 0, TEXT).body.decode(), "wanmon_polls_total", protocol="icmp")


def test_the_catalogue_uses_base_units_and_marks_its_counters():
    for metric in METRICS:
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert re.fullmatch(r"wanmon_[a-z]+(_[a-z]+)*", metric.name)
        assert not re.search(r"_(milliseconds|ms|bits|bps|percent|kb|mb)(_|$)", metric.name)
        assert metric.help.endswith((".", ")."))
    assert len(METRICS) == len({metric.name for metric in METRICS})


def test_every_family_of_the_catalogue_but_the_figures_is_promised():
    """What is reckoned once a minute comes from elsewhere."""
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in CONTRACT}
    figures = {metric.name for metric in METRICS if re.search("_(availability|coverage)_(target_)?ratio$", metric.name)}

    assert figures == {metric.name for metric in METRICS} - shown


def test_what_is_read_from_a_device_names_its_object():
    for metric in METRICS:
        if metric.name.startswith("wanmon_interface_"):
            assert re.search(r"\(if[A-Z]\w+ 1\.3\.6\.", metric.help), metric.name


@pytest.mark.real
def test_promtool_finds_nothing_to_complain_of(need: Callable[[str], str]):
    """The judgement of Prometheus itself."""
    text = scraped(board([port("eth0"), port('eth"1"', 2)]))
    ours = "".join(line for line in text.splitlines(keepends=True) if "python_" not in line)
    found = subprocess.run(
        [need("promtool"), "check", "metrics"], input=ours.encode(), capture_output=True, check=False
    )

    assert (0, b"") == (found.returncode, found.stdout + found.stderr)
