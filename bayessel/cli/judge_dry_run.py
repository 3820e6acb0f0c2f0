"""``bayessel judge --dry-run``: what would be asked, and what it would cost; nobody is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bayessel.cli.display import say
from bayessel.cli.judge_options import named
from bayessel.oracles.llm.forecast import Forecast, forecast
from bayessel.oracles.llm.orders import AUDITED, orders_of, require_orders
from bayessel.reports.judges import dollars
from bayessel.reports.standing import percent
from bayessel.selection.selector import Selector
from bayessel.support.text import count

if TYPE_CHECKING:
    from bayessel.cli.judge_run import Asked

SPARED = (0.45, 0.6)
"""Share of calls that a cheap judge spared, at the chances .7 to .9 to name the best."""


def show_dry_run(asked: Asked) -> None:
    """Print the prompts of the first batch, and the calls, tokens and cost to expect."""
    task, orders = asked.task, require_orders(asked.asking.orders)
    options = {k: v for k, v in asked.choice.options.items() if v is not None}
    selector = Selector(task, asked.choice.strategy, seed=asked.seed, **options)
    cells = [
        (question.query, name)
        for question in selector.ask(min(asked.batch, asked.cells))
        for name in question.candidates
    ]
    first = [
        judge.request(task, query, name, order)
        for query, name in cells
        for judge in asked.judges
        for order in orders_of(orders, asked.seed, query, name)
    ]
    say(f"The first batch: {count(len(cells), 'cell')}, {count(len(first), 'call')}:")
    for number, request in enumerate(first, start=1):
        a, b = task.baseline, request.candidate
        if not request.baseline_first:
            a, b = b, a
        say(f"\n=== call {number}: query {request.query}; A is {a}, B is {b} (it is not told)")
        for message in request.shown["messages"]:
            say(f"--- {message['role']}\n{message['content']}")
        if "cut" in request.shown:
            say(f"--- {request.shown['cut']}")
    say("\nNobody was asked, nothing was written.")
    say(f"judge: {named(asked.judges)}")
    per_cell = {"one": 1.0, "both": 2.0, "audit": 1 + AUDITED}[orders]
    found = forecast(task, asked.judges, asked.seed)
    for one in found:
        say(_line(one))
    _show_total(asked, found, per_cell)
    _show_cheap(asked, _cost_of_cell(found, per_cell))


def _cost_of_cell(found: list[Forecast], per_cell: float) -> float | None:
    """Dollars for a cell, in all orders and by all judges; None where a price is not known."""
    costs = [one.cost for one in found if one.cost is not None]
    return per_cell * sum(costs) if len(costs) == len(found) else None


def _line(one: Forecast) -> str:
    tokens = (
        f"  {one.judge}: about {one.tokens_in:.0f} tokens in and {one.tokens_out:.0f} out a call"
    )
    if one.cost is None or one.most is None:
        return f"{tokens}; its price is not known (--price-in, --price-out)"
    return f"{tokens}, {dollars(one.cost)} dollars, at most {dollars(one.most)}"


def _show_total(asked: Asked, found: list[Forecast], per_cell: float) -> None:
    cells = asked.cells
    calls = cells * per_cell * len(found)
    said = f"At most {count(cells, 'cell')}, about {calls:.0f} calls (--orders)"
    cell = _cost_of_cell(found, per_cell)
    if cell is None:
        say(f"{said}; the run stops before, when {_rule(asked)}")
        return
    say(f"{said}, about {dollars(cell * cells)} dollars; it stops before, when {_rule(asked)}")
    if asked.max_cost is not None and cell > 0:
        within = min(int(asked.max_cost / cell), cells)
        say(f"{asked.max_cost:g} dollars pay for about {count(within, 'cell')}")


def _rule(asked: Asked) -> str:
    what = "P(best)" if asked.stop.within is None else f"P(within {asked.stop.within:g})"
    return f"{what} reaches {asked.stop.level:g}"


def _show_cheap(asked: Asked, cell: float | None) -> None:
    """What the cheap tier costs, and what it is expected to save of the judge's calls."""
    if asked.cheap is None:
        return
    cells = int(asked.task.answered.sum())
    (one,) = forecast(asked.task, [asked.cheap], asked.seed)
    say(f"cheap judge: {one.judge} judges {count(cells, 'cell')} once")
    say(_line(one))
    least, most = (percent(share) for share in SPARED)
    say(
        f"  Where it was measured, on one pair of judges (docs/default.md), it spared {least} to "
        f"{most} of the calls; here that depends on how far the two agree, which the report says"
    )
    if one.cost is None or not cell:
        return
    cost = min(one.cost * cells, asked.max_cheap_cost or math.inf)
    as_many = f"{cost / cell:.0f} cells of the judge"
    say(f"  It costs about {dollars(cost)} dollars: as much as {as_many}")
    low, high = (share * asked.cells for share in SPARED)
    saved = " to ".join(dollars(n * cell) for n in (low, high))
    say(
        f"  Of {count(asked.cells, 'cell')} it would spare {low:.0f} to {high:.0f}, "
        f"{saved} dollars"
        + ("" if cost < high * cell else ": it costs more than it is expected to save")
    )
