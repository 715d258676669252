"""What one device costs the line, packet by packet, as a capture on the wire shows it: JSON on stdout.

    packets.py      one real snmpd with 25 interfaces, in a network namespace of its own; needs snmpd, snmp, nftables

`twelve` are the columns of the comparison with snmp_exporter, names and speeds in the slow group, in the steady state:
an hour of polls every 30 s with its six slow ones. `whole` is the profile `if-mib` as shipped: its largest fast
poll.
"""
# ruff: noqa: T201 - what it prints is what it is for

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from struct import unpack
from typing import Any

import columns
import ground
from logins import V2C
from poll_and_scrape import INSIDE, enter_namespace

from wanmon.clock import SystemClock
from wanmon.config.layout import shipped
from wanmon.config.secrets import Secrets
from wanmon.config.settings import SnmpSettings
from wanmon.model.device import DeviceRole
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, PollResult, Task
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import load
from wanmon.protocols.snmp.engine import SnmpEngine

SLOW_ROLES = {"speed_bps", "name", "alias"}
#: Polls of the fast group between two of the slow one, by the intervals of semantics: 600 s and 30 s.
FAST_POLLS = 20
SLOW_POLLS = 6
WARM_UP = 4
DEADLINE_S = 24.0


class Capture:
    """What passes the loopback interface to or from the port of the agent, since it was asked last."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        self._socket.bind(("lo", 0))
        self._socket.setblocking(False)

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def taken(self) -> dict[str, int]:
        """Requests, and the IP bytes of both directions."""
        requests = size = 0
        while packet := self._next():
            source, target = unpack("!HH", packet[20:24])
            if ground.PORT in (source, target):
                requests += target == ground.PORT
                size += len(packet)
        return {"requests": requests, "bytes": size}

    def _next(self) -> bytes | None:
        """The next IPv4 packet; a socket for one protocol is shown what is received, and on loopback that is all."""
        try:
            return self._socket.recv(65_535)
        except BlockingIOError:
            return None


def write_profile(folder: Path) -> None:
    """The twelve columns in the groups in which a poller needs them."""
    columns.write_profile(folder)
    file = folder / f"{columns.PROFILE}.yaml"
    profile = json.loads(file.read_text(encoding="utf-8"))
    for role, source in profile["interfaces"].items():
        source["group"] = "slow" if role in SLOW_ROLES else "fast"
    file.write_text(json.dumps(profile), encoding="utf-8")


async def measure(folder: Path, capture: Capture) -> dict[str, Any]:
    """Poll the agent by both profiles."""
    snmp, clock = SnmpEngine(), SystemClock()
    secrets = Secrets.model_validate({"snmp": {"bench": V2C.credential}})
    keys = KeyRing(SnmpSettings(), secrets, snmp, CredentialBreaker(clock))
    executor = LocalExecutor(keys, load([shipped("inventory") / "profiles", folder]), None, SnmpSettings())

    async def poll(profile: str, task: Task) -> dict[str, int]:
        ground.tick()
        capture.taken()
        result = await executor.execute(Job(task, target(profile), DEADLINE_S))
        assert isinstance(result, PollResult)
        if result.reason is not None or len(result.ports) != ground.INTERFACES:
            sys.exit(f"{profile}: {result.reason} {result.detail}, {len(result.ports)} ports")
        return capture.taken()

    try:
        return {"twelve": await steady(poll), "whole": await largest(poll)}
    finally:
        await snmp.close()


def target(profile: str) -> DeviceTarget:
    """The agent, to be read by a profile."""
    place = (ground.addresses()[0], ground.PORT)
    return DeviceTarget(1, profile, "S", DeviceRole.EDGE, *place, "snmp", ("bench",), profile, 5, 30, 600)


async def steady(poll: Callable[..., Any]) -> dict[str, float]:
    """The mean of a cycle in an hour of the steady state; some things are asked once an hour."""
    for _ in range(WARM_UP):
        await poll(columns.PROFILE, Task.FAST)
    fast, slow = [], []
    for _ in range(SLOW_POLLS):
        fast += [await poll(columns.PROFILE, Task.FAST) for _ in range(FAST_POLLS)]
        slow.append(await poll(columns.PROFILE, Task.SLOW))
    return {
        **{name: sum(each[name] for each in [*fast, *slow]) / len(fast) for name in ("requests", "bytes")},
        "requests_of_slow_polls": sum(each["requests"] for each in slow) / len(slow),
        "requests_of_fast_poll": max(each["requests"] for each in fast),
    }


async def largest(poll: Callable[..., Any]) -> dict[str, int]:
    """The largest fast poll of all that is read of a port, and what learning the device took."""
    learnt = await poll("if-mib", Task.FAST)
    for _ in range(WARM_UP):
        await poll("if-mib", Task.FAST)
    taken = [await poll("if-mib", Task.FAST) for _ in range(FAST_POLLS)]
    return {
        "requests": max(each["requests"] for each in taken),
        "bytes": max(each["bytes"] for each in taken),
        "requests_to_learn": learnt["requests"],
    }


def main() -> None:
    """Measure and print."""
    if INSIDE not in os.environ:
        enter_namespace(("unshare", "ip", "nft", "snmpd", "snmpget"))
    ground.set_up_ports()
    ground.age()
    with tempfile.TemporaryDirectory(prefix="wanmon-packets-") as name, closing(Capture()) as capture:
        folder = Path(name)
        write_profile(folder)
        with ground.snmpd(folder):
            print(json.dumps(asyncio.run(measure(folder, capture))))


if __name__ == "__main__":
    main()
