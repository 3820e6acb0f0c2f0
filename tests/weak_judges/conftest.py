"""Texts that the weak judges' tests share."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.weak_judges import Texts


def make_texts(rows: list[list[str]], queries: list[str] | None = None) -> Texts:
    """Texts of N queries; each row holds the candidates' responses and, last, the baseline's."""
    table = np.empty((len(rows), len(rows[0])), object)
    table[:] = rows
    asked = np.empty(len(rows), object)
    asked[:] = [""] * len(rows) if queries is None else queries
    return Texts(responses=table[:, :-1], baseline=table[:, -1], queries=asked)


@pytest.fixture(scope="session")
def texts() -> Texts:
    """Four queries, three candidates and a baseline: lists, CJK, empty and repeated answers."""
    return make_texts(
        [
            [
                "# Capital\n\n- Paris is the capital of France.\n- It lies on the Seine.",
                "Paris.",
                "",
                "The capital of France is Paris.",
            ],
            ["東京は日本の首都です。\n・人口が多い", "東京 東京 東京", "Kyōto?", "東京です。"],
            ["1. one\n2. two\n3. three", "one two three", "one, two;\nthree\n\nfour", ""],
            ["하나 둘 셋", "one two one two one two", "ไทย ภาษา", "하나 둘 👍🏽"],
        ],
        ["What is the capital of France?", "日本の首都は?", "Count to three", ""],
    )
