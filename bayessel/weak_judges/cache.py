"""Keep weak judges' scores on disk, so that a resumed selection does not compute them again."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.support.files import written_whole
from bayessel.tasks.texts import Texts
from bayessel.weak_judges import score_weak_judges, weak_judge_names

VERSION = 2
"""Increase it when a weak judge's formula or the tokens change; old scores are then not used."""


def cached_scores(
    texts: Texts,
    names: Iterable[str] | None,
    folder: str | os.PathLike[str],
    key: str,
    *,
    progress: Callable[[str], None] | None = None,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Score responses by weak judges, computing only what the cache lacks.

    Returns what :func:`~bayessel.weak_judges.score_weak_judges` returns. The cache may be lost at
    any time: a file that is damaged, of another version or of other texts is replaced, and a file
    that cannot be written is left out.

    Parameters
    ----------
    texts
        Queries and responses.
    names
        Names of J weak judges; the built-in ones where None.
    folder
        Where ``weak-judges-<key>.npz`` is; made if it is absent.
    key
        Hash of the texts: letters, digits, ``-`` and ``_``.
    progress
        Called with a family's name as its work begins.

    Returns
    -------
    scores
        [J, N, M] candidate minus baseline.
    names
        [J] the weak judges' names, in the order asked for.

    Raises
    ------
    UnknownNameError
        There is no weak judge of that name.
    DataError
        ``key`` cannot be part of a file name.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
        raise DataError(f"cache key {key!r}: expected a hash of letters, digits, '-' and '_'")
    wanted = weak_judge_names(names)
    path = Path(folder) / f"weak-judges-{key}.npz"
    known = _read(path, key, texts.responses.shape)
    missing = [name for name in wanted if name not in known]
    if missing:
        scores, _ = score_weak_judges(texts, missing, progress=progress)
        known |= dict(zip(missing, scores, strict=True))
        with contextlib.suppress(OSError):  # a full disk or a read-only folder costs time, no more
            _write(path, key, known)
    shape = (len(wanted), *texts.responses.shape)
    return np.array([known[name] for name in wanted], np.float64).reshape(shape), wanted


def _read(path: Path, key: str, shape: tuple[int, ...]) -> dict[str, NDArray[np.float64]]:
    """Scores [N, M] by weak judge; none if the file is damaged or is of other texts."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if int(file["version"]) != VERSION or str(file["key"]) != key:
                return {}
            names = [str(name) for name in file["names"]]
            scores = file["scores"]
    except Exception:  # whatever a damaged archive makes its reader raise
        return {}
    sound = (
        scores.dtype == np.float64
        and scores.shape == (len(names), *shape)
        and np.isfinite(scores).all()
    )
    return dict(zip(names, scores, strict=True)) if sound else {}


def _write(path: Path, key: str, known: dict[str, NDArray[np.float64]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as partial, partial.open("wb") as file:
        np.savez(
            file,
            version=np.array(VERSION),
            key=np.array(key),
            names=np.array(list(known)),
            scores=np.array(list(known.values())),
        )
