"""Asking the web politely and distrusting the answer: throttle, retries, conditional requests, size and length."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from ilo_iati.fetch.result import Fault
from ilo_iati.spec.source import Client

ATTEMPTS = 4
BACKOFF = 2.0
"""Seconds before the second attempt, doubled each time: 2, 4, 8."""
LONGEST_WAIT = 120.0
"""A server that asks for more than two minutes is asked again at the next run instead."""
LONGEST_TRANSFER = 3600.0
"""Seconds one answer may take in all; the read timeout alone lets a trickle go on for ever."""
MOST_REDIRECTS = 5
_CHUNK = 1 << 18
_BUSY = (429, 500, 502, 503, 504)
_HEADERS = ("etag", "last-modified", "content-length", "content-type")
_RETRY = "The next run tries again; the last good snapshot stays in use."


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose body has been handed over. `status` is 200 or 304; `headers` the few worth keeping."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    is_illustrative: bool


class Web:
    """One source's way to the web. `session` is anything that sends requests; `sleep` and `clock` can be replaced."""

    def __init__(
        self,
        session: requests.Session,
        client: Client,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._client, self._sleep, self._clock = session, client, sleep, clock
        self._next: dict[str, float] = {}

    def read(self, url: str, hosts: tuple[str, ...] = ()) -> tuple[Reply, bytes]:
        """The whole body of a small answer. Raises Fault."""
        body = bytearray()

        def start() -> Callable[[bytes], None]:
            body.clear()
            return body.extend

        return self.save(url, start, hosts=hosts), bytes(body)

    def save(
        self,
        url: str,
        start: Callable[[], Callable[[bytes], Any]],
        etag: str | None = None,
        last_modified: str | None = None,
        hosts: tuple[str, ...] = (),
    ) -> Reply:
        """Hands the decoded body to the writer that `start` makes anew for each attempt. Raises Fault.

        `hosts`: endings of host names that may be asked; empty for any.
        """
        wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(url, start, {key: text for key, text in wanted.items() if text}, hosts)
            except _Again as again:
                if attempt == ATTEMPTS or again.wait > LONGEST_WAIT:
                    raise again.fault from again
                self._sleep(again.wait or BACKOFF * 2 ** (attempt - 1))
        raise AssertionError("the loop returns or raises")

    def _once(
        self, url: str, start: Callable[[], Callable[[bytes], Any]], wanted: dict[str, str], hosts: tuple[str, ...]
    ) -> Reply:
        try:
            final, response = self._follow(url, wanted, hosts)
            with closing(response):
                if response.status_code != 304:
                    _refuse_failure(response, final)
                    self._pour(response, start())
                return Reply(url, final, response.status_code, _kept(response), "X-Illustrative" in response.headers)
        except requests.exceptions.Timeout as error:
            raise _Again(Fault("fetch.timeout", f"{url} did not answer in time", _RETRY)) from error
        except urllib3.exceptions.TimeoutError as error:
            raise _Again(Fault("fetch.timeout", f"{url} stopped sending", _RETRY)) from error
        except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.HTTPError) as error:
            raise _Again(Fault("fetch.truncated", f"{url} broke off before the end", _RETRY)) from error
        except requests.exceptions.ConnectionError as error:
            raise _Again(Fault("fetch.unreachable", f"{url} cannot be reached ({_root(error)})", _RETRY)) from error
        except requests.exceptions.RequestException as error:
            fix = "Check the address in the catalogue or in schemas/sources."
            raise Fault("fetch.bad_address", f"{url} cannot be asked ({_root(error)})", fix) from error

    def _follow(self, url: str, wanted: dict[str, str], hosts: tuple[str, ...]) -> tuple[str, requests.Response]:
        """The first answer that is no redirect, and its address; every hop is checked against `hosts`."""
        seen = url
        for _ in range(MOST_REDIRECTS + 1):
            _refuse_host(seen, hosts)
            self._wait_for_turn(seen)
            response = self._session.get(
                seen,
                headers={
                    "User-Agent": self._client.user_agent,
                    "Accept-Encoding": "gzip",
                    **self._client.headers,
                    **wanted,
                },
                timeout=(self._client.connect_timeout, self._client.read_timeout),
                stream=True,
                allow_redirects=False,
            )
            target = response.headers.get("Location")
            if response.status_code not in (301, 302, 303, 307, 308) or not target:
                return seen, response
            response.close()
            seen = urljoin(seen, target)
        fix = "Open the address in a browser; name the right one in schemas/sources or tell the publisher."
        raise Fault("fetch.redirect_loop", f"{url} redirects more than {MOST_REDIRECTS} times", fix)

    def _wait_for_turn(self, url: str) -> None:
        host, now = urlsplit(url).netloc, self._clock()
        due = self._next.get(host, now)
        if due > now:
            self._sleep(due - now)
        self._next[host] = max(due, now) + 60 / self._client.requests_per_minute

    def _pour(self, response: requests.Response, write: Callable[[bytes], Any]) -> None:
        """Passes the body on, unpacked, and refuses what is too long, too short or grows without measure."""
        packed = response.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip")
        unpack = zlib.decompressobj(wbits=31) if packed else None
        received = given = 0
        deadline = self._clock() + LONGEST_TRANSFER
        for chunk in _wire(response):
            received += len(chunk)
            for piece in _unpacked(chunk, unpack):
                given += len(piece)
                _refuse_size(response.url, received, given, self._client)
                write(piece)
            if self._clock() > deadline:
                raise Fault("fetch.timeout", f"{response.url} was still sending after an hour", _RETRY)
        expected = response.headers.get("Content-Length", "")
        if (expected.isdigit() and received != int(expected)) or (unpack and received and not unpack.eof):
            reason = f"{response.url} sent {received:,} of {expected or 'an unknown number of'} bytes"
            raise _Again(Fault("fetch.truncated", reason, _RETRY))


class _Again(Exception):
    """A failure that may pass; `wait` is what the server asked for, 0 where it said nothing."""

    def __init__(self, fault: Fault, wait: float = 0.0) -> None:
        self.fault, self.wait = fault, wait


def _wire(response: requests.Response) -> Iterator[bytes]:
    """The body's bytes as sent; an adapter may hand over a plain stream or a body already read."""
    raw = response.raw
    if raw is None:
        yield response.content
    elif hasattr(raw, "stream"):
        yield from raw.stream(_CHUNK, decode_content=False)
    else:
        while chunk := raw.read(_CHUNK):
            yield chunk


def _unpacked(chunk: bytes, unpack: Any) -> Iterator[bytes]:
    """Pieces of at most a chunk's size, so that a bomb is noticed before it fills the memory."""
    if unpack is None:
        yield chunk
        return
    try:
        rest, more = chunk, True
        while more and not unpack.eof:
            piece = unpack.decompress(rest, _CHUNK)
            yield piece
            rest = unpack.unconsumed_tail
            more = bool(rest) or len(piece) == _CHUNK
    except zlib.error as error:
        raise _Again(
            Fault("fetch.truncated", f"the answer is not the gzip it claims to be ({error})", _RETRY)
        ) from error


def _refuse_size(url: str, received: int, given: int, client: Client) -> None:
    fix = "Look at the file; if it is right, raise max_bytes or max_ratio of the source in schemas/sources."
    if given > client.max_bytes:
        raise Fault("fetch.too_large", f"{url} is larger than {client.max_bytes:,} bytes", fix)
    if given > 10_000_000 and given > received * client.max_ratio:
        raise Fault("fetch.bomb", f"{url} unpacks to more than {client.max_ratio:g} times its size", fix)


def _refuse_host(url: str, hosts: tuple[str, ...]) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    fix = "Check the address in the catalogue; a new host must be named in schemas/sources."
    if parts.scheme not in ("http", "https") or not host:
        raise Fault("fetch.bad_address", f"{url!r} is not an address of the web", fix)
    if hosts and not any(host == ending or host.endswith("." + ending) for ending in hosts):
        raise Fault("fetch.bad_address", f"{url} leads outside {', '.join(hosts)}", fix)


def _refuse_failure(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status == 200:
        return
    body = _first_words(response)
    if status in _BUSY:
        rule = "fetch.too_many_requests" if status == 429 else "fetch.server_error"
        fault = Fault(rule, f"{url} answers {status} again and again", _RETRY, status, body)
        raise _Again(fault, _asked_wait(response))
    if status in (404, 410):
        fix = "The file was moved or withdrawn; look for it in the catalogue or on the source's home page."
        raise Fault("fetch.not_found", f"{url} answers {status}", fix, status, body)
    if status in (401, 403):
        fix = "The host refuses programs; download the file by hand into the drop folder, or wait."
        raise Fault("fetch.refused", f"{url} answers {status}", fix, status, body)
    raise Fault("fetch.http_error", f"{url} answers {status}", "Open the address in a browser.", status, body)


def _first_words(response: requests.Response) -> bytes:
    """The beginning of a refusal's body, which often says why; empty when even that cannot be read."""
    try:
        body = next(_wire(response), b"")
        packed = "gzip" in response.headers.get("Content-Encoding", "")
        return zlib.decompressobj(wbits=31).decompress(body, 4000) if packed else body[:4000]
    except (zlib.error, urllib3.exceptions.HTTPError, requests.exceptions.RequestException):
        return b""


def _asked_wait(response: requests.Response) -> float:
    """Seconds of Retry-After, a number or a date; 0 where it says nothing readable."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _kept(response: requests.Response) -> dict[str, str]:
    return {name: response.headers[name] for name in _HEADERS if name in response.headers}


def _root(error: BaseException) -> str:
    """The innermost reason: requests wraps urllib3, which wraps the socket."""
    inner = getattr(error, "args", None) and error.args[0]
    reason = getattr(inner, "reason", inner)
    return type(reason).__name__ if isinstance(reason, BaseException) else str(error)[:120]
