"""Which v3 messages are a reply, and which are not: none with a bit changed, none replayed, none of lower security."""

from contextlib import suppress
from typing import Any

import pytest
from pysnmp.proto import rfc1902

from tests.protocols.snmp.secured_agent import usm
from tests.protocols.snmp.test_message_v3 import REQUEST_ID, response
from wanmon.protocols.snmp.acceptance import accepted, discovered
from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.message import MismatchedReply, Reply, read_varbinds
from wanmon.protocols.snmp.message_v3 import Writer, read_secured
from wanmon.protocols.snmp.remotes import Remote
from wanmon.protocols.snmp.reports import Complaint, Report
from wanmon.protocols.snmp.types import Oid
from wanmon.protocols.snmp.usm import LocalUser, User

ENGINE_ID = bytes.fromhex("80001f8804") + b"lab"
USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
NOW_S = 100.0
PRIVATE = User(usm()).at(ENGINE_ID)
SIGNED = User(usm(priv=None)).at(ENGINE_ID)
OPEN = User(usm(None, None)).at(ENGINE_ID)


def known(boots: int = 5, time_s: int = 1000) -> Remote:
    remote = Remote()
    remote.discovered(ENGINE_ID, boots, time_s, NOW_S)
    remote.hear(boots, time_s, NOW_S)
    return remote


def sealed(local: LocalUser, pdu: bytes = b"", clock: tuple[int, int] = (5, 1000), context: bytes = b"") -> bytes:
    """A message as the engine itself would send it."""
    return bytes(local.seal(REQUEST_ID, clock, context, bytearray(pdu or response())))


def report(number: int, tail: Oid = (0,)) -> bytes:
    return b"\xa8" + response((*USM_STATS, number, *tail), rfc1902.Counter32(1))[1:]


def plain(
    pdu: bytes, engine_id: bytes = ENGINE_ID, user: bytes = b"noc", clock: tuple[int, int] = (0, 0), inner: bytes = b""
) -> bytes:
    """A message that anyone can write."""
    scoped = Writer(0, inner or engine_id, user, 0, 0).scoped(b"", pdu)
    return bytes(Writer(0, engine_id, user, 0, 0).write(REQUEST_ID, *clock, b"", scoped)[0])


def heard(
    data: bytes, local: LocalUser = PRIVATE, remote: Remote | None = None, context: bytes = b""
) -> Reply | Report:
    return accepted(read_secured(data), local, context, remote or known(), NOW_S)


@pytest.mark.parametrize("local", [PRIVATE, SIGNED, OPEN], ids=["authPriv", "authNoPriv", "noAuthNoPriv"])
def test_a_reply_to_the_user_is_taken(local: LocalUser) -> None:
    reply = heard(sealed(local), local)

    assert isinstance(reply, Reply)
    assert b"edge" == read_varbinds(reply)[0].value


def test_no_reply_with_a_single_bit_changed_is_taken() -> None:
    """Of an authPriv reply, every bit of header, digest and ciphertext."""
    whole, remote = sealed(PRIVATE), known()
    taken = []
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with suppress(MalformedMessage, MismatchedReply):
            taken.append((bit, heard(bytes(changed), remote=remote)))

    assert [] == taken
    assert isinstance(heard(whole, remote=remote), Reply)


ELSEWHERE = User(usm()).at(b"another")
OTHER_PASSWORD = User(usm(passwords=("something-else", "private-2026"))).at(ENGINE_ID)
OTHER_CIPHER_KEY = User(usm(passwords=("authentic-2026", "something-else"))).at(ENGINE_ID)
REFUSED: dict[str, tuple[bytes, LocalUser]] = {
    "of another engine": (sealed(ELSEWHERE), PRIVATE),
    "of another user": (sealed(User(usm(user="nob")).at(ENGINE_ID)), PRIVATE),
    "with another digest": (sealed(OTHER_PASSWORD), PRIVATE),
    "encrypted otherwise": (sealed(OTHER_CIPHER_KEY), PRIVATE),
    "not encrypted": (sealed(SIGNED), PRIVATE),
    "not authenticated": (sealed(OPEN), PRIVATE),
    "not authenticated either": (sealed(OPEN), SIGNED),
    "encrypted for who has no key": (sealed(PRIVATE), SIGNED),
    "authenticated for who has no key": (sealed(SIGNED), OPEN),
    "open, of another engine": (sealed(User(usm(None, None)).at(b"another")), OPEN),
    "open, for another user": (sealed(User(usm(None, None, user="nob")).at(ENGINE_ID)), OPEN),
    "from another context": (sealed(PRIVATE, context=b"vrf"), PRIVATE),
    "of another context engine": (plain(response(), inner=b"another"), OPEN),
    "with another request id inside": (sealed(PRIVATE, response(request_id=REQUEST_ID ^ 1)), PRIVATE),
    "that is a question": (sealed(PRIVATE, b"\xa0" + response()[1:]), PRIVATE),
    "that is a SET": (sealed(PRIVATE, b"\xa3" + response()[1:]), PRIVATE),
    "that is no PDU": (sealed(PRIVATE, b"\x05\x00"), PRIVATE),
    "that says not in time, unsigned": (plain(report(2)), PRIVATE),
}


@pytest.mark.parametrize(("data", "local"), REFUSED.values(), ids=REFUSED.keys())
def test_a_reply_is_refused(data: bytes, local: LocalUser) -> None:
    remote = known()
    with pytest.raises((MalformedMessage, MismatchedReply)):
        heard(data, local, remote)
    assert (5, 1000) == remote.now(NOW_S)


def test_a_context_is_answered_from_that_context() -> None:
    assert isinstance(heard(sealed(PRIVATE, context=b"vrf"), context=b"vrf"), Reply)
    with pytest.raises(MismatchedReply):
        heard(sealed(PRIVATE), context=b"vrf")


OLD: dict[str, tuple[int, int]] = {"before a restart": (4, 1000), "151 s ago": (5, 849)}


@pytest.mark.parametrize("clock", OLD.values(), ids=OLD.keys())
def test_a_replayed_reply_is_stale_and_sets_no_clock(clock: tuple[int, int]) -> None:
    """Its digest is right, and should its msgID be guessed: its time is past."""
    remote = known()
    stale = heard(sealed(PRIVATE, clock=clock), remote=remote)

    assert isinstance(stale, Report)
    assert (Complaint.STALE, (5, 1000)) == (stale.complaint, remote.now(NOW_S))


COMPLAINTS = {
    1: Complaint.LEVEL, 2: Complaint.TIME, 3: Complaint.USER, 4: Complaint.ENGINE, 5: Complaint.DIGEST,
    6: Complaint.DECRYPTION, 9: Complaint.OTHER,
}  # fmt: skip


@pytest.mark.parametrize(("number", "complaint"), COMPLAINTS.items())
@pytest.mark.parametrize("tail", [(0,), ()], ids=["with its instance", "without"])
def test_a_report_says_what_is_wrong(number: int, complaint: Complaint, tail: Oid) -> None:
    told = heard(sealed(SIGNED, report(number, tail), clock=(7, 3)), SIGNED)

    assert Report(complaint, ENGINE_ID, 7, 3, is_authentic=True) == told


@pytest.mark.parametrize("number", [1, 3, 4, 5, 6])
def test_a_report_without_authentication_is_heard_and_sets_no_clock(number: int) -> None:
    """Most Reports come so (RFC 3414 section 3.2): the agent has no key for us."""
    remote = known()
    told = heard(plain(report(number), clock=(9, 9)), remote=remote)

    assert isinstance(told, Report)
    assert (COMPLAINTS[number], False, (5, 1000)) == (told.complaint, told.is_authentic, remote.now(NOW_S))


def test_an_authentic_report_of_lower_boots_is_told_and_sets_no_clock_by_itself() -> None:
    remote = known()
    told = heard(sealed(SIGNED, report(2), clock=(1, 3)), SIGNED, remote)

    assert Report(Complaint.TIME, ENGINE_ID, 1, 3, is_authentic=True) == told
    assert (5, 1000) == remote.now(NOW_S)


def test_a_report_that_names_nothing_is_a_refusal() -> None:
    told = heard(plain(bytes.fromhex("a80e0204123456780201000201003000")))

    assert isinstance(told, Report)
    assert Complaint.OTHER is told.complaint


def test_what_another_engine_of_the_address_said_before_comes_too_late() -> None:
    remote = known()
    remote.discovered(b"another", 1, 1, NOW_S)
    with pytest.raises(MismatchedReply):
        heard(sealed(PRIVATE), remote=remote)
    assert (1, 1) == remote.now(NOW_S)


def test_an_encrypted_reply_proves_that_the_engine_understands_us() -> None:
    remote = known()
    remote.mute = 2
    heard(sealed(SIGNED), SIGNED, remote)
    assert (None, 2) == (remote.proven, remote.mute)

    heard(sealed(PRIVATE), remote=remote)
    assert (PRIVATE, 0) == (remote.proven, remote.mute)


@pytest.mark.parametrize("pdu", [report(4), report(3), response()], ids=["its report", "another", "a response"])
@pytest.mark.parametrize("user", [b"", b"noc"])
def test_whatever_answers_discovery_tells_the_engine(pdu: bytes, user: bytes) -> None:
    told = discovered(read_secured(plain(pdu, user=user, clock=(8, 77))))

    assert (ENGINE_ID, 8, 77, False) == told[1:]


NO_DISCOVERY: dict[str, Any] = {
    "without an engine id": plain(report(4), engine_id=b"", inner=b"x"),
    "with a digest": sealed(SIGNED, report(4)),
    "with a question": plain(b"\xa0" + response()[1:]),
}


@pytest.mark.parametrize("data", NO_DISCOVERY.values(), ids=NO_DISCOVERY.keys())
def test_discovery_does_not_take(data: bytes) -> None:
    with pytest.raises(MismatchedReply):
        discovered(read_secured(data))
