"""Closed forms of cells that were judged twice: counted by hand, and right on average."""

from __future__ import annotations

from dataclasses import asdict
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.errors import DataError, UnknownNameError
from bayessel.inference.judges.audit import audit, share
from bayessel.inference.judges.table import VerdictTable
from said import Judge, said

CELLS = [("q1", "a"), ("q2", "a"), ("q3", "b"), ("q4", "b")]


def table(*rows, gold=None):
    """Rows are a judge, a cell's number, a side and an outcome."""
    return VerdictTable.of([(who, CELLS[c], side, said) for who, c, side, said in rows], gold)


def test_counts_by_hand():
    found = audit(
        table(
            ("x", 0, 1, 1), ("x", 0, -1, -1),  # turns from win to loss: the first place wins twice
            ("x", 1, 1, 0), ("x", 1, -1, 1),  # flips
            ("x", 2, -1, 1), ("x", 2, 1, 1), ("x", 2, 1, 1),  # the same, and the same again
            ("x", 3, -1, -1), ("x", 3, -1, 0),  # not the same again
            ("g", 0, 0, 1), ("g", 1, 0, 1), ("g", 2, 0, -1),
            gold="g",
        )
    )[0]  # fmt: skip
    assert (found.judge, found.verdicts, found.cells) == ("x", 9, 4)
    assert (found.flips.value, found.flips.of) == (2 / 3, 3)
    assert found.reversals.value == 1 / 3
    assert (found.repeatability.value, found.repeatability.of) == (1 / 2, 2)
    assert (found.agreement.value, found.agreement.of) == (1 / 3, 3)
    assert (found.agreement_decided.value, found.agreement_decided.of) == (1 / 2, 2)
    # (+1 - 1/2 + 0) of three cells and one that is spread over all pairs
    assert abs(found.position_bias.value - 0.5 / 4) < 0.01
    # shown first: 3 of 3; shown second: the first place wins 2 of 4; Beta posteriors of Jeffreys
    assert abs(found.first_place.value - (3.5 / 4 + 2.5 / 5) / 2) < 0.01
    assert found.first_place.of == 7


def test_what_nothing_tells_is_not_known():
    found = audit(table(("x", 0, 1, 1), ("x", 1, 1, 0)))[0]
    for one in (found.flips, found.position_bias, found.repeatability, found.noise,
                found.first_place, found.agreement):  # fmt: skip
        assert np.isnan(one.value)
        assert one.of == 0
        assert one.lower < one.upper


def test_wilsons_interval():
    """A known answer: 81 of 263, Newcombe (1998), his 95 % interval .2553 to .3662."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bayessel.inference.judges.audit.Z", 1.959964)
        found = share(81, 263)
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(("sway", "chance"), [(0.0, True), (0.6, True), (1.5, False)])
def test_noise_is_the_variance_of_a_verdict_in_an_order_drawn_at_random(sway, chance):
    """Six standard deviations over 40 tables: a false alarm in 1e8; both orders and a repeat."""
    rng = np.random.default_rng(7)
    scale = 1.0 if chance else 1e3  # so large that chance changes no verdict
    judge = Judge(0.2 * scale, 1.5 * scale, 0.4 * scale, sway * scale, 0.4 * scale)
    found, orders, truth = [], [], []
    for _ in range(40):
        sides = (1, -1, 1, 1)
        every = said(rng, {"x": judge}, 150, sides=sides)
        outcome = every.outcome.reshape(len(sides), -1) / 2
        first, again, second = outcome[0], outcome[3], outcome[1]
        found.append(audit(said_first(every, 3 * 150))[0].noise.value)
        orders.append(audit(said_first(every, 2 * 150))[0].noise.value)
        # variance within an order, and of the order's means about their middle
        within = ((first - again) ** 2).mean() / 2
        truth.append(within / 2 + ((first - second) ** 2).mean() / 4)
    gap = np.array(found) - np.array(truth)
    assert abs(gap.mean()) < 6 * gap.std() / np.sqrt(40) + 0.002  # the prior is worth a cell of 150
    assert np.mean(orders) > np.mean(truth) - 0.003
    assert np.mean(orders) < 2 * np.mean(truth) + 0.003


def said_first(every: VerdictTable, count: int) -> VerdictTable:
    rows = zip(every.judge, every.cell, every.side, every.outcome, strict=True)
    return VerdictTable.of(
        [(every.judges[k], every.cells[c], int(s), int(y)) for k, c, s, y in list(rows)[:count]]
    )


VERDICT = st.tuples(st.integers(0, 3), st.sampled_from([1, -1]), st.sampled_from([-1, 0, 1]))


@given(st.lists(VERDICT, min_size=1, max_size=12))
def test_calling_the_baseline_the_candidate_changes_nothing(verdicts):
    """Sides and outcomes turn round together: who is shown first gains as much as before."""
    one = audit(table(*[("x", c, s, y) for c, s, y in verdicts]))[0]
    other = audit(table(*[("x", c, -s, -y) for c, s, y in verdicts]))[0]
    for name in ("flips", "reversals", "repeatability"):
        np.testing.assert_equal(asdict(getattr(one, name)), asdict(getattr(other, name)))
    for name in ("position_bias", "noise", "first_place"):
        a, b = getattr(one, name), getattr(other, name)
        assert a.of == b.of
        if a.of:
            assert abs(a.value - b.value) < 0.03
            assert a.lower <= a.value <= a.upper


def test_bad_tables_are_refused_in_one_line():
    with pytest.raises(DataError, match="no verdict yet"):
        VerdictTable.of([])
    for side, outcome in ((2, 1), (1, -9)):
        with pytest.raises(DataError, match="expected -1, 0 or 1"):
            table(("x", 0, side, outcome))
    with pytest.raises(UnknownNameError, match="did you mean 'people'"):
        table(*product(["people"], [0], [1], [1]), gold="poeple")
