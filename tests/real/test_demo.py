"""`wanmon demo` as a whole: one demo of the full province, looked at by a real Prometheus, broken, mended and ended.

The tests share that demo and run in the order in which they stand; the last one ends it. It runs as an ordinary user
where the tests run as root, and with 256 file handles, as 178 sites must.
"""

import json
import os
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.rigs.prometheus import prometheus
from tests.rigs.serving import AS_NOBODY, NOBODY, WANMON, Running, Scraped, lives, start, wait_until

pytestmark = pytest.mark.real

SITES = 178
OPEN_FILES = 256
SHIPPED_CONFIGURATION = Path(__file__).parents[2] / "exporters" / "prometheus" / "prometheus.yml"
#: The acceptance run watches for two minutes; every other run has less time.
SOAK_S = 120 if os.environ.get("WANMON_SOAK") else 40
#: Rates over one minute need two scrapes in it.
SCRAPE_EVERY_S = 5
LOOPBACK = ip_network("127.0.0.0/8")
SILENT, SLOW, GARBAGE = "BN-0101-R1", "BN-0102-R1", "BN-0103-R1"
#: A line of which five minutes are not known yet needs 24 misses, a second apart, to be called down.
CALLED_DOWN_WITHIN_S = 32
LAG = "wanmon_poll_schedule_lag_seconds"


def ordinary_user() -> tuple[str, ...]:
    """The words that make a command of root's one of an ordinary user; none where we are ordinary ourselves."""
    if os.geteuid() != 0:
        return ()
    # By way of a shell: the first program may still be found with the rights of root.
    trying = [*AS_NOBODY, "sh", "-c", '"$@"', "sh", *WANMON, "--help"]
    if subprocess.run(trying, cwd="/", capture_output=True, check=False).returncode == 0:
        return AS_NOBODY
    warnings.warn("nobody may read this checkout or its Python: the demo runs as root", stacklevel=1)
    return ()


@pytest.fixture(scope="module")
def demo(lone_lab: None, web_port: int) -> Iterator[Running]:
    """The demo of the whole province, with a folder for temporary files of its own."""
    with tempfile.TemporaryDirectory(prefix="wanmon-real-") as name:
        folder, user = Path(name), ordinary_user()
        (folder / "tmp").mkdir()
        if user:
            for path in (folder, folder / "tmp"):
                os.chown(path, NOBODY, NOBODY)
        command = ("demo", "--listen", f"127.0.0.1:{web_port}")
        environment = {"TMPDIR": str(folder / "tmp"), "HOME": str(folder)}
        # Whatever a service host has set: the demo is all its own.
        environment |= {"WANMON_DATABASE": "sqlite:////nowhere/real.db", "WANMON_SECRETS": "/nowhere/secrets.toml"}
        with start(
            folder, *command, port=web_port, before=user, open_files=OPEN_FILES, environment=environment
        ) as running:
            yield running


def home(demo: Running) -> Path:
    """The folder in which the demo keeps its configuration and database."""
    folders = list((demo.folder / "tmp").glob("wanmon-demo-*"))
    assert 1 == len(folders), demo.said
    return folders[0]


def everything_up(demo: Running) -> bool:
    assert demo.process.poll() is None, demo.said
    return demo.is_ready() and SITES == sum(demo.scrape().of("wanmon_site_up").values())


def test_within_a_minute_every_site_is_up_and_the_terminal_says_so_in_one_line(demo):
    wait_until(lambda: everything_up(demo), 60, "178 sites up")
    line = f"{SITES} sites up: http://127.0.0.1:{demo.port}/ (Ctrl-C ends it)"
    wait_until(lambda: line in demo.said, 2, "the line on the terminal")

    assert 1 == demo.said.count("sites up")
    assert "Traceback" not in demo.said


def test_no_address_of_the_province_itself_is_ever_used(demo):
    with closing(sqlite3.connect(f"file:{home(demo)}/var/wanmon.db?mode=ro", uri=True)) as database:
        devices = [row[0] for row in database.execute("SELECT address FROM device")]
        services = [row[0] for row in database.execute("SELECT address FROM service")]
        probed = [row[0] for row in database.execute("SELECT probe_address FROM circuit") if row[0]]

    assert SITES == len(devices)
    assert [] == [address for address in devices + services + probed if ip_address(address) not in LOOPBACK]


def test_every_port_of_a_site_is_named_and_moves_for_a_real_prometheus(demo, tmp_path, free_tcp_port, need):
    """On the whole board and on one target for each device, as http_sd tells them."""
    check_with_promtool(demo, need("promtool"))
    with prometheus(tmp_path, need("prometheus"), configuration(demo.port), free_tcp_port) as server:
        time.sleep(SOAK_S)
        targets = server.targets()
        moving = server.query('rate(wanmon_interface_receive_bytes_total{job="wanmon",interface=~"wan.*"}[1m]) > 0')
        ports = server.query('wanmon_interface_receive_bytes_total{job="wanmon",interface=~"wan.*"}')
        problems = {name: server.total(name) for name in SCRAPE_PROBLEMS}
        never_down = server.query("min_over_time(up[5m]) == 0")

    assert 1 + SITES == len(targets)
    assert [] == [(target["labels"], target["lastError"]) for target in targets if target["health"] != "up"]
    assert {} == never_down
    assert dict.fromkeys(SCRAPE_PROBLEMS, 0.0) == problems
    assert len(ports) >= SITES
    assert len(ports) == len(moving)


def test_three_broken_agents_disturb_nobody_and_each_has_its_own_reason(demo):
    before = demo.scrape()
    began_s = time.monotonic()
    set_faults(demo, {SILENT: "silent", SLOW: "slow 10", GARBAGE: "garbage"})
    within_s = CALLED_DOWN_WITHIN_S
    fell_s = wait_until(lambda: 3 == state_of(demo.scrape(), SILENT), within_s, "the silent site is down")
    time.sleep(max(0.0, 50 - (time.monotonic() - began_s)))
    wait_until(lambda: {"timeout", "late", "malformed"} <= reasons_told(demo.scrape(), before), 60, "three reasons")
    after = demo.scrape()

    assert 6 <= fell_s <= within_s
    # From its first miss on, which comes within a slot; what is counted may be a tick and two seconds old.
    assert 15 >= time.monotonic() - began_s - seconds_of(after, SILENT, "down") >= 0
    assert "timeout" in reasons(after, before, SILENT)
    assert {"late", "malformed"}.isdisjoint(reasons(after, before, SILENT))
    assert "late" in reasons(after, before, SLOW)
    assert "malformed" in reasons(after, before, GARBAGE)
    others = [device for device in failing(after, before) if device not in (SILENT, SLOW, GARBAGE)]
    assert [] == others
    assert 0.99 <= share_within_a_second(after, before)
    assert after.value("wanmon_poll_skipped_ticks_total") == before.value("wanmon_poll_skipped_ticks_total")
    assert SITES - 3 <= sum(after.of("wanmon_site_up").values())


def test_when_the_faults_are_gone_all_is_well_again(demo):
    set_faults(demo, {})

    wait_until(lambda: everything_up(demo), 30, "178 sites up")
    wait_until(lambda: SITES == sum(demo.scrape().of("wanmon_snmp_up").values()), 75, "178 devices polled")


def test_ctrl_c_ends_every_process_of_it_and_leaves_nothing(demo):
    """It is the last: nothing of the demo is there afterwards."""
    family = demo.family()
    files = {pid: len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in family}

    assert 2 == len(family)
    assert max(files.values()) < OPEN_FILES
    assert 0 == demo.end(within_s=10)
    assert [] == [pid for pid in family if lives(pid)]
    assert [] == list((demo.folder / "tmp").iterdir())
    assert "Traceback" not in demo.said


SCRAPE_PROBLEMS = (
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_target_scrape_pool_sync_failed_total",
    "prometheus_target_scrape_pools_failed_total",
)


def configuration(port: int) -> str:
    """The shipped configuration, scraping our demo every few seconds, with both of its jobs and with itself."""
    jobs = [
        {"job_name": "wanmon", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]},
        {"job_name": "probe", "http_sd_configs": [{"url": f"http://127.0.0.1:{port}/sd/prometheus?for=probe"}]},
    ]
    interval = f"{SCRAPE_EVERY_S}s"
    return json.dumps({"global": {"scrape_interval": interval, "scrape_timeout": interval}, "scrape_configs": jobs})


def check_with_promtool(demo: Running, promtool: str) -> None:
    """The text is what promtool wants, and so is the configuration that is shipped."""
    linted = subprocess.run(
        [promtool, "check", "metrics"], input=demo.scrape().text, capture_output=True, text=True, check=False
    )
    assert (0, "", "") == (linted.returncode, linted.stdout, linted.stderr)
    checked = subprocess.run(
        [promtool, "check", "config", str(SHIPPED_CONFIGURATION)], capture_output=True, text=True, check=False
    )
    assert 0 == checked.returncode, checked.stdout + checked.stderr


def set_faults(demo: Running, faults: dict[str, str]) -> None:
    """Renamed into place: a half-written file would be taken for the truth. JSON is YAML, too."""
    file = home(demo) / "faults.yaml"
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(faults), encoding="utf-8")
    beside.replace(file)


def state_of(scraped: Scraped, device: str) -> float:
    return scraped.value("wanmon_site_state", f'site="{device.removesuffix("-R1")}"')


def seconds_of(scraped: Scraped, device: str, state: str) -> float:
    """How long the site of a device was in a state."""
    return scraped.value(f"wanmon_site_{state}_seconds_total", f'site="{device.removesuffix("-R1")}"')


def failing(after: Scraped, before: Scraped) -> dict[str, set[str]]:
    """The reasons whose counts have grown, by device."""
    name = "wanmon_device_poll_failures_total"
    old = before.of(name)
    found: dict[str, set[str]] = {}
    for labels, count in after.of(name).items():
        if count > old[labels]:
            parts = dict(part.split("=", 1) for part in labels.replace('"', "").split(","))
            found.setdefault(parts["device"], set()).add(parts["reason"])
    return found


def reasons(after: Scraped, before: Scraped, device: str) -> set[str]:
    return failing(after, before).get(device, set())


def reasons_told(after: Scraped, before: Scraped) -> set[str]:
    """Of each of the three its own reason, as far as it was told by now."""
    wanted = {SILENT: "timeout", SLOW: "late", GARBAGE: "malformed"}
    return {reason for device, reason in wanted.items() if reason in reasons(after, before, device)}


def share_within_a_second(after: Scraped, before: Scraped) -> float:
    """The share of the probes and polls begun between two scrapes that began within a second of their time."""
    inside, whole = f"{LAG}_bucket", f"{LAG}_count"
    grown = {
        name: sum(after.of(name)[labels] - before.of(name)[labels] for labels in after.of(name) if wanted in labels)
        for name, wanted in ((inside, 'le="1.0"'), (whole, ""))
    }
    assert grown[whole] >= 10 * (SITES - 3)
    return grown[inside] / grown[whole]
