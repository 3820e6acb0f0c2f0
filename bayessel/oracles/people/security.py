"""Who may talk to the page: a browser of this machine that was given the address with its token.

Every request must name this machine as its host (no other name may be made to lead here), writes
must come from the page itself, bodies are small, and every answer forbids what the page does not
need: scripts and styles in it, other sites, frames.
"""

from __future__ import annotations

import hmac
import json
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 16 * 1024
"""Bytes of a request's body."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names of this machine. The port may be another one: people come through a tunnel."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # without a referrer a form's Origin would be null
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def same(given: str | None, secret: str) -> bool:
    """Whether a token is right; the time that this takes tells nothing of it."""
    return given is not None and hmac.compare_digest(given.encode(), secret.encode())


class Guard:
    """Refuses what does not come from the page; see the module.

    Parameters
    ----------
    app
        What it guards.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks anything else

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = _refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            code, text = refusal
            await PlainTextResponse(text + "\n", code)(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)


def _refusal(method: str, headers: Headers) -> tuple[int, str] | None:
    """Status and reason where a request is refused."""
    host = headers.get("host", "")
    if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
        return 421, "this page is only reached as 127.0.0.1 or localhost"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and method != "GET":
        return 403, "this request comes from another site"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "this request comes from another site"
    if method in ("GET", "HEAD"):
        return None
    if origin is None:
        return 403, "a request that writes must say where it comes from (Origin)"
    length = headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in headers:
        return 411, "a request that writes must say its length"
    if int(length) > MOST_BODY:
        return 413, f"a request may have {MOST_BODY} bytes"
    return None


def read_object(body: bytes) -> dict[str, object] | None:
    """A body as a JSON object; None where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
