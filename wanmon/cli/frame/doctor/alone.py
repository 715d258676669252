"""Everything that can be looked at without a device: each subject by itself, so that one that fails hides no other."""

from collections.abc import Callable

from wanmon.cli.frame.doctor import keys, libraries, modes, naming, privileges, storage, timekeeping
from wanmon.cli.frame.doctor.finding import Finding, problem
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import WanmonError


def examine(here: Surroundings) -> list[Finding]:
    """All findings, in the order in which one would mend them."""
    subjects: dict[str, Callable[[], list[Finding]]] = {
        "privileges": privileges.examine,
        "files": lambda: modes.examine(here),
        "database": lambda: storage.examine(here),
        "clock": lambda: timekeeping.examine(here.clock.now()),
        "DNS": lambda: naming.examine(here),
        "credentials": lambda: keys.examine(here),
        "libraries": lambda: libraries.examine(here),
    }
    return [finding for subject, look in subjects.items() for finding in _looked(subject, look)]


def _looked(subject: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except WanmonError as error:
        return [problem(subject, line, "see `wanmon config check`") for line in str(error).splitlines()]
