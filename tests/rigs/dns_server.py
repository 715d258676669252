"""DNS servers on loopback that answer as told, by UDP and TCP on one port: rightly, or wrongly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dns.message
import dns.rrset

#: The bytes that answer a question; none stays silent. The flag tells whether it came by TCP.
Answering = Callable[[dns.message.Message, bool], list[bytes]]


def answer(query: dns.message.Message, *addresses: str, record: str = "A", code: int = 0) -> dns.message.Message:
    reply = dns.message.make_response(query)
    reply.set_rcode(code)
    if addresses:
        reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", record, *addresses))
    return reply


@contextmanager
def dns_server(answering: Answering) -> Iterator[int]:
    """The port of a server."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        udp.settimeout(0.05)
        ended = threading.Event()

        def by_udp() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    data, sender = udp.recvfrom(4096)
                    for reply in answering(dns.message.from_wire(data), False):
                        udp.sendto(reply, sender)

        def by_tcp() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = tcp.accept()
                    with connection, suppress(OSError):
                        for reply in answering(dns.message.from_wire(connection.recv(4096)[2:]), True):
                            connection.sendall(len(reply).to_bytes(2, "big") + reply)

        threads = [threading.Thread(target=by_udp), threading.Thread(target=by_tcp)]
        for thread in threads:
            thread.start()
        try:
            yield port
        finally:
            ended.set()
            tcp.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
