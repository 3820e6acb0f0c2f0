"""The files of FastChat's MT-bench, as frames."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import short
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import read_jsonl

WINNERS = ("model_1", "model_2", "tie", "error")
PAIR = ("model_1", "model_2", "g1_winner", "g2_winner")
SINGLE = ("model", "score")
_SINGLE = ("candidate", "score")


def is_judgment(record: dict[str, Any]) -> bool:
    """Whether a record is a judgment, pairwise or single."""
    return "question_id" in record and ("g1_winner" in record or "score" in record)


def judgment_files(folder: Path) -> list[Path]:
    """Find the judgment files of a folder."""
    return sorted(
        f for kind in ("pair", "single") for f in folder.glob(f"model_judgment/*_{kind}.jsonl")
    )


def judgments(files: Iterable[Path]) -> pd.DataFrame:
    """Read judgment files.

    Returns
    -------
    DataFrame
        Columns ``query_id``, ``judge`` (its name with ``_pair`` or ``_single``), those of a pair
        and those of a single score. A row has the values of one kind, and NaN for the other.
    """
    found = []
    for file in files:
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            fields = PAIR if "g1_winner" in record else SINGLE
            values.require(("question_id", *fields), record, where)
            row = {f: record[f] for f in fields}
            for field in row.keys() & {"model", "model_1", "model_2"}:
                row[field] = values.name(row[field], field, where)
            _validate_values(row, where)
            query = values.name(record["question_id"], "question_id", where)
            kind = "pair" if fields is PAIR else "single"
            if "model" in row:
                row["candidate"] = row.pop("model")
            row["query_id"] = f"{query}-t{_turn(record, where)}"
            row["judge"] = f"{_judge(record, file)}_{kind}"
            found.append(row)
    return pd.DataFrame(found, columns=["query_id", "judge", *PAIR, *_SINGLE])


def questions(path: Path) -> pd.DataFrame | None:
    """Read the questions, one query for each turn; None where there is no such file."""
    if not path.is_file():
        return None
    found = []
    for number, record in read_jsonl(path):
        where = f"{path}, line {number}"
        values.require(["question_id", "turns"], record, where)
        query = values.name(record["question_id"], "question_id", where)
        category = values.text(record.get("category"), "category", where)
        for turn, prompt in enumerate(_texts(record["turns"], where), start=1):
            found.append((f"{query}-t{turn}", prompt, category))
    frame = pd.DataFrame(found, columns=["query_id", "text", "category"])
    return values.refuse_duplicates(frame, "questions", path, ["query_id"])


def answers(folder: Path) -> pd.DataFrame | None:
    """Read the answers, one response for each turn; None where there are none.

    An LLM has the name of its file, as in FastChat's judgments.
    """
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, record in read_jsonl(file):
            where = f"{file}, line {number}"
            values.require(["question_id", "choices"], record, where)
            query = values.name(record["question_id"], "question_id", where)
            choices = record["choices"]
            if not (isinstance(choices, list) and choices and isinstance(choices[0], dict)):
                raise DataError(
                    f"{where}: choices is {short(choices)}; expected [{{'turns': ...}}]"
                )
            for turn, text in enumerate(_texts(choices[0].get("turns"), where), start=1):
                found.append((f"{query}-t{turn}", file.stem, text))
    if not found:
        return None
    frame = pd.DataFrame(found, columns=["query_id", "candidate", "text"])
    return values.refuse_duplicates(frame, "answers", folder)


def _texts(turns: Any, where: str) -> list[str]:
    if not isinstance(turns, list) or not all(isinstance(t, str) for t in turns):
        raise DataError(f"{where}: turns is {short(turns)}; expected a list of texts")
    return turns


def _validate_values(row: dict[str, Any], where: str) -> None:
    for field in row.keys() & {"g1_winner", "g2_winner"}:
        if row[field] not in WINNERS:
            raise DataError(
                f"{where}: {field} is {short(row[field])}; expected one of {', '.join(WINNERS)}"
            )
    if "score" in row:
        score = row["score"]
        number = isinstance(score, int | float) and not isinstance(score, bool)
        if score is not None and not (number and -1 <= score < float("inf")):
            raise DataError(
                f"{where}: score is {short(score)}; expected a number, or -1 where the judge failed"
            )
        row["score"] = -1.0 if score is None else float(score)


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
    return file.stem.removesuffix("_pair").removesuffix("_single")
