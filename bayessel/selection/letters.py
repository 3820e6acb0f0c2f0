"""Letters instead of names: what a person judges without knowing whose it is.

Each candidate of a query has a letter of its own, drawn at random when it is first shown. The key
is in the run's ledger, and nowhere else.
"""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from bayessel.errors import OutcomeError
from bayessel.selection.ledger import Ledger
from bayessel.support.text import listing

_KEY = "letters"


class Letters:
    """The letters of a run.

    Parameters
    ----------
    ledger
        Of the run.
    rng
        Draws the order.
    """

    def __init__(self, ledger: Ledger, rng: random.Random | None = None) -> None:
        self._ledger = ledger
        self._rng = rng or random.SystemRandom()
        self._known: dict[str, dict[str, str]] = ledger.meta.get(_KEY, {})

    def show(self, questions: Iterable[tuple[str, Iterable[str]]], names: Iterable[str]) -> None:
        """Give letters to the candidates of some queries that have none; they are on disk then.

        Parameters
        ----------
        questions
            Queries with the candidates that are judged on them.
        names
            All candidates: what is a name is no letter.
        """
        taken = {name.casefold() for name in names}
        wanted = {query: list(candidates) for query, candidates in questions}

        def add(known: dict[str, dict[str, str]] | None) -> dict[str, dict[str, str]]:
            known = known or {}
            for query, candidates in wanted.items():
                of_query = known.setdefault(query, {})
                new = [name for name in candidates if name not in of_query.values()]
                self._rng.shuffle(new)
                free = (a for a in _all() if a not in of_query and a.casefold() not in taken)
                of_query.update(zip(islice(free, len(new)), new, strict=True))
            return known

        self._known = self._ledger.change(_KEY, add)

    def of(self, query: str) -> dict[str, str]:
        """Candidates of a query by letter."""
        return dict(sorted(self._known.get(query, {}).items(), key=lambda one: _place(one[0])))

    def shown(self, query: str, name: str) -> str:
        """The letter by which a candidate was shown; its name where it has none."""
        return next((a for a, known in self.of(query).items() if known == name), name)

    def name(self, query: str, word: str) -> str:
        """The candidate that a letter stands for; a word that is no letter as it is."""
        known = self.of(query)
        return known.get(word, known.get(word.upper(), word))

    def resolve(self, outcomes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Outcomes by name, where they were told by letter.

        Raises
        ------
        OutcomeError
            A candidate by its letter and by its name, with different outcomes.
        """
        return {query: self._resolve(query, said) for query, said in outcomes.items()}

    def _resolve(self, query: str, said: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for word, outcome in said.items():
            name = self.name(query, word)
            if found.get(name, outcome) != outcome:
                raise OutcomeError(
                    f"query {query!r}: {word!r} stands for a candidate that has another outcome "
                    f"here under its name (told: {listing(said)}); tell it once"
                )
            found[name] = outcome
        return found


def _all() -> Iterator[str]:
    """A, B, ..., Z, AA, AB, ..."""
    for size in itertools.count(1):
        for letters in itertools.product(string.ascii_uppercase, repeat=size):
            yield "".join(letters)


def _place(letter: str) -> tuple[int, str]:
    return len(letter), letter
