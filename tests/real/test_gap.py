"""A poller that is killed, seen from a real Prometheus: an alert goes on over the gap, and fires no second time."""

import json
import os
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.rigs.prometheus import Prometheus, prometheus
from tests.rigs.province import device_of, make_province
from tests.rigs.serving import wait_until

pytestmark = pytest.mark.real

SITES = 5
LOST = "T-0003"
#: Ten minutes are the acceptance (`make ground-soak`); what decides is that Prometheus marks every series stale.
AWAY_S = 600 if os.environ.get("WANMON_SOAK") else 40
RULE = "last_over_time(wanmon_site_up[15m]) == 0"


def firing(server: Prometheus) -> list[dict[str, Any]]:
    """The alerts that fire now: of which site, and since when."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", "/api/v1/alerts")
        alerts = json.loads(connection.getresponse().read())["data"]["alerts"]
    return [{"site": a["labels"]["site"], "since": a["activeAt"]} for a in alerts if a["state"] == "firing"]


def test_an_alert_goes_on_over_a_gap_without_firing_anew(tmp_path, tmp_path_factory, free_tcp_port, web_port, need):
    web, own = web_port, free_tcp_port
    province = make_province(tmp_path, SITES, liveness_interval_s=1)
    rules = tmp_path / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "t", "rules": [{"alert": "SiteDown", "expr": RULE}]}]}))
    configuration = {
        "global": {"scrape_interval": "2s", "evaluation_interval": "2s"},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "wanmon", "static_configs": [{"targets": [f"127.0.0.1:{web}"]}]}],
    }
    data = tmp_path_factory.mktemp("prometheus")
    with province.agents(), prometheus(data, need("prometheus"), json.dumps(configuration), own) as server:
        province.set_faults({device_of(LOST): "silent"})
        served = province.serve(web)
        try:
            wait_until(lambda: [LOST] == [each["site"] for each in firing(server)], 90, "the alert fires")
            before = firing(server)
            served.process.kill()
            served.process.wait()
            told = watched(server, AWAY_S)
            served = province.serve(web)
            wait_until(served.is_ready, 30, "the first round")
            told += watched(server, 20)
        finally:
            served.end()

    assert {json.dumps(before)} == set(told)


def watched(server: Prometheus, seconds: float) -> list[str]:
    """What fired at each look over a while."""
    told, until_s = [], time.monotonic() + seconds
    while time.monotonic() < until_s:
        told.append(json.dumps(firing(server)))
        time.sleep(1)
    return told
