"""Why a question is asked, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.base import Choice

DRAWN_CLOSE = "drawn by P(best), since the best scores differ by less than their Monte Carlo error"
DRAWN_FLAT = "drawn by P(best), since no score is above 0"
DRAWN_REST = "drawn, since the leading candidates have no cell left"


def explained(
    choice: Choice, judged: NDArray[np.bool_], leader: int, leading: NDArray[np.intp]
) -> Choice:
    """The choice with all that ``why`` says: who is asked, on which kind of query, how drawn.

    No candidate is named: people who judge blind may read it.

    Parameters
    ----------
    choice
        Its ``why`` says how it was drawn.
    judged
        [N, M] cells that are judged.
    leader
        Position of the candidate with the highest expected win rate.
    leading
        [L] positions of the leading candidates.
    """
    asked, here = choice.candidates, judged[choice.query]
    others = asked[asked != leader]
    challengers = int(np.isin(others, leading).sum())
    groups = ["the leader"] * (len(others) < len(asked))
    groups += _group(challengers, "a challenger", "challengers")
    groups += _group(len(others) - challengers, "another candidate", "other candidates")
    who = " and ".join([", ".join(groups[:-1]), groups[-1]]) if len(groups) > 1 else groups[0]
    fresh = int((~judged[:, asked].any(axis=0)).sum())
    if fresh:
        who += f" ({fresh} not judged yet)" if len(asked) > 1 else " (not judged yet)"
    if not here.any():
        text = f"{who}, on a new query"
    elif not here[leader]:
        text = f"{who}, on a query that others were judged on"
    else:
        catch_up = " catches up" if len(asked) == 1 else " catch up"
        text = f"{who}{',' if fresh else catch_up} on a query that the leader was judged on"
    why = f"{text}; {choice.info.why}" if choice.info.why else text
    return replace(choice, info=replace(choice.info, why=why))


def _group(number: int, one: str, many: str) -> list[str]:
    """A group of candidates in words, if there is anybody in it."""
    return [one if number == 1 else f"{number} {many}"] if number else []
