"""Names: whether the resolver answers for the hosts that our configuration names."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import WanmonError

_SUBJECT = "DNS"
#: The resolver of the system asks each server for 5 s, and cannot be told to stop.
_WITHIN_S = 4.0


def examine(here: Surroundings) -> list[Finding]:
    """Every host name that the configuration or a check names."""
    try:
        named = hosts(_texts(here))
    except WanmonError as error:
        return [skipped(_SUBJECT, f"no configuration to take names from: {str(error).partition(chr(10))[0]}")]
    if not named:
        return [skipped(_SUBJECT, "nothing here is configured by name (external_url, grafana_url, targets of checks)")]
    return resolved(named)


def hosts(texts: list[str]) -> list[str]:
    """The host names in URLs and targets; addresses need no resolver. Pure."""
    found = []
    for text in texts:
        try:
            host = (urlsplit(text).hostname if "//" in text else text) or ""
        except ValueError:
            continue
        if host and not _is_address(host):
            found.append(host)
    return list(dict.fromkeys(found))


def resolved(named: list[str]) -> list[Finding]:
    """Ask the resolver of the system for each, all at once."""
    pool = ThreadPoolExecutor(max_workers=8)
    try:
        asked = {host: pool.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM) for host in named}
        return [_judged(host, answer.result, _WITHIN_S) for host, answer in asked.items()]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _judged(host: str, wait: Callable[..., list[tuple[Any, ...]]], within_s: float) -> Finding:
    advice = "see /etc/resolv.conf, and ask the server itself: `getent hosts " + host + "`"
    try:
        found = wait(timeout=within_s)
    except StillWaiting:
        return problem(_SUBJECT, f"{host}: no answer within {within_s:g} s", advice)
    except (OSError, UnicodeError) as error:
        return problem(_SUBJECT, f"{host}: {getattr(error, 'strerror', None) or error}", advice)
    return fine(_SUBJECT, f"{host} is {', '.join(dict.fromkeys(str(each[4][0]) for each in found))}")


def _texts(here: Surroundings) -> list[str]:
    texts = [here.settings.external_url, here.settings.grafana_url]
    try:
        inventory = here.inventory()
    except WanmonError:
        return texts
    known = inventory.services.keys() | inventory.devices.keys()
    return texts + [check.target for check in inventory.checks.values() if check.target not in known]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
