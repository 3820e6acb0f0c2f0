"""Tables of votes: each row says which of two LLMs has the better response to a query."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError, did_you_mean
from bayessel.outcomes import MISSING
from bayessel.support.text import count, listing, short
from bayessel.tasks.readers.base import ReadOptions
from bayessel.tasks.readers.parts import about, headers, own_baselines, values, verdicts
from bayessel.tasks.readers.parts.columns import Column, categorical, joined_columns
from bayessel.tasks.readers.parts.one_hot import with_winner
from bayessel.tasks.readers.parts.own_baselines import OwnBaselines
from bayessel.tasks.readers.parts.rows import Rows
from bayessel.tasks.readers.parts.turns import with_turns
from bayessel.tasks.tables import VOTES, Tables

A, B = "a", "b"
_TIES = (
    "tie",
    "tie (bothbad)",
    "tie (both bad)",
    "bothbad",
    "both_bad",
    "both bad",
    "both",
    "draw",
)
_INCONSISTENT = ("inconsistent", "disagree")


def votes_tables(rows: Rows, options: ReadOptions) -> Tables:
    """Split rows with ``query_id``, two LLMs and ``winner`` into judgments and other votes.

    A vote that has the baseline on one side says an outcome of the other. All others are kept in
    ``votes``. The columns, and by what other names they are read, are in
    :data:`bayessel.tasks.readers.parts.headers.VOTES`.

    Parameters
    ----------
    rows
        As they were written.
    options
        The baseline's name and the judge.

    Raises
    ------
    DataError
        A column is missing, a winner has no meaning, no LLM can be the baseline, or two rows give
        one LLM different responses to a query; the message says where.
    UnknownNameError
        No vote has this baseline, or there is no such judge.
    """
    where = rows.source
    rows = with_turns(with_winner(about.with_query_ids(rows, headers.VOTES)))
    called = headers.meanings(rows.columns, headers.VOTES, where)
    if "query_id" not in called:
        raise DataError(
            f"{where} has votes without query_id (or question_id, or the query's text), so that no "
            "two of them are on one query: add the column"
        )
    names = {"query_id": "query_id", A: called[A], B: called[B]}
    query, left, right = (
        values.read_names(rows.columns[called[c]], n, rows.at) for c, n in names.items()
    )
    llms = list(dict.fromkeys([*left.values, *right.values]))
    sides = np.stack([_recoded(side, llms) for side in (left, right)])
    judge = None
    if "judge" in called:
        judge = rows.columns[called["judge"]].read(about.judge_name, rows.at)
    notes = [*rows.notes, *about.unused_note(rows, called)]
    winner = _winners(rows, called["winner"], (left, right), llms, notes)

    kept = winner != MISSING
    unsaid = int((~kept).sum())
    if unsaid:
        notes.append(f"{count(unsaid, 'vote')} without a winner {_left(unsaid)}")
    itself = sides[0] == sides[1]
    if itself.any():
        alone = int(itself.sum())
        notes.append(f"{count(alone, 'vote')} of an LLM with itself {_left(alone)}")
        kept &= ~itself
    kept &= about.of_judge(rows, judge, options.judge)
    own = own_baselines.in_rows(rows, called, query)
    given = options.baseline
    queries = about.queries(rows, called, query)
    if own.differ and (given is None or given == own.joined):
        sides, llms = _own_sides(sides, llms, query, own)
        given = own.joined
        queries = queries.assign(baseline=own.of_query)
        notes.append(own_baselines.differ_note(own_baselines.sizes(own.of_query)))
    baseline = _baseline(rows, llms, sides[:, kept], given or own.joined)

    flipped = kept & (sides[0] == llms.index(baseline))  # the candidate is on the right
    candidate = np.where(flipped, sides[1], sides[0])
    against = np.where(flipped, sides[0], sides[1])
    votes = pd.DataFrame(
        {
            "query_id": query.categorical(),
            "candidate": categorical(candidate, llms),
            "against": categorical(against, llms),
            "outcome": np.where(flipped, -winner, winner).astype(np.int8),
            "judge": [""] * len(rows) if judge is None else [v or "" for v in judge.tolist()],
        }
    )[kept].reset_index(drop=True)
    judgments, others = split(votes, baseline, notes)
    notes += about.judges_note(judge if options.judge is None else None)
    return Tables(
        judgments,
        _responses(rows, called, query, sides, llms),
        queries,
        baseline,
        notes=tuple(notes),
        votes=others,
    )


def _left(votes: int) -> str:
    return "was left out" if votes == 1 else "were left out"


def _recoded(side: Column, llms: list[str]) -> NDArray[np.int32]:
    place = {name: i for i, name in enumerate(llms)}
    return np.array([place[name] for name in side.values], np.int32)[side.codes]


def _winners(
    rows: Rows,
    header: str,
    sides: tuple[Column, Column],
    llms: Collection[str],
    notes: list[str],
) -> NDArray[np.int8]:
    """[R] 1 where the left LLM won, -1 where the right one did, 0 for a tie, MISSING for none."""
    column = rows.columns[header]
    words = {
        **dict.fromkeys(_TIES, 0),
        **dict.fromkeys(_INCONSISTENT, 0),
        **dict.fromkeys(("a", "model_a", "left", "model_1", "model a", "left_vote"), 1),
        **dict.fromkeys(("b", "model_b", "right", "model_2", "model b", "right_vote"), -1),
    }
    found = np.full(len(rows), MISSING, np.int8)
    left, right = (np.array(side.values, dtype=object)[side.codes] for side in sides)
    for code, value in enumerate(column.values):
        if values.is_blank(value):
            continue
        at = np.flatnonzero(column.codes == code)
        word = str(value).strip().lower()
        named = values.name(value, header, rows.at(int(at[0]))) if isinstance(value, str) else ""
        of_left, of_right = left[at] == named, right[at] == named
        if named in llms:
            sign = of_left.astype(np.int8) - of_right
            wrong = ~(of_left | of_right)
        else:
            wrong = np.full(len(at), word not in words)
            sign = np.full(len(at), words.get(word, 0))
        if wrong.any():
            raise DataError(
                f"{rows.at(int(at[wrong][0]))}: winner is {short(value)}; write model_a, model_b, "
                "tie, or the name of one of the two LLMs"
            )
        found[at] = sign
        if word in _INCONSISTENT:
            notes.append(f"{count(len(at), 'vote')} with the winner {word!r}: read as a tie")
    return found


def _own_sides(
    sides: NDArray[np.int32], llms: list[str], query: Column, own: OwnBaselines
) -> tuple[NDArray[np.int32], list[str]]:
    """Both sides and the LLMs, each query's own baseline under the name of the task's."""
    named = [own_baselines.under_joined(Column(side, llms), query, own) for side in sides]
    known = list(dict.fromkeys(name for side in named for name in side.values))
    return np.stack([_recoded(side, known) for side in named]), known


def _baseline(rows: Rows, llms: list[str], sides: NDArray[np.int32], given: str | None) -> str:
    """The baseline's name: the user's or the file's, or the only LLM that is in every vote."""
    if given is not None:
        if given not in llms:
            raise did_you_mean(given, llms, "baseline")
        return given
    always = [name for i, name in enumerate(llms) if (sides == i).any(axis=0).all()]
    if sides.shape[1] and len(always) == 1 and len(llms) > 2:
        return always[0]
    raise DataError(
        f"{rows.source} has votes between {count(len(llms), 'LLM')} and does not say which is the "
        "baseline: name it with baseline= (--baseline NAME); LLMs: " + listing(sorted(llms))
    )


def split(
    votes: pd.DataFrame, baseline: str, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """One outcome for each cell, and the votes that say more than that.

    Parameters
    ----------
    votes
        See :data:`bayessel.tasks.tables.VOTES`; the baseline is always ``against``.
    baseline
        Its name.
    notes
        What a user should know is added.
    """
    on_baseline = (votes["against"] == baseline).to_numpy()
    own, others = votes[on_baseline], votes[~on_baseline]
    if len(others):
        notes.append(
            f"{count(len(others), 'vote is', 'votes are')} between two candidates: kept, but no "
            "outcome against the baseline"
        )
    if not len(own):
        return values.no_judgments(), others if len(others) else None
    query, candidate = own["query_id"].cat, own["candidate"].cat
    cell = query.codes.to_numpy(np.int64) * len(candidate.categories) + candidate.codes
    first, outcome, told_by, differ = verdicts.majority(
        np.asarray(cell, np.int64), own["outcome"].to_numpy()
    )
    notes += verdicts.majority_note(told_by, differ)
    judgments = own.iloc[first][list(values.CELL)].reset_index(drop=True)
    judgments = judgments.assign(outcome=outcome, verdicts=told_by, disagreement=differ)
    kept = votes if (told_by > 1).any() else others
    return judgments, kept[list(VOTES)].reset_index(drop=True) if len(kept) else None


def _responses(
    rows: Rows, called: dict[str, str], query: Column, sides: NDArray[np.int32], llms: list[str]
) -> pd.DataFrame:
    """The responses that the votes show; without any, one row for each LLM."""
    if not {"text_a", "text_b"} <= set(called):
        return pd.DataFrame(
            {
                "query_id": pd.Series([query.values[0]] * len(llms), dtype=object),
                "candidate": pd.Series(llms, dtype=object),
                "text": pd.Series([None] * len(llms), dtype=object),
            }
        )
    texts = [
        values.read_texts(rows.columns[called[c]], called[c], rows.at) for c in ("text_a", "text_b")
    ]
    text = joined_columns(texts)
    llm = np.concatenate(sides)
    key = np.tile(query.codes.astype(np.int64), 2) * len(llms) + llm

    def refuse(n: int, first: int) -> DataError:
        row = first % len(rows)
        return DataError(
            f"{rows.at(row)}: {llms[llm[first]]!r} has another response to query "
            f"{query.values[query.codes[row]]!r} than before ({count(n, 'such row')}): give the "
            "query another query_id, or keep one response"
        )

    kept = np.flatnonzero(verdicts.once(key, text.codes, refuse))
    return pd.DataFrame(
        {
            "query_id": categorical(query.codes[kept % len(rows)], query.values),
            "candidate": categorical(llm[kept], llms),
            "text": pd.Series(text.take(kept).tolist(), dtype=object),
        }
    )
