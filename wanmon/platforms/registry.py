"""The platforms at hand: the folder is the registry."""

import importlib
import pkgutil

from wanmon import platforms
from wanmon.errors import NotFound
from wanmon.platforms.platform import Platform

NOT_PLATFORMS = frozenset({"asking", "platform", "registry", "reading"})


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
        module.IS_VERIFIED,
        module.ping,
        module.trace,
        module.read_ping,
        module.read_trace,
    )
