"""How long the agents live: until a signal, or until whoever started them is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

from wanmon.errors import WanmonError

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def until_told_to_stop(ready: Callable[[], None], *, while_stdin_open: bool = False) -> None:
    """Return at SIGTERM or SIGINT; with `while_stdin_open` also at the end of standard input.

    `ready` is called once it listens for them: whoever is told "ready" may send a signal at once.
    A parent that holds the other end of that pipe need do nothing to be survived by nobody: the kernel closes it, even
    after `kill -9`. Raises `WanmonError` when standard input is nothing to wait for.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, told.set)
    standard_input = sys.__stdin__.fileno() if while_stdin_open and sys.__stdin__ else None
    try:
        if standard_input is not None:
            _watch(loop, standard_input, told)
        ready()
        await told.wait()
    finally:
        if standard_input is not None:
            loop.remove_reader(standard_input)
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _watch(loop: asyncio.AbstractEventLoop, descriptor: int, told: asyncio.Event) -> None:
    def read() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            told.set()

    try:
        loop.add_reader(descriptor, read)
    except PermissionError:
        raise WanmonError("standard input must be a pipe or a terminal for the agents to end with it") from None
