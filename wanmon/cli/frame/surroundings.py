"""What a command finds around it: settings, secrets, database, profiles, the time. Each is opened when first asked for.

Nothing is imported before it is needed: `wanmon --help` has 0.3 s.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from wanmon.clock import Clock, SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from wanmon.config.secrets import Secrets
    from wanmon.config.settings import Settings
    from wanmon.model.inventory import Inventory
    from wanmon.profiles.library import Library
    from wanmon.profiles.names import Names
    from wanmon.store.database import Database

_NO_CONFIGURATION = (
    "no configuration found (looked at $WANMON_CONFIG, ./wanmon.toml, /etc/wanmon/wanmon.toml): "
    "cd to your deployment, name it with --config, or make one with `wanmon init`"
)


class Surroundings:
    """Handed to every command as `ctx.obj`; the root command fills in its options."""

    def __init__(self, config: Path | None = None, clock: Clock | None = None) -> None:
        self.config = config
        self.debug = False
        self._flags: dict[str, Any] = {}
        self.clock: Clock = clock or SystemClock()

    @cached_property
    def settings(self) -> Settings:
        """The settings in force. Raises `ConfigError`."""
        from wanmon.config.settings import load_settings

        return load_settings(self.config, **self._flags)

    def override(self, **flags: Any) -> None:
        """Let the flags of a command beat the file and the environment; None is a flag that was not given."""
        self._flags = flags
        self.__dict__.pop("settings", None)

    def reread(self) -> None:
        """Read settings, secrets and profiles again; raises `ConfigError`, and then nothing has changed."""
        from wanmon.config.secrets import load_secrets
        from wanmon.config.settings import load_settings
        from wanmon.errors import ConfigError

        settings = load_settings(self.config, **self._flags)
        secrets = load_secrets(settings.secrets_file)
        if not settings.secrets_file.exists() and self.secrets.snmp:
            raise ConfigError(f"{settings.secrets_file}: is gone: the credentials in hand stay in force")
        self.__dict__ |= {"settings": settings, "secrets": secrets}
        self.__dict__.pop("library", None)

    @cached_property
    def secrets(self) -> Secrets:
        """The credentials. Raises `ConfigError`."""
        from wanmon.config.secrets import load_secrets

        return load_secrets(self.settings.secrets_file)

    @cached_property
    def database(self) -> Database:
        """The database. Raises `StoreError` where there is none that fits."""
        from wanmon.store.database import Database

        return Database.open(self.database_url)

    @property
    def database_url(self) -> str:
        """The URL of a database that is there.

        Raises `NoDatabase`; `ConfigError` where nobody said where to look for one.
        """
        from wanmon.errors import ConfigError, NoDatabase
        from wanmon.store.sqlite_file import existing

        url = self.settings.database_url
        try:
            existing(url)
        except NoDatabase:
            if self.settings.file or "database" in self.settings.model_fields_set:
                raise
            raise ConfigError(_NO_CONFIGURATION) from None
        return url

    @cached_property
    def library(self) -> Library:
        """The profiles: the shipped ones and the operator's own; a folder that is not there is one of its problems."""
        from dataclasses import replace

        from wanmon.config.layout import shipped
        from wanmon.profiles.library import GENERIC, load

        ours, own = shipped("inventory") / "profiles", self.settings.profiles
        if own is None:
            return load([ours])
        folder = self.settings.beside(own)
        library = load([ours, folder])
        if GENERIC not in library.profiles:  # an own one that cannot be used must not leave every device without
            library = replace(load([ours]), problems=library.problems)
        if folder.is_dir():
            return library
        missing = f"{self.settings.file or 'WANMON_PROFILES'}: profiles = {str(own)!r}: there is no such folder"
        return replace(library, problems=(missing, *library.problems))

    @cached_property
    def names(self) -> Names:
        """The names of objects: of the standard MIBs, and of the profiles."""
        from wanmon.profiles.names import names_of

        return names_of(self.library.objects())

    def inventory(self) -> Inventory:
        """The inventory as the database has it now."""
        from wanmon.store import inventory

        with self.database.read() as session:
            return inventory.load(session)

    def close(self) -> None:
        """Close what was opened."""
        if "database" in self.__dict__:
            self.database.close()
