"""Speed of inference: fits, steps of a selection, growth with size, compilations.

    python benchmarks/inference.py fits ../shared/data/alpacaeval [--pymc]
    python benchmarks/inference.py steps ../shared/data/alpacaeval
    python benchmarks/inference.py growth [--out growth.png]
    python benchmarks/inference.py compilations

Without a path the task is generated, of --shape N M J. What is compared runs in the same process,
one after the other. Times are wall times. A step is what a selection waits for after an answer:
the strategy's ``tell`` (the posterior with the row) and ``ask`` (the next query). CPU times do not
depend on what else runs on the machine; on one core they are the wall times of an idle one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import arviz as az
import jax
import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel import Task, make_strategy
from bayessel.inference.engines import ENGINES, nuts
from bayessel.inference.engines.base import engine_named
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.models import MODELS
from bayessel.outcomes import MISSING
from bayessel.tasks.tables import Tables
from bayessel.weak_judges import score_weak_judges

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

    def duration(event: str, duration_secs: float, **_: Any) -> None:
        if event == COMPILED:
            count["programs"] += 1
            count["seconds"] += duration_secs

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
    """Outcomes of candidates of different quality, and weak judges that see some of it."""
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
    return task.with_weak_judges(scores, [f"judge-{z}" for z in range(j)])


def task_of(args: argparse.Namespace) -> Task:
    """The task at the path, all weak judges' scores on it, or a generated one."""
    if args.path is None:
        return generated(*args.shape)
    task = Task.read(args.path)
    return task.with_weak_judges(*score_weak_judges(task.texts)) if task.has_texts else task


def judged(task: Task, rows: int, seed: int = 0) -> tuple[NDArray[np.int8], NDArray[np.intp]]:
    """[N, M] judgments of some rows, and the order in which all rows are judged."""
    order = np.random.default_rng(seed).permutation(task.n_queries)
    outcome = np.full((task.n_queries, task.n_candidates), MISSING, dtype=np.int8)
    outcome[order[:rows]] = task.recorded[order[:rows]]
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
    """Each model by each engine that fits it."""
    task = task_of(args)
    evidence = Evidence.of(task, judged(task, args.rows)[0])
    settings = {"chains": args.chains, "draws": args.draws, "warmup": args.warmup}
    print(
        f"{task.n_queries} x {task.n_candidates}, {len(evidence.signals.names)} weak judges, "
        f"{args.rows} rows judged; {args.chains} chains x {args.draws} draws after {args.warmup}"
    )
    table = []
    for name in args.models:
        model = load_model(name)
        data = model.prepare(evidence)
        for engine in (*args.engines, *(("pymc",) if args.pymc else ())):
            if engine_named(engine).refusal(model) is not None:
                continue
            sample = engine_named(engine).sample
            again = float("nan")
            with compilations() as first:
                start, processor = time.perf_counter(), time.process_time()
                samples, stats = sample(model, data, seed=0, **settings)
                wall, used = time.perf_counter() - start, time.process_time() - processor
            if engine != "pymc":  # nothing to compile the second time; PyMC compiles each time
                start, processor = time.perf_counter(), time.process_time()
                samples, stats = sample(model, data, seed=1, **settings)
                again, used = time.perf_counter() - start, time.process_time() - processor
            ess, rhat = convergence(samples)
            diverging = stats.get("diverging")
            table.append(
                {
                    "model": name,
                    "engine": engine,
                    "wall s": wall,
                    "compiling s": first["seconds"] if engine == "numpyro" else np.nan,
                    "again s": again,
                    "CPU s": used,
                    "min ESS": ess,
                    "ESS / s": ess / (wall if np.isnan(again) else again),
                    "divergences": np.nan if diverging is None else int(np.sum(diverging)),
                    "max r-hat": rhat,
                }
            )
            print(f"  {name}, {engine}: {wall:.1f} s, again {again:.1f} s", flush=True)
    print(pd.DataFrame(table).round(3).to_string(index=False))
    print("CPU, ESS / s: of the second fit, which has nothing to compile; of pymc's only one")


# ------------------------------------------------------------------ steps
def step_times(task: Task, rows: int, steps: int, **options: Any) -> pd.DataFrame:
    """Milliseconds of each step, update and choice apart, and the programs compiled in it."""
    outcome, order = judged(task, rows)
    strategy = make_strategy("bayessel", whole_queries=True, **options)
    state = strategy.init(np.random.default_rng(0), task, outcome)
    free = outcome == MISSING
    cost = np.ones(free.shape)
    table = []
    for i, query in enumerate(order[rows : rows + steps]):
        free[query] = False
        with compilations() as count:
            start, processor = time.perf_counter(), time.process_time()
            state = strategy.tell(np.random.default_rng(i), state, int(query), task.recorded[query])
            told = time.perf_counter()
            strategy.ask(np.random.default_rng(i), state, free, cost)
            asked, processor = time.perf_counter(), time.process_time() - processor
        table.append(
            {
                "row": rows + i + 1,
                "update": 1000 * (told - start),
                "choice": 1000 * (asked - told),
                "step": 1000 * (asked - start),
                "CPU": 1000 * processor,
                "programs": count["programs"],
            }
        )
    return pd.DataFrame(table)


def summed(table: pd.DataFrame) -> dict[str, float]:
    """Medians in ms of the steps in which nothing was compiled; how many were not so."""
    warm = table[table["programs"] == 0]
    cold = table.loc[table["programs"] > 0, "step"]
    found = {k: float(warm[k].median()) for k in ("update", "choice", "step", "CPU")}
    return {
        **found,
        "slowest": float(warm["step"].max()),
        "compiled in": len(cold),
        "those, s": float(cold.median()) / 1000,
    }


def _brief(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def steps(args: argparse.Namespace) -> None:
    """Steps by the strategy, from few rows and from --rows; the alternative, a refit."""
    task = task_of(args)
    print(
        f"{task.n_queries} x {task.n_candidates}, {args.steps} steps from each number of rows; ms"
    )
    table = []
    for name in args.models:
        for acquisition in args.acquisitions:
            for rows in (0, args.rows):
                times = step_times(task, rows, args.steps, model=name, acquisition=acquisition)
                table.append(
                    {"model": name, "acquisition": acquisition, "rows": rows, **summed(times)}
                )
                print("  " + "  ".join(_brief(v) for v in table[-1].values()), flush=True)
    print(pd.DataFrame(table).round(2).to_string(index=False))
    print(
        f"\nthe alternative: a refit by NUTS, {args.chains} chains x {args.draws} draws after "
        f"{args.warmup}, {args.rows} rows judged"
    )
    evidence = Evidence.of(task, judged(task, args.rows)[0])
    for name in args.refits:
        model = load_model(name)
        with compilations() as count:
            start = time.perf_counter()
            nuts.sample(
                model,
                model.prepare(evidence),
                seed=0,
                chains=args.chains,
                draws=args.draws,
                warmup=args.warmup,
            )
            wall = time.perf_counter() - start
        print(f"  {name:16}{wall:8.1f} s, {count['seconds']:.1f} s of it to compile", flush=True)


# ------------------------------------------------------------------ growth
def growth(args: argparse.Namespace) -> None:
    """A step's CPU time over a decade of each size, as a table and a picture."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    base = dict(zip("NMJS", (*args.shape, args.states), strict=True))
    figure, panels = plt.subplots(1, 4, figsize=(13, 3.4), sharey=True, layout="constrained")
    print(
        f"a step in ms of CPU (median of {args.steps} without compilation) around {base}, "
        f"{args.rows} rows judged, {args.acquisitions[0]}"
    )
    known: dict[tuple[Any, ...], float] = {}
    for axis, axes in zip("NMJS", panels, strict=True):
        sizes = [round(base[axis] * f) for f in (10**-0.5, 1.0, 10**0.5)]
        times: dict[str, list[float]] = {name: [] for name in args.models}
        for size in sizes:
            at = {**base, axis: size}
            task = generated(at["N"], at["M"], at["J"])
            for name in args.models:
                key = (name, *at.values())
                if key not in known:
                    found = step_times(
                        task,
                        args.rows,
                        args.steps,
                        model=name,
                        acquisition=args.acquisitions[0],
                        draws=at["S"],
                    )
                    known[key] = summed(found)["CPU"]
                times[name].append(known[key])
        for name, row in times.items():
            told = "  ".join(f"{axis}={s}: {t:8.1f}" for s, t in zip(sizes, row, strict=True))
            print(f"  {name:16}{told}", flush=True)
            axes.loglog(sizes, row, marker="o", label=name)
        axes.set_xlabel(axis)
        axes.set_xticks(sizes, [str(s) for s in sizes])
        axes.minorticks_off()
    panels[0].set_ylabel("step (ms of CPU)")
    panels[0].legend()
    figure.savefig(args.out, dpi=150)
    print(f"picture in {args.out}")


# ------------------------------------------------------------------ compilations
def compilations_shown(args: argparse.Namespace) -> None:
    """Programs compiled in each step, and in a second process with the same disk cache."""
    if args.child:
        task = task_of(args)
        with compilations() as count:
            start = time.perf_counter()
            table = step_times(task, args.rows, args.steps, model=args.models[0])
            wall = time.perf_counter() - start
        cold = table.loc[table["programs"] > 0, "row"].tolist()
        print(
            f"    {wall:6.1f} s; compiled {count['misses']:.0f} programs, from disk "
            f"{count['hits']:.0f}; of the steps to row {table['row'].min()} to "
            f"{table['row'].max()} those to row {cold} compile or load"
        )
        return
    shape = [str(s) for s in args.shape]
    for name in args.models:
        print(f"  {name}: two processes one after the other, cache on disk empty at first")
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": folder}
            environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.1"
            for _ in range(2):
                command = [sys.executable, __file__, "compilations", "--child", "--models", name]
                command += ["--rows", str(args.rows), "--steps", str(args.steps)]
                command += ["--shape", *shape, *([str(args.path)] if args.path else [])]
                subprocess.run(command, check=True, env=environment)


PARTS = {"fits": fits, "steps": steps, "growth": growth, "compilations": compilations_shown}
DEFAULTS = {
    "fits": {"rows": 30},
    "steps": {"rows": 20, "steps": 20},
    "growth": {"rows": 33, "steps": 5},
    "compilations": {"rows": 10, "steps": 40},
}
"""Rows judged at the start, and steps; growth within one number of slots."""


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
    parser.add_argument("--rows", type=int, help="judged rows at the start")
    parser.add_argument("--engines", nargs="*", default=["numpyro", "gibbs"], choices=list(ENGINES))
    parser.add_argument("--pymc", action="store_true", help="also by PyMC's default sampler")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--warmup", type=int, default=1000)
    parser.add_argument("--steps", type=int)
    parser.add_argument(
        "--acquisitions",
        nargs="+",
        default=["expected-regret", "spread"],
        help="of steps; growth takes the first",
    )
    parser.add_argument(
        "--refits", nargs="*", default=list(MODELS), help="models that steps refits by NUTS"
    )
    parser.add_argument("--states", type=int, default=512, help="S, draws of the population")
    parser.add_argument("--out", type=Path, default=Path("growth.png"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    for name, value in DEFAULTS[args.part].items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    PARTS[args.part](args)


if __name__ == "__main__":
    main()
