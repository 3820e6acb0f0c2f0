"""A column of a table: its distinct values, and which of them each row has.

What a value means is read once for each distinct value, so that a table of 20 million rows takes
seconds; what is wrong is named by the first row that has it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_CHUNK = 1 << 16

At = Callable[[int], str]
"""Says where the i-th row stands: file and line."""


@dataclass(frozen=True)
class Column:
    """Values as the source has them.

    Attributes
    ----------
    codes
        [R] int32, position of each row's value in ``values``; -1 where the source has nothing.
    values
        Distinct values in the order of their first rows, by type and value.
    """

    codes: NDArray[np.int32]
    values: list[Any]

    @classmethod
    def of(cls, values: Iterable[Any]) -> Column:
        """The column of some values; None and NaN are nothing."""
        builder = Builder()
        builder.add(values)
        return builder.column()

    @classmethod
    def of_series(cls, series: pd.Series) -> Column:
        """The column of a pandas Series; whatever pandas takes for missing is nothing."""
        builder = Builder()
        for start in range(0, len(series), _CHUNK):
            part = series.iloc[start : start + _CHUNK]
            if part.dtype == object:
                pairs = zip(part.tolist(), part.isna(), strict=True)
                builder.add(None if empty else value for value, empty in pairs)
            else:
                codes, values = part.factorize()
                builder.add_coded(values.tolist(), codes)
        return builder.column()

    def __len__(self) -> int:
        return len(self.codes)

    def tolist(self) -> list[Any]:
        """[R] the values, None where there is nothing."""
        values = [*self.values, None]
        return [values[code] for code in self.codes.tolist()]

    def series(self) -> NDArray[Any]:
        """[R] the values as an array of their own type; of objects, None included, if they vary."""
        kinds = {type(value) for value in self.values}
        if kinds and kinds <= {int, float} and (kinds == {float} or (self.codes >= 0).all()):
            return self.array(float if float in kinds else object, np.nan)
        return self.array(object, None)

    def take(self, rows: NDArray[Any]) -> Column:
        """The column of some rows: their positions, or [R] whether each is kept."""
        codes = self.codes[rows]
        kept = np.flatnonzero(np.bincount(codes + 1, minlength=len(self.values) + 1)[1:])
        new = np.full(len(self.values) + 1, -1, np.int32)
        new[kept] = np.arange(len(kept))
        return Column(new[codes], [self.values[code] for code in kept])

    def categorical(self) -> pd.Categorical:
        """[R] the values, which are texts, with every distinct one stored once."""
        return categorical(self.codes, self.values)

    def blank(self) -> NDArray[np.bool_]:
        """[R] whether a row has nothing, or a text without any letter."""
        empty = [isinstance(v, str) and not v.strip() for v in self.values]
        return np.array([*empty, True])[self.codes]

    def read(self, parse: Callable[[Any, Place], Any], at: At) -> Column:
        """The column with every distinct value read, nothing as None.

        Parameters
        ----------
        parse
            Takes a value and where it stands first (to be put into a message), and returns what it
            means; None for nothing.
        at
            Says where a row stands.
        """
        met: dict[Any, int] = {None: -1}
        new = np.full(len(self.values) + 1, -1, np.int32)
        present = (*range(len(self.values)), *((-1,) if (self.codes == -1).any() else ()))
        for code in present:
            value = None if code == -1 else self.values[code]
            found = parse(value, Place(self.codes, code, at))
            new[code] = met.setdefault(found, len(met) - 1)
        del met[None]
        return Column(new[self.codes], list(met))

    def array(self, dtype: Any, missing: Any) -> NDArray[Any]:
        """[R] the values as an array, ``missing`` where there is nothing."""
        values = np.empty(len(self.values) + 1, dtype=dtype)
        values[:-1] = self.values
        values[-1] = missing
        return values[self.codes]


def joined_columns(columns: Iterable[Column]) -> Column:
    """The rows of several columns, one behind the other."""
    builder = Builder()
    for column in columns:
        builder.add_coded(column.values, column.codes)
    return builder.column()


def categorical(codes: NDArray[Any], values: Iterable[str]) -> pd.Categorical:
    """[R] texts by their positions in ``values``, each stored once."""
    return pd.Categorical.from_codes(codes, pd.Index(list(values), dtype=object))


class Place:
    """Where a value stands first; found when it is written into a message."""

    def __init__(self, codes: NDArray[np.int32], code: int, at: At) -> None:
        self._codes, self._code, self._at = codes, code, at

    def __str__(self) -> str:
        return self._at(int(np.argmax(self._codes == self._code)))


class Builder:
    """A column that is made of chunks of rows."""

    def __init__(self) -> None:
        self._known = _Known()
        self._integers = _Integers(self._known)
        self._codes = array("i")

    def add(self, values: Iterable[Any]) -> None:
        """Add rows with any values."""
        found = list(values)
        kinds = set(map(type, found)) - {type(None)}
        if kinds <= {str}:
            self.add_texts(found)
        elif kinds == {int}:
            self._codes.extend(map(self._integers.__getitem__, found))
        else:
            self._codes.extend(map(self._known.__getitem__, map(_key, found)))

    def add_texts(self, values: Iterable[str | None]) -> None:
        """Add rows that hold texts or None, quickly."""
        self._codes.extend(map(self._known.__getitem__, values))

    def add_coded(self, values: Sequence[Any], codes: NDArray[np.integer[Any]]) -> None:
        """Add rows by the positions of their values, -1 for nothing."""
        own = [*(self._known[_key(value)] for value in values), -1]
        self._codes.frombytes(np.array(own, np.intc)[codes].tobytes())

    def add_nothing(self, rows: int) -> None:
        """Add rows without a value."""
        self._codes.frombytes(np.full(rows, -1, np.intc).tobytes())

    def __len__(self) -> int:
        return len(self._codes)

    def column(self) -> Column:
        """What was added; nothing can be added to it then."""
        values = [key.value if isinstance(key, _Other) else key for key in self._known]
        return Column(np.frombuffer(self._codes, np.int32).copy(), values[1:])


class _Known(dict[Any, int]):
    """Code of each value, in the order in which they were met."""

    def __init__(self) -> None:
        super().__init__({None: -1})

    def __missing__(self, key: Any) -> int:
        code = self[key] = len(self) - 1
        return code


class _Integers(dict[Any, int]):
    """Code of each integer, looked up by itself."""

    def __init__(self, known: _Known) -> None:
        super().__init__({None: -1})
        self._known = known

    def __missing__(self, number: int) -> int:
        code = self[number] = self._known[_key(number)]
        return code


@dataclass(frozen=True)
class _Other:
    """A value that is no text; 1, 1.0 and True are three, and a list is compared as written."""

    kind: type
    written: Any
    value: Any

    def __hash__(self) -> int:
        return hash((self.kind, self.written))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Other) and (self.kind, self.written) == (
            other.kind,
            other.written,
        )


def _key(value: Any) -> Any:
    """What a value is compared by; None for nothing."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    simple = isinstance(value, int | float)
    return _Other(type(value), value if simple else repr(value), value)
