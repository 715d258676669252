"""The users of the User-based Security Model (RFC 3414, RFC 7860, RFC 3826): their keys, and what is done with them.

A user has passwords; on each engine it has keys of its own, made once and kept. Nothing here shows a key or a password,
sends anything, or knows the time.
"""

from wanmon.config.secrets import SnmpCredential
from wanmon.protocols.snmp.authentication import Authenticator
from wanmon.protocols.snmp.ber import encode
from wanmon.protocols.snmp.keys import DIGESTS, Digest, localised, master_key
from wanmon.protocols.snmp.message import MismatchedReply
from wanmon.protocols.snmp.message_v3 import (
    AUTH,
    MAX_ID_BYTES,
    PRIV,
    REPORTABLE,
    SecuredFrame,
    Writer,
)
from wanmon.protocols.snmp.packing import frame_bytes
from wanmon.protocols.snmp.privacy import PRIVACY_PROTOCOLS, SALT_BYTES, Cipher, PrivacyProtocol
from wanmon.protocols.snmp.types import Syntax

# An engine whose id changes with every answer must not fill our memory.
_MOST_ENGINES = 4096
# Headers and numbers of a message that v2c has not: global data, parameters, scoped PDU, and a block of padding.
_SECURED_BYTES = 64


class LocalUser:
    """A user on one engine, ready to seal requests to it and to open its replies; nobody, where the name is empty."""

    __slots__ = ("_auth", "_privacy", "_writer", "engine_id", "level", "name")

    def __init__(self, engine_id: bytes, name: bytes, auth: Authenticator | None, privacy: Cipher | None) -> None:
        self.engine_id = engine_id
        self.name = name
        self.level = (AUTH if auth else 0) | (PRIV if privacy else 0)
        self._auth = auth
        self._privacy = privacy
        codes = auth.mac_bytes if auth else 0, SALT_BYTES if privacy else 0
        self._writer = Writer(self.level | REPORTABLE, engine_id, name, *codes)

    def seal(self, request_id: int, clock: tuple[int, int], context: bytes, pdu: bytearray) -> bytearray:
        """The message for a PDU; `clock` are the boots and the time of the engine."""
        data = self._writer.scoped(context, pdu)
        boots, time_s = clock if self._auth else (0, 0)
        salt = b""
        if self._privacy:
            secret, salt = self._privacy.encrypt(data, boots, time_s)
            data = encode(Syntax.OCTET_STRING, secret)
        message, mac_at = self._writer.write(request_id, boots, time_s, salt, data)
        if self._auth:
            message[mac_at : mac_at + self._auth.mac_bytes] = self._auth.mac(message)
        return message

    def verify(self, frame: SecuredFrame) -> None:
        """Check that an authenticated message is from this engine for this user. Raises `MismatchedReply`."""
        if self._auth is None:
            raise MismatchedReply("an authenticated reply to a user without authentication")
        if frame.engine_id != self.engine_id or frame.user != self.name:
            raise MismatchedReply("the reply is from another engine or for another user")
        if not self._auth.is_right(frame.data, frame.mac_at, frame.mac_size):
            raise MismatchedReply("the reply's digest is wrong")

    def opened(self, frame: SecuredFrame) -> bytes:
        """The scoped PDU of a message, decrypted where it says so, padding included.

        Raises `MalformedMessage` or `MismatchedReply`.
        """
        data = frame.data[frame.start : frame.stop]
        if not frame.flags & PRIV:
            return data
        if self._privacy is None:
            raise MismatchedReply("an encrypted reply to a user without privacy")
        return self._privacy.decrypt(data, frame.salt, frame.boots, frame.time_s)


#: Whom discovery asks as: no user, of no engine (RFC 3414 section 4).
NOBODY = LocalUser(b"", b"", None, None)


class User:
    """A USM user as the credential has it."""

    __slots__ = ("_auth_key", "_cipher_key", "_digest", "_local", "_privacy", "context", "name")

    def __init__(self, credential: SnmpCredential) -> None:
        auth, priv = credential.auth, credential.priv
        self.name = (credential.user or "").encode()
        self.context = credential.context.encode()
        self._digest: Digest | None = DIGESTS[auth.protocol] if auth else None
        self._privacy: PrivacyProtocol | None = PRIVACY_PROTOCOLS[priv.protocol] if priv else None
        self._auth_key = self._master(auth.password.get_secret_value()) if auth else b""
        self._cipher_key = self._master(priv.password.get_secret_value()) if priv else b""
        self._local: dict[bytes, LocalUser] = {}

    @property
    def frame_bytes(self) -> int:
        """The bytes of a reply around its var-binds, at most."""
        codes = (self._digest.mac_bytes if self._digest else 0) + SALT_BYTES
        return frame_bytes(b"") + _SECURED_BYTES + 2 * MAX_ID_BYTES + len(self.name) + len(self.context) + codes

    def at(self, engine_id: bytes) -> LocalUser:
        """The user on an engine; its keys are made at the first time."""
        local = self._local.get(engine_id)
        if local is None:
            if len(self._local) >= _MOST_ENGINES:
                self._local.pop(next(iter(self._local)))
            local = self._local[engine_id] = self._localised(engine_id)
        return local

    def _master(self, password: str) -> bytes:
        assert self._digest is not None
        return master_key(password.encode(), self._digest.hash_name)

    def _localised(self, engine_id: bytes) -> LocalUser:
        if self._digest is None:
            return LocalUser(engine_id, self.name, None, None)
        hash_name = self._digest.hash_name
        auth = Authenticator(self._digest, localised(self._auth_key, engine_id, hash_name))
        if self._privacy is None:
            return LocalUser(engine_id, self.name, auth, None)
        size, extended, cipher = self._privacy
        key = extended(localised(self._cipher_key, engine_id, hash_name), size, engine_id, hash_name)
        return LocalUser(engine_id, self.name, auth, cipher(key))
