"""The texts of a task, and what several families compute from them: each once, when needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bayessel.errors import DataError
from bayessel.tasks.texts import Texts
from bayessel.weak_judges.tokens import Tokens, encode


@dataclass(frozen=True)
class Corpus:
    """N queries with R = M + 1 responses each: the candidates' and, last, the baseline's.

    Parameters
    ----------
    texts
        Queries and responses of one task.

    Raises
    ------
    DataError
        The arrays' shapes do not fit each other, or an entry is not a str.
    """

    texts: Texts

    def __post_init__(self) -> None:
        t = self.texts
        n = t.responses.shape[0] if t.responses.ndim == 2 else -1
        if t.responses.ndim != 2 or t.baseline.shape != (n,) or t.queries.shape != (n,):
            raise DataError(
                f"texts of shapes {t.responses.shape} (responses), {t.baseline.shape} (baseline) "
                f"and {t.queries.shape} (queries) do not fit: expected [N, M], [N] and [N]"
            )
        for what, column in (
            ("responses", t.responses),
            ("baseline", t.baseline),
            ("queries", t.queries),
        ):
            for text in column.flat:
                if not isinstance(text, str):
                    raise DataError(
                        f"{what} hold {text!r}, a {type(text).__name__}, expected str: "
                        "give '' where there is no text"
                    )

    @property
    def n_queries(self) -> int:
        """N."""
        return int(self.texts.responses.shape[0])

    @property
    def n_responses(self) -> int:
        """R = M + 1, the responses to one query."""
        return int(self.texts.responses.shape[1]) + 1

    @cached_property
    def responses(self) -> NDArray[np.object_]:
        """[N, R] object array of str: the candidates' responses and, last, the baseline's."""
        return np.column_stack([self.texts.responses, self.texts.baseline])

    @cached_property
    def tokens(self) -> Tokens:
        """D = N R + N texts: the responses, query by query, then the queries."""
        return encode(chain(self.responses.flat, self.texts.queries))

    def marked(self, q: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Tokens of the responses to query q; after each response stands an end symbol, number V.

        Returns
        -------
        token
            [T_q + R] int32.
        start
            [R + 1] response r is ``token[start[r]:start[r + 1]]``.
        """
        tokens, n_responses = self.tokens, self.n_responses
        bounds = tokens.bounds[q * n_responses : (q + 1) * n_responses + 1]
        token = np.insert(
            tokens.ids[bounds[0] : bounds[-1]], bounds[1:] - bounds[0], tokens.n_types
        )
        return token, bounds - bounds[0] + np.arange(n_responses + 1)

    @cached_property
    def counts(self) -> sparse.csr_array:
        """[D, V] int32: how often each token occurs in each text; columns are sorted."""
        tokens = self.tokens
        counts = sparse.csr_array(
            (np.ones(tokens.ids.size, np.int32), tokens.ids.copy(), tokens.bounds.copy()),
            shape=(tokens.bounds.size - 1, tokens.n_types),
        )
        counts.sum_duplicates()
        return counts

    def rows(self, first: int, last: int) -> tuple[NDArray[np.intp], slice]:
        """Entries of :attr:`counts` in the texts ``first`` to ``last - 1``.

        Returns
        -------
        row
            [E] the text of each entry, counted from ``first``.
        entries
            The slice of ``counts.indices`` and ``counts.data`` that holds them.
        """
        bounds = self.counts.indptr[first : last + 1]
        return np.repeat(np.arange(last - first), np.diff(bounds)), slice(bounds[0], bounds[-1])


def against_baseline(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[..., N, M] candidate minus baseline, from [..., N, R] values of the responses."""
    return values[..., :-1] - values[..., -1:]
