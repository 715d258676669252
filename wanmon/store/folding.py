"""Text as a search sees it: Vietnamese with or without its marks, on whatever vowel the tone was typed. Pure."""

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below


def folded(text: str) -> str:
    """Lower case without any mark, words parted by single spaces: `Phường Đình Bảng` is `phuong dinh bang`."""
    decomposed = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    plain = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return " ".join(re.findall(r"\w+", plain))


def spelled(text: str) -> str:
    """Lower case with its marks, the tone moved behind its word: `Hoà` and `Hòa` are one, `Phù` and `Phú` two."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join(_tone_last(word) for word in re.findall(r"[\w\u0300-\u036f]+", decomposed))


def _tone_last(word: str) -> str:
    letters = "".join(character for character in word if character not in _TONES)
    return letters + "".join(sorted(character for character in word if character in _TONES))
