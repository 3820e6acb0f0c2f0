"""k-gram language models fitted to the responses themselves: the weak judges of LLM SELECTOR.

For each query q and order k, a k-gram model is fitted to all R = M + 1 responses to q. A response
w_1 .. w_L has k - 1 start symbols before it and an end symbol w_{L+1} after it; an empty response
has one token. Its average log-likelihood per token is

    l_k(w) = 1 / (L + 1) sum_{i=1}^{L+1} log [(count(w_{i-k+1} .. w_i) + alpha)
                                              / (count(w_{i-k+1} .. w_{i-1}) + alpha V)]

Counts are taken over the R responses together, V is the number of different tokens in them (the end
symbol is one), and alpha = 1 (Laplace's rule). The score is l_k(candidate) - l_k(baseline). It is
positive if the candidate's wording is more predictable: closer to what the responses share.

Without smoothing (alpha = 0) the models degenerate. For large k nearly every context occurs once
and the next token then has probability 1, so l_k is close to -log(R) / (L + 1) and ranks by length
alone.

Source: Durmazkeser, Okanovic, Kirsch, Hoefler and Gürel, LLM SELECTOR, arXiv 2510.09418.

Computation. Each (k-1)-gram has a number. The k-gram that ends at token i is a pair: the number of
the (k-1)-gram that ends at i - 1, and token i. A k-gram that occurs once is followed by one token
only; all longer k-grams that begin with it occur once too, and are not counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline
from bayessel.weak_judges.pairs import PairNumbers

MOST_K = 10
"""The largest k, as in the paper; longer k-grams add little."""

ALPHA = 1.0
"""Additive smoothing of the weak judges."""


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[len(names), N, M] average log-likelihoods per token, candidate - baseline."""
    orders = [int(name.removeprefix("kgram-")) for name in names]
    values = log_likelihood(corpus, max(orders))
    return against_baseline(values[[k - 1 for k in orders]])


def log_likelihood(
    corpus: Corpus, most_k: int = MOST_K, alpha: float = ALPHA
) -> NDArray[np.float64]:
    """Average log-likelihood per token of every response under the k-gram models of its query.

    Parameters
    ----------
    corpus
        The responses.
    most_k
        Largest order.
    alpha
        Additive smoothing; 0 is maximum likelihood.

    Returns
    -------
    [most_k, N, R]
        For the orders 1 to ``most_k``.
    """
    numbers = PairNumbers()
    out = np.empty((most_k, corpus.n_queries, corpus.n_responses))
    for q in range(corpus.n_queries):
        out[:, q] = _of_query(*corpus.marked(q), most_k, alpha, numbers)
    return out


def _of_query(
    token: NDArray[np.int32],
    start: NDArray[np.int64],
    most_k: int,
    alpha: float,
    numbers: PairNumbers,
) -> NDArray[np.float64]:
    """[most_k, R] for the responses ``token[start[r]:start[r + 1]]``, end symbols included."""
    n, lengths = token.size, np.diff(start)
    n_responses = lengths.size
    row = np.repeat(np.arange(n_responses), lengths)
    out = np.empty((most_k, n_responses))
    context = np.zeros(n, np.int32)  # number of the (k-1)-gram before each token; -1: occurs once
    count = np.array([n])  # of each context
    for k in range(most_k):
        at = np.flatnonzero(context >= 0)
        context = context[at]
        gram, n_grams = numbers(context, token[at])
        gram_count = np.bincount(gram, minlength=n_grams)
        if k == 0:
            mass = alpha * n_grams
        log_p = np.log((gram_count[gram] + alpha) / (count[context] + mass))
        seen_once = lengths - np.bincount(row[at], minlength=n_responses)
        out[k] = np.bincount(row[at], log_p, minlength=n_responses)
        out[k] = (out[k] + seen_once * np.log((1 + alpha) / (1 + mass))) / lengths
        repeated = gram_count[gram] > 1
        context = np.full(n + 1, -1, np.int32)
        context[at[repeated] + 1] = gram[repeated]
        context = context[:n]
        context[start[:-1]] = n_grams  # start symbols only
        count = np.append(gram_count, n_responses)
    return out


FAMILY = Family(
    {
        f"kgram-{k}": f"average log-likelihood per token under a {k}-gram model of all responses"
        for k in range(1, MOST_K + 1)
    },
    scores,
)
