"""From what people answered in an annotation tool to a task: ratings, preferences and rankings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import ReadOptions, refuse_unused
from bayessel.tasks.readers.parts import ballots, sides
from bayessel.tasks.readers.parts.scored import Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

RATING, VERDICT, OTHER = "rating", "verdict", "other"


@dataclass(frozen=True)
class Answer:
    """What one annotator answered to one question.

    Attributes
    ----------
    question, annotator
        Names.
    value
        A number is a rating, a text a preference, a list a ranking with the best first, or with
        ``value`` and ``rank`` in each.
    about
        Name that may say which response was rated.
    """

    question: str
    annotator: str
    value: Any
    about: str = ""


@dataclass(frozen=True)
class Item:
    """One record or task that people were shown: its name, its fields and their answers."""

    name: str
    fields: Mapping[str, Any]
    answers: Sequence[Answer]


def annotated_tables(
    items: Sequence[Item], path: Path | str, options: ReadOptions, tool: str, notes: Sequence[str]
) -> Tables:
    """Read one question: ratings are compared with the baseline's, verdicts are counted.

    Parameters
    ----------
    items
        What people were shown.
    path
        Where it was found.
    options
        ``judge`` is a question, or an annotator.
    tool
        The tool's name, for messages.
    notes
        What the reader left out.

    Raises
    ------
    DataError
        No question can be read, or several can and none is chosen.
    UnknownNameError
        No such question or annotator.
    """
    said = list(notes)
    nameless = sum(not _llms(item) for item in items)
    if nameless == len(items):
        raise DataError(
            f"{path} is an export of {tool} that does not say which LLM wrote which response: add "
            "a field 'model', or 'model_a' and 'model_b', to each record and export again, or "
            "make a table with query_id, candidate and outcome or score"
        )
    if nameless:
        said.append(f"left out {count(nameless, 'record')} that do not say which LLM wrote what")
        items = [item for item in items if _llms(item)]
    question, kind, items = _chosen(items, options.judge, path, tool)
    named = _named(items)
    if kind == RATING:
        answers = list(_rated(named, question))
        return scored_tables(answers, path, replace(options, judge=None), notes=said)
    if options.tolerance is not None:
        raise refuse_unused("tolerance", f"the answers to {question!r} are no scores")
    votes = [vote for item in named for vote in _votes(item, question)]
    frame = pd.DataFrame(votes, columns=list(ballots.COLUMNS))
    judgments, others, baseline, counted = ballots.judged(frame, options.baseline, path)
    responses, queries = _shown(named)
    notes = (*said, *_unread(items, question), *counted)
    return Tables(judgments, responses, queries, baseline, notes=notes, votes=others)


def _chosen(
    items: Sequence[Item], judge: str | None, path: Path | str, tool: str
) -> tuple[str, str, Sequence[Item]]:
    """The question that is read, what its answers are, and the items with the answers to read."""
    asked = {a.question for item in items for a in item.answers}
    annotators = {a.annotator for item in items for a in item.answers}
    kinds = _kinds(items)
    if judge is not None and judge not in asked | kinds.keys() | annotators:
        raise did_you_mean(judge, sorted(asked | annotators), "question or annotator")
    if judge in annotators - kinds.keys():
        items = [_by(item, str(judge)) for item in items]
        kinds, judge = _kinds(items), None
    if not kinds:
        raise DataError(
            f"{path} is an export of {tool} without an answer that is a rating, a preference or a "
            f"ranking of responses; questions: {listing(sorted(asked)) or 'none was answered'}"
        )
    if judge is None and len(kinds) > 1:
        raise DataError(
            f"{path} has answers to {len(kinds)} questions ({listing(kinds)}): choose one with "
            "judge= (--judge NAME)"
        )
    question = next(iter(kinds)) if judge is None else judge
    if question not in kinds:
        raise DataError(
            f"{path}: the answers to {question!r} are not ratings, preferences or rankings of the "
            f"responses; those that are: {listing(kinds)}"
        )
    return question, kinds[question], items


def _by(item: Item, annotator: str) -> Item:
    return replace(item, answers=[a for a in item.answers if a.annotator == annotator])


def _metric(question: str, names: Mapping[int, str]) -> str:
    """Name of a question without the words that say about which response of an item it is."""
    if sides.side_in(question) not in names:
        return question
    kept = [w for w in sides.words(question) if sides.side_in(w) is None]
    return "_".join(w for w in kept if w not in sides.RESPONSE) or question


def _kinds(items: Sequence[Item]) -> dict[str, str]:
    """Questions most of whose answers say something of responses, and what they are."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        names = sides.llms(item.fields)
        for answer in item.answers:
            if _is_number(answer.value):
                kind = RATING if _rated_llm(item, answer) else OTHER
                found.setdefault(_metric(answer.question, names), Counter())[kind] += 1
            else:
                kind = VERDICT if _ranks(answer.value, names) else OTHER
                found.setdefault(answer.question, Counter())[kind] += 1
    most = {q: counts.most_common(1)[0][0] for q, counts in found.items()}
    return {q: kind for q, kind in most.items() if kind != OTHER}


def _is_number(value: Any) -> bool:
    return as_score(value) is not None and not isinstance(value, bool)


def _rated_llm(item: Item, answer: Answer) -> tuple[str, str | None] | None:
    """LLM and response that a rating is about."""
    names = sides.llms(item.fields)
    if not names:
        llm, text = sides.single(item.fields)
        return None if llm is None else (llm, text)
    for name in (answer.question, answer.about):
        side = sides.side_in(name)
        if side in names:
            return names[side], sides.responses(item.fields).get(side)
    return None


def _ranks(value: Any, names: Mapping[int, str]) -> dict[int, int]:
    """Rank by position of the response, 1 the best; {} where the value is no verdict."""
    if isinstance(value, str):
        chosen = sides.preferred(value, names)
        if chosen is None or len(names) < 2:
            return {}
        return {side: 1 if chosen in (sides.TIE, side) else 2 for side in names}
    if not isinstance(value, list) or len(value) < 2:
        return {}
    ranks = {}
    for place, option in enumerate(value, start=1):
        told = option if isinstance(option, dict) else {"value": option, "rank": place}
        side = sides.preferred(str(told.get("value")), names)
        rank = told.get("rank") or place
        if side in (None, sides.TIE) or not isinstance(rank, int):
            return {}
        ranks[side] = rank
    return ranks


def _named(items: Sequence[Item]) -> list[Item]:
    """Items called as their queries: by their own name for it, or else by the query's text."""
    by_text: dict[str, str] = {}
    named = []
    for item in items:
        name, text = sides.query(item.fields)
        if name is None:
            name = by_text.setdefault(text, item.name) if text else item.name
        named.append(replace(item, name=name))
    return named


def _rated(items: Sequence[Item], question: str) -> Iterator[Scored]:
    """One scored answer for each response of an item; the mean where several people rated it."""
    for item in items:
        asked, names = sides.query(item.fields)[1], sides.llms(item.fields)
        ratings: dict[tuple[str, str | None], list[float]] = {shown: [] for shown in _llms(item)}
        for answer in item.answers:
            score, shown = as_score(answer.value), _rated_llm(item, answer)
            if _metric(answer.question, names) == question and shown and score is not None:
                ratings[shown].append(score)
        for (llm, text), given in ratings.items():
            mean = fmean(given) if given else None
            yield Scored(item.name, llm, {} if mean is None else {question: mean}, text, asked)


def _llms(item: Item) -> list[tuple[str, str | None]]:
    """LLMs and responses that an item shows."""
    names, texts = sides.llms(item.fields), sides.responses(item.fields)
    if names:
        return [(name, texts.get(side)) for side, name in sorted(names.items())]
    llm, text = sides.single(item.fields)
    return [] if llm is None else [(llm, text)]


def _votes(item: Item, question: str) -> Iterator[tuple[str, str, str, int, str]]:
    """Query, two LLMs, points of the first and annotator, for each annotator and pair."""
    names = sides.llms(item.fields)
    for answer in item.answers:
        ranks = _ranks(answer.value, names) if answer.question == question else {}
        for one, other in combinations(sorted(ranks), 2):
            points = (ranks[one] < ranks[other]) - (ranks[one] > ranks[other])
            yield item.name, names[one], names[other], points, answer.annotator


def _unread(items: Sequence[Item], question: str) -> list[str]:
    """Note on the answers that name no response, such as 'unsure', if there are any."""
    values = [
        answer.value
        for item in items
        for answer in item.answers
        if answer.question == question and not _ranks(answer.value, sides.llms(item.fields))
    ]
    if not values:
        return []
    such = listing(dict.fromkeys(map(str, values)), most=3)
    return [
        f"left out {count(len(values), 'answer')} to {question!r} that name no response: {such}"
    ]


def _shown(items: Sequence[Item]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and queries of all items, the first text of each."""
    shown = [(item.name, llm, text) for item in items for llm, text in _llms(item)]
    responses = pd.DataFrame(shown, columns=["query_id", "candidate", "text"], dtype=object)
    asked = [(item.name, sides.query(item.fields)[1]) for item in items]
    queries = pd.DataFrame(asked, columns=["query_id", "text"], dtype=object)
    return (
        responses.drop_duplicates(["query_id", "candidate"], ignore_index=True),
        queries.drop_duplicates("query_id", ignore_index=True),
    )
