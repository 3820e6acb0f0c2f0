"""The model files of docs/extending.md run as they stand, by their path."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bayessel.checks import check
from bayessel.checks.sensitivity import OWN, sensitivity
from bayessel.checks.variations import variations
from bayessel.errors import DataError
from bayessel.inference.carried.chains import begin, carry
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit
from bayessel.inference.load import REQUIRED, load_model
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING
from bayessel.tasks.simulated import simulate_task
from bayessel.tasks.task import Task
from bayessel.weak_judges import score_weak_judges

if TYPE_CHECKING:
    import xarray as xr

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "extending.md"
BLOCKS = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
WHOLE = ("adaptive_eps", "hierarchical")  # the files that are not built on one of ours
SMALL = {"chains": 4, "draws": 200, "warmup": 200}


@pytest.fixture(scope="module")
def judged() -> Task:
    """Forty queries, five candidates, scores of all weak judges."""
    task = simulate_task(n_queries=40, n_candidates=5, spread=1.0, seed=5)
    return task.with_weak_judges(*score_weak_judges(task.texts))


@pytest.fixture(scope="module")
def bought(judged: Task) -> np.ndarray:
    """Twelve rows, one of them in part."""
    outcome = np.full_like(judged.recorded, MISSING)
    outcome[::3][:12] = judged.recorded[::3][:12]
    outcome[0, :2] = MISSING
    return outcome


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    for name, text in BLOCKS.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.py" for name in BLOCKS}


@pytest.fixture(scope="module")
def results(judged: Task, bought: np.ndarray, files: dict[str, Path]) -> dict[str, xr.DataTree]:
    return {name: fit(judged, files[name], outcomes=bought, seed=1, **SMALL) for name in WHOLE}


def test_the_page_has_its_three_files() -> None:
    assert set(BLOCKS) == {"trusting", "adaptive_eps", "hierarchical"}


@pytest.mark.parametrize("name", WHOLE)
def test_result_has_every_group_and_name(
    results: dict[str, xr.DataTree], judged: Task, name: str
) -> None:
    tree = results[name]
    posterior = tree["posterior"]
    for variable in ("eps_loss", "eps_draw"):
        assert posterior[variable].dims == ("chain", "draw")
    for variable in ("p_best", "win_rate"):
        assert posterior[variable].dims == ("chain", "draw", "candidate")
        assert tuple(posterior[variable]["candidate"].values) == judged.candidates
    np.testing.assert_allclose(posterior["p_best"].sum("candidate"), 1.0)
    assert tree["log_likelihood"]["outcome"].sizes["query"] == 12
    assert np.isfinite(tree["log_likelihood"]["outcome"]).all()
    assert set(load_model(tree.attrs["model"]).priors) <= set(posterior.data_vars)


@pytest.mark.parametrize("name", WHOLE)
def test_every_prior_is_in_log_prior(results: dict[str, xr.DataTree], name: str) -> None:
    tree = results[name]
    priors = load_model(tree.attrs["model"]).priors
    assert set(tree["log_prior"].data_vars) == {k for k, v in priors.items() if not v.fixed}


def test_nothing_bought_is_a_fit(judged: Task, files: dict[str, Path]) -> None:
    blank = np.full_like(judged.recorded, MISSING)
    tree = fit(
        judged, files["hierarchical"], outcomes=blank, seed=2, chains=2, draws=100, warmup=100
    )
    assert np.isfinite(tree["posterior"]["win_rate"]).all()
    assert "log_likelihood" not in tree.children


def latent(sites: dict[str, Any]) -> dict[str, Any]:
    return {
        k: s["value"] for k, s in sites.items() if s["type"] == "sample" and not s["is_observed"]
    }


@pytest.mark.parametrize("name", BLOCKS)
def test_free_slots_change_nothing(
    judged: Task, bought: np.ndarray, files: dict[str, Path], name: str
) -> None:
    """The same log likelihood, whatever the effects of free slots are."""
    import jax
    import jax.numpy as jnp
    from numpyro import handlers

    model = load_model(files[name])
    evidence = Evidence.of(judged, bought)
    rows = len(evidence.judged)
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, model.prepare(evidence))
        first = handlers.trace(handlers.seed(model.numpyro, jax.random.key(0))).get_trace(data)
        values = {
            k: jnp.append(v, jnp.full(4, 0.7)) if v.shape == (rows,) else v
            for k, v in latent(first).items()
        }
        data = jax.tree.map(jnp.asarray, model.prepare(replace(evidence, slots=rows + 4)))
        program = handlers.seed(handlers.substitute(model.numpyro, data=values), jax.random.key(0))
        second = handlers.trace(program).get_trace(data)
    told = [float(sites["outcome"]["fn"].log_factor) for sites in (first, second)]
    assert told[0] == pytest.approx(told[1], abs=1e-9)


def test_row_effects_are_carried(judged: Task, files: dict[str, Path]) -> None:
    """A row's effect keeps its place as rows are added."""
    rng = np.random.default_rng(0)
    outcome = np.full_like(judged.recorded, MISSING)
    model = load_model(files["hierarchical"])
    state = begin(rng, model, Evidence.of(judged, outcome), chains=8, transitions=20)
    for query in (7, 3):
        outcome = outcome.copy()
        outcome[query] = judged.recorded[query]
        state = carry(rng, state, outcome)
    assert state.evidence.judged.tolist() == [7, 3]
    effects = np.asarray(state.draws["ease_unit"])
    assert effects.shape[1] == len(state.evidence.rows)
    assert np.isfinite(effects).all()


def test_selection_by_path(judged: Task, files: dict[str, Path]) -> None:
    from bayessel import Selector

    for name in WHOLE:
        selector = Selector(judged, "bayessel", model=str(files[name]), seed=0)
        selector.run(budget=15)
        assert selector.n_calls == 15
        assert selector.best in judged.candidates
        assert 0 < selector.p_best <= 1


@pytest.mark.parametrize("name", WHOLE)
def test_checks_run(results: dict[str, xr.DataTree], name: str) -> None:
    found = {one.name: one for one in check(results[name])}
    assert found["r-hat"].table is not None
    assert found["leave one query out"].table is not None
    ran = [one.name for one in found.values() if one.passed is not None]
    assert len(ran) > len(found) / 2, ran


@pytest.mark.slow
def test_sensitivity(judged: Task, bought: np.ndarray, files: dict[str, Path]) -> None:
    priors = variations({"slope": ["Normal(loc=0, scale=0.1)"]})
    settings = {"seed": 1, "chains": 4, "draws": 50, "warmup": 50}
    found = sensitivity(judged, priors, files["adaptive_eps"], outcomes=bought, **settings)
    assert list(found.table.index) == [OWN, *priors]
    assert set(found.table["best"]) <= set(judged.candidates)
    assert np.isfinite(found.table["gain"]).all()


def test_twins_have_the_same_likelihood(
    judged: Task, bought: np.ndarray, files: dict[str, Path]
) -> None:
    """At values drawn from the prior, PyMC's and NumPyro's log likelihoods are equal."""
    import jax
    import pymc as pm
    from numpyro import handlers

    model = load_model(files["adaptive_eps"])
    data = model.prepare(Evidence.of(judged, bought))
    with precision(double=True):
        seeded = handlers.seed(model.numpyro, jax.random.key(4))
        sites = handlers.trace(seeded).get_trace(jax.tree.map(jax.numpy.asarray, data))
        ours = float(sites["outcome"]["fn"].log_factor)
        values = {k: np.asarray(v) for k, v in latent(sites).items()}
    twin = pm.do(model.pymc(data), values)
    assert float(twin["outcome"].eval()) == pytest.approx(ours, abs=1e-8)


def test_no_twin_is_said(judged: Task, files: dict[str, Path]) -> None:
    with pytest.raises(DataError, match="no pymc_model"):
        fit(judged, files["hierarchical"], "pymc", **SMALL)


def test_the_page_and_the_readme_name_what_is_required() -> None:
    for page in (PAGE, ROOT / "models" / "README.md"):
        text = page.read_text(encoding="utf-8")
        for name in (*REQUIRED, "pymc_model", "log_likelihood", "DIMS", "VARIANTS", "REPLACED"):
            assert f"`{name}" in text, (page.name, name)


BROKEN = {
    "a shape of predict": (
        "return jnp.exp(log_rates(draw, unit))",
        "return jnp.exp(log_rates(draw, unit))[0]",
        r"predict of .* returns shape \(5, 3\), expected \(40, 5, 3\): queries x candidates",
    ),
    "logarithms": (
        "return jnp.exp(log_rates(draw, unit))",
        "return log_rates(draw, unit)",
        r"returns values from -.* expected probabilities",
    ),
    "a prior that is no site": (
        "PRIORS = {",
        'PRIORS = {\n    "extra": Prior("Normal", {"loc": 0.0, "scale": 1.0}),',
        r"has no site for the prior\(s\) extra of PRIORS",
    ),
    "dimensions": (
        'DIMS = {"quality": ("candidate",)',
        'DIMS = {"quality": ("candidate", "outcome")',
        r"DIMS gives quality the dimensions .* has shape \(5,\)",
    ),
    "a shape of log_likelihood": (
        "log_p = jnp.einsum(",
        "return 0.0\n    log_p = jnp.einsum(",
        r"log_likelihood of .* returns shape \(\), expected \(12,\): one for each judged row",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_at_fault_is_told_what_is_wrong(
    judged: Task, bought: np.ndarray, tmp_path: Path, what: str
) -> None:
    right, wrong, message = BROKEN[what]
    text = BLOCKS["hierarchical"]
    assert text.count(right) == 1
    text = text.replace(right, wrong)
    if what == "a prior that is no site":
        text = text.replace("for name in PRIORS}", 'for name in PRIORS if name != "extra"}')
    path = tmp_path / "broken.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        fit(judged, path, outcomes=bought, **SMALL)
