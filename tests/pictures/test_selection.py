"""Pictures of a selection where there is little to draw."""

from __future__ import annotations

import pytest

from bayessel import Selector
from bayessel.pictures.selection import plot_eps, plot_p_best
from bayessel.pictures.win_rates import plot_win_rates
from bayessel.selection.history import chances_table


@pytest.mark.parametrize("questions", [1, 2])
def test_one_question_is_visible(task, questions):
    axes = plot_p_best(Selector(task, "random").run(budget=5 * questions).history).axes[0]
    (line,) = axes.get_lines()
    assert line.get_label().startswith("whoever leads")
    assert (line.get_marker() == "o") == (questions == 1)


def test_every_candidate_that_matters_is_one_named_line(task):
    selector = Selector(task, "random").run(budget=40)
    chances = chances_table(selector.steps, task.candidates)
    axes = plot_p_best(selector.history, None, 5, chances).axes[0]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    assert set(lines) == set(task.candidates)  # of five, all
    named = {text.get_text() for text in axes.texts}
    assert named == set(task.candidates)
    for name, line in lines.items():
        assert line.get_ydata().tolist() == chances.loc[line.get_xdata(), name].tolist()
    final = selector.standing.p_best
    assert chances.iloc[-1].to_numpy() == pytest.approx(final, abs=5e-5)


def test_whole_queries_are_a_second_axis(task):
    axes = plot_p_best(Selector(task, "random").run(budget=20).history, 0.9, 5).axes[0]
    assert axes.get_xlabel() == "calls"
    (second,) = axes.child_axes
    second.figure.draw_without_rendering()
    assert second.get_xlabel() == "the same in whole queries (5 calls each)"
    assert second.get_xlim()[1] == pytest.approx(axes.get_xlim()[1] / 5)
    line = axes.get_lines()[0]
    assert line.get_xdata().tolist() == [5, 10, 15, 20]  # a point a question


def test_rates_that_are_known_are_no_picture(task):
    whole = Selector(task, whole_queries=True).run(budget=task.recorded.size)
    assert plot_eps(whole.posterior) is None
    half = Selector(task, whole_queries=True).run(budget=task.recorded.size // 2)
    axes = plot_eps(half.posterior).axes[0]
    assert axes.get_title(loc="left").endswith("posterior")
    assert axes.get_legend().get_texts()[-1].get_text().startswith("mean: loss")


def test_p_best_stands_in_a_column_with_a_head_and_rates_are_in_percent(task):
    selector = Selector(task, "random").run(budget=40)
    drawn = plot_win_rates(selector.table)
    drawn.draw_without_rendering()
    axes = drawn.axes[0]
    said = [text.get_text() for text in axes.texts]
    assert said == [*(f"{p:.2f}" for p in _by_rate(selector.table)["p_best"]), "P(best)"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == list(_by_rate(selector.table).index)
    assert all(label.get_text().endswith(" %") for label in axes.get_xticklabels())


def _by_rate(table):
    return table.sort_values("win_rate", ascending=False, kind="stable")
