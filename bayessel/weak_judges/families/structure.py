"""Layout of the response: lists and lines.

- ``list-structure``: log(1 + number of lines that begin with a bullet, an item number or a Markdown
  heading mark);
- ``line-structure``: log(1 + number of lines that are not blank).
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus, against_baseline

ITEM = re.compile(
    r"\s*(?:(?:[-*+•‣◦●○■□–]|#{1,6}|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])[ \t　]"
    r"|[・①-⑳]|[0-9]{1,3}[．、）])"
)
"""How the line of a list item or a heading begins."""


def scores(corpus: Corpus, names: tuple[str, ...]) -> NDArray[np.float64]:
    """[len(names), N, M] log counts, candidate - baseline: positive if it has more."""
    texts = corpus.responses
    counts = np.empty((texts.size, 2))
    for r, text in enumerate(texts.flat):
        lines = [line for line in text.splitlines() if line and not line.isspace()]
        counts[r] = sum(ITEM.match(line) is not None for line in lines), len(lines)
    values = np.log1p(counts).T.reshape(2, *texts.shape)
    order = tuple(FAMILY.members)
    return against_baseline(values[[order.index(name) for name in names]])


FAMILY = Family(
    {
        "list-structure": "list items and headings, as a logarithm of their number",
        "line-structure": "lines that are not blank, as a logarithm of their number",
    },
    scores,
)
