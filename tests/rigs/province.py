"""A small deployment for end-to-end tests: a hub, some sites below it, simulated routers on loopback, fast intervals.

Made by wanmon's own commands, as an operator would make it.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.rigs.serving import WANMON, Running, start, wait_until

COMMUNITY = "kanari-7c20"
#: Not the port of the demo, whose agents may answer at the same time.
AGENTS_PORT = 11661
HUB = "T-DC1"


@dataclass(frozen=True)
class Province:
    """A folder with configuration, secrets, inventory and database."""

    folder: Path
    sites: tuple[str, ...]

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.folder / "var" / "wanmon.db"

    def call(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of wanmon in it to its end."""
        return subprocess.run(
            [*WANMON, *command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def done(self, *command: str) -> str:
        """Run a command that must succeed; what it wrote to stdout."""
        ended = self.call(*command)
        assert 0 == ended.returncode, ended.stderr
        return ended.stdout

    def serve(self, port: int) -> Running:
        """Start serving it."""
        return start(self.folder, "serve", "--listen", f"127.0.0.1:{port}", port=port)

    def agents(self) -> Running:
        """Start its simulated routers, and wait until they answer; `set_faults` breaks them."""
        running = start(self.folder, "lab", "agents", "--faults", "faults.yaml", port=AGENTS_PORT)
        wait_until(lambda: "agents answer" in running.said or running.process.poll() is not None, 20, "agents answer")
        assert running.process.poll() is None, running.said
        return running

    def set_faults(self, faults: Mapping[str, str]) -> None:
        """Faults by device; renamed into place, because a half-written file would be taken for the truth."""
        beside = self.folder / "faults.new"
        beside.write_text(json.dumps(faults), encoding="utf-8")
        beside.replace(self.folder / "faults.yaml")

    def apply(self, files: Mapping[str, Sequence[str]]) -> None:
        """Write files of the inventory by name, each as its lines, and apply them all."""
        for name, lines in files.items():
            (self.folder / "inventory" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.done("inventory", "apply", "inventory", "--yes")

    def write_secrets(self, community: str = COMMUNITY, network: str = "127.0.0.0/8") -> None:
        """The one credential, `lab`."""
        secrets = self.folder / "secrets.toml"
        text = f'[snmp.lab]\nversion = "2c"\ncommunity = "{community}"\nnetworks = ["{network}"]\n'
        with suppress(FileNotFoundError):
            secrets.unlink()
        with os.fdopen(os.open(secrets, os.O_WRONLY | os.O_CREAT, 0o600), "w") as written:
            written.write(text)


def device_of(site: str) -> str:
    """The name of a site's one router."""
    return f"{site}-R1"


def address_of(number: int) -> str:
    """Where the router of the site with this number answers."""
    return f"127.{31 + _worker()}.{number // 200}.{number % 200 + 1}"


def init_province(folder: Path, sites: tuple[str, ...]) -> Province:
    """A deployment that has no inventory yet, nor a credential."""
    province = Province(folder / "province", sites)
    subprocess.run([*WANMON, "init", str(province.folder)], check=True, capture_output=True)
    return province


def make_province(folder: Path, sites: int, liveness_interval_s: int = 2, fast_interval_s: int = 5) -> Province:
    """A hub and `sites` sites below it, `T-0001` and on."""
    codes = (HUB, *(f"T-{number:04}" for number in range(1, sites + 1)))
    province = init_province(folder, codes)
    province.write_secrets()
    files = {
        "units": ["code,name,kind,level", "27,Bắc Ninh,tỉnh,province"],
        "classes": [
            "code,name,liveness_interval_s,fast_interval_s,slow_interval_s",
            f"all,Every site,{liveness_interval_s},{fast_interval_s},600",
        ],
        "sites": ["code,name,unit,kind,site_class,status,parent", *map(_site_row, codes)],
        "devices": ["name,site,role,address,port,liveness,snmp", *map(_device_row, codes, range(len(codes)))],
    }
    province.apply(files)
    return province


def _worker() -> int:
    """Which of the test processes this is: each has addresses of its own."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _site_row(code: str) -> str:
    kind, parent = ("datacenter", "") if code == HUB else ("department", HUB)
    return f"{code},Site {code},27,{kind},all,active,{parent}"


def _device_row(code: str, number: int) -> str:
    return f"{device_of(code)},{code},edge,{address_of(number)},{AGENTS_PORT},snmp,lab"
