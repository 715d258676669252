"""A user seals what pysnmp opens, opens what was sealed for it alone, and shows nothing."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocols.snmp.test_message_v3 import response
from wanmon.config.secrets import SnmpCredential
from wanmon.protocols.snmp.message import MismatchedReply
from wanmon.protocols.snmp.message_v3 import Writer, read_secured
from wanmon.protocols.snmp.usm import LocalUser, User

ENGINE_ID = bytes.fromhex("80001f8804") + b"lab"
AUTH_PASSWORD, PRIV_PASSWORD = "authentic-2026", "private-2026"


def usm(
    auth: str | None = "SHA", priv: str | None = "AES-128", password: str = AUTH_PASSWORD, **values: Any
) -> SnmpCredential:
    keys = {}
    if auth:
        keys["auth"] = {"protocol": auth, "password": password}
    if priv:
        keys["priv"] = {"protocol": priv, "password": PRIV_PASSWORD}
    given = {"name": "lab", "version": "3", "user": "noc", "networks": ["127.0.0.0/8"], **keys, **values}
    return SnmpCredential.model_validate(given)


def sealed(local: LocalUser, request_id: int = 2**23) -> bytes:
    return bytes(local.seal(request_id, (3, 500), b"", bytearray(response(request_id=request_id))))


LEVELS = {"noAuthNoPriv": (None, None), "authNoPriv": ("SHA", None), "authPriv": ("SHA", "AES-128")}


@pytest.mark.parametrize(("auth", "priv"), LEVELS.values(), ids=LEVELS.keys())
def test_a_user_opens_what_it_has_sealed(auth: str | None, priv: str | None) -> None:
    local = User(usm(auth, priv)).at(ENGINE_ID)
    frame = read_secured(sealed(local))
    if auth:
        local.verify(frame)

    plain = Writer(0, ENGINE_ID, b"", 0, 0).scoped(b"", response(request_id=2**23))
    assert plain == local.opened(frame)
    assert (plain in frame.data) == (priv is None)
    assert (3, 500) == (frame.boots, frame.time_s) if auth else (0, 0) == (frame.boots, frame.time_s)


@pytest.mark.parametrize(
    "other",
    [usm(user="nob"), usm(auth="SHA-256"), usm(auth=None, priv=None),
     usm(password="something-else")],
    ids=["user", "protocol", "no authentication", "password"],
)  # fmt: skip
def test_what_was_sealed_for_another_user_is_refused(other: SnmpCredential) -> None:
    frame = read_secured(sealed(User(usm()).at(ENGINE_ID)))
    with pytest.raises(MismatchedReply):
        User(other).at(ENGINE_ID).verify(frame)


def test_what_was_sealed_by_another_engine_is_refused() -> None:
    user = User(usm())
    frame = read_secured(sealed(user.at(ENGINE_ID)))
    with pytest.raises(MismatchedReply):
        user.at(ENGINE_ID + b"2").verify(frame)


def test_keys_are_made_once_for_an_engine() -> None:
    user = User(usm("MD5", "AES-256"))

    assert user.at(ENGINE_ID) is user.at(ENGINE_ID)


def test_an_engine_of_many_ids_does_not_fill_the_memory() -> None:
    user = User(usm(None, None))
    for number in range(10_000):
        user.at(number.to_bytes(4, "big"))

    assert 4096 == len(user._local)


@given(st.sampled_from(["SHA", "SHA-512"]), st.sampled_from(["DES", "AES-128"]), st.integers(0, 60))
def test_a_reply_around_its_varbinds_is_never_larger_than_said(auth: str, priv: str, name_bytes: int) -> None:
    """The size of replies decides how much is asked at once."""
    user = User(usm(auth, priv, user="n" * 32, context="c" * name_bytes))
    message = user.at(bytes(32)).seal(2**31 - 1, (2**31 - 1, 2**31 - 1), b"c" * name_bytes, bytearray(response()))
    varbinds = 2 + 10 + 2 + len("edge")

    assert len(message) - varbinds <= user.frame_bytes


def test_nothing_shows_a_password_or_a_key() -> None:
    user = User(usm())
    local = user.at(ENGINE_ID)
    shown = f"{user!r} {user} {local!r} {local}"

    assert not [word for word in (AUTH_PASSWORD, PRIV_PASSWORD) if word in shown]
    assert not hasattr(user, "__dict__")
    assert not hasattr(local, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(local)
