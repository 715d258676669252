"""One question to one DNS server (RFC 1035): by UDP, and by TCP where the answer does not fit.

The socket is connected, so that only the server itself is heard. What has another id or question than ours, and what
is no DNS, is counted and passed over: the true answer may still come.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wanmon.model.reason import Reason
from wanmon.protocols.tcp import reason_of, words_of

if TYPE_CHECKING:
    from dns.message import Message


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What a server answered: its code (NOERROR, NXDOMAIN...), and the addresses, in the order of their digits."""

    duration_s: float
    code: str = ""
    addresses: tuple[str, ...] = ()
    reason: Reason | None = None
    detail: str = ""


async def ask(address: str, port: int, name: str, record: str, timeout_s: float) -> DnsAnswer:
    """The addresses of a name (`record` is A or AAAA) by a server, all within the timeout. Raises ValueError for what
    is no name.
    """
    # Imported late: only this kind of check needs it.
    import dns.exception
    import dns.flags
    import dns.message

    try:
        query = dns.message.make_query(name, record)
    except dns.exception.DNSException as error:
        raise ValueError(f"{name!r:.80} is no name that DNS can be asked for: {error}") from None
    began_s = time.monotonic()
    heard = _Heard(query)
    try:
        async with asyncio.timeout(timeout_s):
            reply = await _by_udp(address, port, heard)
            if reply.flags & dns.flags.TC:
                reply = await _by_tcp(address, port, heard)
    except TimeoutError:
        return heard.nothing(timeout_s)
    except (OSError, asyncio.IncompleteReadError) as error:
        return _unasked(time.monotonic() - began_s, error)
    return _told(reply, record, time.monotonic() - began_s)


class _Heard(asyncio.DatagramProtocol):
    """What comes on the socket of one question."""

    def __init__(self, query: "Message") -> None:
        self.query = query
        self.wire = query.to_wire()
        self.reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.malformed = 0
        self.mismatched = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = self.read(data)
        if message is not None and not self.reply.done():
            self.reply.set_result(message)

    def error_received(self, exc: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(exc)

    def read(self, data: bytes) -> "Message | None":
        """The answer to our question that these bytes are, or None."""
        import dns.exception
        import dns.message

        try:
            message = dns.message.from_wire(data, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError):
            self.malformed += 1
            return None
        # A server that refuses may leave the question out, which `is_response` knows.
        if not self.query.is_response(message):
            self.mismatched += 1
            return None
        return message

    def nothing(self, timeout_s: float) -> DnsAnswer:
        """That no answer came in time, and what came instead."""
        if self.malformed:
            return DnsAnswer(timeout_s, reason=Reason.MALFORMED, detail="what it sends is no DNS")
        if self.mismatched:
            return DnsAnswer(timeout_s, reason=Reason.MISMATCHED, detail="it answers something else than it was asked")
        return DnsAnswer(timeout_s, reason=Reason.TIMEOUT, detail=f"no answer within {timeout_s:g} s")


async def _by_udp(address: str, port: int, heard: _Heard) -> "Message":
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: heard, remote_addr=(address, port))
    try:
        transport.sendto(heard.wire)
        return await heard.reply
    finally:
        transport.close()


async def _by_tcp(address: str, port: int, heard: _Heard) -> "Message":
    """The same question over TCP, each message behind its length (RFC 1035 section 4.2.2)."""
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(len(heard.wire).to_bytes(2, "big") + heard.wire)
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            message = heard.read(await reader.readexactly(length))
            if message is not None:
                return message
    finally:
        writer.transport.abort()


def _unasked(took_s: float, error: OSError | asyncio.IncompleteReadError) -> DnsAnswer:
    if isinstance(error, OSError):
        return DnsAnswer(took_s, reason=reason_of(error), detail=words_of(error))
    return DnsAnswer(took_s, reason=Reason.MALFORMED, detail="it ends the connection before its answer is whole")


def _told(reply: "Message", record: str, took_s: float) -> DnsAnswer:
    """The addresses that answer, behind however many CNAMEs."""
    import dns.exception
    import dns.message
    import dns.rcode
    import dns.rdatatype

    code = dns.rcode.to_text(reply.rcode())
    assert isinstance(reply, dns.message.QueryMessage)
    try:
        answer = reply.resolve_chaining().answer
    except dns.exception.DNSException as error:
        malformed = reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
        return DnsAnswer(took_s, code, reason=Reason.MALFORMED if malformed else None, detail=str(error))
    found = sorted({rdata.to_text() for rdata in answer or () if dns.rdatatype.to_text(rdata.rdtype) == record})
    return DnsAnswer(took_s, code, tuple(found))
