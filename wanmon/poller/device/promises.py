"""What a profile promises of every device of its kind, and a poll did not bring. Pure."""

from collections.abc import Iterator

from wanmon.poller.jobs import PollResult
from wanmon.profiles.profile import InterfaceRole, Profile

#: What a port is of no use without.
NEEDED_OF_PORTS: tuple[InterfaceRole, ...] = ("oper_status", "receive_bytes", "transmit_bytes")


def broken(profile: Profile, result: PollResult) -> Iterator[str]:
    """Each promise that was not kept, as the field of the profile and what is missing."""
    for field, extracts in profile.identity.fields():
        if not getattr(result.identity, field) and not all(extract.optional for extract in extracts):
            yield f"identity.{field}: nothing of it is in the walk"
    if profile.interfaces and not result.ports:
        yield "interfaces: there are no ports in the walk"
    for role in NEEDED_OF_PORTS:
        column = result.columns.get(role)
        if result.ports and role in profile.interfaces and not (column and len(column.rows)):
            yield f"interfaces.{role}: no port has it"
    for kind, sources in profile.sensors.kinds():
        if not getattr(result.health, kind) and not all(source.optional for source in sources):
            yield f"sensors.{kind}: nothing of it is in the walk"
