"""The section that says what would change a result."""

from __future__ import annotations

from bayessel.reports.blocks import Block, Grid, Words, duration
from bayessel.reports.facts.parts import Category, Change, Facts, Length, MoreCalls
from bayessel.reports.facts.standing import short_p
from bayessel.reports.standing import money
from bayessel.support.text import count, shorten


def change_blocks(facts: Facts) -> tuple[Block, ...]:
    """Other priors, more calls, categories, length."""
    change = facts.change
    if change is None:
        return (Words(facts.missing["change"]),)
    return (
        *_more(facts, change),
        *_priors(facts, change),
        *_categories(change),
        *_length(change.length),
    )


def _more(facts: Facts, change: Change) -> tuple[Block, ...]:
    if not change.more:
        why = facts.missing.get("more", "fewer cells are left than would be asked.")
        return (Words(f"More calls: {why[0].lower()}{why[1:]}", "note"),)
    first = change.more[0]
    head = (
        "more calls",
        "P(best) then",
        "80 % range",
        "reaches .95",
        "another leads",
        "cost",
        "time",
    )
    rows = tuple(_more_row(one) for one in change.more)
    note = (
        "More calls go to whom the last ones went to, each to a query of its own, and the model is "
        "taken at its word; calls that share a query bring rather more. P(best) then is that of "
        "whoever is then the likeliest."
    )
    cost = "" if first.cost is None else f" for a cost of {money(first.cost)}"
    now = short_p(facts.table[0].p_best)
    sentence = (
        f"{first.calls} more calls{cost}: P(best), now {now}, would most likely lie between "
        f"{short_p(first.lower)} and {short_p(first.upper)}. It reaches .95 with probability "
        f"{short_p(first.reaches)}, and another candidate leads with probability "
        f"{short_p(first.changes)}."
    )
    return Words(sentence), Grid(head, rows), Words(note, "note")


def _more_row(one: MoreCalls) -> tuple[str, ...]:
    return (
        f"{one.calls}",
        short_p(one.p_best),
        f"{short_p(one.lower)} – {short_p(one.upper)}",
        short_p(one.reaches),
        short_p(one.changes),
        "–" if one.cost is None else money(one.cost),
        "–" if one.seconds is None else duration(one.seconds),
    )


def _priors(facts: Facts, change: Change) -> tuple[Block, ...]:
    if not change.priors:
        why = facts.missing.get("priors", "the result does not keep what this needs.")
        return (Words(f"Other priors: {why[0].lower()}{why[1:]}", "note"),)
    rows = tuple(
        (
            f"{one.name} = {one.prior}" if one.name else one.prior,
            one.best if one.sound else "–",
            f"{100 * one.win_rate:.1f} %" if one.sound else "–",
            short_p(one.p_best) if one.sound else "–",
            f"{100 * one.effective:.0f} %",
        )
        for one in change.priors
    )
    head = ("prior", "best", "win rate", "P(best)", "draws left")
    note = (
        "Each prior is made half and twice as wide by reweighting the draws of one fit; a dash: "
        "too few draws are left, 'bayessel sensitivity' fits anew. The fit is a longer run than a "
        "step of the selection, so its P(best) may differ from the verdict's in the second decimal."
    )
    return (
        *((Words(change.priors_text),) if change.priors_text else ()),
        Grid(head, rows, texts=(0, 1)),
        Words(note, "note"),
    )


def _categories(change: Change) -> tuple[Block, ...]:
    if not change.categories:
        return (Words("Categories: the data have none.", "note"),)
    names = list(dict.fromkeys(one.candidate for one in change.categories))
    by = {(one.category, one.candidate): one for one in change.categories}
    found = list(dict.fromkeys(one.category for one in change.categories))
    rows = tuple((name, *(_category(by.get((name, who))) for who in names)) for name in found)
    caption = (
        "Judged responses of the leading candidates by category, the leader's weakest first: win "
        "rate [90 % interval] of how many."
    )
    grid = Grid(("category", *(shorten(name, 30) for name in names)), rows, caption=caption)
    return Words(change.categories_text), grid


def _category(one: Category | None) -> str:
    if one is None:
        return "–"
    judged = one.wins + one.draws + one.losses
    return f"{100 * one.rate:.0f} % [{100 * one.lower:.0f}, {100 * one.upper:.0f}] of {judged}"


def _length(length: Length | None) -> tuple[Block, ...]:
    if length is None:
        why = "Length: the result has no responses, or too few judged cells."
        return (Words(why, "note"),)
    note = (
        f"From {count(length.cells, 'judged cell')}, within candidates. In the middle, the "
        f"leader's responses are {length.ratio:.1f} times as long as the baseline's, those of "
        f"{length.other} {length.other_ratio:.1f} times."
    )
    return Words(length.text), Words(note, "note")
