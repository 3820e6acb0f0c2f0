"""What the default says and how often it is right, with other priors and orders of the queries.

    python benchmarks/regression.py PATH... [--order random] [--prior 'NAME=PRIOR'] [...]
    python benchmarks/regression.py --generated SD [--candidates 6] [--prior 'NAME=PRIOR'] [...]

Each realization draws a sub-task (protocol panel) and an order of its queries, by the spread of the
weak judges' scores as the default does or at random; after 5, 10, 20, 40 and 80 queries the
regression is sampled. The same seed gives the same sub-tasks and orders whatever the priors. With
--generated a sub-task has 300 queries and M candidates, whose win rates differ with a standard
deviation of about SD, and a weak judge that sees nothing.

Prints, by data set and number of queries: the share of realizations in which the candidate with the
highest expected win rate is a best one, its standard error, its mean reported P(best), the mean log
of the P(best) of the best, and of the 90 % intervals of win rates the share that cover the recorded
one: all candidates' and the named one's, with the mean error of both.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel import Task
from bayessel.acquisition.spread import spread_weights
from bayessel.inference.evidence import Evidence
from bayessel.inference.gibbs.population import population
from bayessel.inference.gibbs.sweeps import sweep
from bayessel.inference.load import Model, load_model
from bayessel.inference.signals import Signals
from bayessel.outcomes import MISSING
from bayessel.tasks.sub_tasks import draw, panel
from bayessel.weak_judges.cache import cached_scores

BUDGETS = (5, 10, 20, 40, 80)
STATES, COPIES = 128, 4
_QUERIES = 300


def judged(
    path: Path, cache: Path, seed: int, realizations: int
) -> Iterator[tuple[NDArray[np.int8], Signals]]:
    """Sub-tasks of a data set: outcomes [N, M] and the weak judges' scores."""
    task = Task.read(path)
    scores, names = cached_scores(task.texts, None, cache, task.fingerprint)
    for realization in range(realizations):
        queries, models = draw(panel, seed, realization, task.n_queries, task.n_candidates)
        signals = Signals(scores[:, queries][:, :, models], tuple(names))
        yield task.recorded[np.ix_(queries, models)], signals


def generated(
    sd: float, size: int, seed: int, realizations: int
) -> Iterator[tuple[NDArray[np.int8], Signals]]:
    """Sub-tasks in which little tells the candidates apart."""
    for realization in range(realizations):
        rng = np.random.default_rng([seed, realization])
        of_query, of_cell = rng.normal(0, 0.7, (_QUERIES, 1)), rng.normal(0, 0.7, (_QUERIES, size))
        latent = rng.normal(0, 2.5 * sd, size) + of_query + of_cell
        outcome = (latent > 0.2).astype(np.int8) - (latent < -0.2).astype(np.int8)
        yield outcome, Signals(rng.normal(size=(1, _QUERIES, size)), ("blind",))


def told(
    outcome: NDArray[np.int8], signals: Signals, model: Model, order: str, seed: int
) -> Iterator[dict[str, float]]:
    """What the regression says of one sub-task after each budget, and what is true."""
    rng = np.random.default_rng(seed)
    n, m = outcome.shape
    weight = spread_weights(signals.spread) if order == "spread" else np.ones(n)
    asked = np.argsort(-np.log(weight) - rng.gumbel(size=n))  # without replacement, by weight
    truth = (outcome + 1).mean(axis=0) / 2
    best = truth >= truth.max() - 1e-9
    names = tuple(map(str, range(n))), tuple(map(str, range(m)))
    for budget in (b for b in BUDGETS if b < n):
        known = np.full_like(outcome, MISSING)
        known[asked[:budget]] = outcome[asked[:budget]]
        data = model.prepare(Evidence(known, signals, *names))
        sweeps = sweep(rng, data, model.priors, STATES, copies=COPIES)
        draws = population(known, sweeps)
        win_rate, p_best = draws.win_rate.mean(axis=0), draws.p_best.mean(axis=0)
        low, high = (np.quantile(draws.win_rate, q, axis=0) for q in (0.05, 0.95))
        covered = (low <= truth + 1e-9) & (truth <= high + 1e-9)
        named = int(win_rate.argmax())
        yield {
            "judged": budget,
            "identified": float(best[named]),
            "P(best)": p_best[named],
            "log P(best)": np.log(max(p_best[best].sum(), 1e-3)),
            "covered": covered.mean(),
            "error": 100 * (win_rate - truth).mean(),
            "named covered": float(covered[named]),
            "named error": 100 * (win_rate - truth)[named],
        }


def main() -> None:
    """Run the study that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("path", type=Path, nargs="*")
    parser.add_argument("--generated", type=float, metavar="SD")
    parser.add_argument("--candidates", type=int, default=6)
    parser.add_argument("--prior", action="append", default=[], metavar="NAME=PRIOR")
    parser.add_argument("--order", choices=("spread", "random"), default="spread")
    parser.add_argument("--realizations", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(".cache/weak judges"))
    arguments = parser.parse_args()
    if bool(arguments.path) == (arguments.generated is not None):
        parser.error("give PATHs, or --generated SD")
    model = load_model("regression", dict(text.split("=", 1) for text in arguments.prior))
    seed, realizations = arguments.seed, arguments.realizations
    sources = {
        path.name: judged(path, arguments.cache, seed, realizations) for path in arguments.path
    }
    if arguments.generated is not None:
        given = generated(arguments.generated, arguments.candidates, seed, realizations)
        sources[f"sd {arguments.generated}, {arguments.candidates} candidates"] = given
    rows = [
        {"data": name, **said}
        for name, parts in sources.items()
        for realization, (outcome, signals) in enumerate(parts)
        for said in told(outcome, signals, model, arguments.order, realization)
    ]
    frame = pd.DataFrame(rows).groupby(["data", "judged"], sort=False)
    table = frame.mean()
    error: pd.Series = frame["identified"].std() / np.sqrt(frame["identified"].size())
    table.insert(1, "± ", error)
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
