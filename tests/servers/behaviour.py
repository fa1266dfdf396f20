"""How a path answers: rightly, slowly, wrongly, or in turn."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A response; `hangs_up` closes the connection afterwards, `wait` seconds pass before the first byte."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    wait: float = 0.0


Behave = Callable[[Any], Answer]
PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>Please come back later.</body></html>"


def plain(body: bytes, status: int = 200, **headers: str) -> Behave:
    """Always the same answer."""
    return lambda request: Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def with_validators(body: bytes, last_modified: str = "Fri, 20 Nov 2026 06:00:00 GMT") -> Behave:
    """The body with ETag and Last-Modified; 304 when asked with the same ETag."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Last-Modified": last_modified}

    def serve(request: Any) -> Answer:
        known = request.headers.get("if-none-match") == etag
        return Answer(304, b"", headers) if known else Answer(200, body, headers)

    return serve


def in_turn(*behaviours: Behave) -> Behave:
    """The first behaviour for the first request, and so on; the last one for all that follow."""
    left = list(behaviours)

    def serve(request: Any) -> Answer:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    return serve


def html_page(status: int = 200) -> Behave:
    """A web page, as a firewall or an error handler serves it in place of data."""
    return plain(PAGE, status, Content_Type="text/html")


def refused() -> Behave:
    """403 with a page, as Cloudflare answers programs."""
    return html_page(403)


def truncated(body: bytes, sent: int) -> Behave:
    """Announces the whole body, sends the first `sent` bytes and hangs up."""
    return lambda request: Answer(200, body[:sent], {"Content-Length": str(len(body))}, hangs_up=True)


def redirect(target: str) -> Behave:
    return plain(b"", 302, Location=target)


def silent(seconds: float) -> Behave:
    """Accepts the request and says nothing for a while."""
    return lambda request: Answer(200, b"late", wait=seconds)


def bomb(size: int) -> Behave:
    """Zeros that travel small and unpack large."""
    return plain(gzip.compress(bytes(size), 9), Content_Encoding="gzip")
