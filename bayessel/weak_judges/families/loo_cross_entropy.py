"""Leave-one-out cross-entropy: how well the other responses predict a response.

The k-gram weak judges fit a language model to all responses; here the response that is scored is
left out. For response r to query q, counts c are taken over the other R - 1 responses to q, with a
start and an end symbol, and smoothed as in a hierarchical Dirichlet language model:

    p(w) = (c(w) + alpha) / (c + alpha V)        p(w | v) = (c(v w) + beta p(w)) / (c(v) + beta)

where V is the number of different tokens in all R responses. The statistic is the average of
log p(w_i | w_{i-1}) over the response's tokens and its end symbol. It is minus the cross-entropy,
in nats.

Source of the smoothing: MacKay and Peto, A hierarchical Dirichlet language model, Natural Language
Engineering 1 (1995).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline
from bayessel.weak_judges.pairs import PairNumbers

ALPHA = 0.5
"""Pseudo-count of each token."""

BETA = 2.0
"""Weight of p(w) in p(w | v), in observations of the context v."""


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[1, N, M] minus the cross-entropy, candidate - baseline: positive if more predictable."""
    numbers = PairNumbers()
    held_out = np.array(
        [_of_query(*corpus.marked(q), numbers) for q in range(corpus.n_queries)]
    ).reshape(corpus.n_queries, corpus.n_responses)
    return against_baseline(held_out)[None]


def _of_query(
    token: NDArray[np.int32], start: NDArray[np.int64], numbers: PairNumbers
) -> NDArray[np.float64]:
    """[R] for the responses ``token[start[r]:start[r + 1]]``, end symbols included."""
    n, lengths = token.size, np.diff(start)
    n_responses = lengths.size
    row = np.repeat(np.arange(n_responses, dtype=np.int32), lengths)
    word, n_words = numbers(np.zeros(n, np.int32), token)
    context = np.roll(word, 1)
    context[start[:-1]] = n_words  # the start symbol
    pair, _ = numbers(context, word)

    def others(what: NDArray[np.int32]) -> NDArray[np.int64]:
        """[n] how often each occurs in the other responses."""
        own, _ = numbers(row, what)
        return np.bincount(what)[what] - np.bincount(own)[own]

    p_word = (others(word) + ALPHA) / (n - lengths[row] + ALPHA * n_words)
    log_p = np.log((others(pair) + BETA * p_word) / (others(context) + BETA))
    return np.bincount(row, log_p, minlength=n_responses) / lengths


FAMILY = Family(
    {"loo-cross-entropy": "predictability by a smoothed bigram model of the other responses"},
    scores,
)
