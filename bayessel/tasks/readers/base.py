"""What a reader is, and what a user can ask of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bayessel.errors import BudgetError, DataError, did_you_mean
from bayessel.tasks.tables import Tables

NULLS = ("missing", "draw")
"""How a failed (null) judgment can be read."""


@dataclass(frozen=True)
class ReadOptions:
    """What the user said about how to read; None where nothing was said.

    Attributes
    ----------
    baseline
        Name of the baseline, for every format.
    null
        How a failed judgment is read: ``"missing"`` or ``"draw"``.
    draw_band
        A preference this close to 1.5 is a draw.
    judge
        Which judge's judgments to read, where there are several.
    tolerance
        Scores this close to the baseline's are a draw.

    Raises
    ------
    UnknownNameError, BudgetError
        A value that has no meaning.
    """

    baseline: str | None = None
    null: str = "missing"
    draw_band: float | None = None
    judge: str | None = None
    tolerance: float | None = None

    def __post_init__(self) -> None:
        if self.null not in NULLS:
            raise did_you_mean(self.null, NULLS, "reading of null")
        if self.draw_band is not None and not 0 <= self.draw_band < 0.5:
            raise BudgetError(
                f"draw_band is {self.draw_band}: give a number from 0 to below 0.5 "
                "(the distance from 1.5 within which a preference is a draw)"
            )
        if self.tolerance is not None and not (
            self.tolerance >= 0 and math.isfinite(self.tolerance)
        ):
            raise BudgetError(
                f"tolerance is {self.tolerance}: give a number of 0 or more "
                "(the distance from the baseline's score within which a score is a draw)"
            )

    def given(self) -> tuple[str, ...]:
        """Names of the options that not every format uses and that were given."""
        set_ = {
            "null": self.null != "missing",
            "draw_band": self.draw_band is not None,
            "judge": self.judge is not None,
            "tolerance": self.tolerance is not None,
        }
        return tuple(name for name, was_given in set_.items() if was_given)


@dataclass(frozen=True)
class Reader:
    """One format.

    Attributes
    ----------
    name
        What ``--format`` calls it.
    description
        One line for a list of formats.
    uses
        Which of the options ``null``, ``draw_band``, ``judge`` and ``tolerance`` it heeds.
    detect
        Whether a path looks like this format; never raises.
    read
        Parse a path; raises :class:`bayessel.errors.DataError`.
    """

    name: str
    description: str
    uses: frozenset[str]
    detect: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Tables]


def refuse_unused(option: str, why: str) -> DataError:
    """Build the error for an option that does nothing for these files."""
    return DataError(f"the option {option} was given, but {why}: leave it out")
