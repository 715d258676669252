"""Which encoding a file has that is not UTF-8: named, so that the person can save it again.

Vietnamese offices still hold lists in three encodings older than Unicode. This module tells them apart by decoding
words in each and counting those that are Vietnamese syllables. It refuses to convert: a guess is good enough for
advice, not for an inventory.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # begins like UTF-16 LE: asked first
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

#: TCVN 5712:1993 VN3, the fonts "ABC": one byte a letter, from 0xA1 on; a dot where there is none.
_TCVN3 = "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ"
#: VNI: after its letter stands a byte for its marks, here as lower-case Latin-1 and as combining characters.
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}

_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx])?"
_OPEN = (
    "a[iouy]?|â[uy]|eo?|êu?|i[au]?|iêu|o(?:a[iouy]?|eo?|i)?|ôi?|ơi?|u(?:a|ây|ê|i|ôi|ơ|y[au]?)?|ư[aiu]?|ươ[iu]|yê?u|y"
)
_CLOSED = "(?:[aăâeêioôơuưy]|iê|oa|oă|oe|uâ|uê|uô|ươ|uyê|uy|yê)(?:ng|nh|ch|[cmnpt])"
_SYLLABLE = re.compile(f"{_ONSET}(?:{_OPEN}|{_CLOSED})")
_MARKED_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_SAMPLE_BYTES = 65_536
_SAMPLE_WORDS = 400
_CONVINCING = 0.6


def byte_order_mark(data: bytes) -> str | None:
    """The encoding that the first bytes declare, unless it is UTF-8 or none."""
    return next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def guess(data: bytes) -> str | None:
    """The name of the encoding of `data`, which is not UTF-8; nothing where it does not look like text."""
    words = _MARKED_WORD.findall(data[:_SAMPLE_BYTES])[:_SAMPLE_WORDS]
    scores = {name: _vietnamese_share(words, decode) for name, decode in _VIETNAMESE.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _CONVINCING:
        return best
    return "Windows-1252" if _is_western(words) else None


def _vietnamese_share(words: list[bytes], decode: Callable[[bytes], str]) -> float:
    return sum(_is_syllable(decode(word)) for word in words) / max(1, len(words))


def _is_syllable(word: str) -> bool:
    """One syllable with at most one tone; names of the province are written syllable by syllable."""
    apart = unicodedata.normalize("NFD", word.lower())
    plain = apart.translate(_TONES)
    return len(apart) - len(plain) <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", plain)))


def _is_western(words: list[bytes]) -> bool:
    try:
        return all(word.decode("cp1252").isalpha() for word in words)
    except UnicodeDecodeError:
        return False


def _from_tcvn3(word: bytes) -> str:
    return "".join(_TCVN3[byte - 0xA1] if 0xA1 <= byte <= 0xFE else chr(byte) for byte in word)


def _from_vni(word: bytes) -> str:
    letters = word.decode("latin-1").lower()
    text = letters[:1].translate(_VNI_FIRST)
    for before, letter in pairwise(letters):
        # Marks follow a vowel (`oâ`); the same byte elsewhere is a letter of its own (`ñ`, or `ô` for ơ).
        marks = _VNI_MARKS.get(letter) if before in "aeiouyôö" else None
        text += marks or _VNI_LETTERS.get(letter, letter)
    return unicodedata.normalize("NFC", text)


def _from_windows_1258(word: bytes) -> str:
    return word.decode("cp1258", "replace")


_VNI_FIRST = str.maketrans(_VNI_LETTERS)
_VIETNAMESE: dict[str, Callable[[bytes], str]] = {
    "Windows-1258": _from_windows_1258,
    "TCVN3 (ABC)": _from_tcvn3,
    "VNI": _from_vni,
}
