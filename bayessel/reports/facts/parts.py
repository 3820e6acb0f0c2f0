"""The eight parts of a report on one result, as plain data.

Rates and probabilities are shares in [0, 1]. What is not known is None, and a part that a result
cannot have is None with a reason in :attr:`Facts.missing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Part 1.

    Attributes
    ----------
    sentence
        Who is best, how surely, after what.
    unknown
        What is not known, in one sentence.
    best
        Name of the recommended candidate.
    tied
        Names that are level with it within one point, itself included; empty where none is.
    calls, cells, cost
        Calls made, cells there are, and what the calls cost where costs are known.
    """

    sentence: str
    unknown: str
    best: str
    tied: tuple[str, ...]
    calls: int
    cells: int
    cost: float | None


@dataclass(frozen=True)
class Row:
    """Part 2: one candidate.

    Attributes
    ----------
    win_rate, lower, upper
        Posterior mean of the win rate over all queries, and its 90 % interval.
    p_best, p_within
        P(best), and the probability to be within one point of the best.
    rank_lower, rank_upper
        90 % interval of its rank, 1 for the best.
    wins, draws, losses, judged
        Counts of its judged cells; ``judged`` is their sum.
    observed
        Win rate of these counts: (wins + draws / 2) / judged.
    recorded
        Win rate over all outcomes that came with the data, where they are known.
    calls, cost
        Calls spent on it in this run, and their cost where costs are known.
    dropped
        What dropped it; empty while it is in the race.
    """

    candidate: str
    win_rate: float
    lower: float
    upper: float
    p_best: float
    p_within: float
    rank_lower: int
    rank_upper: int
    wins: int
    draws: int
    losses: int
    judged: int
    observed: float | None
    recorded: float | None
    calls: int | None
    cost: float | None
    dropped: str


@dataclass(frozen=True)
class Beats:
    """Part 3: P(row candidate has a higher win rate than column candidate), ties count half."""

    names: tuple[str, ...]
    p: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Course:
    """Part 3: P(best) against calls.

    Attributes
    ----------
    calls
        [T] calls after which it is known.
    p_best
        [T] by candidate, of those that led or ended among the likeliest.
    level
        P(best) or P(within) at which the run was to stop; None without such a rule.
    stopped_at
        Calls at which it ended.
    """

    calls: tuple[int, ...]
    p_best: dict[str, tuple[float, ...]]
    level: float | None
    stopped_at: int


@dataclass(frozen=True)
class Track:
    """Part 3: when one candidate was judged; outcome -1, 0 or 1 by call.

    ``out_since`` is the call since which it has been out of the race, 0 while it is in.
    """

    candidate: str
    calls: tuple[int, ...]
    outcomes: tuple[int, ...]
    out_since: int


@dataclass(frozen=True)
class OtherPrior:
    """Part 4: the decision under another prior, by reweighting draws; the first is as given.

    ``effective`` is the share of the draws that the weights leave; ``sound`` is False where they
    leave too few for the numbers to mean anything.
    """

    name: str
    prior: str
    best: str
    p_best: float
    win_rate: float
    effective: float
    sound: bool


@dataclass(frozen=True)
class MoreCalls:
    """Part 4: what more calls are expected to bring.

    Attributes
    ----------
    calls, cost, seconds
        How many, and what they cost and take if they are like those before; None if not known.
    p_best
        Expected highest P(best) after them; ``lower`` and ``upper`` are its 80 % range.
    reaches
        Probability that it is .95 or more.
    changes
        Probability that another candidate is then the likeliest.
    """

    calls: int
    cost: float | None
    seconds: float | None
    p_best: float
    lower: float
    upper: float
    reaches: float
    changes: float


@dataclass(frozen=True)
class Category:
    """Part 4: judged cells of one candidate in one category, and a 90 % interval of its rate."""

    candidate: str
    category: str
    wins: int
    draws: int
    losses: int
    rate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Length:
    """Part 4: whether length explains the lead.

    Attributes
    ----------
    slope, error
        Points of win rate that a response twice as long gains, and the standard error.
    cells
        Judged cells that this was learned from.
    ratio
        How many times as long as the baseline's the leader's responses are, in the middle;
        ``other_ratio`` the same of ``other``.
    other
        The runner-up.
    lead, lead_equal
        The leader's lead over it, as it is and at equal length.
    text
        The finding.
    """

    slope: float
    error: float
    cells: int
    ratio: float
    other: str
    other_ratio: float
    lead: float
    lead_equal: float
    text: str


@dataclass(frozen=True)
class Change:
    """Part 4: what would change the result."""

    priors: tuple[OtherPrior, ...]
    priors_text: str
    more: tuple[MoreCalls, ...]
    categories: tuple[Category, ...]
    categories_text: str
    length: Length | None


@dataclass(frozen=True)
class CheckLine:
    """Part 5: one check: ``pass``, ``fail`` or ``not run``, and what was found."""

    name: str
    verdict: str
    text: str


@dataclass(frozen=True)
class Calibration:
    """Part 5: how often P(best) in the same tenth was right in a benchmark."""

    data: str
    strategy: str
    lowest: float
    highest: float
    cases: int
    reported: float
    right: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Holds:
    """Part 5: does the model hold."""

    text: str
    checks: tuple[CheckLine, ...]
    calibration: tuple[Calibration, ...]


@dataclass(frozen=True)
class Judge:
    """Part 6: one source of verdicts; what is not known of it is None.

    Attributes
    ----------
    who
        Its name.
    calls, failed
        How often it was asked, and how often without a verdict.
    seconds, cost
        What all calls took and cost.
    both, flips
        Cells judged in both orders, and those of them where the verdicts differ.
    position_bias
        Points, from -1 to 1, that a candidate gains by being shown first, with a 90 % interval.
    shared, agreement
        Verdicts of others on the same cells, and the share of them that are the same, with a 90 %
        interval.
    """

    who: str
    calls: int
    failed: int | None = None
    seconds: float | None = None
    cost: float | None = None
    both: int | None = None
    flips: int | None = None
    position_bias: tuple[float, float, float] | None = None
    shared: int | None = None
    agreement: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class QueryLine:
    """Part 7: one query: the beginning of its text, who won, drew and lost, and why it is here."""

    query: str
    text: str
    wins: tuple[str, ...]
    draws: tuple[str, ...]
    losses: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Queries:
    """Part 7; ``counts`` says how many queries of each kind there are in all."""

    decisive: tuple[QueryLine, ...]
    divided: tuple[QueryLine, ...]
    drawn: tuple[QueryLine, ...]
    counts: dict[str, int]


@dataclass(frozen=True)
class Response:
    """A judged response, on request: who wrote it, its outcome (none: the baseline's), its text."""

    candidate: str
    outcome: str
    text: str | None


@dataclass(frozen=True)
class Judged:
    """A judged query with its responses, on request."""

    query: str
    text: str
    responses: tuple[Response, ...]


@dataclass(frozen=True)
class Repeat:
    """Part 8: how to repeat it."""

    commands: tuple[str, ...]
    versions: dict[str, str]
    seed: int
    data_hash: str
    baseline: str
    model: str
    options: dict[str, Any]
    priors: dict[str, str]


@dataclass(frozen=True)
class Facts:
    """A report on one result.

    Attributes
    ----------
    kind
        ``selection`` or ``fit``.
    name
        What the report calls it: its folder.
    missing
        Why a part is None, by the part's name.
    """

    kind: str
    name: str
    strategy: str
    queries_opened: int
    n_queries: int
    verdict: Verdict
    table: tuple[Row, ...]
    beats: Beats
    course: Course | None
    race: tuple[Track, ...] | None
    change: Change | None
    holds: Holds | None
    judges: tuple[Judge, ...]
    judges_text: str
    queries: Queries
    repeat: Repeat
    responses: tuple[Judged, ...] | None
    missing: dict[str, str]
