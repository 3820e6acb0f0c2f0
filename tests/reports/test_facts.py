"""The numbers of a report: known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Task
from bayessel.priors import Prior
from bayessel.reports.facts.categories import categories_of
from bayessel.reports.facts.change import scaled
from bayessel.reports.facts.length import length_of
from bayessel.reports.facts.plain import plain
from bayessel.reports.facts.queries import queries_of
from bayessel.reports.facts.source import Source
from bayessel.reports.facts.standing import beats_of, rows_of, short_p, verdict_of

W, D, L, N = 1, 0, -1, -9


def source(outcome, draws, p_best, *, task=None, within=None, **more) -> Source:
    """A result of candidates a, b, c with given outcomes and draws of win rates."""
    outcome = np.array(outcome, dtype=np.int8)
    draws = np.array(draws, dtype=float)
    names = tuple("abc")[: outcome.shape[1]]
    mean = draws.mean(axis=0)
    lower, upper = np.quantile(draws, [0.05, 0.95], axis=0)
    judged = (outcome != N).sum(axis=0)
    table = pd.DataFrame(
        {
            "p_best": p_best,
            "win_rate": mean,
            "lower": lower,
            "upper": upper,
            "p_within_1pct": p_best if within is None else within,
            "calls": judged,
            "last": "",
        },
        index=pd.Index(names, name="candidate"),
    ).sort_values("win_rate", ascending=False)
    queries = tuple(f"q{i}" for i in range(len(outcome)))
    return Source(
        "selection", "r", names, queries, outcome, len(outcome), table, draws, "x", task, **more
    )


SOME = source(
    [[W, L, N], [D, L, L], [W, W, N], [W, D, L]],
    [[0.8, 0.4, 0.1], [0.7, 0.5, 0.1], [0.5, 0.6, 0.2], [0.6, 0.6, 0.2]],
    [0.625, 0.375, 0.0],
)


def test_counts_reproduce_the_rates():
    rows = {row.candidate: row for row in rows_of(SOME)}
    assert (rows["a"].wins, rows["a"].draws, rows["a"].losses, rows["a"].judged) == (3, 1, 0, 4)
    assert rows["a"].observed == 3.5 / 4
    assert (rows["b"].wins, rows["b"].draws, rows["b"].losses) == (1, 1, 2)
    assert rows["c"].observed == 0.0
    assert sum(row.judged for row in rows.values()) == SOME.calls == 10


def test_ranks_and_who_beats_whom_come_from_joint_draws():
    rows = {row.candidate: row for row in rows_of(SOME)}
    ranks = {name: (row.rank_lower, row.rank_upper) for name, row in rows.items()}
    assert ranks == {"a": (1, 2), "b": (1, 2), "c": (3, 3)}
    beats = beats_of(SOME)
    assert beats.names == ("a", "b", "c")
    assert beats.p[0] == (0.5, 0.625, 1.0)  # ahead in two draws, tied in one of four
    assert np.allclose(np.array(beats.p) + np.array(beats.p).T, 1)


@pytest.mark.parametrize(
    ("p_best", "within", "said"),
    [
        ([0.97, 0.03, 0.0], None, "a is best: win rate 65 % (90 %: 52 to 78), P(best) .97"),
        ([0.7, 0.3, 0.0], None, "a is probably best: win rate 65 %"),
        ([0.4, 0.35, 0.25], None, "a leads, but it is not settled"),
        ([0.6, 0.4, 0.0], [0.95, 0.92, 0.1], "Tied: a and b are within one point of each other"),
        ([0.97, 0.03, 0.0], [0.98, 0.92, 0.1], "a is best"),
    ],
)
def test_the_verdict_says_how_sure_it_is(p_best, within, said):
    found = source(SOME.outcome, SOME.draws, p_best, within=within)
    verdict = verdict_of(found, rows_of(found))
    assert verdict.sentence.startswith(said)
    assert "after 10 of 12 possible calls" in verdict.sentence
    assert verdict.tied == (("a", "b") if said.startswith("Tied") else ())


def test_what_is_not_known():
    verdict = verdict_of(SOME, rows_of(SOME))
    assert verdict.unknown.startswith("Not known: 1 other candidate may still be the best; ")
    nothing = source(np.full((4, 3), N), SOME.draws, [0.4, 0.3, 0.3])
    assert "prior" in verdict_of(nothing, rows_of(nothing)).unknown
    full = source([[W, L], [W, L]], [[1.0, 0.0]], [1.0, 0.0])
    known = verdict_of(full, rows_of(full))
    assert known.sentence.startswith("a is best: win rate 100 %, P(best) 1, after 4 of 4")
    assert known.unknown.startswith("All cells are judged")


def test_draws_never_make_a_probability_certain():
    assert [short_p(p) for p in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "< .01", "< .01", ".50", "> .99", "> .99",
    ]  # fmt: skip
    assert short_p(1.0, known=True) == "1"


def test_queries_of_each_kind():
    found = queries_of(
        source([[W, L, L], [L, W, N], [D, D, D], [N, N, W]], SOME.draws, [0.6, 0.4, 0.0])
    )
    assert found.counts == {"decisive": 2, "divided": 2, "drawn": 1}
    assert [(line.query, line.why) for line in found.decisive] == [
        ("q0", "2 points for a, beside 2 close rivals"),
        ("q1", "1 point against a, beside one close rival"),
    ]
    assert [line.query for line in found.divided] == ["q1", "q0"]  # one each is more divided
    assert found.divided[1].wins == ("a",)
    assert found.divided[1].losses == ("b", "c")
    assert [line.query for line in found.drawn] == ["q2"]


def task_of(outcome, length) -> Task:
    """A task whose responses are as long as said, the baseline's 100 characters."""
    rows = []
    for q, row in enumerate(outcome):
        category = "x" if q % 2 else "y"
        rows.append({"query_id": f"q{q}", "candidate": "base", "text": "b" * 99})
        for name, value, size in zip("ab", row, length[q], strict=True):
            rows.append(
                {"query_id": f"q{q}", "candidate": name, "outcome": value, "text": "t" * (size - 1)}
            )
        for one in rows[-3:]:
            one["category"] = category
    return Task.from_frame(pd.DataFrame(rows), "base")


def test_length_explains_a_lead_that_is_made_of_it():
    """Who is twice as long gains half a point: a is, three times in four; b once in four."""
    pattern = [(200, 100), (200, 100), (200, 200), (100, 100)] * 5
    outcome = [[1 if size == 200 else 0 for size in row] for row in pattern]
    draws = [[0.875, 0.625]]
    found = length_of(source(outcome, draws, [1.0, 0.0], task=task_of(outcome, pattern)))
    assert found is not None
    assert found.slope == pytest.approx(0.5)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert (found.cells, found.other, found.ratio) == (40, "b", pytest.approx(2))
    assert found.lead == pytest.approx(0.25)
    assert found.lead_equal == pytest.approx(0, abs=1e-9)
    assert "Length explains" in found.text


def test_length_is_not_blamed_without_evidence():
    pattern = [(200, 100), (100, 200)] * 10
    outcome = [[1, -1], [1, -1]] * 10
    found = length_of(source(outcome, [[1.0, 0.0]], [1.0, 0.0], task=task_of(outcome, pattern)))
    assert found is not None
    assert found.slope == 0
    assert found.lead_equal == found.lead == 1


def test_the_weakest_category_is_first():
    outcome = [[1, 0], [-1, 0]] * 6  # q0, q2 ... are y, the others x
    task = task_of(outcome, [(100, 100)] * 12)
    categories, text = categories_of(source(outcome, [[0.5, 0.4]], [0.7, 0.3], task=task))
    own = [c for c in categories if c.candidate == "a"]
    assert [(c.category, c.rate, c.losses) for c in own] == [("x", 0.0, 6), ("y", 1.0, 0)]
    assert text.startswith("a is weakest in x: win rate 0 % (90 %: ")
    assert text.endswith("of 6 judged responses, 100 % elsewhere.")


def test_a_prior_is_made_wider_in_its_own_scale():
    assert str(scaled(Prior.parse("HalfNormal(scale=0.2)"), 2)) == "HalfNormal(scale=0.4)"
    assert scaled(Prior.parse("Gamma(concentration=4, rate=32)"), 2).parameters["rate"] == 16
    assert scaled(Prior.parse("Beta(concentration1=1, concentration0=1)"), 2) is None


def test_plain_data_have_no_nan():
    assert plain({"a": (1.23456789, float("nan")), "b": rows_of(SOME)[0]})["a"] == [1.23457, None]
