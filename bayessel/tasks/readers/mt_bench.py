"""FastChat's MT-bench: pairwise judgments, or scores of single answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import listing
from bayessel.tasks.readers.base import Reader, ReadOptions, refuse_unused
from bayessel.tasks.readers.parts import compare, mt_files, values
from bayessel.tasks.readers.parts.choose import one_judge
from bayessel.tasks.readers.parts.files import first_record
from bayessel.tasks.tables import Tables


def detect(path: Path) -> bool:
    """Whether a path is a judgment file of FastChat, or a folder with questions and answers."""
    if path.is_file():
        return path.suffix == ".jsonl" and mt_files.is_judgment(first_record(path))
    if mt_files.judgment_files(path):
        return True
    turns = first_record(path / "question.jsonl").get("turns")
    simple = isinstance(turns, list) and bool(turns) and isinstance(turns[0], str)
    return (path / "model_answer").is_dir() and simple


def read(path: Path, options: ReadOptions) -> Tables:
    """Read MT-bench's folder, or one ``*_pair.jsonl`` or ``*_single.jsonl``.

    Every turn is a query, ``<question_id>-t<turn>``. Pairwise judgments that do not involve the
    baseline are left out; where the two games disagree the outcome is a draw with
    ``disagreement`` set. Single scores are compared with the baseline's.
    """
    judged = mt_files.judgments([path] if path.is_file() else mt_files.judgment_files(path))
    judge = one_judge(judged["judge"], options.judge, path)
    judged = judged[judged["judge"] == judge]
    pairwise = judge is not None and judge.endswith("_pair")
    if options.tolerance is not None and (judge is None or pairwise):
        raise refuse_unused("tolerance", f"{path} has no scores to compare")
    responses = mt_files.answers(path / "model_answer")
    baseline, notes = options.baseline, list[str]()
    if judge is None:
        if responses is None:
            raise DataError(
                f"{path} has neither model_judgment/*_pair.jsonl, model_judgment/*_single.jsonl "
                "nor model_answer/*.jsonl: give FastChat's data/mt_bench or a judgment file"
            )
        judgments = values.no_judgments()
    elif pairwise:
        baseline = _pair_baseline(judged, baseline, path)
        judgments, notes = _pairs(judged, baseline, path)
    else:
        baseline = _single_baseline(judged, baseline, path)
        judgments, notes = _singles(judged, baseline, options.tolerance or 0.0, path)
    questions = mt_files.questions(path / "question.jsonl")
    return Tables(judgments, responses, questions, baseline, notes=tuple(notes))


def _pair_baseline(judged: pd.DataFrame, given: str | None, path: Path) -> str:
    first, second = judged["model_1"], judged["model_2"]
    llms = sorted(set(first) | set(second))
    if given is not None:
        return _known(given, llms)
    everywhere = [m for m in llms if ((first == m) | (second == m)).all()]
    if len(everywhere) == 1:
        return everywhere[0]
    raise DataError(
        f"{path}: cannot tell the baseline, since {len(everywhere)} LLMs are in every pair: "
        f"name it with baseline= (--baseline NAME); LLMs: {listing(llms)}"
    )


def _single_baseline(judged: pd.DataFrame, given: str | None, path: Path) -> str:
    llms = sorted(set(judged["candidate"]))
    if given is not None:
        return _known(given, llms)
    raise DataError(
        f"{path} has scores of single answers, which are compared with the baseline's: name the "
        f"baseline with baseline= (--baseline NAME); LLMs: {listing(llms)}"
    )


def _known(given: str, llms: list[str]) -> str:
    if given not in llms:
        raise did_you_mean(given, llms, "baseline")
    return given


def _pairs(judged: pd.DataFrame, baseline: str, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Outcomes of the pairs with the baseline, each of two games."""
    is_first = judged["model_2"] == baseline
    is_second = (judged["model_1"] == baseline) & ~is_first
    involved = judged[is_first | is_second]
    mine = is_first[involved.index]
    games = pd.DataFrame(
        {
            "query_id": involved["query_id"],
            "candidate": involved["model_1"].where(mine, involved["model_2"]),
        }
    )
    for game, column in (("game1", "g1_winner"), ("game2", "g2_winner")):
        to_first = involved[column].map({"model_1": 1, "model_2": -1, "tie": 0})
        games[game] = to_first.where(mine, -to_first)
    failed = games["game1"].isna() | games["game2"].isna()
    whole = compare.add_games(games[~failed].astype({"game1": "int8", "game2": "int8"}))
    whole = values.refuse_duplicates(whole, "judgments", path)
    notes = []
    if len(involved) < len(judged):
        notes.append(
            f"left out {len(judged) - len(involved)} of {len(judged)} judgments that do not "
            f"involve the baseline {baseline!r}"
        )
    if failed.any():
        notes.append(f"{int(failed.sum())} of {len(games)} judgments are missing: a game failed")
    return whole, [*notes, *compare.disagreement_note(whole)]


def _singles(
    judged: pd.DataFrame, baseline: str, tolerance: float, path: Path
) -> tuple[pd.DataFrame, list[str]]:
    """Outcomes from scores of single answers, the candidate's against the baseline's."""
    scores = judged[["query_id", "candidate", "score"]]
    scores = values.refuse_duplicates(scores, "scores", path)
    failed = scores["score"] == -1
    compared = compare.against_baseline(scores[~failed], baseline, tolerance)
    alone = compared["baseline_score"].isna()
    notes = []
    if failed.any():
        notes.append(f"{int(failed.sum())} of {len(scores)} scores are missing: the judge failed")
    if alone.any():
        notes.append(
            f"{int(alone.sum())} of {len(compared)} judgments are missing: the baseline "
            f"{baseline!r} has no score there"
        )
    return compared[~alone].reset_index(drop=True), notes


READER = Reader(
    description="FastChat's MT-bench folder, or one *_pair.jsonl or *_single.jsonl of it",
    uses=frozenset({"judge", "tolerance"}),
    detect=detect,
    read=read,
)
