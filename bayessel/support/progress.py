"""How far reading is, told to whoever listens; nobody by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Listener = Callable[[Path, int, int], None]
"""Called with a file, how many of its bytes were read, and how many it has."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear how far the files are that are read within the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell_progress(path: Path, done: int, of: int) -> None:
    """Say how many of a file's bytes were read."""
    listener = _listener.get()
    if listener is not None:
        listener(path, done, of)
