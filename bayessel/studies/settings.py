"""Settings of a study: the oracle's noise, the number of weak judges, the baseline, and eps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pandas as pd

from bayessel.studies.specs import Spec


@dataclass(frozen=True)
class Setting:
    """The settings under which one strategy ran on one data set.

    Attributes
    ----------
    source
        The data set's own name.
    plain
        The strategy's label without the noise and the number of weak judges.
    baseline
        The baseline LLM where the study varies it, otherwise empty.
    noise
        Share of the oracle's answers that are wrong.
    kgrams
        z, number of k-gram weak judges; 0 where the strategy is not compiled or reads none.
    eps_loss, eps_draw
        The eps that a compiled ``llm-selector`` assumes, or that its grid search found; NaN for
        other strategies.
    """

    source: str
    plain: str
    baseline: str = ""
    noise: float = 0.0
    kgrams: int = 0
    eps_loss: float = float("nan")
    eps_draw: float = float("nan")

    @property
    def data(self) -> str:
        """Name of the data set in tables and pictures, with its baseline and noise."""
        return data_label(self.source, self.baseline, self.noise)


def setting_of(
    source: str, spec: Spec, baseline: str = "", found: tuple[float, float] | None = None
) -> Setting:
    """Setting of a strategy.

    Parameters
    ----------
    source
        The data set's own name.
    spec
        The strategy.
    baseline
        The baseline LLM where the study varies it, otherwise empty.
    found
        (eps_loss, eps_draw) that the grid search chose, for ``llm-selector-grid``.
    """
    eps = (float("nan"), float("nan"))
    if spec.compiled and spec.name == "llm-selector":
        eps = spec.eps
    elif spec.compiled and spec.name == "llm-selector-grid" and found is not None:
        eps = found
    plain = replace(spec, noise=0.0, kgrams=10).label
    kgrams = spec.kgrams if spec.reads_votes else 0
    return Setting(source, plain, baseline, spec.noise, kgrams, *eps)


def data_label(source: str, baseline: str = "", noise: float = 0.0) -> str:
    """Name of a data set with its baseline and the oracle's noise."""
    parts = [source]
    if baseline:
        parts.append(f"baseline {baseline}")
    if noise:
        parts.append(f"oracle noise {noise:g}")
    return ", ".join(parts)


def settings_frame(strategies: Sequence[str], settings: Sequence[Setting]) -> pd.DataFrame:
    """One row a data set and strategy: the labels ``data`` and ``strategy``, and the setting."""
    rows = [
        {"data": setting.data, "strategy": strategy, **asdict(setting)}
        for strategy, setting in zip(strategies, settings, strict=True)
    ]
    return pd.DataFrame(rows)
