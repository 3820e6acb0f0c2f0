"""Options on weak judges: text statistics by name, and files of given ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bayessel.cli.named_values import named_values
from bayessel.errors import BudgetError

NONE = "none"


def weak_judge_files(texts: Sequence[str] | None) -> dict[str, Path]:
    """Files of given weak judges by name, from ``NAME=FILE``.

    Raises
    ------
    BudgetError
        A text of another form, or a name twice.
    """
    found = named_values(texts or (), "weak judge", "NAME=FILE, such as 'cheap=verdicts.csv'")
    return {name: Path(file) for name, file in found.items()}


def weak_judge_names(text: str | None) -> tuple[str, ...] | None:
    """[J] names from ``NAME,...``; None where the option was not given.

    Raises
    ------
    UnknownNameError
        There is no weak judge of that name.
    BudgetError
        No name, a name twice, or ``none`` among others.
    """
    if text is None:
        return None
    given = tuple(name.strip() for name in text.split(",") if name.strip())
    if given == (NONE,):
        return ()
    if not given or NONE in given or len(set(given)) < len(given):
        raise BudgetError(
            f"weak judges {text!r}: expected different names with commas, such as "
            f"'length,query-coverage', or {NONE}"
        )
    from bayessel.weak_judges import weak_judge_names as known

    return known(given)
