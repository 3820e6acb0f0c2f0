"""Serve the page on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import uvicorn

from bayessel.errors import RunError
from bayessel.oracles.people.app import Page, Secrets, make_app
from bayessel.support.files import reason, written_whole
from bayessel.support.marker import adopt

HOST = "127.0.0.1"
KEPT = "page.json"
"""File of the run folder that keeps port and tokens: the same addresses hold after a restart."""


@dataclass(frozen=True)
class Address:
    """Where the page is.

    Attributes
    ----------
    port
        Of this machine.
    secrets
        The tokens.
    """

    port: int
    secrets: Secrets

    def for_annotators(self, name: str | None = None) -> str:
        """The address to open, for anybody or for one annotator."""
        who = "" if name is None else f"&name={quote(name)}"
        return f"http://{HOST}:{self.port}/?token={self.secrets.annotators}{who}"

    @property
    def for_organiser(self) -> str:
        """The address of the progress."""
        return f"http://{HOST}:{self.port}/?token={self.secrets.organiser}"


def listen(folder: Path, port: int | None = None) -> tuple[socket.socket, Address]:
    """Take a port of this machine: the one given, else the one of last time, else any.

    Parameters
    ----------
    folder
        The run folder.
    port
        The port that must be had.

    Raises
    ------
    RunError
        The port that was given is taken, or ``page.json`` is not bayessel's or cannot be written.
    """
    path = folder / KEPT
    kept = _read(path)
    if kept is None:
        adopt(folder, [KEPT])
        kept = {}
    tokens = Secrets(_token(kept.get("annotators")), _token(kept.get("organiser")))
    last = kept.get("port")
    wished = port or (last if isinstance(last, int) and 0 < last < 65536 else 0)
    try:
        listening = _bind(wished)
    except OSError as error:
        if port is not None:
            raise RunError(
                f"port {port} cannot be had ({reason(error)}): give another one with --port"
            ) from error
        listening = _bind(0)
    address = Address(listening.getsockname()[1], tokens)
    _write(
        path,
        {"port": address.port, "annotators": tokens.annotators, "organiser": tokens.organiser},
    )
    return listening, address


def serve(
    page: Page,
    listening: socket.socket,
    *,
    on_ready: Callable[[uvicorn.Server], None] = lambda server: None,
) -> None:
    """Serve until the process is interrupted, or the server's ``should_exit`` is set.

    Parameters
    ----------
    page
        Opened in this thread; it is closed at the end.
    listening
        From :func:`listen`.
    on_ready
        Called with the server once the page answers.
    """

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_ready(self)

    config = uvicorn.Config(
        make_app(page),
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=2,
    )
    Server(config).run(sockets=[listening])


def _bind(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
    except BaseException:
        made.close()
        raise
    return made


def _token(kept: object) -> str:
    """A token that was kept; a new one where none was, or one that could be guessed."""
    if isinstance(kept, str) and kept.isascii() and len(kept) >= len(_new_token()):
        return kept
    return _new_token()


def _new_token() -> str:
    return secrets.token_urlsafe(18)


def _read(path: Path) -> dict[str, object] | None:
    """What was kept last time; None where there is no file.

    Raises
    ------
    RunError
        The file is not one of bayessel's.
    """
    if path.is_symlink():
        raise RunError(f"{path} is a symbolic link: remove it, bayessel makes the file anew")
    if not path.exists():
        return None
    found: object = None
    if path.is_file():
        with contextlib.suppress(OSError, ValueError, RecursionError):
            found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not {"port", "annotators", "organiser"} <= found.keys():
        raise RunError(
            f"{path} is not what 'bayessel page' keeps there: move it away, and the page gets new "
            "addresses; it was left as it is"
        )
    return found


def _write(path: Path, value: dict[str, object]) -> None:
    """Write a file that only its owner can read."""

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        with (
            written_whole(path) as partial,
            open(partial, "x", encoding="utf-8", opener=private) as file,
        ):
            json.dump(value, file)
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}") from error
