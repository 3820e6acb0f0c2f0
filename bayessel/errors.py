"""Errors that a user can act on.

Every message is one line: what was given, what was expected and what to do. The command line
prints the message and exits with code 2. What can be known before money is spent is refused
before.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 200
"""Characters of a mistyped name that a message shows."""


class BayesselError(Exception):
    """Base of all errors that bayessel raises on purpose."""


class DataError(BayesselError, ValueError):
    """The user's files or arrays cannot be read as a task."""


class UnknownNameError(BayesselError, KeyError):
    """There is nothing of that name: no such baseline, candidate, query, strategy or format."""

    def __str__(self) -> str:  # KeyError would print the repr
        return str(self.args[0])


class OutcomeError(BayesselError, ValueError):
    """An outcome cannot be read, or outcomes do not fit the query that was asked."""


class BudgetError(BayesselError, ValueError):
    """A budget, a level or another option is out of its range."""


class RunError(BayesselError, RuntimeError):
    """A run folder is missing, damaged, locked, or belongs to another task."""


def did_you_mean(name: str, known: Iterable[str], what: str, *, most: int = 8) -> UnknownNameError:
    """Build the error for a mistyped name.

    Parameters
    ----------
    name
        What was given.
    known
        Every name that exists.
    what
        What kind of name it is, singular: ``"strategy"``.
    most
        How many known names to list where none is close.

    Returns
    -------
    UnknownNameError
        To be raised by the caller.
    """
    names = [str(k) for k in known]
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    if not close:
        lowered = {k.lower(): k for k in names}
        close = [k for low, k in lowered.items() if str(name).lower() in low][:3]
    if close:
        hint = "did you mean " + " or ".join(repr(c) for c in close) + "?"
    elif not names:
        hint = "there is none"
    else:
        listed = ", ".join(names[:most])
        more = f" and {len(names) - most} more" if len(names) > most else ""
        hint = f"known: {listed}{more}"
    given = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return UnknownNameError(f"unknown {what} {given!r}: {hint}")
