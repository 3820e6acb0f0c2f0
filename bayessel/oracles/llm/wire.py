"""The HTTP client under the ``openai`` client: what that one cannot do by itself.

- A call has a deadline in all: an endpoint that drips a byte a second is cut off.
- Who asked is told of every attempt right before it is sent, when its connection is there, and if
  it broke after it was sent: it may have been paid for.
- ``Retry-After`` as a date is read by the endpoint's own clock, not by ours.
- A quota that is used up is not tried again; an endpoint that was never reached neither.
"""

from __future__ import annotations

import email.utils
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast

import httpx2
from openai import DefaultHttpxClient, OpenAIError

_UNSURE = {408, 502, 504}
"""Statuses after which nobody knows whether the answer was made, and paid for."""
_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"}


class UnreachableError(OpenAIError):
    """The endpoint was never reached."""


class Watcher(Protocol):
    """Who is told of the attempts of a call."""

    def sends(self) -> None:
        """An attempt is about to be sent; an ``OpenAIError`` raised here ends the call."""

    def is_unsure(self, what: str) -> None:
        """The attempt broke after it was sent: it may have been paid for."""


class Wire(DefaultHttpxClient):
    """An HTTP client that watches every attempt.

    Parameters
    ----------
    deadline
        Seconds that one attempt may take in all.
    """

    def __init__(self, deadline: float, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        timeout = httpx2.Timeout(deadline, connect=min(10.0, deadline))
        super().__init__(timeout=timeout, limits=limits)
        self._deadline = deadline
        self._reached = False
        self._caller = threading.local()

    def watch(self, watcher: Watcher | None) -> None:
        """Whom to tell of the attempts of this thread."""
        self._caller.watcher = watcher

    def send(
        self, request: httpx2.Request, *, stream: bool = False, **more: Any
    ) -> httpx2.Response:
        """Send a request and read its answer before the deadline."""
        watcher: Watcher | None = getattr(self._caller, "watcher", None)
        if watcher is not None:
            request.extensions = {**request.extensions, "trace": _before_sending(watcher)}
        until = time.monotonic() + self._deadline
        try:
            response = super().send(request, stream=True, **more)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            if not self._reached:
                raise UnreachableError(str(error) or type(error).__name__) from error
            raise
        except httpx2.TransportError as error:
            self._reached = True
            if watcher is not None:
                watcher.is_unsure(f"{type(error).__name__} after the request was sent")
            raise
        self._reached = True
        try:
            response.stream = _Until(cast(httpx2.SyncByteStream, response.stream), until)
            response.read()
        except httpx2.TransportError as error:
            response.close()
            if watcher is not None:
                watcher.is_unsure(f"{type(error).__name__} while the answer came")
            raise
        if response.status_code in _UNSURE and watcher is not None:
            watcher.is_unsure(f"status {response.status_code}")
        self._advise(response)
        return response

    def _advise(self, response: httpx2.Response) -> None:
        """Correct what the answer says of trying again."""
        if response.status_code < 400:
            return
        if error_code(response) in _QUOTA:
            response.headers["x-should-retry"] = "false"
        wait = _seconds(response.headers.get("retry-after"), response.headers.get("date"))
        if wait is not None:
            response.headers["retry-after"] = str(wait)


def _before_sending(watcher: Watcher) -> Callable[[str, dict[str, Any]], None]:
    """Tells the watcher when the connection is there and the first byte is about to leave."""

    def trace(event: str, about: dict[str, Any]) -> None:
        begins = event.endswith(".send_request_headers.started")
        if begins and about["request"].method != b"CONNECT":  # to a proxy: the request comes later
            watcher.sends()

    return trace


class _Until(httpx2.SyncByteStream):
    """A stream that ends with an error when its time is over."""

    def __init__(self, stream: httpx2.SyncByteStream, until: float) -> None:
        self._stream = stream
        self._end = until

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if time.monotonic() > self._end:
                raise httpx2.ReadTimeout("the answer took too long")
            yield part

    def close(self) -> None:
        self._stream.close()


def error_code(response: httpx2.Response) -> str:
    """The code or the type of an error in an answer; empty where it has none."""
    try:
        found = json.loads(response.text)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error", found) if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return ""
    return str(error.get("code") or error.get("type") or "")


def _seconds(retry_after: str | None, date: str | None) -> float | None:
    """Seconds to wait, where both headers are dates of the endpoint's clock."""
    if not retry_after or not date:
        return None
    try:
        then = email.utils.parsedate_to_datetime(retry_after)
        now = email.utils.parsedate_to_datetime(date)
        return max((then - now).total_seconds(), 0.001)
    except (TypeError, ValueError):
        return None
