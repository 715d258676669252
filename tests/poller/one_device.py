"""One device with an agent for each of its credentials, read by hand."""

import asyncio

from tests.poller.scripted import Agent, Agents, Hands, credential, library, ring, target
from wanmon.config.secrets import SnmpCredential
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.device.reader import DeviceReader
from wanmon.poller.jobs import PollResult, Task
from wanmon.protocols.snmp.manners import Manners

NO_DEADLINE_S = 1e9


class Scene:
    """One device with an agent for each of its credentials, in the order in which they are tried."""

    def __init__(self, *agents: Agent, version: str = "2c", paused: str = "") -> None:
        self.agents = agents
        self.clock = Hands()
        names = [f"key{number}" for number in range(len(agents))]
        credentials: list[SnmpCredential] = [credential(name, version) for name in names]
        self.far = Agents({("10.27.0.1", name): agent for name, agent in zip(names, agents, strict=True)})
        self.keys, self.breaker = ring(self.far, self.clock, *credentials)
        if paused:
            pause(self.breaker, paused)
        self.target = target(credentials=tuple(names))
        self.reader = DeviceReader(self.target, library(), self.keys, Manners(1400, 2.0))

    def read(self, task: Task = Task.FAST) -> PollResult:
        return asyncio.run(self.reader.read(task, NO_DEADLINE_S))


def pause(breaker: CredentialBreaker, name: str) -> None:
    for device in "abc":
        breaker.refused(name, device)


def values(result: PollResult, role: str) -> dict[str, object]:
    """The values of a role by the name of their port."""
    found = result.columns[role]
    return {result.ports[row].name: value for row, value in zip(*found, strict=True)}
