"""The files of FastChat's MT-bench, as frames."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.reading import bare_stem
from bayessel.support.text import count, short
from bayessel.tasks.readers.parts import conversation, folders, values
from bayessel.tasks.readers.parts.choose import odd_note
from bayessel.tasks.readers.parts.files import read_jsonl
from bayessel.tasks.readers.parts.repeats import without_repeats

WINNERS = ("model_1", "model_2", "tie", "error")
PAIR = ("model_1", "model_2", "g1_winner", "g2_winner")
SINGLE = ("model", "score")
_SINGLE = ("candidate", "score")


def is_judgment(record: dict[str, Any]) -> bool:
    """Whether a record is a judgment, pairwise or single."""
    return "question_id" in record and ("g1_winner" in record or "score" in record)


def judgment_files(folder: Path) -> list[Path]:
    """Find the judgment files of a folder."""
    return [
        f
        for kind in ("pair", "single")
        for f in folders.files(folder, f"model_judgment/**/*_{kind}.jsonl")
    ]


def judgments(files: Iterable[Path]) -> tuple[pd.DataFrame, list[str]]:
    """Read judgment files.

    Returns
    -------
    judgments
        Columns ``query_id``, ``judge`` (its name with ``_pair`` or ``_single``), those of a pair
        and those of a single score. A row has the values of one kind, and NaN for the other. A
        winner is ``error`` and a score is -1 where the judge failed.
    notes
        What verdicts could not be read.
    """
    found = []
    odd: Counter[str] = Counter()
    for file in files:
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            fields = PAIR if "g1_winner" in record else SINGLE
            values.require(("question_id", *fields), record, where)
            row = {f: record[f] for f in fields}
            for field in row.keys() & {"model", "model_1", "model_2"}:
                row[field] = values.name(row[field], field, where)
            _read_verdicts(row, where, odd)
            query = values.name(record["question_id"], "question_id", where)
            kind = "pair" if fields is PAIR else "single"
            if "model" in row:
                row["candidate"] = row.pop("model")
            row["query_id"] = f"{query}-t{_turn(record, where)}"
            row["judge"] = f"{_judge(record, file)}_{kind}"
            found.append(row)
    frame = pd.DataFrame(found, columns=["query_id", "judge", *PAIR, *_SINGLE])
    return frame, odd_note(odd, "FastChat")


def questions(
    files: Sequence[Path],
) -> tuple[pd.DataFrame | None, dict[str, list[str]], list[str]]:
    """Read the questions, one query for each turn; None where there is no file of them.

    Returns
    -------
    questions
        The text of turn k is all that the user said up to it.
    prompts
        The user's turns of each question.
    notes
        What was left out.
    """
    if not files:
        return None, {}, []
    found, prompts = [], dict[str, list[str]]()
    for file, number, record in ((f, *line) for f in files for line in read_jsonl(f)):
        where = f"{file}, line {number}"
        values.require(["question_id", "turns"], record, where)
        query = values.name(record["question_id"], "question_id", where)
        category = values.text(record.get("category"), "category", where)
        prompts[query] = _texts(record["turns"], where)
        for turn in range(1, len(prompts[query]) + 1):
            found.append((f"{query}-t{turn}", conversation.asked(prompts[query], turn), category))
    frame = pd.DataFrame(found, columns=["query_id", "text", "category"])
    frame, notes = without_repeats(frame, "questions", files[0], "text", ["query_id"])
    return frame, prompts, notes


def answers(
    several: Sequence[Path], prompts: dict[str, list[str]]
) -> tuple[pd.DataFrame | None, list[str]]:
    """Read the answers, one response for each sample and turn; None where there are none.

    The response to turn k is all that the LLM answered up to it. An LLM has the name of its file,
    as in FastChat's judgments. Where it has two lines for a question, the last counts, as FastChat
    reads it.

    Parameters
    ----------
    several
        Folders with a file for each LLM.
    prompts
        The user's turns of each question.
    """
    found: dict[tuple[str, str], list[list[str]]] = {}
    again = 0
    for folder, file in ((f, file) for f in several for file in folders.files(f, "**/*.jsonl")):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            values.require(["question_id", "choices"], record, where)
            query = values.name(record["question_id"], "question_id", where)
            choices = record["choices"]
            whole = isinstance(choices, list) and choices
            if not (whole and all(isinstance(choice, dict) for choice in choices)):
                raise DataError(
                    f"{where}: choices is {short(choices)}; expected [{{'turns': ...}}]"
                )
            key = (query, folders.name_in(folder, file))
            said = [_texts(choice.get("turns"), where) for choice in choices]
            again += key in found and found[key] != said
            found[key] = said
    if not found:
        return None, []
    rows = [
        (f"{query}-t{turn}", model, conversation.answered(prompts.get(query, []), said, turn))
        for (query, model), samples in found.items()
        for said in samples
        for turn in range(1, len(said) + 1)
    ]
    notes = []
    if again:
        notes.append(f"{count(again, 'answer')} written twice with other words: the last was read")
    return pd.DataFrame(rows, columns=["query_id", "candidate", "text"]), notes


def _texts(turns: Any, where: str) -> list[str]:
    if isinstance(turns, list):
        said = [values.text(turn, "turns", where) for turn in turns]
        if None not in said:
            return [str(text) for text in said]
    raise DataError(f"{where}: turns is {short(turns)}; expected a list of texts")


def _read_verdicts(row: dict[str, Any], where: str, odd: Counter[str]) -> None:
    """Winners and a score that are none of FastChat's are read as failed, and counted."""
    for field in ("g1_winner", "g2_winner"):
        if field in row and row[field] not in WINNERS:
            if row[field] is not None and row[field] != "" and row[field] == row[field]:
                odd[str(row[field])] += 1
            row[field] = "error"
    if "score" in row:
        row["score"] = _score(row["score"], where, odd)


def _score(score: Any, where: str, odd: Counter[str]) -> float:
    try:
        number = float(score) if isinstance(score, str | int | float) else -1.0
    except ValueError:
        odd[score] += score != ""
        return -1.0
    if isinstance(score, bool) or not (math.isnan(number) or -1 <= number < math.inf):
        raise DataError(
            f"{where}: score is {short(score)}; expected a number, or -1 where the judge failed"
        )
    return -1.0 if math.isnan(number) else number


def _turn(record: dict[str, Any], where: str) -> int:
    named = record.get("judge")
    multi = isinstance(named, list) and bool(named) and str(named[-1]).endswith("multi-turn")
    turn = record.get("turn", 2 if multi else 1)
    if isinstance(turn, bool) or not isinstance(turn, int) or turn < 1:
        raise DataError(f"{where}: turn is {short(turn)}; expected 1, 2, ...")
    return turn


def _judge(record: dict[str, Any], file: Path) -> str:
    named = record.get("judge")
    if isinstance(named, list) and named:
        return str(named[0])
    if isinstance(named, str):
        return named
    return bare_stem(file).removesuffix("_pair").removesuffix("_single")
