"""The lines of a device: exact, escaped, and without what is not known."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.rendered import (
    COUNTERS,
    NOW_S,
    OPEN,
    TEXT,
    board,
    columns,
    exposition,
    lines,
    of,
    polled,
    port,
    samples,
    scraped,
    track,
    value,
)
from tests.poller.scripted import library, province
from wanmon.metrics.device import DeviceRenderer
from wanmon.metrics.lines import escape, number
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.board import Board, DeviceLines, SiteView
from wanmon.poller.device.layout import learn
from wanmon.poller.jobs import Column, DeviceIdentity, PollResult, Port
from wanmon.poller.track import DeviceTrack
from wanmon.protocols.snmp.types import Oid, Value

UP = "wanmon_interface_up"
RECEIVED = "wanmon_interface_receive_bytes_total"
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text('"\\\n\r\t{}=,# %\0\x1b\x85\u2028\ud800é', max_size=20),
    st.sampled_from(["%d", "%s%", '"} 1\nevil{x="', "\\", '\\"', "\\n", " # {} 1", "\udcff", "EOF", "# EOF"]),
)


def shown(made: DeviceLines, now_s: float = NOW_S, accept: str = TEXT) -> str:
    """One device on a board of its own."""
    inventory = province([{"name": "S1-R1", "site": "S1"}], S1={})
    on = Board(inventory, {"S1-R1": made}, {"S1": SiteView(State.UP, None)})
    return exposition().device(on, "S1-R1", now_s, accept).body.decode()


def of_ports(*ports: Port, **given: Any) -> str:
    return shown(lines(track(), polled(ports, columns=columns(len(ports), **given))))


def by_port(text: str, name: str) -> dict[str, float]:
    return {labels["interface"]: number_of for labels, number_of in of(text, name)}


def as_utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=5, unique_by=as_utf8), HOSTILE, HOSTILE, st.sampled_from([TEXT, OPEN]))
def test_no_name_breaks_the_scrape_and_every_name_comes_back(names: list[str], alias: str, model: str, accept: str):
    ports = [port(name, index, alias=alias) for index, name in enumerate(names, 1)]
    of_device = track()
    of_device.snmp.identity = DeviceIdentity(model=model, serial=alias)
    text = shown(lines(of_device, polled(ports)), accept=accept)

    assert set(map(as_utf8, names)) == {labels["interface"] for labels, _ in of(text, UP)}
    assert {as_utf8(alias)} == {labels["alias"] for labels, _ in of(text, "wanmon_interface_info")}
    assert [as_utf8(model)] == [labels["model"] for labels, _ in of(text, "wanmon_device_info")]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=6), st.binary(max_size=40))
def test_no_bytes_of_a_device_blind_the_scrape(described: list[tuple[bytes, bytes]], description: bytes):
    """From the walk to the page: whatever the encoding, no series twice, and everything parses."""
    walked: dict[Oid, dict[int, Value]] = {
        (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1): {row: name for row, (name, _) in enumerate(described, 1)},
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 2): {row: text for row, (_, text) in enumerate(described, 1)},
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 8): {row: 1 for row, _ in enumerate(described, 1)},
    }
    profile = library().named("net-snmp")
    layout = learn(profile, {"description": description}, walked)
    layout.reading.values[:] = [1] * len(layout.reading.oids)
    of_device = track()
    of_device.snmp.identity = layout.identity
    text = shown(lines(of_device, polled(layout.ports, columns=layout.columns(None, {}))))

    assert len(described) == len(of(text, UP))


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        (r"a\"b", 'a"b'),
        (r"a\\b", "a\\b"),
        (r"a\nb", "a\nb"),
        (r"\\n", r"\n"),
        ("a?b", "a\ud800b"),
        ("a\rb\0", "a\rb\0"),
        ("Bắc Ninh", "Bắc Ninh"),
    ],
)
def test_a_label_value_is_escaped_as_the_format_asks(expected: str, raw: str):
    assert expected == escape(raw)


@pytest.mark.parametrize(
    ("expected", "given_number"),
    [
        ("0", 0),
        ("1", True),
        ("18446744073709551615", 2**64 - 1),
        ("-3", -3),
        ("0.25", 0.25),
        ("3", 3.0),
        ("1e+300", 1e300),
        ("1772452800.5", 1_772_452_800.5),
        ("9007199254740993", 2**53 + 1),
    ],
)
def test_numbers_are_exact(expected: str, given_number: float):
    assert expected == number(given_number)


@given(st.floats(allow_nan=False))
def test_every_float_reads_back_as_itself(given_number: float):
    assert given_number == float(number(given_number))


@pytest.mark.parametrize("role", COUNTERS)
@pytest.mark.parametrize("counter", [0, 2**32 - 1, 2**53 + 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("beside", [1, None], ids=["whole", "beside a hole"])
def test_a_counter_is_shown_to_its_last_digit(role: str, counter: int, beside: int | None):
    text = of_ports(port("a"), port("b", 2), **{role: [counter, beside]})

    assert f'wanmon_interface_{role}_total{{site="S1",device="S1-R1",interface="a"}} {counter}\n' in text


@pytest.mark.parametrize("role", [*COUNTERS, "oper_status", "admin_status", "last_change"])
@pytest.mark.parametrize("nothing", [None, b"1", (1, 3), -1], ids=["hole", "text", "OID", "negative"])
def test_what_is_not_known_is_left_out_and_never_shown_as_0(role: str, nothing: object):
    """A port that did not answer is not a port that is down."""
    text = of_ports(port("a"), port("b", 2), port("c", 3), **{role: [1, nothing, 1]})
    families = {
        "oper_status": (UP, "wanmon_interface_oper_status"),
        "admin_status": ("wanmon_interface_admin_up",),
        "last_change": ("wanmon_interface_last_change_timestamp_seconds",),
    }.get(role, (f"wanmon_interface_{role}_total",))

    for family in families:
        assert {"a", "c"} == by_port(text, family).keys(), family
    assert {"a", "b", "c"} == {labels["interface"] for labels, _ in of(text, "wanmon_interface_info")}


@pytest.mark.parametrize("status", range(1, 8))
def test_only_status_1_is_up(status: int):
    text = of_ports(port("a"), oper_status=[status], admin_status=[status])

    assert int(status == 1) == value(text, UP)
    assert int(status == 1) == value(text, "wanmon_interface_admin_up")
    assert status == value(text, "wanmon_interface_oper_status")


def test_a_column_that_only_some_ports_have_belongs_to_those():
    of_rows = columns(3) | {"receive_bytes": Column((0, 2), [10, 30])}
    ports = [port("100%"), port("b", 2), port("%d %s", 3)]
    text = shown(lines(track(), polled(ports, columns=of_rows)))

    assert {"100%": 10, "%d %s": 30} == by_port(text, RECEIVED)


def test_a_port_without_a_speed_has_none():
    assert {"b"} == by_port(
        of_ports(port("a", speed_bps=None), port("b", 2)), "wanmon_interface_speed_bytes_per_second"
    ).keys()  # fmt: skip


def test_a_device_without_ports_is_shown_all_the_same():
    text = of_ports()

    assert 1 == value(text, "wanmon_device_up")
    assert [] == of(text, UP)


def test_the_last_change_is_told_from_the_boot():
    text = of_ports(port("a"), last_change=[1_050])

    assert 1_772_000_010.5 == value(text, "wanmon_interface_last_change_timestamp_seconds")


class Series:
    """One device through several polls, with one renderer."""

    def __init__(self) -> None:
        self.renderer, self.track = DeviceRenderer(), track()
        self.lines = self.renderer.after_liveness(self.track, DeviceLines())

    def poll(self, result: PollResult) -> str:
        self.lines = self.renderer.after_poll(self.track, result, self.lines)
        return shown(self.lines)


def test_only_columns_that_changed_are_rendered_and_the_others_stay():
    series, ports = Series(), (port("a"),)
    series.poll(polled(ports))
    given_columns = columns(1, receive_bytes=[5000], transmit_bytes=[5000])
    text = series.poll(polled(ports, columns=given_columns, changed=frozenset({"receive_bytes"})))

    assert {"a": 5000} == by_port(text, RECEIVED)
    assert {"a": 1000} == by_port(text, "wanmon_interface_transmit_bytes_total")


def test_ports_that_changed_leave_nothing_of_the_old_ones():
    series = Series()
    series.poll(polled([port("a"), port("b", 2)]))
    text = series.poll(polled([port("c")]))

    assert {"c"} == by_port(text, UP).keys() == by_port(text, RECEIVED).keys()


def test_a_boot_time_that_moved_moves_the_last_changes():
    series, ports = Series(), (port("a"),)
    series.poll(polled(ports))
    series.track.snmp.boot_time_s = 1_772_000_100.0
    text = series.poll(polled(ports, changed=frozenset()))

    assert 1_772_000_100 == value(text, "wanmon_interface_last_change_timestamp_seconds")


def test_a_failed_poll_touches_no_value_and_prolongs_none():
    series, ports = Series(), (port("a"),)
    series.poll(polled(ports))
    until_s = series.lines.values_until_s
    text = series.poll(polled((), reason=Reason.TIMEOUT, columns={}, changed=frozenset()))

    assert {"a": 1000} == by_port(text, RECEIVED)
    assert until_s == series.lines.values_until_s == NOW_S + 90


def fresh(**values: Any) -> DeviceTrack:
    """A device that nobody asked yet."""
    return DeviceTrack.begin(track(**values).target)


def test_every_counter_exists_from_the_start_and_no_state_does():
    text = shown(DeviceRenderer().after_liveness(fresh(), DeviceLines()))
    found = {name for name, _ in samples(text)}

    assert {
        "wanmon_device_poll_failures_total", "wanmon_icmp_requests_total", "wanmon_icmp_replies_total",
        "wanmon_device_reboots_total", "wanmon_device_last_poll_timestamp_seconds",
        "wanmon_device_last_success_timestamp_seconds", "wanmon_device_icmp_filtered",
    } == found  # fmt: skip
    assert {0} == set(samples(text).values())
    assert {("icmp", "timeout"), ("snmp", "auth"), ("snmp", "timeout")} <= {
        (labels["protocol"], labels["reason"]) for labels, _ in of(text, "wanmon_device_poll_failures_total")
    }


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        ({"credentials": ()}, ("wanmon_snmp_up", "wanmon_device_reboots_total", "wanmon_device_last_poll")),
        ({"liveness": "snmp"}, ("wanmon_icmp_",)),
        ({"liveness": "tcp:22"}, ("wanmon_icmp_",)),
    ],
    ids=["no SNMP", "judged by SNMP", "judged by TCP"],
)
def test_what_is_not_asked_has_no_series(values: dict[str, Any], absent: tuple[str, ...]):
    found = {name for name, _ in samples(shown(DeviceRenderer().after_liveness(fresh(**values), DeviceLines())))}

    assert not [name for name in found if name.startswith(absent)]


def test_round_trips_are_a_cumulative_histogram():
    of_device = track()
    for rtt_s in (0.0005, 0.004, 0.9, 5.0):
        of_device.echo.count(rtt_s, NOW_S, is_slot=True)
    text = shown(DeviceRenderer().after_liveness(of_device, DeviceLines()), accept=OPEN)
    buckets = {labels["le"]: count for labels, count in of(text, "wanmon_icmp_rtt_seconds_bucket")}

    assert (1, 1, 3, 4, 5) == (
        buckets["0.001"], buckets["0.002"], buckets["0.005"], buckets["1.0"], buckets["+Inf"],
    )  # fmt: skip
    assert sorted(buckets.values()) == list(buckets.values())
    assert 5 == value(text, "wanmon_icmp_rtt_seconds_count")
    assert pytest.approx(5.9075) == value(text, "wanmon_icmp_rtt_seconds_sum")


def test_a_whole_board_has_every_port_of_every_device():
    ports = [port(f"ge-0/0/{number}", number) for number in range(25)]
    text = scraped(board(ports))

    assert 50 == len(of(text, RECEIVED))
