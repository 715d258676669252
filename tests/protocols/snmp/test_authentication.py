"""The digest under a message: as hmac of the standard library has it, cut as the RFCs cut it."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.protocols.snmp.authentication import Authenticator
from wanmon.protocols.snmp.keys import DIGESTS

#: RFC 2202 section 2 and 3 test case 1, RFC 4231 section 4.2, by the first bytes that USM sends.
FIRST_CASE = {
    "MD5": (16, "9294727a3638bb1c13f48ef8"),
    "SHA": (20, "b617318655057264e28bc0b6"),
    "SHA-224": (20, "896fb1128abbdf196832107cd49df33f"),
    "SHA-256": (20, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da7"),
    "SHA-384": (20, "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"),
    "SHA-512": (
        20,
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4",
    ),
}


@pytest.mark.parametrize(("protocol", "case"), FIRST_CASE.items(), ids=FIRST_CASE.keys())
def test_a_code_is_that_of_the_rfcs(protocol: str, case: tuple[int, str]) -> None:
    key_size, code = case

    assert code == Authenticator(DIGESTS[protocol], b"\x0b" * key_size).mac(b"Hi There").hex()


@pytest.mark.parametrize("protocol", DIGESTS)
@given(key=st.binary(min_size=1, max_size=64), message=st.binary(max_size=300))
def test_a_code_is_that_of_the_standard_library(protocol: str, key: bytes, message: bytes) -> None:
    digest = DIGESTS[protocol]
    ours = Authenticator(digest, key)

    assert hmac.digest(key, message, digest.hash_name)[: digest.mac_bytes] == ours.mac(message) == ours.mac(message)


@pytest.mark.parametrize("protocol", DIGESTS)
def test_a_code_is_right_at_its_place_and_wrong_with_any_bit_changed(protocol: str) -> None:
    ours = Authenticator(DIGESTS[protocol], b"k" * 16)
    size = ours.mac_bytes
    message = bytearray(b"head" + bytes(size) + b"tail")
    message[4 : 4 + size] = ours.mac(message)

    assert ours.is_right(bytes(message), 4, size)
    for bit in range(8 * len(message)):
        message[bit // 8] ^= 1 << bit % 8
        assert not ours.is_right(bytes(message), 4, size)
        message[bit // 8] ^= 1 << bit % 8


def test_a_shorter_code_is_wrong_whatever_it_holds() -> None:
    """One byte of a right code would be guessed within 256 packets."""
    ours = Authenticator(DIGESTS["SHA"], b"k" * 20)
    code = ours.mac(bytes(12))

    assert not ours.is_right(code[:1] + bytes(11), 0, 1)
    assert not ours.is_right(b"", 0, 0)


def test_nothing_shows_the_key() -> None:
    ours = Authenticator(DIGESTS["SHA"], b"geheim")

    assert "geheim" not in f"{ours!r} {ours}"
    assert not hasattr(ours, "__dict__")
