"""How outcomes are written: loss, draw and win, a share of the point, or pass and fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bayessel.errors import DataError, OutcomeError
from bayessel.outcomes import Outcome, parse_outcome
from bayessel.support.text import short

PASS_FAIL, SHARE, SIGNS = "pass-fail", "0-1", "-1-0-1"
SCALES = (PASS_FAIL, SHARE, SIGNS)
"""Pass or fail of each LLM by itself; 0 loss, 0.5 draw, 1 win; -1 loss, 0 draw, 1 win."""

_PASSED = {"pass": 1, "passed": 1, "true": 1, "correct": 1, "yes": 1, "1": 1, "1.0": 1}
_PASSED |= {"fail": 0, "failed": 0, "false": 0, "incorrect": 0, "no": 0, "0": 0, "0.0": 0}
_SHARES = {0.0: Outcome.LOSS, 0.5: Outcome.DRAW, 1.0: Outcome.WIN}


def read_outcome(value: Any, where: object, scale: str | None) -> int | None:
    """Read an outcome of a candidate against the baseline; None where it is empty.

    Parameters
    ----------
    value
        As it was written.
    where
        Where it stands, for the message.
    scale
        :data:`SHARE`, or :data:`SIGNS` where None.

    Raises
    ------
    DataError
        An unknown outcome.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if scale == SHARE and (number := _number(value)) is not None:
        if number in _SHARES:
            return int(_SHARES[number])
        raise DataError(
            f"{where}: outcome is {short(value)}; with {SHARE} it is 0 (loss), 0.5 (draw) or 1 "
            "(win)"
        )
    try:
        return int(parse_outcome(value))
    except OutcomeError as error:
        alone = _passed(value) is not None
        hint = f"; for pass or fail of each LLM by itself, --outcomes {PASS_FAIL}" if alone else ""
        raise DataError(f"{where}: {error}{hint}") from error


def read_pass(value: Any, where: object) -> float | None:
    """Read whether an LLM passed, as 1 or 0; None where it is empty.

    Raises
    ------
    DataError
        Another word or number.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    passed = _passed(value)
    if passed is None:
        raise DataError(
            f"{where}: outcome is {short(value)}; with {PASS_FAIL} write pass or fail, true or "
            "false, or 1 or 0, of each LLM by itself"
        )
    return passed


def all_binary(values: Iterable[Any]) -> bool:
    """Whether all values that are not empty are 0 or 1, and 0 is among them."""
    written = [v for v in values if not (v is None or (isinstance(v, str) and not v.strip()))]
    numbers = {_number(v) for v in written}
    return 0.0 in numbers and numbers <= {0.0, 1.0}


def binary_note(values: Iterable[Any]) -> list[str]:
    """Note on outcomes that are all 0 or 1, which often mean something else than draw and win."""
    if not all_binary(values):
        return []
    return [
        "every outcome is 0 or 1, which was read as a draw or a win against the baseline: if 0 is "
        f"a loss, give --outcomes {SHARE}; if they are pass and fail of each LLM by itself, "
        f"--outcomes {PASS_FAIL}; if it is right, --outcomes={SIGNS}"
    ]


def _passed(value: Any) -> float | None:
    if isinstance(value, str | bool | int | float):
        passed = _PASSED.get(str(value).strip().lower())
        return None if passed is None else float(passed)
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except ValueError:
        return None
