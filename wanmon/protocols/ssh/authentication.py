"""The login itself: which way the device takes, and one attempt by it. A second could lock the account.

Loads paramiko: import it where it is used.
"""

import threading
from collections.abc import Callable, Sequence
from typing import NoReturn

from paramiko import AuthenticationException, Message, PasswordRequiredException, PKey, SSHException
from paramiko.auth_handler import AuthHandler

from wanmon.config.secrets import SshCredential
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.handshake import Line, ending
from wanmon.protocols.ssh.plain import one_line

AUTHENTICATION_BYTES = 65_536
_PASSWORD, _INTERACTIVE, _KEY = "password", "keyboard-interactive", "publickey"


def load_key(credential: SshCredential) -> PKey | None:
    """The private key of a credential that has one; its password is then that of the file, if the file has any.

    Raises `SshFault` (LOCAL).
    """
    path = credential.key_file
    if path is None:
        if credential.password is None:
            raise SshFault(Reason.LOCAL, f"credential {credential.name} has neither a password nor a key file")
        return None
    passphrase = credential.password.get_secret_value().encode() if credential.password else None
    try:
        try:
            return PKey.from_path(path)
        except (TypeError, PasswordRequiredException):  # it is encrypted
            return PKey.from_path(path, passphrase)
    except OSError as error:
        problem = error.strerror or "it cannot be read"
    except Exception:  # cryptography raises what it likes, and its words could quote the key
        problem = "it holds no private key, or not with this password"
    raise SshFault(Reason.LOCAL, f"key file {path} of credential {credential.name}: {problem}")


def enter(line: Line, username: str, credential: SshCredential, key: PKey | None) -> None:
    """Log in by one attempt. Raises `SshFault` (AUTH): refused, or neither let in nor refused in time."""
    line.step = Reason.AUTH
    line.wire.allow(line.timeout_s, AUTHENTICATION_BYTES)
    try:
        _attempt(_Visitor(line), username, credential, key)
    except _Refused as refusal:
        raise SshFault(Reason.AUTH, str(refusal)) from None
    except (SSHException, EOFError, OSError):
        why = ending(line.wire, line.timeout_s)
        raise SshFault(Reason.AUTH, f"neither let in nor refused as {username}: {why}") from None


def _attempt(visitor: "_Visitor", username: str, credential: SshCredential, key: PKey | None) -> None:
    taken = visitor.taken(username)
    if taken is None:
        return  # let in without being asked, as some consoles do
    if key is not None:
        _need(_KEY in taken, "a key", taken)
        visitor.show_key(username, key)
        return
    assert credential.password is not None
    password = credential.password.get_secret_value()
    if _PASSWORD in taken:
        visitor.say_password(username, password)
        return
    _need(_INTERACTIVE in taken, "a password", taken)
    visitor.answer_question(username, password)


def _need(possible: bool, what: str, taken: Sequence[str]) -> None:
    if not possible:
        raise _Refused(f"the device takes no login by {what}, only by {one_line(', '.join(taken)) or 'nothing'}")


class _Refused(Exception):
    """The device said no, or wants what we do not have."""


class _Visitor(AuthHandler):  # type: ignore[misc]  # paramiko has no types
    """paramiko's side of a login, by which nothing is tried that was not asked for."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._line = line
        self._is_served = False
        self._complaint = ""
        self._still_taken: Sequence[str] | None = None
        line.auth_handler = self

    def taken(self, username: str) -> Sequence[str] | None:
        """The methods that a device takes, as every client asks (RFC 4252 section 5.2); None if it lets in at once."""
        return self._ask(lambda event: self.auth_none(username, event))

    def show_key(self, username: str, key: PKey) -> None:
        """Sign with a key (RFC 4252 section 7)."""
        self._try(f"the key of {username}", lambda event: self.auth_publickey(username, key, event))

    def say_password(self, username: str, password: str) -> None:
        """Say a password (RFC 4252 section 8)."""
        try:
            self._try(f"the password of {username}", lambda event: self.auth_password(username, password, event))
        finally:
            self.password = None

    def answer_question(self, username: str, password: str) -> None:
        """Answer the question for a password (RFC 4256), once: a device that asks again has refused it."""
        asked = 0

        def answer(title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
            nonlocal asked
            if not prompts:
                return []
            asked += 1
            if asked > 1:
                self._complain(f"the device refused the password of {username}")
            if len(prompts) > 1 or prompts[0][1]:
                self._complain(f"the device asks for more than a password: {one_line(prompts[0][0])}")
            return [password]

        try:
            self._try(f"the password of {username}", lambda event: self.auth_interactive(username, answer, event))
        finally:
            self.interactive_handler = None

    def _try(self, what: str, begin: Callable[[threading.Event], None]) -> None:
        still_taken = self._ask(begin)
        if still_taken is not None:
            raise _Refused(f"the device refused {what}")

    def _ask(self, begin: Callable[[threading.Event], None]) -> Sequence[str] | None:
        """Make one request: None if it let us in, else the methods that are left. Raises where no answer came."""
        answered = threading.Event()
        self._still_taken = None
        try:
            begin(answered)
        except AuthenticationException as error:  # no way to sign in common
            raise _Refused(one_line(str(error), 200)) from None
        answered.wait(self._line.timeout_s + 1)  # the wire ends before, and the wait with it
        if self._complaint:
            raise _Refused(self._complaint)
        if not self.authenticated and self._still_taken is None:
            raise SSHException("no answer")
        return None if self.authenticated else self._still_taken

    def _complain(self, words: str) -> NoReturn:
        """In the thread that reads: give up, and the line with it."""
        self._complaint = words
        raise SSHException("given up")

    def _request_auth(self) -> None:
        # paramiko asks for the service anew with every method, and some devices hang up at the second time.
        if not self._is_served:
            super()._request_auth()
            return
        accepted = Message()
        accepted.add_string("ssh-userauth")
        accepted.rewind()
        self._parse_service_accept(accepted)

    def _parse_service_accept(self, message: Message) -> None:
        self._is_served = True
        super()._parse_service_accept(message)

    def _parse_userauth_failure(self, message: Message) -> None:
        methods = [one_line(method, 40) for method in message.get_list()]
        if message.get_boolean():
            self._complaint = f"the device wants more than one proof, also by {one_line(', '.join(methods))}"
        self._still_taken = methods
        self.auth_event.set()

    def _choose_fallback_pubkey_algorithm(self, key_type: str, algorithms: Sequence[str]) -> str:
        # Who does not say how RSA keys may sign (RFC 8308) knows SHA-1 alone.
        return key_type if key_type in algorithms else algorithms[0]
