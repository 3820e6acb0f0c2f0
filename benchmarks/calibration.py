"""Simulation-based calibration of every model and engine, without and with adaptive choice.

    python benchmarks/calibration.py [--simulations 300] [--only dual_parameter:paper] [--out DIR]

Prints the p-value of uniformity of each quantity (bands that hold together; the smallest of all is
to be compared with 0.01 over their number), and writes a picture for each. ``dual_parameter`` is
simulated with votes; ``item_response`` without scores and with those of two weak judges, random and
exogenous, so that its coefficients and discrimination act; ``judge_channel`` without weak judges
and with two whose votes it generates, its likelihood of them not tempered (``correlation`` 0,
``unjudged`` large). ``regression`` simulates the normal rows that it assumes, and has quantities of
its own; only its sweeps take such rows, its programs know a judged cell by an outcome of -1, 0 or
1. The last runs assume a wrong prior and have to fail.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bayessel.checks.simulation.calibration import GENERATIVE, calibrate
from bayessel.checks.simulation.design import Design
from bayessel.inference.load import load_model
from bayessel.pictures.calibration import plot_calibration
from bayessel.pictures.style import save_figure
from bayessel.priors import Prior

# model, engine, weak judges, wrong priors
STUDY: list[tuple[str, str, int, dict[str, Prior | str] | None]] = [
    ("dual_parameter:paper", "exact", 0, None),
    ("dual_parameter:paper", "carried", 0, None),
    ("dual_parameter", "carried", 0, None),
    ("dual_parameter", "numpyro", 0, None),
    ("dual_parameter", "pymc", 0, None),
    ("judge_channel", "carried", 0, None),
    ("judge_channel", "carried", 2, None),
    ("item_response:plain", "carried", 0, None),
    ("item_response", "carried", 0, None),
    ("item_response", "carried", 2, None),
    ("item_response", "numpyro", 0, None),
    ("item_response", "pymc", 0, None),
    ("item_response", "pymc", 2, None),
    ("regression", "gibbs", 0, None),
    ("regression", "gibbs", 2, None),
    ("two_way", "gibbs", 0, None),
    ("two_way", "gibbs", 2, None),
    ("dual_parameter:paper", "exact", 0, {"eps": "Dirichlet((6, 2, 2))"}),
    ("item_response", "carried", 0, {"level": "Normal(1.5, 0.3)"}),
    ("item_response", "carried", 2, {"sd_within": "0.01"}),
    ("regression", "gibbs", 2, {"contrast": "Gamma(8, 25)"}),
    ("two_way", "gibbs", 0, {"noise": "Gamma(40, 80)"}),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=300)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--transitions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="models whose name begins so")
    parser.add_argument("--engine", help="this engine only")
    parser.add_argument("--out", type=Path, default=Path("calibration"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for model, engine, weak_judges, assumed in STUDY:
        if args.only and not model.startswith(args.only):
            continue
        if args.engine and engine != args.engine:
            continue
        for adaptive in (False, True):
            design = Design(
                simulations=args.simulations,
                draws=args.draws,
                transitions=args.transitions,
                weak_judges=weak_judges,
                adaptive=adaptive,
            )
            began = time.perf_counter()
            own = load_model(model, GENERATIVE if model == "judge_channel" else None)
            found = calibrate(own, engine, design, assumed=assumed, seed=args.seed)
            seconds = time.perf_counter() - began
            label = f"{model} {engine} {'adaptive' if adaptive else 'random'}"
            label += f" {weak_judges} weak_judges" if weak_judges else ""
            label += " wrong prior" if assumed else ""
            p = "  ".join(f"{q} {v:.4f}" for q, v in found.table["p_value"].items())
            verdict = "uniform" if found.passed() else "NOT uniform"
            print(f"{label:<58} {verdict:<12} {p}  {seconds:6.1f} s", flush=True)
            save_figure(
                plot_calibration(found, label), args.out / label.replace(":", "-").replace(" ", "_")
            )


if __name__ == "__main__":
    main()
