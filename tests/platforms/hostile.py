"""Values that somebody might try to slip into a command: a generator of them, by seed."""

import random
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

_META = [*" \t\n\r\0\x1b\x08\x7f;|&$`'\"\\(){}[]<>*?!#~^=,:/%@+-\u2028\u202e\u0085", "\r\n", "&&", "||", "$(", "-f"]
_DIGITS = ["\u0661", "\uff11", "\u09e7", "\u00b2", "1", "2", "9"]
_WORDS = ["reload", "conf t", "system-view", "reboot", "-f", "--help", "-I", "repeat", "vrf", "; rm -rf /", "\nreload"]
_ADDRESSES = [
    "10.27.0.1", "10.27.16.254", "192.0.2.7", "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.5", "2001:db8::1",
    "::", "::1", "ff02::1", "fe80::1", "fe80::1%eth0", "fe80::1%;reload", "::ffff:10.0.0.1", "::ffff:a00:1",
    "2001:DB8::1", "2001:0db8::1", "10.27.0.01", "010.27.0.1", "10.27.1", "10.27.0.1/32", "0x0a1b0001", "167772161",
    " 10.27.0.1", "10.27.0.1 ", "10.27.0.1\n", "10.27.0.1\r\n", "10.27.0.1;reload", "::1\n", "64:ff9b::a00:1",
]  # fmt: skip
_NAMES = [
    "WAN", "mgmt", "VPN_1", "a.b-c", "0", "x" * 32, "x" * 33, "-f", "--", "_x", ".x", "WAN\n", "WAN ", "WAN reload",
    "vrf", "ip", "WÅN", "W\u0430N", "WAN\u0661", "WAN;reload", "WAN|x", "$(id)", "`id`", '"WAN"', "WAN=1", "WAN\\",
]  # fmt: skip


class Written(str):
    """A text that is judged as one thing, and writes itself as another."""

    def __format__(self, spec: str) -> str:
        return "10.0.0.1\nreload"

    def __str__(self) -> str:
        return "10.0.0.1\nreload"

    def __repr__(self) -> str:
        return "two\nlines"


class Counted(int):
    """A number that writes itself as something else."""

    def __format__(self, spec: str) -> str:
        return "5\nreload"

    __str__ = __repr__ = lambda self: "5\nreload"  # type: ignore[assignment]


class Loud:
    """What cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("reload")

    __str__ = __repr__

    def __bool__(self) -> bool:
        return False


def text(chance: random.Random) -> Any:
    """An address, a name, or what looks like one, and what does not."""
    kind = chance.randrange(16)
    if kind < 4:
        return _sound(chance)
    if kind < 6:
        return chance.choice(_ADDRESSES)
    if kind < 8:
        return chance.choice(_NAMES)
    if kind < 12:
        return _broken(chance, str(_sound(chance)))
    if kind < 14:
        return "".join(chr(_code_point(chance)) for _ in range(chance.randrange(20)))
    return _odd(chance)


def number(chance: random.Random) -> Any:
    """A number within or beyond the limits, or something else."""
    kind = chance.randrange(8)
    if kind < 5:
        return chance.randrange(-3, 130)
    if kind == 5:
        return chance.randrange(0, 9000)
    return _odd(chance)


_ODD: tuple[Callable[[random.Random], Any], ...] = (
    lambda _: None,
    lambda _: True,
    lambda _: False,
    lambda chance: chance.choice((0, 1, 5, 2.0, -1.0, float("nan"), float("inf"), 1e300)),
    lambda chance: 10 ** chance.choice((5, 20, 5000)),
    lambda chance: -(10 ** chance.choice((1, 5000))),
    lambda chance: chance.choice(_ADDRESSES).encode(),
    lambda chance: Written(chance.choice(_ADDRESSES + _NAMES)),
    lambda chance: Counted(chance.randrange(1, 50)),
    lambda _: Loud(),
    lambda _: ["10.0.0.1"],
    lambda _: IPv4Address("10.0.0.1"),
    lambda _: IPv6Address("2001:db8::1"),
    lambda chance: chance.choice(_WORDS) * chance.choice((1, 1, 1, 10_000)),
    lambda chance: chance.choice(("5", "5\n", "0x5", "5 ", " 5", "5;reload")),
)


def _odd(chance: random.Random) -> Any:
    return chance.choice(_ODD)(chance)


def _sound(chance: random.Random) -> str:
    kind = chance.randrange(3)
    if kind == 0:
        return str(IPv4Address(chance.getrandbits(32)))
    if kind == 1:
        return str(
            IPv6Address(chance.getrandbits(128) & chance.choice((-1, ~(0xFFFFFFFF << 32), 0xFFFF, 0xFFFFFFFFFFFF)))
        )
    letters = "abcXYZ019_.-"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(1, 36)))


def _broken(chance: random.Random, sound: str) -> str:
    """A sound text with one thing put in, or put in place of a character."""
    at = chance.randrange(len(sound) + 1)
    piece = chance.choice(chance.choice((_META, _DIGITS, _WORDS)))
    return sound[:at] + piece + sound[at + chance.randrange(2) :]


def _code_point(chance: random.Random) -> int:
    return chance.choice((chance.randrange(0x20), chance.randrange(0x80), chance.randrange(0x110000)))
