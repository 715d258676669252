"""Debian's snmp_exporter over the module that everybody uses, as another reader of the same agents."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
MODULE = "if_mib"
STARTS_WITHIN_S = 10.0
#: It shows 64-bit counters as floats, and wraps them where those end being exact.
WRAPS_AT = 2**53

Samples = dict[tuple[str, int], tuple[int, dict[str, str]]]


def module_file() -> Path | None:
    """The file of its module: WANMON_SNMP_EXPORTER_YML, or in `shared/bench` beside the checkout."""
    named = os.environ.get("WANMON_SNMP_EXPORTER_YML")
    path = Path(named) if named else ROOT.parent / "shared" / "bench" / "snmp_exporter-0.21.yml"
    return path if path.is_file() else None


@contextmanager
def running(program: str, module: Path) -> Iterator[int]:
    """The exporter on a port of its own, which is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [program, f"--config.file={module}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    with subprocess.Popen(command) as process:
        try:
            _await(port)
            yield port
        finally:
            process.terminate()


def scraped(port: int, target: str) -> Samples:
    """What it reads of an agent: value and labels by metric and ifIndex (0 for scalars)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/snmp?target={target}&module={MODULE}")
    response = connection.getresponse()
    body = response.read().decode()
    assert 200 == response.status, body
    connection.close()
    return {
        # The parser calls every counter as it should be called.
        (sample.name.removesuffix("_total"), int(sample.labels.get("ifIndex", 0))): (int(sample.value), sample.labels)
        for family in text_string_to_metric_families(body)
        for sample in family.samples
        if sample.name.startswith(("if", "sys"))
    }


def _await(port: int) -> None:
    for _ in range(round(STARTS_WITHIN_S / 0.1)):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the exporter does not listen within {STARTS_WITHIN_S:g} s")
