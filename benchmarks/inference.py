"""Speed of inference: fits, steps of a selection, growth with size, compilations.

    python benchmarks/inference.py fits ../shared/data/alpacaeval [--pymc]
    python benchmarks/inference.py steps ../shared/data/alpacaeval
    python benchmarks/inference.py growth [--out growth.png]
    python benchmarks/inference.py compilations

Without a path the task is generated, of --shape N M J. What is compared runs in the same process,
one after the other. Times are wall times; a step is timed until its arrays are ready.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import arviz as az
import jax
import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from bayessel.models import MODELS
from numpy.typing import NDArray

from bayessel import Bayessel, Task
from bayessel.evidence import Evidence
from bayessel.inference import nuts, pymc_engine
from bayessel.inference.carried import KEPT, begin, carry
from bayessel.inference.model import load_model
from bayessel.judges import score_judges
from bayessel.outcomes import MISSING
from bayessel.readers.tables import Tables

COMPILED = "/jax/core/compile/backend_compile_duration"
CACHE = {
    "/jax/compilation_cache/cache_hits": "hits",
    "/jax/compilation_cache/cache_misses": "misses",
}
Count = dict[str, float]


@contextmanager
def compilations() -> Iterator[Count]:
    """Programs compiled or loaded inside, the seconds it took, and what the disk cache held."""
    count: Count = {"programs": 0, "seconds": 0.0, "hits": 0, "misses": 0}

    def duration(event: str, seconds: float, **_: Any) -> None:
        if event == COMPILED:
            count["programs"] += 1
            count["seconds"] += seconds

    def happened(event: str, **_: Any) -> None:
        if event in CACHE:
            count[CACHE[event]] += 1

    jax.monitoring.register_event_duration_secs_listener(duration)
    jax.monitoring.register_event_listener(happened)
    try:
        yield count
    finally:
        jax.monitoring.unregister_event_duration_listener(duration)
        jax.monitoring.unregister_event_listener(happened)


# ------------------------------------------------------------------ data
def generated(n: int, m: int, j: int) -> Task:
    """Outcomes of candidates of different quality, and scores of judges that see some of it."""
    rng = np.random.default_rng(0)
    u = rng.normal(size=m) + rng.normal(size=(n, 1)) + rng.normal(size=(n, m))
    outcome = np.where(np.abs(u) < 0.3, 0, np.sign(u)).astype(int)
    table = pd.DataFrame(
        {
            "query_id": np.repeat([f"q{q}" for q in range(n)], m),
            "model": np.tile([f"m{i}" for i in range(m)], n),
            "outcome": outcome.ravel(),
        }
    )
    task = Task.from_tables(Tables(table, None, None, None, "generated"))
    scores = 0.5 * u + rng.normal(size=(j, n, m))
    return task.with_judge_scores(scores, [f"judge-{z}" for z in range(j)])


def task_of(args: argparse.Namespace) -> Task:
    """The task at the path, all judges' scores on it, or a generated one."""
    if args.path is None:
        return generated(*args.shape)
    task = Task.read(args.path)
    return task.with_judge_scores(*score_judges(task.texts)) if task.has_texts else task


def judged(task: Task, rows: int, seed: int = 0) -> tuple[NDArray[np.int8], NDArray[np.intp]]:
    """[N, M] judgments of some rows, and the order in which all rows are judged."""
    order = np.random.default_rng(seed).permutation(task.n_queries)
    outcome = np.full((task.n_queries, task.n_models), MISSING, dtype=np.int8)
    outcome[order[:rows]] = task.outcome[order[:rows]]
    return outcome, order


# ------------------------------------------------------------------ fits
def convergence(samples: dict[str, NDArray[Any]]) -> tuple[float, float]:
    """Least bulk ESS and highest r-hat over everything that varies."""
    tree = xr.Dataset(
        {
            k: (("chain", "draw", *(f"{k}_{i}" for i in range(v.ndim - 2))), v)
            for k, v in samples.items()
            if np.issubdtype(v.dtype, np.floating) and v.size and np.ptp(v) > 0
        }
    )
    ess, rhat = az.ess(tree), az.rhat(tree)
    low = min(float(np.nanmin(v)) for v in ess.data_vars.values())
    return low, max(float(np.nanmax(v)) for v in rhat.data_vars.values())


def fits(args: argparse.Namespace) -> None:
    """NUTS of each model, and PyMC's default sampler if asked for."""
    task = task_of(args)
    evidence = Evidence.of(task, judged(task, args.rows)[0])
    settings = {"chains": args.chains, "draws": args.draws, "warmup": args.warmup}
    print(
        f"{task.n_queries} x {task.n_models}, {len(evidence.signals.names)} judges, "
        f"{args.rows} rows judged; {args.chains} chains x {args.draws} draws after {args.warmup}"
    )
    table = []
    for name in args.models:
        model = load_model(name)
        data = model.prepare(evidence)
        engines: dict[str, Callable[..., Any]] = {"numpyro": nuts.sample}
        if args.pymc:
            engines["pymc"] = pymc_engine.sample
        for engine, sample in engines.items():
            with compilations() as first:
                start = time.perf_counter()
                samples, stats = sample(model, data, seed=0, **settings)
                wall = time.perf_counter() - start
            sampling = float("nan")
            if engine == "numpyro":  # again, nothing to compile; PyMC compiles each time
                start = time.perf_counter()
                samples, stats = sample(model, data, seed=1, **settings)
                sampling = time.perf_counter() - start
            ess, rhat = convergence(samples)
            timed = wall if np.isnan(sampling) else sampling
            table.append(
                {
                    "model": name,
                    "engine": engine,
                    "wall s": wall,
                    "compiling s": first["seconds"] if engine == "numpyro" else np.nan,
                    "compiled s": sampling,
                    "min ESS": ess,
                    "ESS / s": ess / timed,
                    "divergences": int(np.sum(stats.get("diverging", 0))),
                    "max r-hat": rhat,
                }
            )
            print(
                "  "
                + "  ".join(
                    f"{k}: {v}" if isinstance(v, str | int) else f"{k}: {v:.4g}"
                    for k, v in table[-1].items()
                ),
                flush=True,
            )
    print(pd.DataFrame(table).round(3).to_string(index=False))
    print("ESS / s: of the fit that has nothing to compile; of the whole fit for pymc")


# ------------------------------------------------------------------ steps
def step_times(
    task: Task, name: str, rows: int, steps: int, chains: int | None = None
) -> pd.DataFrame:
    """Milliseconds of each carried step, and the programs compiled in it."""
    outcome, order = judged(task, rows)
    rng = np.random.default_rng(0)
    more = {} if chains is None else {"chains": chains}
    state = begin(rng, load_model(name), Evidence.of(task, outcome), **more)
    found = []
    for query in order[rows : rows + steps]:
        outcome = outcome.copy()
        outcome[query] = task.outcome[query]
        with compilations() as count:
            start = time.perf_counter()
            state = carry(rng, state, outcome)
            jax.block_until_ready((state.position, state.draws))
            found.append((1000 * (time.perf_counter() - start), count["programs"]))
    table = pd.DataFrame(found, columns=["ms", "programs"])
    return table.assign(rows=rows + 1 + np.arange(len(table)))


def choosing_times(task: Task, name: str, rows: int, steps: int) -> pd.DataFrame:
    """Milliseconds of taking in a row and choosing the next query, by the strategy."""
    outcome, order = judged(task, rows)
    strategy = Bayessel(model=name)
    state = strategy.init(np.random.default_rng(0), task, outcome)
    found = []
    free = (outcome == MISSING).all(axis=1)
    for i, query in enumerate(order[rows : rows + steps]):
        free[query] = False
        with compilations() as count:
            start = time.perf_counter()
            state = strategy.tell(np.random.default_rng(i), state, int(query), task.outcome[query])
            strategy.ask(np.random.default_rng(i), state, free)
            found.append((1000 * (time.perf_counter() - start), count["programs"]))
    return pd.DataFrame(found, columns=["ms", "programs"])


def summed(table: pd.DataFrame) -> str:
    """Median and maximum of the steps in which nothing was compiled, and the others."""
    warm = table.loc[table["programs"] == 0, "ms"]
    cold = table.loc[table["programs"] > 0]
    told = (
        "no step without compilation"
        if warm.empty
        else (f"median {warm.median():7.1f} ms, max {warm.max():7.1f} ms over {len(warm)} steps")
    )
    return (
        told + f"; {len(cold)} with compilation, max {cold['ms'].max() if len(cold) else 0:.0f} ms"
    )


def steps(args: argparse.Namespace) -> None:
    """One step at a time."""
    task = task_of(args)
    print(f"{task.n_queries} x {task.n_models}, from {args.rows} judged rows, {args.steps} steps")
    for name in args.models:
        update = step_times(task, name, args.rows, args.steps)
        print(f"  {name:16} update:            {summed(update)}", flush=True)
        both = choosing_times(task, name, args.rows, args.steps)
        print(f"  {name:16} update and choice: {summed(both)}", flush=True)


# ------------------------------------------------------------------ growth
def growth(args: argparse.Namespace) -> None:
    """A step's time over a decade of each size, as a table and a picture."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    base = dict(zip("NMJS", (*args.shape, args.states), strict=True))
    least = {"N": args.rows + args.steps + 1, "M": 3, "J": 1, "S": 8 * KEPT}
    figure, panels = plt.subplots(1, 4, figsize=(13, 3.4), sharey=True, layout="constrained")
    print(f"update in ms (median without compilation) around {base}, {args.rows} rows judged")
    for axis, axes in zip("NMJS", panels, strict=True):
        sizes = [max(least[axis], round(base[axis] * f)) for f in (10**-0.5, 1.0, 10**0.5)]
        for name in args.models:
            row = []
            for size in sizes:
                at = {**base, axis: size}
                task = generated(at["N"], at["M"], at["J"])
                table = step_times(task, name, args.rows, args.steps, max(2, at["S"] // KEPT))
                row.append(float(table.loc[table["programs"] == 0, "ms"].median()))
            told = "  ".join(f"{axis}={s}: {t:8.1f}" for s, t in zip(sizes, row, strict=True))
            print(f"  {name:16}{told}", flush=True)
            axes.loglog(sizes, row, marker="o", label=name)
        axes.set_xlabel(axis)
        axes.set_xticks(sizes, [str(s) for s in sizes])
        axes.minorticks_off()
    panels[0].set_ylabel("update (ms)")
    panels[0].legend()
    figure.savefig(args.out, dpi=150)
    print(f"picture in {args.out}")


# ------------------------------------------------------------------ compilations
def compilations_shown(args: argparse.Namespace) -> None:
    """Programs compiled in each step, and in a second process with the same disk cache."""
    if args.child:
        with compilations() as count:
            start = time.perf_counter()
            table = step_times(task_of(args), args.models[0], args.rows, args.steps)
            wall = time.perf_counter() - start
        cold = table.loc[table["programs"] > 0, "rows"].tolist()
        print(
            f"    {wall:6.1f} s; from disk {count['hits']:.0f}, not on disk {count['misses']:.0f}; "
            f"compiled or loaded before the first step and at rows {cold}, "
            f"of steps {table['rows'].min()} to {table['rows'].max()}"
        )
        return
    shape = [str(s) for s in args.shape]
    for name in args.models:
        print(f"  {name}, two processes one after the other, cache on disk empty at first")
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": folder}
            environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.3"
            for _ in range(2):
                command = [sys.executable, __file__, "compilations", "--child", "--models", name]
                command += ["--rows", str(args.rows), "--steps", str(args.steps)]
                command += ["--shape", *shape, *([str(args.path)] if args.path else [])]
                subprocess.run(command, check=True, env=environment)


PARTS = {"fits": fits, "steps": steps, "growth": growth, "compilations": compilations_shown}


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("path", nargs="?", type=Path, help="a judged data set")
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument(
        "--shape", nargs=3, type=int, default=[805, 53, 10], metavar=("N", "M", "J")
    )
    parser.add_argument("--rows", type=int, default=30, help="judged rows at the start")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--warmup", type=int, default=1000)
    parser.add_argument("--pymc", action="store_true", help="also by PyMC's default sampler")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--states", type=int, default=512, help="S, states of the carried chains")
    parser.add_argument("--out", type=Path, default=Path("growth.png"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    PARTS[args.part](args)


if __name__ == "__main__":
    main()
