"""Priors as options: ``--prior NAME=TEXT``, and a note where one makes a selection slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bayessel.cli.display import say_note
from bayessel.errors import BudgetError

if TYPE_CHECKING:
    from bayessel.inference.load import Model
    from bayessel.priors import Prior


def named_priors(texts: Sequence[str] | None) -> dict[str, Prior]:
    """Priors by name from ``NAME=TEXT``.

    Raises
    ------
    BudgetError
        A text of another form, or a name twice.
    """
    from bayessel.priors import Prior

    found: dict[str, Prior] = {}
    for text in texts or ():
        name, equals, prior = text.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise BudgetError(
                f"prior {text!r}: expected NAME=TEXT, such as 'level=Normal(loc=0, scale=1)'"
            )
        if name in found:
            raise BudgetError(f"prior {name} was given twice: give it once")
        found[name] = Prior.parse(prior, name)
    return found


def note_chains(model: Model) -> None:
    """Print a note where a replaced prior costs a model its Gibbs sweeps."""
    from bayessel.inference.engines.gibbs import refusal
    from bayessel.inference.load import load_model

    if refusal(load_model(model.name)) is None and (why := refusal(model)) is not None:
        say_note(
            f"note: {why.partition(';')[0]}; Hamiltonian chains (numpyro) are used instead, which "
            "takes many times as long"
        )
