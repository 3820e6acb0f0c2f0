"""alpaca_eval's results: ``annotations.json`` and ``model_outputs.json``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import listing
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.alpaca_files import (
    ResultFile,
    annotation_files,
    output_files,
    read_annotations,
    read_outputs,
)
from bayessel.tasks.readers.parts.choose import widest_judge
from bayessel.tasks.readers.parts.compare import outcome_of_difference
from bayessel.tasks.tables import Tables


def detect(path: Path) -> bool:
    """Whether a path is a JSON file or holds annotations or model outputs."""
    if path.is_file():
        return path.suffix.lower() == ".json"
    return bool(annotation_files(path) or output_files(path))


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a results folder, one LLM's folder, or one ``annotations.json``.

    A preference of 2 is a win of the candidate, 1 is a loss, 1.5 and the historical 0 are draws.
    Any other preference is a win above 1.5 and a loss below it, but a draw within ``draw_band`` of
    it. A record whose baseline is ``output_2`` is reversed. In a results folder a candidate has the
    name of its folder.
    """
    records, annotator, left_out = _chosen(annotation_files(path), options.judge, path)
    outputs = read_outputs(output_files(path))
    if records.empty and outputs.empty:
        raise DataError(
            f"{path} has neither annotations.json nor model_outputs.json: give alpaca_eval's "
            "results folder, an LLM's folder in it, or one annotations.json"
        )
    notes: list[str] = []
    baseline = options.baseline
    if not records.empty:
        baseline = _baseline(records, baseline, path)
        records, notes = _candidates(records, baseline)
        records = values.refuse_duplicates(records, "annotations", path)
    left_out -= {str(baseline)}
    if left_out:
        outputs = outputs[~outputs["candidate"].isin(left_out)]
        notes.append(
            f"read the judgments of {annotator!r}; left out {len(left_out)} candidate(s) judged "
            f"only by others: {listing(sorted(left_out), most=10)}"
        )
    judgments, on_outcomes = _outcomes(records, options)
    responses, on_responses = _responses(records, outputs, baseline)
    queries, on_queries = _queries(records, outputs)
    notes += [*on_outcomes, *on_responses, *on_queries]
    return Tables(judgments, responses, queries, baseline, notes=tuple(notes))


def _chosen(
    files: list[ResultFile], judge: str | None, path: Path
) -> tuple[pd.DataFrame, str | None, set[str]]:
    """Annotations of one annotator, its name, and the candidates that only others judged."""
    flat = read_annotations(f for f in files if f.annotator is None)
    covers: dict[str, set[str]] = {}
    pairs = [(f.annotator, f.model) for f in files if f.annotator is not None]
    for annotator, model in [*pairs, *zip(flat["annotator"], flat["generator_2"], strict=True)]:
        covers.setdefault(str(annotator), set()).add(str(model))
    chosen, left_out = widest_judge(covers, judge, path)
    tree = read_annotations(f for f in files if f.annotator is not None and f.annotator == chosen)
    parts = [part for part in (flat[flat["annotator"] == chosen], tree) if not part.empty]
    return (pd.concat(parts, ignore_index=True) if parts else flat), chosen, left_out


def _baseline(records: pd.DataFrame, given: str | None, path: Path) -> str:
    first, second = records["generator_1"], records["generator_2"]
    if given is not None:
        known = sorted(set(first) | set(second))
        if given not in known:
            raise did_you_mean(given, known, "baseline")
        return given
    known = list(dict.fromkeys(first))
    if len(known) == 1:
        return known[0]
    everywhere = [m for m in {first[0], second[0]} if ((first == m) | (second == m)).all()]
    if len(everywhere) == 1:
        return str(everywhere[0])
    counted = first.value_counts()
    listed = ", ".join(f"{name!r} in {n} records" for name, n in counted.head(5).items())
    raise DataError(
        f"{path}: generator_1, the baseline, is {listed}{' and others' if len(counted) > 5 else ''}"
        "; a task has one baseline: name it with baseline= (--baseline NAME)"
    )


def _candidates(records: pd.DataFrame, baseline: str) -> tuple[pd.DataFrame, list[str]]:
    """Reverse records so that the baseline is always ``output_1``, and name the candidates."""
    usual = records["generator_1"] == baseline
    turned = (records["generator_2"] == baseline) & ~usual
    kept = (usual | turned) & ~(usual & (records["generator_2"] == baseline))
    notes = []
    if not kept.all():
        notes.append(
            f"left out {int((~kept).sum())} of {len(records)} annotations that do not compare a "
            f"candidate with {baseline!r}"
        )
    records, turned = records[kept].reset_index(drop=True), turned[kept].reset_index(drop=True)
    for one, two in (("generator_1", "generator_2"), ("output_1", "output_2")):
        swapped = records[two].where(turned, records[one])
        records[two] = records[one].where(turned, records[two])
        records[one] = swapped
    p = records["preference"]
    records["preference"] = p.where(~turned | (p == 0), 3 - p)
    records["candidate"] = records["generator_2"]
    single = records.groupby("folder")["candidate"].transform("nunique") == 1
    renamed = single & (records["folder"] != records["candidate"])
    if renamed.any():
        names = records.loc[renamed, ["folder", "candidate"]].drop_duplicates()
        listed = [f"{m} -> {f}" for f, m in names.itertuples(index=False)]
        notes.append(f"named {len(listed)} candidate(s) by their folders: {listing(listed)}")
        records["candidate"] = records["candidate"].where(~renamed, records["folder"])
    return records, notes


def _outcomes(records: pd.DataFrame, options: ReadOptions) -> tuple[pd.DataFrame, list[str]]:
    if records.empty:
        return values.no_judgments(), []
    p, band = records["preference"], options.draw_band or 0.0
    failed, notes = p.isna(), []
    continuous = ~p.isin([0, 1, 1.5, 2]) & ~failed
    if continuous.any():
        notes.append(
            f"{int(continuous.sum())} of {len(p)} preferences are continuous: above 1.5 is a win, "
            f"below a loss, within draw_band={band:g} of 1.5 a draw"
        )
    if (p == 0).any():
        notes.append(f"{int((p == 0).sum())} preferences of 0 (historical ties) are draws")
    if failed.any():
        how = "a draw" if options.null == "draw" else "missing (null='draw' reads a draw)"
        notes.append(f"{int(failed.sum())} of {len(p)} preferences are null, read as {how}")
    difference = np.where(failed | (p == 0), 0.0, p - 1.5)
    judgments = records[["query_id", "candidate"]].assign(
        outcome=outcome_of_difference(difference, band), preference=p
    )
    return (judgments if options.null == "draw" else judgments[~failed]), notes


def _responses(
    records: pd.DataFrame, outputs: pd.DataFrame, baseline: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Texts of the annotations and, where these have none, of the files of outputs."""
    columns, notes, parts = ["query_id", "candidate", "text"], [], []
    if not records.empty:
        theirs = records[["query_id", "output_1"]].drop_duplicates()
        different = int(theirs["query_id"].duplicated().sum())
        if different:
            notes.append(
                f"the baseline's response differs between files in {different} case(s): the "
                "first was read"
            )
        theirs = theirs.rename(columns={"output_1": "text"}).assign(candidate=baseline)
        mine = records.rename(columns={"output_2": "text"})
        parts = [theirs[columns], mine[columns]]
    parts.append(outputs[columns])
    found = pd.concat(parts, ignore_index=True)
    found = found[found["text"].notna()]
    return found.drop_duplicates(list(values.CELL), ignore_index=True), notes


def _queries(records: pd.DataFrame, outputs: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    queries = pd.concat([records, outputs])[["query_id", "instruction", "dataset"]]
    queries = queries.drop_duplicates("query_id", ignore_index=True)
    notes = []
    if queries["query_id"].str.contains("-").any():
        notes = ["an instruction occurs more than once in a file: each occurrence is a query"]
    return queries.set_axis(["query_id", "text", "category"], axis=1), notes


READER = Reader(
    description="alpaca_eval's results folder, an LLM's folder in it, or an annotations.json",
    uses=frozenset({"null", "draw_band", "judge"}),
    detect=detect,
    read=read,
)
