"""What a JSON file looks like from its beginning, and the files of a folder that look alike.

Detection asks every format about every path, so it never reads a file whole: it sees the keys in a
file's first part, by how deep they stand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from bayessel.errors import BayesselError
from bayessel.support.reading import bare_name, beginning
from bayessel.support.text import count

HEAD = 1 << 16
"""Bytes that are read of a file."""

DEPTH = 5
"""Folders below a given folder that are looked at."""

MOST_FILES = 200
"""Files of a folder that are looked at before it counts as another format's."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


@dataclass(frozen=True)
class Marks:
    """Keys in the first part of a JSON file.

    Attributes
    ----------
    is_array
        Whether the document is an array.
    keys
        Keys of objects by depth, arrays not counted: ``keys[0]`` are those of the document, or of
        the records of an array; ``keys[1]`` those of objects in them, and so on.
    """

    is_array: bool = False
    keys: tuple[frozenset[str], ...] = (frozenset(),) * 3

    def has(self, *names: str, depth: int = 0) -> bool:
        """Whether all of these keys stand at a depth."""
        return self.keys[depth] >= set(names)


def marks(path: Path) -> Marks:
    """Look at the beginning of a JSON file; no keys where it is no such file. Never raises."""
    try:
        head = beginning(path, HEAD).lstrip()
    except (BayesselError, OSError, ValueError):
        return Marks()
    if head[:1] not in ("{", "["):
        return Marks()
    found: list[set[str]] = [set(), set(), set()]
    opened: list[str] = []
    last = ""
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token in "{[":
            opened.append(token)
        elif token in "}]":
            if not opened:
                return Marks()
            opened.pop()
        elif token == ":" and last.startswith('"'):
            depth = opened.count("{") - 1
            if 0 <= depth < len(found):
                found[depth].add(last[1:-1])
        last = token
    return Marks(head[0] == "[", tuple(map(frozenset, found)))


def files_under(path: Path, pattern: str) -> Iterator[Path]:
    """Files whose names fit a pattern: the path itself, or those in a folder, in order.

    The ending of a compression does not count. Hidden files and folders are left out, and what
    lies more than :data:`DEPTH` folders down.

    Parameters
    ----------
    path
        A file or a folder.
    pattern
        As :mod:`fnmatch` reads it.
    """
    if path.is_file():
        if fnmatch(bare_name(path), pattern):
            yield path
        return
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        deep = len(here.relative_to(path).parts) >= DEPTH
        folders[:] = [] if deep else sorted(f for f in folders if not f.startswith("."))
        for file in sorted(here / name for name in names):
            if fnmatch(bare_name(file), pattern) and not file.name.startswith("."):
                yield file


def files_of(paths: Sequence[Path], pattern: str) -> Iterator[Path]:
    """Files whose names fit a pattern, of several files and folders, each once."""
    seen: set[Path] = set()
    for file in (f for path in paths for f in files_under(path, pattern)):
        if file.resolve() not in seen:
            seen.add(file.resolve())
            yield file


def source_of(paths: Sequence[Path]) -> str:
    """What to call several paths in a message."""
    more = count(len(paths) - 1, "more path")
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {more}"


def any_like(path: Path, pattern: str, is_like: Callable[[Path], bool]) -> bool:
    """Whether a file, or one of the first files of a folder, is of a kind."""
    return any(is_like(file) for file in islice(files_under(path, pattern), MOST_FILES))
