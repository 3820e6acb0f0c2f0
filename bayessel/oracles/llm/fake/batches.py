"""The fake endpoint's batches: files of requests, judged when somebody asks for their answers."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable
from typing import Any


class Batches:
    """Files and batches, as the OpenAI protocol has them.

    Parameters
    ----------
    complete
        From the body of a chat completion to its answer.
    """

    def __init__(self, complete: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._complete = complete
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.files: dict[str, str] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.patience = 0
        """How often a batch is asked for before it is done."""
        self.ends: str = "completed"
        """The state in which batches end; ``failed`` and ``expired`` give no answers."""

    def post(self, path: str, headers: Any, raw: bytes) -> tuple[int, Any]:
        """Take a file or a batch."""
        with self._lock:
            number = next(self._numbers)
            if path.endswith("/files"):
                return 200, self._file(f"file-{number}", _part(headers, raw))
            if path.endswith("/batches"):
                asked = json.loads(raw)
                batch = {
                    "id": f"batch-{number}",
                    "object": "batch",
                    "endpoint": asked["endpoint"],
                    "input_file_id": asked["input_file_id"],
                    "completion_window": asked["completion_window"],
                    "metadata": asked.get("metadata"),
                    "status": "in_progress",
                    "created_at": 0,
                    "left": self.patience,
                }
                self.batches[batch["id"]] = batch
                return 200, batch
        return 404, {"error": {"message": f"no such path {path}"}}

    def get(self, path: str) -> tuple[int, Any]:
        """What a batch has come to, or a file's content."""
        with self._lock:
            if found := re.search(r"/files/([^/]+)/content$", path):
                if found[1] in self.files:
                    return 200, self.files[found[1]]
            elif (found := re.search(r"/batches/([^/?]+)$", path)) and found[1] in self.batches:
                return 200, self._progress(self.batches[found[1]])
            elif re.search(r"/batches(\?|$)", path):
                return 200, {
                    "object": "list",
                    "data": list(self.batches.values()),
                    "has_more": False,
                }
        return 404, {"error": {"message": f"no such path {path}", "code": "not_found"}}

    def _file(self, name: str, content: str) -> dict[str, Any]:
        self.files[name] = content
        size = len(content.encode())
        return {
            "id": name,
            "object": "file",
            "bytes": size,
            "created_at": 0,
            "filename": "requests.jsonl",
            "purpose": "batch",
            "status": "processed",
        }

    def _progress(self, batch: dict[str, Any]) -> dict[str, Any]:
        if batch["status"] != "in_progress":
            return batch
        if batch["left"] > 0:
            batch["left"] -= 1
            return batch
        batch["status"] = self.ends
        if self.ends == "completed":
            lines = []
            for line in self.files[batch["input_file_id"]].splitlines():
                asked = json.loads(line)
                answer = {"status_code": 200, "body": self._complete(asked["body"])}
                lines.append({"id": "x", "custom_id": asked["custom_id"], "response": answer})
            name = f"out-{batch['id']}"
            self.files[name] = "\n".join(json.dumps(line) for line in lines)
            batch["output_file_id"] = name
        return batch


def _part(headers: Any, raw: bytes) -> str:
    """The file in a multipart form."""
    boundary = re.search(r"boundary=([^;]+)", headers.get("Content-Type", ""))
    if boundary is None:
        return ""
    for part in raw.split(b"--" + boundary[1].strip('"').encode()):
        head, _, body = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return body.removesuffix(b"\r\n").decode()
    return ""
