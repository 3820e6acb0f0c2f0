"""Excel workbooks: the rows of the first sheet that is a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.text import listing, one_line
from bayessel.tasks.readers.parts.files import unpacked
from bayessel.tasks.readers.parts.headers import is_table, is_votes, refuse_twice

Row = tuple[int, list[Any]]


def read_sheet(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """Read the first sheet whose header is a table's, or else the first that is not empty.

    Returns
    -------
    notes
        On the sheets that were not read.
    rows
        The number and the values of each row, the header first; an empty cell is an empty text, as
        in CSV.

    Raises
    ------
    DataError
        The package ``openpyxl`` is not installed, a damaged file, no rows, or a column twice.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            f"{path} is an Excel workbook, which needs the package openpyxl: "
            "pip install 'bayessel[xlsx]', or save the sheet as CSV"
        ) from error
    try:
        with unpacked(path) as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            filled = {sheet.title: rows for sheet in book.worksheets if (rows := _filled(sheet))}
            book.close()
    except DataError:
        raise
    except Exception as error:  # openpyxl lets errors of zip, XML and its own through
        raise DataError(
            f"{path} is not a readable Excel workbook: {one_line(error) or type(error).__name__}; "
            "save it again, or as CSV"
        ) from error
    if not filled:
        raise DataError(f"{path} has no rows: expected a header and at least one row")
    name = next((title for title, rows in filled.items() if _is_table(rows)), next(iter(filled)))
    others = [title for title in filled if title != name]
    number, header = filled[name][0]
    while header and header[-1] == "":
        header.pop()
    names = [str(v) if v != "" else f"column {i}" for i, v in enumerate(header, start=1)]
    refuse_twice(names, path)
    notes = (f"read the sheet {name!r}, not {listing(others)}",) if others else ()
    return notes, [(number, names), *filled[name][1:]]


def _is_table(rows: list[Row]) -> bool:
    """Whether the first row of a sheet has the headers of a table or of votes."""
    header = [str(value) for value in rows[0][1]]
    return is_table(header) or is_votes(header)


def _filled(sheet: Any) -> list[Row]:
    """The rows of a sheet that have a value."""
    rows = enumerate(sheet.iter_rows(values_only=True), start=1)
    read = [(number, ["" if v is None else v for v in row]) for number, row in rows]
    return [(number, row) for number, row in read if any(v != "" for v in row)]
