"""Long tables, one row for each query and candidate, whether from files or a DataFrame."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import ReadOptions, refuse_unused
from bayessel.tasks.readers.parts import (
    about,
    compare,
    headers,
    own_baselines,
    scales,
    values,
    verdicts,
    weak,
    wide,
)
from bayessel.tasks.readers.parts.columns import Column, categorical
from bayessel.tasks.readers.parts.own_baselines import OwnBaselines
from bayessel.tasks.readers.parts.rows import Rows
from bayessel.tasks.tables import VOTES, Tables


def long_tables(rows: Rows, options: ReadOptions) -> Tables:
    """Split rows with ``query_id``, ``candidate`` (or ``model``) and ``outcome`` or ``score``.

    Further columns, and by what other names they are read, are in
    :data:`bayessel.tasks.readers.parts.headers.CELLS`; ``weak:NAME`` is what a weak judge says. An
    empty outcome is not judged. A score is compared with the baseline's, of the same judge.
    Where several judges speak of a cell, most of them decide. Rows may repeat each other, and one
    may have what another lacks.

    Parameters
    ----------
    rows
        As they were written.
    options
        The baseline's name, the judge, how outcomes are written and the tolerance of scores.

    Raises
    ------
    DataError
        A column is missing or misspelled, two rows of a cell say different things, or a value has
        no meaning; the message says where.
    UnknownNameError
        There is no such judge.
    """
    rows = about.with_query_ids(rows, headers.CELLS)
    table = _table(wide.as_long(rows, options.outcomes))
    notes = [*table.rows.notes, *about.unused_note(table.rows, table.called)]
    notes += table.repeated_note()
    own = own_baselines.in_rows(table.rows, table.called, table.query)
    queries = about.queries(table.rows, table.called, table.query)
    if own.differ and own.chosen(options.baseline) is None:
        table = replace(
            table, candidate=own_baselines.under_joined(table.candidate, table.query, own)
        )
        options = replace(options, baseline=None)
        queries = queries.assign(baseline=own.of_query)
        notes.append(own_baselines.differ_note(own_baselines.sizes(own.of_query)))
    judgments, votes, baseline = _judgments(table, own, options, notes)
    return Tables(
        judgments,
        _responses(table),
        queries,
        baseline,
        notes=tuple(notes),
        weak_judges=weak.columns_of(table.rows, table.once_by_cell, table.named),
        votes=votes,
    )


@dataclass(frozen=True)
class _Table:
    """Rows whose names were read.

    Attributes
    ----------
    rows
        As they were written.
    called
        Header of each column that is read, by its meaning.
    query, candidate, judge
        [R] names.
    """

    rows: Rows
    called: dict[str, str]
    query: Column
    candidate: Column
    judge: Column

    def column(self, meaning: str) -> Column | None:
        """A column as it was written, if there is one."""
        return self.rows.columns[self.called[meaning]] if meaning in self.called else None

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """[R] number of the row's cell."""
        return self.query.codes.astype(np.int64) * len(self.candidate.values) + self.candidate.codes

    @cached_property
    def judged(self) -> NDArray[np.int64]:
        """[R] number of the row's cell and judge."""
        if not self.judge.values:
            return self.cell
        return self.cell * (len(self.judge.values) + 1) + self.judge.codes + 1

    @cached_property
    def repeats(self) -> bool:
        """Whether a cell has several rows."""
        return verdicts.any_twice(self.cell)

    def once(self, column: str, codes: NDArray[np.int32], keys: NDArray[np.int64]) -> Kept:
        """[R] the rows whose values of a column are kept: one for each key."""
        if not self.repeats:
            return codes >= 0

        def refuse(rows: int, first: int) -> DataError:
            query = self.query.values[self.query.codes[first]]
            candidate = self.candidate.values[self.candidate.codes[first]]
            return DataError(
                f"{self.rows.source}: {count(rows, 'duplicate row')} of the table with another "
                f"{column}, the first for query {query!r} and candidate {candidate!r} "
                f"({self.rows.at(first)}); keep one row for each query and candidate"
            )

        return verdicts.once(keys, codes, refuse)

    def once_by_cell(self, column: str, codes: NDArray[np.int32]) -> Kept:
        """[R] the rows whose values of a column are kept: one for each cell."""
        return self.once(column, codes, self.cell)

    def named(self, rows: NDArray[np.generic]) -> pd.DataFrame:
        """``query_id`` and ``candidate`` of some rows."""
        return pd.DataFrame(
            {
                name: categorical(column.codes[rows], column.values)
                for name, column in zip(values.CELL, (self.query, self.candidate), strict=True)
            }
        )

    def repeated_note(self) -> list[str]:
        """Note on rows that say what another row says."""
        if not self.repeats:
            return []
        used = [self.query, self.candidate, self.judge]
        used += [c for name in self.called if (c := self.column(name)) is not None]
        used += [c for name, c in self.rows.columns.items() if headers.is_weak(name)]
        codes = pd.DataFrame({i: column.codes for i, column in enumerate(used)})
        dropped = int(codes.duplicated().sum())
        many = "repeats" if dropped == 1 else "repeat"
        note = f"left out {count(dropped, 'row')} that only {many} another"
        return [note] if dropped else []


Kept = NDArray[np.bool_]


def _table(rows: Rows) -> _Table:
    called = headers.meanings(rows.columns, headers.CELLS, rows.source)
    known = {header: meaning for meaning, header in called.items()}
    found = [known.get(header, header) for header in rows.columns]
    read = (*values.CELL, "outcome", "score", "text")
    written = [known[h] if known.get(h) in read else h for h in rows.columns]
    values.require(values.CELL, written, rows.source)
    unused = [name for name in found if name not in called and not headers.is_weak(name)]
    for column in unused:
        absent = [name for name in headers.CELLS if name not in called]
        close = difflib.get_close_matches(headers.plain(column), absent, n=1, cutoff=0.8)
        if close:
            raise DataError(
                f"{rows.source} has a column {column!r}, which is not read: did you mean "
                f"{close[0]!r}? rename it, or drop it"
            )
    if not {"outcome", "score", "text"} & set(called):
        values.require(["outcome"], written, rows.source)
    query, candidate = (
        values.read_names(rows.columns[called[name]], name, rows.at) for name in values.CELL
    )
    judge = Column(np.full(len(rows), -1, np.int32), [])
    if "judge" in called:
        judge = rows.columns[called["judge"]].read(about.judge_name, rows.at)
    return _Table(rows, called, query, candidate, judge)


def _judgments(
    table: _Table, own: OwnBaselines, options: ReadOptions, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame | None, str | None]:
    """Judgments, the verdicts behind them where a cell has several, and the baseline."""
    baseline, outcome = own.joined, table.column("outcome")
    by_itself = options.outcomes == scales.PASS_FAIL
    if outcome is None and options.outcomes is not None:
        raise refuse_unused("outcomes", f"{table.rows.source} has no outcomes")
    score = table.column("score") if outcome is None else (outcome if by_itself else None)
    if options.tolerance is not None and (score is None or by_itself):
        raise refuse_unused("tolerance", f"{table.rows.source} has no scores to compare")
    judge = table.judge if "judge" in table.called else None
    chosen = about.of_judge(table.rows, judge, options.judge)
    if score is not None:
        said, baseline = baseline, options.baseline or baseline
        judged = _compared(table, score, by_itself, chosen, baseline, options.tolerance or 0.0)
        if said is not None and said != baseline:
            notes.append(f"scores are compared with {baseline!r}, not with the file's {said!r}")
    else:
        if (wanted := own.chosen(options.baseline)) is not None:
            chosen, baseline = chosen & _against(table, own, wanted, outcome, notes), wanted
        judged = _told(table, outcome, chosen, options.outcomes)
        if outcome is not None and options.outcomes is None:
            notes += scales.binary_note(outcome.values)
    if outcome is not None and "score" in table.called:
        notes.append("the column 'score' was not used: outcomes are given")
    return *_decided(table, judged, baseline, notes), baseline


def _against(
    table: _Table, own: OwnBaselines, wanted: str, outcome: Column | None, notes: list[str]
) -> Kept:
    """[R] the rows of queries that have one of several baselines."""
    kept = np.asarray(own.of_query == wanted)[table.query.codes]
    others = 0 if outcome is None else int((~kept & ~outcome.blank()).sum())
    if others:
        notes.append(f"left out {count(others, 'judgment')} that do not compare with {wanted!r}")
    return np.asarray(kept)


def _told(
    table: _Table, column: Column | None, chosen: Kept, scale: str | None
) -> tuple[NDArray[np.intp], dict[str, NDArray[np.generic]]]:
    """Positions of the verdicts, and their outcomes."""
    if column is None:
        return np.zeros(0, np.intp), {"outcome": np.zeros(0, np.int8)}
    read = column.read(lambda v, at: scales.read_outcome(v, at, scale), table.rows.at)
    codes = np.where(chosen, read.codes, np.int32(-1))
    rows = np.flatnonzero(table.once("outcome", codes, table.judged))
    return rows, {"outcome": Column(codes[rows], read.values).array(np.int8, MISSING)}


def _compared(
    table: _Table,
    column: Column,
    by_itself: bool,
    chosen: Kept,
    baseline: str | None,
    tolerance: float,
) -> tuple[NDArray[np.intp], dict[str, NDArray[np.generic]]]:
    """Verdicts from scores: each candidate's against the baseline's on the same query."""
    where, known = table.rows.source, table.candidate.values
    if by_itself:
        read = column.read(scales.read_pass, table.rows.at)
    else:
        read = column.read(values.score, table.rows.at)
    if baseline is None:
        raise DataError(
            f"{where} has scores, which are compared with the baseline's: name the baseline "
            "with baseline= (--baseline NAME); LLMs: " + listing(sorted(known))
        )
    codes = np.where(chosen, read.codes, np.int32(-1))
    scored = np.flatnonzero(table.once("score", codes, table.judged))
    score = Column(codes[scored], read.values).array(float, np.nan)
    judges = len(table.judge.values) + 1
    key = table.query.codes[scored].astype(np.int64) * judges + table.judge.codes[scored] + 1
    is_baseline = np.zeros(len(scored), dtype=bool)
    if baseline in known:
        is_baseline = table.candidate.codes[scored] == known.index(baseline)
    theirs = np.full(len(table.query.values) * judges, np.nan)
    theirs[key[is_baseline]] = score[is_baseline]
    rows, mine = scored[~is_baseline], score[~is_baseline]
    against = theirs[key[~is_baseline]]
    lacking = pd.unique(table.query.codes[rows[np.isnan(against)]])
    if len(lacking):
        of = len(np.unique(table.query.codes[scored]))
        raise DataError(
            f"{where}: baseline {baseline!r} has no score for {len(lacking)} of {of} scored "
            f"queries, the first {table.query.values[lacking[0]]!r}: the baseline must have a "
            "score wherever a candidate has one"
        )
    outcome = compare.outcome_of_difference(mine - against, tolerance)
    return rows, {"score": mine, "baseline_score": against, "outcome": outcome}


def _decided(
    table: _Table,
    judged: tuple[NDArray[np.intp], dict[str, NDArray[np.generic]]],
    baseline: str | None,
    notes: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """One outcome for each cell, and all verdicts where a cell has several."""
    rows, told = judged
    if not table.repeats or not verdicts.any_twice(table.cell[rows]):
        if not len(rows):
            return values.no_judgments(), None
        return table.named(rows).assign(**told), None
    first, outcome, told_by, differ = verdicts.majority(
        table.cell[rows], told["outcome"].astype(np.int8)
    )
    notes += verdicts.majority_note(told_by, differ)
    notes += about.judges_note(table.judge)
    judgments = table.named(rows[first]).assign(
        outcome=outcome, verdicts=told_by, disagreement=differ
    )
    votes = table.named(rows).assign(
        against=baseline or "",
        outcome=told["outcome"],
        judge=[table.judge.values[code] if code >= 0 else "" for code in table.judge.codes[rows]],
    )
    return judgments, votes[list(VOTES)]


def _responses(table: _Table) -> pd.DataFrame:
    cost, text = table.column("cost"), table.column("text")
    if cost is None and text is None:  # the rows still say which candidates there are
        _, first = np.unique(table.candidate.codes, return_index=True)
        return table.named(np.sort(first)).assign(text=pd.Series([None] * len(first), dtype=object))
    price = None
    if cost is not None:
        read = cost.read(values.cost, table.rows.at)
        kept = table.once_by_cell("cost", read.codes)
        price = pd.Series(read.array(float, np.nan)[kept], pd.Index(table.cell[kept]))
    if text is None:
        rows = np.unique(table.cell, return_index=True)[1]
        found = table.named(rows).assign(text=pd.Series([None] * len(rows), dtype=object))
    else:
        written = values.read_texts(text, "text", table.rows.at)
        rows = np.flatnonzero(table.once_by_cell("text", _fuller(table, written)))
        texts = np.array([*written.values, None], dtype=object)[written.codes[rows]]
        found = table.named(rows).assign(text=pd.Series(texts, dtype=object))
    if price is not None:
        found["cost"] = price.reindex(table.cell[rows]).to_numpy(float)
    return found


def _fuller(table: _Table, text: Column) -> NDArray[np.int32]:
    """[R] codes of the texts; an empty one says nothing where another row of the cell has more."""
    blank = text.blank()
    if not table.repeats or not blank.any():
        return text.codes
    full = np.isin(table.cell, table.cell[~blank])
    return np.where(blank & full, np.int32(-1), text.codes)
