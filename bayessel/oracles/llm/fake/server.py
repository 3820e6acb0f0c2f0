"""A small endpoint on loopback: it speaks the OpenAI chat protocol, and counts what it is asked."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from bayessel.oracles.llm.fake.batches import Batches
from bayessel.oracles.llm.fake.faults import FAULTS, Answer
from bayessel.oracles.llm.fake.mind import Mind

BYTES_PER_TOKEN = 4


@dataclass
class Served:
    """One request that the endpoint got.

    Attributes
    ----------
    number
        From 1.
    judge, key, body
        The judge's name, the idempotency key and the whole request.
    authorization
        The header, as it came.
    fault
        Name of what was done instead of an answer; empty where none.
    answered
        Whether the whole answer was handed to the network.
    verdict
        What was said; empty where nothing was.
    """

    number: int
    judge: str
    key: str
    body: dict[str, Any] = field(repr=False)
    authorization: str = field(default="", repr=False)
    fault: str = ""
    answered: bool = False
    verdict: str = ""


class FakeEndpoint:
    """An endpoint on a free port of this machine, while the block lasts.

    Parameters
    ----------
    mind
        How its judges judge; by name where it is a mapping.
    latency
        Seconds that an answer takes.
    fault
        From the number of a request, from 1, and the request to the name of a fault
        (:data:`~bayessel.oracles.llm.fake.faults.FAULTS`), or empty.
    key
        The key that it asks for; none where empty.
    unknown
        Parameters that it refuses, such as ``response_format``.
    """

    def __init__(
        self,
        mind: Mind | dict[str, Mind] | None = None,
        *,
        latency: float = 0.0,
        fault: Callable[[int, dict[str, Any]], str] | None = None,
        key: str = "",
        unknown: tuple[str, ...] = (),
    ) -> None:
        self.mind = mind if mind is not None else Mind()
        self.latency = latency
        self.fault = fault
        self.key = key
        self.unknown = unknown
        self.served: list[Served] = []
        self.refused = 0
        self.batches = Batches(self.completion)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    # ------------------------------------------------------------------ what it answers
    def chat(self, body: dict[str, Any], key: str, authorization: str) -> tuple[Served, Answer]:
        """The answer to a chat completion, and the record of it."""
        if self.key and authorization != f"Bearer {self.key}":
            served = Served(0, str(body.get("model")), key, body, authorization)
            return served, FAULTS["wrong-key"](Answer(200, {}))
        for name in self.unknown:
            if name in body:
                self.refused += 1
                said = f"Unsupported parameter: {name}"
                error = {"message": said, "type": "invalid_request_error", "param": name}
                served = Served(0, str(body.get("model")), key, body, authorization)
                return served, Answer(400, {"error": {**error, "code": "unsupported_parameter"}})
        with self._lock:
            served = Served(next(self._numbers), str(body.get("model")), key, body, authorization)
            self.served.append(served)
        if self.latency:
            time.sleep(self.latency)
        sound = Answer(200, self.completion(body, served))
        name = self.fault(served.number, body) if self.fault is not None else ""
        if not name:
            return served, sound
        served.fault, served.verdict = name, ""
        return served, FAULTS[name](sound)

    def completion(self, body: dict[str, Any], served: Served | None = None) -> dict[str, Any]:
        """A sound chat completion."""
        messages = body.get("messages") or []
        prompt = "\n".join(str(message.get("content")) for message in messages)
        judge = str(body.get("model"))
        mind = self.mind.get(judge, Mind()) if isinstance(self.mind, dict) else self.mind
        verdict = mind.verdict(prompt)
        text = json.dumps({"reason": f"The fake judge prefers {verdict}.", "verdict": verdict})
        if served is not None:
            served.verdict = verdict
        tokens = len(prompt.encode()) // BYTES_PER_TOKEN, len(text) // BYTES_PER_TOKEN
        return {
            "id": f"fake-{served.number if served else 0}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": judge,
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text, "refusal": None},
                }
            ],
            "usage": {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
            },
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away: that is what some tests do."""


def _handler(endpoint: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    """The handler of an endpoint's requests."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/chat/completions"):
                served, answer = endpoint.chat(
                    json.loads(raw),
                    self.headers.get("Idempotency-Key", ""),
                    self.headers.get("Authorization", ""),
                )
                self._send(answer, served)
                return
            found = endpoint.batches.post(self.path, self.headers, raw)
            self._send(_plain(found))

        def do_GET(self) -> None:
            self._send(_plain(endpoint.batches.get(self.path)))

        def _send(self, answer: Answer, served: Served | None = None) -> None:
            raw = answer.raw
            kind = "text/plain" if answer.headers.get("plain") else "application/json"
            lines = [
                f"HTTP/1.1 {answer.status} {'OK' if answer.status < 400 else 'Error'}",
                f"Content-Type: {kind}",
                f"Content-Length: {len(raw)}",
                f"X-Request-Id: req-{served.number if served else 0}",
                *(f"{name}: {value}" for name, value in answer.headers.items()),
            ]
            head = ("\r\n".join(lines) + "\r\n\r\n").encode()
            if answer.how == "hang":
                endpoint.closing.wait()
                return
            if answer.how == "cut":
                self.connection.sendall(head + raw[: len(raw) // 2])
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if answer.how == "drip":
                self.connection.sendall(head)
                for byte in raw:
                    if endpoint.closing.wait(0.1):
                        return
                    self.connection.sendall(bytes([byte]))
            else:
                self.connection.sendall(head + raw)
            if served is not None:
                served.answered = True

    return Handler


def _plain(found: tuple[int, Any]) -> Answer:
    status, body = found
    return Answer(status, body)
