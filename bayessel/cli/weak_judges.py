"""The option ``--weak-judges NAME,...``: which text statistics a strategy or a fit uses."""

from __future__ import annotations

from bayessel.errors import BudgetError

NONE = "none"


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
