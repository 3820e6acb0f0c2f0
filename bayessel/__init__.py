"""bayessel: find the best LLM for a task with few judgments, and know how sure you are."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayessel.errors import BayesselError
    from bayessel.inference.fit import fit
    from bayessel.oracles import RecordedOracle
    from bayessel.outcomes import Outcome
    from bayessel.run import Run
    from bayessel.selector import Selector
    from bayessel.simulate import simulate_task
    from bayessel.stopping import Stop
    from bayessel.strategies import STRATEGIES, Bayessel, LLMSelector, Random, make_strategy
    from bayessel.task import Task

__version__ = "0.1.0"

__all__ = [
    "STRATEGIES",
    "Bayessel",
    "BayesselError",
    "LLMSelector",
    "Outcome",
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
    "Bayessel": "strategies",
    "BayesselError": "errors",
    "LLMSelector": "strategies",
    "Outcome": "outcomes",
    "Random": "strategies",
    "RecordedOracle": "oracles",
    "Run": "run",
    "Selector": "selector",
    "Stop": "stopping",
    "Task": "task",
    "fit": "inference.fit",
    "make_strategy": "strategies",
    "simulate_task": "simulate",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562): 'bayessel tell' must start at once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bayessel' has no attribute {name!r}")
    return getattr(importlib.import_module(f"bayessel.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
