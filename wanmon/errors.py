"""The exceptions of wanmon: what *we* or the person at the keyboard did wrong.

What the network does is never an exception but a value (`wanmon.model.reason`). Every message is one line
that says what is wrong, where, and what to do next.
"""

from collections.abc import Sequence


class WanmonError(Exception):
    """Something was not done; `exit_status` is what the command line ends with."""

    exit_status = 1


class UsageError(WanmonError):
    """The command was given words that it cannot take."""

    exit_status = 2


class ConfigError(WanmonError):
    """`wanmon.toml` or `secrets.toml` cannot be used as it stands: every problem found, one line each."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class StoreError(WanmonError):
    """The database cannot be opened, read or written."""


class NoDatabase(StoreError):
    """There is no database where one was looked for."""


class LeaseHeld(StoreError):
    """Another process holds what only one may hold."""


class InventoryError(WanmonError):
    """Rows that cannot be taken into the inventory: every problem found, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ScriptError(WanmonError):
    """A script of faults that cannot be played: every problem found, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class RecordingError(WanmonError):
    """A recorded walk that cannot be read or written: every problem found, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class NotFound(WanmonError):
    """There is nothing of that kind and name."""

    def __init__(self, kind: str, text: str, advice: str = "") -> None:
        super().__init__(f"there is no {kind} {text!r}" + (f": {advice}" if advice else ""))


class AlreadyOver(WanmonError):
    """What was to be ended has ended before."""


class NoData(WanmonError):
    """There is nothing to make a figure of; the message says why."""


class Ambiguous(UsageError):
    """A name that fits several things; the message lists them."""

    def __init__(self, kind: str, text: str, matches: Sequence[str]) -> None:
        self.matches = tuple(matches)
        super().__init__(f"{text!r} fits {len(matches)} {kind}s, give a code: {', '.join(matches)}")
