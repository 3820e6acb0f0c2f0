"""Pictures of a selection where there is little to draw."""

from __future__ import annotations

import pytest

from bayessel import Selector
from bayessel.pictures.selection import plot_eps, plot_p_best


@pytest.mark.parametrize("budget", [1, 2])
def test_one_annotation_is_visible(task, budget):
    axes = plot_p_best(Selector(task, "random").run(budget=budget).history).axes[0]
    visible = {str(line.get_label()): line.get_marker() for line in axes.get_lines()}
    assert (visible["P(best)"] == visible["P(within 1 point)"] == "o") == (budget == 1)


@pytest.mark.parametrize("judged", [0.5, 1.0])
def test_rates_that_are_known_are_not_called_a_posterior(task, judged):
    selector = Selector(task).run(budget=int(judged * task.n_queries))
    axes = plot_eps(selector.posterior).axes[0]
    known = judged == 1.0
    assert axes.get_title(loc="left").endswith("all judged" if known else "posterior")
    assert len(axes.collections) == (0 if known else 1)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[-1].startswith("known: loss" if known else "mean: loss")
