"""Each weak judge against its formula, written out, and small cases with known signs."""

from __future__ import annotations

from collections import Counter
from math import log, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from bayessel.weak_judges import WEAK_JUDGES
from bayessel.weak_judges.families.loo_cross_entropy import ALPHA, BETA
from bayessel.weak_judges.tokens import tokenise

from .conftest import make_texts

word = st.sampled_from(["a", "b", "ab", "c", ",", "東", "京", "한국"])
response = st.lists(word, max_size=10).map(" ".join)
rows_of_three = st.lists(st.lists(response, min_size=3, max_size=3), min_size=1, max_size=4)


def words(text: str) -> list[str]:
    return [t for t in tokenise(text) if t[0].isalnum()]


def one(name: str, candidate: str, baseline: str, query: str = "") -> float:
    return float(WEAK_JUDGES[name](make_texts([[candidate, baseline]], [query]))[0, 0])


def test_length_is_of_characters() -> None:
    assert one("length", "東京 a", "") == pytest.approx(log(5))
    assert one("length", "abc", "a") == pytest.approx(log(4) - log(2))


def test_lexical_variety_is_herdans_c() -> None:
    assert one("lexical-variety", "a a, b. a!", "") == pytest.approx(log(3) / log(5))
    assert one("lexical-variety", "a b c", "a a a") > 0
    assert one("lexical-variety", "a b c !", "a b c") == 0


def test_line_structure_counts_lines_that_are_not_blank() -> None:
    assert one("line-structure", "a\n\n  \nb\r\nc", "") == pytest.approx(log1p(3))


@pytest.mark.parametrize(
    "line",
    ["- a", "* a", "+ a", "  - a", "• a", "1. a", "12) a", "(a) b", "# a", "###### a", "・あ",
     "①あ", "1．あ"],
)  # fmt: skip
def test_list_structure_counts_items_and_headings(line: str) -> None:
    assert one("list-structure", f"x\n{line}\n{line}\nx", "x") == pytest.approx(log(3))


@pytest.mark.parametrize("line", ["", "-", "a - b", "-5", "3.14 is pi", "**bold**", "#tag", "1900"])
def test_other_lines_are_not_list_items(line: str) -> None:
    assert one("list-structure", f"x\n{line}", "x") == 0


@given(rows_of_three)
def test_tfidf_judges_equal_scikit_learns_tfidf(rows: list[list[str]]) -> None:
    flat = [text for row in rows for text in row]
    vectoriser = CountVectorizer(tokenizer=tokenise, lowercase=False, token_pattern=None)
    try:
        counts = vectoriser.fit_transform(flat)
    except ValueError:  # no token at all
        assert (WEAK_JUDGES["tfidf-agreement"](make_texts(rows)) == 0).all()
        assert (WEAK_JUDGES["mean-idf"](make_texts(rows)) == 0).all()
        return
    transformer = TfidfTransformer(sublinear_tf=True)
    x = transformer.fit_transform(counts).toarray().reshape(len(rows), 3, -1)
    others = x.sum(axis=1, keepdims=True) - x
    norm = np.linalg.norm(others, axis=2) * np.linalg.norm(x, axis=2)
    cosine = np.divide((x * others).sum(axis=2), norm, out=np.zeros_like(norm), where=norm > 0)
    np.testing.assert_allclose(
        WEAK_JUDGES["tfidf-agreement"](make_texts(rows)), cosine[:, :2] - cosine[:, 2:], atol=1e-9
    )
    idf = dict(zip(vectoriser.get_feature_names_out(), transformer.idf_, strict=True))
    mean = np.array(
        [np.mean([idf[w] for w in words(text)]) if words(text) else 0.0 for text in flat]
    ).reshape(-1, 3)
    np.testing.assert_allclose(
        WEAK_JUDGES["mean-idf"](make_texts(rows)), mean[:, :2] - mean[:, 2:], atol=1e-9
    )


def test_tfidf_agreement_favours_the_consensus() -> None:
    row = ["the cat sat", "the cat sat down", "a dog", "the cat lay"]
    agrees, _, differs = WEAK_JUDGES["tfidf-agreement"](make_texts([row]))[0]
    assert agrees > 0 > differs


def plain_held_out(responses: list[str]) -> list[float]:
    """Leave-one-out bigram log-likelihood per token with dictionaries."""
    marked = [[*tokenise(text), None] for text in responses]
    n_types = len({t for m in marked for t in m})
    out = []
    for r, own in enumerate(marked):
        others = [m for s, m in enumerate(marked) if s != r]
        uni = Counter(t for m in others for t in m)
        bi = Counter(b for m in others for b in zip(["<s>", *m], m, strict=False))
        context = Counter(v for m in others for v in ["<s>", *m])
        total = 0.0
        for v, w in zip(["<s>", *own], own, strict=False):
            p = (uni[w] + ALPHA) / (sum(uni.values()) + ALPHA * n_types)
            total += log((bi[v, w] + BETA * p) / (context[v] + BETA))
        out.append(total / len(own))
    return out


@given(rows_of_three)
def test_cross_entropy_equals_a_plain_implementation(rows: list[list[str]]) -> None:
    values = np.array([plain_held_out(row) for row in rows])
    np.testing.assert_allclose(
        WEAK_JUDGES["loo-cross-entropy"](make_texts(rows)),
        values[:, :2] - values[:, 2:],
        atol=1e-10,
    )


def test_cross_entropy_favours_what_the_others_say_too() -> None:
    row = ["the cat sat", "dog a barked", "the cat sat", "the cat lay"]
    agrees, differs, _ = WEAK_JUDGES["loo-cross-entropy"](make_texts([row]))[0]
    assert agrees > 0 > differs


@settings(max_examples=50)
@given(rows_of_three, st.data())
def test_query_coverage_equals_its_formula(rows: list[list[str]], data: st.DataObject) -> None:
    queries = data.draw(st.lists(response, min_size=len(rows), max_size=len(rows)))
    asked = [set(words(query)) for query in queries]
    n_with = Counter(w for query in asked for w in query)
    idf = {w: log(1 + len(rows) / n) for w, n in n_with.items()}
    covered = np.array(
        [
            [
                sum(idf[w] for w in query & set(words(text))) / sum(idf[w] for w in query)
                if query
                else 0.0
                for text in row
            ]
            for query, row in zip(asked, rows, strict=True)
        ]
    )
    np.testing.assert_allclose(
        WEAK_JUDGES["query-coverage"](make_texts(rows, queries)),
        covered[:, :2] - covered[:, 2:],
        atol=1e-12,
    )


def test_query_coverage_weighs_rare_words_more() -> None:
    texts = make_texts([["zebra", "the", ""], ["x", "x", "x"]], ["the zebra", "the x"])
    rare, common = WEAK_JUDGES["query-coverage"](texts)[0]
    assert rare > common > 0
    assert one("query-coverage", "anything", "", query="") == 0
