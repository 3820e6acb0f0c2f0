"""Read a long DataFrame in the same way as a table's file."""

from __future__ import annotations

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import listing
from bayessel.tasks.readers.base import ReadOptions
from bayessel.tasks.readers.parts.long import long_tables
from bayessel.tasks.readers.parts.rows import Rows
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
    twice = [str(c) for c in frame.columns[frame.columns.duplicated()]]
    if twice:
        raise DataError(f"the frame has more than one column {listing(twice)}: keep one of each")
    columns = {
        str(name): [None if empty else value for value, empty in zip(column, null, strict=True)]
        for name in frame
        for column, null in [(frame[name].tolist(), frame[name].isna())]
    }
    objects = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in columns.items()})
    return Rows("the frame", objects, "row", range(1, len(frame) + 1))


def read_frame(frame: pd.DataFrame, options: ReadOptions | None = None) -> Tables:
    """Split a long DataFrame into tables; NaN and None are empty.

    Parameters
    ----------
    frame
        Columns as in a table's file: see
        :func:`bayessel.tasks.readers.parts.long.long_tables`.
    options
        The baseline's name and the tolerance of scores.

    Raises
    ------
    DataError
        Not a DataFrame, a column is missing or double, or as :func:`long_tables`.
    """
    return long_tables(rows_of_frame(frame), options or ReadOptions())
