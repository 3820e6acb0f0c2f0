"""One endpoint that speaks the OpenAI chat protocol: a question to a judge, and its answer.

The ``openai`` client does the retries. What an endpoint does not know (structured output, a
parameter) it says once; from then on it is asked without.
"""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from bayessel.errors import DataError
from bayessel.oracles.llm.extra import needs_extra
from bayessel.oracles.llm.parse import SCHEMA

if TYPE_CHECKING:
    from openai import OpenAI

    from bayessel.oracles.llm.wire import Watcher, Wire

OPENAI = "https://api.openai.com/v1"
KEY_ENV = "OPENAI_API_KEY"
RETRIES = 8
"""Attempts after the first; with backoff up to 8 seconds they last about 40 seconds."""

_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA},
}
_HIDDEN = "[key]"
_MOST_TOKENS = 10**9  # of one call; a larger number is no count


@dataclass(frozen=True)
class Reply:
    """What an endpoint answered.

    Attributes
    ----------
    text
        The judge's.
    finish
        Why it ended: ``stop``, ``length``, ``content_filter``.
    refusal
        A refusal's text; empty where there is none.
    tokens_in, tokens_out
        As the endpoint counted; None where it does not say.
    identity
        Its name of the request.
    seconds
        How long it took, attempts that failed included.
    trouble
        What is wrong with the answer; empty where nothing is.
    """

    text: str = ""
    finish: str = ""
    refusal: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    identity: str = ""
    seconds: float = 0.0
    trouble: str = ""


class Endpoint:
    """An endpoint, for many threads.

    Parameters
    ----------
    base_url
        Its address.
    key_env
        Name of the variable of the environment that holds the key.
    timeout
        Seconds that an attempt may take.
    retries
        Attempts after the first.
    connections
        How many at once.

    Raises
    ------
    DataError
        The address is none, or holds a password or a query.
    """

    def __init__(
        self,
        base_url: str = OPENAI,
        *,
        key_env: str = KEY_ENV,
        timeout: float = 120.0,
        retries: int = RETRIES,
        connections: int = 64,
    ) -> None:
        self.base_url = require_address(base_url)
        self.key_env = key_env
        self._key = os.environ.get(key_env, "").strip()
        self._timeout = timeout
        self._retries = retries
        self._connections = connections
        self._connected: tuple[OpenAI, Wire] | None = None
        self._lock = threading.Lock()
        self._without: set[str] = set()  # what the endpoint does not know

    def require_key(self) -> None:
        """Refuse to ask without a key; a server on this machine may ask for none.

        Raises
        ------
        DataError
            The variable of the environment is not set.
        """
        if not self._key and not is_local(self.base_url):
            raise DataError(
                f"{self.key_env} is not set: put the key of {self.base_url} into it, "
                "or name another variable with --api-key-env"
            )

    @property
    def client(self) -> OpenAI:
        """The ``openai`` client."""
        return self._connect()[0]

    def _connect(self) -> tuple[OpenAI, Wire]:
        """The client and its wire; importing it takes a second: it is made when it is needed."""
        with self._lock:
            if self._connected is None:
                with needs_extra():
                    from openai import OpenAI

                    from bayessel.oracles.llm.wire import Wire
                wire = Wire(self._timeout, self._connections)
                client = OpenAI(
                    api_key=self._key or "none",
                    base_url=self.base_url,
                    timeout=self._timeout,
                    max_retries=self._retries,
                    http_client=wire,
                )
                self._connected = client, wire
            return self._connected

    def hide(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._key, _HIDDEN) if len(self._key) > 3 else text

    def ask(
        self,
        judge: str,
        messages: list[dict[str, str]],
        *,
        identity: str,
        max_tokens: int,
        temperature: float | None,
        structured: bool = True,
        watcher: Watcher | None = None,
    ) -> Reply:
        """Ask a judge.

        Parameters
        ----------
        judge
            Its name at the endpoint.
        messages
            What it reads.
        identity
            Sent as ``Idempotency-Key``, the same in every attempt.
        max_tokens
            The most that it may write.
        temperature
            None leaves it to the endpoint.
        structured
            Ask for an answer by a JSON schema.
        watcher
            Is told of every attempt.

        Raises
        ------
        openai.OpenAIError
            See :mod:`bayessel.oracles.llm.faults`.
        """
        import openai

        client, wire = self._connect()
        wire.watch(watcher)
        started = time.perf_counter()
        while True:
            with self._lock:
                without = set(self._without)
            asked = parameters(max_tokens, temperature, structured, without)
            try:
                raw = client.chat.completions.with_raw_response.create(
                    model=judge,
                    messages=cast("Any", messages),
                    extra_headers={"Idempotency-Key": identity},
                    **asked,
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                unknown = _unknown(error, asked)
                if unknown is None:
                    raise
                with self._lock:
                    self._without.add(unknown)
                continue
            response = raw.http_response
            return read_reply(response, seconds=time.perf_counter() - started)

    def close(self) -> None:
        """Close the connections."""
        if self._connected is not None:
            self._connected[0].close()


def parameters(
    max_tokens: int, temperature: float | None, structured: bool, without: set[str]
) -> dict[str, Any]:
    """Parameters of a call, without those that an endpoint does not know."""
    tokens = "max_tokens" if "max_completion_tokens" in without else "max_completion_tokens"
    asked: dict[str, Any] = {tokens: max_tokens}
    if temperature is not None:
        asked["temperature"] = temperature
    if structured:
        asked["response_format"] = _FORMAT
    return {name: value for name, value in asked.items() if name not in without}


def _unknown(error: Any, asked: dict[str, Any]) -> str | None:
    """The parameter that an endpoint does not know, where it says so."""
    said = f"{error.param or ''} {error.message}".lower()
    if re.search(r"json_schema|response_format|guided|grammar|structured", said):
        return "response_format" if "response_format" in asked else None
    named = (error.param or "").lower()
    for name in asked:
        if name == named or (name in said and re.search(r"unsupported|unknown|unrecog|not", said)):
            return name
    return None


def read_reply(response: Any, *, seconds: float = 0.0) -> Reply:
    """What an HTTP answer with status 200 says, whatever is in it."""
    identity = str(response.headers.get("x-request-id", ""))
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return Reply(
            text=response.text[:2000],
            identity=identity,
            seconds=seconds,
            trouble="the endpoint's answer is not JSON",
        )
    return reply_of(body, identity=identity, seconds=seconds)


def reply_of(body: Any, *, identity: str = "", seconds: float = 0.0) -> Reply:
    """What a chat completion says, whatever is in it."""
    if not isinstance(body, dict):
        return Reply(identity=identity, seconds=seconds, trouble="the answer is no chat completion")
    usage = body.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    known: dict[str, Any] = {
        "tokens_in": _tokens(counted.get("prompt_tokens")),
        "tokens_out": _tokens(counted.get("completion_tokens")),
        "identity": identity or str(body.get("id") or ""),
        "seconds": seconds,
    }
    choices = body.get("choices")
    if not isinstance(choices, list):
        error = body.get("error")
        said = error.get("message") if isinstance(error, dict) else None
        return Reply(
            **known, trouble=f"the answer is no chat completion{f': {said}' if said else ''}"
        )
    if not choices:
        return Reply(**known, trouble="the answer has no choices")
    first = choices[0] if isinstance(choices[0], dict) else {}
    message = first.get("message")
    if not isinstance(message, dict):
        return Reply(**known, trouble="the answer is no chat completion: a choice has no message")
    text, refusal = message.get("content"), message.get("refusal")
    return Reply(
        text=_text(text),
        finish=str(first.get("finish_reason") or ""),
        refusal=refusal if isinstance(refusal, str) else "",
        **known,
    )


def _text(content: Any) -> str:
    """A message's text, which may come in parts."""
    if isinstance(content, list):
        parts = [p.get("text") for p in content if isinstance(p, dict)]
        return "".join(p for p in parts if isinstance(p, str))
    return content if isinstance(content, str) else ""


def _tokens(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS
    return value if whole else None


def require_address(base_url: str) -> str:
    """Refuse what is no address of an endpoint; a key in it would be written to files.

    Raises
    ------
    DataError
        It is none, or holds a password or a query.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DataError(
            f"base URL {base_url!r}: expected an address such as http://127.0.0.1:8000/v1"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise DataError(
            f"the base URL of {parts.hostname} holds a password or a query: give the address "
            "alone, and the key in a variable of the environment (--api-key-env)"
        )
    return base_url.rstrip("/")


def is_local(base_url: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = urlsplit(base_url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
