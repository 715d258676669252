"""The agents of the lab: one UDP socket each, all in one event loop, on loopback and nowhere else.

Receives, asks the device's responder, applies the faults of the moment, sends. What the answers say is in
`responder` and `engine_v3`, what the devices are in `device` and `replay`.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, ip_address
from pathlib import Path

import structlog

from wanmon.clock import Clock
from wanmon.config.secrets import SnmpCredential
from wanmon.errors import WanmonError
from wanmon.lab.agent import Agent, Part
from wanmon.lab.faults import Fault, read_faults
from wanmon.lab.lifetime import until_told_to_stop
from wanmon.lab.timeline import Timeline

_log = structlog.get_logger()

LOOPBACK = IPv4Network("127.0.0.0/8")
CONTROL_FILE_EVERY_S = 1.0

_LARGEST_DATAGRAM = 65_535
#: Datagrams taken from one socket before the others have their turn.
_PER_TURN = 32
#: Late answers that one slow agent may owe; the rest is lost, as in a router's queue.
_MOST_OWED = 256


class AgentFarm:
    """Agents for a whole province, each on its own address: devices made up, and devices recorded.

    `credentials` are accepted by every agent; `control_file` names faults and is looked at once a second. Each change
    of it replaces all faults, those set by `set_fault` included: write it beside and rename it into place, or a
    half-written file is taken for the truth.
    """

    def __init__(
        self,
        specs: Sequence[Part],
        credentials: Sequence[SnmpCredential],
        clock: Clock,
        seed: int = 0,
        control_file: Path | None = None,
    ) -> None:
        _check(specs)
        timeline = Timeline(clock)
        self._control_file = control_file
        self._control_signature: tuple[int, int, int] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._sockets: list[socket.socket] = []
        self.agents = {spec.name: Agent(spec, credentials, seed, timeline) for spec in specs}

    async def start(self) -> None:
        """Open every socket and begin to answer. Raises `WanmonError` naming the address that is taken."""
        try:
            for agent in self.agents.values():
                self._open(agent)
        except WanmonError:
            await self.close()
            raise
        if self._control_file is not None:
            self.reread_control_file()
            self._watcher = asyncio.create_task(self._watch_control_file())

    async def close(self) -> None:
        """Stop answering and give all sockets back; a second call does nothing."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
            self._watcher = None
        loop = asyncio.get_running_loop()
        for opened in self._sockets:
            loop.remove_reader(opened)
            opened.close()
        self._sockets.clear()

    def set_fault(self, name: str, *faults: Fault) -> None:
        """Give an agent these faults and no others; none at all makes it well again. Raises `WanmonError`."""
        if name not in self.agents:
            raise WanmonError(f"{name}: no such device in the lab")
        self.agents[name].set_faults(faults)

    def reread_control_file(self) -> None:
        """Take over the control file if it changed; one that cannot be taken is a warning, and changes nothing."""
        assert self._control_file is not None
        signature = _signature(self._control_file)
        if signature == self._control_signature:
            return
        self._control_signature = signature
        try:
            faults = read_faults(self._control_file, {name: agent.port_names for name, agent in self.agents.items()})
            for name, listed in faults.items():
                self.agents[name].check(listed)
        except WanmonError as error:
            _log.warning("faults not taken", reason=str(error))
            return
        for name, agent in self.agents.items():
            agent.set_faults(faults.get(name, ()))
        _log.info("faults taken", devices=len(faults))

    async def _watch_control_file(self) -> None:
        while True:
            await asyncio.sleep(CONTROL_FILE_EVERY_S)
            self.reread_control_file()

    def _open(self, agent: Agent) -> None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            opened.bind((agent.spec.address, agent.spec.port))
        except OSError as error:
            opened.close()
            place = f"{agent.spec.address}:{agent.spec.port}"
            raise WanmonError(f"{place} (UDP) cannot be opened for {agent.spec.name}: {error.strerror}") from None
        self._sockets.append(opened)
        asyncio.get_running_loop().add_reader(opened, _Door(opened, agent).drain)


class _Door:
    """The socket of one agent."""

    def __init__(self, opened: socket.socket, agent: Agent) -> None:
        self._socket = opened
        self._agent = agent
        self._owed = 0

    def drain(self) -> None:
        """Answer what has arrived."""
        for _ in range(_PER_TURN):
            try:
                datagram, peer = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except OSError:  # nothing more, or an ICMP error of an earlier reply
                return
            reply = self._agent.answer(datagram)
            if reply is None:
                continue
            if self._agent.delay_s > 0:
                self._send_late(reply, peer)
            else:
                self._send(reply, peer)

    def _send(self, reply: bytes, peer: tuple[str, int]) -> None:
        try:
            self._socket.sendto(reply, peer)
        except OSError:  # closed meanwhile, or a full buffer: lost, as datagrams are
            return

    def _send_late(self, reply: bytes, peer: tuple[str, int]) -> None:
        if self._owed >= _MOST_OWED:
            return
        self._owed += 1
        asyncio.get_running_loop().call_later(self._agent.delay_s, self._pay, reply, peer)

    def _pay(self, reply: bytes, peer: tuple[str, int]) -> None:
        self._owed -= 1
        self._send(reply, peer)


async def run_agents(
    specs: Sequence[Part],
    credentials: Sequence[SnmpCredential],
    clock: Clock,
    *,
    seed: int = 0,
    control_file: Path | None = None,
    while_stdin_open: bool = False,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Run the agents until SIGTERM or SIGINT; `ready` is called once they all answer.

    With `while_stdin_open` they also end when standard input does: a parent that gives a pipe takes its agents with it
    however it dies. Raises `WanmonError` for what cannot be started.
    """
    farm = AgentFarm(specs, credentials, clock, seed, control_file)
    await farm.start()
    try:
        await until_told_to_stop(ready, while_stdin_open=while_stdin_open)
    finally:
        await farm.close()


def _check(specs: Sequence[Part]) -> None:
    """Nothing but loopback, and no name or place twice."""
    for spec in specs:
        try:
            address = ip_address(spec.address)
        except ValueError:
            raise WanmonError(f"{spec.name}: {spec.address!r} is no IP address") from None
        if address not in LOOPBACK:
            raise WanmonError(f"{spec.name}: {spec.address} is no loopback address: the lab stays within {LOOPBACK}")
    names = [spec.name for spec in specs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WanmonError(f"two agents of one name: {', '.join(twice)}")


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another: its inode, when it was written, its size; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
