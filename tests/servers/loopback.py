"""An HTTP server on 127.0.0.1 whose paths answer as a test says, and that remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.servers.behaviour import Answer


@dataclass(frozen=True, slots=True)
class Request:
    """One request as received; header names in lower case."""

    path: str
    headers: dict[str, str]


Serve = Callable[[Request], Answer]


@dataclass
class Loopback:
    """`routes`: path with query -> behaviour; anything else is a 404. Use as a context manager."""

    routes: dict[str, Serve] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def asked(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(request.path == path for request in self.requests)


@contextmanager
def nothing_listens() -> Iterator[str]:
    """An address at which no server answers."""
    with Loopback() as server:
        url = server.url
    yield url


def _handler(owner: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()})
            owner.requests.append(request)
            serve = owner.routes.get(self.path)
            answer = serve(request) if serve else Answer(404, b"nothing here")
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            if answer.wait:
                threading.Event().wait(answer.wait)
            self.send_response(answer.status)
            headers = {"Content-Length": str(len(answer.body))} | answer.headers
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            try:
                if answer.status != 304:
                    self.wfile.write(answer.body)
            except OSError:
                pass
            self.close_connection = self.close_connection or answer.hangs_up

        def log_message(self, *_args: object) -> None:
            """Says nothing: the tests do."""

    return Handler
