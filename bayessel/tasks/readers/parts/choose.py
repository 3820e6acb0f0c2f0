"""Choose one judge where the files hold several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import count, listing, short


def one_judge(
    found: Iterable[str], judge: str | None, path: Path | str, instead: str = ""
) -> str | None:
    """Choose the judge whose judgments are read.

    Parameters
    ----------
    found
        Names of the judges.
    judge
        The user's choice.
    path
        Where they were found.
    instead
        What else could be done, for the message.

    Returns
    -------
    str or None
        None where nothing was judged.

    Raises
    ------
    UnknownNameError
        No such judge.
    DataError
        There are several and the user did not choose.
    """
    known = sorted(set(found))
    if judge is not None:
        if judge not in known:
            raise did_you_mean(judge, known, "judge")
        return judge
    if len(known) > 1:
        raise DataError(
            f"{path} has judgments by {len(known)} judges ({listing(known)}): choose one with "
            f"judge= (--judge NAME){instead}"
        )
    return known[0] if known else None


def widest_judge(
    covers: dict[str, set[str]], judge: str | None, path: Path | str, instead: str = ""
) -> tuple[str | None, set[str]]:
    """Choose the judge that judged most candidates.

    Parameters
    ----------
    covers
        The candidates that each judge has judged.
    judge
        The user's choice.
    path, instead
        As in :func:`one_judge`.

    Returns
    -------
    judge, left_out
        The judge, and the candidates that only others have judged.

    Raises
    ------
    UnknownNameError, DataError
        As :func:`one_judge`; several judges are accepted where one has judged most candidates.
    """
    if judge is None and len(covers) > 1:
        most = max(len(candidates) for candidates in covers.values())
        widest = [name for name, candidates in covers.items() if len(candidates) == most]
        chosen = one_judge(covers if len(widest) > 1 else widest, None, path, instead)
    else:
        chosen = one_judge(covers, judge, path, instead)
    if chosen is None:
        return None, set()
    return chosen, set().union(*covers.values()) - covers[chosen]


def itself_note(number: int, baseline: str) -> list[str]:
    """Note on judgments of the baseline against itself that were left out, if there are any."""
    if not number:
        return []
    return [f"left out {count(number, 'judgment')} of the baseline {baseline!r} against itself"]


def odd_note(odd: Counter[str], benchmark: str) -> list[str]:
    """Note on verdicts that a benchmark does not know and that were read as failed, if any."""
    odd = +odd
    if not odd:
        return []
    kinds = ", ".join(f"{short(text, 30)} ({n})" for text, n in odd.most_common(3))
    return [
        f"{count(odd.total(), 'verdict')} that {benchmark} does not know, read as failed: "
        f"{kinds}{', ...' if len(odd) > 3 else ''}"
    ]
