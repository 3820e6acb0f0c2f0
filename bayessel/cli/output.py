"""The folder that a command writes its results into, and what happens when it is interrupted."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bayessel.cli.display import say_error, say_note
from bayessel.errors import RunError


def result_folder(out: Path) -> Path:
    """Make the folder for results.

    Raises
    ------
    RunError
        It is a file, a selection's run folder, or cannot be made.
    """
    from bayessel.selection.ledger import DATABASE

    if (out / DATABASE).exists():
        raise RunError(f"{out} is the run folder of a selection: give another folder with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot create the folder {out}: {error.strerror}; give another one with --out"
        ) from error
    return out


@contextlib.contextmanager
def interruptible(out: Path) -> Iterator[None]:
    """Where the user interrupts the block, say that nothing was written and exit with code 130.

    A sampler may swallow the interrupt and return the draws it has so far: these are no result, so
    the block counts as interrupted all the same.
    """
    stopped = False

    def stop(signum: int, frame: Any) -> None:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except KeyboardInterrupt:
        stopped = True
    except Exception:
        if not stopped:
            raise
    finally:
        signal.signal(signal.SIGINT, before)
    if stopped:
        say_error(f"interrupted before the fit was finished: no result was written into {out}")
        raise SystemExit(130)


@contextlib.contextmanager
def patient() -> Iterator[None]:
    """Where the user interrupts the block, calls in flight are waited for; the second time not."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread only
        return
    stopped = False

    def stop(signum: int, frame: Any) -> None:
        nonlocal stopped
        if stopped:
            os._exit(130)  # what was bought is on disk; the calls in flight are in the ledger
        stopped = True
        say_note(
            "stopping when the calls in flight are done; a second time leaves them (perhaps paid)"
        )
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
