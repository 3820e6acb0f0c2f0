"""Lexical variety: the type-token ratio on a logarithmic scale.

    C = log(1 + types) / log(1 + tokens)        0 without words

Types are the different words and tokens all words; punctuation does not count. The plain ratio
falls with the length of the text; the logarithms remove most of that.

Source: Herdan, Type-token mathematics (1960). Here 1 is added, so that one word has a value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[1, N, M] Herdan's C, candidate - baseline: positive if the candidate repeats less."""
    shape = corpus.n_queries, corpus.n_responses
    n = shape[0] * shape[1]
    row, entries = corpus.rows(0, n)
    is_word = corpus.tokens.is_word[corpus.counts.indices[entries]]
    types = np.bincount(row, is_word, minlength=n)
    tokens = np.bincount(row, is_word * corpus.counts.data[entries], minlength=n)
    variety = np.zeros(n)
    np.divide(np.log1p(types), np.log1p(tokens), out=variety, where=tokens > 0)
    return against_baseline(variety.reshape(shape))[None]


FAMILY = Family(
    {"lexical-variety": "different words for the number of words (Herdan's C)"},
    scores,
)
