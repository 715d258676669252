"""Keys as RFC 3414 appendix A.3 has them; where the RFCs have no examples, as pysnmp and gufo_snmp make them."""

import time
from typing import Any

import pytest
from gufo.snmp import user as gufo
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.type import univ
from pysnmp.entity import config

from wanmon.protocols.snmp.keys import (
    DIGESTS,
    extended_by_blumenthal,
    extended_by_reeder,
    localised,
    master_key,
)
from wanmon.protocols.snmp.privacy import PRIVACY_PROTOCOLS

ENGINE_ID = bytes(11) + b"\x02"
#: Password "maplesyrup" on the engine above: master key and local key.
RFC_3414 = {
    "MD5": ("9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
    "SHA": ("9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
}
PYSNMP_AUTH = {
    "MD5": config.USM_AUTH_HMAC96_MD5,
    "SHA": config.USM_AUTH_HMAC96_SHA,
    "SHA-224": config.USM_AUTH_HMAC128_SHA224,
    "SHA-256": config.USM_AUTH_HMAC192_SHA256,
    "SHA-384": config.USM_AUTH_HMAC256_SHA384,
    "SHA-512": config.USM_AUTH_HMAC384_SHA512,
}
PYSNMP_PRIV = {
    "DES": config.USM_PRIV_CBC56_DES,
    "3DES": config.USM_PRIV_CBC168_3DES,
    "AES-128": config.USM_PRIV_CFB128_AES,
    "AES-192": config.USM_PRIV_CFB192_AES,
    "AES-256": config.USM_PRIV_CFB256_AES,
    "AES-192-Blumenthal": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256-Blumenthal": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
GUFO = {
    "MD5": gufo.Md5Key,
    "SHA": gufo.Sha1Key,
    "SHA-224": gufo.Sha224Key,
    "SHA-256": gufo.Sha256Key,
    "SHA-384": gufo.Sha384Key,
    "SHA-512": gufo.Sha512Key,
}


@pytest.mark.parametrize(("protocol", "keys"), RFC_3414.items(), ids=RFC_3414.keys())
def test_keys_are_those_of_rfc_3414(protocol: str, keys: tuple[str, str]) -> None:
    hash_name = DIGESTS[protocol].hash_name
    master = master_key(b"maplesyrup", hash_name)

    assert keys == (master.hex(), localised(master, ENGINE_ID, hash_name).hex())


@pytest.mark.parametrize("protocol", DIGESTS)
@settings(max_examples=8, deadline=None)
@given(password=st.binary(min_size=1, max_size=80), engine_id=st.binary(min_size=1, max_size=32))
def test_keys_are_those_of_gufo_snmp(protocol: str, password: bytes, engine_id: bytes) -> None:
    """RFC 7860 has no examples of keys; of any length of the password, also beyond the block of the hash."""
    hash_name, theirs = DIGESTS[protocol].hash_name, GUFO[protocol]
    master = master_key(password, hash_name)

    assert theirs.get_master_key(password) == master
    assert theirs.get_localized_key(master, engine_id) == localised(master, engine_id, hash_name)


@pytest.mark.parametrize("auth", PYSNMP_AUTH)
@pytest.mark.parametrize("priv", PYSNMP_PRIV)
def test_privacy_keys_are_extended_as_pysnmp_does(auth: str, priv: str) -> None:
    """Neither draft of the long keys was ever published: pysnmp and net-snmp say what is meant."""
    hash_name = DIGESTS[auth].hash_name
    service: Any = config.PRIV_SERVICES[PYSNMP_PRIV[priv]]
    master = service.hash_passphrase(PYSNMP_AUTH[auth], univ.OctetString(b"maplesyrup"))
    theirs = service.localize_key(PYSNMP_AUTH[auth], master, univ.OctetString(ENGINE_ID))
    size, extended, _cipher = PRIVACY_PROTOCOLS[priv]
    ours = localised(master_key(b"maplesyrup", hash_name), ENGINE_ID, hash_name)

    assert bytes(theirs)[:size] == extended(ours, size, ENGINE_ID, hash_name)


@pytest.mark.parametrize("extended", [extended_by_reeder, extended_by_blumenthal])
def test_a_key_that_is_long_enough_is_only_cut(extended: Any) -> None:
    assert bytes(range(16)) == extended(bytes(range(20)), 16, ENGINE_ID, "sha1")


def test_the_two_ways_of_extension_differ_where_a_key_is_short() -> None:
    """Which is why `secrets.toml` has a name for each."""
    short = bytes(range(16))

    assert extended_by_reeder(short, 32, ENGINE_ID, "md5") != extended_by_blumenthal(short, 32, ENGINE_ID, "md5")


def test_a_password_costs_milliseconds() -> None:
    began_s = time.process_time()
    master_key(b"maplesyrup", "sha512")

    assert time.process_time() - began_s < 0.05


def test_an_empty_password_has_no_key() -> None:
    with pytest.raises(ValueError, match="empty"):
        master_key(b"", "md5")
