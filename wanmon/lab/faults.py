"""Faults: what can be wrong with a simulated agent, and the control file that says where.

Values and parsing; what a fault does is the agent's business. A control file maps device names to one fault or to a
list of them, and is taken whole or not at all:

    BN-0001-R1: silent
    BN-0002-R1: slow 10
    BN-0003-R1: [port_down eth0, garbage]
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Annotated

import yaml
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from wanmon.errors import WanmonError

_LONGEST_DELAY_S = 3600.0
_LARGEST_FILE_BYTES = 1_000_000
_LARGEST_DATAGRAM = 1_472
_GAP = re.compile(r"[\s:]+")


class FaultKind(StrEnum):
    """The ways in which an agent can misbehave."""

    SILENT = "silent"
    SLOW = "slow"
    REBOOTED = "rebooted"
    COUNTERS_RESET = "counters_reset"
    IFINDEX_SHUFFLED = "ifindex_shuffled"
    GARBAGE = "garbage"
    PORT_DOWN = "port_down"
    WRONG_AUTH = "wrong_auth"


#: Faults that happen once, when they are switched on; the others last until they are taken back.
EVENTS = frozenset({FaultKind.REBOOTED, FaultKind.COUNTERS_RESET})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `delay_s` belongs to `slow`, `port` to `port_down`."""

    kind: FaultKind
    delay_s: float = 0.0
    port: str = ""


Faults = Mapping[str, tuple[Fault, ...]]


def parse_fault(text: str) -> Fault:
    """A fault as written: `silent`, `slow 10` or `slow:10`, `port_down eth0`. Raises `WanmonError`."""
    word, _, detail = _GAP.sub(" ", text.strip(), count=1).partition(" ")
    if word not in list(FaultKind):
        raise WanmonError(f"{text!r} is no fault: one of {', '.join(FaultKind)}")
    kind = FaultKind(word)
    if kind is FaultKind.SLOW:
        return Fault(kind, delay_s=_delay(text, detail))
    if (kind is FaultKind.PORT_DOWN) != bool(detail):
        raise WanmonError(f"{text!r}: port_down takes the name of a port, other faults but slow take nothing")
    return Fault(kind, port=detail)


def read_faults(path: Path, ports: Mapping[str, Collection[str]]) -> dict[str, tuple[Fault, ...]]:
    """What a control file asks for; `ports` are the port names of each device.

    Raises `WanmonError` with one line for the first thing that is wrong: a file that cannot be read, an unknown
    device, fault or port. A file that is not there asks for nothing.
    """
    try:
        faults = _parsed(path)
    except FileNotFoundError:
        return {}
    _check_names(path, faults, ports)
    return faults


def _parsed(path: Path) -> dict[str, tuple[Fault, ...]]:
    content = _loaded(path)
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(device, str) for device in content):
        raise WanmonError(f"{path}: is no list of faults by device: write lines like `BN-0001-R1: silent`")
    try:
        return _FILE.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise WanmonError(f"{path}: {first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from None


def _loaded(path: Path) -> object:
    """The content of a file. Raises `FileNotFoundError`, and `WanmonError` for all else that can be wrong with it."""
    try:
        if path.stat().st_size > _LARGEST_FILE_BYTES:
            raise WanmonError(f"{path}: larger than {_LARGEST_FILE_BYTES} bytes")
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise WanmonError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WanmonError(f"{path}: not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        line = f"{path}:{error.problem_mark.line + 1}" if error.problem_mark else f"{path}"
        words = " ".join((error.problem or "cannot be read").split())
        raise WanmonError(f"{line}: not YAML: {words}: write lines like `BN-0001-R1: silent`") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WanmonError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def garbled(reply: bytes, random: Random) -> bytes:
    """What a broken agent sends instead of its reply: noise of any length, or the reply cut, changed or extended."""
    return random.choice(_GARBLINGS)(reply, random)


def _delay(text: str, detail: str) -> float:
    try:
        delay_s = float(detail)
    except ValueError:
        raise WanmonError(f"{text!r}: slow takes seconds, as in `slow 10`") from None
    if not 0 <= delay_s <= _LONGEST_DELAY_S:
        raise WanmonError(f"{text!r}: slow takes 0 to {_LONGEST_DELAY_S:g} seconds")
    return delay_s


def _listed(value: object) -> object:
    """One fault or a list of faults, as values; what is wrong becomes pydantic's kind of error."""
    texts = value if isinstance(value, list) else [value]
    try:
        return tuple(parse_fault(_as_text(text)) for text in texts)
    except WanmonError as error:
        raise ValueError(str(error)) from None


def _as_text(value: object) -> str:
    """A fault's text; YAML reads `- slow: 10` in a list as a mapping of one."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        word, detail = next(iter(value.items()))
        if isinstance(word, str) and isinstance(detail, str | int | float):
            return f"{word} {detail}"
    raise WanmonError("a fault is a word, as in `silent` or `slow 10`")


_FILE: TypeAdapter[dict[str, tuple[Fault, ...]]] = TypeAdapter(
    dict[str, Annotated[tuple[Fault, ...], BeforeValidator(_listed)]]
)


def _check_names(path: Path, faults: Faults, ports: Mapping[str, Collection[str]]) -> None:
    for device, listed in faults.items():
        if device not in ports:
            raise WanmonError(f"{path}: {device}: no such device in the lab")
        for fault in listed:
            if fault.port and fault.port not in ports[device]:
                raise WanmonError(f"{path}: {device}: no port {fault.port!r}: it has {', '.join(ports[device])}")


def _noise(reply: bytes, random: Random) -> bytes:
    return random.randbytes(random.randrange(_LARGEST_DATAGRAM))


def _cut(reply: bytes, random: Random) -> bytes:
    return reply[: random.randrange(len(reply) or 1)]


def _changed(reply: bytes, random: Random) -> bytes:
    """Up to four octets, one at least, are not what they were."""
    octets = bytearray(reply)
    for at in random.sample(range(len(octets)), k=min(len(octets), random.randint(1, 4))):
        octets[at] ^= random.randint(1, 255)
    return bytes(octets)


def _extended(reply: bytes, random: Random) -> bytes:
    return reply + random.randbytes(random.randint(1, 64))


_GARBLINGS: tuple[Callable[[bytes, Random], bytes], ...] = (_noise, _cut, _changed, _extended)
