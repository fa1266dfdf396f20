"""The transport that stands in for the network: the fetch code asks real addresses and gets the sample's bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.response import HTTPResponse

from ilo_iati.sample.answers import Answer, answers


def session(now: datetime) -> Session:
    """A session that answers every request from the sample. `now` is only the Date header: no body depends on it."""
    made = Session()
    made.trust_env = False
    made.mount("https://", SampleAdapter(now))
    made.mount("http://", SampleAdapter(now))
    return made


class SampleAdapter(HTTPAdapter):
    """Answers GET and HEAD with ETag, Last-Modified and Content-Length, 304 where nothing changed, 404 elsewhere.

    Answers that are made up carry the header X-Illustrative, so that whoever keeps them can mark them.
    """

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now.astimezone(UTC)

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        """The answer to `request`; no socket is opened."""
        if request.method not in ("GET", "HEAD"):
            return self._reply(request, 405, {"Allow": "GET, HEAD"}, b"")
        answer = answers().get(request.url or "")
        if answer is None:
            return self._reply(
                request, 404, {"Content-Type": "text/plain"}, b"The sample has nothing at this address.\n"
            )
        return self._found(request, answer)

    def _found(self, request: PreparedRequest, answer: Answer) -> Response:
        body = answer.make()
        changed = datetime.fromisoformat(answer.modified)
        headers = {
            "Content-Type": answer.content_type,
            "ETag": f'"{sha256(body).hexdigest()[:32]}"',
            "Last-Modified": format_datetime(changed, usegmt=True),
        }
        if answer.is_illustrative:
            headers["X-Illustrative"] = "true"
        if is_unchanged(request.headers, headers["ETag"], changed):
            return self._reply(request, 304, headers, b"")
        return self._reply(request, 200, headers, body)

    def _reply(self, request: PreparedRequest, status: int, headers: dict[str, str], body: bytes) -> Response:
        dated = {**headers, "Date": format_datetime(self._now, usegmt=True)}
        if status != 304:
            dated["Content-Length"] = str(len(body))
        sent = io.BytesIO(b"" if request.method == "HEAD" else body)
        raw = HTTPResponse(sent, dated, status, preload_content=False, request_method=request.method)
        return self.build_response(request, raw)


def is_unchanged(asked: Mapping[str, str], etag: str, changed: datetime) -> bool:
    """True where the asker's copy is current: If-None-Match decides alone where it is given, else If-Modified-Since."""
    if "If-None-Match" in asked:
        known = [tag.strip().removeprefix("W/") for tag in asked["If-None-Match"].split(",")]
        return etag in known or "*" in known
    since = asked.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return changed <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
