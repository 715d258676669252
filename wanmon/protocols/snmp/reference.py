"""The reference engine: the same sessions over pysnmp, as the judge of our own wire.

pysnmp is imported when first used (it takes half a second). Its MIB lookups stay off: OIDs go in and come out as
numbers. It keeps users and keys per engine and by user name, so every credential has an engine of its own, and no
password of one can stand in for that of another.
"""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from wanmon.config.secrets import SnmpCredential
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.ber import encode_oid, encode_value
from wanmon.protocols.snmp.conversation import Conversation, Heard
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.manners import DEFAULT_BYTES, Manners
from wanmon.protocols.snmp.message import Question, Version
from wanmon.protocols.snmp.packing import HEADERS_BYTES, frame_bytes
from wanmon.protocols.snmp.remedy import ErrorReply
from wanmon.protocols.snmp.types import Failure, Oid, Reading, Readout, Syntax, Value, VarBind

# pysnmp looks at its time-outs this often; its own half second is too coarse for a liveness probe.
_TICK_S = 0.1
# pysnmp keeps every (address, time-out) it ever saw: time-outs in steps keep that table small.
_TIMEOUT_STEP_S = 0.5

_AUTH_PROTOCOLS = {
    "MD5": "USM_AUTH_HMAC96_MD5",
    "SHA": "USM_AUTH_HMAC96_SHA",
    "SHA-224": "USM_AUTH_HMAC128_SHA224",
    "SHA-256": "USM_AUTH_HMAC192_SHA256",
    "SHA-384": "USM_AUTH_HMAC256_SHA384",
    "SHA-512": "USM_AUTH_HMAC384_SHA512",
}
# Without a name beside, long keys are made the way Cisco, Huawei and H3C make them (`keys` tells the two ways apart).
_PRIV_PROTOCOLS = {
    "DES": "USM_PRIV_CBC56_DES",
    "3DES": "USM_PRIV_CBC168_3DES",
    "AES-128": "USM_PRIV_CFB128_AES",
    "AES-192": "USM_PRIV_CFB192_AES",
    "AES-256": "USM_PRIV_CFB256_AES",
    "AES-192-Blumenthal": "USM_PRIV_CFB192_AES_BLUMENTHAL",
    "AES-256-Blumenthal": "USM_PRIV_CFB256_AES_BLUMENTHAL",
}

# pysnmp's error indications, by the names of their classes (RFC 3414 section 3.2 for the Reports behind them).
_REASONS = {
    "RequestTimedOut": Reason.TIMEOUT,
    "UnknownUserName": Reason.AUTH,
    "UnknownSecurityName": Reason.AUTH,
    "WrongDigest": Reason.AUTH,
    "AuthenticationFailure": Reason.AUTH,
    "AuthenticationError": Reason.AUTH,
    "NoAuthentication": Reason.AUTH,
    "UnsupportedSecurityLevel": Reason.AUTH,
    "UnsupportedAuthProtocol": Reason.AUTH,
    "UnknownCommunityName": Reason.AUTH,
    "DecryptionError": Reason.PRIVACY,
    "EncryptionError": Reason.PRIVACY,
    "NoEncryption": Reason.PRIVACY,
    "UnsupportedPrivProtocol": Reason.PRIVACY,
    "NotInTimeWindow": Reason.TIME_WINDOW,
    "TooBig": Reason.TOO_BIG,
    "ParseError": Reason.MALFORMED,
    "DeserializationError": Reason.MALFORMED,
    "SerializationError": Reason.LOCAL,
    "EngineIDMismatch": Reason.MISMATCHED,
    "UnknownEngineID": Reason.MISMATCHED,
    "DataMismatch": Reason.MISMATCHED,
}

# What pysnmp says of these it has from a Report of the agent.
_REPORTED = (Reason.AUTH, Reason.PRIVACY, Reason.TIME_WINDOW)

# The same in words for an operator, where pysnmp's own would not tell what to look at.
_WORDS = {
    "RequestTimedOut": "no reply within the timeout",
    "UnknownUserName": "unknown user",
    "UnknownSecurityName": "unknown user",
    "WrongDigest": "wrong authentication password or protocol",
    "AuthenticationFailure": "wrong authentication password or protocol",
    "UnsupportedSecurityLevel": "the agent does not take the user at this security level",
    "DecryptionError": "wrong privacy password or protocol",
}

_VERSIONS = {"1": Version.V1, "2c": Version.V2C, "3": Version.V2C}


class ReferenceEngine:
    """A pysnmp engine with the keys of one credential; made inside the event loop, and closed there."""

    def __init__(self, credential: SnmpCredential, counters: SnmpCounters) -> None:
        # Late, because `wanmon --help` and polls over our own wire do without it.
        from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
        from pysnmp.entity.engine import SnmpEngine
        from pysnmp.entity.rfc3413 import cmdgen
        from pysnmp.hlapi.v3arch.asyncio.lcd import (
            CommandGeneratorLcdConfigurator,
        )

        self.credential = credential
        self.counters = counters
        self._engine = SnmpEngine()
        self._engine.register_transport_dispatcher(AsyncioDispatcher(timeout=_TICK_S))
        self._configurator = CommandGeneratorLcdConfigurator()
        self._identity = _identity(credential)
        self._askers = {
            Question.GET: cmdgen.GetCommandGenerator(),
            Question.GETNEXT: cmdgen.NextCommandGeneratorSingleRun(),
            Question.GETBULK: cmdgen.BulkCommandGeneratorSingleRun(),
        }

    def close(self) -> None:
        """Give back its socket and its timer."""
        self._engine.close_dispatcher()

    async def target(self, address: str, port: int, timeout_s: float, retries: int) -> object:
        """What pysnmp calls a transport target."""
        from pysnmp.hlapi.v3arch.asyncio import (
            Udp6TransportTarget,
            UdpTransportTarget,
        )

        kind = Udp6TransportTarget if ":" in address else UdpTransportTarget
        steps_s = max(1, math.ceil(timeout_s / _TIMEOUT_STEP_S)) * _TIMEOUT_STEP_S
        target: object = await kind.create((address, port), timeout=steps_s, retries=retries)
        return target

    def ask(
        self, target: object, question: Question, oids: Sequence[Oid], max_repetitions: int
    ) -> "asyncio.Future[tuple[Any, ...]]":
        """Send; the future gives pysnmp's error indication, error-status, error-index and var-binds."""
        from pyasn1.type.univ import Null
        from pysnmp.proto.rfc1902 import ObjectName

        name, _parameters = self._configurator.configure(self._engine, self._identity, target, self.credential.context)
        done: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

        def heard(_engine: object, _handle: object, *outcome: object) -> None:
            if not done.done():
                done.set_result(outcome[:4])

        numbers = (0, max_repetitions) if question is Question.GETBULK else ()
        varbinds = [(ObjectName(oid), Null("")) for oid in oids]
        self.counters.requests += 1
        self._askers[question].send_varbinds(
            self._engine, name, None, self.credential.context, *numbers, varbinds, heard
        )
        return done


class ReferenceSession(Conversation):
    """Implements `asking.Session` over pysnmp; SNMPv1, v2c and v3."""

    def __init__(
        self,
        engine: ReferenceEngine,
        address: str,
        port: int,
        timeout_s: float,
        retries: int,
        manners: Manners | None = None,
    ) -> None:
        super().__init__(
            _VERSIONS[engine.credential.version], frame_bytes(b""), manners or Manners(DEFAULT_BYTES, timeout_s)
        )
        self._engine = engine
        self._address = (address, port, timeout_s, retries)
        self._target: object = None

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """Ask for the instances of a reading, each time anew."""
        answer = await self.get(reading.oids, deadline_s)
        found = {varbind.oid: varbind.value for varbind in answer.varbinds}
        answered = [index for index, oid in enumerate(reading.oids) if oid in found]
        changed = [index for index in answered if reading.values[index] != found[reading.oids[index]]]
        for index in changed:
            reading.values[index] = found[reading.oids[index]]
        received_at_s = self._first_heard_s if answered else 0.0
        if answer.reason is None:
            return Readout(changed, received_at_s)
        reason = Reason.PARTIAL if answered else answer.reason
        return Readout(changed, received_at_s, reason, answer.detail, answered)

    async def _hear(
        self, question: Question, oids: Sequence[Oid], max_repetitions: int, deadline_s: float | None
    ) -> Heard | ErrorReply | Failure:
        from pysnmp.error import PySnmpError

        try:
            async with asyncio.timeout_at(deadline_s):
                if self._target is None:
                    self._target = await self._engine.target(*self._address)
                outcome = await self._engine.ask(self._target, question, oids, max_repetitions)
        except TimeoutError:
            return Failure(Reason.DEADLINE, "no reply before the deadline")
        except (PySnmpError, OSError) as error:
            # pysnmp puts whole tracebacks into its errors: the last line says what was wrong.
            return Failure(Reason.LOCAL, f"pysnmp: {(str(error).strip() or type(error).__name__).splitlines()[-1]}")
        return self._understood(outcome, oids if question is Question.GET else None)

    def _understood(self, outcome: tuple[Any, ...], asked: Sequence[Oid] | None) -> Heard | ErrorReply | Failure:
        indication, status, index, pairs = outcome
        counters = self._engine.counters
        if indication:
            failure = _failure(indication)
            counters.timeouts += failure.reason is Reason.TIMEOUT
            return failure
        counters.replies += 1
        if int(status):
            return ErrorReply(int(status), int(index))
        varbinds = tuple(_varbind(name, value) for name, value in pairs)
        if asked is not None and tuple(varbind.oid for varbind in varbinds) != tuple(asked):
            counters.mismatched += 1
            return Failure(Reason.MISMATCHED, "the reply has other OIDs than were asked")
        return Heard(varbinds, self._frame_bytes + sum(map(_size_bytes, varbinds)))


def _identity(credential: SnmpCredential) -> object:
    """The credential as pysnmp takes it."""
    from pysnmp.entity import config
    from pysnmp.hlapi.v3arch.asyncio import CommunityData, UsmUserData

    if credential.version != "3":
        assert credential.community is not None
        community: object = CommunityData(
            credential.community.get_secret_value(), mpModel=int(credential.version != "1")
        )
        return community
    keys: dict[str, object] = {}
    if credential.auth:
        keys["authKey"] = credential.auth.password.get_secret_value()
        keys["authProtocol"] = getattr(config, _AUTH_PROTOCOLS[credential.auth.protocol])
    if credential.priv:
        keys["privKey"] = credential.priv.password.get_secret_value()
        keys["privProtocol"] = getattr(config, _PRIV_PROTOCOLS[credential.priv.protocol])
    user: object = UsmUserData(credential.user, **keys)  # noqa: S509 - the operator chose the level in secrets.toml
    return user


def _failure(indication: object) -> Failure:
    """An error indication of pysnmp: an object of a class per kind, or now and then plain text."""
    name = indication if isinstance(indication, str) else type(indication).__name__
    reason = _REASONS.get(name, Reason.REFUSED)
    return Failure(reason, _WORDS.get(name, f"pysnmp: {indication}"), was_heard=reason in _REPORTED)


def _varbind(name: Any, value: Any) -> VarBind:
    tag = value.tagSet.superTags[-1]
    syntax = Syntax(tag.tagClass | tag.tagFormat | tag.tagId)
    return VarBind(tuple(name), syntax, _plain(syntax, value))


def _plain(syntax: Syntax, value: Any) -> Value:
    if syntax is Syntax.NULL or syntax >= Syntax.NO_SUCH_OBJECT:
        return None
    if syntax is Syntax.OBJECT_IDENTIFIER:
        return tuple(value)
    if syntax in (Syntax.OCTET_STRING, Syntax.IP_ADDRESS, Syntax.OPAQUE):
        return bytes(value)
    return int(value)


def _size_bytes(varbind: VarBind) -> int:
    return HEADERS_BYTES - 2 + len(encode_oid(varbind.oid)) + len(encode_value(varbind.syntax, varbind.value))
