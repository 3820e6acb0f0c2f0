"""A task: queries, candidates, one baseline, their responses and the recorded outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel import outcomes
from bayessel.errors import DataError, did_you_mean
from bayessel.outcomes import MISSING
from bayessel.support.notebook import notebook_table
from bayessel.tasks.baseline import choose_baseline
from bayessel.tasks.dataset import build_dataset, long_tables, own_baselines_of
from bayessel.tasks.frame import read_frame, rows_of_frame
from bayessel.tasks.given import (
    given_of,
    of_array,
    of_rows,
    require_said,
    with_given,
    with_text_scores,
)
from bayessel.tasks.notes import with_notes
from bayessel.tasks.readers import ReadOptions, read_tables
from bayessel.tasks.readers.parts.rows import read_rows
from bayessel.tasks.readers.parts.weak import own_table, require_name
from bayessel.tasks.tables import Tables
from bayessel.tasks.texts import Texts
from bayessel.tasks.validate import validate_dataset
from bayessel.tasks.votes import long_votes


@dataclass(frozen=True)
class Task:
    """N queries, M candidates and a baseline, as a validated ``xarray.Dataset``.

    Build one with :meth:`read` from files, with :meth:`from_frame` from a DataFrame.

    Parameters
    ----------
    data
        Dims ``query`` (N), ``candidate`` (M) and, where weak judges have scored it, ``weak_judge``
        (J). Variables: ``recorded`` [query, candidate] int8 (-1, 0, 1, or ``MISSING``); where
        there are texts, ``response`` [query, candidate] (None where there is none) and
        ``baseline_response`` [query]; where costs are known, ``cost`` [query, candidate] of a
        call; ``query_text`` and ``category`` [query]; ``weak_score``
        [weak_judge, query, candidate], NaN where a given weak judge says nothing. Coordinate
        ``weak_kind`` [weak_judge]: ``text``, or ``verdict`` or ``score`` of a given one.
        Attribute ``baseline``. Single verdicts lie along a dim ``vote``: see
        :mod:`bayessel.tasks.votes`.

    Raises
    ------
    DataError
        Fewer than two candidates, no query, duplicate names, or outcomes outside the coding.
    """

    data: xr.Dataset

    def __post_init__(self) -> None:
        validate_dataset(self.data)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        judged = self.recorded != MISSING
        said = (
            f"Task: {self.n_queries} queries, {self.n_candidates} candidates, baseline "
            f"{self.baseline}; {int(judged.sum())} of {judged.size} cells judged, "
            f"{'with' if self.has_texts else 'without'} responses"
        )
        known = zip(self.candidates, judged.sum(axis=0), self.win_rate, strict=True)
        rows = [
            [name, int(cells), f"{100 * rate:.1f} %" if cells else "-"]
            for name, cells, rate in known
        ]
        return notebook_table(said, ["candidate", "judged", "win rate"], rows)

    # ------------------------------------------------------------------ what it holds
    @property
    def n_queries(self) -> int:
        """N."""
        return int(self.data.sizes["query"])

    @property
    def n_candidates(self) -> int:
        """M, the candidates; the baseline is not one of them."""
        return int(self.data.sizes["candidate"])

    @cached_property
    def queries(self) -> tuple[str, ...]:
        """[N] names of the queries."""
        return tuple(str(q) for q in self.data["query"].values)

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """[M] names of the candidates."""
        return tuple(str(m) for m in self.data["candidate"].values)

    @property
    def baseline(self) -> str:
        """Name of the baseline."""
        return str(self.data.attrs["baseline"])

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what was left out, or read in a way that could surprise."""
        return tuple(self.data.attrs.get("notes", ()))

    @property
    def recorded(self) -> NDArray[np.int8]:
        """[N, M] recorded outcomes, ``MISSING`` where there is none."""
        return np.asarray(self.data["recorded"].values)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """[N] whether a query has any recorded outcome."""
        return (self.recorded != MISSING).any(axis=1)

    @property
    def has_texts(self) -> bool:
        """Whether responses are known, so that weak judges can read them."""
        return "response" in self.data

    @property
    def answered(self) -> NDArray[np.bool_]:
        """[N, M] which cells can be judged: both responses are there, or there are no texts.

        A candidate that is the baseline of a query has nothing to be compared with there.
        """
        found = np.ones((self.n_queries, self.n_candidates), dtype=bool)
        if self.has_texts:
            theirs = pd.notna(self.data["baseline_response"].values)
            found = np.asarray(pd.notna(self.data["response"].values) & theirs[:, None])
        if "own_baseline" in self.data:
            found &= self.data["own_baseline"].values[:, None] != self.data["candidate"].values
        return found

    def baseline_of(self, query: str) -> str:
        """The baseline that candidates are compared with on a query.

        Raises
        ------
        UnknownNameError
            There is no such query.
        """
        place = self.query_index(query)
        if "own_baseline" not in self.data:
            return self.baseline
        return str(self.data["own_baseline"].values[place])

    @property
    def cost(self) -> NDArray[np.float64] | None:
        """[N, M] cost of a call, where the data say it."""
        return np.asarray(self.data["cost"].values) if "cost" in self.data else None

    @cached_property
    def texts(self) -> Texts:
        """The texts for weak judges; a missing response reads as "".

        Raises
        ------
        DataError
            The task has no texts.
        """
        if not self.has_texts:
            raise DataError(
                "this task has no responses, so weak judges have nothing to read: add a 'text' "
                "column (or a responses table) with every candidate's and the baseline's response"
            )
        response = self.data["response"].values
        blank = np.frompyfunc(lambda text: text if isinstance(text, str) else "", 1, 1)
        return Texts(
            responses=blank(response),
            baseline=blank(self.data["baseline_response"].values),
            queries=blank(self.data["query_text"].values),
        )

    def responses_to(self, query: str) -> dict[str, str | None]:
        """Responses to a query by name, the baseline's first; None where there is none."""
        if not self.has_texts:
            return dict.fromkeys((self.baseline, *self.candidates))
        row = self.data.isel(query=self.query_index(query))
        texts = [row["baseline_response"].item(), *row["response"].values]
        known = [text if isinstance(text, str) else None for text in texts]
        return dict(zip((self.baseline, *self.candidates), known, strict=True))

    @property
    def win_rate(self) -> NDArray[np.float64]:
        """[M] win rates over the recorded outcomes; NaN where there is none."""
        return outcomes.win_rate(self.recorded)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the names, the baseline, texts, costs and what given weak judges say.

        Recorded outcomes, and scores computed from the texts, do not change it.
        """
        parts: list[str] = [self.baseline, *self.queries, *self.candidates]
        if self.has_texts:
            parts += [_text(t) for t in self.data["response"].values.ravel()]
            parts += [_text(t) for t in self.data["baseline_response"].values]
            parts += [_text(t) for t in self.data["query_text"].values]
        digest = hashlib.sha256()
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "little"))
            digest.update(raw)
        if self.cost is not None:
            digest.update(np.ascontiguousarray(self.cost).tobytes())
        for judge in given_of(self.data):
            digest.update(f"{judge.name}\0{judge.kind}\0".encode("utf-8", "surrogatepass"))
            digest.update(np.ascontiguousarray(judge.score + 0.0).tobytes())
        return digest.hexdigest()

    @cached_property
    def recorded_hash(self) -> str:
        """Hash of the recorded outcomes."""
        return hashlib.sha256(np.ascontiguousarray(self.recorded).tobytes()).hexdigest()

    def query_index(self, name: str) -> int:
        """Position of a query.

        Raises
        ------
        UnknownNameError
            There is no such query.
        """
        return _position(self._query_positions, name, "query")

    def candidate_index(self, name: str) -> int:
        """Position of a candidate.

        Raises
        ------
        UnknownNameError
            There is no such candidate.
        """
        return _position(self._candidate_positions, name, "candidate")

    @cached_property
    def _query_positions(self) -> dict[str, int]:
        return {q: i for i, q in enumerate(self.queries)}

    @cached_property
    def _candidate_positions(self) -> dict[str, int]:
        return {m: j for j, m in enumerate(self.candidates)}

    # ------------------------------------------------------------------ other tasks from it
    def subset(
        self, queries: Iterable[str] | None = None, candidates: Iterable[str] | None = None
    ) -> Task:
        """Keep some queries and candidates, in the order given.

        Raises
        ------
        UnknownNameError
            A name that the task does not have.
        DataError
            Fewer than two candidates or no query would be left.
        """
        data = self.data
        if queries is not None:
            data = data.isel(query=[self.query_index(q) for q in queries])
        if candidates is not None:
            data = data.isel(candidate=[self.candidate_index(m) for m in candidates])
        return Task(data)

    def with_weak_judges(self, scores: NDArray[np.float64], weak_judges: Sequence[str]) -> Task:
        """Attach the scores of text statistics; those that it has are replaced.

        Given weak judges (:meth:`with_weak_judge`) are kept, behind them.

        Parameters
        ----------
        scores
            [J, N, M], positive where the weak judge favours the candidate over the baseline.
        weak_judges
            [J] names.
        """
        scores = np.asarray(scores, dtype=float)
        expected = (len(weak_judges), self.n_queries, self.n_candidates)
        if scores.shape != expected:
            raise DataError(f"weak judge scores have shape {scores.shape}, expected {expected}")
        return Task(with_text_scores(self.data, weak_judges, scores))

    def with_weak_judge(
        self,
        name: str,
        scores: pd.DataFrame | NDArray[Any] | str | Path,
        kind: str | None = None,
        outcomes: str | None = None,
    ) -> Task:
        """Attach what a weak judge of your own says of all cells, or of some.

        A cheap LLM's verdicts, a reward model, unit tests, last month's judgments: anything that
        says something of a candidate's response to a query. It may be wrong, or point the wrong
        way; the models learn how far to trust it.

        Parameters
        ----------
        name
            Its name.
        scores
            A frame, or a table in a file of any kind, with ``query_id``, ``candidate`` (or
            ``model``) and ``outcome`` (of the candidate against the baseline; see
            :func:`bayessel.outcomes.parse_outcome`) or ``score``; empty where it says nothing, and
            cells may be left out. Where the baseline has scores, they are taken off the
            candidates' on the same query. Or an array [N, M], taken as it is, NaN where it says
            nothing.
        kind
            ``verdict`` or ``score``. None: ``verdict`` for a column ``outcome``, ``score`` for a
            column ``score``; an array needs one. With ``verdict`` a column ``score`` is compared
            with the baseline's.
        outcomes
            How a column ``outcome`` is written: ``0-1`` (0 loss, 0.5 draw, 1 win); otherwise as
            words, or -1, 0 and 1.

        Raises
        ------
        DataError
            A name that is taken, another shape, a value that cannot be read, two rows of a cell
            that say different things, or nothing said of any cell.
        UnknownNameError
            A candidate that looks misspelled, only unknown queries, or an unknown kind.
        """
        name = require_name(name)
        if isinstance(scores, pd.DataFrame | str | Path):
            if isinstance(scores, pd.DataFrame):
                rows = rows_of_frame(scores)
            else:
                rows = read_rows(Path(scores).expanduser())
            told = own_table(name, rows, kind, outcomes)
            own = own_baselines_of(self.data)
            given = of_rows(told, self.queries, self.candidates, self.baseline, own)
        else:
            given = of_array(name, scores, kind, (self.n_queries, self.n_candidates))
        return Task(with_given(self.data, [require_said(given)]))

    def without_weak_judges(self) -> Task:
        """The task without any weak judge, whether computed or given."""
        parts = ["weak_judge", "weak_kind", "weak_score"]
        return Task(self.data.drop_vars(parts, errors="ignore"))

    def weak_scores(self, *kinds: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """Scores [J, N, M] and names [J] of the weak judges of some kinds; of all without any.

        Parameters
        ----------
        *kinds
            Of ``verdict`` (-1, 0, 1), ``score`` and ``text``; NaN where one says nothing.
        """
        if "weak_score" not in self.data:
            return np.zeros((0, self.n_queries, self.n_candidates)), ()
        of = self.data["weak_kind"].values
        chosen = np.isin(of.astype(str), kinds) if kinds else np.ones(len(of), dtype=bool)
        names = self.data["weak_judge"].values[chosen]
        return np.asarray(self.data["weak_score"].values)[chosen], tuple(map(str, names))

    def without_recorded(self) -> Task:
        """The task without its recorded outcomes."""
        blank = np.full((self.n_queries, self.n_candidates), MISSING, dtype=np.int8)
        return Task(self.data.assign(recorded=(("query", "candidate"), blank)))

    def to_tables(self) -> Tables:
        """Long tables of the task, as readers return them."""
        return long_tables(self.data)

    @property
    def votes(self) -> pd.DataFrame | None:
        """Single verdicts that the outcomes don't say: see :mod:`bayessel.tasks.votes`."""
        return long_votes(self.data)

    # ------------------------------------------------------------------ constructors
    @classmethod
    def from_tables(cls, tables: Tables, baseline: str | None = None) -> Task:
        """Build a task from long tables.

        Parameters
        ----------
        tables
            What a reader returned.
        baseline
            Name of the baseline; inferred where the tables say it, or where exactly one LLM
            has responses and no judgments.

        Raises
        ------
        DataError, UnknownNameError
            The tables do not make a task; the message says why.
        """
        settled = choose_baseline(tables, baseline)
        return Task(with_notes(build_dataset(settled, str(settled.baseline))))

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        baseline: str | None = None,
        *,
        tolerance: float | None = None,
        judge: str | None = None,
        outcomes: str | None = None,
    ) -> Task:
        """Build a task from a DataFrame, which is read as a table's file is.

        Parameters
        ----------
        frame
            Columns ``query_id``, ``candidate`` (or ``model``) and ``outcome`` (see
            :func:`bayessel.outcomes.parse_outcome`; empty or NaN where not judged) or ``score``;
            optional ``text`` (the response), ``cost`` (of a call), ``query_text``, ``category``,
            ``judge``, ``baseline`` (its name). The baseline's rows have its text and no outcome.
            Or votes: ``query_id``, ``model_a``, ``model_b`` and ``winner``. ``docs/files.md`` has
            all columns.
        baseline
            Name of the baseline; see :meth:`from_tables`.
        tolerance
            Scores this close to the baseline's are a draw; default 0.
        judge
            Whose verdicts to read, where there are several judges; most decide where omitted.
        outcomes
            How outcomes are written; see :func:`bayessel.tasks.readers.read_tables`.

        Raises
        ------
        DataError, UnknownNameError, BudgetError
            The frame does not make a task; the message says why.
        """
        options = ReadOptions(baseline, tolerance=tolerance, judge=judge, outcomes=outcomes)
        return cls.from_tables(read_frame(frame, options), options.baseline)

    @classmethod
    def read(
        cls,
        path: str | Path | Sequence[str | Path],
        *,
        baseline: str | None = None,
        format: str | None = None,
        **options: Any,
    ) -> Task:
        """Read a task from files; the format is detected unless ``format`` insists.

        Parameters
        ----------
        path
            A file or folder in any format of :data:`bayessel.tasks.readers.FORMATS`, or several
            that are one task.
        baseline
            Name of the baseline, where the files do not say it.
        format
            Name of the format.
        **options
            See :func:`bayessel.tasks.readers.read_tables`.
        """
        tables = read_tables(path, format=format, baseline=baseline, **options)
        return cls.from_tables(tables, tables.baseline)

    def __repr__(self) -> str:
        cells = int((self.recorded != MISSING).sum())
        return (
            f"Task({self.n_queries} queries x {self.n_candidates} candidates against "
            f"{self.baseline!r}; {cells} of {self.n_queries * self.n_candidates} cells judged; "
            f"{'with' if self.has_texts else 'without'} texts)"
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "\0missing"


def _position(positions: dict[str, int], name: str, what: str) -> int:
    try:
        return positions[str(name)]
    except KeyError:
        raise did_you_mean(str(name), positions, what) from None
