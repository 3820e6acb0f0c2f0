"""Find a benchmark's folder and the files in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bayessel.errors import DataError
from bayessel.support.reading import COMPRESSED, bare_stem
from bayessel.support.text import listing

INSIDE = ("model_answer", "model_judgment")
"""Folders inside a benchmark's folder: whoever names one means the benchmark's."""


def files(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder in the order of their names, without those that begin with a dot.

    The ending of a compression does not count. macOS writes a file ``._NAME`` beside each file on
    other people's disks.

    Parameters
    ----------
    folder
        May be absent.
    pattern
        As :meth:`pathlib.Path.glob` reads it.
    """
    patterns = (pattern + ending for ending in ("", *COMPRESSED))
    found = {f for p in patterns for f in folder.glob(p) if not _hidden(f, folder)}
    return sorted(f for f in found if f.is_file())


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def name_in(folder: Path, file: Path) -> str:
    """An LLM's name from its file's: ``org/m`` where the file is ``org/m.jsonl`` in the folder."""
    return file.relative_to(folder).with_name(bare_stem(file)).as_posix()


def roots(path: Path, is_root: Callable[[Path], bool]) -> list[Path]:
    """Benchmark folders that a path means: itself, the one that it is in, or those that it holds.

    Parameters
    ----------
    path
        A folder.
    is_root
        Whether a folder is a benchmark's.
    """
    if not path.is_dir():
        return []
    if is_root(path):
        return [path]
    for above in _above(path):
        if is_root(above):
            return [above]
    found: list[Path] = []
    level = [path]
    for _ in range(2):
        level = [inner for folder in level for inner in _folders(folder)]
        found = [folder for folder in level if is_root(folder)]
        if found:
            break
    return found


def root(path: Path, is_root: Callable[[Path], bool], what: str) -> Path:
    """The only benchmark folder that a path means.

    Parameters
    ----------
    path, is_root
        As in :func:`roots`.
    what
        What the folder is called, for the message.

    Returns
    -------
    Path
        The path itself where there is none, so that the reader says what it misses.

    Raises
    ------
    DataError
        There are several.
    """
    found = roots(path, is_root)
    if len(found) > 1:
        raise DataError(
            f"{path} holds {len(found)} folders of {what} ({listing(f.name for f in found)}): "
            "give one of them"
        )
    return found[0] if found else path


def roots_of(paths: Sequence[Path], is_root: Callable[[Path], bool], what: str) -> list[Path]:
    """The benchmark folders that several paths mean, each once.

    A folder means the one of :func:`root`; a file of judgments the one that it is in, if any.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        meant = [root(path, is_root, what)]
        if path.is_file():
            meant = [folder for folder in _above(path) if is_root(folder)]
        for folder in meant:
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def each_once(files: Iterable[Path]) -> list[Path]:
    """Each file once, as its path was given first."""
    found: dict[Path, Path] = {}
    for file in files:
        found.setdefault(file.resolve(), file)
    return list(found.values())


def _above(path: Path) -> Iterator[Path]:
    """The folders around a path that is, or is in, a part of a benchmark's folder."""
    whole = path.absolute()
    for folder in (whole, *list(whole.parents)[:2]):
        if folder.name in INSIDE:
            yield folder.parent
            return


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(f for f in folder.iterdir() if f.is_dir() and not f.name.startswith("."))
    except OSError:
        return []
