import csv
import unicodedata
from pathlib import Path

import pytest

from wanmon.exchange import encoding

SITES = Path(__file__).parents[2] / "inventory" / "bac-ninh" / "sites.csv"

TONES = "\u0300\u0301\u0303\u0309\u0323"
TCVN3 = dict(
    zip(
        "ăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        bytes.fromhex(
            "a8a9aaabacadae b5b6b7b8b9 bbbcbdbec6 c7c8c9cacb cccecfd0d1 d2d3d4d5d6 d7d8dcddde dfe1e2e3e4 e5e6e7e8e9"
            "eaebecedee eff1f2f3f4 f5f6f7f8f9 fafbfcfdfe"
        ),
        strict=True,
    )
)
VNI = dict(
    zip(
        "áàảãạâấầẩẫậăắằẳẵặ",
        bytes.fromhex("f9f8fbf5ef e2e1e0e5e3e4 eae9e8fafceb"),
        strict=True,
    )
)
VNI_ALONE = dict(zip("ơưđíìỉĩịỵ", bytes.fromhex("f4f6f1edece6f3f2ee"), strict=True))


def tcvn3(text: str) -> bytes:
    return b"".join(bytes([TCVN3[c]]) if c in TCVN3 else c.encode("ascii") for c in text.lower())


def windows_1258(text: str) -> bytes:
    """Letters with circumflex, breve and horn are whole; tones follow them."""
    out = ""
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in apart if mark in TONES)
        out += unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in TONES)) + tone
    return out.encode("cp1258")


def vni(text: str) -> bytes:
    out = b""
    for letter in text.lower():
        apart = unicodedata.normalize("NFD", letter)
        if letter in VNI_ALONE or len(apart) == 1:
            out += bytes([VNI_ALONE[letter]]) if letter in VNI_ALONE else letter.encode("ascii")
            continue
        horned = {"o\u031b": VNI_ALONE["ơ"], "u\u031b": VNI_ALONE["ư"]}.get(apart[:2])
        marks = apart[2:] if horned else apart[1:]
        mark = VNI[unicodedata.normalize("NFC", "a" + marks)]
        out += (bytes([horned]) if horned else apart[0].encode("ascii")) + bytes([mark])
    return out


ENCODERS = pytest.mark.parametrize(
    ("encode", "name"),
    [(windows_1258, "Windows-1258"), (tcvn3, "TCVN3 (ABC)"), (vni, "VNI")],
    ids=["Windows-1258", "TCVN3", "VNI"],
)


@ENCODERS
def test_the_names_of_the_province_betray_their_encoding(encode, name):
    with SITES.open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]

    assert name == encoding.guess(b"\n".join(encode(n) for n in names))


@ENCODERS
def test_a_single_sentence_is_enough(encode, name):
    assert name == encoding.guess(encode("Văn phòng Ủy ban nhân dân tỉnh, phường Đồng Kỵ"))


def test_western_text_is_told_from_vietnamese():
    assert "Windows-1252" == encoding.guess("Müller, café, naïve, Škoda".encode("cp1252"))


def test_what_is_no_text_gets_no_name():
    assert encoding.guess(bytes(range(128, 256)) * 4) is None


def test_no_bytes_at_all_do_not_matter():
    assert encoding.guess(b"") in (None, "Windows-1252")


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_a_byte_order_mark_names_its_encoding(codec):
    assert codec.upper() == encoding.byte_order_mark("code".encode(codec))


def test_the_byte_order_mark_of_utf_8_is_welcome():
    assert encoding.byte_order_mark("code".encode("utf-8-sig")) is None
