"""The sections of a report on a benchmark, from its facts."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.reports.blocks import Block, Chart, Folded, Grid, Section, Words
from bayessel.reports.facts.bench import BenchFacts, Price, Stopped, Tenth

_NOTE = (
    "Calls / M: calls divided by the number M of candidates, so 1 is as many calls as one query "
    "judged for all. Behind each number its standard error, and in brackets the queries that were "
    "opened by then. A number after > is the whole budget: the level was not reached."
)


def bench_sections(facts: BenchFacts) -> tuple[Section, ...]:
    """All sections, in the order in which they are read."""
    return (
        Section("Verdict", (Words(facts.sentence, "lead"), Words(_what(facts)))),
        Section("Named against calls", (_figure(facts),)),
        Section("Who needs how many calls", _prices(facts)),
        Section("Is P(best) right?", _calibration(facts)),
        Section("Where it is worse", _worse(facts)),
    )


def _what(facts: BenchFacts) -> str:
    return f"Data: {', '.join(facts.data)}. Strategies: {', '.join(facts.strategies)}."


def _figure(facts: BenchFacts) -> Chart:
    rows = []
    head: tuple[str, ...] = ()
    for panel in facts.panels:
        for curve in panel.curves:
            last = len(curve.budgets) - 1
            at = sorted({round(k * last / 6) for k in range(7)})
            head = head or ("data", "strategy", *(f"{curve.budgets[t]:g}" for t in at))
            cells = [f"{curve.right[t]:.2f}" for t in at][: len(head) - 2]
            cells += ["–"] * (len(head) - 2 - len(cells))
            rows.append((panel.data, curve.strategy, *cells))
    return Chart(
        "identified",
        facts.panels,
        "How often the best candidate is named, against calls / M; bands are one standard error.",
        Grid(head, tuple(rows), (0, 1)),
    )


def _prices(facts: BenchFacts) -> tuple[Block, ...]:
    blocks: list[Block] = [Words(_NOTE, "note")]
    for criterion, title in (
        ("identified", "the best is named"),
        ("within 1 %", "somebody within one point of the best is named"),
    ):
        own = [p for p in facts.prices if p.criterion == criterion]
        grids: list[Block] = [_price_grid(own, data, title) for data in facts.data]
        blocks += grids if criterion == "identified" else [Folded(f"Until {title}", tuple(grids))]
    return tuple(blocks)


def _price_grid(prices: Sequence[Price], data: str, title: str) -> Grid:
    own = [p for p in prices if p.data == data]
    levels = list(dict.fromkeys(p.level for p in own))
    names = list(dict.fromkeys(p.strategy for p in own))
    by = {(p.strategy, p.level): p for p in own}
    rows = [(name, *(_price(by[name, level]) for level in levels)) for name in names]
    rows = [(*row, _share(by[name, levels[-2]])) for row, name in zip(rows, names, strict=True)]
    reached = [(by[name, levels[-2]].needed, k) for k, name in enumerate(names)]
    known = [(needed, k) for needed, k in reached if needed is not None]
    return Grid(
        head=(
            "strategy",
            *(f"{level:g}" for level in levels),
            f"share of Random's at {levels[-2]:g}",
        ),
        rows=tuple(rows),
        caption=f"{data}: calls / M until {title} with this probability.",
        marked=(min(known)[1],) if known else (),
    )


def _price(one: Price) -> str:
    if one.needed is None:
        return f"> {one.budget:g}"
    error = "" if one.error is None else f" ± {one.error:.1f}"
    opened = "" if one.queries is None else f" ({one.queries:.0f})"
    return f"{one.needed:.1f}{error}{opened}"


def _share(one: Price) -> str:
    if one.of_random is None:
        return "–"
    error = "" if one.of_random_error is None else f" ± {one.of_random_error:.2f}"
    return f"{one.of_random:.2f}{error}"


def _calibration(facts: BenchFacts) -> tuple[Block, ...]:
    if not facts.tenths:
        return (Words("No strategy of this benchmark reports P(best)."),)
    blocks: list[Block] = []
    for data in facts.data:
        own = [t for t in facts.tenths if t.data == data]
        if own:
            blocks.append(_tenths(own, data))
    if facts.stopped:
        head = ("data", "strategy and rule", "stopped", "reported then", "right then", "calls / M")
        rows = tuple(_stop(one) for one in facts.stopped)
        caption = "Stopping at a probability: how often it stops, and how often it is then right."
        blocks.append(Grid(head, rows, (0, 1), caption))
    return tuple(blocks)


def _tenths(own: Sequence[Tenth], data: str) -> Grid:
    """One row a strategy, one column a tenth: reported → right (cases)."""
    edges = sorted({(t.lowest, t.highest) for t in own})
    names = list(dict.fromkeys(t.strategy for t in own))
    by = {(t.strategy, t.lowest): t for t in own}
    rows = []
    for name in names:
        cells = []
        for low, _ in edges:
            one = by.get((name, low))
            off = "" if one is None or not one.off else " !"
            cells.append(
                "–" if one is None else f"{one.reported:.2f} → {one.right:.2f} ({one.cases}){off}"
            )
        rows.append((name, *cells))
    return Grid(
        ("strategy", *(f"{low:.1f} – {high:.1f}" for low, high in edges)),
        tuple(rows),
        caption=f"{data}: P(best) as reported → how often it was right (cases), by tenths; ! where "
        "the two are apart by more than .05 and two standard errors.",
    )


def _stop(one: Stopped) -> tuple[str, ...]:
    return (
        one.data,
        f"{one.strategy}, {one.rule}",
        f"{one.stopped:.2f}",
        "–" if one.reported is None else f"{one.reported:.3f}",
        "–" if one.right is None else f"{one.right:.3f}",
        f"{one.calls:.1f}",
    )


def _worse(facts: BenchFacts) -> tuple[Block, ...]:
    rows = tuple(
        (
            one.data,
            one.strategy,
            f"{one.worse} of {one.budgets}",
            f"{one.furthest:+.2f} at {one.at:g}" if one.furthest < 0 else "never behind",
        )
        for one in facts.worse
        if one.against == "random"
    )
    if not rows:
        return (Words("Random is not in this benchmark, so nothing is compared with it."),)
    caption = (
        "Against Random: at how many budgets a strategy names the best less often by more than two "
        "standard errors, and where it is furthest behind."
    )
    return (
        Grid(("data", "strategy", "worse at budgets", "furthest behind"), rows, (0, 1), caption),
    )
