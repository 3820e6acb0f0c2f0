"""From draws of a model's parameters to the finite population of N queries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bayessel.inference.draws import best_shares, rates

_CELLS = 2**13
"""Cells that are looked at together: as many as the processor's cache holds."""


def complete(key: Any, probs: Any, outcome: Any) -> Any:
    """[M, K] losses, draws and wins of a completed population: judged cells as they are.

    Parameters
    ----------
    key
        Randomness.
    probs
        [N, M, K] outcome probabilities of each cell.
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    """
    value = jnp.where(jnp.abs(outcome) <= 1, outcome, draw_outcomes(key, probs))
    return jnp.stack([(value == k).sum(axis=0) for k in (-1, 0, 1)], axis=-1)


def draw_outcomes(key: Any, probs: Any) -> Any:
    """[...] outcomes -1, 0, 1 with probabilities [..., K]."""
    u = jax.random.uniform(key, probs.shape[:-1], dtype=probs.dtype)
    return jnp.where(u < probs[..., 0], -1, jnp.where(u < probs[..., 0] + probs[..., 1], 0, 1))


def cell_probs(predict: Callable[..., Any], key: Any, draw: Any, data: Any, outcome: Any) -> Any:
    """[N, M, K] from a model's ``predict``, which may say it by level of the cell."""
    probs = predict(key, draw, data)
    level = getattr(data, "level", None)
    if level is None:
        return probs
    return probs[level, jnp.arange(outcome.shape[1])]


@partial(jax.jit, static_argnames=("predict", "log_likelihood", "completed", "replicated", "batch"))
def describe(
    predict: Callable[..., Any],
    log_likelihood: Callable[..., Any] | None,
    completed: Callable[..., Any] | None,
    replicated: Callable[..., Any] | None,
    key: Any,
    draws: dict[str, Any],
    data: Any,
    outcome: Any,
    rows: Any,
    row_outcome: Any,
    batch: int = 16,
) -> dict[str, Any]:
    """Everything a result says of S draws, a batch of draws at a time.

    Parameters
    ----------
    predict, log_likelihood, completed, replicated
        ``predict``, ``log_likelihood``, ``complete`` and ``replicate`` of the model; without the
        last three the cells of a row are taken as independent given a draw.
    key
        Randomness.
    draws
        Values by site, each [S, ...].
    data
        What the model reads.
    outcome
        [N, M] judgments that the population is completed around.
    rows, row_outcome
        [R] positions and [R, M] outcomes of the rows to replicate and to give the likelihood of.

    Returns
    -------
    dict
        ``win_rate`` [S, M]; ``outcome_rate`` [S, M, K]; ``p_best`` [S, M]; ``eps_loss``,
        ``eps_draw`` [S]; ``outcome`` [S, R, M] replicates of the judged rows, their own effects
        drawn anew; ``log_likelihood`` [S, R]; ``best`` [S, M] and ``joint`` [S], a candidate drawn
        from ``p_f`` and the log likelihood of all the rows given the draw and it (where a model
        does not sum F out, ``p_best`` and the sum of ``log_likelihood``); without rows not the
        last four.
    """
    size = len(next(iter(draws.values())))

    def one(inputs: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
        key, draw = inputs
        predicting, completing, replicating = jax.random.split(key, 3)
        given = _one_best(jax.random.fold_in(key, 1), draw, outcome.shape[1])
        probs = cell_probs(predict, predicting, given, data, outcome)
        if completed is None:
            counts = complete(completing, probs, outcome)
        else:
            counts = completed(completing, given, data, outcome)
        found: dict[str, Any] = rates(counts, own=draw)._asdict()
        if not len(rows):
            return found
        fresh = cell_probs(predict, predicting, given, _unjudged(data, len(outcome)), outcome)
        of_rows, judged = fresh[rows], jnp.abs(row_outcome) <= 1
        if replicated is None:
            replicate = draw_outcomes(replicating, of_rows)
        else:
            replicate = replicated(replicating, given, data, of_rows)
        k = jnp.clip(row_outcome + 1, 0, 2).astype(int)
        log_p = jnp.log(jnp.take_along_axis(probs[rows], k[..., None], axis=-1)[..., 0])
        cells = jnp.where(judged, log_p, 0.0).sum(axis=1)
        by_row = cells if log_likelihood is None else log_likelihood(draw, data)[: len(rows)]
        found["outcome"] = jnp.where(judged, replicate, row_outcome).astype(jnp.int8)
        found["log_likelihood"] = by_row
        found["best"] = given.get("p_f", found["p_best"])
        found["joint"] = (cells if "p_f" in draw else by_row).sum()
        return found

    return jax.lax.map(one, (jax.random.split(key, size), draws), batch_size=batch)


@partial(jax.jit, static_argnames=("log_density", "batch"))
def row_densities(
    log_density: Callable[..., Any], draws: dict[str, Any], data: Any, batch: int = 16
) -> Any:
    """[S, R] log densities of the judged rows, as they were fitted; slots that are free follow."""
    return jax.lax.map(lambda draw: log_density(draw, data), draws, batch_size=batch)


def _unjudged(data: Any, n: int) -> Any:
    """The data with every slot free, so that ``predict`` draws the effects of all rows."""
    row = getattr(data, "row", None)
    return data if row is None else data._replace(row=jnp.full_like(row, n))


class Survey(NamedTuple):
    """What choosing the next query and a standing need of S draws.

    Attributes
    ----------
    counts
        [S, copies, M, K] losses, draws and wins of completed populations.
    p_best
        [S, M] shares of being the best, the mean over the copies.
    loss, win
        [S, N, M] probabilities of each cell; nothing where they were not asked for.
    expected
        [S, M] win rates expected of each draw: no unjudged cell is drawn, and where cells fall into
        levels, no F. Where the model has a ``complete`` of its own, the mean over the copies.
    """

    counts: Any
    p_best: Any
    loss: Any
    win: Any
    expected: Any


@partial(jax.jit, static_argnames=("predict", "completed", "copies", "cells"))
def survey(
    predict: Callable[..., Any],
    completed: Callable[..., Any] | None,
    copies: int,
    key: Any,
    draws: dict[str, Any],
    data: Any,
    outcome: Any,
    cells: bool = True,
) -> Survey:
    """Survey the population by S draws, without drawing a cell.

    Given a draw the unjudged cells of a candidate are independent, so the numbers of their losses
    and wins are nearly normal; they are drawn with their means and covariance, and rounded. Where
    few cells are left the sum of their variances, and with it what rounding may change, is small.

    Parameters
    ----------
    predict, completed
        ``predict`` of the model, and its ``complete`` if it has one.
    copies
        Completions of the population for each draw.
    key, draws, data, outcome
        As in :func:`describe`.
    cells
        Whether the probabilities of each cell are wanted. Where not, and the model says them by
        level, cells are counted and not visited.
    """
    size = len(next(iter(draws.values())))
    judged = jnp.abs(outcome) <= 1
    known = jnp.stack([(outcome == k).sum(axis=0) for k in (-1, 0, 1)], axis=-1)
    left = (~judged).sum(axis=0)

    level = getattr(data, "level", None)
    by_level = level is not None and completed is None and not cells
    number = jnp.where(judged, 0.0, 1.0)  # of unjudged cells with the same probabilities
    if by_level and level is not None:
        first = jax.tree.map(lambda value: value[0], draws)
        levels = jax.eval_shape(predict, key, first, data).shape[0]
        column = jnp.broadcast_to(jnp.arange(outcome.shape[1]), level.shape)
        number = jnp.zeros((levels, outcome.shape[1])).at[level, column].add(number)
    room = 32 * _CELLS if by_level else _CELLS
    batch = int(np.clip(room // max(number.size, 1), 1, size))

    def one(inputs: tuple[Any, dict[str, Any]]) -> Survey:
        key, draw = inputs
        predicting, completing, draw = _prepared(key, draw, outcome.shape[1])
        if completed is not None:
            keys = jax.random.split(completing, copies)
            counts = jax.vmap(lambda k: completed(k, draw, data, outcome))(keys)
        if by_level:
            probs = predict(predicting, draw, data)
        elif cells or completed is None:
            probs = cell_probs(predict, predicting, draw, data, outcome)
        if completed is None:
            unit = jax.random.normal(completing, (copies, 2, outcome.shape[1]), dtype=probs.dtype)
            # computed once, or each of the sums would compute them anew
            loss, win = jax.lax.optimization_barrier((probs[..., 0], probs[..., 2]))
            counts = known + _complete_roughly(unit, loss, win, number, left)
            if by_level and "p_f" in draw:
                loss, win = _over_f(predict, predicting, inputs[1], data)
            rest = (number * (1 + win - loss) / 2).sum(axis=0)
            expected = (known[:, 2] + known[:, 1] / 2 + rest) / len(outcome)
        else:
            expected = rates(counts).win_rate.mean(axis=0)
        p_best = best_shares(counts).mean(axis=0)
        of_loss, of_win = (probs[..., 0], probs[..., 2]) if cells else ((), ())
        return Survey(counts, p_best, of_loss, of_win, expected)

    return jax.lax.map(one, (jax.random.split(key, size), draws), batch_size=batch)


@partial(jax.jit, static_argnames="predict")
def survey_cells(
    predict: Callable[..., Any],
    key: Any,
    draws: dict[str, Any],
    data: Any,
    outcome: Any,
    candidates: Any,
) -> tuple[Any, Any]:
    """[S, N, len(candidates)] losses and wins of cells, as a survey with this key saw them."""
    size, level = len(next(iter(draws.values()))), getattr(data, "level", None)

    def one(inputs: tuple[Any, dict[str, Any]]) -> tuple[Any, Any]:
        key, draw = inputs
        predicting, _, draw = _prepared(key, draw, outcome.shape[1])
        if level is not None:
            probs = predict(predicting, draw, data)[level[:, candidates], candidates]
            return probs[..., 0], probs[..., 2]
        probs = cell_probs(predict, predicting, draw, data, outcome)
        loss, win = probs[..., 0], probs[..., 2]  # before choosing: the draws are then not formed
        return loss[:, candidates], win[:, candidates]

    return jax.lax.map(one, (jax.random.split(key, size), draws))


def _over_f(predict: Callable[..., Any], key: Any, draw: dict[str, Any], data: Any) -> Any:
    """[V, M] probabilities of a loss and of a win by level, the mean over F."""

    def given(f: Any) -> Any:
        return predict(key, {**draw, "p_f": f}, data)

    p_f = draw["p_f"] / draw["p_f"].sum()
    every = jax.vmap(given)(jnp.eye(len(p_f), dtype=p_f.dtype))
    probs = jnp.tensordot(p_f, every, axes=1)
    return probs[..., 0], probs[..., 2]


def _prepared(key: Any, draw: dict[str, Any], m: int) -> tuple[Any, Any, dict[str, Any]]:
    """Keys to predict and to complete with, and the draw."""
    choosing, predicting, completing = jax.random.split(key, 3)
    return predicting, completing, _one_best(choosing, draw, m)


def _one_best(key: Any, draw: dict[str, Any], m: int) -> dict[str, Any]:
    """The draw, one candidate drawn from its ``p_f`` being F, for its cells too."""
    if "p_f" not in draw:
        return draw
    best = jax.random.categorical(key, jnp.log(draw["p_f"]))
    return {**draw, "p_f": jax.nn.one_hot(best, m, dtype=draw["p_f"].dtype)}


def _complete_roughly(unit: Any, loss: Any, win: Any, number: Any, left: Any) -> Any:
    """[copies, M, K] numbers of unjudged losses, draws and wins, from normals [copies, 2, M].

    ``loss`` and ``win`` are probabilities, [N, M] or [V, M], of so many unjudged cells, ``number``.
    """

    def total(of: Any, by: Any) -> Any:
        return (of * by).sum(axis=0)

    mean_loss, mean_win = total(loss, number), total(win, number)
    var_loss = jnp.maximum(mean_loss - total(loss * number, loss), 0.0)
    var_win = mean_win - total(win * number, win)
    covariance = -total(loss * number, win)
    losses = jnp.clip(jnp.round(mean_loss + jnp.sqrt(var_loss) * unit[:, 0]), 0, left)
    slope = covariance / jnp.maximum(var_loss, 1e-6)
    rest = jnp.maximum(var_win - slope * covariance, 0.0)
    wins = mean_win + slope * (losses - mean_loss) + jnp.sqrt(rest) * unit[:, 1]
    wins = jnp.clip(jnp.round(wins), 0, left - losses)
    return jnp.stack([losses, left - losses - wins, wins], axis=-1).astype(left.dtype)
