"""What the reader of a format is, and the options that a user can give it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bayessel.errors import BudgetError, DataError, did_you_mean
from bayessel.support.names import clean_name
from bayessel.tasks.readers.parts.scales import SCALES

if TYPE_CHECKING:
    from bayessel.tasks.tables import Tables

NULLS = ("missing", "draw")
"""How a failed (null) judgment can be read."""


@dataclass(frozen=True)
class ReadOptions:
    """How the user wants the files to be read; None where the user did not say.

    Attributes
    ----------
    baseline
        Name of the baseline; every format uses it.
    null
        How a failed judgment is read: ``"missing"`` or ``"draw"``.
    draw_band
        A preference this close to 1.5 is a draw.
    judge
        Whose judgments to read, where there are several judges.
    tolerance
        Scores this close to the baseline's are a draw.
    rules
        Which reading of a format's rules, by the rule's name; see :attr:`Reader.rules`.
    outcomes
        How outcomes are written: ``"pass-fail"``, ``"0-1"`` or ``"-1-0-1"``.

    Raises
    ------
    UnknownNameError, BudgetError
        An unknown reading of null or of outcomes, or a number out of its range.
    """

    baseline: str | None = None
    null: str = "missing"
    draw_band: float | None = None
    judge: str | None = None
    tolerance: float | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    outcomes: str | None = None

    def __post_init__(self) -> None:
        for name in ("baseline", "judge"):  # as names in files are read
            if isinstance(getattr(self, name), str):
                object.__setattr__(self, name, clean_name(getattr(self, name)))
        if self.null not in NULLS:
            raise did_you_mean(self.null, NULLS, "reading of null")
        if self.outcomes is not None and self.outcomes not in SCALES:
            raise did_you_mean(self.outcomes, SCALES, "reading of outcomes")
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
        """Names of the options that were given; the baseline is not one of them."""
        given = {
            "null": self.null != "missing",
            "draw_band": self.draw_band is not None,
            "judge": self.judge is not None,
            "tolerance": self.tolerance is not None,
            "outcomes": self.outcomes is not None,
        }
        return tuple(name for name, was_given in given.items() if was_given)


@dataclass(frozen=True)
class Reader:
    """One format; a file of ``readers/`` defines one as ``READER`` and gives it its name.

    Attributes
    ----------
    description
        One line for a list of formats.
    uses
        Which of the options ``null``, ``draw_band``, ``judge``, ``tolerance`` and ``outcomes`` it
        uses.
    detect
        Whether a path looks like this format; never raises.
    read
        Read a path; raises :class:`bayessel.errors.DataError`. It leaves the tables' ``format``
        to :func:`bayessel.tasks.readers.read_tables`.
    fallback
        Whether another format that also detects the path is preferred.
    rules
        Choices of how the files are read: for each rule's name its readings, the default first,
        and what each does. The user gives one with ``rules={NAME: READING}`` or
        ``--rule NAME=READING``.
    read_many
        Read several paths as one task; None where it reads one only.
    """

    description: str
    uses: frozenset[str]
    detect: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Tables]
    fallback: bool = False
    read_many: Callable[[Sequence[Path], ReadOptions], Tables] | None = None
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def require_rules(self, given: Mapping[str, str], name: str) -> None:
        """Refuse rules and readings that this format does not have.

        Parameters
        ----------
        given
            Readings that the user wants, by the rules' names.
        name
            The format's name, for the message.

        Raises
        ------
        UnknownNameError
            No such rule, or no such reading of it.
        """
        for rule, reading in given.items():
            if rule not in self.rules:
                raise did_you_mean(rule, self.rules, f"rule of the format {name!r}")
            if reading not in self.rules[rule]:
                raise did_you_mean(reading, self.rules[rule], f"reading of the rule {rule!r}")


def reading_of(rules: Mapping[str, Mapping[str, str]], name: str, options: ReadOptions) -> str:
    """The reading of a rule that the user chose, else the rule's default."""
    return options.rules.get(name, next(iter(rules[name])))


def refuse_unused(option: str, why: str) -> DataError:
    """Build the error for an option that would change nothing for these files."""
    return DataError(f"the option {option} was given, but {why}: leave it out")
