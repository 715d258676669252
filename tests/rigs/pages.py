"""A web server on loopback that answers what its paths say, over HTTP or TLS; and one that answers given bytes."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

SEEN: list[dict[str, str]] = []  # the headers of what was asked, newest last


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append({"path": self.path, **{key.lower(): value for key, value in self.headers.items()}})
        what, _, rest = self.path[1:].partition("/")
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            getattr(self, f"_{what or 'fine'}", self._missing)(rest)

    def _fine(self, _: str) -> None:
        self._answer(200, "Cổng thông tin điện tử".encode())

    def _status(self, code: str) -> None:
        self._answer(int(code), b"")

    def _to(self, where: str) -> None:
        self._answer(302, b"", Location=unquote(where))

    def _long(self, _: str) -> None:
        self._answer(200, b"x" * (3 << 20) + b"end")

    def _slow(self, _: str) -> None:
        """A byte now and then, for as long as anybody listens."""
        self.send_response(200)
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            threading.Event().wait(0.05)

    def _missing(self, _: str) -> None:
        self._answer(404, b"nothing here")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up in the middle of a handshake."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def web_server(certificate: Path | None = None) -> Iterator[int]:
    """The port of a server; with a certificate it speaks TLS."""
    with _Quiet(("127.0.0.1", 0), _Pages) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def saying(data: bytes) -> Iterator[int]:
    """The port of a server that says these bytes to whoever connects, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        connection.recv(4096)
                        connection.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
