"""Weak judges whose scores or verdicts are given: laid out over a task's cells, and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import DataError, UnknownNameError, did_you_mean
from bayessel.outcomes import MISSING
from bayessel.support.text import count, listing
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.weak import SCORE, TEXT, VERDICT, WeakRows, require_kind


@dataclass(frozen=True)
class Given:
    """What one weak judge says of a task's cells.

    Attributes
    ----------
    name
        Its name.
    kind
        ``verdict`` or ``score``.
    score
        [N, M] scores, or verdicts -1 (loss), 0 and 1 (win); NaN where it says nothing.
    notes
        Sentences for the user.
    """

    name: str
    kind: str
    score: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def of_rows(
    rows: WeakRows,
    queries: Sequence[str],
    candidates: Sequence[str],
    baseline: str,
    own: Sequence[str] | None = None,
) -> Given:
    """Lay rows out over N queries and M candidates.

    Where the baseline has scores, they are taken off the candidates' on the same query. Rows of
    queries and candidates that the task does not have are left out and noted.

    Parameters
    ----------
    rows
        What the weak judge says.
    queries, candidates
        [N] and [M] names.
    baseline
        The baseline's name.
    own
        [N] the baseline of each query, where they differ.

    Raises
    ------
    UnknownNameError
        A candidate's name differs in case or punctuation only from one that has no row. Or no
        candidate, or no query, is known.
    DataError
        Nothing is said of any cell, or scores are to be compared with the baseline's, which has
        none.
    """
    by_query = None if own is None else dict(zip(queries, own, strict=True))
    frame, notes = _against_baseline(rows, baseline, by_query)
    for column, known, one, many in (
        ("candidate", candidates, "candidate", "candidates"),
        ("query_id", queries, "query", "queries"),
    ):
        there = set(known)
        given = dict.fromkeys(frame[column])
        strange = [name for name in given if name not in there]
        if not strange:
            continue
        if column == "candidate":
            _refuse_misspelled(strange, [n for n in known if n not in given], rows.name)
        if len(strange) == len(given):
            raise _unknown(strange[0], known, one, rows.name)
        frame = frame[frame[column].isin(there)]
        notes.append(
            f"the weak judge {rows.name!r} also speaks of {count(len(strange), one, many)} that "
            f"the task does not have, which were left out: {listing(strange, 3)}"
        )
    if frame.empty:
        raise DataError(
            f"{rows.source}: the weak judge {rows.name!r} says nothing of any cell of the task: "
            "give it scores of the task's queries and candidates"
        )
    score = np.full((len(queries), len(candidates)), np.nan)
    places = [
        frame[column].map({name: i for i, name in enumerate(known)}).to_numpy(int)
        for column, known in (("query_id", queries), ("candidate", candidates))
    ]
    score[tuple(places)] = frame["score"].to_numpy(float)
    return Given(rows.name, rows.kind, score, (*rows.notes, *notes))


def of_array(name: str, score: Any, kind: str | None, shape: tuple[int, int]) -> Given:
    """Take an array [N, M] as it is; NaN, and MISSING in verdicts, says nothing.

    Raises
    ------
    DataError
        Another shape, no kind, infinity, a verdict other than -1, 0 and 1, or nothing but NaN.
    UnknownNameError
        There is no such kind.
    """
    if kind is None:
        raise DataError(
            f"weak judge {name!r}: an array does not say what it holds; give kind='{VERDICT}' "
            f"(-1, 0, 1) or kind='{SCORE}'"
        )
    require_kind(kind)
    try:
        found = np.array(score, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"weak judge {name!r}: expected an array of numbers [N, M]") from None
    if found.shape != shape:
        raise DataError(
            f"weak judge {name!r} has shape {found.shape}, expected {shape}: queries x candidates, "
            "in the task's order"
        )
    if kind == VERDICT:
        found[found == MISSING] = np.nan
    return Given(name, kind, found)


def with_given(data: xr.Dataset, given: Sequence[Given]) -> xr.Dataset:
    """A task's dataset with more weak judges, and notes on them.

    Raises
    ------
    DataError
        A weak judge of that name is there already.
    """
    for judge in given:
        data = _with_scores(data, [judge.name], [judge.kind], judge.score[None])
        notes = [*data.attrs.get("notes", ()), *judge.notes, *_notes_on(judge)]
        data = data.assign_attrs(notes=list(dict.fromkeys(notes)))
    return data


def with_text_scores(
    data: xr.Dataset, names: Sequence[str], scores: NDArray[np.float64]
) -> xr.Dataset:
    """A task's dataset with the scores [J, N, M] of text statistics, in front of the given judges.

    Text statistics that it had are replaced.

    Raises
    ------
    DataError
        A given weak judge has one of the names.
    """
    kept = given_of(data)
    bare = data.drop_vars(["weak_judge", "weak_kind", "weak_score"], errors="ignore")
    found = _with_scores(bare, names, [TEXT] * len(names), scores)
    for judge in kept:
        found = _with_scores(found, [judge.name], [judge.kind], judge.score[None])
    return found


def given_of(data: xr.Dataset) -> list[Given]:
    """The given weak judges of a task's dataset."""
    if "weak_score" not in data:
        return []
    return [judge for judge in _all_of(data) if judge.kind != TEXT]


def _all_of(data: xr.Dataset) -> list[Given]:
    names, kinds = (data[name].values for name in ("weak_judge", "weak_kind"))
    return [
        Given(str(name), str(kind), np.asarray(score, float))
        for name, kind, score in zip(names, kinds, data["weak_score"].values, strict=True)
    ]


def _with_scores(
    data: xr.Dataset, names: Sequence[str], kinds: Sequence[str], scores: NDArray[np.float64]
) -> xr.Dataset:
    """The dataset with scores [J, N, M] behind those that it has."""
    if "weak_score" in data:
        there = [str(name) for name in data["weak_judge"].values]
        for name in names:
            if name in there:
                raise DataError(
                    f"the task has a weak judge {name!r} already: give this one another name, or "
                    "take that one out with task.without_weak_judges()"
                )
        names = [*there, *names]
        kinds = [*map(str, data["weak_kind"].values), *kinds]
        scores = np.concatenate([data["weak_score"].values, scores])
    data = data.drop_vars(["weak_judge", "weak_kind", "weak_score"], errors="ignore")
    data = data.assign_coords(
        weak_judge=np.array(list(names), dtype=object),
        weak_kind=("weak_judge", np.array(list(kinds), dtype=object)),
    )
    return data.assign(weak_score=(("weak_judge", "query", "candidate"), scores))


def _against_baseline(
    rows: WeakRows, baseline: str, by_query: Mapping[str, str] | None
) -> tuple[pd.DataFrame, list[str]]:
    """The candidates' rows, less the baseline's scores on the same query where it has some."""
    known = baseline if by_query is None else rows.frame["query_id"].map(by_query)
    is_baseline = rows.frame["candidate"] == known
    frame = rows.frame[~is_baseline]
    if not is_baseline.any():
        if rows.compared:
            raise DataError(
                f"{rows.source}: verdicts of the weak judge {rows.name!r} are made by comparing "
                f"its scores with those of the baseline {baseline!r}, which has none: add them, or "
                f"give kind='{SCORE}'"
            )
        return frame, []
    if rows.kind == VERDICT and not rows.compared:
        said = count(int(is_baseline.sum()), "verdict")
        return frame, [f"weak judge {rows.name!r}: left out {said} on the baseline itself"]
    theirs = rows.frame[is_baseline].set_index("query_id")["score"]
    difference = (frame["score"] - frame["query_id"].map(theirs)).to_numpy(float)
    if rows.compared:
        difference = np.sign(difference)
    lacking = int(np.isnan(difference).sum())
    notes = []
    if lacking:
        notes.append(
            f"weak judge {rows.name!r}: left out {count(lacking, 'score')} on queries where the "
            "baseline, whose score is taken off, has none"
        )
    return frame.assign(score=difference)[~np.isnan(difference)], notes


def _refuse_misspelled(strange: Sequence[str], silent: Sequence[str], judge: str) -> None:
    """Refuse a name that differs in case or punctuation only from one that has no row."""
    plain = {_plain(name): name for name in silent}
    for name in strange:
        if _plain(name) in plain:
            known = dict.fromkeys([plain[_plain(name)], *silent])
            raise _unknown(name, known, "candidate", judge)


def _unknown(name: str, known: Iterable[str], what: str, judge: str) -> UnknownNameError:
    return UnknownNameError(f"weak judge {judge!r}: {did_you_mean(name, known, what)}")


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", name.lower())


def _notes_on(judge: Given) -> list[str]:
    """Notes on cells of which a weak judge says nothing, and on one that always says the same."""
    known = ~np.isnan(judge.score)
    notes = []
    if not known.all():
        notes.append(
            f"the weak judge {judge.name!r} says nothing of {int((~known).sum())} of "
            f"{known.size} cells; a model that reads only whole weak judges leaves it out "
            "(docs/weak-judges.md)"
        )
    if known.any() and np.ptp(judge.score[known]) == 0:
        notes.append(
            f"the weak judge {judge.name!r} says the same of every cell, so it tells nothing"
        )
    return notes


def validate_weak_judges(data: xr.Dataset) -> None:
    """Refuse weak judges' scores that are none.

    Raises
    ------
    DataError
        A name twice, a kind that there is not, infinity, NaN in the scores of a text statistic, a
        verdict other than -1, 0 and 1, or a weak judge that says nothing of any cell of a whole
        task.
    """
    if "weak_score" not in data:
        return
    if "weak_kind" not in data.coords:
        raise DataError("a task with 'weak_score' needs the coordinate 'weak_kind' along it")
    names = [str(name) for name in data["weak_judge"].values]
    if len(set(names)) != len(names):
        raise DataError("duplicate names of weak judges: give every one a name of its own")
    scores = data["weak_score"].values
    for name, kind, score in zip(names, data["weak_kind"].values, scores, strict=True):
        if kind == TEXT:
            if not np.isfinite(score).all():
                raise DataError(
                    "weak judge scores contain NaN or infinity: every score must be finite"
                )
            continue
        require_kind(str(kind))
        if np.isinf(score).any():
            raise DataError(
                f"the weak judge {name!r} has infinite scores: give finite ones, or NaN where it "
                "says nothing"
            )
        known = score[~np.isnan(score)]
        if kind == VERDICT and not np.isin(known, (-1.0, 0.0, 1.0)).all():
            odd = known[~np.isin(known, (-1.0, 0.0, 1.0))][0]
            raise DataError(
                f"the weak judge {name!r} has the verdict {odd:g}: verdicts are -1, 0 or 1 (loss, "
                f"draw, win); give kind='{SCORE}' for scores"
            )


def require_said(judge: Given) -> Given:
    """The weak judge, if it says something of any cell.

    Raises
    ------
    DataError
        It is NaN everywhere.
    """
    if np.isnan(judge.score).all():
        raise DataError(
            f"the weak judge {judge.name!r} says nothing of any cell of the task: give it scores "
            "of the task's queries and candidates"
        )
    return judge


def long_weak_judges(data: xr.Dataset) -> pd.DataFrame | None:
    """The given weak judges as one long table with the columns of readers; None without any.

    Statistics of texts are among them where the task has no texts to compute them from again.
    """
    if "weak_score" not in data:
        return None
    judges = _all_of(data) if "response" not in data else given_of(data)
    if not judges:
        return None
    query, candidate = (
        np.array([str(name) for name in data[dim].values], dtype=object)
        for dim in ("query", "candidate")
    )
    tables = []
    for judge in judges:
        rows, columns = np.nonzero(~np.isnan(judge.score))
        tables.append(
            pd.DataFrame(
                {
                    values.CELL[0]: query[rows],
                    values.CELL[1]: candidate[columns],
                    "weak_judge": judge.name,
                    "kind": judge.kind,
                    "score": judge.score[rows, columns],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
