"""Length of the response.

    log(1 + number of characters)

Oracles of open-ended answers are known to prefer long ones: Dubois, Galambosi, Liang and Hashimoto,
Length-controlled AlpacaEval, arXiv 2404.04475.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[1, N, M] log lengths, candidate - baseline: positive if the candidate's is longer."""
    texts = corpus.responses
    characters = np.fromiter(map(len, texts.flat), np.float64, texts.size).reshape(texts.shape)
    return against_baseline(np.log1p(characters))[None]


FAMILY = Family({"length": "length of the response in characters, as a logarithm"}, scores)
