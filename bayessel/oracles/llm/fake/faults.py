"""Everything that an endpoint can do wrong, by name: for tests of whoever asks it."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes
    ----------
    status, body, headers
        The body is sent as JSON, or as it is where it is text.
    how
        ``whole``, ``hang`` (nothing comes), ``cut`` (half of it) or ``drip`` (a byte at a time).
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "whole"

    @property
    def raw(self) -> bytes:
        """The body as it is sent."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


Fault = Callable[[Answer], Answer]
"""From the sound answer to the one that is sent."""


def _error(
    status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
) -> Fault:
    body = {"error": {"message": message, "type": code or "error", "code": code, "param": None}}
    return lambda sound: Answer(status, body, headers or {})


def _how(how: str) -> Fault:
    return lambda sound: Answer(sound.status, sound.body, sound.headers, how)


def _body(body: Any) -> Fault:
    return lambda sound: Answer(200, body)


def _message(finish: str = "stop", **message: Any) -> Fault:
    def change(sound: Answer) -> Answer:
        choice = {"index": 0, "finish_reason": finish}
        said = {"role": "assistant", "content": None, "refusal": None, **message}
        return Answer(200, {**sound.body, "choices": [{**choice, "message": said}]})

    return change


def _skewed(sound: Answer) -> Answer:
    """An endpoint whose clock is a day ahead asks to wait a second."""
    there = time.time() + 86_400
    headers = {
        "Retry-After": email.utils.formatdate(there + 1, usegmt=True),
        "Date": email.utils.formatdate(there, usegmt=True),
    }
    return _error(429, "slow down", "rate_limit_exceeded", headers)(sound)


FAULTS: dict[str, Fault] = {
    "too-many": _error(429, "slow down", "rate_limit_exceeded", {"Retry-After": "0.05"}),
    "too-many-for-long": _error(
        429, "come back later", "rate_limit_exceeded", {"Retry-After": "3600"}
    ),
    "clock-skew": _skewed,
    "500": _error(500, "internal error", None, {"Retry-After": "0.05"}),
    "502": _error(502, "bad gateway", None, {"Retry-After": "0.05"}),
    "503": _error(503, "overloaded", None, {"Retry-After": "0.05"}),
    "hang": _how("hang"),
    "cut": _how("cut"),
    "drip": _how("drip"),
    "malformed": _body('{"id": "x", "choices": ['),
    "nested": _body("[" * 100_000),
    "nested-text": _message(content="[" * 100_000),
    "half-character": _message(content="Bananas \ud800 are yellow."),
    "endless-tokens": lambda sound: Answer(
        200, {**sound.body, "usage": {"prompt_tokens": 10**30, "completion_tokens": 10**30}}
    ),
    "wrong-schema": _body({"result": "A is better"}),
    "no-choices": lambda sound: Answer(200, {**sound.body, "choices": []}),
    "refusal": _message(refusal="I cannot help with that."),
    "content-filter": _message("content_filter", content=""),
    "filtered-prompt": _error(400, "The prompt was filtered.", "content_filter"),
    "truncated": _message("length", content='{"reason": "A is bet'),
    "nonsense": _message(content="Bananas are yellow."),
    "wrong-json": _message(content='{"winner": "A"}'),
    "plain-text": _message(content="I thought about it.\n\nVerdict: **A**"),
    "no-usage": lambda sound: Answer(200, {k: v for k, v in sound.body.items() if k != "usage"}),
    "too-long": _error(
        400,
        "This model's maximum context length is 4096 tokens. Your messages have 5000 tokens.",
        "context_length_exceeded",
    ),
    "wrong-judge": _error(404, "The model does not exist.", "model_not_found"),
    "wrong-key": _error(401, "Incorrect API key provided.", "invalid_api_key"),
    "quota": _error(429, "You exceeded your current quota.", "insufficient_quota"),
}
"""What is sent instead of the sound answer, by name."""
