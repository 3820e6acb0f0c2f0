"""The eight sections of a report on one result, from its facts."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.reports.blocks import (
    Block,
    Chart,
    Code,
    Folded,
    Grid,
    Section,
    Text,
    Words,
    duration,
    some,
)
from bayessel.reports.change_blocks import change_blocks
from bayessel.reports.facts.parts import Course, Facts, Judge, Queries, Row
from bayessel.reports.facts.standing import rate_with_interval, short_p
from bayessel.reports.standing import money
from bayessel.support.text import count, shorten

_CHECKPOINTS = 8
_SHOWN = 20_000  # characters of a text


def result_sections(facts: Facts) -> tuple[Section, ...]:
    """All sections, in the order in which they are read."""
    return (
        Section("Verdict", _verdict(facts)),
        Section("Candidates", _table(facts)),
        Section("Pictures", _pictures(facts)),
        Section("What would change this", change_blocks(facts)),
        Section("Does the model hold?", _holds(facts)),
        Section("Who judged", _judges(facts)),
        Section("Queries", _queries(facts)),
        Section("How to repeat it", _repeat(facts)),
    )


def _verdict(facts: Facts) -> tuple[Block, ...]:
    return Words(facts.verdict.sentence, "lead"), Words(facts.verdict.unknown)


# ------------------------------------------------------------------ candidates
def _table(facts: Facts) -> tuple[Block, ...]:
    rows = facts.table
    selection = facts.kind == "selection"
    costs = any(row.cost is not None for row in rows)
    head = ["candidate", "win rate", "90 % interval", "P(best)", "P(1 pt)", "rank"]
    head += ["won", "drew", "lost", "calls" if selection else "judged", "their rate"]
    head += ["cost"] if costs else []
    head += ["out since call"] if selection else []
    cells = [_cells(row, selection=selection, costs=costs) for row in rows]
    note = (
        "Win rate: over all queries, a draw counts half; judged cells count as they are, the "
        "others are predicted. P(1 pt): probability to be within one point of the best. Rank: 90 % "
        "interval, 1 is best. Their rate: (won + drew / 2) of the judged cells; it differs from "
        "the win rate because candidates are judged on different queries."
    )
    if out := next((row.dropped for row in rows if row.dropped), ""):
        note += f" Out: {out.partition(' since ')[0]}, from this call on."
    grid = Grid(tuple(head), tuple(cells), marked=(0,))
    return grid, Words(note, "note")


def _cells(row: Row, *, selection: bool, costs: bool) -> tuple[str, ...]:
    ranks = f"{row.rank_lower}" + (f"–{row.rank_upper}" if row.rank_upper > row.rank_lower else "")
    cells = [
        row.candidate,
        f"{100 * row.win_rate:.1f} %",
        f"{100 * row.lower:.1f} – {100 * row.upper:.1f}",
        short_p(row.p_best),
        short_p(row.p_within),
        ranks,
        *(f"{number}" for number in (row.wins, row.draws, row.losses, row.judged)),
        "–" if row.observed is None else f"{100 * row.observed:.1f} %",
    ]
    if costs:
        cells.append("–" if row.cost is None else money(row.cost))
    if selection:
        cells.append(row.dropped.partition(" since call ")[2])
    return tuple(cells)


# ------------------------------------------------------------------ pictures
def _pictures(facts: Facts) -> tuple[Block, ...]:
    known = any(row.recorded is not None for row in facts.table)
    ticks = " Ticks: all outcomes that came with the data." if known else ""
    blocks: list[Block] = [
        Chart(
            "win_rates",
            facts.table,
            f"Win rates against {facts.repeat.baseline} with 90 % intervals, and P(best).{ticks}",
        ),
        _beats(facts),
    ]
    if facts.course is None:
        blocks.append(Words(f"P(best) against calls: {facts.missing['course']}", "note"))
    else:
        blocks.append(
            Chart(
                "course",
                facts.course,
                "P(best) of the leading candidates against calls, up to where the run stopped.",
                _course_grid(facts.course),
            )
        )
    if facts.race is not None:
        blocks.append(
            Chart(
                "race",
                facts.race,
                "Who was judged when: a win goes up, a loss down, a draw stays on the line. A line "
                "ends with a cross where the candidate dropped out.",
            )
        )
    return tuple(blocks)


def _beats(facts: Facts) -> Grid:
    names = facts.beats.names
    rows, shades = [], []
    for i, (name, own) in enumerate(zip(names, facts.beats.p, strict=True)):
        cells = ["–" if i == j else short_p(p) for j, p in enumerate(own)]
        rows.append((f"{i + 1}. {shorten(name, 40)}", *cells))
        shades.append((None, *(None if i == j else p for j, p in enumerate(own))))
    return Grid(
        head=("", *(f"{i + 1}" for i in range(len(names)))),
        rows=tuple(rows),
        caption="Probability that the candidate of the row has a higher win rate than that of the "
        "column.",
        shades=tuple(shades),
    )


def _course_grid(course: Course) -> Grid:
    """P(best) at some of the calls: what the picture says, for those who do not see it."""
    last = len(course.calls) - 1
    at = sorted({round(k * last / _CHECKPOINTS) for k in range(_CHECKPOINTS + 1)})
    rows = [(name, *(short_p(line[t]) for t in at)) for name, line in course.p_best.items()]
    head = ("P(best) after calls", *(f"{course.calls[t]}" for t in at))
    return Grid(head, tuple(rows))


# ------------------------------------------------------------------ model, judges
def _holds(facts: Facts) -> tuple[Block, ...]:
    holds = facts.holds
    if holds is None:
        return (Words(facts.missing.get("holds", "")),)
    failed = [line for line in holds.checks if line.verdict == "fail"]
    others = [line for line in holds.checks if line.verdict != "fail"]
    blocks: list[Block] = [Words(holds.text)]
    if failed:
        faults = tuple((line.name, line.text) for line in failed)
        blocks.append(Grid(("fails", "what was found"), faults, texts=(0, 1)))
    rows = tuple((line.name, line.verdict, line.text) for line in others)
    grid = Grid(("check", "verdict", "what was found"), rows, texts=(0, 1, 2))
    passed = sum(line.verdict == "pass" for line in others)
    title = f"{count(passed, 'check passes', 'checks pass')}, {len(others) - passed} could not run"
    blocks.append(Folded(title, (grid,)))
    if holds.calibration:
        near = tuple(
            (
                one.data,
                f"{one.lowest:.1f} – {one.highest:.1f}",
                f"{one.cases}",
                f"{one.reported:.2f}",
                f"{one.right:.2f}",
                f"{one.lower:.2f} – {one.upper:.2f}",
            )
            for one in holds.calibration
        )
        head = ("benchmark", "P(best)", "cases", "reported", "right", "68 % interval")
        caption = "How often a P(best) like this one was right in the benchmark."
        blocks.append(Grid(head, near, caption=caption))
    else:
        blocks.append(
            Words(
                "Whether P(best) is right on data like these is measured by 'bayessel bench'; its "
                "folder, given with --bench, is shown here.",
                "note",
            )
        )
    return tuple(blocks)


def _judges(facts: Facts) -> tuple[Block, ...]:
    if not facts.judges:
        return (Words(facts.judges_text),)
    head = ("who", "calls", "failed", "time", "cost", "flips", "place", "agreement")
    rows = tuple(_judge(one) for one in facts.judges)
    note = (
        "Time: of all calls; of outcomes that were told, from one to the next, choosing and "
        "learning included. Flips: cells judged in both orders whose verdicts differ. Place: "
        "points that a candidate gains by being shown first, with a 90 % interval. Agreement: with "
        "the others that judged the same cells, with such an interval. A dash: not known. "
        + facts.judges_text
    )
    return Grid(head, rows), Words(note, "note")


def _percents(share: tuple[float, float, float]) -> str:
    value, lower, upper = (100 * x for x in share)
    return f"{value:.0f} % [{lower:.0f}, {upper:.0f}]"


def _points(bias: tuple[float, float, float]) -> str:
    value, lower, upper = (100 * x for x in bias)
    return f"{value:+.0f} [{lower:+.0f}, {upper:+.0f}]"


def _judge(one: Judge) -> tuple[str, ...]:
    return (
        one.who,
        f"{one.calls}",
        "–" if one.failed is None else f"{one.failed}",
        "–" if one.seconds is None else duration(one.seconds),
        "–" if one.cost is None else money(one.cost),
        "–" if one.flips is None else f"{one.flips} of {one.both}",
        "–" if one.position_bias is None else _points(one.position_bias),
        "–" if one.agreement is None else f"{_percents(one.agreement)} of {one.shared}",
    )


# ------------------------------------------------------------------ queries
def _queries(facts: Facts) -> tuple[Block, ...]:
    found = facts.queries
    kinds = {
        "Decisive: they speak most for or against the leader": found.decisive,
        "Nobody agrees: candidates win and lose": found.divided,
        "All draws: they tell nothing": found.drawn,
    }
    names = ("decisive", "divided", "drawn")
    blocks: list[Block] = []
    for kind, (title, lines) in zip(names, kinds.items(), strict=True):
        total = found.counts[kind]
        if not lines:
            blocks.append(Words(f"{title.partition(':')[0]}: no query.", "note"))
            continue
        rows = tuple(
            (line.query, line.text, some(line.wins), some(line.draws), some(line.losses), line.why)
            for line in lines
        )
        head = ("query", "text", "won", "drew", "lost", "why")
        caption = f"{title} ({len(lines)} of {total} shown)."
        blocks.append(Grid(head, rows, texts=tuple(range(6)), caption=caption))
    blocks += _responses(facts, found)
    return tuple(blocks)


def _responses(facts: Facts, found: Queries) -> Sequence[Block]:
    if facts.responses is None:
        why = facts.missing.get("responses")
        return (Words(why, "note"),) if why else ()
    blocks = []
    for one in facts.responses:
        own: list[Block] = [Text("query", _cut(one.text))] if one.text else []
        for response in one.responses:
            outcome = f": {response.outcome}" if response.outcome else " (the baseline)"
            own.append(Text(f"{response.candidate}{outcome}", _cut(response.text)))
        blocks.append(Folded(f"Responses to {one.query}", tuple(own)))
    return blocks


def _cut(text: str | None) -> str:
    """The beginning of a very long text: a browser hangs on one of megabytes."""
    if not text:
        return "(no response)"
    more = len(text) - _SHOWN
    return text if more <= 0 else f"{text[:_SHOWN]}\n… and {more:,} more characters"


# ------------------------------------------------------------------ again
def _repeat(facts: Facts) -> tuple[Block, ...]:
    repeat = facts.repeat
    rows = [
        ("seed", f"{repeat.seed}"),
        ("data hash", repeat.data_hash),
        ("baseline", repeat.baseline),
        ("model", repeat.model or "–"),
        *((name, f"{value}") for name, value in repeat.options.items() if name != "model"),
        *((f"prior of {name}", prior) for name, prior in repeat.priors.items()),
        *((f"version of {name}", number) for name, number in repeat.versions.items()),
    ]
    return (
        Code("\n".join(repeat.commands)),
        Folded(
            "Seed, data hash, priors, versions", (Grid(("what", "value"), tuple(rows), (0, 1)),)
        ),
    )


def comparison(results: Sequence[Facts]) -> Section:
    """Several results side by side."""
    head = ("result", "best", "win rate", "P(best)", "calls", "cost", "chosen by", "seed")
    rows = tuple(
        (
            one.name,
            one.verdict.best,
            rate_with_interval(one.table[0]),
            short_p(one.table[0].p_best),
            f"{one.verdict.calls} of {one.verdict.cells}",
            "–" if one.verdict.cost is None else money(one.verdict.cost),
            one.strategy,
            f"{one.repeat.seed}",
        )
        for one in results
    )
    return Section(
        "Side by side", (Words(_agree(results)), Grid(head, rows, (0, 1, 6)), *_rates(results))
    )


def _agree(results: Sequence[Facts]) -> str:
    named = list(dict.fromkeys(one.verdict.best for one in results))
    data = {one.repeat.data_hash for one in results}
    same = "" if len(data) == 1 else " They are not of the same data."
    if len(named) == 1:
        return f"All {len(results)} results name {named[0]}.{same}"
    return f"The results differ: {', '.join(named)} are named.{same}"


def _rates(results: Sequence[Facts]) -> tuple[Block, ...]:
    """Win rates of every candidate that all results have, by result."""
    own = [{row.candidate: row for row in one.table} for one in results]
    names = [name for name in own[0] if all(name in table for table in own)]
    if not names:
        return ()
    rows = tuple(
        (
            name,
            *(f"{rate_with_interval(table[name])}, {short_p(table[name].p_best)}" for table in own),
        )
        for name in names
    )
    head = ("candidate: win rate, P(best)", *(one.name for one in results))
    return (Grid(head, rows),)
