"""The SNMP of one process: its sockets, its counters, and a session for each device.

A secret is given only to a session whose address lies in the networks that the secret is bound to; any other session
answers `local`, and sends nothing.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from random import SystemRandom
from typing import Any, Literal

from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.discovery import discover
from wanmon.protocols.snmp.envelope import CommunityEnvelope
from wanmon.protocols.snmp.manners import DEFAULT_BYTES, Manners
from wanmon.protocols.snmp.message import REQUEST_ID_BITS, REQUEST_ID_FLOOR, Version
from wanmon.protocols.snmp.pace import FixedPace
from wanmon.protocols.snmp.reference import ReferenceEngine, ReferenceSession
from wanmon.protocols.snmp.remotes import Remotes
from wanmon.protocols.snmp.reports import Report
from wanmon.protocols.snmp.secure_session import SecureSession
from wanmon.protocols.snmp.session import NativeSession
from wanmon.protocols.snmp.transport import Target, Transport
from wanmon.protocols.snmp.types import Answer, Failure, Oid, Reading, Readout
from wanmon.protocols.snmp.usm import User
from wanmon.protocols.snmp.walking import Walk

Network = IPv4Network | IPv6Network
_VERSIONS = {"1": Version.V1, "2c": Version.V2C}


class SnmpEngine:
    """Sessions over shared sockets, opened when first needed, inside one event loop; close it there."""

    def __init__(self) -> None:
        self.counters = SnmpCounters()
        self.remotes = Remotes()
        self._transports: dict[socket.AddressFamily, Transport] = {}
        self._references: dict[SnmpCredential, ReferenceEngine] = {}
        self._users: dict[SnmpCredential, User] = {}
        self._random = SystemRandom()

    @property
    def pending(self) -> int:
        """How many requests of the native engine are under way."""
        return sum(transport.pending for transport in self._transports.values())

    def session(
        self,
        address: str,
        port: int,
        credential: SnmpCredential,
        *,
        engine: Literal["native", "pysnmp"] = "native",
        timeout_s: float = 2.0,
        retries: int = 2,
        manners: Manners | None = None,
        other_sources: Sequence[Network] = (),
    ) -> Session:
        """A conversation with the agent at `address` (IPv4 or IPv6, no name).

        `manners` is what was learnt of the agent, timeouts included, and learns on; without it they are `timeout_s`. A
        reply may come from another address where both lie in one of `other_sources`.
        """
        barred = _why_barred(address, port, credential)
        if barred:
            return BarredSession(barred)
        if engine == "pysnmp":
            return ReferenceSession(self._reference(credential), address, port, timeout_s, retries, manners)
        pace = manners.pace if manners else FixedPace(timeout_s)
        sources = tuple(network for network in other_sources if ip_address(address) in network)
        family, sockaddr = _numeric(address, port)
        transport, held = partial(self._transport, family), manners or Manners(DEFAULT_BYTES, timeout_s)
        if credential.version == "3":
            target = Target(sockaddr, Version.V3, None, pace, retries, sources)
            return SecureSession(transport, target, self._user(credential), self.remotes.at(sockaddr), held)
        assert credential.community is not None
        community = credential.community.get_secret_value().encode()
        envelope = CommunityEnvelope(_VERSIONS[credential.version], community)
        target = Target(sockaddr, envelope.version, community, pace, retries, sources)
        return NativeSession(transport, target, envelope, held)

    async def discover(
        self, address: str, port: int, *, timeout_s: float = 1.0, retries: int = 1, deadline_s: float | None = None
    ) -> Report | Failure:
        """Who answers SNMPv3 there, asked without any secret; or why nobody is known to."""
        try:
            family, sockaddr = _numeric(address, port)
            transport = self._transport(family)
        except (OSError, ValueError) as error:
            return Failure(Reason.LOCAL, f"{address} port {port} cannot be asked: {error}")
        return await discover(transport, Target(sockaddr, Version.V3, None, FixedPace(timeout_s), retries), deadline_s)

    def forget(self, address: str, port: int) -> None:
        """Another machine may answer there from now on: the SNMPv3 engine that did is forgotten, its clock as well."""
        with suppress(OSError, ValueError):
            self.remotes.forget(_numeric(address, port)[1])

    async def close(self) -> None:
        """Give back every socket; what is under way fails as `local`. A session used later opens them anew."""
        while self._transports:
            self._transports.popitem()[1].close()
        while self._references:
            self._references.popitem()[1].close()

    def _reference(self, credential: SnmpCredential) -> ReferenceEngine:
        engine = self._references.get(credential)
        if engine is None:
            engine = self._references[credential] = ReferenceEngine(credential, self.counters)
        return engine

    def _user(self, credential: SnmpCredential) -> User:
        user = self._users.get(credential)
        if user is None:
            user = self._users[credential] = User(credential)
        return user

    def _transport(self, family: socket.AddressFamily) -> Transport:
        transport = self._transports.get(family)
        if transport is None:
            transport = self._transports[family] = Transport(family, self.counters, self.new_id)
        return transport

    def new_id(self) -> int:
        """A request id that nobody can guess."""
        return self._random.getrandbits(REQUEST_ID_BITS) | REQUEST_ID_FLOOR


class BarredSession:
    """A session that sends nothing and says why; implements `asking.Session`."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        """Nothing, for the reason `local`."""
        return Answer((), Reason.LOCAL, self._why)

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        """Nothing, for the reason `local`."""
        return Answer((), Reason.LOCAL, self._why)

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        """Nothing, for the reason `local`."""
        return Failure(Reason.LOCAL, self._why)

    def doubt_bulk(self) -> None:
        """Nothing: nothing is asked."""

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """Nothing, for the reason `local`."""
        return Readout((), 0.0, Reason.LOCAL, self._why, ())


def _why_barred(address: str, port: int, credential: SnmpCredential) -> str:
    try:
        ip_address(address)
        _numeric(address, port)
    except (ValueError, OSError):
        return f"{address!r} port {port} is no address to send to: give the device's management address"
    if credential.may_be_sent_to(address):
        return ""
    return f"credential {credential.name!r} may not be sent to {address}: see its networks in secrets.toml"


@lru_cache(maxsize=8192)
def _numeric(address: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """Family and address as `recvfrom` writes them."""
    found = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    return found[0][0], found[0][4]
