"""SNMPv3 of one simulated agent: a pysnmp engine that is fed datagrams and gives back replies.

It owns no socket, no timer and no file: the caller brings each datagram and sends the answer. pysnmp costs 0.1 s to set
up and some milliseconds per message, so an engine is made when an agent is first asked in v3. pysnmp is imported here
alone in the lab, and this module late.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pysnmp.carrier.asyncio.dgram.udp import SNMP_UDP_DOMAIN, UdpTransportAddress
from pysnmp.carrier.base import AbstractTransportDispatcher
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi import error as smi_error

from wanmon.config.secrets import SnmpCredential
from wanmon.lab.objects import Instance, ObjectStore
from wanmon.protocols.snmp.types import Oid, Syntax

# RFC 3411 SnmpEngineID: net-snmp's enterprise with the top bit set, format 4 (text).
_ENGINE_ID_HEAD = b"\x80\x00\x1f\x88\x04"
_ENGINE_ID_TEXT = 27
# Engine boots must fit 31 bits and grow with each start: the second of the start, counted from 2020.
_YEAR_2020_S = 1_577_836_800

_AUTH = {
    None: config.USM_AUTH_NONE,
    "MD5": config.USM_AUTH_HMAC96_MD5,
    "SHA": config.USM_AUTH_HMAC96_SHA,
    "SHA-224": config.USM_AUTH_HMAC128_SHA224,
    "SHA-256": config.USM_AUTH_HMAC192_SHA256,
    "SHA-384": config.USM_AUTH_HMAC256_SHA384,
    "SHA-512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {
    None: config.USM_PRIV_NONE,
    "DES": config.USM_PRIV_CBC56_DES,
    "3DES": config.USM_PRIV_CBC168_3DES,
    "AES-128": config.USM_PRIV_CFB128_AES,
    # Keys longer than the digest are extended as Cisco, Huawei and H3C do it; net-snmp calls that AES-256-C.
    "AES-192": config.USM_PRIV_CFB192_AES,
    "AES-256": config.USM_PRIV_CFB256_AES,
    "AES-192-Blumenthal": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256-Blumenthal": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
_SYNTAXES: dict[Syntax, Callable[[Any], Any]] = {
    Syntax.INTEGER: rfc1902.Integer32,
    Syntax.OCTET_STRING: rfc1902.OctetString,
    Syntax.NULL: lambda value: rfc1902.Null(""),
    Syntax.OBJECT_IDENTIFIER: rfc1902.ObjectIdentifier,
    Syntax.IP_ADDRESS: rfc1902.IpAddress,
    Syntax.COUNTER32: rfc1902.Counter32,
    Syntax.GAUGE32: rfc1902.Gauge32,
    Syntax.TIMETICKS: rfc1902.TimeTicks,
    Syntax.OPAQUE: rfc1902.Opaque,
    Syntax.COUNTER64: rfc1902.Counter64,
}


@dataclass(frozen=True, slots=True)
class View:
    """What an engine shows: the objects, and the instant (ms) at which they are read."""

    store: Callable[[], ObjectStore]
    at_ms: Callable[[], int]


class V3Engine:
    """The authoritative engine of one agent, with the USM users of `credentials`.

    `booted_at_ms` decides snmpEngineBoots and `up_for_s` snmpEngineTime. `malformed` counts datagrams that
    pysnmp choked on.
    """

    def __init__(
        self, name: str, credentials: Sequence[SnmpCredential], view: View, booted_at_ms: int, up_for_s: float
    ) -> None:
        self.malformed = 0
        self._engine = _engine(name, max(booted_at_ms // 1000 - _YEAR_2020_S, 1), up_for_s)
        self._transport = _FedTransport()
        self._dispatcher = AbstractTransportDispatcher()
        self._dispatcher.register_transport(SNMP_UDP_DOMAIN, self._transport)
        self._engine.register_transport_dispatcher(self._dispatcher)
        contexts = context.SnmpContext(self._engine)
        contexts.unregister_context_name(b"")
        instrumentation = _Instrumentation(view)
        for context_name in {"", *(credential.context for credential in credentials)}:
            contexts.register_context_name(context_name.encode(), instrumentation)
        for user in {credential.user: credential for credential in reversed(credentials)}.values():
            _add_user(self._engine, user)
        if not credentials:
            _add_stranger(self._engine)
        for responder in (
            cmdrsp.GetCommandResponder,
            cmdrsp.NextCommandResponder,
            cmdrsp.BulkCommandResponder,
            cmdrsp.SetCommandResponder,
        ):
            responder(self._engine, contexts)

    def answer(self, datagram: bytes) -> bytes | None:
        """The reply (a response or a report), or None where there is none."""
        # pysnmp forgets its pending states by ticks; nobody else gives it any.
        self._dispatcher.handle_timer_tick(time.time())
        try:
            return self._transport.feed(datagram)
        except Exception:  # a parser of others fed with hostile bytes: whatever it raises is one bad datagram
            self.malformed += 1
            return None


class _FedTransport:
    """A transport (as pysnmp's dispatcher sees one) without a socket: one datagram in, at most one out."""

    def __init__(self) -> None:
        self._receive: Callable[..., None] | None = None
        self._reply: bytes | None = None

    def feed(self, datagram: bytes) -> bytes | None:
        """Hand a datagram to the engine; what it sent before it was done is the reply."""
        assert self._receive is not None
        self._reply = None
        self._receive(self, UdpTransportAddress(("127.0.0.1", 0)), datagram)
        return self._reply

    def register_callback(self, receive: Callable[..., None]) -> None:
        """Where pysnmp wants its datagrams."""
        self._receive = receive

    def send_message(self, outgoingMessage: Any, transportAddress: Any) -> None:  # noqa: N803 - pysnmp's names
        self._reply = bytes(outgoingMessage)


class _Instrumentation:
    """The object store as pysnmp's command responders ask for it (its `MibInstrumController`)."""

    def __init__(self, view: View) -> None:
        self._view = view

    def read_variables(self, *varbinds: Any, **asked: Any) -> list[tuple[Any, Any]]:
        store, at_ms = self._view.store(), self._view.at_ms()
        answers = []
        for name, _ in varbinds:
            found = store.get(tuple(name))
            answers.append((name, _value(found, at_ms) if found else _absent(store, tuple(name))))
        return answers

    def read_next_variables(self, *varbinds: Any, **asked: Any) -> list[tuple[Any, Any]]:
        store, at_ms = self._view.store(), self._view.at_ms()
        answers = []
        for name, _ in varbinds:
            at = store.position_after(tuple(name))
            found = store.instances[at] if at < len(store.instances) else None
            ended = (name, rfc1905.endOfMibView)
            answers.append((rfc1902.ObjectName(found.oid), _value(found, at_ms)) if found else ended)
        return answers

    def write_variables(self, *varbinds: Any, **asked: Any) -> list[tuple[Any, Any]]:
        raise smi_error.NotWritableError(name=varbinds[0][0] if varbinds else None, idx=0)


def _engine(name: str, boots: int, up_for_s: float) -> SnmpEngine:
    """An engine with an id of its own. Given through the constructor, pysnmp would keep a file per id in /tmp."""
    engine = SnmpEngine()
    engine_id, engine_boots, engine_time = engine.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots", "snmpEngineTime"
    )
    engine_id.syntax = engine_id.syntax.clone(_ENGINE_ID_HEAD + name.encode()[:_ENGINE_ID_TEXT])
    engine.snmpEngineID = engine_id.syntax
    engine_boots.syntax = engine_boots.syntax.clone(boots)
    # pysnmp keeps the second of the start here and shows the difference to time.time().
    engine_time.syntax = engine_time.syntax.clone(int(time.time() - up_for_s))
    return engine


def _add_user(engine: SnmpEngine, credential: SnmpCredential) -> None:
    """A USM user. There is no access control behind it: pysnmp's USM takes exactly the user's own security level."""
    auth = credential.auth.protocol if credential.auth else None
    priv = credential.priv.protocol if credential.priv else None
    config.add_v3_user(
        engine,
        credential.user,
        authProtocol=_AUTH[auth],
        authKey=_master_key(auth, credential.auth.password.get_secret_value()) if credential.auth else None,
        privProtocol=_PRIV[priv],
        privKey=_master_key(auth, credential.priv.password.get_secret_value()) if credential.priv else None,
        authKeyType=config.USM_KEY_TYPE_MASTER,
        privKeyType=config.USM_KEY_TYPE_MASTER,
    )


def _add_stranger(engine: SnmpEngine) -> None:
    """A user whom nobody knows: with an empty user table pysnmp stays silent where it must report "unknown user"."""
    config.add_v3_user(
        engine, secrets.token_hex(16), authProtocol=config.USM_AUTH_HMAC96_SHA, authKey=secrets.token_hex(16)
    )


@cache
def _master_key(auth: str, password: str) -> Any:
    """The master key of RFC 3414 A.2: 1 MB of hashing, done once for all agents."""
    return config.AUTH_SERVICES[_AUTH[auth]].hash_passphrase(rfc1902.OctetString(password.encode()))


def _value(instance: Instance, at_ms: int) -> Any:
    return _SYNTAXES[instance.syntax](instance.value(at_ms))


def _absent(store: ObjectStore, oid: Oid) -> Any:
    if store.absence(oid) is Syntax.NO_SUCH_INSTANCE:
        return rfc1905.noSuchInstance
    return rfc1905.noSuchObject
