"""alpaca_eval's results: ``annotations.json`` and ``model_outputs.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import Reader, ReadOptions, reading_of
from bayessel.tasks.readers.parts import values, verdicts
from bayessel.tasks.readers.parts.alpaca_files import (
    ResultFile,
    annotation_files,
    is_annotations,
    is_outputs,
    output_files,
    query_ids,
    read_annotations,
    read_outputs,
)
from bayessel.tasks.readers.parts.choose import itself_note, widest_judge
from bayessel.tasks.readers.parts.compare import outcome_of_difference
from bayessel.tasks.readers.parts.marks import source_of
from bayessel.tasks.readers.parts.own_baselines import differ_note, joined_name
from bayessel.tasks.readers.parts.repeats import without_repeats
from bayessel.tasks.tables import Tables

RULES = {
    "annotators": {
        "one": "one annotator is read, the one who judged most LLMs, or as --judge says",
        "majority": "of several annotators most decide; it is a draw where no outcome has most",
    }
}

_MOST = "; --rule annotators=majority lets most of them decide"


def detect(path: Path) -> bool:
    """Whether a path is a file of annotations or outputs, by name or keys, or holds one."""
    if path.is_file():
        return is_annotations(path) or is_outputs(path)
    return bool(annotation_files([path]) or output_files([path]))


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read results folders, LLMs' folders, and files of annotations or outputs as one task.

    A preference of 2 is a win of the candidate, 1 is a loss, 1.5 and the historical 0 are draws.
    Any other preference is a win above 1.5 and a loss below it, but a draw within ``draw_band`` of
    it. A record whose baseline is ``output_2`` is reversed. In a results folder a candidate has the
    name of its folder.

    An instruction that occurs again for the same annotator and pair of LLMs, with other responses,
    is a query of its own. With the same responses it is a repeat.
    """
    path = source_of(paths)
    most = options.judge is None and reading_of(RULES, "annotators", options) == "majority"
    files = annotation_files(paths)
    records, annotator, left_out, others = _chosen(files, options.judge, path, most)
    outputs = read_outputs(output_files(paths))
    if records.empty and outputs.empty:
        raise DataError(
            f"{path} has neither annotations.json nor model_outputs.json: give alpaca_eval's "
            "results folder, an LLM's folder in it, or one annotations.json"
        )
    notes: list[str] = []
    baseline, names = options.baseline, {str(options.baseline)}
    if not records.empty:
        own = _own_baselines(records, baseline, path)
        names = set(own)
        baseline = str(joined_name(sorted(names)))
        if len(names) > 1:
            outputs = _under_joined(outputs, records, own, baseline)
            of = records.assign(own=own).groupby("own")["instruction"].nunique()
            notes.append(differ_note({str(name): int(n) for name, n in of.items()}))
        records, on_candidates = _candidates(records, own, baseline)
        notes += on_candidates
    else:
        records = records.assign(candidate=None)
    left_out -= names
    if left_out:
        outputs = outputs[~outputs["candidate"].isin(left_out)]
        notes.append(
            f"read the judgments of {annotator!r}; left out {len(left_out)} candidate(s) judged "
            f"only by others: {listing(sorted(left_out), most=10)}"
        )
    elif others and options.judge is None:
        notes.append(
            f"read the judgments of {annotator!r}, who judged most candidates; left out those of "
            f"{listing(others)} (--judge NAME reads them{_MOST})"
        )
    records = _with_outcomes(records, options)
    records, votes, on_repeats = _named_queries(records, path, str(baseline), most)
    outputs = outputs.drop_duplicates(["candidate", "instruction", "text"], ignore_index=True)
    outputs = outputs.assign(query_id=query_ids(outputs))
    judgments, on_outcomes = _judgments(records, options)
    responses, on_responses = _responses(records, outputs, baseline)
    queries, on_queries = _queries(records, outputs)
    notes += [*on_repeats, *on_outcomes, *on_responses, *on_queries]
    return Tables(judgments, responses, queries, baseline, notes=tuple(notes), votes=votes)


def _chosen(
    files: list[ResultFile], judge: str | None, path: str, most: bool
) -> tuple[pd.DataFrame, str | None, set[str], list[str]]:
    """Annotations of one annotator, its name, the candidates that only others judged, and these."""
    if most:
        return read_annotations(files), None, set(), []
    flat = read_annotations(f for f in files if f.annotator is None)
    covers: dict[str, set[str]] = {}
    pairs = [(f.annotator, f.model) for f in files if f.annotator is not None]
    for annotator, model in [*pairs, *zip(flat["annotator"], flat["generator_2"], strict=True)]:
        covers.setdefault(str(annotator), set()).add(str(model))
    chosen, left_out = widest_judge(covers, judge, path, _MOST)
    tree = read_annotations(f for f in files if f.annotator is not None and f.annotator == chosen)
    parts = [part for part in (flat[flat["annotator"] == chosen], tree) if not part.empty]
    others = sorted(covers.keys() - {chosen})
    return (pd.concat(parts, ignore_index=True) if parts else flat), chosen, left_out, others


def _own_baselines(records: pd.DataFrame, given: str | None, path: str) -> pd.Series:
    """[R] the baseline of each record: one for all, or one for each data set."""
    first, second = records["generator_1"], records["generator_2"]
    known = list(dict.fromkeys(first))
    by_data_set = _one_for_each_data_set(records)
    if given is not None and not (by_data_set and given == joined_name(sorted(known))):
        every = sorted(set(first) | set(second))
        if given not in every:
            raise did_you_mean(given, every, "baseline")
        return pd.Series(given, records.index)
    if len(known) == 1:
        return first
    everywhere = [m for m in {first[0], second[0]} if ((first == m) | (second == m)).all()]
    if len(everywhere) == 1:
        return pd.Series(str(everywhere[0]), records.index)
    if by_data_set:
        return first
    counted = first.value_counts()
    listed = ", ".join(f"{name!r} in {n} records" for name, n in counted.head(5).items())
    raise DataError(
        f"{path}: generator_1, the baseline, is {listed}{' and others' if len(counted) > 5 else ''}"
        "; a task has one baseline: name it with baseline= (--baseline NAME)"
    )


def _one_for_each_data_set(records: pd.DataFrame) -> bool:
    """Whether each data set has one baseline, and some data sets have different ones."""
    pairs = records[["dataset", "generator_1"]].drop_duplicates()
    single = not pairs["dataset"].duplicated().any() and bool(pairs["dataset"].notna().all())
    return single and len(set(pairs["generator_1"])) > 1


def _under_joined(
    outputs: pd.DataFrame, records: pd.DataFrame, own: pd.Series, baseline: str
) -> pd.DataFrame:
    """Outputs, with those of each query's own baseline under the name of the task's."""
    of_instruction = dict(zip(records["instruction"], own, strict=True))
    of_data_set = dict(zip(records["dataset"], own, strict=True))
    theirs = outputs["instruction"].map(of_instruction)
    theirs = theirs.fillna(outputs["dataset"].map(of_data_set))
    named = outputs["candidate"].where(outputs["candidate"] != theirs, baseline)
    return outputs.assign(candidate=named)


def _candidates(
    records: pd.DataFrame, own: pd.Series, baseline: str
) -> tuple[pd.DataFrame, list[str]]:
    """Reverse records so that the baseline is always ``output_1``, and name the candidates."""
    usual = records["generator_1"] == own
    turned = (records["generator_2"] == own) & ~usual
    involved = usual | turned
    notes = []
    if not involved.all():
        notes.append(
            f"left out {int((~involved).sum())} of {len(records)} annotations that do not compare "
            f"a candidate with {baseline!r}"
        )
    records = records[involved].reset_index(drop=True)
    turned, own = (part[involved].reset_index(drop=True) for part in (turned, own))
    for one, two in (("generator_1", "generator_2"), ("output_1", "output_2")):
        swapped = records[two].where(turned, records[one])
        records[two] = records[one].where(turned, records[two])
        records[one] = swapped
    p = records["preference"]
    records["preference"] = p.where(~turned | (p == 0), 3 - p)
    itself = records["generator_2"] == own
    left, records = int(itself.sum()), records[~itself].reset_index(drop=True)
    records["candidate"] = records["generator_2"]
    single = records.groupby("folder")["candidate"].transform("nunique") == 1
    renamed = single & (records["folder"] != records["candidate"])
    if renamed.any():
        names = records.loc[renamed, ["folder", "candidate"]].drop_duplicates()
        listed = [f"{m} -> {f}" for f, m in names.itertuples(index=False)]
        notes.append(f"named {len(listed)} candidate(s) by their folders: {listing(listed)}")
        records["candidate"] = records["candidate"].where(~renamed, records["folder"])
    return records, [*notes, *itself_note(left, baseline)]


def _with_outcomes(records: pd.DataFrame, options: ReadOptions) -> pd.DataFrame:
    """The records with their outcomes, NaN where the annotator failed."""
    p, band = records["preference"].astype(float), options.draw_band or 0.0
    difference = np.where(p.isna() | (p == 0), 0.0, p - 1.5)
    outcome = pd.Series(outcome_of_difference(difference, band), records.index, dtype=float)
    return records.assign(outcome=outcome if options.null == "draw" else outcome.where(p.notna()))


def _named_queries(
    records: pd.DataFrame, path: str, baseline: str, most: bool
) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """The records with the names of their queries, without those that repeat another, and votes.

    Where ``most`` of several annotators decide, a record stands for all on the same responses.

    Raises
    ------
    DataError
        Two verdicts on the same responses differ.
    """
    shown = ["instruction", "candidate", "output_1", "output_2"]
    about = [*shown, "annotator"] if most else shown
    failed = records["preference"].isna()
    told = records[~failed].groupby(about, dropna=False, sort=False).size()
    again = failed & pd.MultiIndex.from_frame(records[about]).isin(told.index)
    notes = []
    if again.any():
        notes.append(
            f"left out {count(int(again.sum()), 'annotation')} that failed where another of the "
            "same responses did not"
        )
    kept, on_repeats = without_repeats(records[~again], "annotations", path, "outcome", about)
    notes += on_repeats
    if not most or kept.empty:
        return kept.assign(query_id=query_ids(kept)), None, notes
    cell = kept.groupby(shown, dropna=False, sort=False).ngroup()
    said = kept["outcome"].notna()
    first, outcome, told_by, differ = verdicts.majority(
        np.asarray(cell[said], np.int64), np.asarray(kept.loc[said, "outcome"], np.int8)
    )
    notes += verdicts.majority_note(told_by, differ)
    of_cell = pd.Series(outcome.astype(float), cell[said].iloc[first])
    single = kept.assign(cell=cell).sort_values("outcome", na_position="last", kind="stable")
    single = single.drop_duplicates("cell").sort_index()
    single = single.assign(outcome=single["cell"].map(of_cell), query_id=query_ids(single))
    names = single.set_index("cell")["query_id"]
    votes = pd.DataFrame(
        {
            "query_id": cell[said].map(names),
            "candidate": kept.loc[said, "candidate"],
            "against": baseline,
            "outcome": kept.loc[said, "outcome"].astype("int8"),
            "judge": kept.loc[said, "annotator"],
        }
    )
    return single, votes.reset_index(drop=True) if (told_by > 1).any() else None, notes


def _judgments(records: pd.DataFrame, options: ReadOptions) -> tuple[pd.DataFrame, list[str]]:
    if records.empty:
        return values.no_judgments(), []
    p, failed, notes = records["preference"], records["preference"].isna(), []
    continuous = ~p.isin([0, 1, 1.5, 2]) & ~failed
    if continuous.any():
        notes.append(
            f"{int(continuous.sum())} of {len(p)} preferences are continuous: above 1.5 is a win, "
            f"below a loss, within draw_band={options.draw_band or 0.0:g} of 1.5 a draw"
        )
    if (p == 0).any():
        notes.append(f"{int((p == 0).sum())} preferences of 0 (historical ties) are draws")
    if failed.any():
        how = "a draw" if options.null == "draw" else "missing (null='draw' reads a draw)"
        notes.append(f"{int(failed.sum())} of {len(p)} preferences are null, read as {how}")
    judged = records[records["outcome"].notna()]
    return judged[["query_id", "candidate", "outcome", "preference"]].astype(
        {"outcome": "int8"}
    ), notes


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
        notes = [
            "an instruction occurs more than once with other responses: each occurrence is a query"
        ]
    return queries.set_axis(["query_id", "text", "category"], axis=1), notes


READER = Reader(
    description="alpaca_eval's results folder, an LLM's folder in it, or an annotations.json",
    uses=frozenset({"null", "draw_band", "judge"}),
    detect=detect,
    read=read,
    read_many=read_many,
    rules=RULES,
)
