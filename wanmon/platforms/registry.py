"""The platforms at hand: the folder is the registry."""

import importlib
import pkgutil
from functools import cache

from wanmon import platforms
from wanmon.errors import NotFound
from wanmon.platforms.platform import Platform

#: The files beside them that several platforms share.
NOT_PLATFORMS = frozenset({"asking", "platform", "registry", "reading", "hops", "ios"})


def names() -> list[str]:
    """The name of every platform, in the order of the alphabet."""
    return sorted(
        module.name for module in pkgutil.iter_modules(platforms.__path__) if module.name not in NOT_PLATFORMS
    )


def platform(name: str) -> Platform:
    """The platform of that name. Raises `NotFound`."""
    known = names()
    if name not in known:
        raise NotFound("platform", name, f"there are {', '.join(known)}")
    module = importlib.import_module(f"wanmon.platforms.{name}")
    return Platform(
        name,
        (module.__doc__ or "").partition("\n")[0],
        module.NETMIKO,
        module.PROFILES,
        module.IS_VERIFIED,
        module.ping,
        module.trace,
        module.read_ping,
        module.read_trace,
    )


def of_profile(profile: str) -> str:
    """The name of the platform that devices of a profile speak, which `auto` stands for; empty where none does."""
    return _by_profile().get(profile, "")


@cache
def _by_profile() -> dict[str, str]:
    return {profile: name for name in names() for profile in platform(name).profiles}
