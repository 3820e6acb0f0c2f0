"""Results as an ``xarray.DataTree`` with ArviZ's groups."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import BayesselError, RunError
from bayessel.inference.draws import Draws
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.outcomes import MISSING, Outcome
from bayessel.support.files import written_whole
from bayessel.support.text import command, one_line

_DIMS = {
    "win_rate": ("candidate",),
    "p_best": ("candidate",),
    "p_f": ("candidate",),
    "outcome_rate": ("candidate", "outcome"),
}

_OF_ROWS = ("outcome", "log_likelihood", "log_density", "best", "joint")
"""Variables of the judged rows, in groups of their own."""

_FLAGS = {
    "flag_values": [int(o) for o in Outcome] + [int(MISSING)],
    "flag_meanings": " ".join([o.name.lower() for o in Outcome] + ["missing"]),
}


def about_result(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a result: what was given, and what made it."""
    import bayessel

    return {
        "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "inference_library": "bayessel",
        "inference_library_version": bayessel.__version__,
        **{k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in attrs.items()},
    }


def posterior_tree(
    draws: Draws,
    p_best: NDArray[np.float64],
    outcome: NDArray[np.int8],
    queries: Sequence[str],
    candidates: Sequence[str],
    fixed: Mapping[str, float],
    attrs: Mapping[str, Any],
    p_f: NDArray[np.float64] | None = None,
) -> xr.DataTree:
    """Lay out a posterior for ArviZ.

    Parameters
    ----------
    draws
        S posterior draws.
    p_best
        [M] P(best). Where it is not the mean of ``draws.p_best`` (a strategy with its own
        posterior over F) it is laid out as a constant.
    outcome
        [N, M] judgments bought.
    queries, candidates
        [N] and [M] names.
    fixed
        Presets by name; those of eps replace the draws.
    attrs
        Put on the tree.
    p_f
        [M] posterior of F, where it is a parameter of the model; laid out as a constant.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` (chain, draw[, candidate]), ``observed_data`` (judged queries only) and
        ``constant_data``. The dimension is not called ``model``: ArviZ's plots reserve that name
        for comparisons of models, and leave its coordinates off the axes.
    """
    size = len(draws.win_rate) // draws.chains

    def chains(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values[: draws.chains * size].reshape(draws.chains, size, *values.shape[1:])

    own = np.allclose(draws.p_best.mean(axis=0), p_best)
    per_draw = draws.p_best if own else np.broadcast_to(p_best, draws.win_rate.shape)
    sampled = ("chain", "draw")
    variables: dict[str, Any] = {
        "win_rate": ((*sampled, "candidate"), chains(draws.win_rate)),
        "p_best": ((*sampled, "candidate"), chains(np.asarray(per_draw))),
    }
    if p_f is not None:
        of_f = np.broadcast_to(p_f, draws.win_rate.shape)
        variables["p_f"] = ((*sampled, "candidate"), chains(of_f))
    for name in ("eps_loss", "eps_draw"):
        if name not in fixed:
            variables[name] = (sampled, chains(getattr(draws, name)))
    candidate = np.array(candidates, dtype=str)
    judged = np.flatnonzero((outcome != MISSING).any(axis=1))
    coords = {"chain": np.arange(draws.chains), "draw": np.arange(size), "candidate": candidate}
    about = about_result(attrs)
    return _tree(
        {"posterior": xr.Dataset(variables, coords=coords, attrs=about)},
        outcome[judged],
        [queries[int(q)] for q in judged],
        candidates,
        {"n_queries": len(queries), **fixed},
        about,
    )


def _tree(
    groups: Mapping[str, xr.Dataset],
    outcome: NDArray[np.int8],
    queries: Sequence[str],
    candidates: Sequence[str],
    constant: Mapping[str, float],
    about: Mapping[str, Any],
) -> xr.DataTree:
    """Groups with ``observed_data``, the judged rows [R, M], and ``constant_data``."""
    names = {"query": np.array(queries, dtype=str), "candidate": np.array(candidates, dtype=str)}
    observed = xr.Dataset({"outcome": (tuple(names), outcome, _FLAGS)}, names)
    constants = xr.Dataset({name: ((), value) for name, value in constant.items()})
    tree = xr.DataTree.from_dict({**groups, "observed_data": observed, "constant_data": constants})
    tree.attrs = dict(about)
    return tree


def save_tree(tree: xr.DataTree, path: Path) -> None:
    """Write a result as netCDF, whole or not at all.

    It is made in memory: where the disk is full, HDF5 cannot even close the file that it writes,
    and may end the process.
    """
    made = tree.to_netcdf(None, engine="h5netcdf")
    with written_whole(path) as partial:
        partial.write_bytes(made)


RESULT = "result.nc"
"""Name of a result in its folder."""


_SMALL, _RATIO = 2**28, 50  # bytes of memory that a file may take: so many, or times its own


def read_tree(folder: Path) -> xr.DataTree:
    """The result in a folder, read whole.

    Raises
    ------
    RunError
        There is none, or it cannot be read.
    """
    path = folder / RESULT
    if not folder.is_dir():
        raise RunError(f"{folder} is not a folder: give the folder that holds {RESULT}")
    if not path.is_file():
        raise RunError(
            f"{folder} has no {RESULT}: 'bayessel fit' and 'bayessel select' write one, "
            f"'{command('status', folder)}' writes it for a run"
        )
    size = path.stat().st_size
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            claimed = sum(one.nbytes for one in tree.subtree)
            if claimed > max(_SMALL, _RATIO * size):
                raise RunError(
                    f"{path} has {size:,} bytes and says that it holds {claimed:,}: it is no "
                    "result of bayessel, or damaged; write it again"
                )
            loaded: xr.DataTree = tree.load()
            return loaded
    except BayesselError:
        raise
    except Exception as error:  # whatever a damaged file makes its readers raise
        raise RunError(
            f"cannot read {path} as netCDF ({one_line(error)}): write it again"
        ) from error


def fit_tree(
    evidence: Evidence,
    model: Model,
    samples: Mapping[str, NDArray[Any]],
    stats: Mapping[str, NDArray[Any]],
    known: Mapping[str, NDArray[Any]],
    prior: Mapping[str, NDArray[Any]],
    prior_known: Mapping[str, NDArray[Any]],
    attrs: Mapping[str, Any],
) -> xr.DataTree:
    """Lay out a fit for ArviZ.

    Parameters
    ----------
    evidence
        What the model was given.
    model
        The model.
    samples, prior
        [chain, draw, ...] by site.
    stats
        [chain, draw] of the sampler; none for independent draws.
    known, prior_known
        What :func:`bayessel.inference.population.describe` says of them, [chain, draw, ...].
    attrs
        Put on the tree.

    Returns
    -------
    xarray.DataTree
        ``posterior`` and ``prior``: ``eps_loss``, ``eps_draw``; ``p_best[candidate]``, of the
        highest win rate over the N queries, and ``p_f[candidate]`` beside it where F is a parameter
        of the model; ``win_rate[candidate]``, ``outcome_rate[candidate, outcome]`` over the N
        queries, and the model's own. ``posterior_predictive`` and
        ``prior_predictive``: ``outcome[query,
        candidate]``, replicates of the judged rows, their own effects drawn anew.
        ``log_likelihood``: ``outcome[query]``, a query's M outcomes together, as leaving it out
        needs them; ``log_density``: ``outcome[query]``, the density that was fitted, where that is
        another one. ``joint``: ``best[candidate]``, drawn with each draw, and ``log_likelihood``,
        of all the judged rows given both, as power-scaling needs it (where F is summed out, the sum
        of the first is not it). ``log_prior``: one variable a prior. ``sample_stats``,
        ``observed_data``, ``constant_data``. A cell that is not judged is ``MISSING``.
    """
    names = evidence.coords()
    about = about_result(attrs)
    own = {**_DIMS, **model.dims}
    groups: dict[str, xr.Dataset] = {}
    dataset = partial(dataset_of, names=names, about=about)

    for group, own_sites, said in (
        ("posterior", samples, known),
        ("prior", prior, prior_known),
    ):
        population = {k: v for k, v in said.items() if k not in _OF_ROWS}
        sites = {k: v for k, v in own_sites.items() if k not in population}
        sites = {k: v for k, v in sites.items() if v.size or k in own}  # a factor has no value
        groups[group] = dataset({**population, **sites}, own)
        if len(evidence.judged):
            groups[f"{group}_predictive"] = dataset(
                {"outcome": said["outcome"]}, {"outcome": ("query", "candidate")}
            )
    if len(evidence.judged):
        groups["log_likelihood"] = dataset(
            {"outcome": known["log_likelihood"]}, {"outcome": ("query",)}
        )
        if "log_density" in known:
            groups["log_density"] = dataset(
                {"outcome": known["log_density"]}, {"outcome": ("query",)}
            )
        groups["joint"] = dataset(
            {"best": known["best"], "log_likelihood": known["joint"]}, {"best": ("candidate",)}
        )
    log_prior = {
        name: model.prior_of_each(name, np.shape(samples[name])[-1]).log_prob(samples[name])
        for name, prior in model.priors.items()
        if name in samples and not prior.fixed
    }
    if log_prior:
        groups["log_prior"] = dataset(log_prior, {})
    if stats:
        groups["sample_stats"] = dataset(stats, {})
    return _tree(
        groups,
        evidence.outcome[evidence.judged],
        names["query"],
        evidence.candidates,
        {"n_queries": evidence.n_queries, "n_candidates": evidence.n_candidates},
        about,
    )


def dataset_of(
    variables: Mapping[str, NDArray[Any]],
    dimensions: Mapping[str, tuple[str, ...]],
    *,
    names: Mapping[str, Sequence[str]],
    about: Mapping[str, Any],
) -> xr.Dataset:
    """Variables [chain, draw, ...] with dimensions; ``x_unit`` has those of ``x``."""
    found = {}
    for name, value in variables.items():
        unnamed = tuple(f"{name}_dim_{i}" for i in range(value.ndim - 2))
        dims = dimensions.get(name, dimensions.get(name.removesuffix("_unit"), unnamed))
        found[name] = (("chain", "draw", *dims), value)
    used = {d for dims, _ in found.values() for d in dims}
    coords = {d: np.array(names[d], dtype=str) for d in used if d in names}
    chain, draw = next(iter(variables.values())).shape[:2]
    return xr.Dataset(
        found, {"chain": np.arange(chain), "draw": np.arange(draw), **coords}, attrs=about
    )
