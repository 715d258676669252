"""How far a long work has come: a bar on stderr, where somebody watches and there is something to wait for."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from wanmon.cli.frame.output import console

_FROM = 6


def progress(total: int, what: str) -> AbstractContextManager[Callable[[], None]]:
    """Gives what is to be called after each of `total` things that are done."""
    if total < _FROM or not sys.stderr.isatty():
        return nullcontext(lambda: None)
    return _bar(total, what)


@contextmanager
def _bar(total: int, what: str) -> Iterator[Callable[[], None]]:
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=total)
        yield lambda: bars.advance(bar)
