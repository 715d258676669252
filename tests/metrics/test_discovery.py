"""The devices as Prometheus' http_sd wants them."""

from tests.poller.scripted import province
from wanmon.metrics.discovery import probe_targets


def test_each_device_is_a_target_scraped_through_probe_and_named_by_its_instance():
    rows = [{"name": "A-R1", "site": "A"}, {"name": "B-R1", "site": "B"}]
    found = probe_targets(province(rows, A={}, B={"status": "planned"}), "wan.example:17700", "https")

    assert [["wan.example:17700"]] * 2 == [target["targets"] for target in found]
    assert [("A-R1", "A-R1", "/probe", "https"), ("B-R1", "B-R1", "/probe", "https")] == [
        tuple(target["labels"][label] for label in ("instance", "__param_target", "__metrics_path__", "__scheme__"))
        for target in found
    ]
    assert "planned" == found[1]["labels"]["__meta_wanmon_status"]


def test_the_devices_of_retired_sites_are_no_targets():
    rows = [{"name": "A-R1", "site": "A"}, {"name": "B-R1", "site": "B"}]
    found = probe_targets(province(rows, A={"status": "retired"}, B={}), "h:1")

    assert ["B-R1"] == [target["labels"]["instance"] for target in found]
