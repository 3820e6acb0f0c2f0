"""The one loop of a selection: ask, let the oracle answer, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.oracles.base import Oracle, answers
from bayessel.outcomes import MISSING
from bayessel.selection.answers import parse_answer
from bayessel.selection.question import Question
from bayessel.support.text import count

if TYPE_CHECKING:
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop


@dataclass(frozen=True)
class Loop:
    """Who asks and who learns: a selector in memory, or a run on disk.

    Attributes
    ----------
    known
        The selector after every answer so far.
    choose
        From the cells that may be asked, [N, M] booleans, the calls of a batch and the calls that
        are left to spend, to questions; none where the next one does not fit.
    tell
        Takes in outcomes of a question.
    """

    known: Callable[[], Selector]
    choose: Callable[[NDArray[np.bool_], int, int], list[Question]]
    tell: Callable[[Question, Mapping[str, Any] | Sequence[Any]], Any]

    def play(
        self,
        oracle: Oracle,
        *,
        available: NDArray[np.bool_],
        budget: int,
        batch: int = 1,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> str:
        """Ask and tell until the budget is spent, ``stop`` says so, or nothing is left to ask.

        A cell without an outcome in the oracle's answer was not judged: it costs nothing, it is not
        asked again here, and the loop goes on with other cells.

        Parameters
        ----------
        oracle
            What answers.
        available
            [N, M] which cells the oracle can judge.
        budget
            T, calls in all; those that were made before count.
        batch
            Calls that are chosen before the first of them is answered; 1 for one question.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.

        Returns
        -------
        str
            Why calls stay unspent, and on how many cells the oracle gave no verdict; empty where
            there is nothing of it to say.
        """
        available = available.copy()
        selector, silent, why = self.known(), 0, ""
        while (left := budget - selector.n_calls) > 0:
            if stop is not None and stop.reached(selector.standing):
                break
            unspent = f"{count(left, 'call stays', 'calls stay')} unspent: "
            if not (available & (selector.bought == MISSING)).any():
                return f"{unspent}{_silent(silent)}, and no other is left" if silent else ""
            questions = self.choose(available, batch, left)
            if not questions:
                why = f"{unspent}the next whole query takes more"
                break
            for question, outcomes in answers(oracle, questions):
                said = parse_answer(selector.names, question, outcomes, unjudged=True).outcomes
                if said:
                    self.tell(question, said)
                selector = self.known()
                if said and on_step is not None:
                    on_step(selector)
            if why := getattr(oracle, "ended", ""):
                break  # what was not judged of these questions may not have been asked
            for question in questions:
                q, asked = selector.positions(question)
                aside = asked[selector.bought[q, asked] == MISSING]
                available[q, aside] = False
                silent += len(aside)
        return "; ".join(part for part in (why, _silent(silent)) if part)


def _silent(cells: int) -> str:
    """On how many cells the oracle gave no verdict; empty where there are none."""
    return f"the oracle gave no verdict on {count(cells, 'cell')}" if cells else ""
