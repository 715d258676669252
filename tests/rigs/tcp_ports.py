"""TCP ports on loopback that take connections, and ports that stay silent as a dead router does."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def open_ports(alive: Iterable[str], silent: Iterable[str], port: int) -> Iterator[None]:
    """Listens at these addresses; connections wait in the queue of the kernel, which is all that a check needs.

    At the silent ones that queue is full: Linux then drops every SYN without a word.
    """
    with ExitStack() as opened:
        for address in alive:
            opened.enter_context(_listening(address, port, backlog=128))
        for address in silent:
            opened.enter_context(_listening(address, port, backlog=0))
            opened.enter_context(socket.create_connection((address, port), timeout=2))
        yield


def _listening(address: str, port: int, backlog: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(backlog)
    return made
