"""Which port a name that no port has probably means: people write `Gi0/1` for GigabitEthernet0/1. Pure.

It is only told, never taken: a circuit that ends on the wrong port would be measured, and charged, for another.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from wanmon.poller.jobs import Port

#: How alike two names must be, of 1, for one to be a slip of the other.
_ALIKE = 0.75


def meant(name: str, ports: Sequence[Port]) -> str:
    """The name of the port that is probably meant; "" where none or several may be."""
    for is_it in (_is_written_otherwise, _is_described_so, _is_short_for):
        found = [port.name for port in ports if is_it(name, port)]
        if found:
            return found[0] if len(found) == 1 else ""
    by_plain = {_plain(port.name): port.name for port in ports}
    close = get_close_matches(_plain(name), by_plain, n=2, cutoff=_ALIKE)
    return by_plain[close[0]] if len(close) == 1 else ""


def _plain(name: str) -> str:
    """Without case and blanks."""
    return "".join(name.casefold().split())


def _is_written_otherwise(name: str, port: Port) -> bool:
    return _plain(name) == _plain(port.name)


def _is_described_so(name: str, port: Port) -> bool:
    return _plain(name) in (_plain(port.description), _plain(port.alias))


def _is_short_for(name: str, port: Port) -> bool:
    """Whether the kinds begin alike and the numbers are the same: `Gi0/1`, `GE0/1`, `GigabitEthernet0/1`."""
    (one, number), (other, its_number) = _parts(name), _parts(port.name)
    short, long = sorted((one, other), key=len)
    return bool(number) and number == its_number and bool(short) and _abbreviates(short, long)


def _parts(name: str) -> tuple[str, str]:
    found = re.fullmatch(r"([a-z-]*)([0-9][0-9/.:]*)", _plain(name))
    return (found[1], found[2]) if found else ("", "")


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of `short` come in `long` in their order, the first of them first."""
    rest = iter(long)
    return short[0] == long[0] and all(letter in rest for letter in short)
