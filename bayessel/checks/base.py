"""What a check found: numbers and a text.

A new check is one file of this folder, and a line in the list of ``checks/__init__.py``.

The picture of a check is drawn by its name, in ``bayessel/pictures/checks/``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Check:
    """One check of a result.

    Attributes
    ----------
    name
        Short, lower case.
    passed
        None where it cannot be run; the text says why.
    text
        One or two sentences: what was found and what to do.
    table
        The numbers behind it, indexed by real names.
    numbers
        What its picture needs besides the table, by name: limits, draws. Empty where there is
        nothing to draw. Not part of :meth:`to_dict`.
    """

    name: str
    passed: bool | None
    text: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``pass``, ``fail`` or ``not run``."""
        return "not run" if self.passed is None else "pass" if self.passed else "fail"

    @property
    def slug(self) -> str:
        """The name as a file's stem."""
        return re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: name, passed, text, and the table as a list of records."""
        table = self.table.reset_index() if len(self.table) else self.table
        records = [
            {str(k): _plain(v) for k, v in row.items()} for row in table.to_dict(orient="records")
        ]
        return {"name": self.name, "passed": self.passed, "text": self.text, "table": records}


def _plain(value: Any) -> Any:
    """A value that JSON can hold; what is not finite becomes None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value if isinstance(value, bool | int) or value is None else str(value)


def not_run(name: str, why: str) -> Check:
    """A check that the result lacks something for."""
    return Check(name, None, why)
