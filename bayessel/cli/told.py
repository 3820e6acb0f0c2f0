"""``tell``: what stands on the command line, as outcomes of a run's cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bayessel.cli.outcome_file import STANDARD_INPUT, Empty, Source, Told, read_outcomes, read_words
from bayessel.errors import OutcomeError, UnknownNameError, did_you_mean
from bayessel.support.names import clean_name
from bayessel.support.text import from_cell

if TYPE_CHECKING:
    from bayessel.selection.run import Run


def read_told(given: list[str], run: Run) -> tuple[Told, Empty]:
    """What was told: words after a query, or a source with a query before it or none.

    Names that stand as a CSV file of ours writes them (with an apostrophe before ``=``) are read,
    and letters of ``next --blind``.
    """
    from bayessel.selection.letters import Letters

    letters = Letters(run.ledger)
    source = _raw(given, run)
    names = run.names
    queries, candidates = set(names.queries), {*names.candidates, names.baseline}

    def named(query: str, word: str) -> tuple[str, str]:
        """A query and a candidate, or a letter, as the run calls them."""
        place = source.places.get((query, word), "")
        about = _known(query, queries)
        if about not in queries:
            raise _unknown(place, about, names.queries, "query")
        name = _known(word, candidates)
        if letters.name(about, name) not in candidates:
            raise _unknown(place, name, names.candidates, "candidate")
        return about, name

    told: Told = {}
    for query, said in source.told.items():
        for word, outcome in said.items():
            about, name = named(query, word)
            if name in told.setdefault(about, {}):
                raise OutcomeError(f"{name!r} stands twice, written in two ways: keep one")
            told[about][name] = outcome
    told = letters.resolve(told)
    without: Empty = {}
    for query, listed in source.empty.items():
        for word in listed:
            about, name = named(query, word)
            name = letters.name(about, name)
            if name != names.baseline:
                without.setdefault(about, []).append(name)
    return told, without


def _unknown(place: str, name: str, known: Sequence[str], what: str) -> UnknownNameError:
    found = did_you_mean(name, known, what)
    return UnknownNameError(f"{place}: {found}") if place else found


def _known(name: str, names: set[str]) -> str:
    """A name as the run has it, where a file writes it with an apostrophe or loose spaces."""
    ways = (name, from_cell(name), clean_name(name), clean_name(from_cell(name)))
    return next((way for way in ways if way in names), from_cell(name))


def _raw(given: list[str], run: Run) -> Source:
    """What was told, with the names as they stand there."""
    if len(given) == 1:
        (source,) = given
        if source in run.names.queries and not Path(source).exists():
            raise OutcomeError(
                f"query {source!r} has no outcomes: give NAME=win, NAME=draw or NAME=loss for its "
                "candidates, or a file"
            )
        _refuse_no_file(source, run)
        return read_outcomes(source)
    query, *rest = given
    if query not in run.names.queries:
        raise did_you_mean(query, run.names.queries, "query")
    if len(rest) == 1 and (
        rest[0] == STANDARD_INPUT or Path(rest[0]).exists() or "=" not in rest[0]
    ):
        _refuse_no_file(rest[0], run)
        return read_outcomes(rest[0], query)
    return read_words(query, rest)


def _refuse_no_file(word: str, run: Run) -> None:
    """Say what is missing where a word is no file and was perhaps not meant as one.

    Raises
    ------
    OutcomeError
        It is neither a file nor standard input.
    """
    if word == STANDARD_INPUT or Path(word).exists():
        return
    if "=" in word:
        raise OutcomeError(f"{word!r} names no query: give the query before it")
    if word in run.names.candidates:
        raise OutcomeError(f"{word!r} has no outcome: give {word}=win, {word}=draw or {word}=loss")
    raise OutcomeError(f"there is no file {word!r}: give a file, or NAME=win, NAME=draw, NAME=loss")
