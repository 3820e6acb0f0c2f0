"""Read a long DataFrame in the same way as a table's file."""

from __future__ import annotations

import pandas as pd

from bayessel.errors import DataError
from bayessel.tasks.readers import ReadOptions, require_used
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.finish import finished
from bayessel.tasks.readers.parts.headers import is_votes, refuse_twice
from bayessel.tasks.readers.parts.long import long_tables
from bayessel.tasks.readers.parts.pairs import votes_tables
from bayessel.tasks.readers.parts.rows import Part, Rows
from bayessel.tasks.tables import Tables


def rows_of_frame(frame: pd.DataFrame) -> Rows:
    """Rows of a DataFrame as a reader of files has them; NaN and None are empty.

    Raises
    ------
    DataError
        Not a DataFrame, or a double column.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, given a {type(frame).__name__}")
    names = [str(name) for name in frame.columns]
    refuse_twice(names, "the frame")
    columns = {name: Column.of_series(frame.iloc[:, i]) for i, name in enumerate(names)}
    return Rows(columns, (Part("the frame", "row", range(1, len(frame) + 1)),)).not_blank()


def read_frame(frame: pd.DataFrame, options: ReadOptions | None = None) -> Tables:
    """Split a DataFrame into tables; NaN and None are empty.

    Parameters
    ----------
    frame
        Columns as in a file of the format ``table`` or ``votes``.
    options
        The baseline's name, the judge, how outcomes are written and the tolerance of scores.

    Raises
    ------
    DataError
        Not a DataFrame, a column is missing or double, or as for a file.
    """
    rows, options = rows_of_frame(frame), options or ReadOptions()
    name, split = "table", long_tables
    if is_votes(rows.columns):
        name, split = "votes", votes_tables
    require_used(options, name, "the frame")
    return finished(lambda: split(rows, options), options)
