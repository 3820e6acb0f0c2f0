"""Read a judged data set, also against another baseline LLM where scores or games allow it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bayessel.errors import BayesselError, DataError, did_you_mean
from bayessel.tasks.baseline import choose_baseline
from bayessel.tasks.judged import judged_candidates
from bayessel.tasks.readers import ReadOptions, read_tables
from bayessel.tasks.readers.parts import compare
from bayessel.tasks.tables import Tables
from bayessel.tasks.task import Task


def read_against(
    path: Path, baseline: str | None, *, format: str | None = None, **reading: Any
) -> Task:
    """Read a judged task with any baseline; candidates that nobody judged are left out.

    Some readers compare with any baseline: a table of scores, MT-bench's single answers, games
    against several LLMs. Other files hold outcomes against one baseline. Where they keep the
    columns ``score`` and ``baseline_score`` too, the scores are compared anew.

    Parameters
    ----------
    path
        The data set.
    baseline
        Name of the baseline; None for the one that the files name.
    format
        Name of the format; detected where None.
    **reading
        How the files are read; see :func:`bayessel.tasks.readers.read_tables`.

    Raises
    ------
    DataError
        The files record only outcomes against another baseline, or lack scores of the baseline.
    UnknownNameError
        No LLM has this name.
    BudgetError
        The tolerance is out of range.
    """
    reading = {name: value for name, value in reading.items() if value is not None}
    ReadOptions(**reading)  # refuses what is out of range
    try:
        read = Task.read(path, baseline=baseline, format=format, **reading)
        return judged_candidates(read)[0]
    except BayesselError as refusal:
        if baseline is None:
            raise
        first = refusal
    try:
        tolerance = reading.pop("tolerance", None)
        tables = choose_baseline(read_tables(path, format=format, **reading), None)
        recorded = str(tables.baseline)
    except BayesselError:
        raise first from None  # the files name no baseline: the given name is at fault
    if baseline == recorded and tolerance is None:
        raise first
    names_known = [*pd.unique(tables.judgments["candidate"]), recorded]
    if baseline not in names_known:
        raise did_you_mean(baseline, names_known, "baseline") from None
    if not {"score", "baseline_score"} <= set(tables.judgments.columns):
        raise DataError(
            f"{path} records only outcomes against {recorded!r}, which say nothing about "
            f"{baseline!r} as the baseline: give scores (a column 'score' instead of 'outcome') or "
            "games against each baseline"
        ) from None
    tables = rebase(tables, recorded, baseline, tolerance, path)
    return judged_candidates(Task.from_tables(tables))[0]


def rebase(
    tables: Tables, recorded: str, baseline: str, tolerance: float | None, path: Path
) -> Tables:
    """Compare scores that came beside outcomes with the scores of another baseline.

    Parameters
    ----------
    tables
        Judgments with ``score`` and ``baseline_score``.
    recorded
        The baseline whose scores are in ``baseline_score``; it becomes a candidate.
    baseline
        The new baseline, a candidate so far.
    tolerance
        Scores this close are draws. None is 0, which must give the recorded outcomes again.
    path
        File that the tables were read from.

    Raises
    ------
    DataError
        The recorded outcomes do not follow from the scores, or the baseline lacks scores.
    """
    judgments = tables.judgments.dropna(subset=["score", "baseline_score"])
    names = ["query_id", "candidate", "score"]
    of_baseline = judgments[["query_id", "baseline_score"]].drop_duplicates()
    differing = of_baseline["query_id"].duplicated()
    if differing.any():
        query = of_baseline["query_id"][differing].iloc[0]
        raise DataError(
            f"{path}: baseline_score differs within query {query!r}: it must be the score of "
            f"{recorded!r} there"
        )
    theirs = of_baseline.rename(columns={"baseline_score": "score"}).assign(candidate=recorded)
    scores = pd.concat([judgments[names], theirs[names]], ignore_index=True)
    scores["score"] = scores["score"].astype(float)
    difference = (judgments["score"] - judgments["baseline_score"]).to_numpy(float)
    outcome = judgments["outcome"].to_numpy()
    wrong = np.sign(difference) * outcome < 0
    if tolerance is None:
        wrong |= compare.outcome_of_difference(difference, 0.0) != outcome
    if wrong.any():
        raise DataError(
            f"{path}: {int(wrong.sum())} of {len(judgments)} recorded outcomes are not what their "
            "scores say: give --tolerance where close scores are draws, or a table of scores "
            "without outcomes"
        )
    compared = compare.against_baseline(scores, baseline, tolerance or 0.0)
    lacking = compared["baseline_score"].isna()
    if lacking.any():
        query = compared.loc[lacking, "query_id"].iloc[0]
        raise DataError(
            f"{path}: baseline {baseline!r} has no score for "
            f"{compared.loc[lacking, 'query_id'].nunique()} of {scores['query_id'].nunique()} "
            f"scored queries, the first {query!r}: the baseline must have a score wherever a "
            "candidate has one"
        )
    return replace(tables, judgments=compared, baseline=baseline)
