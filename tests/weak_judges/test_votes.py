from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bayessel.errors import DataError
from bayessel.weak_judges.votes import votes

scores_of_any_size = arrays(
    np.float64, (2, 3, 2), elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 9))
)


def test_the_band_is_relative_to_each_judges_root_mean_square() -> None:
    scores = np.array([[[1.0, -1.0, 0.05, -0.2]], [[100.0, -100.0, 5.0, -20.0]]])
    expected = np.array([[[1, -1, 0, -1]], [[1, -1, 0, -1]]])
    got = votes(scores)
    np.testing.assert_array_equal(got, expected)
    assert got.dtype == np.int8


def test_the_edge_of_the_band_is_a_draw() -> None:
    scores = np.array([[[2.0, -2.0, 2.0, -2.0]]])  # root mean square exactly 2
    assert (votes(scores, 1.0) == 0).all()
    assert (votes(scores, 0.999) != 0).all()


@pytest.mark.parametrize(("value", "vote"), [(0.0, 0), (2.5, 1), (-1e-300, -1), (1e300, 1)])
def test_a_constant_judge_votes_its_sign(value: float, vote: int) -> None:
    assert (votes(np.full((1, 4, 3), value)) == vote).all()


@given(scores_of_any_size, st.floats(0, 3))
def test_votes_are_odd_scale_free_and_shrink_as_the_band_grows(
    scores: np.ndarray, band: float
) -> None:
    got = votes(scores, band)
    np.testing.assert_array_equal(votes(-scores, band), -got)
    np.testing.assert_array_equal(votes(scores * 1024, band), got)
    assert ((got == 0) | (got == np.sign(scores))).all()
    assert (np.abs(got) <= np.abs(votes(scores, band / 2))).all()
    np.testing.assert_array_equal(votes(scores, 0.0), np.sign(scores))


@pytest.mark.parametrize("shape", [(0, 3, 2), (2, 0, 2)])
def test_no_scores_no_votes(shape: tuple[int, ...]) -> None:
    assert votes(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("band", [-0.1, np.nan, np.inf])
def test_a_band_out_of_range_is_refused(band: float) -> None:
    with pytest.raises(DataError, match="draw_band"):
        votes(np.ones((1, 1, 1)), band)


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(DataError, match="NaN or infinity"):
        votes(np.array([[[1.0, np.nan]]]))
