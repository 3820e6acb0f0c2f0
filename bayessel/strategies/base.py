"""What every strategy offers, and what it says of its choices and of the candidates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.inference.draws import Draws, p_within
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from bayessel.support.ties import highest, pick_highest
from bayessel.tasks.task import Task

Unit = Literal["cells", "queries"]
"""What a strategy chooses: single cells, or queries with every cell that may be asked."""


@dataclass(frozen=True)
class AskInfo:
    """Why a question was chosen.

    Attributes
    ----------
    score
        Value of the acquisition for the question, per unit of cost; NaN where there is none.
    error
        Monte Carlo standard error of the score; NaN where it is not known.
    chance
        Probability with which the question was chosen, given those chosen before it in its batch
        and whether it is drawn or picked; 1 where it was picked for certain. Where a step looks at
        a few of the new queries only, this holds the chance that it looks at the question's query.
        NaN where it is not known, as where new queries are not alike and some are not looked at.
    why
        A few words for people, without names of candidates; may be empty.

    Notes
    -----
    In a batch several choices on one query are one question. Its score is the value of all these
    choices, each given those before it, per unit of what they cost together; its error is NaN, and
    its chance the product of theirs. A question that is cut to fit keeps what is said of the whole.
    """

    score: float = float("nan")
    error: float = float("nan")
    chance: float = float("nan")
    why: str = ""


@dataclass(frozen=True)
class Choice:
    """A question by position.

    Attributes
    ----------
    query
        Position of the query.
    candidates
        [L] positions of the candidates to judge, increasing; at least one.
    info
        Why it was chosen.
    """

    query: int
    candidates: NDArray[np.intp]
    info: AskInfo = AskInfo()


@dataclass(frozen=True)
class Standing:
    """What is known about the candidates.

    Attributes
    ----------
    best
        Position of the recommended candidate.
    p_best
        [M] probability of having the highest win rate over the N queries; of a reference method
        that has a posterior over F, that.
    draws
        S posterior draws of win rates and of the best candidate's eps.
    fixed
        Numbers that the strategy presets instead of learning them, by name.
    more_draws
        Computes draws of a longer run at the same posterior, for the record; None where ``draws``
        are independent already.
    p_f
        [M] posterior of F where it is a parameter of the model: the best were there queries without
        end. None elsewhere.
    expected
        [M] expected win rates with less Monte Carlo error than the mean of ``draws``; None where
        that is all there is. See :attr:`win_rate`.
    """

    best: int
    p_best: NDArray[np.float64]
    draws: Draws
    fixed: dict[str, float]
    more_draws: Callable[[], Draws] | None = None
    p_f: NDArray[np.float64] | None = None
    expected: NDArray[np.float64] | None = None

    @property
    def win_rate(self) -> NDArray[np.float64]:
        """[M] expected win rates over the N queries."""
        return self.draws.win_rate.mean(axis=0) if self.expected is None else self.expected

    def interval(self, level: float = 0.9) -> NDArray[np.float64]:
        """[M, 2] central posterior intervals of the win rates."""
        tail = (1 - level) / 2
        return np.quantile(self.draws.win_rate, [tail, 1 - tail], axis=0).T

    @property
    def interval_of_best(self) -> tuple[float, float]:
        """90 % interval of the recommended candidate, without the others'."""
        lower, upper = np.quantile(self.draws.win_rate[:, self.best], [0.05, 0.95])
        return float(lower), float(upper)

    def p_within(self, delta: float) -> NDArray[np.float64]:
        """[M] probability that a candidate's win rate is within ``delta`` of the best's."""
        return p_within(self.draws.win_rate, delta)


def require_draws(draws: int) -> None:
    """Refuse too few posterior draws.

    Raises
    ------
    BudgetError
        Below 100: probabilities and Monte Carlo errors would mean nothing.
    """
    if draws < 100:
        raise BudgetError(f"draws {draws}: expected at least 100 posterior draws")


def not_default(strategy: Any, *names: str) -> dict[str, Any]:
    """Fields of a strategy whose values are not the class's own; priors as text.

    Parameters
    ----------
    strategy
        A dataclass.
    names
        Of the fields to look at.
    """
    found = {}
    for field in dataclasses.fields(strategy):
        value = getattr(strategy, field.name)
        of_class = field.default
        if field.default_factory is not dataclasses.MISSING:
            of_class = field.default_factory()
        if field.name in names and value != of_class:
            written = isinstance(value, dict)
            found[field.name] = {k: str(v) for k, v in value.items()} if written else value
    return found


class Strategy(Protocol):
    """How cells are chosen and a candidate recommended.

    A state is an immutable value. It depends on the task and on the outcomes of the judged cells.
    Where the strategy ``carries``, it also depends on the order of the answers, within Monte Carlo
    error. Random numbers come from the generator that is given: the same generator gives the same
    result.
    """

    @property
    def name(self) -> str:
        """Name in :data:`bayessel.strategies.STRATEGIES`."""

    @property
    def weak_judges(self) -> tuple[str, ...]:
        """Names of the weak judges whose scores the strategy reads."""

    @property
    def needs_weak_judges(self) -> bool:
        """Whether the strategy needs the scores of weak judges."""

    @property
    def reads_given(self) -> bool:
        """Whether it reads the weak judges that a task is given, beside text statistics."""

    @property
    def reads_costs(self) -> bool:
        """Whether what it chooses depends on what calls cost."""

    @property
    def carries(self) -> bool:
        """Whether a state depends, within Monte Carlo error, on the order of the answers."""

    @property
    def unit(self) -> Unit:
        """What it chooses; a question of a strategy of whole queries is never cut."""

    @property
    def options(self) -> dict[str, Any]:
        """What the user has set, for the record; names and values as the class takes them."""

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of its model."""

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> Any:
        """State after the judgments ``outcome`` [N, M] (``MISSING`` where not judged)."""

    def ask(
        self,
        rng: np.random.Generator,
        state: Any,
        available: NDArray[np.bool_],
        cost: NDArray[np.float64],
        batch: int = 1,
    ) -> list[Choice]:
        """Choose what to judge next.

        Parameters
        ----------
        rng
            Random numbers.
        state
            What is known.
        available
            [N, M] cells that may be asked, at least one; none of them is judged.
        cost
            [N, M] cost of each cell, positive.
        batch
            1: exactly one question. More: questions without a cell in common until they have as
            many calls or nothing is left; each accounts for those before it, or is drawn.
        """

    def tell(
        self, rng: np.random.Generator, state: Any, query: int, outcomes: NDArray[np.int8]
    ) -> Any:
        """State after judging ``query``: ``outcomes`` [M], ``MISSING`` where not judged.

        A query may be told again, for the same candidates or for others.
        """

    def recommend(self, rng: np.random.Generator, state: Any) -> Standing:
        """Who is best, and how probable that is."""


def with_row(outcome: NDArray[np.int8], query: int, outcomes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Copy of ``outcome`` [N, M] with the judged cells of a row filled in."""
    updated = outcome.copy()
    updated[query] = np.where(outcomes != MISSING, outcomes, updated[query])
    return updated


def whole_queries(
    rng: np.random.Generator,
    outcome: NDArray[np.int8],
    available: NDArray[np.bool_],
    batch: int,
    pick: Callable[[np.random.Generator, NDArray[np.bool_]], tuple[int, AskInfo]],
) -> list[Choice]:
    """Questions of a strategy that chooses whole queries.

    Each asks for every available cell of a query without judgments. Only where there is no such
    query left, the rest of a query that was judged in part is asked for.

    Parameters
    ----------
    rng
        Random numbers for ``pick``.
    outcome
        [N, M] outcomes so far, ``MISSING`` elsewhere.
    available
        [N, M] cells that may be asked, at least one.
    batch
        Calls to reach, as in :meth:`Strategy.ask`.
    pick
        From the queries that may be asked, [N] booleans, to one of them and why.
    """
    left = available.any(axis=1)
    untouched = (outcome == MISSING).all(axis=1)
    chosen: list[Choice] = []
    calls = 0
    while left.any() and (not chosen or calls < batch):
        askable = left & untouched
        again = not askable.any()
        query, info = pick(rng, left if again else askable)
        if again:
            info = replace(info, why="the rest of a query that was judged in part")
        elif not info.why:
            drawn = info.chance < 1
            what = "a query that was drawn" if drawn else "the query with the highest score"
            info = replace(info, why=f"{what}, for all candidates")
        chosen.append(Choice(query, np.flatnonzero(available[query]), info))
        calls += len(chosen[-1].candidates)
        left[query] = False
    return chosen


def picked_highest(
    rng: np.random.Generator,
    value: NDArray[np.float64],
    available: NDArray[np.bool_],
    error: NDArray[np.float64] | None = None,
) -> tuple[int, AskInfo]:
    """The query with the highest value, ties broken at random, and the chance that it had.

    Parameters
    ----------
    rng
        Breaks ties.
    value
        [N], higher is better.
    available
        [N] which queries may be asked, at least one.
    error
        [N] Monte Carlo standard errors of the values, where they are known.
    """
    query = pick_highest(rng, value, available)
    ties = int(highest(value[available]).sum())
    known = float("nan") if error is None else float(error[query])
    return query, AskInfo(float(value[query]), known, 1 / ties)
