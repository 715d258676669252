"""Secrets that are told from everything else, and the search for what became of them. Knows nothing of wanmon."""

import base64
import contextlib
from collections.abc import Iterable
from pathlib import Path

#: Nobody guesses a secret by fewer of its characters.
PREFIX = 8


def traces_of(secrets: Iterable[str], content: bytes) -> list[str]:
    """The secrets that are found in some output: as they are, in hex or in base64, or their first characters alone."""
    small = content.lower()
    return [secret for secret in secrets if _is_in(secret.encode()[:PREFIX], content, small)]


def of_processes(pids: Iterable[int]) -> dict[str, bytes]:
    """What everybody (command line) or the same user (environment) sees of running processes."""
    found = {}
    for pid in pids:
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):  # gone meanwhile
                found[f"{name} of {pid}"] = Path(f"/proc/{pid}/{name}").read_bytes()
    return found


def _is_in(secret: bytes, content: bytes, small: bytes) -> bool:
    # In base64 a text may begin at each of three places of a group; its edges are mixed with what stands beside it.
    groups = [base64.b64encode(bytes(shift) + secret)[4 * (shift > 0) : -4] for shift in range(3)]
    return secret in content or secret.hex().encode() in small or any(group in content for group in groups)
