"""Agreement against worked examples from the literature, and the summary of a ledger."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bayessel.oracles.people.agreement import (
    agreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    raw_agreement,
)
from bayessel.oracles.people.shown import Choice, Said, new_request, verdict_of
from bayessel.oracles.people.summary import summarize
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import MISSING, Outcome
from bayessel.reports.people import reliability, summary_lines


def from_table(table: list[list[int]]) -> np.ndarray:
    """Two people's outcomes from how often each pair of them was said."""
    pairs = [
        (i - 1, j - 1) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)
    ]
    return np.array(pairs, dtype=np.int8).T


def test_cohen_1960():
    """Cohen (1960), table 1: proportions of 200, kappa .492."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert cohen_kappa(from_table(table)) == pytest.approx(0.492, abs=5e-4)


def test_fleiss():
    """Ten subjects, three categories, fourteen raters: the observed share and kappa by hand."""
    counts = np.array([[0, 0, 14], [0, 8, 6], [2, 6, 6], [7, 7, 0], [14, 0, 0], [3, 2, 9]])
    said = np.array([np.repeat([-1, 0, 1], row) for row in counts], dtype=np.int8).T
    observed = np.mean([(np.sum(row**2) - 14) / (14 * 13) for row in counts])
    expected = np.sum((counts.sum(axis=0) / counts.sum()) ** 2)
    assert fleiss_kappa(said) == pytest.approx((observed - expected) / (1 - expected))
    assert raw_agreement(said) == pytest.approx(observed)


def test_krippendorff_two_people_by_hand():
    """Two people, four cells: the coincidences and ordinal distances worked out by hand."""
    said = np.array([[-1, 0, 1, 1], [-1, 1, 1, 1]], dtype=np.int8)
    # values 2, 1, 5 times; the only disagreement is draw and win, twice in the coincidences
    n = {-1: 2, 0: 1, 1: 5}
    distance = {
        (-1, 0): (n[-1] / 2 + n[0] / 2) ** 2,
        (0, 1): (n[0] / 2 + n[1] / 2) ** 2,
        (-1, 1): (n[-1] / 2 + n[0] + n[1] / 2) ** 2,
    }
    observed = 2 * distance[0, 1] / 8
    expected = sum(2 * n[a] * n[b] * d for (a, b), d in distance.items()) / (8 * 7)
    assert krippendorff_alpha(said) == pytest.approx(1 - observed / expected)


def test_gaps_and_what_is_not_defined():
    gaps = np.array([[-1, 0, MISSING, 1], [-1, 0, 1, MISSING], [MISSING, 0, 1, 1]], dtype=np.int8)
    assert krippendorff_alpha(gaps) == pytest.approx(1)
    assert raw_agreement(gaps) == 1
    same = np.ones((2, 5), dtype=np.int8)
    assert math.isnan(cohen_kappa(same))
    assert math.isnan(krippendorff_alpha(same))
    alone = np.array([[1, MISSING], [MISSING, 1]], dtype=np.int8)
    assert agreement(alone, rng=np.random.default_rng(0)) is None


def test_intervals_hold_the_truth():
    """Two people who agree on 80 of 100 cells; 90 % intervals miss the truth in a tenth."""
    held, rng = 0, np.random.default_rng(1)
    for _ in range(30):
        first = rng.integers(-1, 2, size=100).astype(np.int8)
        other = (first + rng.integers(1, 3, size=100) + 1) % 3 - 1
        second = np.where(rng.random(100) < 0.8, first, other).astype(np.int8)
        found = agreement(np.stack([first, second]), rng=rng, repeats=100)
        assert found is not None
        held += found.raw.lower <= 0.8 <= found.raw.upper
    assert held >= 20  # of 30; below 20 about once in 10,000 where 90 % hold


def test_summary(tmp_path):
    with VerdictLedger.in_folder(tmp_path) as ledger:
        for n, (who, choice) in enumerate(
            [
                ("anna", Choice.FIRST),
                ("ben", Choice.FIRST),
                ("anna", Choice.BOTH_BAD),
                ("anna", Choice.SKIP),
            ]
        ):
            request = new_request(who, f"q{n // 2}", "a", baseline_first=True)
            note = "I cannot decide: really" if choice is Choice.SKIP else "hm" * (n == 0)
            ledger.finish(
                ledger.begin(request), verdict_of(request, Said(choice, note, 10.0 + n), cost=0.5)
            )
        ledger.begin(new_request("ben", "q9", "a", baseline_first=False))
        judge = Request("some-llm", "q0", "a", True, 0, {"messages": []})
        ledger.finish(ledger.begin(judge), Verdict(State.VERDICT, Outcome.WIN))
        found = summarize(ledger.all)
    anna, ben = found.people
    assert (anna.verdicts, anna.draws, anna.both_bad, anna.skips) == (2, 1, 1, 1)
    assert (anna.first_share, anna.median_seconds, anna.cost) == (1.0, 11.0, 1.0)
    assert (ben.annotator, ben.verdicts) == ("ben", 1)
    assert found.reasons == [("I cannot decide", 1)]
    assert found.comments == [("anna", "hm")]
    assert found.open == 1
    assert found.agreement is not None
    assert found.agreement.raw.value == 1
    assert found.numbers["agreement"]["alpha"]["value"] is None  # all said the same


def test_who_agrees_with_the_others_from_ten_shared_cells_on(tmp_path):
    """Anna and ben share 12 cells and differ on 3; carla shares one."""
    with VerdictLedger.in_folder(tmp_path) as ledger:
        for n in range(12):
            said = {"anna": Choice.FIRST, "ben": Choice.DRAW if n < 3 else Choice.FIRST}
            for who, choice in {**said, **({"carla": Choice.FIRST} if n == 0 else {})}.items():
                request = new_request(who, f"q{n}", "a", baseline_first=False)
                ledger.finish(ledger.begin(request), verdict_of(request, Said(choice)))
        found = summarize(ledger.all)
    anna, ben, carla = found.people
    assert (anna.with_others.value, anna.with_others.of) == (10 / 13, 13)
    assert ben.with_others.value == 9 / 13
    assert anna.with_others.lower < 10 / 13 < anna.with_others.upper
    assert carla.with_others is None
    assert reliability(carla) == ""
    said = "anna says the same as the others in 77 % (90 %: 54 to 90) of 13 comparisons"
    assert said in summary_lines(found)
    assert found.numbers["people"][2]["with_others"] is None
