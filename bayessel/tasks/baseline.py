"""Which LLM is the baseline: the user's name, the files' name, or the one that was not judged."""

from __future__ import annotations

from bayessel.errors import DataError, UnknownNameError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.tables import Tables, has_texts

UNNAMED = "baseline"
"""What the baseline is called where its name is neither known nor needed."""


def agreed_baseline(tables: Tables, given: str | None) -> str | None:
    """The baseline's name that the user gives or the files say; None where neither does.

    Parameters
    ----------
    tables
        What a reader returned.
    given
        The user's name for it.

    Raises
    ------
    UnknownNameError
        The user's name is not the files', or no LLM with responses has it.
    DataError
        The baseline has judgments of its own.
    """
    if given is not None and tables.baseline is not None and given != tables.baseline:
        raise UnknownNameError(
            f"unknown baseline {given!r}: the files were judged against {tables.baseline!r}"
        )
    baseline = tables.baseline if given is None else given
    if baseline is None:
        return None
    _refuse_judged(tables, baseline)
    responses = tables.responses
    if responses is not None and has_texts(responses):
        known = set(responses.loc[responses["text"].notna(), "candidate"])
        if baseline not in known:
            error = did_you_mean(baseline, sorted(known), "baseline")
            raise UnknownNameError(
                f"{error}; the baseline needs its responses, in rows without an outcome"
            )
    return baseline


def choose_baseline(tables: Tables, given: str | None) -> str:
    """The agreed baseline, or the only LLM that has responses and no judgments.

    Parameters
    ----------
    tables, given
        As in :func:`agreed_baseline`.

    Returns
    -------
    str
        :data:`UNNAMED` where there are no responses and nobody names it.

    Raises
    ------
    DataError, UnknownNameError
        As :func:`agreed_baseline`; or several LLMs, or none, could be the baseline.
    """
    agreed = agreed_baseline(tables, given)
    if agreed is not None:
        return agreed
    judged = set(tables.judgments["candidate"])
    answering = judged if tables.responses is None else set(tables.responses["candidate"])
    unjudged = sorted(answering - judged)
    if len(unjudged) == 1 and judged:
        return unjudged[0]
    if tables.responses is None or not has_texts(tables.responses):
        _refuse_judged(tables, UNNAMED)
        return UNNAMED
    if not judged:
        why = "nothing was judged yet"
    elif not unjudged:
        why = "every LLM with responses was also judged (the baseline has rows of its own, with "
        why += "its responses and no outcome)"
    else:
        why = f"{count(len(unjudged), 'LLM has', 'LLMs have')} responses and no judgments "
        why += f"({listing(unjudged)})"
    raise DataError(f"cannot tell which LLM is the baseline: {why}; name it with --baseline NAME")


def _refuse_judged(tables: Tables, baseline: str) -> None:
    if (tables.judgments["candidate"] == baseline).any():
        raise DataError(
            f"baseline {baseline!r} has judgments of its own: name the LLM that all the others "
            "were compared with, and leave its own outcomes empty"
        )
