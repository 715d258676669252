"""What this process may do: who it runs as, and whether the system lets it send echoes."""

import asyncio
import os
import pwd
from pathlib import Path

from wanmon.cli.frame.doctor.finding import Finding, fine, warning

#: Bits of the capability sets (capabilities(7)) that matter here.
_CAPABILITIES = {13: "CAP_NET_RAW", 10: "CAP_NET_BIND_SERVICE", 12: "CAP_NET_ADMIN"}


def examine() -> list[Finding]:
    """Our user with its capabilities, and one echo to ourselves."""
    return [user(os.geteuid(), _name(os.geteuid()), effective(_status())), _echo()]


def user(uid: int, name: str, capabilities: list[str]) -> Finding:
    """Judge who runs this. Pure."""
    words = f"{name} (uid {uid}), {' '.join(capabilities) or 'no capability that matters here'}"
    if uid == 0:
        return warning("user", words, "run it as the service's user: `sudo -u wanmon wanmon ...`")
    return fine("user", words)


def effective(text: str) -> list[str]:
    """The capabilities in force, out of /proc/self/status. Pure."""
    line = next((line for line in text.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    bits = int(line.partition(":")[2].strip() or "0", 16)
    return [name for bit, name in _CAPABILITIES.items() if bits >> bit & 1]


def _echo() -> Finding:
    from wanmon.protocols.icmp import forbidden

    refusal = asyncio.run(forbidden())
    if refusal is None:
        return fine("echo", "echo requests may be sent")
    reason, _, advice = str(refusal).partition(": ")
    return warning("echo", f"{reason}: devices would be judged by SNMP alone", advice)


def _status() -> str:
    try:
        return Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "a user without a name"
