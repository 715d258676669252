"""Who may read and write our files: secrets are for their owner alone, the database for nobody else either."""

import stat
from pathlib import Path

from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.config.settings import secrets_beside
from wanmon.errors import WanmonError

OTHERS, GROUP_AND_OTHERS, WRITABLE = 0o007, 0o077, 0o022


def examine(here: Surroundings) -> list[Finding]:
    """The configuration, the secrets, the database and its folder, as far as they are there."""
    from wanmon.store.sqlite_file import path_of

    secrets = secrets_beside(here.config)
    try:
        config, secrets = here.settings.file, here.settings.secrets_file
        database = path_of(here.settings.database_url)
    except WanmonError as error:
        return [problem("configuration", str(error).partition("\n")[0], "see `wanmon config check`"), _one(secrets)]
    found = [mode("configuration", config, _mode(config), WRITABLE) if config else _no_configuration(), _one(secrets)]
    found.append(mode("database file", database, _mode(database), OTHERS))
    found.append(mode("database folder", database.parent, _mode(database.parent), OTHERS & ~0o005 | 0o020))
    return found


def mode(subject: str, path: Path, bits: int | None, barred: int) -> Finding:
    """Judge the mode bits of a file: none of `barred` may be set. Pure."""
    if bits is None:
        return skipped(subject, f"{path} is not there, or not to be looked at")
    if bits & barred:
        right = bits & ~barred
        words = f"{path}: mode {bits:04o} lets others {'write' if bits & barred & 0o022 else 'read'} it"
        return warning(subject, words, f"chmod {right:04o} {path}")
    return fine(subject, f"{path}: mode {bits:04o}")


def _one(secrets: Path) -> Finding:
    found = mode("secrets", secrets, _mode(secrets), GROUP_AND_OTHERS)
    return problem(found.subject, found.text, found.advice) if found.advice else found


def _no_configuration() -> Finding:
    return skipped("configuration", "no wanmon.toml: the defaults and the environment are in force")


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
