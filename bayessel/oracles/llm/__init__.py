"""LLM judges behind the OpenAI chat protocol: from texts to verdicts, without paying twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayessel.oracles.llm.judge import LLMJudge
    from bayessel.oracles.llm.oracle import LLMOracle

__all__ = ["LLMJudge", "LLMOracle"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "LLMOracle":
        from bayessel.oracles.llm.oracle import LLMOracle

        return LLMOracle
    if name == "LLMJudge":
        from bayessel.oracles.llm.judge import LLMJudge

        return LLMJudge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
