"""FastChat's MT-bench: pairwise judgments, or scores of single answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.reading import as_stored, bare_suffix
from bayessel.support.text import listing
from bayessel.tasks.readers.base import Reader, ReadOptions, reading_of, refuse_unused
from bayessel.tasks.readers.parts import compare, folders, mt_files, values
from bayessel.tasks.readers.parts.choose import itself_note, one_judge
from bayessel.tasks.readers.parts.files import first_record
from bayessel.tasks.readers.parts.marks import source_of
from bayessel.tasks.readers.parts.repeats import (
    SAMPLES,
    answered_only,
    samples,
    with_repeats,
    without_repeats,
)
from bayessel.tasks.tables import Tables

QUESTIONS = "question.jsonl"
RULES = {
    "games": {reading: compare.GAMES[reading] for reading in ("agree", "net")},
    "failed-game": {reading: compare.FAILED_GAME[reading] for reading in ("missing", "other")},
    "samples": SAMPLES,
}


def detect(path: Path) -> bool:
    """Whether a path is a judgment file of FastChat, or is, is in, or holds its folder."""
    if path.is_file():
        return bare_suffix(path) == ".jsonl" and mt_files.is_judgment(first_record(path))
    return bool(folders.roots(path, _is_root))


def _is_root(folder: Path) -> bool:
    if mt_files.judgment_files(folder):
        return True
    turns = first_record(as_stored(folder / QUESTIONS)).get("turns")
    simple = isinstance(turns, list) and bool(turns) and isinstance(turns[0], str)
    return (folder / "model_answer").is_dir() and simple


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a folder or a file of judgments; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read MT-bench's folder, or one ``*_pair.jsonl`` or ``*_single.jsonl``.

    Every turn is a query, ``<question_id>-t<turn>``, with the turns before it. Pairwise judgments
    that do not involve the baseline are left out; where the two games differ the outcome is a draw
    with ``disagreement`` set, as FastChat counts it. Single scores are compared with the
    baseline's.
    """
    roots = folders.roots_of(paths, _is_root, "MT-bench")
    path = source_of(paths)
    judged, notes = mt_files.judgments(_judgment_files(paths))
    judge = one_judge(judged["judge"], options.judge, path)
    judged = judged[judged["judge"] == judge]
    pairwise = judge is not None and judge.endswith("_pair")
    if options.tolerance is not None and (judge is None or pairwise):
        raise refuse_unused("tolerance", f"{path} has no scores to compare")
    asked = [f for f in (as_stored(folder / QUESTIONS) for folder in roots) if f.is_file()]
    questions, prompts, on_questions = mt_files.questions(asked)
    responses, on_answers = mt_files.answers([f / "model_answer" for f in roots], prompts)
    baseline: str | None = None
    if judge is None:
        if responses is None:
            raise DataError(
                f"{path} has neither model_judgment/*_pair.jsonl, model_judgment/*_single.jsonl "
                "nor model_answer/*.jsonl: give FastChat's data/mt_bench or a judgment file"
            )
        judgments, on_judgments = values.no_judgments(), list[str]()
    elif pairwise:
        baseline = _pair_baseline(judged, options.baseline, path)
        judgments, on_judgments = _pairs(judged, baseline, options, path)
    else:
        baseline = _single_baseline(judged, options.baseline, path)
        judgments, on_judgments = _singles(judged, baseline, options.tolerance or 0.0, path)
    notes += [*on_judgments, *on_questions, *on_answers]
    if responses is not None:
        sampling = reading_of(RULES, "samples", options)
        responses, on_samples = samples(responses, sampling, baseline or options.baseline)
        questions = with_repeats(questions, responses)
        questions, on_others = answered_only(questions, responses, judgments)
        notes += [*on_samples, *on_others]
    return Tables(judgments, responses, questions, baseline, notes=tuple(notes))


def _judgment_files(paths: Sequence[Path]) -> list[Path]:
    """Files of judgments, each once."""
    return folders.each_once(
        file
        for path in paths
        for file in (
            [path]
            if path.is_file()
            else mt_files.judgment_files(folders.root(path, _is_root, "MT-bench"))
        )
    )


def _pair_baseline(judged: pd.DataFrame, given: str | None, path: str) -> str:
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


def _single_baseline(judged: pd.DataFrame, given: str | None, path: str) -> str:
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


def _pairs(
    judged: pd.DataFrame, baseline: str, options: ReadOptions, path: str
) -> tuple[pd.DataFrame, list[str]]:
    """Outcomes of the pairs with the baseline, each of two games."""
    is_first = judged["model_2"] == baseline
    is_second = judged["model_1"] == baseline
    itself = is_first & is_second
    involved = judged[(is_first | is_second) & ~itself]
    mine = is_first[involved.index]
    games = pd.DataFrame(
        {
            "query_id": involved["query_id"],
            "candidate": involved["model_1"].where(mine, involved["model_2"]),
            "played": 2,
        }
    )
    for game, column in (("game1", "g1_winner"), ("game2", "g2_winner")):
        to_first = involved[column].map({"model_1": 1.0, "model_2": -1.0, "tie": 0.0})
        games[game] = to_first.where(mine, -to_first)
    failed_game = reading_of(RULES, "failed-game", options)
    whole = compare.add_games(games, reading_of(RULES, "games", options), failed_game)
    notes = itself_note(int(itself.sum()), baseline)
    others = len(judged) - len(involved) - int(itself.sum())
    if others:
        notes.append(
            f"left out {others} of {len(judged)} judgments that do not involve the baseline "
            f"{baseline!r}"
        )
    notes += compare.games_notes(games, whole, failed_game)
    whole, on_repeats = without_repeats(whole, "judgments", path, "outcome")
    return whole, [*notes, *on_repeats]


def _singles(
    judged: pd.DataFrame, baseline: str, tolerance: float, path: str
) -> tuple[pd.DataFrame, list[str]]:
    """Outcomes from scores of single answers, the candidate's against the baseline's."""
    every = judged[["query_id", "candidate", "score"]]
    failed = every["score"] == -1
    scores, notes = without_repeats(every[~failed], "scores", path, "score")
    compared = compare.against_baseline(scores, baseline, tolerance)
    alone = compared["baseline_score"].isna()
    if failed.any():
        notes.append(f"{int(failed.sum())} of {len(every)} scores are missing: the judge failed")
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
    read_many=read_many,
    rules=RULES,
)
