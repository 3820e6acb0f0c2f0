"""Parts 1 and 2 of a report: the verdict and the table; and who beats whom."""

from __future__ import annotations

import numpy as np

from bayessel.reports.facts.parts import Beats, Row, Verdict
from bayessel.reports.facts.source import Source
from bayessel.reports.standing import money
from bayessel.support.text import count
from bayessel.support.ties import TIE

SURE, LEVEL_WITH, LIKELY = 0.95, 0.9, 0.5
"""P(best) from which somebody *is* best; P(within one point) from which several are tied; P(best)
from which somebody is probably best."""
_POINT = 0.01
_SHOWN = 10  # rows of the matrix


def rows_of(source: Source) -> tuple[Row, ...]:
    """Part 2: one row a candidate, the recommended one first."""
    lower, upper = rank_intervals(source)
    recorded = None
    if source.task is not None:
        known = source.task.win_rate
        recorded = dict(zip(source.task.candidates, known, strict=True))
    rows = []
    for j, (name, found) in zip(source.order, source.table.iterrows(), strict=True):
        wins, draws, losses = source.counts(int(j))
        judged = wins + draws + losses
        all_recorded = None if recorded is None else float(recorded[str(name)])
        rows.append(
            Row(
                candidate=str(name),
                win_rate=float(found["win_rate"]),
                lower=float(found["lower"]),
                upper=float(found["upper"]),
                p_best=float(found["p_best"]),
                p_within=float(found["p_within_1pct"]),
                rank_lower=int(lower[j]),
                rank_upper=int(upper[j]),
                wins=wins,
                draws=draws,
                losses=losses,
                judged=judged,
                observed=(wins + draws / 2) / judged if judged else None,
                recorded=None
                if all_recorded is None or not np.isfinite(all_recorded)
                else all_recorded,
                calls=int(found["calls"]) if "calls" in found else None,
                cost=float(found["cost"]) if "cost" in found else None,
                dropped=str(found["last"]) if "last" in found else "",
            )
        )
    return tuple(rows)


def rank_intervals(source: Source) -> tuple[np.ndarray, np.ndarray]:
    """[M] lower and [M] upper ends of the 90 % intervals of the ranks; who ties has the better."""
    rate = source.draws
    rank = np.empty(rate.shape, dtype=int)
    for j in range(rate.shape[1]):
        rank[:, j] = 1 + (rate > rate[:, [j]] + TIE).sum(axis=1)
    lower, upper = np.quantile(rank, [0.05, 0.95], axis=0, method="inverted_cdf")
    return lower.astype(int), upper.astype(int)


def beats_of(source: Source) -> Beats:
    """P(i beats j) of the leading candidates, from joint draws of the win rates."""
    order = source.order[:_SHOWN]
    rate = source.draws[:, order]
    difference = rate[:, :, None] - rate[:, None, :]
    p = (difference > TIE).mean(axis=0) + (np.abs(difference) <= TIE).mean(axis=0) / 2
    names = tuple(source.candidates[j] for j in order)
    return Beats(names, tuple(tuple(float(v) for v in row) for row in p))


def verdict_of(source: Source, rows: tuple[Row, ...]) -> Verdict:
    """Part 1: who is best in one sentence, and what is not known in one more."""
    cells = source.n_queries * len(rows)
    cost = source.facts.get("judging")  # what the judges were paid
    unit = source.facts.get("unit")
    if rows[0].cost is not None:
        cost, unit = sum(row.cost or 0.0 for row in rows), None
    spent = "" if cost is None else f", for a cost of {money(cost)}"
    if cost is not None and unit:
        spent = f" and {money(cost)} {unit}"
    tied = _tied(rows)
    return Verdict(
        sentence=_sentence(rows, tied, source.calls, cells, spent),
        unknown=_unknown(source, rows, tied),
        best=rows[0].candidate,
        tied=tied,
        calls=source.calls,
        cells=cells,
        cost=cost,
    )


def short_p(value: float, *, known: bool = False) -> str:
    """A probability with two decimals.

    Draws never make it 0 or 1: what is neither by knowledge is below .01 or above .99.
    """
    if known and value in (0, 1):
        return f"{value:.0f}"
    if value < 0.005:
        return "< .01"
    return "> .99" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def rate_with_interval(row: Row) -> str:
    """``71 % (90 %: 66 to 76)``."""
    known = row.upper - row.lower < TIE
    ends = "" if known else f" (90 %: {100 * row.lower:.0f} to {100 * row.upper:.0f})"
    return f"{100 * row.win_rate:.0f} %{ends}"


def _tied(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Who is within one point of the best with high probability, where that is more than one."""
    level = [row.candidate for row in rows if row.p_within >= LEVEL_WITH]
    if rows[0].p_best >= SURE or len(level) < 2 or rows[0].candidate not in level:
        return ()
    return tuple(level)


def _sentence(
    rows: tuple[Row, ...], tied: tuple[str, ...], calls: int, cells: int, spent: str
) -> str:
    first = rows[0]
    after = f"after {calls:,} of {cells:,} possible calls{spent}"
    if not calls:
        return f"Nothing is judged yet: no candidate of {len(rows)} can be named."
    if tied:
        names = f"{', '.join(tied[:-1])} and {tied[-1]}"
        return f"Tied: {names} are within one point of each other ({after})."
    p = f"P(best) {short_p(first.p_best, known=calls == cells)}"
    rate = rate_with_interval(first)
    if first.p_best >= SURE:
        return f"{first.candidate} is best: win rate {rate}, {p}, {after}."
    if first.p_best >= LIKELY:
        return f"{first.candidate} is probably best: win rate {rate}, {p}, {after}."
    return f"{first.candidate} leads, but it is not settled: win rate {rate}, {p}, {after}."


def _unknown(source: Source, rows: tuple[Row, ...], tied: tuple[str, ...]) -> str:
    """What the result leaves open."""
    best, others = rows[0], rows[1:]
    if not source.calls:
        return "Everything is open: every number below is the prior's."
    if source.calls == source.n_queries * len(rows):
        return "All cells are judged: only other queries, or other verdicts, could change this."
    unopened = source.n_queries - int(source.judged.any(axis=1).sum())
    guess = (
        f" Outcomes on {unopened} of {count(source.n_queries, 'query', 'queries')} are predicted, "
        "none of them was judged."
        if unopened
        else ""
    )
    open_ = [row for row in others if row.p_best >= _POINT]
    if tied:
        return f"Not known: which of them is best; for most purposes it does not matter.{guess}"
    if not open_:
        return (
            f"Not known: how large the lead of {best.candidate} is; no other candidate has a "
            f"P(best) of {_POINT:g} or more.{guess}"
        )
    closest = max(open_, key=lambda row: row.p_best)
    many = count(len(open_), "other candidate", "other candidates")
    return (
        f"Not known: {many} may still be the best; the likeliest is {closest.candidate}, win rate "
        f"{rate_with_interval(closest)}, P(best) {short_p(closest.p_best)}.{guess}"
    )
