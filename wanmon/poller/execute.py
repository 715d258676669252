"""The executor that asks from this process."""

import asyncio
import time
from collections.abc import Mapping

from wanmon.config.settings import SnmpSettings
from wanmon.health.observation import OK, Observation
from wanmon.model.reason import REFUSALS, Reason
from wanmon.poller.device.reader import DeviceReader
from wanmon.poller.jobs import POLLS, Job, LivenessResult, Outcome, Task
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.protocols.icmp import EchoClient
from wanmon.protocols.snmp.manners import Learnt, Manners
from wanmon.protocols.tcp import connect

SYS_UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
LIVENESS_TIMEOUT_S = 1.0
#: Where an agent is heard all the same, it took several requests, and tells nothing of the way there and back.
NOT_IN_ONE_GO = REFUSALS | {Reason.TIMEOUT, Reason.TIME_WINDOW}


class LocalExecutor:
    """Asks devices by echo, TCP and SNMP. `echo` is None where the system forbids it."""

    def __init__(
        self,
        keys: KeyRing,
        library: Library,
        echo: EchoClient | None,
        settings: SnmpSettings,
    ) -> None:
        self._keys = keys
        self._library = library
        self._echo = echo
        self._settings = settings
        self._learnt: dict[str, Learnt] = {}
        self._readers: dict[str, tuple[DeviceTarget, DeviceReader, asyncio.Lock]] = {}

    def know(self, learnt: Mapping[str, Learnt]) -> None:
        """Begin with what was learnt before of the manners of agents, by device."""
        self._learnt.update(learnt)

    def use(self, library: Library, settings: SnmpSettings) -> None:
        """Go on with other profiles and settings, and learn anew what was learnt of the devices."""
        self._library, self._settings = library, settings
        self._readers.clear()

    def forget(self, device: str) -> None:
        """Drop what was learnt of a device that is no longer asked, or is another machine now."""
        held = self._readers.pop(device, None)
        self._learnt.pop(device, None)
        self._keys.forget(device, held[0] if held else None)

    async def execute(self, job: Job) -> Outcome:
        """Do the job, within its deadline."""
        if job.task not in POLLS:
            return await self._probe(job)
        deadline_s = time.monotonic() + job.deadline_s
        reader, lock = self._reader(job.target)
        # At most one SNMP conversation with a device at a time.
        async with lock:
            result = await reader.read(job.task, deadline_s)
        held = self._readers.get(job.target.name)
        if held is None or held[1] is not reader:
            return result  # what it tells is of a machine that was replaced meanwhile
        if result.manners is not None:
            self._learnt[job.target.name] = result.manners
        if result.credential and result.reason in (None, Reason.PARTIAL):
            self._keys.worked(job.target, result.credential)
        return result

    async def _probe(self, job: Job) -> LivenessResult:
        target = job.target
        if job.task is Task.KNOCK:
            return await _probe_by_tcp(target.address, target.login_port)
        if job.task is Task.EVIDENCE or job.by_snmp:
            return await self._probe_by_snmp(target)
        if target.liveness == "icmp":
            if self._echo is None:
                return await self._probe_by_snmp(target)
            echo = await self._echo.ask(target.address)
            return LivenessResult("icmp", Observation(echo.reason), echo.rtt_s if echo.reason is None else None)
        if target.liveness.startswith("tcp:"):
            return await _probe_by_tcp(target.address, int(target.liveness[4:]))
        return await self._probe_by_snmp(target)

    async def _probe_by_snmp(self, target: DeviceTarget) -> LivenessResult:
        """One sysUpTime GET: evidence beside the echo, and what stands for it where it is filtered or forbidden."""
        usable = self._keys.usable(target)
        if not usable or not self._keys.is_proven(target, usable[0]):
            return LivenessResult("snmp", Observation(Reason.LOCAL))
        session = self._keys.open(target, usable[0], timeout_s=LIVENESS_TIMEOUT_S, retries=0)
        began_s = time.monotonic()
        answer = await session.get((SYS_UP_TIME,))
        took_s = time.monotonic() - began_s if answer.was_heard and answer.reason not in NOT_IN_ONE_GO else None
        seen = OK if answer.was_heard else Observation(answer.reason)
        if answer.reason not in REFUSALS:
            return LivenessResult("snmp", seen, took_s)
        self._keys.refused(target, usable[0])
        return LivenessResult("snmp", seen, took_s, (usable[0].name,))

    def _reader(self, target: DeviceTarget) -> tuple[DeviceReader, asyncio.Lock]:
        held = self._readers.get(target.name)
        if held is None or held[0] != target:
            if held is not None and target.is_another_than(held[0]):
                self._learnt.pop(target.name, None)
            settings = self._settings
            manners = Manners(settings.max_response_bytes, settings.timeout_s, self._learnt.get(target.name))
            reader = DeviceReader(target, self._library, self._keys, manners)
            held = self._readers[target.name] = (target, reader, asyncio.Lock())
        return held[1], held[2]


async def _probe_by_tcp(address: str, port: int) -> LivenessResult:
    answer = await connect(address, port, LIVENESS_TIMEOUT_S)
    # A port that refuses is a host that lives.
    seen = OK if answer.reason in (None, Reason.REFUSED) else Observation(answer.reason)
    return LivenessResult("tcp", seen, answer.duration_s)
