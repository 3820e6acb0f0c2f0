"""The k-gram weak judges against a plain implementation with dictionaries of tuples."""

from __future__ import annotations

from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.weak_judges import KGRAMS, score_weak_judges
from bayessel.weak_judges.corpus import Corpus
from bayessel.weak_judges.families.kgram import ALPHA, MOST_K, log_likelihood
from bayessel.weak_judges.pairs import PairNumbers
from bayessel.weak_judges.tokens import tokenise

from .conftest import make_texts


def plain_log_likelihood(responses: list[str], k: int, alpha: float = ALPHA) -> list[float]:
    """Average log-likelihood per token of each response under their k-gram model."""
    padded = [["<s>"] * (k - 1) + tokenise(text) + ["</s>"] for text in responses]
    grams = [[tuple(t[i : i + k]) for i in range(len(t) - k + 1)] for t in padded]
    count = Counter(gram for response in grams for gram in response)
    context_count = Counter(gram[:-1] for response in grams for gram in response)
    mass = alpha * len({gram[-1] for response in grams for gram in response})
    return [
        sum(log((count[g] + alpha) / (context_count[g[:-1]] + mass)) for g in response)
        / len(response)
        for response in grams
    ]


word = st.sampled_from(["a", "b", "A", "ab", ",", "東", "京", "한국", "\n", "é", "<s>"])
response = st.lists(word, max_size=12).map(" ".join) | st.text(max_size=8)


@given(st.lists(st.lists(response, min_size=3, max_size=3), min_size=1, max_size=4))
def test_equals_the_plain_implementation(rows: list[list[str]]) -> None:
    scores, _ = score_weak_judges(make_texts(rows), KGRAMS)
    for k in range(1, MOST_K + 1):
        for q, row in enumerate(rows):
            *candidates, baseline = plain_log_likelihood(row, k)
            expected = np.array(candidates) - baseline
            np.testing.assert_allclose(scores[k - 1, q], expected, rtol=1e-12, atol=1e-12)


@given(st.lists(response, min_size=2, max_size=5), st.sampled_from([0.0, 0.1, 1.0]))
def test_smoothing_equals_the_plain_implementation(row: list[str], alpha: float) -> None:
    got = log_likelihood(Corpus(make_texts([row])), alpha=alpha)[:, 0]
    for k in range(1, MOST_K + 1):
        np.testing.assert_allclose(got[k - 1], plain_log_likelihood(row, k, alpha), rtol=1e-12)


def test_equals_the_plain_implementation_on_long_repetitive_texts() -> None:
    rng = np.random.default_rng(0)
    words = np.array(["a", "b", "c", "d e f g", "h, i."])
    row = [" ".join(rng.choice(words, size)) for size in (0, 1, 30, 300, 1000)]
    got = log_likelihood(Corpus(make_texts([row])))[:, 0]
    for k in range(1, MOST_K + 1):
        np.testing.assert_allclose(got[k - 1], plain_log_likelihood(row, k), rtol=1e-12)


def test_worked_example() -> None:
    # 'a b' and 'a c' with their ends: six tokens, a and the end twice, b and c once
    corpus = Corpus(make_texts([["a b", "a c"]]))
    one, two = log_likelihood(corpus, 2)[:, 0, 0]
    assert one == pytest.approx((log(3 / 10) + log(2 / 10) + log(3 / 10)) / 3)
    assert two == pytest.approx((log(3 / 6) + log(2 / 6) + log(2 / 5)) / 3)
    one, two = log_likelihood(corpus, 2, alpha=0)[:, 0, 0]
    assert one == pytest.approx((log(2 / 6) + log(1 / 6) + log(2 / 6)) / 3)
    assert two == pytest.approx((log(2 / 2) + log(1 / 2) + log(1 / 1)) / 3)


def test_an_empty_response_has_one_token() -> None:
    values = log_likelihood(Corpus(make_texts([["", "a", "", ""]])), alpha=0)[:, 0, 0]
    assert values[0] == pytest.approx(log(4 / 5))
    np.testing.assert_allclose(values[1:], log(3 / 4))


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)), max_size=300))
def test_pairs_have_equal_numbers_only_where_they_are_equal(pairs: list[tuple[int, int]]) -> None:
    pairs += [(b, a) for a, b in pairs]
    first, second = np.array(pairs, np.int32).reshape(-1, 2).T
    seen: dict[tuple[int, int], int] = {}
    expected = [seen.setdefault(pair, len(seen)) for pair in pairs]
    numbers = PairNumbers()
    for _ in range(2):  # the second time the tables are reused
        got, n = numbers(first, second)
        assert got.tolist() == expected
        assert n == len(seen)


@pytest.mark.real_data
def test_real_responses_equal_the_plain_implementation(data: Path) -> None:
    for name in ("alpacaeval", "shaberi_elyza100"):
        table = read(data / name)
        row = table.iloc[0].tolist()
        got = log_likelihood(Corpus(make_texts([row])))[:, 0]
        for k in (1, 2, 5, 10):
            np.testing.assert_allclose(got[k - 1], plain_log_likelihood(row, k), rtol=1e-9)


def test_without_smoothing_long_k_grams_rank_by_length() -> None:
    rng = np.random.default_rng(1)
    row = [" ".join(rng.choice(np.arange(10_000), size).astype(str)) for size in (5, 20, 80, 320)]
    corpus = Corpus(make_texts([row]))
    assert np.all(np.diff(log_likelihood(corpus, 10, alpha=0)[9, 0]) > 0)
    assert np.ptp(log_likelihood(corpus, 10)[9, 0]) < 0.1


def read(folder: Path) -> pd.DataFrame:
    responses = pd.read_parquet(folder / "responses.parquet")
    return responses.pivot_table(index="query_id", columns="model", values="text", aggfunc="first")
