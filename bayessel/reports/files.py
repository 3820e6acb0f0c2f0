"""The files of a report: all of them are written, or the old ones stay."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import RunError
from bayessel.support.files import reason, written_together
from bayessel.support.tables import csv_text


@contextlib.contextmanager
def report_files(
    folder: Path,
    what_to_do: str = "",
    *,
    replaced: str | None = None,
    removed: Collection[str] = (),
) -> Iterator[Path]:
    """A folder to write a report's files to; they are moved into ``folder`` in the end.

    Parameters
    ----------
    folder
        Where the files go.
    what_to_do
        Said after the error's reason.
    replaced, removed
        See :func:`bayessel.support.files.written_together`.

    Raises
    ------
    RunError
        They cannot be written.
    """
    try:
        with written_together(folder, replaced, removed) as staging:
            yield staging
    except OSError as error:
        raise RunError(
            f"cannot write the results into {folder}: {reason(error)}"
            + (what_to_do and f"; {what_to_do}")
        ) from error


def write_json(path: Path, numbers: Mapping[str, Any]) -> None:
    """Write numbers as JSON that people can read."""
    text = json.dumps(numbers, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_csv(path: Path, table: pd.DataFrame, **options: Any) -> None:
    """Write a table as CSV with six significant digits; no text in it is a formula."""
    path.write_text(csv_text(table, **options), encoding="utf-8", errors="backslashreplace")
