"""A walk kept as a file that `lab agents --walk` plays: read in parts, and written also where it broke off."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from wanmon.cli.frame.output import console
from wanmon.clock import shown
from wanmon.errors import UsageError
from wanmon.lab import snmprec
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Answer, Oid, VarBind
from wanmon.protocols.snmp.walking import Walk

#: Everything an agent has.
WHOLE_TREE: Oid = (1,)
#: All parts of one walk together: a chassis that answers slowly takes a quarter of an hour.
DEADLINE_S = 3600.0
PART_ROWS = 1_000
#: An agent whose OIDs grow without end must not fill the disk.
MOST_ROWS = 200_000

Progress = Callable[[int, Oid], None]


def check_new(path: Path) -> None:
    """Raise `UsageError` if the file is there already, or its folder is not: before an hour is spent on it."""
    if path.exists():
        raise UsageError(f"--record {path}: is there already: name a new file")
    if not path.parent.is_dir():
        raise UsageError(f"--record {path}: there is no folder {path.parent}")


async def walk_in_parts(root: Oid, moved: Progress, session: Session) -> Answer:
    """Everything below `root`; `moved` is told after each part how many rows there are and where the walk is."""
    rows: list[VarBind] = []
    deadline_s = time.monotonic() + DEADLINE_S
    while True:
        part = Walk([root], PART_ROWS, after=rows[-1].oid if rows else None)
        answer = part.answer(await session.go_on(part, deadline_s))
        rows += answer.varbinds
        if rows:
            moved(len(rows), rows[-1].oid)
        if answer.reason is not Reason.PARTIAL or not answer.varbinds or len(rows) >= MOST_ROWS:
            return replace(answer, varbinds=tuple(rows))


def write(path: Path, roots: Sequence[Oid], answers: Sequence[Answer], at: datetime) -> int:
    """Write what the answers brought, with comments that say when, what, and where it broke off; the number of rows.

    Nothing at all is no file.
    """
    rows = sorted({row.oid: row for answer in answers for row in answer.varbinds if not row.is_missing}.values())
    if rows:
        asked = ", ".join(_dotted(root) for root in roots)
        comments = [f"recorded {shown(at)} by wanmon snmp walk {asked}", *_broken_off(roots, answers)]
        snmprec.write(path, rows, comments)
    return len(rows)


@contextmanager
def progress() -> Iterator[Progress]:
    """Shows on a terminal how far a walk has come."""
    if not sys.stderr.isatty():
        yield lambda count, oid: None
        return
    with console(stderr=True).status("asking") as status:
        yield lambda count, oid: status.update(f"{count} instances, at {_dotted(oid)}")


def _broken_off(roots: Sequence[Oid], answers: Sequence[Answer]) -> Iterator[str]:
    for root, answer in zip(roots, answers, strict=False):
        if answer.reason:
            at = f" behind {_dotted(answer.varbinds[-1].oid)}" if answer.varbinds else ""
            yield f"not whole: the walk of {_dotted(root)} broke off{at}: {answer.reason} {answer.detail}".rstrip()


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))
