"""Recordings on the command line: which address each is played at, who may ask, and how to ask it."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from wanmon.cli.frame.output import say
from wanmon.config.secrets import SnmpCredential
from wanmon.errors import UsageError
from wanmon.lab.agents import LOOPBACK
from wanmon.lab.replay import Recording
from wanmon.lab.snmprec import Recorded, read

#: The community of recordings where no credential is configured; it opens nothing but them.
PUBLIC = "public"
_MOST_NOTES = 5


def recordings(files: Sequence[Path], first: str, port: int) -> list[Recording]:
    """Each file at an address of its own, from `first` on; what was passed over in them is said.

    Raises `UsageError` for addresses outside loopback, `RecordingError` for a file that cannot be read.
    """
    return [
        Recording(_name(file), address, port, _read(file))
        for file, address in zip(files, _addresses(first, len(files)), strict=True)
    ]


def public_credential() -> SnmpCredential:
    """SNMPv2c with the community `public`, for loopback."""
    return SnmpCredential.model_validate(
        {"name": PUBLIC, "version": "2c", "community": PUBLIC, "networks": [str(LOOPBACK)]}
    )


def told(recording: Recording, accepted: Sequence[SnmpCredential]) -> str:
    """Where a recording answers, to whom, and the command that asks it."""
    place = f"{recording.name}: {len(recording.values)} instances on {recording.address} port {recording.port}"
    return f"{place}, credential {', '.join(each.name for each in accepted)}: {_command(recording, accepted)}"


def _command(recording: Recording, accepted: Sequence[SnmpCredential]) -> str:
    usable = [each.name for each in accepted if each.may_be_sent_to(recording.address)]
    if usable == [PUBLIC]:
        return f"snmpbulkwalk -v2c -c {PUBLIC} {recording.address}:{recording.port} 1"
    if not usable:
        return f"wanmon sends none of them there: put {recording.address} into the networks of one"
    options = f"--port {recording.port} --credential {usable[0]}"
    return f"wanmon snmp walk {recording.address} 1.3.6.1.2.1.1 {options}"


def _addresses(first: str, count: int) -> Iterator[str]:
    try:
        address = ip_address(first)
    except ValueError:
        raise UsageError(f"--address {first}: is no IP address") from None
    if not isinstance(address, IPv4Address) or address not in LOOPBACK or address + count - 1 not in LOOPBACK:
        raise UsageError(f"--address {first}: the lab stays within {LOOPBACK}")
    return (str(address + number) for number in range(count))


def _name(file: Path) -> str:
    """`cisco` of `cisco.snmprec.bz2`."""
    return file.name.removesuffix(".bz2").removesuffix(".gz").removesuffix(".snmprec")


def _read(file: Path) -> Recorded:
    notes: list[str] = []
    values = read(file, notes.append)
    for note in notes[:_MOST_NOTES]:
        say(note)
    if len(notes) > _MOST_NOTES:
        say(f"{file}: {len(notes) - _MOST_NOTES} more lines were passed over")
    return values
