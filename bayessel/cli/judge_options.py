"""Options of ``bayessel judge``: who judges, how they are asked, and what may be spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.errors import BudgetError
from bayessel.support.text import count

if TYPE_CHECKING:
    from bayessel.oracles.llm.judge import LLMJudge


@dataclass(frozen=True)
class Judges:
    """Who judges, and where."""

    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge", metavar="NAME", help="The LLM that judges; several are a panel: most decide."
        ),
    ] = None
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Any endpoint that speaks the OpenAI chat protocol (default: OpenAI's own).",
        ),
    ] = None
    api_key_env: Annotated[
        str,
        typer.Option(metavar="NAME", help="The variable of the environment that holds the key."),
    ] = "OPENAI_API_KEY"
    price_in: Annotated[
        float | None,
        typer.Option(help="Dollars for a million tokens read, where the price is not known."),
    ] = None
    price_out: Annotated[
        float | None, typer.Option(help="Dollars for a million tokens written.")
    ] = None
    cheap_judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A cheap LLM at the same endpoint that judges every cell first, as a weak judge.",
        ),
    ] = None
    max_cheap_cost: Annotated[
        float | None, typer.Option(help="Dollars that the cheap judge may cost.")
    ] = None
    cheap_price_in: Annotated[
        float | None, typer.Option(help="As --price-in, of the cheap judge.")
    ] = None
    cheap_price_out: Annotated[
        float | None, typer.Option(help="As --price-out, of the cheap judge.")
    ] = None


@dataclass(frozen=True)
class Asking:
    """How judges are asked."""

    criteria: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What 'better' means, in a sentence or two.")
    ] = None
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A Jinja template of the prompt: criteria, query, response_a, response_b, fence.",
        ),
    ] = None
    orders: Annotated[
        str,
        typer.Option(
            help="audit: one order drawn at random, and both on a tenth of the cells; one; both."
        ),
    ] = "audit"
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Calls at once.")] = 8
    temperature: Annotated[
        float | None, typer.Option(help="Of the judge (default 0; left out where it takes none).")
    ] = 0.0
    max_tokens: Annotated[
        int, typer.Option(min=1, help="The most that a judge may write, thoughts included.")
    ] = 2048
    context: Annotated[
        int | None,
        typer.Option(
            help="Tokens that the judge can read and write together; longer texts are cut "
            "(default: what is known of the judge)."
        ),
    ] = None
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds that a call may take.")] = 120.0
    retries: Annotated[
        int, typer.Option(min=0, max=50, help="Attempts after the first, where that can help.")
    ] = 8
    batch_api: Annotated[
        bool,
        typer.Option(
            "--batch-api",
            help="Hand calls in as a batch, at half the price; the same command collects it later.",
        ),
    ] = False
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask again where no verdict came before.")
    ] = False


def make_judges(judges: Judges, asking: Asking, names: Sequence[str]) -> list[LLMJudge]:
    """The judges of these names.

    Raises
    ------
    DataError, BudgetError
        No key, a template or a price that cannot be used.
    """
    made = [_judge(judges, asking, name, judges.price_in, judges.price_out) for name in names]
    if not asking.batch_api:
        return made
    from bayessel.oracles.llm.batch import at_batch_price

    return [at_batch_price(judge) for judge in made]


def make_cheap(judges: Judges, asking: Asking) -> LLMJudge | None:
    """The cheap judge; None where there is none.

    Raises
    ------
    DataError, BudgetError
        As :func:`make_judges`; a cheap judge that is also a judge, or options without one.
    """
    if judges.cheap_judge is None:
        if judges.max_cheap_cost is not None or judges.cheap_price_in is not None:
            raise BudgetError("--max-cheap-cost and --cheap-price-in need --cheap-judge NAME")
        return None
    if judges.cheap_judge in (judges.judge or ()):
        raise BudgetError(
            f"{judges.cheap_judge!r} is the judge and the cheap judge: name two different LLMs"
        )
    return _judge(judges, asking, judges.cheap_judge, judges.cheap_price_in, judges.cheap_price_out)


def _judge(
    judges: Judges, asking: Asking, name: str, price_in: float | None, price_out: float | None
) -> LLMJudge:
    from bayessel.oracles.llm.endpoint import OPENAI, Endpoint
    from bayessel.oracles.llm.judge import LLMJudge
    from bayessel.oracles.llm.prices import context_of, price_of
    from bayessel.oracles.llm.prompt import Prompt

    endpoint = Endpoint(
        judges.base_url or OPENAI,
        key_env=judges.api_key_env,
        timeout=asking.timeout,
        retries=asking.retries,
        connections=asking.concurrency,
    )
    context = asking.context or context_of(name, endpoint.base_url)
    return LLMJudge(
        name,
        endpoint,
        prompt=Prompt.read(asking.criteria, asking.template),
        price=price_of(name, endpoint.base_url, price_in, price_out),
        temperature=asking.temperature,
        max_tokens=asking.max_tokens,
        context=context,
    )


def settings(judges: Sequence[LLMJudge], orders: str) -> dict[str, Any]:
    """What makes verdicts comparable: a run goes on only with the same."""
    first = judges[0]
    return {
        "judges": [judge.name for judge in judges],
        "endpoint": first.endpoint.base_url,
        "criteria": first.prompt.criteria,
        "template": first.prompt.template,
        "orders": orders,
    }


def named(judges: Sequence[LLMJudge]) -> str:
    """Who judges, for people."""
    names = ", ".join(judge.name for judge in judges)
    panel = f" (a panel of {count(len(judges), 'judge')})" if len(judges) > 1 else ""
    return f"{names}{panel} at {judges[0].endpoint.base_url}"
