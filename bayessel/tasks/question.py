"""A question: a query, and the candidates to judge on it. Importing it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """What is asked at once; each of its candidates is one call.

    Attributes
    ----------
    query
        Name of the query.
    candidates
        [L] names of the candidates to judge on it, at least one.
    why
        A few words for people on why it is asked, without names of candidates; may be empty. It
        does not tell two questions apart.
    """

    query: str
    candidates: tuple[str, ...]
    why: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.candidates)
