"""The files of Arena-Hard's data folder, as frames."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import count, short
from bayessel.tasks.readers.parts import conversation, folders, values
from bayessel.tasks.readers.parts.choose import odd_note
from bayessel.tasks.readers.parts.files import first_record, read_jsonl
from bayessel.tasks.readers.parts.repeats import without_repeats

# Points of a verdict for assistant A. Newer releases write some verdicts from B's side.
WORTH_TO_A = {
    **{"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2},
    **{"B<<A": 2, "B<A": 1, "B=A": 0, "A<B": -1, "A<<B": -2},
}
GAMES = ("query_id", "candidate", "baseline", "game1", "game2", "played", "same")
_SHOWN = re.compile(
    r"<\|The Start of Assistant (?P<side>[AB])'s Answer\|>\n(?P<text>.*?)\n"
    r"<\|The End of Assistant (?P=side)'s Answer\|>",
    re.DOTALL,
)


@dataclass(frozen=True)
class Judged:
    """A file of judgments, the name of its judge, and the folder whose files are of that judge."""

    file: Path
    judge: str
    inside: Path


def judgment_files(path: Path) -> list[Judged]:
    """Files of judgments of a folder, or the file itself."""
    if path.is_file():
        return [_alone(path)]
    found = folders.files(path, "model_judgment/*/**/*.jsonl")
    inside = path / "model_judgment"
    judges = {file: file.relative_to(inside).parts[0] for file in found}
    return [Judged(file, judge, inside / judge) for file, judge in judges.items()]


def _alone(file: Path) -> Judged:
    """A file by itself: its folder under ``model_judgment`` is the judge, or its records say it."""
    above = file.absolute().parents
    for folder, around in itertools.pairwise(above):
        if around.name == "model_judgment":
            return Judged(file, folder.name, file.parents[above.index(folder)])
    said = first_record(file).get("judge")
    return Judged(file, said if isinstance(said, str) and said else above[0].name, file.parent)


def is_judgment(record: dict[str, Any]) -> bool:
    """Whether a record is a judgment of Arena-Hard."""
    return "games" in record and bool({"question_id", "uid"} & record.keys())


def games(files: Iterable[Judged]) -> tuple[pd.DataFrame, list[str]]:
    """Read the games of one judge.

    Parameters
    ----------
    files
        Its files.

    Returns
    -------
    games
        One row for each record: ``query_id``, ``candidate``, ``baseline`` (None where the record
        does not name it), ``game1`` and ``game2`` (points of the candidate, NaN without a verdict),
        ``played`` (how many games there should be: 1 or 2), ``same`` (whether both sides showed the
        same answer).
    notes
        What verdicts could not be read.
    """
    found: list[tuple[Any, ...]] = []
    odd: Counter[str] = Counter()
    more = 0
    for file, inside in ((one.file, one.inside) for one in files):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            values.require(["games"], record, where)
            played = record["games"]
            if played is not None and not isinstance(played, list):
                raise DataError(f"{where}: games is {short(played)}; expected a list of games")
            played = played or [None, None]
            more += len(played) > 2
            first, second = [_verdict(game, odd) for game in [*played, None][:2]]
            found.append(
                (
                    _query(record, where),
                    values.name(record.get("model", folders.name_in(inside, file)), "model", where),
                    record.get("baseline"),
                    None if first is None else -first,
                    second,
                    min(len(played), 2),
                    all(_same_answers(game) for game in played[:2]),
                )
            )
    notes = odd_note(odd, "Arena-Hard")
    if more:
        notes.append(f"{count(more, 'record')} with more than two games: the first two were read")
    frame = pd.DataFrame(found, columns=list(GAMES))
    return frame.astype({"game1": float, "game2": float, "same": bool}), notes


def _verdict(game: Any, odd: Counter[str]) -> int | None:
    """Points of assistant A; None where the game has no verdict."""
    verdict = game.get("score") if isinstance(game, dict) else game
    if verdict is None or verdict != verdict or verdict == "":
        return None
    known = WORTH_TO_A.get(verdict.strip().strip("[]")) if isinstance(verdict, str) else None
    if known is None:
        odd[str(verdict)] += 1
    return known


def _same_answers(game: Any) -> bool:
    """Whether what the judge saw shows one answer on both sides."""
    seen = game.get("user_prompt") if isinstance(game, dict) else None
    shown = {m["side"]: m["text"] for m in _SHOWN.finditer(seen)} if isinstance(seen, str) else {}
    return len(shown) == 2 and shown["A"] == shown["B"]


def questions(
    files: Sequence[Path],
) -> tuple[pd.DataFrame | None, dict[str, list[str]], list[str]]:
    """Read the questions: a table of queries, the user's turns of each, and notes."""
    if not files:
        return None, {}, []
    found, prompts = [], dict[str, list[str]]()
    for file, number, record in ((f, *line) for f in files for line in read_jsonl(f)):
        where = f"{file}, line {number}"
        query = _query(record, where)
        turns = (
            [record["prompt"]] if record.get("prompt") is not None else record.get("turns") or []
        )
        said = [_turn(turn, where) for turn in (turns if isinstance(turns, list) else [turns])]
        category = values.text(record.get("cluster", record.get("category")), "category", where)
        prompts[query] = said
        found.append((query, conversation.asked(said, len(said)) if said else None, category))
    frame = pd.DataFrame(found, columns=["query_id", "text", "category"])
    frame, notes = without_repeats(frame, "questions", files[0], "text", ["query_id"])
    return frame, prompts, notes


def _turn(turn: Any, where: str) -> str:
    """What the user said: a text, messages, or an old release's ``{"content": ...}``."""
    content = turn.get("content", turn) if isinstance(turn, dict) and "role" not in turn else turn
    if isinstance(content, list) and content and isinstance(content[0], str):
        content = content[0]  # a text and its images
    text = values.text(content, "prompt", where)
    return "" if text is None else text


def answers(
    several: Sequence[Path], prompts: dict[str, list[str]]
) -> tuple[pd.DataFrame | None, list[str]]:
    """Read the answers, one row for each sample; None where there are none.

    Where an LLM has two lines for a query, the last counts, as Arena-Hard reads it.

    Parameters
    ----------
    several
        Folders with a file for each LLM.
    prompts
        The user's turns of each query.
    """
    found: dict[tuple[str, str], list[str]] = {}
    again = 0
    for folder, file in ((f, file) for f in several for file in folders.files(f, "**/*.jsonl")):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            stem = folders.name_in(folder, file)
            model = values.name(record.get("model", record.get("model_id", stem)), "model", where)
            query = _query(record, where)
            said = [
                conversation.answered(prompts.get(query, []), sample, len(sample))
                for sample in _samples(record, where)
                if sample
            ]
            again += (query, model) in found and found[query, model] != said
            found[query, model] = said
    if not found:
        return None, []
    rows = [(query, model, text) for (query, model), texts in found.items() for text in texts]
    notes = []
    if again:
        notes.append(f"{count(again, 'answer')} written twice with other words: the last was read")
    return pd.DataFrame(rows, columns=["query_id", "candidate", "text"]), notes


def _samples(record: dict[str, Any], where: str) -> list[list[str]]:
    """Samples of an LLM's answers to the user's turns."""
    try:
        if "messages" in record:
            said = [m for m in record["messages"] if m.get("role", "assistant") == "assistant"]
            samples = [[m["content"] for m in said or record["messages"][-1:]]]
        else:
            samples = [choice["turns"] for choice in record["choices"]]
            samples = [[t["content"] if isinstance(t, dict) else t for t in s] for s in samples]
        if not samples or not samples[0]:
            raise IndexError
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise DataError(
            f"{where}: no answer found; expected messages[-1].content.answer or choices[0].turns"
        ) from error
    return [[t for t in (_answer(a, where) for a in sample) if t is not None] for sample in samples]


def _answer(value: Any, where: str) -> str | None:
    return values.text(
        value["answer"] if isinstance(value, dict) and "answer" in value else value, "answer", where
    )


def _query(record: dict[str, Any], where: str) -> str:
    return values.name(record.get("question_id", record.get("uid")), "question_id", where)
