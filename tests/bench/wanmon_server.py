"""wanmon's real poller and web as one process that polls when it is told to: a line on stdin is one cycle.

    wanmon_server.py FOLDER PROFILE LOGIN

Prints the port of its web, then a line when each cycle is done: how many devices were read whole. The schedule is the
only thing left out: who asks, how many at a time, what is rendered and what answers HTTP are what `wanmon serve` runs.
With `WANMON_BENCH_PROFILE=FOLDER` the polls are profiled, and the figures written there at the end.
"""
# ruff: noqa: T201 - what it prints is what it is for

import asyncio
import cProfile
import itertools
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from ground import PORT, addresses
from logins import LOGINS, Login

from wanmon import log
from wanmon.clock import SystemClock
from wanmon.config.layout import shipped
from wanmon.config.secrets import Secrets
from wanmon.config.settings import SnmpSettings
from wanmon.exchange import plan
from wanmon.exchange.folder import read
from wanmon.metrics.device import DeviceRenderer
from wanmon.metrics.exposition import Exposition
from wanmon.metrics.own import Counted, registry
from wanmon.model.carrier import CircuitFields
from wanmon.model.change import Action
from wanmon.model.device import DeviceFields
from wanmon.model.fields import Fields
from wanmon.model.inventory import EMPTY, NOUNS, Edit
from wanmon.poller.board import Board
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.keys import KeyRing
from wanmon.poller.loop import Poller
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.records import StoreRecords
from wanmon.profiles.library import load
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.store import inventory, schema
from wanmon.store.database import Database
from wanmon.store.writer import Writer
from wanmon.web.app import application

DEADLINE_S = 24.0
#: The first cycles learn the devices and the shapes of their replies: they are not profiled.
LEARNING = 5


@dataclass(frozen=True)
class Live:
    """The running poller, as the pages see it."""

    pipeline: Pipeline
    poller: Poller

    @property
    def board(self) -> Board:
        return self.pipeline.board

    async def poll_now(self, name: str, deadline_s: float) -> None:
        await self.poller.poll_now(name, deadline_s)


def fill(url: str, profile: str) -> None:
    """The example province with its routers on the addresses of the agents; the hub, which has none there, has none."""
    province = plan.make(EMPTY, read(str(shipped("inventory") / "bac-ninh"))).after
    edges = [name for name, device in province.devices.items() if province.sites[device.site].parent]
    places = dict(zip(edges, addresses(), strict=True))
    edits = [
        Edit(
            Action.ADD,
            noun,
            key,
            {column: getattr(row, column) for column in noun.columns} | moved(row, places, profile),
        )
        for noun in NOUNS
        for key, row in province.rows(noun).items()
        if not isinstance(row, DeviceFields) or row.name in places
    ]
    schema.upgrade(url)
    database = Database.open(url)
    with database.write() as session:
        at = SystemClock().now()
        inventory.apply(session, edits, author="bench", origin="bench", command="bench", reason="", at=at)
    database.close()


def moved(row: Fields, places: Mapping[str, str], profile: str) -> dict[str, Any]:
    """What is different in a row: where a device answers, and that a circuit is not bound to a device left out."""
    if isinstance(row, DeviceFields):
        return {"address": places[row.name], "port": PORT, "snmp": "bench", "profile": profile}
    if isinstance(row, CircuitFields) and row.device not in places:
        return {"device": None, "interface": ""}
    return {}


async def run(folder: Path, profile: str, login: Login) -> None:
    """Serve and poll until stdin ends."""
    url = f"sqlite:///{folder}/{profile}-{login.name}.db"
    fill(url, profile)
    database, snmp = Database.open(url), SnmpEngine()
    writer = Writer(database)
    live = compose(folder, database, writer, snmp, login)
    counts, checks = live.pipeline.poller, SimpleNamespace(in_flight=0, overruns=0)  # polls alone are measured
    counted = Counted(counts, snmp.counters, writer.counters, lambda: live.poller.skipped, snmp.remotes, checks)
    app = application(live, Exposition(registry(counted)), SystemClock(), "")
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", http="h11", ws="none")
    )
    answering = asyncio.create_task(server.serve([listening]))
    print(listening.getsockname()[1], flush=True)
    await cycles(live, f"{profile}-{login.name}")
    server.should_exit = True
    await answering
    writer.close(5.0)
    await snmp.close()
    database.close()


def compose(folder: Path, database: Database, writer: Writer, snmp: SnmpEngine, login: Login) -> Live:
    """The poller over the inventory of a database, as `wanmon serve` puts it together."""
    clock, settings = SystemClock(), SnmpSettings()
    secrets = Secrets.model_validate({"snmp": {"bench": login.credential}})
    keys = KeyRing(settings, secrets, snmp, CredentialBreaker(clock))
    library = load([shipped("inventory") / "profiles", folder / "profiles"])
    executor = LocalExecutor(keys, library, None, settings)
    pipeline = Pipeline(DeviceRenderer(), StoreRecords(writer, clock))
    poller = Poller(executor, pipeline, clock, settings.in_flight)
    with database.read() as session:
        poller.follow(inventory.load(session))
    return Live(pipeline, poller)


async def cycles(live: Live, name: str) -> None:
    """Poll every device once for each line on stdin."""
    tracks = live.pipeline.tracks
    profiler = cProfile.Profile() if "WANMON_BENCH_PROFILE" in os.environ else None
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    for number in itertools.count():
        if not await lines.readline():
            break
        if profiler and number >= LEARNING:
            profiler.enable()
        await asyncio.gather(*(live.poll_now(name, DEADLINE_S) for name in tracks))
        if profiler:
            profiler.disable()
        print(sum(track.snmp.up is True for track in tracks.values()), flush=True)
    if profiler:
        profiler.dump_stats(Path(os.environ["WANMON_BENCH_PROFILE"]) / f"{name}.pstats")


if __name__ == "__main__":
    log.configure("error")  # stdout is for the cycles, and the example's ports are not those of the agents
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], LOGINS[sys.argv[3]]))
