"""A small SSH server on loopback that plays the command line of a router, polite or hostile.

Over paramiko's server half, with its own keys; knows nothing of wanmon. It echoes what is typed as a terminal does,
answers each line by a function, and remembers who tried to log in and what was asked.
"""

import base64
import hashlib
import io
import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import TracebackType

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

USER = "wanmon"
PASSWORD = "router-2026"
HUGE_BANNER_BYTES = 1_000_000

#: paramiko's server offers these at first, and then cannot do them without a file of primes.
_UNABLE = ("diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1")
_LOG = "tests.ssh_server"
logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False


class Behaviour(StrEnum):
    """How the server treats who comes."""

    POLITE = "polite"
    SILENT = "silent"  # takes the connection and never says a word
    NOT_SSH = "not ssh"  # says something else
    HUGE_BANNER = "huge banner"  # a megabyte before its version, without end of line
    STUCK_KEY_EXCHANGE = "stuck key exchange"  # its version, then silence
    SLOW_AUTH = "slow auth"  # never decides about a password
    CLOSES_AFTER_AUTH = "closes after auth"  # lets in, and hangs up
    CLOSED_SHELL = "closed shell"  # lets in, and closes the shell at once: all VTYs are taken
    REFUSED_SHELL = "refused shell"  # lets in, and gives no shell
    NO_PROMPT = "no prompt"  # a shell that says nothing
    ENDLESS_GREETING = "endless greeting"  # a shell that never stops to greet
    ENDLESS_OUTPUT = "endless output"  # a command writes without end
    ENDLESS_LINE = "endless line"  # the same without any end of line
    NO_PROMPT_AFTER = "no prompt after"  # a command answers, and its prompt never comes
    CLOSES_IN_OUTPUT = "closes in output"  # hangs up in the middle of an answer


@dataclass
class Seen:
    """What came to a server so far: (user, method) of each try to log in, methods as in RFC 4252, and each line."""

    connections: int = 0
    open_connections: int = 0
    attempts: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    open_shells: int = 0

    @property
    def passwords(self) -> int:
        """How often a password was tried."""
        return sum(method != "none" for _, method in self.attempts)


class SshServer:
    """A running server; `stop()` (or leaving the `with`) hangs up on everybody."""

    def __init__(self, play: "Play", listener: socket.socket) -> None:
        self.play, self.seen = play, Seen()
        self.address, self.port = listener.getsockname()[:2]
        self.algorithm = play.host_keys[0].get_name()
        self.fingerprint = fingerprint(play.host_keys[0])
        self._listener = listener
        self._stopped = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Hang up on everybody, and wait until all is quiet; a second call does nothing."""
        self._stopped.set()
        for held in (self._listener, *self._sockets):
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> "SshServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.seen.connections += 1
            self.seen.open_connections += 1
            self._sockets.append(connection)
            thread = threading.Thread(target=self._receive, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _receive(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError, paramiko.SSHException), connection:
            self._treat(connection)
        self.seen.open_connections -= 1

    def _treat(self, connection: socket.socket) -> None:
        if self.play.behaviour not in _RAW:
            self._speak(connection)
            return
        connection.sendall(_RAW[self.play.behaviour])
        while connection.recv(4096):
            pass

    def _speak(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection, disabled_algorithms={"kex": _UNABLE, **self.play.disabled})
        transport.set_log_channel(_LOG)
        transport.local_version = self.play.version or transport.local_version
        if self.play.behaviour is Behaviour.STUCK_KEY_EXCHANGE:
            transport._send_kex_init = lambda: None
        for key in self.play.host_keys:
            transport.add_server_key(key)
        door = _Door(self.play, self.seen, self._stopped)
        try:
            transport.start_server(event=threading.Event(), server=door)
            channel = None
            while channel is None and transport.is_active() and not self._stopped.is_set():
                channel = transport.accept(0.05)
                if door.let_in and self.play.behaviour is Behaviour.CLOSES_AFTER_AUTH:
                    return
            while transport.is_active() and not self._stopped.is_set():
                if door.shell_asked.wait(0.05) and channel is not None:
                    _Shell(self.play, self.seen, channel, self._stopped).run()
                    return
        finally:
            transport.packetizer.complete_handshake()  # ends paramiko's timer thread
            transport.close()
            transport.join(5)


@dataclass(frozen=True)
class Play:
    """What a server plays."""

    answers: Callable[[str], str | None]
    prompt: str
    users: Mapping[str, str]
    host_keys: Sequence[paramiko.PKey]
    methods: Sequence[str]
    behaviour: Behaviour
    greeting: str
    disabled: Mapping[str, Sequence[str]]
    version: str


def start_ssh_server(
    answers: Callable[[str], str | None] = lambda command: "",
    *,
    prompt: str = "router#",
    users: Mapping[str, str] | None = None,
    host_keys: Sequence[paramiko.PKey] = (),
    methods: Sequence[str] = ("password",),
    behaviour: Behaviour = Behaviour.POLITE,
    greeting: str = "",
    disabled: Mapping[str, Sequence[str]] | None = None,
    version: str = "",
    address: str = "127.0.0.1",
    port: int = 0,
) -> SshServer:
    """Start a server that lets `users` (name: password, `USER` and `PASSWORD` unless told otherwise) in.

    `answers(line)` is what a line is answered with, its lines parted by newlines, before the prompt comes again; None
    is an answer whose prompt never comes. Bytes that are no UTF-8 are given as surrogate escapes. `methods` are
    `password` and `keyboard-interactive`; `host_keys` come from `host_key` (ECDSA unless told otherwise), `greeting`
    is what a shell says before its first prompt, `disabled` are algorithms not offered, as paramiko takes them, and
    `version` is what it calls itself, as `SSH-2.0-Cisco-1.25`.
    """
    keys = tuple(host_keys) or (host_key("ecdsa"),)
    allowed = {USER: PASSWORD} if users is None else users
    play = Play(answers, prompt, allowed, keys, methods, behaviour, greeting, disabled or {}, version)
    return SshServer(play, socket.create_server((address, port)))


@cache
def host_key(kind: str, number: int = 0) -> paramiko.PKey:
    """A host key of a kind, `ecdsa`, `ed25519` or `rsa`; another `number` is another key, the same one the same."""
    if kind == "rsa":
        return paramiko.RSAKey.generate(2048)
    if kind == "ecdsa":
        return paramiko.ECDSAKey.generate(bits=256)
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text))


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class _Door(paramiko.ServerInterface):
    """Lets in or not, and tells when a shell was asked for."""

    def __init__(self, play: Play, seen: Seen, stopped: threading.Event) -> None:
        self.play, self.seen, self.stopped = play, seen, stopped
        self.shell_asked = threading.Event()
        self.let_in = False

    def get_allowed_auths(self, username: str) -> str:
        return ",".join(self.play.methods)

    def check_auth_none(self, username: str) -> int:
        self.seen.attempts.append((username, "none"))
        return int(paramiko.AUTH_FAILED)

    def check_auth_password(self, username: str, password: str) -> int:
        self.seen.attempts.append((username, "password"))
        return self._judge(username, password) if "password" in self.play.methods else int(paramiko.AUTH_FAILED)

    def check_auth_interactive(self, username: str, submethods: str) -> "int | paramiko.InteractiveQuery":
        if "keyboard-interactive" not in self.play.methods:
            return int(paramiko.AUTH_FAILED)
        self.asked = username
        query = paramiko.InteractiveQuery()
        query.add_prompt("Password: ", False)
        return query

    def check_auth_interactive_response(self, responses: list[str]) -> "int | paramiko.InteractiveQuery":
        self.seen.attempts.append((self.asked, "keyboard-interactive"))
        verdict = self._judge(self.asked, *responses)
        if verdict == paramiko.AUTH_SUCCESSFUL:
            return verdict
        again = paramiko.InteractiveQuery()  # as PAM does: the next question may lock the account
        again.add_prompt("Password: ", False)
        return again

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def check_channel_pty_request(self, *told: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        if self.play.behaviour is Behaviour.REFUSED_SHELL:
            return False
        self.shell_asked.set()
        return True

    def _judge(self, username: str, *passwords: str) -> int:
        if self.play.behaviour is Behaviour.SLOW_AUTH:
            self.stopped.wait()
        self.let_in = (self.play.users.get(username),) == passwords
        return int(paramiko.AUTH_SUCCESSFUL if self.let_in else paramiko.AUTH_FAILED)


class _Shell:
    """The command line of one login."""

    def __init__(self, play: Play, seen: Seen, channel: paramiko.Channel, stopped: threading.Event) -> None:
        self.play, self.seen, self.channel, self.stopped = play, seen, channel, stopped

    def run(self) -> None:
        self.seen.open_shells += 1
        try:
            self._greet()
            self._listen()
        except (OSError, EOFError):
            pass  # the other side has hung up
        finally:
            self.seen.open_shells -= 1
            self.channel.close()

    def _greet(self) -> None:
        if self.play.behaviour is Behaviour.CLOSED_SHELL:
            raise EOFError
        if self.play.behaviour is Behaviour.NO_PROMPT:
            self._wait_for_the_end()
        if self.play.behaviour is Behaviour.ENDLESS_GREETING:
            self._write_for_ever("welcome\n")
        self._write(self.play.greeting + self.play.prompt)

    def _listen(self) -> None:
        line, before = b"", b""
        while byte := self._read():
            if byte in b"\r\n":
                if before != b"\r" or byte != b"\n":
                    self._take(line.decode("utf-8", "surrogateescape"))
                    line = b""
            else:
                line += byte
                self.channel.sendall(byte)
            before = byte

    def _read(self) -> bytes:
        self.channel.settimeout(0.1)
        while not self.stopped.is_set():
            with suppress(TimeoutError):
                return self.channel.recv(1)
        return b""

    def _take(self, line: str) -> None:
        self._write("\n")
        said: str | None = ""
        if line.strip():
            self.seen.commands.append(line)
            if hostile := _HOSTILE.get(self.play.behaviour):
                hostile(self)
            said = self.play.answers(line)
        if said is None:
            self._wait_for_the_end()
        self._write(f"{said}\n{self.play.prompt}" if said else self.play.prompt)

    def _write(self, text: str) -> None:
        self.channel.settimeout(None)
        self.channel.sendall(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))

    def _write_for_ever(self, text: str) -> None:
        while not self.stopped.is_set():
            self._write(text * 100)

    def _write_and_wait(self) -> None:
        self._write("an answer\n")
        self._wait_for_the_end()

    def _write_and_close(self) -> None:
        self._write("half an ans")
        raise EOFError

    def _wait_for_the_end(self) -> None:
        while self._read():
            pass
        raise EOFError


_RAW = {
    Behaviour.SILENT: b"",
    Behaviour.NOT_SSH: b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    Behaviour.HUGE_BANNER: b"x" * HUGE_BANNER_BYTES,
}
_HOSTILE: dict[Behaviour, Callable[[_Shell], None]] = {
    Behaviour.ENDLESS_OUTPUT: lambda shell: shell._write_for_ever("64 bytes from 10.27.0.1\n"),
    Behaviour.ENDLESS_LINE: lambda shell: shell._write_for_ever("!!!!!!!!!!"),
    Behaviour.NO_PROMPT_AFTER: _Shell._write_and_wait,
    Behaviour.CLOSES_IN_OUTPUT: _Shell._write_and_close,
}
