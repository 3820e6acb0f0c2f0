"""A run whose texts do not say the names, and its page, served as a user serves it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import uvicorn

from bayessel import Task
from bayessel.cli.people import progress
from bayessel.oracles.people.app import Page, Settings
from bayessel.oracles.people.serve import listen, serve
from bayessel.oracles.people.sheet import Sheets
from bayessel.selection.people import open_desk
from bayessel.selection.run import Run

NAMES = ("gpt-secret-1", "llama-secret-2", "qwen-secret-3")
BASELINE = "base-secret-0"

HOSTILE = [
    "<script>document.title='taken'</script> </pre></div> <img src=x onerror=\"alert(1)\">",
    "[click](javascript:document.title='taken') ![p](http://192.0.2.1/pixel.png) <http://192.0.2.1>",
    "\x1b[31mred\x1b[0m \x00 \u202eright to left override",
    "```html\n</code></pre><script>document.title='taken'</script>\n```\n\n"
    "$\\text{</math><script>x</script>}$",
    "# Heading\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```python\nprint('hi')  # comment\n```\n\n"
    "\\(x^2\\)",
    "مرحبا بالعالم\n\n日本語の文章です。",
]


def texts(query: int, name: str) -> str:
    """A response that does not say whose it is; the same for nobody else."""
    number = (*NAMES, BASELINE).index(name)
    return f"{HOSTILE[(query + number) % len(HOSTILE)]}\n\nanswer {query * 31 + number * 7}"


def make_run(
    folder: Path,
    n_queries: int = 8,
    response: Callable[[int, str], str] = texts,
    strategy: str = "random-cells",
) -> Path:
    """A run folder."""
    rows = [
        {
            "query_id": f"query-name-{q}",
            "candidate": name,
            "outcome": "",
            "text": response(q, name),
            "query_text": f"Question number {q}: what is {q} + 1?",
        }
        for q in range(n_queries)
        for name in (*NAMES, BASELINE)
    ]
    task = Task.from_frame(pd.DataFrame(rows), baseline=BASELINE)
    with Run.create(folder, task, strategy, seed=1):
        return folder


class Served:
    """The page of a run, served from a thread of this process.

    ``options`` are those of :func:`bayessel.selection.people.open_desk`.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        self._clients: list[httpx.Client] = []
        self._failure: BaseException | None = None
        self._server: uvicorn.Server | None = None
        ready = threading.Event()

        def started(server: uvicorn.Server) -> None:
            self._server = server
            ready.set()

        def work() -> None:
            try:
                with Run.open(folder) as run:
                    sheets = Sheets(run.task)
                listening, self.where = listen(folder)
                with contextlib.closing(listening):
                    settings = Settings(
                        self.where.secrets, progress=lambda desk: progress(desk, None)
                    )
                    page = Page(open_desk(folder, sheets, **options), sheets, settings)
                    serve(page, listening, on_ready=started)
            except BaseException as error:
                self._failure = error
            finally:
                ready.set()

        self._thread = threading.Thread(target=work)
        self._thread.start()
        ready.wait(60)
        assert self._failure is None, self._failure

    @property
    def base(self) -> str:
        """The address without its token."""
        return self.where.for_annotators().partition("/?")[0]

    def stranger(self) -> httpx.Client:
        """A browser without scripts that knows nothing."""
        client = httpx.Client(
            base_url=self.base, follow_redirects=True, headers={"origin": self.base}
        )
        self._clients.append(client)
        return client

    def client(self, name: str) -> httpx.Client:
        """One that came in with the token and a name."""
        client = self.stranger()
        assert client.get(self.where.for_annotators(name)).status_code == 200
        return client

    def stop(self) -> None:
        """Stop, as Ctrl-C does."""
        for client in self._clients:
            client.close()
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(30)
        assert self._failure is None, self._failure


class Process:
    """``bayessel page`` in a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._log = folder.parent / "page.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bayessel", "page", str(folder), "--no-browser", *options],
                stdout=log,
                stderr=log,
                env={**os.environ, "COLUMNS": "200"},
            )
        deadline = time.monotonic() + 60
        while "stop with Ctrl-C" not in self.said:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.said)
            time.sleep(0.05)

    @property
    def said(self) -> str:
        """What it printed."""
        return self._log.read_text()

    def address(self, who: str) -> str:
        """The address that was printed for somebody."""
        found = re.search(rf"^{re.escape(who)}: (\S+)$", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]

    def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=30)


def wait_open(client: httpx.Client) -> dict:
    """The question in front of somebody, once it is there."""
    for _ in range(400):
        found = client.get("/question").json()
        if found["state"] != "waiting":
            return found
        time.sleep(0.05)
    raise AssertionError("no question came")
