"""Part 8 of a report: how to repeat it."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bayessel.priors import Prior
from bayessel.reports.facts.parts import Repeat
from bayessel.support.text import command

_PACKAGES = ("bayessel", "numpy", "scipy", "xarray", "arviz", "jax", "numpyro", "pymc", "numba")


def versions() -> dict[str, str]:
    """Versions of Python and of what computes the numbers."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def repeat_selection(
    folder: Path, meta: Mapping[str, Any], facts: Mapping[str, Any], calls: int, *, recorded: bool
) -> Repeat:
    """How to repeat a selection.

    Parameters
    ----------
    folder
        The run folder.
    meta
        What identifies the run, from its ledger.
    facts
        What its summary says.
    calls
        Calls made.
    recorded
        Whether its answers came with the data; others are told again.
    """
    words = ["bayessel", "select" if recorded else "start", str(folder / "task")]
    words += ["--format", "parquet-folder"]
    if meta.get("baseline"):
        words += ["--baseline", str(meta["baseline"])]
    words += _options(str(meta["strategy"]), meta["options"], meta.get("cost"))
    if recorded:
        words += ["--budget", str(calls)]
    if facts.get("stop_at") is not None:
        words += ["--stop-at", f"{facts['stop_at']:g}"]
        if facts.get("within") is not None:
            words += ["--within", f"{facts['within']:g}"]
    words += ["--seed", str(meta["seed"]), "--out", "AGAIN"]
    commands = [shlex.join(words)]
    if not recorded:
        commands.append("bayessel tell AGAIN OUTCOMES.csv --unasked")
    return Repeat(
        commands=(*commands, command("report", folder)),
        versions=versions(),
        seed=int(meta["seed"]),
        data_hash=str(meta["fingerprint"]),
        baseline=str(meta.get("baseline") or ""),
        model=str(meta["options"].get("model", "")),
        options={**meta["options"], "strategy": meta["strategy"]},
        priors=dict(facts.get("priors", {})),
    )


def _options(strategy: str, options: Mapping[str, Any], cost: Any) -> list[str]:
    """The strategy's options as the command line takes them."""
    words = ["--strategy", strategy]
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if name == "prior":
            words += [part for n, text in value.items() for part in ("--prior", f"{n}={text}")]
        elif isinstance(value, bool):
            words += [flag] if value else []
        elif isinstance(value, list | tuple):
            words += [flag, ",".join(map(str, value)) or "none"]
        else:
            words += [flag, str(value)]
    if isinstance(cost, Mapping):
        words += ["--cost", ",".join(f"{name}={value:g}" for name, value in cost.items())]
    return words


def repeat_fit(folder: Path, found: Mapping[str, Any], baseline: str, data_hash: str) -> Repeat:
    """How to repeat a fit.

    Parameters
    ----------
    folder
        Its folder.
    found
        What its ``fit.json`` says.
    baseline, data_hash
        From its result.
    """
    words = ["bayessel", "fit", "PATH", "--baseline", baseline, "--model", str(found["model"])]
    words += ["--engine", str(found["engine"]).partition(" ")[0]]
    for name in ("chains", "draws", "warmup"):
        if name in found:
            words += [f"--{name}", str(found[name])]
    words += ["--seed", str(found["seed"]), "--out", "AGAIN"]
    priors = {name: str(Prior.from_dict(prior)) for name, prior in dict(found["priors"]).items()}
    return Repeat(
        commands=(shlex.join(words), command("report", folder)),
        versions=versions(),
        seed=int(found["seed"]),
        data_hash=data_hash,
        baseline=baseline,
        model=str(found["model"]),
        options={"engine": found["engine"]},
        priors=priors,
    )
