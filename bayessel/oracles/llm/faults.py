"""What went wrong with a call, and whether the run can go on.

The ``openai`` client tries again by itself, with backoff and jitter, where that can help. What
arrives here did not go away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bayessel.oracles.verdicts.record import State
from bayessel.support.text import one_line


@dataclass(frozen=True)
class Fault:
    """Why there is no verdict.

    Attributes
    ----------
    state
        ``refused`` or ``error``.
    detail
        What happened, and what to do.
    paid
        Whether the call may have been paid for.
    ends
        Every other call will fail in the same way: the run ends with this line.
    outage
        The endpoint's, not the call's: where it goes on and on, the run ends.
    """

    state: State
    detail: str
    paid: bool = False
    ends: bool = False
    outage: bool = False


def fault_of(error: Exception, judge: str, base_url: str, key_env: str) -> Fault:
    """What an error of the ``openai`` client means.

    Parameters
    ----------
    error
        It.
    judge, base_url, key_env
        Who was asked, where, and the name of the variable that holds the key, for the message.
    """
    import openai

    from bayessel.oracles.llm.wire import UnreachableError

    at = f"the endpoint {base_url}"
    if isinstance(error, UnreachableError):
        return _end(f"cannot reach {at} ({one_line(error)}): is it running, is the address right?")
    if isinstance(error, openai.APITimeoutError):
        return Fault(
            State.ERROR, f"{at} did not answer in time (--timeout)", paid=True, outage=True
        )
    if isinstance(error, openai.APIConnectionError):
        return Fault(State.ERROR, f"the connection to {at} broke", paid=True, outage=True)
    if not isinstance(error, openai.APIStatusError):
        return Fault(State.ERROR, f"{type(error).__name__}: {one_line(error)}", paid=True)
    status, said = error.status_code, _said(error)
    code = f"{error.code or ''} {error.type or ''}".lower()
    if status == 401:
        return _end(f"{at} refuses the key in {key_env}: {said}")
    if status == 402 or "quota" in code or "billing" in code:
        return _end(f"the quota at {at} is used up: {said}; run the same command again later")
    if status == 403:
        return _end(f"the key in {key_env} may not use the judge {judge!r}: {said}")
    if status == 429:
        return _too_many(error, at, said)
    if status == 413 or "context_length" in code or _TOO_LONG.search(said):
        return Fault(State.ERROR, too_long(said))
    if "content_filter" in code or "content_policy" in code:
        return Fault(State.REFUSED, f"content filter: {said}")
    if status == 404:
        return _end(f"{at} has no judge {judge!r} (status 404: {said}): check --judge, --base-url")
    if status >= 500 or status in (408, 409):
        return Fault(State.ERROR, f"{at} failed with status {status}: {said}", outage=True)
    if "model" in code or (error.param == "model"):
        return _end(f"{at} does not take the judge {judge!r}: {said}")
    return Fault(State.ERROR, f"{at} does not take the request (status {status}): {said}")


def too_long(said: str) -> str:
    """What to say where the texts are longer than the judge can read."""
    found = _LIMIT.search(said)
    advice = f"give --context {found[1]}" if found else "give --context with its limit"
    return f"the texts are longer than the judge can read ({said}): {advice}, they are cut then"


_TOO_LONG = re.compile(r"context (?:length|window|size)|maximum context|too many tokens", re.I)
_LIMIT = re.compile(r"(?:maximum context length is|context (?:window|size|length) of) (\d+)", re.I)


def _too_many(error: Any, at: str, said: str) -> Fault:
    wait = error.response.headers.get("retry-after", "")
    try:
        seconds = float(wait)
    except ValueError:
        seconds = 0.0
    if seconds > _LONGEST_WAIT:
        return _end(
            f"{at} asks to wait {seconds:.0f} seconds: run the same command again after that"
        )
    return Fault(State.ERROR, f"{at} had too many requests: {said}", outage=True)


_LONGEST_WAIT = 120
"""Seconds; the client does not wait longer between two attempts."""


def _end(detail: str) -> Fault:
    return Fault(State.ERROR, detail, ends=True)


def _said(error: Any) -> str:
    """The endpoint's own words."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return one_line(body["message"])
    return one_line(error.message)
