"""The cheap tier: a small LLM judges every cell once, and becomes a weak judge of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.llm.oracle import LLMOracle
from bayessel.tasks.question import Question

if TYPE_CHECKING:
    from bayessel.tasks.task import Task


def every_cell(task: Task, seed: int) -> list[Question]:
    """One question a query, in random order: if the money ends, all candidates have as much."""
    order = np.random.default_rng([seed, 0xC4EA9]).permutation(task.n_queries)
    names = np.array(task.candidates)
    cells = [(task.queries[q], tuple(map(str, names[task.answered[q]]))) for q in order]
    return [Question(query, some) for query, some in cells if some]


def cheap_verdicts(
    task: Task,
    judge: LLMJudge,
    *,
    folder: Path,
    max_cost: float | None,
    seed: int = 0,
    concurrency: int = 8,
    on_query: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.float64], str]:
    """Let a judge judge every cell, in one order drawn at random.

    What is in the ledger of the folder is not asked again.

    Parameters
    ----------
    task, judge
        What is judged, and who judges.
    folder
        Where the ledger is.
    max_cost
        Dollars for this judge; None for no limit.
    seed
        Of the orders.
    concurrency
        Calls at once.
    on_query
        Called with how many of how many queries are done.

    Returns
    -------
    verdicts, note
        [N, M] with -1, 0, 1, NaN where it says nothing. The note says that the money ended; it is
        empty otherwise.
    """
    found = np.full((task.n_queries, task.n_candidates), np.nan)
    questions = every_cell(task, seed)
    with LLMOracle(
        task,
        judge,
        folder=folder,
        max_cost=max_cost,
        orders="one",
        seed=seed,
        concurrency=concurrency,
    ) as oracle:
        for done, (question, outcomes) in enumerate(oracle.judge_all(questions), start=1):
            for name, outcome in outcomes.items():
                cell = task.query_index(question.query), task.candidate_index(name)
                found[cell] = outcome
            if on_query is not None:
                on_query(done, len(questions))
        return found, oracle.ended


def agreement(weak: NDArray[np.float64], bought: NDArray[np.int8]) -> tuple[int, int]:
    """On how many cells that both decided they agree, and how many these are."""
    both = np.isin(bought, (-1, 1)) & np.isin(weak, (-1, 1))
    return int((weak[both] == bought[both]).sum()), int(both.sum())


def verdicts_of(task: Task, name: str) -> NDArray[np.float64] | None:
    """[N, M] what a weak judge of a task says; None where it has none of that name."""
    scores, names = task.weak_scores("verdict")
    return scores[_index(names, name)] if name in names else None


def _index(names: Sequence[str], name: str) -> int:
    return list(names).index(name)
