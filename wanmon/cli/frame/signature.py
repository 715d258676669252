"""Who changes the inventory, from where, with which words and why."""

import os
import pwd
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from wanmon.config.wording import complaint
from wanmon.errors import UsageError
from wanmon.model.fields import Name, Text


@dataclass(frozen=True, slots=True)
class Signature:
    """What the log of changes says of a change; `command` is short and never holds a value."""

    author: str
    origin: str
    command: str
    reason: str


def sign(command: str, author: str | None, reason: str) -> Signature:
    """The signature of the person at the keyboard. Raises `UsageError` for text that no log should hold."""
    name = fit(Name, "--author", author if author is not None else os.environ.get("SUDO_USER") or _user())
    return Signature(name, origin(), command, fit(Text, "--reason", reason))


def fit(kind: Any, flag: str, text: str) -> str:
    """What a flag was given, as a kind of text (`model.fields`) takes it. Raises `UsageError`."""
    try:
        fitting: str = TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        raise UsageError(f"{flag} {text!r}: {complaint(error.errors(include_url=False)[0])}") from None
    return fitting


def origin() -> str:
    """The machine, and the terminal and the SSH client that the person sits at, where there are any."""
    parts = [socket.gethostname()]
    with suppress(OSError, ValueError):  # no terminal: cron, a pipe, a test
        parts.append(os.ttyname(sys.stdin.fileno()))
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return " ".join([*parts, f"from {client}"] if client else parts)


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
