"""What the columns of a table are called: a name for each meaning, and others read for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from bayessel.errors import DataError
from bayessel.support.text import listing

WEAK = "weak:"
"""A column of a table that begins with it holds what a weak judge says."""

CELLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "query_id": ("question_id", "item", "item_id", "prompt_id"),
        "candidate": ("model", "llm", "model_name"),
        "outcome": (),
        "score": (),
        "text": ("response", "output", "completion"),
        "cost": (),
        "query_text": ("query", "prompt", "question", "instruction"),
        "category": (),
        "baseline": (),
        "judge": ("annotator", "rater"),
    }
)
"""Columns of a long table, and by what other names each is read."""

VOTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "query_id": CELLS["query_id"],
        "a": ("model_a", "left", "model_1", "candidate_a", "llm_a"),
        "b": ("model_b", "right", "model_2", "candidate_b", "llm_b"),
        "winner": (),
        "text_a": ("response_a", "response_left", "left_response", "output_a"),
        "text_b": ("response_b", "response_right", "right_response", "output_b"),
        "conversation_a": (),
        "conversation_b": (),
        "turn": (),
        "query_text": CELLS["query_text"],
        "category": (),
        "baseline": (),
        "judge": CELLS["judge"],
    }
)
"""Columns of a table of votes, and by what other names each is read."""

ONE_HOT = ("winner_model_a", "winner_model_b", "winner_tie")
"""Columns that are 1 where one side won, or none, in place of ``winner``."""

_JUDGE = re.compile(r"(?:judge|annotator|rater)_?[0-9]+")


def plain(header: str) -> str:
    """A header in lower case, with ``_`` for spaces, points and hyphens."""
    return re.sub(r"[\s.-]+", "_", header.replace("\ufeff", "").strip().lower())


def is_weak(header: str) -> bool:
    """Whether a column holds what a weak judge says."""
    return header.strip().lower().startswith(WEAK)


def judge_columns(headers: Iterable[str]) -> list[str]:
    """Columns such as ``annotator1``: each holds the outcomes of one judge."""
    return [header for header in headers if _JUDGE.fullmatch(plain(header))]


def meanings(
    headers: Iterable[str], names: Mapping[str, tuple[str, ...]], where: Path | str
) -> dict[str, str]:
    """What each column is called in the source, by the name of its meaning.

    Raises
    ------
    DataError
        Two columns have one meaning.
    """
    canonical = {plain(other): name for name, others in names.items() for other in (name, *others)}
    found: dict[str, str] = {}
    for header in headers:
        name = canonical.get(plain(header))
        if name is None or is_weak(header):
            continue
        if name in found:
            both = f"{found[name]!r} and {header!r}"
            raise DataError(f"{where} has both {both}, which are read as one: keep one of them")
        found[name] = header
    return found


def is_table(headers: Collection[str]) -> bool:
    """Whether columns are those of a long table: a query, and something that is said of it."""
    known = known_in(headers, CELLS)
    said = bool({"outcome", "score", "text"} & known or judge_columns(headers))
    if "query_id" in known:
        return said or "candidate" in known
    return said and {"query_text", "candidate"} <= known


def is_votes(headers: Collection[str]) -> bool:
    """Whether columns are those of a table of votes."""
    one_hot = set(ONE_HOT[:2]) <= {plain(header) for header in headers}
    return {"a", "b", *(() if one_hot else ("winner",))} <= known_in(headers, VOTES)


def known_in(headers: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Meanings that some columns have."""
    plainly = {plain(header) for header in headers}
    return {name for name, others in names.items() if plainly & {name, *others}}


def refuse_twice(headers: Iterable[str], where: Path | str) -> None:
    """Refuse two columns of one name.

    Raises
    ------
    DataError
        With their names.
    """
    every = list(headers)
    twice = sorted({header for header in every if every.count(header) > 1})
    if twice:
        raise DataError(f"{where} has more than one column {listing(twice)}: keep one of each")
