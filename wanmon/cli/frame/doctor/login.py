"""The SSH of a device: what it shows before anybody logs in. Nobody does: no name and no password is sent."""

from collections.abc import Collection

from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.doctor.subject import Subject
from wanmon.cli.frame.printable import printable
from wanmon.model.host_key import HostKey
from wanmon.platforms import registry
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint

_SUBJECT = "SSH"
TIMEOUT_S = 4.0


async def examine(subject: Subject, held: HostKey | None, hidden: Collection[str]) -> Finding:
    """Exchange keys, and compare with what is trusted. `hidden` is not repeated, whatever the device knows."""
    from wanmon.protocols.ssh.session import greet

    try:
        like = held.algorithm if held else ""
        greeting = await greet(subject.address, subject.ssh_port, TIMEOUT_S, like, hidden)
    except SshFault as fault:
        return unreached(subject, str(fault))
    return judge(subject, greeting.fingerprint, printable(greeting.version), held)


def unreached(subject: Subject, fault: str) -> Finding:
    """No key was shown: a fault only where somebody is to log in. Pure."""
    if subject.device is None or subject.device.ssh == "none":
        return skipped(_SUBJECT, f"nobody logs in there, and port {subject.ssh_port} says: {fault}")
    return problem(_SUBJECT, fault, f"see whether SSH is on, and open from here at port {subject.ssh_port}")


def judge(subject: Subject, shown: Fingerprint, version: str, held: HostKey | None) -> Finding:
    """The key that is shown beside the one that is trusted. Pure."""
    words = f"{version} shows {shown}"
    if held is None:
        if subject.device is None:
            return fine(_SUBJECT, words)
        text = f"{words}, which nobody has trusted yet"
        advice = f"compare it with the console, then `wanmon device trust {subject.device.name}`"
        return warning(_SUBJECT, text, advice) if subject.device.ssh != "none" else fine(_SUBJECT, words)
    if held.fingerprint == shown.text:
        return fine(_SUBJECT, f"{words}, trusted by {held.trusted_by}")
    text = f"{words}, and it is trusted by {held.fingerprint}: somebody else answers, or it was replaced"
    return problem(_SUBJECT, text, f"compare with the console, then `wanmon device replace {held.device}` if it was")


def platform(subject: Subject, profile: str) -> Finding:
    """How its command line speaks, by its row or its profile. Pure."""
    named = subject.device.platform if subject.device else "auto"
    name = registry.of_profile(profile) if named == "auto" else named
    if not name:
        advice = "name one with --platform, or leave checks from the site out"
        words = f"no platform is known for profile {profile or 'unknown'}"
        is_wanted = subject.device is not None and subject.device.ssh != "none"
        return warning("platform", words, advice) if is_wanted else skipped("platform", words)
    if name not in registry.names():
        return problem("platform", f"{name} is none of {', '.join(registry.names())}", "see `wanmon device set --help`")
    known = registry.platform(name)
    tried = "tried on a real device" if known.is_verified else "not yet tried on a real device"
    return fine("platform", f"{name} ({known.netmiko} for netmiko), {tried}")
