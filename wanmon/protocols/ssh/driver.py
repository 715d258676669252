"""netmiko over our own login: it finds the prompt, turns off paging and strips echoes; all else it is not asked for.

It never sees a password, a key file or a host key, and never changes the configuration of a router.
Loads paramiko and netmiko: import it where it is used.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from netmiko import log
from netmiko.ssh_dispatcher import CLASS_MAPPER
from paramiko import PKey, SSHException

from wanmon.config.secrets import SshCredential
from wanmon.errors import UsageError
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.authentication import enter
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.handshake import Line, ending, shake
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.plain import plain, without
from wanmon.protocols.ssh.shell import Shell
from wanmon.protocols.ssh.wire import Ending, Wire

#: Notices of the day included.
PROMPT_BYTES = 32_768
#: Thirty hops with three probes each, or a hundred echoes line by line, are under ten thousand.
OUTPUT_BYTES = 131_072
#: A router that wants to write its configuration before it gives a prompt.
_HUAWEI_RISKS = re.compile(r"security\s+risks.*\[y/n\]", re.IGNORECASE | re.DOTALL)


class Entrance:
    """What netmiko takes for paramiko's client: one staged login over one wire. `end` may come from any thread."""

    def __init__(
        self, wire: Wire, trusted: Fingerprint, credential: SshCredential, key: PKey | None, timeout_s: float
    ) -> None:
        self.wire, self.timeout_s = wire, timeout_s
        self.shell: Shell | None = None
        self._line: Line | None = None
        self._trusted, self._credential, self._key = trusted, credential, key

    def harmless(self, text: str) -> str:
        """What a router wrote, as it may be stored and shown: it may repeat what it was told in secret."""
        return without(plain(text), self._credential.hidden)

    @property
    def step(self) -> Reason:
        """The step of the login that is under way."""
        return self._line.step if self._line else Reason.BANNER

    def connect(self, *, username: str, disabled_algorithms: Any = None, **others: Any) -> None:
        """Log in as netmiko words the name (some routers take options in it); what else it says is not heard."""
        self._line = line = Line(self.wire, self.timeout_s, disabled_algorithms)
        shake(line, self._trusted)
        enter(line, username, self._credential, self._key)

    def invoke_shell(self, term: str, width: int, height: int) -> Shell:
        """The shell of who was let in. Raises `SshFault` (PROMPT)."""
        assert self._line is not None
        self._line.step = Reason.PROMPT
        self.wire.allow(self.timeout_s, PROMPT_BYTES)
        try:
            channel = self._line.open_session()
            channel.get_pty(term, width, height)
            channel.invoke_shell()
        except (SSHException, EOFError, OSError):
            why = ending(self.wire, self.timeout_s) if self.wire.ended else "the device refused it"
            raise SshFault(Reason.PROMPT, f"let in, and no shell was given: {why} (all VTYs are taken?)") from None
        self.shell = Shell(channel, self.wire)
        self.shell.allow(self.timeout_s, PROMPT_BYTES)
        return self.shell

    @property
    def is_over(self) -> bool:
        """Whether no thread reads from the wire any more."""
        return self._line is None or not self._line.is_alive()

    def close(self) -> None:
        """Hang up."""
        self.end()

    def end(self) -> None:
        """Hang up at once, whatever is under way."""
        if self._line is not None:
            self._line.end()
        else:
            self.wire.cut()
            self.wire.close()


def log_in(entrance: Entrance, device_type: str, address: str, port: int, username: str) -> Any:
    """A connection of netmiko's with its prompt found and paging off. Raises `SshFault`."""
    connection = _driver(device_type)(
        host=address,
        port=port,
        username=username,
        device_type=device_type,
        auto_connect=False,
        blocking_timeout=entrance.timeout_s,
        read_timeout_override=entrance.timeout_s,
    )
    connection.entrance = entrance
    log.removeFilter(connection._secrets_filter)  # one for each connection, and none of them has a secret to hide
    try:
        connection._open()  # all that `auto_connect` does
    except SshFault:
        connection.disconnect()
        raise
    except Exception:  # netmiko raises what it likes, and its words quote whole screens
        connection.disconnect()
        if entrance.step is not Reason.PROMPT:
            raise SshFault(Reason.LOCAL, f"the login broke at {entrance.step.value}: no thread or no memory?") from None
        raise SshFault(Reason.PROMPT, _prompt_words(entrance, device_type)) from None
    return connection


def ask(connection: Any, command: str, within_s: float) -> str:
    """What a router answers to one line. Raises `SshFault` (OUTPUT); the session is then of no use any more."""
    shell = connection.entrance.shell
    shell.allow(within_s, OUTPUT_BYTES)
    connection.read_timeout_override = within_s
    try:
        answer = connection.send_command(command, expect_string=connection.end_of(command))
    except Exception:  # as above
        raise SshFault(Reason.OUTPUT, f"{command}: {_output_words(shell, within_s)}") from None
    shell.rest()
    entrance: Entrance = connection.entrance
    return entrance.harmless(answer).strip("\n")


def check(device_type: str) -> None:
    """Raises `UsageError` where netmiko does not know how to speak to a device over SSH."""
    if device_type not in CLASS_MAPPER or device_type.endswith(("_telnet", "_serial")):
        raise UsageError(f"device type {device_type!r:.40}: netmiko has no such one over SSH")


class _Bounded:
    """What we change in every class of netmiko's."""

    entrance: Entrance

    def _build_ssh_client(self) -> Entrance:
        return self.entrance

    def disconnect(self) -> None:
        """Hang up without a word: netmiko's farewell waits, and on FortiOS writes to the configuration."""
        self.entrance.end()

    def end_of(self, command: str) -> str | None:
        """What an answer ends with, as an expression; none where netmiko is to look for the prompt itself."""
        return None


class _Comware(_Bounded):
    """On Comware netmiko awaits no echo: a prompt that came late would be the answer, and every later one another's."""

    base_prompt: str

    def end_of(self, command: str) -> str:
        """The end of the echo, and then the prompt of the user view."""
        return rf"{_echo_end(command)}\s[\s\S]*<{re.escape(self.base_prompt)}>\s*$"

    def strip_command(self, command_string: str, output: str) -> str:
        """What follows the echo; before it stands what a late prompt left."""
        echo = re.search(rf"{_echo_end(command_string)}[ \t]*\n?", output)
        return output[echo.end() :] if echo else output


class _Fortinet(_Bounded):
    """FortiOS keeps paging as a setting: netmiko would write it to the configuration."""

    def disable_paging(self, *told: Any, **named: Any) -> str:
        """Leave it as it is."""
        return ""


class _Huawei(_Bounded):
    """VRP asks things before its first prompt: netmiko would let it save the configuration."""

    password_change_prompt: str
    prompt_or_password_change: str
    prompt_pattern: str
    RETURN: str
    read_until_pattern: Callable[..., str]
    write_channel: Callable[[str], None]

    def special_login_handler(self, delay_factor: float = 1.0) -> None:
        """Change no password; where the configuration is to be changed, give up."""
        greeting = self.read_until_pattern(pattern=self.prompt_or_password_change)
        if _HUAWEI_RISKS.search(greeting):
            raise SshFault(Reason.PROMPT, "let in, and the device wants its configuration changed before a prompt")
        if re.search(self.password_change_prompt, greeting):
            self.write_channel("N" + self.RETURN)
            self.read_until_pattern(pattern=self.prompt_pattern)


def _echo_end(command: str) -> str:
    """The last word of a command as the terminal shows it, however it wraps it."""
    return r"\s*".join(map(re.escape, command.split()[-1]))


_OURS = {"fortinet": _Fortinet, "huawei_vrp": _Huawei, "hp_comware": _Comware}


@cache
def _driver(device_type: str) -> Any:
    """Netmiko's class for a platform, with what we change."""
    theirs = CLASS_MAPPER[device_type]
    ours = next((ours for begin, ours in _OURS.items() if device_type.startswith(begin)), _Bounded)
    return type(f"Bounded{theirs.__name__}", (ours, theirs), {})


def _prompt_words(entrance: Entrance, device_type: str) -> str:
    shell = entrance.shell
    if shell is None:
        return f"let in, and then {ending(entrance.wire, entrance.timeout_s)}"
    heard = f", only {shell.last_words!r}" if shell.last_words else ""
    return {
        Ending.TIME: f"let in, and no prompt came within {entrance.timeout_s:g} s{heard}",
        Ending.FLOOD: f"let in, and more than {PROMPT_BYTES} bytes came in place of a prompt",
        Ending.CLOSED: "let in, and the shell was closed before a prompt came (all VTYs are taken?)",
        Ending.CUT: "let in, and we closed the connection before a prompt came",
        None: f"let in, and no prompt came as a {device_type} has it{heard}",
    }[shell.ended]


def _output_words(shell: Shell, within_s: float) -> str:
    return {
        Ending.TIME: f"the prompt did not come back within {within_s:g} s",
        Ending.FLOOD: f"the answer does not end (more than {OUTPUT_BYTES} bytes, or one line that long)",
        Ending.CLOSED: "the device closed the session in the middle of the answer",
        Ending.CUT: "we closed the session in the middle of the answer",
        None: f"the prompt did not come back within {within_s:g} s",
    }[shell.ended]
