"""bayessel: find the best LLM for a task with few judgments, and know how sure you are."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayessel.errors import BayesselError
    from bayessel.inference.fit import fit
    from bayessel.oracles.recorded import RecordedOracle
    from bayessel.outcomes import Outcome
    from bayessel.selection.run import Run
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop
    from bayessel.strategies import STRATEGIES, make_strategy
    from bayessel.strategies.bayessel import Bayessel
    from bayessel.strategies.paper.llm_selector import LLMSelector
    from bayessel.strategies.paper.random import Random
    from bayessel.tasks.question import Question
    from bayessel.tasks.simulated import simulate_task
    from bayessel.tasks.task import Task

__version__ = "0.1.0"

__all__ = [
    "STRATEGIES",
    "Bayessel",
    "BayesselError",
    "LLMSelector",
    "Outcome",
    "Question",
    "Random",
    "RecordedOracle",
    "Run",
    "Selector",
    "Stop",
    "Task",
    "__version__",
    "fit",
    "make_strategy",
    "simulate_task",
]

_HOMES = {
    "STRATEGIES": "strategies",
    "Bayessel": "strategies.bayessel",
    "BayesselError": "errors",
    "LLMSelector": "strategies.paper.llm_selector",
    "Outcome": "outcomes",
    "Question": "tasks.question",
    "Random": "strategies.paper.random",
    "RecordedOracle": "oracles.recorded",
    "Run": "selection.run",
    "Selector": "selection.selector",
    "Stop": "selection.stopping",
    "Task": "tasks.task",
    "fit": "inference.fit",
    "make_strategy": "strategies",
    "simulate_task": "tasks.simulated",
}

_FOLDERS = (
    "acquisition",
    "checks",
    "errors",
    "inference",
    "models",
    "oracles",
    "outcomes",
    "pictures",
    "priors",
    "reports",
    "selection",
    "strategies",
    "studies",
    "tasks",
    "weak_judges",
)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562): 'bayessel tell' must start at once."""
    if name in _FOLDERS:
        return importlib.import_module(f"bayessel.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'bayessel' has no attribute {name!r}")
    return getattr(importlib.import_module(f"bayessel.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *_FOLDERS])
