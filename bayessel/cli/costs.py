"""``--cost NAME=NUMBER,...``: what a call costs, by candidate."""

from __future__ import annotations

from bayessel.errors import BudgetError


def named_costs(given: list[str] | None) -> dict[str, float] | None:
    """Read costs by candidate; None where none were given.

    Parameters
    ----------
    given
        Texts such as ``gpt-x=0.4,llama-y=0.02``; a name may have commas and equals signs.

    Raises
    ------
    BudgetError
        A text without a name or a positive number, or a name twice.
    """
    if not given:
        return None
    costs: dict[str, float] = {}
    for text in given:
        name = ""
        for part in text.split(","):
            head, sign, number = part.rpartition("=")
            if not sign:  # a comma in a name
                name += part + ","
                continue
            name, cost = (name + head).strip(), _positive(number)
            if not name or cost is None:
                raise _wrong(text)
            if name in costs:
                raise BudgetError(f"--cost gives {name!r} twice: keep one cost for each candidate")
            costs[name], name = cost, ""
        if name:
            raise _wrong(text)
    return costs


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _wrong(text: str) -> BudgetError:
    return BudgetError(
        f"--cost {text!r}: expected NAME=NUMBER,... with numbers above 0, such as "
        "'gpt-x=0.4,llama-y=0.02'; candidates that are left out cost 1"
    )
