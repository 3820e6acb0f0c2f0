"""The files of an alpaca_eval results folder, as frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.reading import bare_name
from bayessel.support.text import short
from bayessel.tasks.readers.parts import folders, values
from bayessel.tasks.readers.parts.files import read_records
from bayessel.tasks.readers.parts.marks import Marks, marks
from bayessel.tasks.readers.parts.repeats import repeat_names

ANNOTATIONS, OUTPUTS = "annotations.json", "model_outputs.json"
FIELDS = ("instruction", "output_1", "generator_1", "output_2", "generator_2", "preference")


@dataclass(frozen=True)
class ResultFile:
    """A file, with the names that its path ``results/<model>/<annotator>/`` has, if any."""

    path: Path
    model: str | None = None
    annotator: str | None = None


def annotation_files(paths: Iterable[Path]) -> list[ResultFile]:
    """Find the annotations of results folders, an LLM's or an annotator's folder, or files."""
    return _once(file for path in paths for file in _annotations(path))


def output_files(paths: Iterable[Path]) -> list[ResultFile]:
    """Find the LLMs' outputs of results folders, of an LLM's folder, or files."""
    return _once(file for path in paths for file in _outputs(path))


def _once(files: Iterable[ResultFile]) -> list[ResultFile]:
    """Each file once, as its path was given first."""
    found: dict[Path, ResultFile] = {}
    for file in files:
        found.setdefault(file.path.resolve(), file)
    return list(found.values())


def is_annotations(file: Path) -> bool:
    """Whether a file holds annotations, by its name or its keys."""
    found = marks(file)
    named = bare_name(file) == ANNOTATIONS
    return named or (found.is_array and found.has("instruction") and _says(found, FIELDS[1:]))


def is_outputs(file: Path) -> bool:
    """Whether a file holds outputs of LLMs, by its name or its keys."""
    found = marks(file)
    if bare_name(file) == OUTPUTS:
        return True
    both = found.is_array and found.has("instruction", "output")
    return both and not _says(found, FIELDS[1:]) and not _says(found, ("query_id", "outcome"))


def _says(found: Marks, keys: Iterable[str]) -> bool:
    return bool(found.keys[0] & set(keys))


def _annotations(path: Path) -> list[ResultFile]:
    if path.is_file():
        return [] if is_outputs(path) else [ResultFile(path)]
    root = _results(path)
    flat = [*folders.files(root, ANNOTATIONS), *folders.files(root, f"*/{ANNOTATIONS}")]
    tree = folders.files(root, f"*/*/{ANNOTATIONS}")
    return [
        *(ResultFile(f) for f in sorted(flat)),
        *(ResultFile(f, f.parent.parent.name, f.parent.name) for f in tree),
    ]


def _outputs(path: Path) -> list[ResultFile]:
    if path.is_file():
        return [ResultFile(path)] if is_outputs(path) else []
    root = _results(path)
    flat, tree = folders.files(root, OUTPUTS), folders.files(root, f"*/{OUTPUTS}")
    return [
        *(ResultFile(f) for f in flat),
        *(ResultFile(f, f.parent.name) for f in tree),
    ]


def _results(path: Path) -> Path:
    inner = path / "results"
    return inner if inner.is_dir() else path


def read_annotations(files: Iterable[ResultFile]) -> pd.DataFrame:
    """Read annotation files.

    Returns
    -------
    DataFrame
        One row for each record: the fields of the format, ``dataset``, ``folder`` (the LLM's
        folder or None), ``annotator`` and ``where``. ``preference`` is NaN where the annotator
        failed.
    """
    found: list[tuple[Any, ...]] = []
    for file in files:
        for number, record in enumerate(read_records(file.path), start=1):
            where = f"{file.path}, record {number}"
            values.require(FIELDS, record, where)
            annotator = file.annotator or record.get("annotator")
            annotator = file.path.parent.name if annotator in (None, "") else annotator
            found.append(
                (
                    _instruction(record, where),
                    values.text(record["output_1"], "output_1", where),
                    values.name(record["generator_1"], "generator_1", where),
                    values.text(record["output_2"], "output_2", where),
                    values.name(record["generator_2"], "generator_2", where),
                    _preference(record["preference"], where),
                    values.text(record.get("dataset"), "dataset", where),
                    file.model,
                    values.name(annotator, "annotator", where),
                    where,
                )
            )
    columns = [*FIELDS, "dataset", "folder", "annotator", "where"]
    return pd.DataFrame(found, columns=columns)


def read_outputs(files: Iterable[ResultFile]) -> pd.DataFrame:
    """Read files of model outputs.

    Returns
    -------
    DataFrame
        Columns ``candidate``, ``text`` (a null output has no row), ``instruction`` and ``dataset``.
    """
    found: list[tuple[Any, ...]] = []
    for file in files:
        for number, record in enumerate(read_records(file.path), start=1):
            where = f"{file.path}, record {number}"
            values.require(("instruction", "output"), record, where)
            instruction = _instruction(record, where)
            model = file.model or record.get("generator") or file.path.parent.name
            text = values.text(record["output"], "output", where)
            dataset = values.text(record.get("dataset"), "dataset", where)
            if text is not None:
                name = values.name(model, "generator", where)
                found.append((name, text, instruction, dataset))
    return pd.DataFrame(found, columns=["candidate", "text", "instruction", "dataset"])


def query_ids(frame: pd.DataFrame) -> pd.Series:
    """[R] names of queries by a hash of their instructions; alpaca_eval has no identifiers.

    Parameters
    ----------
    frame
        Columns ``candidate`` and ``instruction``. The second time that a candidate has an
        instruction it gets the suffix ``-2``, and so on.
    """
    hashed = {i: hashlib.sha256(i.encode("utf-8")).hexdigest()[:12] for i in set(frame.instruction)}
    names = "q" + frame["instruction"].map(hashed).astype(object)
    order = frame.groupby(["candidate", "instruction"], sort=False).cumcount()
    return repeat_names(names, order, "-")


def _instruction(record: dict[str, Any], where: str) -> str:
    text = values.text(record["instruction"], "instruction", where)
    if text is None:
        raise DataError(f"{where}: instruction is null; every record needs one")
    return text


def _preference(value: Any, where: str) -> float:
    if value is None:
        return float("nan")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and (value == 0 or 1 <= value <= 2 or value != value):
        return float(value)
    raise DataError(
        f"{where}: preference is {short(value)}; expected 1 (output_1 preferred) to 2 (output_2 "
        "preferred), 1.5 or 0 for a draw, or null where the annotator failed"
    )
