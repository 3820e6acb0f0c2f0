"""Names of files that are not finished, and what is done with those that a killed process left.

A name says who writes: ``.NAME.HOST-PROCESS-THREAD.partial``. So the next writer in the folder can
tell what nobody will finish, and takes it away.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import threading
import time
from functools import cache
from pathlib import Path

_PARTIAL = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)-\d+\.partial(-wal|-shm|-journal)?")
_OLD = 24 * 3600.0  # seconds after which a file of another machine is nobody's


def partial_name(name: str) -> str:
    """The hidden name under which this thread writes ``name``."""
    return f".{name[:100]}.{_host()}-{os.getpid()}-{threading.get_native_id()}.partial"


def clean(folder: Path) -> None:
    """Remove from a folder what processes that are gone did not finish; never raises OSError."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _PARTIAL.fullmatch(entry.name)
            if found and _abandoned(found[1], int(found[2]), entry):
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    else:
                        Path(entry.path).unlink(missing_ok=True)


def _abandoned(host: str, process: int, entry: os.DirEntry[str]) -> bool:
    if host != _host():
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _OLD
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # another user's process
        return False
    return False


@cache
def _host() -> str:
    """Eight digits that tell machines and containers apart: process numbers are theirs."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
