"""What may be asked of a router's command line: values of fixed forms, which alone ever become part of a command.

A value that is not of its form is refused when the request is made; nothing of it is sent. No free text exists here.
Values are of the plain types themselves: a subclass of `str` could write itself otherwise than it was judged.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from wanmon.errors import UsageError

#: A VRF, VPN instance or routing table as routers name them. The first character is no dash: it would be an option.
_VRF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_LONGEST_ADDRESS = 39
#: Characters or digits of a refused value that an error repeats.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to ask from a router: `target` is an address of one host, `source` one of the router's own or empty.

    `vrf` is the name of a routing instance, empty for the global one. Raises `UsageError`.
    """

    target: str
    source: str = ""
    vrf: str = ""

    def __post_init__(self) -> None:
        target = _host("target", self.target)
        if _is_given("source", self.source) and _host("source", self.source).version != target.version:
            raise UsageError(f"source {self.source}: is not of the same IP version as the target {self.target}")
        if _is_given("vrf", self.vrf) and not _VRF.fullmatch(self.vrf):
            said = "is not the name of a VRF (letters, digits, _ . - and at most 32, a letter or digit first)"
            raise UsageError(f"vrf {_shown(self.vrf)}: {said}")

    @property
    def is_ipv6(self) -> bool:
        """Whether it is about IPv6."""
        return ":" in self.target


@dataclass(frozen=True, slots=True)
class PingRequest(Request):
    """Some echoes: `size` is that of the payload in bytes, `timeout_s` is for each of them."""

    count: int = 5
    size: int = 56
    timeout_s: int = 2

    def __post_init__(self) -> None:
        Request.__post_init__(self)  # `super()` without arguments does not know a class with slots
        _within("count", self.count, 1, 100)
        _within("size", self.size, 36, 8000)
        _within("timeout_s", self.timeout_s, 1, 10)


@dataclass(frozen=True, slots=True)
class TraceRequest(Request):
    """The path to a target: at most `max_hops`, each asked `probes` times, waiting `timeout_s` for each answer."""

    max_hops: int = 15
    probes: int = 2
    timeout_s: int = 2

    def __post_init__(self) -> None:
        Request.__post_init__(self)
        _within("max_hops", self.max_hops, 1, 30)
        _within("probes", self.probes, 1, 3)
        _within("timeout_s", self.timeout_s, 1, 5)


def _host(field: str, text: object) -> IPv4Address | IPv6Address:
    """An address that is written as this program writes it, and so is nothing else; a zone could hold any text."""
    if type(text) is str and len(text) <= _LONGEST_ADDRESS:
        try:
            address = ip_address(text)
        except ValueError:
            pass
        else:
            if str(address) == text and "%" not in text and _is_of_one_host(address):
                return address
    raise UsageError(f"{field} {_shown(text)}: is not the address of one host")


def _is_of_one_host(address: IPv4Address | IPv6Address) -> bool:
    """Not a group's, not everybody's, and no IPv4 address in the clothes of IPv6."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return False
    return not (address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255")


def _is_given(field: str, text: object) -> bool:
    """Whether an optional text is there; nothing but the empty text means that it is not."""
    if type(text) is not str:
        raise UsageError(f"{field} {_shown(text)}: is not a text")
    return text != ""


def _within(field: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{field} {_shown(value)}: is not a whole number from {least} to {most}")


def _shown(value: object) -> str:
    """A refused value on one short line, without asking anything of it but its type where it is no plain text."""
    if type(value) is str:
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "...")
    if type(value) is int and abs(value) < 10**_SHOWN:  # Python refuses to write out more than 4,300 digits
        return str(value)
    return f"of type {type(value).__name__[:_SHOWN]}"
