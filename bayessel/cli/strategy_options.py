"""Options that say how calls are chosen, which ``select`` and ``start`` share."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.acquisition import ACQUISITIONS
from bayessel.acquisition import DEFAULT as DEFAULT_ACQUISITION
from bayessel.cli import options as opt
from bayessel.cli.display import say_note
from bayessel.cli.priors import named_priors, note_chains
from bayessel.cli.weak_judges import weak_judge_names
from bayessel.errors import BudgetError
from bayessel.models import DEFAULT as DEFAULT_MODEL
from bayessel.strategies import DEFAULT as DEFAULT_STRATEGY
from bayessel.strategies import STRATEGIES, make_strategy

if TYPE_CHECKING:
    from bayessel.tasks.task import Task


@dataclass(frozen=True)
class StrategyChoice:
    """A strategy and its options."""

    strategy: Annotated[str, typer.Option(help=f"{STRATEGIES.listed()}.")] = DEFAULT_STRATEGY
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"bayessel: generative model ({DEFAULT_MODEL}), NAME, NAME:VARIANT or a .py file.",
        ),
    ] = None
    acquisition: Annotated[
        str | None,
        typer.Option(
            help=f"bayessel: {ACQUISITIONS.listed()}; {DEFAULT_ACQUISITION} if not given."
        ),
    ] = None
    prior: Annotated[
        list[str] | None,
        typer.Option(
            "--prior",
            metavar="NAME=TEXT",
            help="bayessel: replace a prior, such as 'sd_quality=HalfNormal(0.05)'; repeatable.",
        ),
    ] = None
    whole_queries: Annotated[
        bool,
        typer.Option(
            "--whole-queries", help="Ask for all candidates of a query at once, as the paper does."
        ),
    ] = False
    weak_judges: opt.WeakJudges = None
    eps_loss: Annotated[
        float | None,
        typer.Option(help="llm-selector: probability that the best loses (default 0.2)."),
    ] = None
    eps_draw: Annotated[
        float | None,
        typer.Option(help="llm-selector: probability that the best draws (default 0.4)."),
    ] = None

    @property
    def options(self) -> dict[str, Any]:
        """Options of the strategy by name; None where nothing was said.

        Raises
        ------
        BudgetError, UnknownNameError
            A prior's or a weak judge's text cannot be read.
        """
        parameters = inspect.signature(STRATEGIES[self.strategy]).parameters
        return {
            # without the option a strategy has one way only: validate() looks which
            "whole_queries": True if self.whole_queries and "whole_queries" in parameters else None,
            "model": self.model,
            "acquisition": self.acquisition,
            "prior": named_priors(self.prior) or None,
            "weak_judges": weak_judge_names(self.weak_judges),
            "eps_loss": self.eps_loss,
            "eps_draw": self.eps_draw,
        }

    def validate(self) -> None:
        """Refuse options that the strategy does not take, before anything is read or spent.

        A prior that costs the model its Gibbs sweeps is noted.

        Raises
        ------
        UnknownNameError, BudgetError, DataError
            An unknown name, a value out of range, or an option of another strategy.
        """
        from bayessel.strategies.bayessel import Bayessel

        chosen = make_strategy(self.strategy, **self.options)
        if self.whole_queries and chosen.unit != "queries":
            raise BudgetError(
                f"the strategy {self.strategy} chooses single cells: leave --whole-queries out, or "
                f"take --strategy {DEFAULT_STRATEGY}"
            )
        if self.prior and isinstance(chosen, Bayessel) and chosen.carries:
            note_chains(chosen.generative)

    def require_given(self, option: str) -> None:
        """Refuse an option that pays for a weak judge where the strategy would not read it.

        Raises
        ------
        BudgetError
            It does not read given weak judges.
        """
        if not make_strategy(self.strategy, **self.options).reads_given:
            raise BudgetError(
                f"the strategy {self.strategy} does not read given weak judges: leave {option} "
                f"out, or take --strategy {DEFAULT_STRATEGY}"
            )

    def note_unread(self, task: Task, costs: Mapping[str, float] | None = None) -> None:
        """Print a note for what the strategy does not read, though the user gave it.

        Parameters
        ----------
        task
            It may have given weak judges, and costs.
        costs
            What calls cost, where the user said it beside the task.
        """
        chosen = make_strategy(self.strategy, **self.options)
        if task.weak_scores("verdict", "score")[1] and not chosen.reads_given:
            say_note(
                f"note: the strategy {self.strategy} does not read given weak judges: they "
                "change nothing"
            )
        if (costs or task.cost is not None) and not chosen.reads_costs:
            say_note(
                f"note: the strategy {self.strategy} does not choose by cost: costs are only "
                "counted"
            )
