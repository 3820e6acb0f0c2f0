"""Which LLM is the baseline: the user's name, the files' name, or the one that was not judged."""

from __future__ import annotations

import difflib
from dataclasses import replace

import pandas as pd

from bayessel.errors import DataError, UnknownNameError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.tables import Tables, has_texts

UNNAMED = "baseline"
"""What the baseline is called where its name is neither known nor needed."""

ONLY_DRAWS = 20
"""An LLM with as many outcomes, which are all draws, was compared with itself."""


def agreed_baseline(tables: Tables, given: str | None) -> Tables:
    """The tables with the baseline's name that the user gives or the files say.

    The baseline's judgments against itself are left out and noted.

    Parameters
    ----------
    tables
        What a reader returned.
    given
        The user's name for it.

    Returns
    -------
    Tables
        As they were given where neither names it.

    Raises
    ------
    UnknownNameError
        The user's name is not the files', or no LLM with responses has it.
    DataError
        The baseline has judgments of its own that cannot be with itself.
    """
    if given is not None and tables.baseline is not None and given != tables.baseline:
        raise UnknownNameError(
            f"unknown baseline {given!r}: the files were judged against {tables.baseline!r}"
        )
    baseline = tables.baseline if given is None else given
    if baseline is None:
        return tables
    if tables.baseline is None:
        _require_known(tables, baseline)
    return _named(tables, baseline)


def choose_baseline(tables: Tables, given: str | None) -> Tables:
    """The tables with the agreed baseline, or with the only LLM that can be it.

    That is the only one that has responses and no judgments; else the only one with
    :data:`ONLY_DRAWS` outcomes or more, all of them draws.

    Parameters
    ----------
    tables, given
        As in :func:`agreed_baseline`.

    Returns
    -------
    Tables
        With a baseline: :data:`UNNAMED` where there are no responses and nobody names it.

    Raises
    ------
    DataError, UnknownNameError
        As :func:`agreed_baseline`; or several LLMs, or none, could be the baseline.
    """
    agreed = agreed_baseline(tables, given)
    if agreed.baseline is not None:
        return agreed
    judged = set(tables.judgments["candidate"].unique())
    answering = judged if tables.responses is None else set(tables.responses["candidate"].unique())
    unjudged = sorted(answering - judged)
    if len(unjudged) == 1 and judged:
        return _named(tables, unjudged[0])
    drawing = _only_draws(tables.judgments)
    if len(drawing) == 1 and not unjudged:
        note = (
            f"{drawing[0]!r} draws in every one of its outcomes, so it is the baseline (give "
            "another with --baseline NAME)"
        )
        return _named(replace(tables, notes=(*tables.notes, note)), drawing[0])
    if tables.responses is None or not has_texts(tables.responses):
        return _named(tables, UNNAMED)
    if not judged:
        why = "nothing was judged yet"
    elif not unjudged:
        why = "every LLM with responses was also judged (the baseline has rows of its own, with "
        why += "its responses and no outcome)"
    else:
        why = f"{count(len(unjudged), 'LLM has', 'LLMs have')} responses and no judgments "
        why += f"({listing(unjudged)})"
    raise DataError(f"cannot tell which LLM is the baseline: {why}; name it with --baseline NAME")


def unseen_note(tables: Tables, given: str | None) -> list[str]:
    """Note on a baseline's name that the user gives and that stands nowhere in the files."""
    if given is None or tables.baseline is not None:
        return []
    known = set(tables.judgments["candidate"].unique())
    if tables.responses is not None:
        known |= set(tables.responses["candidate"].unique())
    if not known or given in known:
        return []
    close = difflib.get_close_matches(given, sorted(known), n=1, cutoff=0.6)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return [f"no row is of the baseline {given!r}, so its name could not be checked{hint}"]


def _require_known(tables: Tables, baseline: str) -> None:
    """Refuse the user's name of an LLM without responses where others have some."""
    responses = tables.responses
    if responses is None or not has_texts(responses):
        return
    known = set(responses.loc[responses["text"].notna(), "candidate"])
    if baseline not in known:
        error = did_you_mean(baseline, sorted(known), "baseline")
        raise UnknownNameError(
            f"{error}; the baseline needs its responses, in rows without an outcome"
        )


def _named(tables: Tables, baseline: str) -> Tables:
    """The tables with a baseline, without its judgments against itself."""
    itself = tables.judgments["candidate"] == baseline
    if not itself.any():
        return replace(tables, baseline=baseline)
    own, others = tables.judgments[itself], tables.judgments[~itself]
    drawn = (own["outcome"] == 0).all()
    if others.empty or _has_other_baseline(tables, baseline) or (baseline == UNNAMED and not drawn):
        raise DataError(
            f"baseline {baseline!r} has judgments of its own: name the LLM that all the others "
            "were compared with, and leave its own outcomes empty"
        )
    note = f"left out {count(len(own), 'judgment')} of the baseline {baseline!r} against itself"
    if not drawn:
        decided = int((own["outcome"] != 0).sum())
        note += (
            f"; {decided} of them {'is' if decided == 1 else 'are'} no draw: is it the baseline?"
        )
    notes = (*tables.notes, note)
    return replace(tables, judgments=others.reset_index(drop=True), baseline=baseline, notes=notes)


def _has_other_baseline(tables: Tables, baseline: str) -> bool:
    """Whether another LLM has responses and no judgments, though the files name no baseline."""
    responses = tables.responses
    if tables.baseline is not None or responses is None or not has_texts(responses):
        return False
    answering = set(responses.loc[responses["text"].notna(), "candidate"])
    return len(answering - set(tables.judgments["candidate"]) - {baseline}) == 1


def _only_draws(judgments: pd.DataFrame) -> list[str]:
    drawn = judgments["outcome"].eq(0).groupby(judgments["candidate"]).agg(["all", "size"])
    return [str(name) for name in drawn.index[drawn["all"] & (drawn["size"] >= ONLY_DRAWS)]]
