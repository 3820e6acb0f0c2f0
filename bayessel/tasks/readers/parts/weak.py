"""What weak judges say in a table: in a table of their own, or in columns ``weak:NAME``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError, OutcomeError, did_you_mean
from bayessel.outcomes import parse_outcome
from bayessel.support.text import count
from bayessel.tasks.readers.parts import headers, scales, values
from bayessel.tasks.readers.parts.rows import Rows

PREFIX = headers.WEAK

VERDICT, SCORE, TEXT = "verdict", "score", "text"
"""Kinds of weak judges: verdicts on cells, scores of cells, statistics of the task's texts."""

GIVEN = (VERDICT, SCORE)
"""Kinds whose values the user gives; those of a text statistic are computed from the texts."""

KINDS = (*GIVEN, TEXT)

COLUMNS = (*values.CELL, "weak_judge", "kind", "score")
"""Columns of the weak judges' values in :class:`bayessel.tasks.tables.Tables`."""


@dataclass(frozen=True)
class WeakRows:
    """What one weak judge says, as it was written.

    Attributes
    ----------
    name
        Its name.
    kind
        One of :data:`KINDS`.
    frame
        Columns ``query_id``, ``candidate``, ``score``: a finite number, -1, 0 or 1 for a verdict;
        a cell of which it says nothing has no row, and no cell has two. The baseline may have
        rows.
    source
        Where they stand, for messages.
    compared
        Whether the numbers are scores that are to be compared with the baseline's: their
        differences' signs are the verdicts.
    notes
        What was left out as they were read.
    """

    name: str
    kind: str
    frame: pd.DataFrame
    source: Path | str
    compared: bool = False
    notes: tuple[str, ...] = field(default=())


def require_kind(kind: str) -> str:
    """The kind, if a user may give it.

    Raises
    ------
    UnknownNameError
        It is another word.
    """
    if kind not in GIVEN:
        raise did_you_mean(kind, GIVEN, "kind of a weak judge")
    return kind


def require_name(name: str) -> str:
    """The name without spaces around it.

    Raises
    ------
    DataError
        It is empty, or no text.
    """
    if not isinstance(name, str) or not name.strip():
        raise DataError(f"a weak judge is named {name!r}: give it a name of its own, as text")
    return name.strip()


def own_table(name: str, rows: Rows, kind: str | None = None, scale: str | None = None) -> WeakRows:
    """Read a table with ``query_id``, ``candidate`` (or ``model``) and ``outcome`` or ``score``.

    Parameters
    ----------
    name
        The weak judge's name.
    rows
        As they were written; an empty outcome or score says nothing of the cell.
    kind
        ``verdict`` or ``score``; by the column where None. Verdicts are made of scores by comparing
        each with the baseline's.
    scale
        How outcomes are written, one of :data:`.scales.SCALES`: all but :data:`.scales.SHARE` are
        read as words, or -1, 0 and 1.

    Raises
    ------
    DataError
        A column is missing, an outcome or a score cannot be read, or two rows of a cell say
        different things; the message says where.
    UnknownNameError
        There is no such kind, or no such way to write outcomes.
    """
    called = headers.meanings(rows.columns, headers.CELLS, rows.source)
    known = {header: meaning for meaning, header in called.items()}
    found = [known.get(header, header) for header in rows.columns]
    values.require(values.CELL, found, rows.source)
    has = [column for column in ("outcome", "score") if column in found]
    if not has:
        values.require(["score"], found, f"{rows.source} (a weak judge's outcome or score)")
    if len(has) > 1 and kind is None:
        raise DataError(
            f"{rows.source} has both 'outcome' and 'score': keep one of them, or say which with "
            f"kind='{VERDICT}' or kind='{SCORE}'"
        )
    wanted = "outcome" if kind == VERDICT else "score"
    column = wanted if wanted in has else has[0]
    if kind is None:
        kind = VERDICT if column == "outcome" else SCORE
    require_kind(kind)
    if scale is not None and scale not in scales.SCALES:
        raise did_you_mean(scale, scales.SCALES, "way to write outcomes")
    frame = pd.DataFrame(
        {
            part: pd.Series(
                values.read_names(rows.columns[called[part]], part, rows.at).tolist(),
                dtype=object,
            )
            for part in values.CELL
        }
    )
    notes = [
        f"weak judge {name!r}: {note}"
        for part in values.CELL
        for note in values.spaced_note(rows.columns[called[part]].values, part)
    ]
    read = partial(_verdict, scale=scale) if column == "outcome" else _number
    told = rows.columns[called[column]].read(lambda v, at: read(v, column, at), rows.at)
    frame = frame.assign(score=told.array(float, np.nan)).dropna(subset=["score"])
    frame = frame.reset_index(drop=True)
    frame, more = _once(name, frame, rows.source)
    if (
        column == "outcome"
        and scale not in (scales.SHARE, scales.SIGNS)
        and scales.all_binary(rows.columns[called[column]].values)
    ):
        notes.append(
            f"weak judge {name!r}: every outcome is 0 or 1, which was read as a draw or a win: if "
            f"0 is a loss, write loss, draw and win, or give --outcomes {scales.SHARE}"
        )
    compared = kind == VERDICT and column == "score"
    return WeakRows(name, kind, frame, rows.source, compared, tuple(notes + more))


def columns_of(
    rows: Rows,
    once: Callable[[str, NDArray[np.int32]], NDArray[np.bool_]],
    named: Callable[[NDArray[Any]], pd.DataFrame],
) -> pd.DataFrame | None:
    """What the weak judges say in the columns ``weak:NAME`` of a table; None without any.

    Words (loss, draw, win) are verdicts and numbers are scores; where every number is -1, 0 or 1
    and -1 is among them, they are verdicts too.

    Parameters
    ----------
    rows
        As they were written.
    once
        Takes a column's header and [R] codes of its values, and returns the rows that are kept:
        one for each cell.
    named
        Takes rows, and returns their ``query_id`` and ``candidate``, read.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`.

    Raises
    ------
    DataError
        A column without a name, or a value that is neither an outcome nor a finite number.
    """
    found = [header for header in rows.columns if headers.is_weak(header)]
    if not found:
        return None
    tables, seen = [], set()
    for header in found:
        name = header.strip()[len(PREFIX) :].strip()
        if not name or name in seen:
            what = "no name" if not name else f"the name {name!r} of another column"
            raise DataError(f"{rows.source}: column {header!r} has {what}; write {PREFIX}NAME")
        seen.add(name)
        written = rows.columns[header]
        kind = _kind_of([v for v in written.values if _blank(v) is not None])
        read = _verdict if kind == VERDICT else _number
        said = written.read(partial(_in_column, read, header), rows.at)
        kept = np.flatnonzero(once(header, said.codes))
        frame = named(kept).astype(object)
        score = said.array(float, np.nan)[kept]
        tables.append(frame.assign(weak_judge=name, kind=kind, score=score)[list(COLUMNS)])
    return pd.concat(tables, ignore_index=True)


def rows_of(frame: pd.DataFrame, source: Path | str) -> list[WeakRows]:
    """What each weak judge says, from a frame with :data:`COLUMNS`.

    Raises
    ------
    DataError
        A weak judge of two kinds, or two rows of a cell that say different things.
    UnknownNameError
        There is no such kind.
    """
    found = []
    for name, part in frame.groupby("weak_judge", sort=False):
        kinds = [str(kind) for kind in part["kind"].unique()]
        if len(kinds) > 1:
            raise DataError(f"{source}: the weak judge {name!r} is of two kinds: {kinds}; keep one")
        if kinds[0] not in KINDS:
            raise did_you_mean(kinds[0], KINDS, f"kind of the weak judge {name!r} in {source}")
        cells, notes = _once(str(name), part[[*values.CELL, "score"]], source)
        found.append(WeakRows(str(name), kinds[0], cells, source, notes=tuple(notes)))
    return found


def _once(name: str, frame: pd.DataFrame, source: Path | str) -> tuple[pd.DataFrame, list[str]]:
    """The frame with one row for each cell; identical repeats are dropped and noted."""
    single = frame.drop_duplicates(ignore_index=True)
    twice = single.duplicated(list(values.CELL))
    if twice.any():
        query, candidate = single.loc[twice, list(values.CELL)].iloc[0]
        same = single[(single["query_id"] == query) & (single["candidate"] == candidate)]
        said = " and ".join(f"{value:g}" for value in same["score"].iloc[:2])
        raise DataError(
            f"{source}: the weak judge {name!r} says different things of "
            f"{count(int(twice.sum()), 'cell')}, the first query {query!r}, candidate "
            f"{candidate!r} ({said}): keep one row for each cell"
        )
    dropped = len(frame) - len(single)
    if not dropped:
        return single, []
    return single, [f"weak judge {name!r}: dropped {count(dropped, 'row')} that repeat another"]


def _blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _in_column(read: Callable[..., float | None], column: str, value: Any, where: object) -> Any:
    return read(value, column, where)


def _verdict(value: Any, column: str, where: object, scale: str | None = None) -> float | None:
    if scale == scales.SHARE:
        return scales.read_outcome(value, where, scale)
    if _blank(value) is None:
        return None
    try:
        return float(parse_outcome(value))
    except OutcomeError as error:
        raise DataError(f"{where}: {column}: {error}; or leave it empty") from error


def _number(value: Any, column: str, where: object) -> float | None:
    if _blank(value) is None:
        return None
    return values.number(value, column, where, "write a finite number, or leave it empty")


def _kind_of(written: Sequence[Any]) -> str:
    """``verdict`` or ``score``, from a column's values."""
    said = [v for v in written if v is not None]
    if any(isinstance(v, str) and _is_word(v) for v in said):
        return VERDICT
    numbers = set()
    for v in said:
        try:
            numbers.add(float(v))
        except (TypeError, ValueError):
            return SCORE  # whose reader says what is wrong
    return VERDICT if -1.0 in numbers and numbers <= {-1.0, 0.0, 1.0} else SCORE


def _is_word(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        try:
            parse_outcome(text)
        except OutcomeError:
            return False
        return True
    return False
