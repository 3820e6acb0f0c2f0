"""How a prior's text is parsed: ``Normal(loc=0, scale=1)``, ``Normal(0, 1)``, or a known value.

``Categorical({'gpt-4': 3})`` favours a candidate by its name: it counts as three of the others.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from bayessel.errors import BudgetError
from bayessel.priors.families import DEFAULTS, FAMILIES

OF_F = "Categorical({'NAME': WEIGHT, ...}); without one F is uniform"
"""What a prior of F is, for messages."""


def parse_prior(text: str, name: str = "") -> tuple[str, dict[str, Any]]:
    """Family and parameters from a text; nothing in it is run.

    Parameters
    ----------
    text
        A family with its parameters, by name or in the order of :data:`.families.FAMILIES`; or a
        number or a tuple of numbers, which is known and not learned (``Fixed``).
    name
        Of the parameter, where it is known: a message then says what that one takes.

    Returns
    -------
    family, parameters
        Lists are given as tuples. Whether such a family exists is not looked at.

    Raises
    ------
    BudgetError
        The text is not of that form.
    """
    text = text.strip()
    try:
        return "Fixed", {"value": _tupled(ast.literal_eval(text))}
    except (ValueError, SyntaxError):
        pass  # not a known value
    try:
        return _call(text)
    except (ValueError, SyntaxError):
        if name == "F":
            raise BudgetError(f"prior F={text}: expected {OF_F}") from None
        raise BudgetError(
            f"prior {text!r}: expected a family with its parameters, such as "
            "'Normal(loc=0, scale=1)', or a number or tuple that is known"
        ) from None


def _call(text: str) -> tuple[str, dict[str, Any]]:
    """Family and parameters of ``Family(...)``; ValueError or SyntaxError for another text."""
    match = re.fullmatch(r"(\w+)\((.*)\)", text, flags=re.DOTALL)
    if match is None:
        raise ValueError
    call = ast.parse(f"f({match[2]})", mode="eval").body
    if not isinstance(call, ast.Call):
        raise ValueError
    named = {str(k.arg): _tupled(ast.literal_eval(k.value)) for k in call.keywords}
    placed = [_tupled(ast.literal_eval(argument)) for argument in call.args]
    given = named | dict(zip(FAMILIES.get(match[1], {}), placed, strict=False))
    return match[1], DEFAULTS.get(match[1], {}) | given


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
