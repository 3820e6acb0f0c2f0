"""Verdicts of simulated judges, said by the model of ``models/judges/verdicts.py``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayessel.inference.judges.table import VerdictTable


@dataclass(frozen=True)
class Judge:
    """What a judge is like; r is the correlation with the gold judge's opinions."""

    level: float = 0.2
    signal: float = 2.0
    position: float = 0.0
    sway: float = 0.0
    band: float = 0.3
    r: float = 1.0


def opinions(rng: np.random.Generator, score: np.ndarray, judge: Judge) -> np.ndarray:
    own = np.sqrt(1 - judge.r**2) * rng.standard_normal(len(score))
    return judge.level + judge.signal * (judge.r * score + own)


def say(rng, opinion: np.ndarray, swing: np.ndarray, judge: Judge, side: int) -> np.ndarray:
    """[C] verdicts in one order."""
    shift = (judge.position + judge.sway * swing) * side
    latent = opinion + shift + rng.standard_normal(len(opinion))
    return np.where(np.abs(latent) <= judge.band, 0, np.sign(latent)).astype(int)


def said(
    rng: np.random.Generator,
    judges: dict[str, Judge],
    cells: int,
    sides: tuple[int, ...] = (1, -1),
    gold: str | None = None,
    share: dict[str, float] | None = None,
) -> VerdictTable:
    """Every judge on the first cells, ``share`` of them, once for each of ``sides``."""
    score, rows = rng.standard_normal(cells), []
    for name, judge in judges.items():
        opinion, swing = opinions(rng, score, judge), rng.standard_normal(cells)
        count = round(cells * (share or {}).get(name, 1.0))
        for side in (0,) if name == "people" else sides:
            verdicts = say(rng, opinion, swing, judge, side)
            rows += [(name, (f"q{c}", "a"), side, int(verdicts[c])) for c in range(count)]
    return VerdictTable.of(rows, gold)
