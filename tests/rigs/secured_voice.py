"""How a mutating agent speaks SNMPv3: as an engine that is fast enough to answer a million times.

It seals and opens with wanmon's own keys and ciphers, which pysnmp and net-snmp judge elsewhere; here it only has to be
right. The PDUs are answered by the lab's responder, as those of v2c are.
"""

import time

from tests.rigs.mutants import path
from tests.rigs.mutating_agent import Asked
from tests.rigs.reply_judge import Said, said
from tests.rigs.secured_mutants import FORGED_REPORT
from wanmon.config.secrets import SnmpCredential
from wanmon.lab.agent_wire import Pdu, read_names, read_request
from wanmon.lab.encoding import tlv, varbind
from wanmon.lab.objects import ObjectStore
from wanmon.lab.responder import Responder
from wanmon.protocols.snmp.message_v3 import LEVEL, PRIV, SecuredFrame, read_scoped, read_secured
from wanmon.protocols.snmp.types import Oid, Syntax
from wanmon.protocols.snmp.usm import LocalUser, User

ENGINE_ID = b"\x80\x00\x1f\x88\x04hostile"
BOOTS = 5
_WINDOW_S = 150
_COMMUNITY = b"inside"
_TIME, _ENGINE = 2, 4  # usmStatsNotInTimeWindows, usmStatsUnknownEngineIDs
_USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
#: The version of an exchange in which the agent itself complains, so that no value comes of it.
COMPLAINT = -1


class SecuredVoice:
    """Speaks SNMPv3 as one engine, for one user."""

    def __init__(self, store: ObjectStore, credential: SnmpCredential) -> None:
        self._store = store
        self._responder = Responder([_COMMUNITY])
        self._user = User(credential).at(ENGINE_ID)
        self._signer = User(credential.model_copy(update={"priv": None})).at(ENGINE_ID)
        self._nobody = LocalUser(ENGINE_ID, b"", None, None)
        self._began_s = time.monotonic()
        self._truth = Said(3, b"", 0, 0, 0, ())
        self._reply = b""

    def answer(self, datagram: bytes, at_ms: int) -> tuple[Asked, bytes]:
        """A request understood, and its true reply: a response or a Report."""
        frame = read_secured(datagram)
        clock = (BOOTS, int(time.monotonic() - self._began_s) + 1_000)
        if frame.engine_id != ENGINE_ID or not frame.flags & LEVEL:
            return self._complaint(frame, self._nobody, clock, _ENGINE)
        self._user.verify(frame)
        if frame.boots != BOOTS or abs(frame.time_s - clock[1]) > _WINDOW_S:
            return self._complaint(frame, self._signer, clock, _TIME)
        return self._response(frame, clock, at_ms)

    def judged(self, asked: Asked, kind: str, mutant: bytes) -> Said | None:
        """Nothing but the reply itself, byte for byte, may be taken, and Reports in clear that nobody can tell."""
        if kind == FORGED_REPORT or asked.version == COMPLAINT:
            return Said(3, b"", asked.request_id, COMPLAINT, 0, ())
        return self._truth if mutant == self._reply else None

    def _complaint(
        self, frame: SecuredFrame, speaker: LocalUser, clock: tuple[int, int], number: int
    ) -> tuple[Asked, bytes]:
        message_id = tlv(0x02, frame.request_id.to_bytes(4, "big"))
        binds = tlv(0x30, varbind((*_USM_STATS, number, 0), Syntax.COUNTER32, b"\x01"))
        pdu = tlv(0xA8, message_id + tlv(0x02, b"\x00") * 2 + binds)
        self._truth = Said(3, b"", frame.request_id, COMPLAINT, 0, ())
        self._reply = bytes(speaker.seal(frame.request_id, clock, b"", bytearray(pdu)))
        return Asked(COMPLAINT, b"", frame.request_id, ()), self._reply

    def _response(self, frame: SecuredFrame, clock: tuple[int, int], at_ms: int) -> tuple[Asked, bytes]:
        plain = self._user.opened(frame)
        scoped = read_scoped(plain, len(frame.data), is_padded=bool(frame.flags & PRIV))
        pdu = path(plain, 2)[-1]
        inside = tlv(0x30, tlv(0x02, b"\x01") + tlv(0x04, _COMMUNITY) + plain[pdu.at : pdu.stop])
        request = read_request(inside)
        answered = self._responder.answer(inside, self._store, at_ms)
        told = said(answered or b"")
        assert answered is not None
        assert told is not None
        response = path(answered, 2)[-1]
        self._truth = told
        self._reply = bytes(
            self._user.seal(frame.request_id, clock, scoped.context, bytearray(answered[response.at : response.stop]))
        )
        oids = tuple(read_names(request.varbinds)) if request.pdu is Pdu.GET else ()
        return Asked(3, b"", frame.request_id, oids), self._reply
