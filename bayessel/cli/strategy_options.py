"""Options of a strategy, which ``select`` and ``start`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli.display import say_note
from bayessel.cli.options import named_priors
from bayessel.models import DEFAULT

if TYPE_CHECKING:
    from bayessel.inference.load import Model

STRATEGY_NAMES = (
    "bayessel",
    "llm-selector",
    "llm-selector-grid",
    "random",
    "bradley-terry",
    "most-draws",
    "uncertainty",
    "confidence",
)
"""Names of the strategies, written out because --help need not wait for their imports."""

StrategyName = Annotated[
    str, typer.Option(help=", ".join(STRATEGY_NAMES[:-1]) + f" or {STRATEGY_NAMES[-1]}.")
]
ModelName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"bayessel: generative model ({DEFAULT}), NAME, NAME:VARIANT or a .py file.",
    ),
]
Acquisition = Annotated[
    str | None,
    typer.Option(help="bayessel: spread (default), expected-regret, information-gain or random."),
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
    from bayessel.strategies import Bayessel, make_strategy

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
