"""A real Prometheus with a configuration of the test's own: started, asked by PromQL, ended by its pid."""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Prometheus:
    """A running server."""

    port: int

    def targets(self) -> list[dict[str, Any]]:
        """Its active targets as its API tells them: `labels`, `health`, `lastError`."""
        return list(self._api("/api/v1/targets?state=active")["activeTargets"])

    def query(self, expression: str) -> dict[str, float]:
        """The vector that an expression gives now, by its labels as sorted text."""
        result = self._api(f"/api/v1/query?{urlencode({'query': expression})}")["result"]
        return {json.dumps(item["metric"], sort_keys=True): float(item["value"][1]) for item in result}

    def total(self, expression: str) -> float:
        """The sum of that vector, 0 for an empty one."""
        return sum(self.query(expression).values())

    def _api(self, path: str) -> Any:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            answer = json.loads(connection.getresponse().read())
        assert "success" == answer["status"], answer
        return answer["data"]


@contextmanager
def prometheus(folder: Path, binary: str, configuration: str, port: int, within_s: float = 20) -> Iterator[Prometheus]:
    """A server over `configuration` (the text of prometheus.yml) with its data in `folder`."""
    file = folder / "prometheus.yml"
    file.write_text(configuration, encoding="utf-8")
    command = [binary, f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _await_ready(process, port, within_s, folder / "prometheus.log")
        yield Prometheus(port)
    finally:
        process.terminate()
        process.wait(20)


def _await_ready(process: "subprocess.Popen[bytes]", port: int, within_s: float, log: Path) -> None:
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s and process.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"prometheus is not ready within {within_s:g} s: {log.read_text(encoding='utf-8').strip()}")
