"""The ciphers, by published vectors and by what pysnmp reads."""

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.type import univ
from pysnmp.entity import config

from tests.protocols.snmp.test_keys import PYSNMP_PRIV
from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.privacy import PRIVACY_PROTOCOLS, AesCfb, Cipher

#: NIST SP 800-38A, F.3.13, F.3.15 and F.3.17 (CFB128), first block. RFC 3826 itself has no vectors.
PLAIN = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
IV_BOOTS, IV_TIME_S, IV_SALT = 0x00010203, 0x04050607, bytes(range(8, 16))
CFB = {
    "2b7e151628aed2a6abf7158809cf4f3c": "3b3fd92eb72dad20333449f8e83cfb4a",
    "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b": "cdc80d6fddf18cab34c25909c99a4174",
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4": "dc7e84bfda79164b7ecd8486985d3860",
}


def cipher(name: str) -> tuple[Cipher, bytes]:
    size, _extended, made = PRIVACY_PROTOCOLS[name]
    key = bytes(range(7, 7 + size))
    return made(key), key


@pytest.mark.parametrize(("key", "secret"), CFB.items(), ids=["AES-128", "AES-192", "AES-256"])
def test_aes_is_that_of_nist_with_boots_time_and_salt_as_its_vector(key: str, secret: str) -> None:
    opened = AesCfb(bytes.fromhex(key)).decrypt(bytes.fromhex(secret), IV_SALT, IV_BOOTS, IV_TIME_S)

    assert PLAIN == opened


@pytest.mark.parametrize("name", PRIVACY_PROTOCOLS)
@settings(max_examples=30)
@given(plain=st.binary(min_size=1, max_size=100), boots=st.integers(0, 2**31 - 1), time_s=st.integers(0, 2**31 - 1))
def test_pysnmp_opens_what_we_seal_and_we_what_pysnmp_seals(name: str, plain: bytes, boots: int, time_s: int) -> None:
    ours, key = cipher(name)
    theirs: Any = config.PRIV_SERVICES[PYSNMP_PRIV[name]]
    secret, salt = ours.encrypt(plain, boots, time_s)
    opened = theirs.decrypt_data(
        univ.OctetString(key), (boots, time_s, univ.OctetString(salt)), univ.OctetString(secret)
    )
    their_secret, their_salt = theirs.encrypt_data(univ.OctetString(key), (boots, time_s, None), plain)

    assert plain == bytes(opened)[: len(plain)]
    assert plain == ours.decrypt(bytes(their_secret), bytes(their_salt), boots, time_s)[: len(plain)]


@pytest.mark.parametrize("name", PRIVACY_PROTOCOLS)
def test_no_salt_comes_twice(name: str) -> None:
    ours, _key = cipher(name)

    assert 3000 == len({ours.encrypt(b"x", 1, 1)[1] for _ in range(3000)})


@pytest.mark.parametrize("name", PRIVACY_PROTOCOLS)
@pytest.mark.parametrize("salt", [b"", bytes(7), bytes(9)])
def test_a_salt_of_another_length_is_malformed(name: str, salt: bytes) -> None:
    with pytest.raises(MalformedMessage):
        cipher(name)[0].decrypt(bytes(16), salt, 1, 1)


@pytest.mark.parametrize("name", ["DES", "3DES"])
@pytest.mark.parametrize("size", [1, 7, 9, 1399])
def test_des_of_broken_blocks_is_malformed(name: str, size: int) -> None:
    with pytest.raises(MalformedMessage):
        cipher(name)[0].decrypt(bytes(size), bytes(8), 1, 1)


@pytest.mark.parametrize("name", PRIVACY_PROTOCOLS)
def test_old_ciphers_are_used_without_a_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cipher(name)[0].encrypt(b"x", 1, 1)


@pytest.mark.parametrize("name", PRIVACY_PROTOCOLS)
def test_nothing_shows_the_key(name: str) -> None:
    ours, key = cipher(name)

    assert str(key) not in f"{ours!r} {ours}"
    assert not hasattr(ours, "__dict__")
