"""From scored answers of many LLMs to a task: the scores of candidates and baseline are compared.

What evaluation tools write is the same at heart: one LLM's answer to one query, and numbers that
say how good it is. Their readers turn files into :class:`Scored` answers; the rest is here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import ReadOptions
from bayessel.tasks.readers.parts import compare, values
from bayessel.tasks.tables import Tables

USES = frozenset({"judge", "tolerance"})
"""Options that every reader of scored answers uses; ``judge`` names the metric."""


@dataclass(frozen=True)
class Scored:
    """One answer of one LLM to one query, and its scores.

    Attributes
    ----------
    query, candidate
        Names; a query's is its own within its benchmark.
    scores
        Numbers by metric, the higher the better; None where a metric has no score here, and no
        metric at all where the answer failed.
    text, query_text
        The response and the query, where known.
    benchmark
        What the query belongs to; "" where the files are of one.
    content
        What tells that a query of this name is the same one in another file: a hash, or its text.
    """

    query: str
    candidate: str
    scores: Mapping[str, float | None]
    text: str | None = None
    query_text: str | None = None
    benchmark: str = ""
    content: str | None = None


@dataclass(frozen=True)
class Metrics:
    """What a format says of its metrics.

    Attributes
    ----------
    main
        Metrics to read where the user names none: if exactly one of them is there, it is read.
    lower_is_better
        Benchmark and metric whose scores were turned round by the reader, for a note.
    """

    main: Collection[str] = ()
    lower_is_better: Collection[tuple[str, str]] = field(default_factory=tuple)


def scored_tables(
    answers: Sequence[Scored],
    path: Path | str,
    options: ReadOptions,
    metrics: Metrics | None = None,
    notes: Iterable[str] = (),
) -> Tables:
    """Compare each candidate's score with the baseline's on the same query.

    Several answers of one LLM to one query (repeats, epochs, runs) are averaged: the mean of the
    scores that are there. The first text is kept. Where the files are of several benchmarks, a
    query is called ``BENCHMARK/QUERY``.

    Parameters
    ----------
    answers
        In the order of the files.
    path
        Where they were found.
    options
        The baseline, the metric (``judge``) and the tolerance.
    metrics
        Which metric is meant where there are several.
    notes
        What the reader left out.

    Raises
    ------
    DataError
        No answers, several metrics and none chosen, no baseline, or queries of one name that are
        not the same query.
    UnknownNameError
        No such metric or baseline.
    """
    if not answers:
        raise DataError(f"{path} holds no answers with scores: give the files of a finished run")
    said = list(notes)
    frame = pd.DataFrame([vars(a) for a in answers], dtype=object)
    _refuse_other_queries(frame, path)
    several = len(set(frame["benchmark"])) > 1
    frame["query_id"] = frame["benchmark"] + "/" + frame["query"] if several else frame["query"]
    frame, chosen = _with_score(frame, path, options.judge, metrics or Metrics(), said)
    baseline = _baseline(frame, path, options.baseline)
    cells = _averaged(frame, said)
    scored = cells[cells["score"].notna()].astype({"score": float}).reset_index(drop=True)
    judged = compare.against_baseline(
        scored[["query_id", "candidate", "score"]], baseline, options.tolerance or 0.0
    )
    alone = judged["baseline_score"].isna()
    if alone.any():
        said.append(
            f"{int(alone.sum())} of {len(judged)} outcomes are missing: the baseline "
            f"{baseline!r} has no score there"
        )
    if judged.empty or alone.all():
        raise DataError(
            f"{path}: no candidate has a score ({listing(chosen)}) on a query where the baseline "
            f"{baseline!r} has one: give the files of all LLMs, of the same queries"
        )
    return Tables(
        judged[~alone].reset_index(drop=True),
        cells[["query_id", "candidate", "text"]],
        _queries(frame, said),
        baseline,
        notes=tuple(said),
    )


def _refuse_other_queries(frame: pd.DataFrame, path: Path | str) -> None:
    """Refuse queries that have one name and different contents."""
    known = frame.dropna(subset=["content"])
    known = known.drop_duplicates(["benchmark", "query", "content"])
    twice = known.duplicated(["benchmark", "query"], keep=False)
    if not twice.any():
        return
    pair = known[twice]
    first = pair.iloc[0]
    same = pair[(pair["benchmark"] == first["benchmark"]) & (pair["query"] == first["query"])]
    of = f" of {first['benchmark']!r}" if first["benchmark"] else ""
    raise DataError(
        f"{path}: query {first['query']!r}{of} is not the same query for "
        f"{listing(same['candidate'].unique())}: give runs on the same data"
    )


def _with_score(
    frame: pd.DataFrame, path: Path | str, judge: str | None, metrics: Metrics, said: list[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Answers that have the chosen metric, or none at all, with a column ``score``."""
    found = {
        str(benchmark): list(dict.fromkeys(m for scores in group for m in scores))
        for benchmark, group in frame.groupby("benchmark", sort=False)["scores"]
    }
    every = list(dict.fromkeys(m for names in found.values() for m in names))
    if not every:
        raise DataError(f"{path} has {count(len(frame), 'answer')} and no score: was it scored?")
    if judge is not None and judge not in every:
        raise did_you_mean(judge, every, "metric")
    chosen = {b: _metric(names, judge, metrics.main, path) for b, names in found.items() if names}
    read = list(dict.fromkeys(chosen.values()))
    if len(every) > 1:
        others = [m for m in every if m not in read]
        left = f"; others are there: {listing(others)}" if others else ""
        said.append(f"read the metric {listing(read)}{left}")
    turned = sorted({m for b, m in metrics.lower_is_better if chosen.get(b) == m})
    if turned:
        said.append(f"of the metric {listing(turned)} a lower score is better, and wins")
    wanted = [chosen.get(b, "") for b in frame["benchmark"]]
    kept = [not s or m in s for s, m in zip(frame["scores"], wanted, strict=True)]
    scores = [s.get(m) for s, m in zip(frame["scores"], wanted, strict=True)]
    frame = frame.assign(score=pd.Series(scores, frame.index, dtype=float))
    return frame[kept].reset_index(drop=True), read


def _metric(names: list[str], judge: str | None, main: Collection[str], path: Path | str) -> str:
    if judge in names:
        return str(judge)
    if len(names) == 1:
        return names[0]
    mains, others = [m for m in names if m in main], [m for m in names if m not in main]
    if judge is None and len(mains) == 1:
        return mains[0]
    raise DataError(
        f"{path} has {len(names)} metrics ({listing([*mains, *others], most=12)}): choose one with "
        "judge= (--judge NAME)"
    )


def _baseline(frame: pd.DataFrame, path: Path | str, given: str | None) -> str:
    llms = sorted(set(frame["candidate"]))
    if len(llms) == 1:
        raise DataError(
            f"{path} has answers of one LLM ({llms[0]!r}): give the folder that holds the files "
            "of all candidates and of the baseline"
        )
    if given is None:
        raise DataError(
            f"{path} has scores, which are compared with the baseline's: name the baseline with "
            f"baseline= (--baseline NAME); LLMs: {listing(llms, most=12)}"
        )
    if given not in llms:
        raise did_you_mean(given, llms, "baseline")
    return given


def _averaged(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    """One row for each cell: its mean score and its first text."""
    missing = int(frame["score"].isna().sum())
    if missing:
        said.append(
            f"{missing} of {len(frame)} answers have no score (failed, or not scored), and are "
            "missing, not 0"
        )
    cells = frame.groupby(list(values.CELL), sort=False, as_index=False)
    means = cells.agg(score=("score", "mean"), text=("text", "first"), repeats=("score", "size"))
    twice = means["repeats"] > 1
    if again := int(twice.sum()):
        each = frame.groupby(list(values.CELL), sort=False)["score"]
        exact = [_mean(scores) for _, scores in each if len(scores) > 1]
        means.loc[twice, "score"] = exact
        said.append(
            f"{again} of {len(means)} cells have several answers (repeats, epochs or runs): their "
            "scores are averaged, and the first text is kept"
        )
    return means.assign(text=means["text"].where(means["text"].notna(), None))


def _mean(scores: pd.Series) -> float:
    """Mean of the scores that are there, the same in any order; NaN where none is."""
    known = scores.dropna().tolist()
    return fmean(known) if known else float("nan")


def _queries(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    texts = frame[["query_id", "query_text"]].dropna().drop_duplicates()
    different = texts.loc[texts["query_id"].duplicated(), "query_id"].nunique()
    if different:
        said.append(
            f"{count(different, 'query has', 'queries have')} different texts in the files (other "
            "prompts or templates): the first was read"
        )
    queries = frame.groupby("query_id", sort=False, as_index=False).agg(
        text=("query_text", "first"), category=("benchmark", "first")
    )
    return queries.where(queries.notna(), None)


def as_score(value: object) -> float | None:
    """A number, or true and false as 1 and 0; None for anything else, NaN and infinity included."""
    if isinstance(value, int | float) and abs(value) < float("inf"):
        return float(value)
    return None
