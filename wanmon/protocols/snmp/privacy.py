"""The ciphers of SNMPv3: DES (RFC 3414 section 8), AES (RFC 3826) and 3DES (draft-reeder-snmpv3-usm-3desede-00).

A cipher holds one localised key, which nothing shows. `cryptography` is imported when the first one is made: most
commands, and polls without privacy, do without it.
"""

from collections.abc import Callable
from random import SystemRandom
from typing import Any, NamedTuple, Protocol

from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.keys import extended_by_blumenthal, extended_by_reeder

SALT_BYTES = 8
_BLOCK_BYTES = 8


class Cipher(Protocol):
    """A localised privacy key at work."""

    def encrypt(self, plain: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """The ciphertext, and the salt that its reader needs; no two messages of one key have one salt."""
        ...

    def decrypt(self, secret: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        """The plaintext, its padding included. Raises `MalformedMessage` for what no cipher made."""
        ...


class AesCfb:
    """AES in CFB mode with 128-bit feedback (RFC 3826 section 3.1): boots, time and salt are the IV."""

    __slots__ = ("_cipher", "_mode", "_salt")

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher as Pair
        from cryptography.hazmat.primitives.ciphers.algorithms import AES

        try:
            from cryptography.hazmat.decrepit.ciphers.modes import CFB
        except ImportError:  # cryptography before 47 has it among the others
            from cryptography.hazmat.primitives.ciphers.modes import CFB
        # Kept, and given another mode for each message: made anew, it would check its algorithm every time.
        self._cipher: Any = Pair(AES(key), CFB(bytes(16)))
        self._mode = CFB
        self._salt = SystemRandom().getrandbits(64)

    def encrypt(self, plain: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """One sealed message more."""
        self._salt = (self._salt + 1) & 0xFFFF_FFFF_FFFF_FFFF
        salt = self._salt.to_bytes(SALT_BYTES, "big")
        self._cipher.mode = self._mode(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt)
        return self._cipher.encryptor().update(plain), salt

    def decrypt(self, secret: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        """What was sealed. Raises `MalformedMessage`."""
        if len(salt) != SALT_BYTES:
            raise MalformedMessage(f"a salt of {len(salt)} bytes")
        self._cipher.mode = self._mode(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt)
        plain: bytes = self._cipher.decryptor().update(secret)
        return plain


class _Cbc:
    """DES or 3DES in CBC mode: boots and a running number are the salt, the end of the key hides the IV."""

    __slots__ = ("_algorithm", "_cipher", "_hidden", "_mode", "_number")

    def __init__(self, des_keys: bytes, pre_iv: bytes) -> None:
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.primitives.ciphers import Cipher as Pair
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        self._algorithm, self._cipher, self._mode = TripleDES(des_keys), Pair, CBC
        self._hidden = int.from_bytes(pre_iv, "big")
        self._number = SystemRandom().getrandbits(32)

    def encrypt(self, plain: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """One sealed message more."""
        self._number = (self._number + 1) & 0xFFFF_FFFF
        salt = boots.to_bytes(4, "big") + self._number.to_bytes(4, "big")
        padding = bytes(-len(plain) % _BLOCK_BYTES)
        return self._pair(salt).encryptor().update(plain + padding), salt

    def decrypt(self, secret: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        """What was sealed, with its padding. Raises `MalformedMessage`."""
        if len(salt) != SALT_BYTES or len(secret) % _BLOCK_BYTES:
            raise MalformedMessage(f"a ciphertext of {len(secret)} bytes with a salt of {len(salt)}")
        plain: bytes = self._pair(salt).decryptor().update(secret)
        return plain

    def _pair(self, salt: bytes) -> Any:
        iv = (int.from_bytes(salt, "big") ^ self._hidden).to_bytes(_BLOCK_BYTES, "big")
        return self._cipher(self._algorithm, self._mode(iv))


def _des(key: bytes) -> Cipher:
    # Three equal keys make 3DES the DES that `cryptography` no longer has by itself.
    return _Cbc(key[:8] * 3, key[8:16])


def _triple_des(key: bytes) -> Cipher:
    return _Cbc(key[:24], key[24:32])


class PrivacyProtocol(NamedTuple):
    """How the key of a cipher is made long enough, and the cipher itself."""

    key_bytes: int
    extended: Callable[[bytes, int, bytes, str], bytes]
    cipher: Callable[[bytes], Cipher]


#: By the names of `secrets.toml`. AES-192 and AES-256 without a name beside are what the devices of this network mean.
PRIVACY_PROTOCOLS = {
    "DES": PrivacyProtocol(16, extended_by_reeder, _des),
    "3DES": PrivacyProtocol(32, extended_by_reeder, _triple_des),
    "AES-128": PrivacyProtocol(16, extended_by_reeder, AesCfb),
    "AES-192": PrivacyProtocol(24, extended_by_reeder, AesCfb),
    "AES-256": PrivacyProtocol(32, extended_by_reeder, AesCfb),
    "AES-192-Blumenthal": PrivacyProtocol(24, extended_by_blumenthal, AesCfb),
    "AES-256-Blumenthal": PrivacyProtocol(32, extended_by_blumenthal, AesCfb),
}
