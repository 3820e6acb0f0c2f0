"""From parameters of ``models/judges/verdicts.py`` to what people ask of a judge.

All are of a new cell like those judged: integrated over what the judge would find of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

MEASURES = (
    "position_bias",
    "flips",
    "reversals",
    "repeatability",
    "noise",
    "agreement",
    "agreement_decided",
)
"""Names of the measures; :func:`measured` says what they mean."""

_HALF = np.array([-0.5, 0.0, 0.5])
_AT = np.linspace(-6.0, 6.0, 241)
_WEIGHT = np.exp(-0.5 * _AT**2) / np.exp(-0.5 * _AT**2).sum()
"""Points and weights of a standard normal: finer than what noise leaves to be seen."""


def law(predictor: NDArray, band: NDArray, spread: NDArray | float = 0.0) -> NDArray[np.float64]:
    """[..., K] loss, draw and win: a latent of variance ``1 + spread²`` against ``±band``."""
    scale = np.sqrt(1 + np.square(spread))
    loss, below_win = ndtr((-band - predictor) / scale), ndtr((band - predictor) / scale)
    return np.stack([loss, below_win - loss, 1 - below_win], axis=-1)


def measured(
    draws: Mapping[str, NDArray[np.float64]], ordered: NDArray[np.bool_], gold: int | None
) -> dict[str, NDArray[np.float64]]:
    """Measures of each judge by draw, [..., J].

    ``position_bias``: points that a candidate gains by being shown first instead of second, from -1
    to 1. ``flips``: probability that the verdicts in both orders differ; ``reversals``: that one is
    a win and the other a loss. ``repeatability``: that the same question gets the same verdict
    again. ``noise``: variance of half an outcome of a cell that is judged once, in an order drawn
    at random. ``agreement``: probability of the gold judge's verdict, each in an order drawn at
    random; ``agreement_decided``: where neither says draw.

    Parameters
    ----------
    draws
        ``level``, ``signal``, ``position``, ``sway``, ``band``, ``correlation``: [..., J].
    ordered
        [J] whether an order of the judge's verdicts is known. Where not, what needs one is NaN.
    gold
        Position of the gold judge; its own agreements are NaN, and without one all are.
    """
    shape = draws["level"].shape
    found = {name: np.full(shape, np.nan) for name in MEASURES}
    judges = [_Judge(draws, k, bool(known)) for k, known in enumerate(ordered)]
    for k, judge in enumerate(judges):
        for name, value in judge.alone().items():
            if ordered[k] or name in ("repeatability", "noise"):
                found[name][..., k] = value
        if gold is not None and gold != k:
            both = judge.given_score() * judges[gold].given_score()
            turned = judge.given_score()[..., ::-1] * judges[gold].given_score()
            loss, draw, win = np.moveaxis(both, -1, 0) @ _WEIGHT
            apart = (turned[..., 0] + turned[..., 2]) @ _WEIGHT
            found["agreement"][..., k] = loss + draw + win
            found["agreement_decided"][..., k] = (loss + win) / (loss + win + apart)
    return found


class _Judge:
    """One judge's parameters, [..., 1]; what depends on the order is 0 where none is known."""

    def __init__(self, draws: Mapping[str, NDArray], k: int, ordered: bool) -> None:
        self.level, self.signal, self.band, self.r = (
            draws[name][..., k, None] for name in ("level", "signal", "band", "correlation")
        )
        self.position, self.sway = (
            draws[name][..., k, None] * ordered for name in ("position", "sway")
        )

    def alone(self) -> dict[str, NDArray[np.float64]]:
        """[...] measures that need no other judge.

        The predictors of both orders are normal with the covariance ``signal² - sway²``. What they
        share is integrated over, what they do not adds to the latent's noise.
        """
        total = np.hypot(self.signal, self.sway) * _AT
        once = [law(self.level + s * self.position + total, self.band) for s in (1, -1)]
        again = sum((p**2).sum(axis=-1) for p in once) / 2
        shared = np.sqrt(np.abs(self.signal**2 - self.sway**2)) * _AT
        turned = np.where(self.signal >= self.sway, shared, -shared)
        rest = np.sqrt(2) * np.minimum(self.signal, self.sway)
        first = law(self.level + self.position + shared, self.band, rest)
        second = law(self.level - self.position + turned, self.band, rest)
        square = sum(p @ _HALF**2 for p in once) / 2
        of_mean = sum((p @ _HALF) ** 2 for p in once) / 4
        of_mean = of_mean + (first @ _HALF) * (second @ _HALF) / 2
        reversed_ = (first * second[..., ::-1])[..., [0, 2]].sum(axis=-1)
        return {
            "position_bias": ((first - second) @ _HALF) @ _WEIGHT,
            "flips": 1 - (first * second).sum(axis=-1) @ _WEIGHT,
            "reversals": reversed_ @ _WEIGHT,
            "repeatability": again @ _WEIGHT,
            "noise": (square - of_mean) @ _WEIGHT,
        }

    def given_score(self) -> NDArray[np.float64]:
        """[..., points, K] law of a verdict given the gold judge's score, both orders alike."""
        spread = np.hypot(self.signal * np.sqrt(np.maximum(1 - self.r**2, 0.0)), self.sway)
        predictor = self.level + self.signal * self.r * _AT
        both = [law(predictor + s * self.position, self.band, spread) for s in (1, -1)]
        return (both[0] + both[1]) / 2
