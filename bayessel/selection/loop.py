"""The one loop of a selection: ask, let the oracle answer, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.oracles.base import Oracle, answers
from bayessel.outcomes import MISSING
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
        """Ask and tell until the budget is spent or ``stop`` says so.

        What the oracle leaves out of its answer was not judged, and is not asked again.

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
            Why calls stay unspent; empty where they are spent, or the rule stopped.
        """
        available = available.copy()
        selector, silent = self.known(), 0
        while (left := budget - selector.n_calls) > 0:
            if stop is not None and stop.reached(selector.standing):
                return ""
            if not (available & (selector.bought == MISSING)).any():
                break
            questions = self.choose(available, batch, left)
            if not questions:
                return (
                    f"{count(left, 'call stays', 'calls stay')} unspent: the next whole query "
                    "takes more"
                )
            for question, outcomes in answers(oracle, questions):
                if len(outcomes):
                    self.tell(question, outcomes)
                selector = self.known()
                q, asked = selector.positions(question)
                unanswered = asked[selector.bought[q, asked] == MISSING]
                available[q, unanswered] = False
                silent += len(unanswered)
                if len(outcomes) and on_step is not None:
                    on_step(selector)
            if ended := getattr(oracle, "ended", ""):
                return ended
        if left <= 0 or not silent:
            return ""
        return (
            f"{count(left, 'call stays', 'calls stay')} unspent: the oracle gave no verdict on "
            f"{count(silent, 'cell')}"
        )
