"""What every weak judge of the registry promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bayessel.errors import DataError, UnknownNameError
from bayessel.weak_judges import FAMILIES, KGRAMS, WEAK_JUDGES, Texts, WeakJudge, score_weak_judges
from bayessel.weak_judges.corpus import Corpus

from .conftest import make_texts

every_judge = pytest.mark.parametrize("weak_judge", WEAK_JUDGES.values(), ids=WEAK_JUDGES)
close = {"rtol": 0, "atol": 1e-12}


def reordered(texts: Texts, queries: NDArray[np.intp], candidates: NDArray[np.intp]) -> Texts:
    return Texts(
        texts.responses[queries][:, candidates], texts.baseline[queries], texts.queries[queries]
    )


@every_judge
def test_scores_have_the_shape_are_finite_and_tell_responses_apart(
    weak_judge: WeakJudge, texts: Texts
) -> None:
    scores = weak_judge(texts)
    assert scores.shape == texts.responses.shape
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) > 1


@every_judge
def test_scores_are_deterministic_to_the_last_bit(weak_judge: WeakJudge, texts: Texts) -> None:
    np.testing.assert_array_equal(weak_judge(texts), weak_judge(texts))


@every_judge
def test_scores_follow_candidates_and_queries_when_these_are_reordered(
    weak_judge: WeakJudge, texts: Texts
) -> None:
    queries, candidates = np.array([2, 0, 3, 1]), np.array([1, 2, 0])
    np.testing.assert_allclose(
        weak_judge(reordered(texts, queries, candidates)),
        weak_judge(texts)[queries][:, candidates],
        **close,
    )


@every_judge
def test_a_response_equal_to_the_baseline_scores_exactly_zero(
    weak_judge: WeakJudge, texts: Texts
) -> None:
    rows = np.column_stack([texts.responses[:, 0], texts.baseline, texts.baseline]).tolist()
    scores = weak_judge(make_texts(rows, texts.queries.tolist()))
    assert (scores[:, 1] == 0).all()
    assert (scores[:, 0] != 0).any()


@every_judge
def test_a_response_equal_to_another_candidates_scores_the_same(
    weak_judge: WeakJudge, texts: Texts
) -> None:
    rows = np.column_stack([texts.responses[:, [0, 1, 0]], texts.baseline]).tolist()
    scores = weak_judge(make_texts(rows, texts.queries.tolist()))
    assert (scores[:, 0] == scores[:, 2]).all()


@every_judge
@pytest.mark.parametrize(
    "row",
    [
        ["", "", ""],
        ["", "a", ""],
        ["a", "", ""],
        ["", "", "a"],
        ["   \n", "!?", "..."],
        ["\ud800", "\x00", "\u200d"],
        ["a" * 5000, "字" * 5000, "- \n" * 500],
        ["only", "two"],
    ],
)
def test_extreme_texts_score_finite(weak_judge: WeakJudge, row: list[str]) -> None:
    assert np.isfinite(weak_judge(make_texts([row]))).all()
    assert np.isfinite(weak_judge(make_texts([row, row], ["", "a 字"]))).all()


@every_judge
def test_only_a_difference_in_the_cjk_text_is_seen(weak_judge: WeakJudge) -> None:
    answers = ["一、東京は日本の首都です。\n・人口が多い。", "京都", "東京は日本の首都です。東京。"]
    scores = weak_judge(
        make_texts([answers, ["あ", "い", "う"]], ["日本の首都は東京ですか", "かな"])
    )
    assert np.isfinite(scores).all()
    assert (scores[0] != 0).any()


@every_judge
def test_one_judge_alone_scores_as_it_does_among_all(weak_judge: WeakJudge, texts: Texts) -> None:
    scores, names = score_weak_judges(texts)
    np.testing.assert_array_equal(scores[names.index(weak_judge.name)], weak_judge(texts))


@every_judge
def test_has_a_one_line_description(weak_judge: WeakJudge) -> None:
    assert weak_judge.description
    assert "\n" not in weak_judge.description
    assert WEAK_JUDGES[weak_judge.name] is weak_judge


@every_judge
def test_no_query_no_scores(weak_judge: WeakJudge, texts: Texts) -> None:
    none = Texts(texts.responses[:0], texts.baseline[:0], texts.queries[:0])
    assert weak_judge(none).shape == (0, 3)


def test_no_judge_stands_in_two_families() -> None:
    assert sum(len(f.members) for f in FAMILIES.values()) == len(WEAK_JUDGES)
    assert tuple(f"kgram-{k}" for k in range(1, 11)) == KGRAMS


def test_judges_come_in_the_order_asked_for_each_once(texts: Texts) -> None:
    scores, names = score_weak_judges(texts, ["length", "kgram-2", "line-structure", "length"])
    assert names == ("length", "kgram-2", "line-structure")
    for score, name in zip(scores, names, strict=True):
        np.testing.assert_array_equal(score, WEAK_JUDGES[name](texts))


def test_no_judge_at_all(texts: Texts) -> None:
    scores, names = score_weak_judges(texts, [])
    assert scores.shape == (0, *texts.responses.shape)
    assert names == ()


def test_each_family_reports_once_as_it_begins(texts: Texts) -> None:
    seen: list[str] = []
    score_weak_judges(
        texts, ["mean-idf", "kgram-9", "tfidf-agreement", "kgram-1"], progress=seen.append
    )
    assert seen == ["kgram", "log-tfidf"]


def test_a_mistyped_name_is_answered_with_the_nearest(texts: Texts) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown weak judge 'kgram10'.*'kgram-10'"):
        score_weak_judges(texts, ["kgram10"])


def test_texts_that_are_not_str_are_named() -> None:
    wrong: Any = [["a", None, "b"]]
    texts = make_texts(wrong)
    with pytest.raises(DataError, match="responses hold None, a NoneType"):
        score_weak_judges(texts, ["length"])


def test_shapes_that_do_not_fit_are_named(texts: Texts) -> None:
    with pytest.raises(DataError, match=r"\(4, 3\) \(responses\), \(3,\) \(baseline\)"):
        Corpus(Texts(texts.responses, texts.baseline[:3], texts.queries))
