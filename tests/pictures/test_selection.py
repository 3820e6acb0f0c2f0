"""Pictures of a selection where there is little to draw."""

from __future__ import annotations

import pytest

from bayessel import Selector
from bayessel.pictures.selection import plot_eps, plot_p_best


@pytest.mark.parametrize("questions", [1, 2])
def test_one_question_is_visible(task, questions):
    axes = plot_p_best(Selector(task, "random").run(budget=5 * questions).history).axes[0]
    visible = {str(line.get_label()): line.get_marker() for line in axes.get_lines()}
    assert (visible["P(best)"] == visible["P(within 1 point)"] == "o") == (questions == 1)


def test_whole_queries_are_a_second_axis(task):
    axes = plot_p_best(Selector(task, "random").run(budget=20).history, 0.9, 5).axes[0]
    assert axes.get_xlabel() == "calls"
    (second,) = axes.child_axes
    second.figure.draw_without_rendering()
    assert second.get_xlabel() == "the same in whole queries (5 calls each)"
    assert second.get_xlim()[1] == pytest.approx(axes.get_xlim()[1] / 5)
    line = axes.get_lines()[0]
    assert line.get_xdata().tolist() == [5, 10, 15, 20]  # a point a question


@pytest.mark.parametrize("judged", [0.5, 1.0])
def test_rates_that_are_known_are_not_called_a_posterior(task, judged):
    selector = Selector(task, whole_queries=True).run(budget=int(judged * task.recorded.size))
    axes = plot_eps(selector.posterior).axes[0]
    known = judged == 1.0
    assert axes.get_title(loc="left").endswith("all judged" if known else "posterior")
    assert len(axes.collections) == (0 if known else 1)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[-1].startswith("known: loss" if known else "mean: loss")
