"""Arena-Hard's data folder: two games of every candidate with the baseline, sides swapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import listing, short
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import compare, values
from bayessel.tasks.readers.parts.choose import one_judge
from bayessel.tasks.readers.parts.files import first_record, read_jsonl
from bayessel.tasks.tables import Tables

# Points of a verdict for assistant A. Newer releases write some verdicts from B's side.
WORTH_TO_A = {
    **{"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2},
    **{"B<<A": 2, "B<A": 1, "B=A": 0, "A<B": -1, "A<<B": -2},
}


def detect(path: Path) -> bool:
    """Whether a folder has judgments by judge, or Arena-Hard's questions and answers."""
    if any(path.glob("model_judgment/*/*.jsonl")):
        return True
    question = first_record(path / "question.jsonl")
    turns = question.get("turns")
    old = isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict)
    return (path / "model_answer").is_dir() and ("prompt" in question or old)


def read(path: Path, options: ReadOptions) -> Tables:
    """Read ``question.jsonl``, ``model_answer`` and ``model_judgment/<judge>``.

    In the first game the baseline is assistant A; in the second the positions are swapped. The
    judgments keep ``game1`` and ``game2`` (-2..2, positive where the candidate won) and
    ``disagreement``. Two layouts are read: v0.1 (``question_id``, ``turns``, ``choices``) and v2.0
    (``uid``, ``prompt``, ``messages``).
    """
    judges = [f.parent.name for f in path.glob("model_judgment/*/*.jsonl")]
    judge = one_judge(judges, options.judge, path)
    games = _games(path / "model_judgment" / judge) if judge else _no_games()
    responses = _answers(path / "model_answer")
    if games.empty and responses is None:
        raise DataError(
            f"{path} has neither model_judgment/<judge>/*.jsonl nor model_answer/*.jsonl: give "
            "Arena-Hard's data folder, for example data/arena-hard-v0.1"
        )
    games, said, notes = _one_baseline(games, options.baseline, path)
    failed = games["game1"].isna() | games["game2"].isna()
    if failed.any():
        notes.append(
            f"{int(failed.sum())} of {len(games)} judgments are missing: a game has no verdict"
        )
    whole = games[~failed].astype({"game1": "int8", "game2": "int8"})
    judgments = compare.add_games(whole).drop(columns="baseline")
    judgments = values.refuse_duplicates(judgments, "judgments", path)
    baseline = options.baseline or said
    if baseline is None and responses is not None:
        unjudged = sorted(set(responses["candidate"]) - set(games["candidate"]))
        baseline = unjudged[0] if len(unjudged) == 1 else None
    questions = _questions(path / "question.jsonl")
    notes += compare.disagreement_note(judgments)
    return Tables(judgments, responses, questions, baseline, notes=tuple(notes))


def _query(record: dict[str, Any], where: str) -> str:
    return values.name(record.get("question_id", record.get("uid")), "question_id", where)


def _no_games() -> pd.DataFrame:
    return pd.DataFrame({c: [] for c in ("query_id", "candidate", "baseline", "game1", "game2")})


def _games(folder: Path) -> pd.DataFrame:
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            values.require(["games"], record, where)
            model = values.name(record.get("model", file.stem), "model", where)
            game1, game2 = _verdicts(record["games"], where)
            baseline = record.get("baseline")
            found.append((_query(record, where), model, baseline, game1, game2))
    return pd.DataFrame(found, columns=list(_no_games()))


def _verdicts(games: Any, where: str) -> tuple[int | None, int | None]:
    """Points of both games for the candidate, -2..2; None where a verdict is missing."""
    if not isinstance(games, list) or len(games) > 2:
        raise DataError(f"{where}: games is {short(games)}; expected the two games of a judgment")
    worth: list[int | None] = []
    for game in games:
        verdict = game.get("score") if isinstance(game, dict) else game
        if verdict is not None and (
            not isinstance(verdict, str) or verdict.strip() not in WORTH_TO_A
        ):
            raise DataError(
                f"{where}: score is {short(verdict)}; expected one of A>>B, A>B, A=B, B>A, B>>A, "
                "or null for a game that failed"
            )
        worth.append(None if verdict is None else WORTH_TO_A[verdict.strip()])
    first, second = [*worth, None, None][:2]
    return (None if first is None else -first), second


def _one_baseline(
    games: pd.DataFrame, given: str | None, path: Path
) -> tuple[pd.DataFrame, str | None, list[str]]:
    said = sorted({str(b) for b in games["baseline"].dropna()})
    if not said:
        return games, None, []
    if given is not None and given not in said:
        raise did_you_mean(given, said, "baseline")
    if given is None and len(said) > 1:
        raise DataError(
            f"{path} has judgments against {len(said)} baselines ({listing(said)}): choose "
            "one with baseline= (--baseline NAME)"
        )
    baseline = given or said[0]
    kept = games[(games["baseline"] == baseline) & (games["candidate"] != baseline)]
    left = len(games) - len(kept)
    notes = [f"left out {left} judgments that do not compare with {baseline!r}"] if left else []
    return kept, baseline, notes


def _answers(folder: Path) -> pd.DataFrame | None:
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            model = record.get("model", record.get("model_id", file.stem))
            answer = _answer(record, where)
            if answer is not None:
                found.append((_query(record, where), values.name(model, "model", where), answer))
    if not found:
        return None
    answers = pd.DataFrame(found, columns=["query_id", "candidate", "text"])
    return values.refuse_duplicates(answers, "answers", folder)


def _answer(record: dict[str, Any], where: str) -> str | None:
    try:
        if "messages" in record:
            content = record["messages"][-1]["content"]
            answers = [content["answer"] if isinstance(content, dict) else content]
        else:
            turns = record["choices"][0]["turns"]
            answers = [t["content"] if isinstance(t, dict) else t for t in turns]
    except (KeyError, IndexError, TypeError) as error:
        raise DataError(
            f"{where}: no answer found; expected messages[-1].content.answer or choices[0].turns"
        ) from error
    texts = [values.text(a, "answer", where) for a in answers]
    known = [t for t in texts if t is not None]
    return "\n\n".join(known) if known else None


def _questions(path: Path) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    found = []
    for number, record in read_jsonl(path):
        where = f"{path}, line {number}"
        prompt = record.get("prompt")
        if prompt is None:
            turns = record.get("turns") or []
            contents = [t.get("content") if isinstance(t, dict) else t for t in turns]
            prompt = "\n\n".join(str(c[0] if isinstance(c, list) else c) for c in contents)
        category = record.get("cluster", record.get("category"))
        text = values.text(prompt, "prompt", where)
        found.append((_query(record, where), text, values.text(category, "category", where)))
    questions = pd.DataFrame(found, columns=["query_id", "text", "category"])
    return values.refuse_duplicates(questions, "questions", path, ["query_id"])


READER = Reader(
    description="Arena-Hard's data folder (question.jsonl, model_answer, model_judgment/<judge>)",
    uses=frozenset({"judge"}),
    detect=detect,
    read=read,
)
