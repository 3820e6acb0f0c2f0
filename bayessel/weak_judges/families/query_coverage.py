"""Coverage of the query's rare words.

    sum_{w in query and in response} idf(w) / sum_{w in query} idf(w)
    idf(w) = log(1 + N / n(w))

The sums go over the query's different words, without punctuation; n(w) of the N queries contain w.
This is a weighted recall: words that few queries use count most. It is 0 for a query without words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[1, N, M] covered IDF mass, candidate - baseline: positive if it covers more."""
    n_queries, n_responses = corpus.n_queries, corpus.n_responses
    n = n_queries * n_responses
    indices = corpus.counts.indices
    query_row, in_queries = corpus.rows(n, n + n_queries)
    is_word = corpus.tokens.is_word[indices[in_queries]]
    query_row, types = query_row[is_word], indices[in_queries][is_word]
    queries_with = np.bincount(types, minlength=corpus.tokens.n_types)
    idf = np.log1p(n_queries / np.maximum(queries_with, 1))
    first = np.searchsorted(query_row, np.arange(n_queries + 1))
    covered = np.zeros((n_queries, n_responses))
    share = np.zeros(corpus.tokens.n_types)
    for q in range(n_queries):
        asked = types[first[q] : first[q + 1]]
        if asked.size == 0:
            continue
        share[asked] = idf[asked] / idf[asked].sum()
        row, entries = corpus.rows(q * n_responses, (q + 1) * n_responses)
        covered[q] = np.bincount(row, share[indices[entries]], minlength=n_responses)
        share[asked] = 0
    return against_baseline(covered)[None]


FAMILY = Family(
    {"query-coverage": "share of the query's words, rare ones first, that the response uses"},
    scores,
)
