"""Options that name a value: ``NAME=VALUE``."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.errors import BudgetError


def named_values(texts: Sequence[str], what: str, form: str) -> dict[str, str]:
    """Values by name, from ``NAME=VALUE``.

    Raises
    ------
    BudgetError
        A text of another form, or a name twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise BudgetError(f"{what} {text!r}: expected {form}")
        if name in found:
            raise BudgetError(f"{what} {name!r} was given twice: give each once")
        found[name] = value
    return found
