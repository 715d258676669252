"""`wanmon serve` beside the command line: what one process changes, the other takes up; what is refused, and how.

The tests share one running `serve` over a small province with simulated routers.
"""

import re
import signal
import socket
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.rigs.province import AGENTS_PORT, COMMUNITY, Province, address_of, device_of, make_province
from tests.rigs.serving import Running, wait_until

pytestmark = pytest.mark.real

SITES = 5
NEW, NEW_NUMBER = "T-0006", 6
RELOADED = "wanmon_config_last_reload_successful"


@pytest.fixture(scope="module")
def province(tmp_path_factory) -> Iterator[Province]:
    """A small province whose routers answer."""
    made = make_province(tmp_path_factory.mktemp("serve"), SITES)
    with made.agents():
        yield made


@pytest.fixture(scope="module")
def served(province, web_port) -> Iterator[Running]:
    """A `serve` of it, after its first round."""
    with province.serve(web_port) as running:
        wait_until(running.is_ready, 30, "the first round")
        yield running


def sites_shown(served: Running) -> set[str]:
    return {labels.split('"')[1] for labels in served.scrape().of("wanmon_site_state")}


def test_every_site_is_up_after_the_first_round(province, served):
    assert set(province.sites) == sites_shown(served)
    wait_until(lambda: SITES + 1 == sum(served.scrape().of("wanmon_site_up").values()), 10, "all up")


def test_a_site_added_while_serve_runs_is_shown_within_ten_seconds_and_gone_as_soon(province, served):
    site = ["site", "add", NEW, "--name", "New", "--unit", "27", "--kind", "department"]
    device = ["--address", address_of(NEW_NUMBER), "--port", str(AGENTS_PORT), "--liveness", "snmp", "--snmp", "lab"]
    province.done(*site, "--class", "all", "--parent", province.sites[0])
    province.done("device", "add", device_of(NEW), "--site", NEW, *device)
    name = f'site="{NEW}",device="{device_of(NEW)}"'

    wait_until(lambda: NEW in sites_shown(served), 10, "the new site is shown")
    wait_until(lambda: name in served.scrape().of("wanmon_device_last_poll_timestamp_seconds"), 10, "its device, too")

    province.done("device", "remove", device_of(NEW))
    province.done("site", "remove", NEW)

    wait_until(lambda: NEW not in served.scrape().text, 10, "the site is gone")
    assert set(province.sites) == sites_shown(served)


def test_a_second_serve_is_refused_in_one_line_that_says_who_holds_the_database(province, served, free_tcp_port):
    ended = province.call("serve", "--listen", f"127.0.0.1:{free_tcp_port}")
    lines = ended.stderr.splitlines()

    assert 1 == ended.returncode
    assert 1 == len(lines)
    assert f"by pid {served.process.pid} on host {socket.gethostname()} since" in lines[0]
    told = re.search(r"since (\S+):", lines[0])
    assert told
    assert datetime.fromisoformat(told[1]).utcoffset() is not None


def test_a_port_that_is_taken_is_told_in_one_line_and_the_database_is_free_again(served, tmp_path):
    other = make_province(tmp_path, 1)
    place = f"127.0.0.1:{served.port}"
    other.call("serve", "--listen", place)
    ended = other.call("serve", "--listen", place)
    lines = ended.stderr.splitlines()

    assert 1 == ended.returncode
    assert 1 == len(lines)
    assert f"cannot listen on {place}: Address already in use" in lines[0]


def test_a_broken_configuration_leaves_the_old_one_running_and_says_so(province, served):
    file = province.folder / "wanmon.toml"
    sound = file.read_text(encoding="utf-8")
    file.write_text("in_flight = 3\n", encoding="utf-8")
    served.process.send_signal(signal.SIGHUP)

    wait_until(lambda: 0 == served.scrape().value(RELOADED), 5, "the refusal is shown")
    assert "unknown key in_flight" in served.said
    assert SITES + 1 == sum(served.scrape().of("wanmon_site_up").values())

    file.write_text(sound, encoding="utf-8")
    served.process.send_signal(signal.SIGHUP)

    wait_until(lambda: 1 == served.scrape().value(RELOADED), 5, "the sound one is taken")


def test_secrets_are_read_again_at_sighup(province, served):
    """The wrong community silences every router; the right one brings them back."""
    for community, answering in (("wrong", 0), (COMMUNITY, SITES + 1)):
        province.write_secrets(community)
        served.process.send_signal(signal.SIGHUP)

        wait_until(lambda n=answering: n == sum(served.scrape().of("wanmon_snmp_up").values()), 60, community)
    wait_until(lambda: SITES + 1 == sum(served.scrape().of("wanmon_site_up").values()), 30, "all up")


def test_no_secret_is_written_or_shown(served):
    assert COMMUNITY not in served.said
    assert COMMUNITY not in served.scrape().text


def test_sigterm_ends_it_in_order_and_gives_the_database_back(province, served, free_tcp_port):
    """It is the last: the shared `serve` ends here, and another may begin at once."""
    assert 0 == served.end(signal.SIGTERM, within_s=10)

    with province.serve(free_tcp_port) as next_one:
        wait_until(lambda: "serving" in next_one.said, 10, "the next one serves")
