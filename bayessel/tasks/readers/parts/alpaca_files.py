"""The files of an alpaca_eval results folder, as frames."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import short
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import read_records

ANNOTATIONS, OUTPUTS = "annotations.json", "model_outputs.json"
FIELDS = ("instruction", "output_1", "generator_1", "output_2", "generator_2", "preference")


@dataclass(frozen=True)
class ResultFile:
    """A file, with the names that its path ``results/<model>/<annotator>/`` has, if any."""

    path: Path
    model: str | None = None
    annotator: str | None = None


def annotation_files(path: Path) -> list[ResultFile]:
    """Find the annotations of a results folder, an LLM's or an annotator's folder, or a file."""
    if path.is_file():
        return [] if path.name == OUTPUTS else [ResultFile(path)]
    root = _results(path)
    flat = [*root.glob(ANNOTATIONS), *root.glob(f"*/{ANNOTATIONS}")]
    tree = sorted(root.glob(f"*/*/{ANNOTATIONS}"))
    return [
        *(ResultFile(f) for f in sorted(flat)),
        *(ResultFile(f, f.parent.parent.name, f.parent.name) for f in tree),
    ]


def output_files(path: Path) -> list[ResultFile]:
    """Find the LLMs' outputs of a results folder, or of an LLM's folder."""
    if path.is_file():
        return [ResultFile(path)] if path.name == OUTPUTS else []
    root = _results(path)
    tree = sorted(root.glob(f"*/{OUTPUTS}"))
    return [
        *(ResultFile(f) for f in root.glob(OUTPUTS)),
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
        One row for each record: ``query_id``, the fields of the format, ``dataset``, ``folder``
        (the LLM's folder or None), ``annotator`` and ``where``. ``preference`` is NaN where
        the annotator failed.
    """
    found: list[tuple[Any, ...]] = []
    for file in files:
        seen: Counter[str] = Counter()
        for number, record in enumerate(read_records(file.path), start=1):
            where = f"{file.path}, record {number}"
            values.require(FIELDS, record, where)
            instruction = _instruction(record, where)
            annotator = file.annotator or record.get("annotator") or file.path.parent.name
            found.append(
                (
                    query_id(instruction, seen),
                    instruction,
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
    columns = ["query_id", *FIELDS, "dataset", "folder", "annotator", "where"]
    return pd.DataFrame(found, columns=columns)


def read_outputs(files: Iterable[ResultFile]) -> pd.DataFrame:
    """Read files of model outputs.

    Returns
    -------
    DataFrame
        Columns ``query_id``, ``candidate``, ``text`` (a null output has no row), ``instruction``
        and ``dataset``.
    """
    found: list[tuple[Any, ...]] = []
    for file in files:
        seen: Counter[str] = Counter()
        for number, record in enumerate(read_records(file.path), start=1):
            where = f"{file.path}, record {number}"
            values.require(("instruction", "output"), record, where)
            instruction = _instruction(record, where)
            query = query_id(instruction, seen)
            model = file.model or record.get("generator") or file.path.parent.name
            text = values.text(record["output"], "output", where)
            dataset = values.text(record.get("dataset"), "dataset", where)
            if text is not None:
                name = values.name(model, "generator", where)
                found.append((query, name, text, instruction, dataset))
    return pd.DataFrame(found, columns=["query_id", "candidate", "text", "instruction", "dataset"])


def query_id(instruction: str, seen: Counter[str]) -> str:
    """Name a query by a hash of its instruction; alpaca_eval has no identifiers.

    Parameters
    ----------
    instruction
        The query's text.
    seen
        How often each name was given in this file so far; it is updated. The second occurrence of
        an instruction gets the suffix ``-2``, and so on.
    """
    name = "q" + hashlib.sha256(instruction.encode("utf-8")).hexdigest()[:12]
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


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
