"""From a connection to an encrypted line with a known host key: banner, key exchange, host key. No user is named.

Loads paramiko: import it where it is used, never at the top of what the command line loads.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from paramiko import IncompatiblePeer, SSHException, Transport

from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import HostKeyChanged, SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.plain import one_line
from wanmon.protocols.ssh.wire import Ending, Wire

#: Lines before its version are allowed (RFC 4253 section 4.2), and some routers print their notice there.
BANNER_BYTES = 8_192
KEY_EXCHANGE_BYTES = 65_536
#: What paramiko takes of a channel before somebody reads it.
WINDOW_BYTES = 131_072

#: An RSA key signs in three ways (RFC 8332); the oldest is all that old routers know.
_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
#: By paramiko's words for what is not in common: ours, and the list that the far end sent.
_LACKS = {
    "kex algorithm": ("key exchange method", "kex_algo_list"),
    "host key": ("host key type", "server_key_algo_list"),
    "cipher": ("cipher", "server_encrypt_algo_list"),
    "macs": ("MAC", "server_mac_algo_list"),
    "compression": ("compression", "server_compress_algo_list"),
}
#: What is in the list of methods and is none (RFC 8308, OpenSSH's PROTOCOL 1.10).
_MARKS = ("ext-info-", "kex-strict-")

# Both libraries log what comes from the far end, and paramiko its tracebacks on stderr: what matters is in the fault.
for _name in ("paramiko", "netmiko"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)
    logging.getLogger(_name).propagate = False


class Line(Transport):  # type: ignore[misc]  # paramiko has no types
    """paramiko's transport over a `Wire`: each step has limits of its own, and what the far end offers is kept."""

    def __init__(self, wire: Wire, timeout_s: float, disabled: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(wire, default_window_size=WINDOW_BYTES, disabled_algorithms=disabled)
        self.wire, self.timeout_s = wire, timeout_s
        wire.allow(timeout_s, BANNER_BYTES)
        # The wire is to be the first that loses patience: it knows why.
        self.banner_timeout = self.handshake_timeout = self.auth_timeout = self.channel_timeout = timeout_s + 1
        self.step = Reason.BANNER
        self.offered: dict[str, Sequence[str]] = {}

    def run(self) -> None:
        """Read until the line ends; the timer that paramiko starts beside it is a thread, and ends as well."""
        try:
            super().run()
        finally:
            self.packetizer.complete_handshake()

    def end(self) -> None:
        """Hang up, from any thread and at once; the thread that reads is gone a moment later."""
        self.wire.cut()
        if not self.is_alive():
            self.wire.close()

    def _check_banner(self) -> None:
        super()._check_banner()
        self.step = Reason.KEY_EXCHANGE
        self.wire.allow(self.timeout_s, KEY_EXCHANGE_BYTES)

    def _really_parse_kex_init(self, *told: Any, **named: Any) -> Any:
        parsed = super()._really_parse_kex_init(*told, **named)
        self.offered = {key: tuple(names) for key, names in parsed.items() if isinstance(names, list)}
        return parsed


def shake(line: Line, trusted: Fingerprint | None = None) -> Fingerprint:
    """Bring a line up to where a user may be named, and tell the key that was shown and proven.

    With a `trusted` key, that one alone will do. Raises `SshFault` (BANNER, KEY_EXCHANGE, HOST_KEY); the line has
    then to be ended by the caller.
    """
    if trusted is not None and trusted.algorithm:
        line.get_security_options().key_types = _key_types(trusted, line)
    done = threading.Event()
    line.start_client(event=done)
    done.wait()  # the wire ends each step in its time, and the line with it
    if not line.is_active() or not line.initial_kex_done:
        raise _fault(line, trusted)
    shown = Fingerprint.of(line.get_remote_server_key().asbytes())
    if trusted is not None and not trusted.fits(shown):
        raise HostKeyChanged(trusted, shown)
    return shown


def prefer(line: Line, algorithm: str) -> None:
    """Ask for a host key of this type first: a device that has several shows the one that it is known by."""
    options = line.get_security_options()
    first = [name for name in (_RSA if algorithm == "ssh-rsa" else (algorithm,)) if name in options.key_types]
    options.key_types = (*first, *(name for name in options.key_types if name not in first))


def ending(wire: Wire, timeout_s: float) -> str:
    """In words why nothing comes over a wire any more."""
    return {
        Ending.TIME: f"nothing more came within {timeout_s:g} s",
        Ending.FLOOD: "far too much came",
        Ending.CLOSED: "the far end closed the connection",
        Ending.CUT: "we closed the connection",
        None: "the connection broke",
    }[wire.ended]


def _key_types(trusted: Fingerprint, line: Line) -> tuple[str, ...]:
    """The ways in which the trusted key can be shown, so that a device with several keys shows that one."""
    types = _RSA if trusted.algorithm == "ssh-rsa" else (trusted.algorithm,)
    if not set(types) <= set(line.get_security_options().key_types):
        raise SshFault(Reason.LOCAL, f"host keys of type {trusted.algorithm} cannot be checked here")
    return types


def _fault(line: Line, trusted: Fingerprint | None) -> SshFault:
    error = line.get_exception()
    if line.step is Reason.BANNER:
        return SshFault(Reason.BANNER, _banner_words(line, error))
    if isinstance(error, IncompatiblePeer):
        if trusted is not None and trusted.algorithm and "host key" in str(error):
            return HostKeyChanged(trusted, None)
        return SshFault(Reason.KEY_EXCHANGE, _lacking(line, str(error)))
    if isinstance(error, SSHException) and line.wire.ended not in (Ending.TIME, Ending.FLOOD):
        return SshFault(Reason.KEY_EXCHANGE, f"the key exchange is broken: {one_line(str(error))}")
    return SshFault(Reason.KEY_EXCHANGE, f"in the key exchange {ending(line.wire, line.timeout_s)}")


def _banner_words(line: Line, error: Exception | None) -> str:
    if isinstance(error, IncompatiblePeer):
        return f"what answers speaks an SSH version that is too old: {one_line(line.remote_version)}"
    if not line.wire.first:
        return f"what answers says nothing: {ending(line.wire, line.timeout_s)}"
    said = one_line(line.wire.first.decode("ascii", "backslashreplace"))
    if line.wire.ended is Ending.FLOOD:
        return f"what answers is no SSH: {BANNER_BYTES} bytes came without a version, which begin {said!r}"
    return f"what answers is no SSH, it says {said!r}: {ending(line.wire, line.timeout_s)}"


def _lacking(line: Line, words: str) -> str:
    for mark, (name, key) in _LACKS.items():
        if mark in words:
            offered = one_line(", ".join(one for one in line.offered.get(key, ()) if not one.startswith(_MARKS)), 200)
            return f"no {name} in common: the device offers {offered or 'none'}"
    return "no algorithm in common"
