"""Options of a strategy, which ``select`` and ``start`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.acquisition import ACQUISITIONS
from bayessel.acquisition import DEFAULT as DEFAULT_ACQUISITION
from bayessel.cli.display import say_note
from bayessel.cli.options import named_priors
from bayessel.strategies import DEFAULT, STRATEGIES, make_strategy

__all__ = ["DEFAULT", "note_chains", "strategy_options"]

if TYPE_CHECKING:
    from bayessel.inference.load import Model

StrategyName = Annotated[str, typer.Option(help=f"{STRATEGIES.listed()}.")]
ModelName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="bayessel: generative model (regression), NAME, NAME:VARIANT or a .py file.",
    ),
]
Acquisition = Annotated[
    str | None,
    typer.Option(help=f"bayessel: {ACQUISITIONS.listed()} (default {DEFAULT_ACQUISITION})."),
]
EpsLoss = Annotated[
    float | None, typer.Option(help="llm-selector: probability that the best loses (default 0.2).")
]
EpsDraw = Annotated[
    float | None, typer.Option(help="llm-selector: probability that the best draws (default 0.4).")
]
Priors = Annotated[
    list[str] | None,
    typer.Option(
        "--prior",
        metavar="NAME=TEXT",
        help="bayessel: replace a prior, such as 'var_quality=InverseGamma(1, 0.003)'; repeatable.",
    ),
]


def strategy_options(
    strategy: str,
    *,
    model: str | None,
    acquisition: str | None,
    prior: list[str] | None,
    eps_loss: float | None,
    eps_draw: float | None,
) -> dict[str, Any]:
    """Options of a strategy as they were given; a prior as NAME=TEXT.

    A prior that takes the sampler's closed forms away is noted.

    Raises
    ------
    UnknownNameError, BudgetError, DataError
        The strategy does not take them.
    """
    from bayessel.strategies.bayessel import Bayessel

    options = {
        "model": model,
        "acquisition": acquisition,
        "prior": named_priors(prior) or None,
        "eps_loss": eps_loss,
        "eps_draw": eps_draw,
    }
    chosen = make_strategy(strategy, **options)
    if prior and isinstance(chosen, Bayessel) and chosen.carries:
        note_chains(chosen.generative)
    return options


def note_chains(model: Model) -> None:
    """Say that a replaced prior costs a model its Gibbs sweeps, where it does."""
    from bayessel.inference.engines.gibbs import refusal
    from bayessel.inference.load import load_model

    if refusal(load_model(model.name)) is None and (why := refusal(model)) is not None:
        say_note(
            f"note: {why.partition(';')[0]}; Hamiltonian chains (numpyro) are used instead, which "
            "takes many times as long"
        )
