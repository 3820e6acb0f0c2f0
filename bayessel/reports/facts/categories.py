"""Part 4 of a report: in which categories the leading candidates are weak."""

from __future__ import annotations

import numpy as np

from bayessel.reports.facts.parts import Category
from bayessel.reports.facts.source import Source

_LEADERS = 3
_FEWEST = 3  # judged cells of a category that is called weak
_DRAWS = 4000


def categories_of(source: Source) -> tuple[tuple[Category, ...], str]:
    """Judged cells by category of the leading candidates, the weakest first, and a sentence.

    The interval is that of a Dirichlet(1/2, 1/2, 1/2) posterior of a category's outcome rates,
    learned from its own judged cells alone.
    """
    task = source.task
    if task is None:
        return (), ""
    of = dict(zip(task.queries, task.data["category"].values, strict=True))
    named = np.array([str(of.get(query) or "") for query in source.queries])
    names = [name for name in dict.fromkeys(named) if name]
    if len(names) < 2:
        return (), ""
    rng = np.random.default_rng(0)
    found: list[Category] = []
    for j in source.order[:_LEADERS]:
        own = []
        for name in names:
            wins, draws, losses = source.counts(int(j), named == name)
            judged = wins + draws + losses
            if not judged:
                continue
            rates = rng.dirichlet(np.array([losses, draws, wins]) + 0.5, size=_DRAWS)
            lower, upper = np.quantile(rates[:, 2] + rates[:, 1] / 2, [0.05, 0.95])
            rate = (wins + draws / 2) / judged
            candidate = source.candidates[j]
            own.append(
                Category(candidate, name, wins, draws, losses, rate, float(lower), float(upper))
            )
        found += sorted(own, key=lambda c: (c.rate, c.category))
    return tuple(found), _text(source, found)


def _text(source: Source, found: list[Category]) -> str:
    own = [c for c in found if c.candidate == source.best]
    known = [c for c in own if c.wins + c.draws + c.losses >= _FEWEST]
    if not known:
        return f"No category has {_FEWEST} judged responses of {source.best}: nothing can be said."
    weakest = min(known, key=lambda c: c.rate)
    judged = weakest.wins + weakest.draws + weakest.losses
    rest = [c for c in own if c is not weakest]
    cells = sum(c.wins + c.draws + c.losses for c in rest)
    line = (
        f"{source.best} is weakest in {weakest.category}: win rate {100 * weakest.rate:.0f} % "
        f"(90 %: {100 * weakest.lower:.0f} to {100 * weakest.upper:.0f}) of {judged} judged "
        "responses"
    )
    if not cells:
        return line + "."
    elsewhere = sum(c.wins + c.draws / 2 for c in rest) / cells
    line += f", {100 * elsewhere:.0f} % elsewhere"
    apart = weakest.upper < elsewhere
    return line + ("." if apart else "; with so few this may be chance.")
