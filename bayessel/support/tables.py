"""Tables as CSV that no spreadsheet runs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bayessel.support.text import plain_cell


def csv_text(table: pd.DataFrame, **options: Any) -> str:
    """A table as CSV with six significant digits; no text in it is a formula.

    A text that a spreadsheet would take for one gets an apostrophe; see
    :func:`bayessel.support.text.plain_cell`.

    Parameters
    ----------
    table
        What to write.
    options
        As ``DataFrame.to_csv`` takes them.
    """
    plain = table.rename(index=_plain, columns=_plain)
    for name, kind in plain.dtypes.items():
        if not pd.api.types.is_numeric_dtype(kind):
            plain[name] = plain[name].map(_plain)
    return plain.to_csv(**{"float_format": "%.6g", **options})


def _plain(value: Any) -> Any:
    return plain_cell(value) if isinstance(value, str) else value
