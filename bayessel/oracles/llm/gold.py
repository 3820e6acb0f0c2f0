"""Judges against verdicts that are right: a share that people or a stronger judge gave."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.judges.audit import audit
from bayessel.oracles.verdicts.record import Recorded
from bayessel.oracles.verdicts.table import verdict_table
from bayessel.tasks.question import Question

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

_NAME = "gold"
_RIGHT, _WRONG = 6, 3
_LEAST = 0.01  # a judge that is as often right as wrong hardly counts


def read_gold(task: Task, file: Path) -> NDArray[np.float64]:
    """[N, M] right verdicts, NaN where none is given.

    Raises
    ------
    DataError, UnknownNameError
        As :meth:`bayessel.tasks.task.Task.with_weak_judge`.
    """
    blank = task.without_weak_judges()
    return blank.with_weak_judge(_NAME, file, kind="verdict").weak_scores("verdict")[0][0]


def gold_questions(task: Task, gold: NDArray[np.float64]) -> list[Question]:
    """One question a query, of the cells with a right verdict and a response."""
    asked = ~np.isnan(gold) & task.answered
    names = np.array(task.candidates)
    return [
        Question(task.queries[q], tuple(map(str, names[asked[q]])), "its right verdict is known")
        for q in np.flatnonzero(asked.any(axis=1))
    ]


def compared(
    records: Sequence[Recorded], task: Task, gold: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Each judge against the right verdicts; its first verdict on a cell counts.

    Returns
    -------
    list of dict
        By judge: ``cells`` that it judged and whose right verdict is known, ``agreed`` of them,
        the share's 90 % interval ``lower`` and ``upper`` (Wilson), ``decided`` cells (both say win
        or loss) and ``same_sign`` of them. Below half, a judge points the wrong way.
    """
    right = {
        (task.queries[q], task.candidates[j]): int(gold[q, j])
        for q, j in np.argwhere(~np.isnan(gold))
    }
    table = verdict_table(records, right)
    return [
        {
            "judge": one.judge,
            "cells": one.agreement.of,
            "agreed": one.agreement.hits,
            "lower": round(one.agreement.lower, 4),
            "upper": round(one.agreement.upper, 4),
            "decided": one.agreement_decided.of,
            "same_sign": one.agreement_decided.hits,
        }
        for one in audit(table)
        if one.judge != table.gold
    ]


def weights(found: Sequence[Mapping[str, Any]], judges: Sequence[str]) -> dict[str, float]:
    """What each judge of a panel counts, by the right verdicts.

    The log odds of being right where both decide, with the prior Beta(6, 3): a judge is more often
    right than wrong, which some ten cells can overturn. Below 0 its verdicts count the other way
    round.

    Parameters
    ----------
    found
        What :func:`compared` returned.
    judges
        [J] names.
    """
    known = {one["judge"]: (one["same_sign"], one["decided"]) for one in found}
    counts = {}
    for judge in judges:
        right, of = known.get(judge, (0, 0))
        odds = (right + _RIGHT) / (of - right + _WRONG)
        counts[judge] = max(math.log(odds), _LEAST) if odds >= 1 else min(math.log(odds), -_LEAST)
    return counts
