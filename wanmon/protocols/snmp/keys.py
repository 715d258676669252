"""From a password to the key that one engine knows: RFC 3414 section 2.6 and appendix A.2, with the hashes of RFC 7860.

Privacy keys longer than the hash are extended in one of two ways. Both are in use, and both are called "AES-256" by
somebody: Reeder's (draft-reeder-snmpv3-usm-3desede-00 section 2.1; Cisco, Huawei, H3C; "AES-256-C" in net-snmp) and
Blumenthal's (draft-blumenthal-aes-usm-04 section 3.1.2.1; "AES-256" in net-snmp). Pure; bytes in, bytes out.
"""

import hashlib
from typing import NamedTuple

_EXPANDED_BYTES = 1024 * 1024


class Digest(NamedTuple):
    """What an authentication protocol is made of: a hash by hashlib's name, and how much of the HMAC is sent."""

    hash_name: str
    mac_bytes: int


#: RFC 3414 sections 6 and 7, RFC 7860 section 4.2; by the names of `secrets.toml`.
DIGESTS = {
    "MD5": Digest("md5", 12),
    "SHA": Digest("sha1", 12),
    "SHA-224": Digest("sha224", 16),
    "SHA-256": Digest("sha256", 24),
    "SHA-384": Digest("sha384", 32),
    "SHA-512": Digest("sha512", 48),
}


def master_key(password: bytes, hash_name: str) -> bytes:
    """The key of a password on no engine in particular: the hash of its repetition to 1 MiB, some 2 ms of work.

    Raises `ValueError` for an empty password.
    """
    if not password:
        raise ValueError("an empty password has no key")
    repeated = password * (_EXPANDED_BYTES // len(password) + 1)
    return hashlib.new(hash_name, memoryview(repeated)[:_EXPANDED_BYTES]).digest()


def localised(key: bytes, engine_id: bytes, hash_name: str) -> bytes:
    """The key that one engine knows of a master key."""
    return hashlib.new(hash_name, key + engine_id + key).digest()


def extended_by_reeder(local_key: bytes, size: int, engine_id: bytes, hash_name: str) -> bytes:
    """A local key of `size` bytes: the key so far is taken for a password, and what comes of it is added."""
    while len(local_key) < size:
        local_key += localised(master_key(local_key, hash_name), engine_id, hash_name)
    return local_key[:size]


def extended_by_blumenthal(local_key: bytes, size: int, _engine_id: bytes, hash_name: str) -> bytes:
    """A local key of `size` bytes: the hash of the key so far is added."""
    while len(local_key) < size:
        local_key += hashlib.new(hash_name, local_key).digest()
    return local_key[:size]
