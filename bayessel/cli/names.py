"""The names that ``--help`` lists: known without importing what they name."""

from __future__ import annotations

from collections.abc import Iterable

from bayessel.models import DEFAULT as DEFAULT_MODEL
from bayessel.models import MODELS
from bayessel.tasks.readers import FORMATS

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
