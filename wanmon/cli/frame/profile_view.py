"""Profiles, and what one read of a recorded walk, as records. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wanmon.cli.frame.health_view import health_record
from wanmon.cli.frame.poll_view import port_columns, wan_port_record
from wanmon.poller.device.promises import broken
from wanmon.poller.device.reader import SYSTEM
from wanmon.poller.jobs import PollResult
from wanmon.profiles.library import Library
from wanmon.profiles.profile import Profile
from wanmon.profiles.text import SEARCHED_CHARACTERS, text
from wanmon.protocols.snmp.types import Oid, Syntax, Value


def profile_record(profile: Profile) -> dict[str, Any]:
    """A profile, whether it was tried on a real device, and what it can read."""
    identity = [name for name, extracts in profile.identity.fields() if extracts]
    gives = [*identity, *(kind for kind, _ in profile.sensors.kinds())]
    return {"profile": profile.profile, "title": profile.title, "verified": profile.verified, "gives": gives}


def tested(
    profile: Profile, library: Library, result: PollResult, recorded: Mapping[Oid, tuple[Syntax, Value]]
) -> dict[str, Any]:
    """What a profile read of a walk, which profile a device that answers so would get, and what is missing."""
    return {
        "profile": profile.profile,
        "would_match": _would_match(library, recorded),
        "identity": asdict(result.identity),
        "interfaces": port_columns(result),
        "sensors": health_record(result.health),
        "wan_port": wan_port_record(result, profile),
        "missing": list(broken(profile, result)),
    }


def _would_match(library: Library, recorded: Mapping[Oid, tuple[Syntax, Value]]) -> str:
    description, object_id = (recorded.get(oid, (Syntax.NULL, None))[1] for oid in SYSTEM)
    known = object_id if isinstance(object_id, tuple) else ()
    return library.matching(known, text(description, SEARCHED_CHARACTERS)).profile
