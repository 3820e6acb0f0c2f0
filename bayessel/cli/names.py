"""The names that ``--help`` lists: known without importing what they name."""

from __future__ import annotations

from collections.abc import Iterable

from bayessel.models import MODELS

DEFAULT_MODEL = "regression"
"""The generative model that is used where none is named."""

DEFAULT_STRATEGY = "bayessel"
"""The strategy that is used where none is named."""

DEFAULT_ACQUISITION = "spread"
"""The acquisition that is used where none is named."""

STRATEGIES = (
    "bayessel",
    "llm-selector",
    "llm-selector-grid",
    "random",
    "bradley-terry",
    "most-draws",
    "uncertainty",
    "confidence",
)
ACQUISITIONS = ("spread", "expected-regret", "information-gain", "random")
FORMATS = ("parquet-folder", "alpaca-eval", "arena-hard", "mt-bench", "table")
ENGINES = ("exact", "gibbs", "numpyro", "pymc")

__all__ = [
    "ACQUISITIONS",
    "DEFAULT_ACQUISITION",
    "DEFAULT_MODEL",
    "DEFAULT_STRATEGY",
    "ENGINES",
    "FORMATS",
    "MODELS",
    "STRATEGIES",
    "listed",
]


def listed(names: Iterable[str], last: str = "or") -> str:
    """Names as people read them: ``a, b or c``."""
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end
