"""A small task, and an oracle that asks the fake endpoint about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bayessel import Task
from bayessel.oracles.llm.endpoint import Endpoint
from bayessel.oracles.llm.fake.server import FakeEndpoint
from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.llm.oracle import LLMOracle
from bayessel.oracles.llm.prices import Price
from bayessel.tasks.question import Question

Make = Callable[..., LLMOracle]


@pytest.fixture
def ask(tmp_path: Path, task: Task) -> Make:
    """``ask(endpoint, ...)`` is an oracle with a ledger in the test's folder."""

    def make(endpoint: FakeEndpoint, **given: Any) -> LLMOracle:
        of_endpoint = {
            name: given.pop(name) for name in ("timeout", "retries", "key_env") if name in given
        }
        of_judge = {
            name: given.pop(name)
            for name in ("context", "max_tokens", "structured", "prompt")
            if name in given
        }
        judge = LLMJudge(
            given.pop("judge", "fake"),
            Endpoint(endpoint.base_url, **{"retries": 3, **of_endpoint}),
            price=given.pop("price", Price(1.0, 2.0)),
            **of_judge,
        )
        return LLMOracle(task, judge, folder=tmp_path, **{"orders": "one", **given})

    return make


@pytest.fixture
def questions(task: Task) -> list[Question]:
    """40 cells of 8 queries."""
    return [Question(query, task.candidates) for query in task.queries[:8]]
