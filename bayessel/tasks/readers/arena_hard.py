"""Arena-Hard's data folder: games of every candidate with the baseline, sides swapped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.reading import as_stored, bare_suffix
from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import Reader, ReadOptions, reading_of
from bayessel.tasks.readers.parts import arena_files, compare, folders
from bayessel.tasks.readers.parts.choose import itself_note, one_judge
from bayessel.tasks.readers.parts.files import first_record
from bayessel.tasks.readers.parts.marks import source_of
from bayessel.tasks.readers.parts.own_baselines import differ_note, joined_name
from bayessel.tasks.readers.parts.repeats import (
    SAMPLES,
    answered_only,
    samples,
    with_repeats,
    without_repeats,
)
from bayessel.tasks.tables import Tables

QUESTIONS = "question.jsonl"
RULES = {"games": compare.GAMES, "failed-game": compare.FAILED_GAME, "samples": SAMPLES}


def detect(path: Path) -> bool:
    """Whether a path is, is in, or holds a folder with judgments by judge, or is one's file."""
    if path.is_file():
        return bare_suffix(path) == ".jsonl" and arena_files.is_judgment(first_record(path))
    return bool(folders.roots(path, _is_root))


def _is_root(folder: Path) -> bool:
    if arena_files.judgment_files(folder):
        return True
    question = first_record(as_stored(folder / QUESTIONS))
    turns = question.get("turns")
    old = isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict)
    return (folder / "model_answer").is_dir() and ("prompt" in question or old)


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a folder or a file of judgments; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read ``question.jsonl``, ``model_answer`` and ``model_judgment/<judge>``.

    In the first game the baseline is assistant A; in the second the positions are swapped. The
    judgments keep ``game1`` and ``game2`` (-2..2, positive where the candidate won, null where
    there is no verdict) and ``disagreement``. Two layouts are read: v0.1 (``question_id``,
    ``turns``, ``choices``) and v2.0 (``uid``, ``prompt``, ``messages``). Where the baseline differs
    between queries, as it does between the categories of v2.0, each is compared with its own.
    """
    games_rule, failed_game, sampling = (reading_of(RULES, rule, options) for rule in RULES)
    roots = folders.roots_of(paths, _is_root, "Arena-Hard")
    path = source_of(paths)
    files = _judgment_files(paths)
    judge = one_judge({one.judge for one in files}, options.judge, path)
    games, notes = arena_files.games([one for one in files if one.judge == judge])
    asked = [f for f in (as_stored(folder / QUESTIONS) for folder in roots) if f.is_file()]
    questions, prompts, on_questions = arena_files.questions(asked)
    answers, on_answers = arena_files.answers([f / "model_answer" for f in roots], prompts)
    if games.empty and answers is None:
        raise DataError(
            f"{path} has neither model_judgment/<judge>/*.jsonl nor model_answer/*.jsonl: give "
            "Arena-Hard's data folder, for example data/arena-hard-v0.1"
        )
    notes += [*on_questions, *on_answers]
    games, own, on_baseline = _own_baselines(games, options.baseline, path)
    notes += on_baseline
    said = sorted(set(own.values()))
    baseline = joined_name(said)
    if len(said) > 1:
        answers = _answers_of_own(answers, own, questions, str(baseline))
    judgments = compare.add_games(games, games_rule, failed_game)
    notes += compare.games_notes(games, judgments, failed_game)
    judgments, on_repeats = without_repeats(judgments, "judgments", path, "outcome")
    if baseline is None and options.baseline is None and answers is not None:
        unjudged = sorted(set(answers["candidate"]) - set(games["candidate"]))
        baseline = unjudged[0] if len(unjudged) == 1 else None
    notes += on_repeats
    if answers is not None:
        answers, on_samples = samples(answers, sampling, baseline or options.baseline)
        questions = with_repeats(questions, answers)
        questions, on_others = answered_only(questions, answers, judgments)
        notes += [*on_samples, *on_others]
    return Tables(judgments, answers, questions, baseline, notes=tuple(notes))


def _judgment_files(paths: Sequence[Path]) -> list[arena_files.Judged]:
    """Files of judgments, each once."""
    found: dict[Path, arena_files.Judged] = {}
    for path in paths:
        whole = path if path.is_file() else folders.root(path, _is_root, "Arena-Hard")
        for one in arena_files.judgment_files(whole):
            found.setdefault(one.file.resolve(), one)
    return list(found.values())


def _own_baselines(
    games: pd.DataFrame, given: str | None, path: str
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Games with the baselines, the baseline of each query that the judgments name, and notes.

    An LLM's games with itself are left out: those with the named baseline, and those that show the
    same answer on both sides.
    """
    named = games["baseline"].notna()
    said = sorted(games.loc[named, "baseline"].unique())
    given = None if len(said) > 1 and given == joined_name(said) else given
    if given is not None and said and given not in said:
        raise did_you_mean(given, said, "baseline")
    notes: list[str] = []
    if given is not None and said:
        other = named & (games["baseline"] != given)
        if other.any():
            notes.append(
                f"left out {count(int(other.sum()), 'judgment')} that do not compare with {given!r}"
            )
            games, said = games[~other], [given]
    own = games.dropna(subset=["baseline"])[["query_id", "baseline"]].drop_duplicates()
    if own["query_id"].duplicated().any():
        raise DataError(
            f"{path} has judgments against {len(said)} baselines ({listing(said)}) on the same "
            "queries: choose one with baseline= (--baseline NAME)"
        )
    if len(said) > 1:
        of = own.groupby("baseline").size()
        notes.append(differ_note({str(name): int(n) for name, n in of.items()}))
    alone = _against_itself(games) if given is None and not said else None
    theirs = games["baseline"] if alone is None else pd.Series(alone, games.index)
    itself = games["candidate"] == theirs
    notes += itself_note(int(itself.sum()), alone or str(joined_name(said)))
    kept = games[~itself].drop(columns=["baseline", "same"]).reset_index(drop=True)
    by_query = dict(zip(own["query_id"], own["baseline"], strict=True))
    return kept, by_query if alone is None else dict.fromkeys(games["query_id"], alone), notes


def _against_itself(games: pd.DataFrame) -> str | None:
    """The only LLM whose games all show the same answer twice, so that it must be the baseline."""
    same = games.groupby("candidate")["same"].all()
    found = [str(name) for name in same[same].index]
    return found[0] if len(found) == 1 and len(same) > 1 else None


def _answers_of_own(
    answers: pd.DataFrame | None,
    own: dict[str, str],
    questions: pd.DataFrame | None,
    baseline: str,
) -> pd.DataFrame | None:
    """The answers, with those of each query's own baseline under the name of the task's."""
    if answers is None:
        return None
    of = answers["query_id"].map(own)
    if questions is not None and of.isna().any():  # not judged: its category's baseline
        category = questions.set_index("query_id")["category"]
        judged = pd.Series(own).groupby(category.reindex(list(own)).to_numpy()).agg(set)
        only = {name: next(iter(found)) for name, found in judged.items() if len(found) == 1}
        of = of.fillna(answers["query_id"].map(category).map(only))
    theirs = answers["candidate"] == of
    return answers.assign(candidate=answers["candidate"].where(~theirs, baseline))


READER = Reader(
    description="Arena-Hard's data folder (question.jsonl, model_answer, model_judgment/<judge>)",
    uses=frozenset({"judge"}),
    detect=detect,
    read=read,
    read_many=read_many,
    rules=RULES,
)
