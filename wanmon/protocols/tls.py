"""TLS handshakes: whom a server says it is, and whether we trust it. Nothing is sent beyond the handshake."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from wanmon.model.reason import Reason
from wanmon.protocols.tcp import reason_of, words_of


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a handshake went: the server's own certificate (DER) wherever it showed one, and what is amiss.

    `reason` is `certificate` where it showed one that we do not trust, for what `detail` says.
    """

    duration_s: float
    certificate: bytes = b""
    reason: Reason | None = None
    detail: str = ""


class UnusableAuthorities(ValueError):
    """A file of certificate authorities that cannot be read."""

    def __init__(self, ca_file: str, why: str) -> None:
        super().__init__(f"ca_file {ca_file!r:.120} cannot be used: {why}; give a PEM file of CA certificates")


def trusting(ca_file: str = "") -> ssl.SSLContext:
    """What trusts the authorities of a PEM file, or those of the system. Raises `UnusableAuthorities`."""
    try:
        # Reading the system's authorities takes a tenth of a second: once, as long as the file stays as it is.
        return _trusting(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
    except OSError as error:
        raise UnusableAuthorities(ca_file, error.strerror or "it holds no certificates") from None
    except ValueError:
        raise UnusableAuthorities(ca_file, "it is no file") from None


def trusting_anybody() -> ssl.SSLContext:
    """What takes every certificate: to look at one that is not trusted, and for nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def shake_hands(address: str, port: int, name: str, context: ssl.SSLContext, timeout_s: float) -> Handshake:
    """Connect and do a handshake with a server of that name. Where it is not trusted, look at its certificate again."""
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            try:
                shown = await _shown(address, port, name, context)
            except ssl.SSLCertVerificationError as error:
                shown = await _shown(address, port, name, trusting_anybody())
                return Handshake(time.monotonic() - began_s, shown, Reason.CERTIFICATE, error.verify_message)
    except TimeoutError:
        return Handshake(timeout_s, b"", Reason.TIMEOUT, f"no TLS handshake within {timeout_s:g} s")
    except ssl.SSLError as error:
        return Handshake(time.monotonic() - began_s, b"", Reason.MALFORMED, f"no TLS handshake: {fault(error)}")
    except OSError as error:
        return Handshake(time.monotonic() - began_s, b"", reason_of(error), words_of(error))
    return Handshake(time.monotonic() - began_s, shown)


def fault(error: ssl.SSLError) -> str:
    """OpenSSL's words for what went wrong, without the place in its source."""
    return (error.reason or "the connection ended").lower().replace("_", " ")


@lru_cache(maxsize=16)
def _trusting(ca_file: str, modified_ns: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


async def _shown(address: str, port: int, name: str, context: ssl.SSLContext) -> bytes:
    """The certificate that a server shows."""
    _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
    try:
        channel: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return channel.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()
