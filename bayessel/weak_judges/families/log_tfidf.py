"""TF-IDF with logarithms of counts: agreement with the other responses, and rarity of the words.

Token w occurs f(w, r) times in response r, and in d(w) of the D = N R responses of the task:

    idf(w) = log((1 + D) / (1 + d(w))) + 1        x_r = normalise[(1 + log f(w, r)) idf(w)]_w

- ``tfidf-agreement``: cosine of x_r and the mean of x_s over the other R - 1 responses s to the
  same query, the baseline's included; 0 for a response without tokens.
- ``mean-idf``: mean of idf over the response's words, without punctuation; 0 without words.

The weights are those of scikit-learn's ``TfidfTransformer(sublinear_tf=True)``. Source: Salton and
Buckley, Term-weighting approaches in automatic text retrieval (1988).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[len(names), N, M], candidate - baseline: positive if it agrees more, or has rarer words."""
    n = corpus.n_queries * corpus.n_responses
    _, entries = corpus.rows(0, n)
    responses_with = np.bincount(corpus.counts.indices[entries], minlength=corpus.tokens.n_types)
    idf = np.log((1 + n) / (1 + responses_with)) + 1
    statistic = {"tfidf-agreement": agreement, "mean-idf": mean_idf}
    return against_baseline(np.stack([statistic[name](corpus, idf) for name in names]))


def agreement(corpus: Corpus, idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, R] cosine of each response and the mean of the others to its query."""
    n_responses = corpus.n_responses
    out = np.zeros((corpus.n_queries, n_responses))
    for q in range(corpus.n_queries):
        row, entries = corpus.rows(q * n_responses, (q + 1) * n_responses)
        types, column = np.unique(corpus.counts.indices[entries], return_inverse=True)
        weight = (1 + np.log(corpus.counts.data[entries])) * idf[types][column]
        # bincount adds in order, so equal texts get equal numbers to the last bit
        norm = np.sqrt(np.bincount(row, weight**2, minlength=n_responses))
        x = weight / norm[row]
        total = np.bincount(column, x, minlength=types.size)
        with_total = np.bincount(row, x * total[column], minlength=n_responses)
        own = (norm > 0).astype(np.float64)  # |x_r|^2
        others = np.sqrt(np.maximum(total @ total - 2 * with_total + own, 0))
        np.divide(with_total - own, others, out=out[q], where=(own > 0) & (others > 1e-6))
    return out


def mean_idf(corpus: Corpus, idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, R] mean inverse document frequency of each response's words."""
    shape = corpus.n_queries, corpus.n_responses
    n = shape[0] * shape[1]
    row, entries = corpus.rows(0, n)
    types = corpus.counts.indices[entries]
    words = corpus.counts.data[entries] * corpus.tokens.is_word[types]
    total = np.bincount(row, words * idf[types], minlength=n)
    length = np.bincount(row, words, minlength=n)
    out = np.zeros(n)
    np.divide(total, length, out=out, where=length > 0)
    return out.reshape(shape)


FAMILY = Family(
    {
        "tfidf-agreement": "TF-IDF cosine with the mean of the other responses to the query",
        "mean-idf": "rarity of the words (mean inverse document frequency)",
    },
    scores,
)
