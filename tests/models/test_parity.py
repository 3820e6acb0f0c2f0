"""The NumPyro program and the PyMC twin of a model are one density.

Both are evaluated at the same constrained values, drawn from the prior, without Jacobians: they
must differ by one constant. No chance is involved but in the last test, which compares means of two
samplers and allows six standard errors: a false alarm in 5e8 comparisons.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pymc as pm
import pytest

from bayessel.inference.engines import nuts, pymc_engine
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model, load_model
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING
from known_weak_judges import base, cells, given_task, noise, rows, with_scores
from twins import densities

NAMES = (
    "dual_parameter",
    "dual_parameter:paper",
    "dual_parameter:shared-rate",
    "judge_channel",
    "judge_channel:independent",
    "item_response",
    "item_response:plain",
    "regression",
    "two_way",
)
CASES = ("rows", "partly judged rows", "nothing judged", "no weak judges")


@cache
def evidence(case: str) -> Evidence:
    """Evidence of a small task in one of the cases."""
    task = base(n_queries=14, n_candidates=3)
    judged = {
        "rows": rows(task, 5),
        "partly judged rows": cells(task, 1),
        "nothing judged": np.full_like(task.recorded, MISSING),
        "no weak judges": rows(task, 5),
    }[case]
    scores = (
        {}
        if case == "no weak judges"
        else {"x": noise(task, 1), "y": task.recorded + noise(task, 2)}
    )
    return Evidence.of(with_scores(task, **scores), judged)


FAVOURING = "dual_parameter, F favouring one"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [*NAMES, FAVOURING])
def test_both_programs_have_the_same_density(name: str, case: str) -> None:
    if name == FAVOURING:
        model = load_model("dual_parameter", {"F": "Categorical({'candidate-2': 9})"})
    else:
        model = load_model(name)
    with precision(double=True):
        data = model.prepare(evidence(case))
    ours, theirs = densities(model, data)
    assert case == "nothing judged" or np.ptp(ours) > 0.1  # the points differ
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("given", [(1, 1), (2, 3)], ids=["one of a kind", "several share a prior"])
def test_both_programs_read_given_weak_judges_with_gaps_alike(given: tuple[int, int]) -> None:
    """Scores, and verdicts on some of the cells, beside a text statistic."""
    model, task = load_model("two_way"), given_task()
    for kind, count in zip(("score", "verdict"), given, strict=True):
        for seed in range(5, 4 + count):
            said = np.sign(noise(task, seed)) if kind == "verdict" else noise(task, seed)
            task = task.with_weak_judge(f"{kind} {seed}", said, kind)
    with precision(double=True):
        data = model.prepare(Evidence.of(task, cells(task, 1, 0.5), apart=True))
    assert [data.within[kind].shape[-1] for kind in ("text", "score", "verdict")] == [1, *given]
    ours, theirs = densities(model, data)
    assert np.ptp(ours) > 0.1
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_has_the_dimensions_of_the_file(name: str) -> None:
    """Of every array but the elements of one matrix; `outcome` is a variable's name already."""
    model, given = load_model(name), evidence("rows")
    twin = model.pymc(model.prepare(given), given.coords())
    dims = {**model.dims, "p_f": ("candidate",)}
    for variable in (*twin.free_RVs, *twin.deterministics):
        if variable.ndim and variable.name != "bartlett":
            expected = dims.get(variable.name) or dims[variable.name.removesuffix("_unit")]
            found = twin.named_vars_to_dims[variable.name]
            assert tuple(d.removesuffix("_level") for d in found) == expected, variable.name
    assert twin.coords["candidate"] == given.candidates
    assert twin.coords.get("query", given.queries[:5]) == given.queries[:5]


def test_places_become_names_and_nothing_else_does() -> None:
    """A twin without dimensions stays so, and one with names of its own keeps them."""
    given = evidence("rows")

    def coords(of: dict[str, object] | None) -> dict[str, object]:
        file = SimpleNamespace(pymc_model=lambda data, priors: pm.Model(coords=of))
        return dict(Model("own", file, {}).pymc(None, given.coords()).coords)

    assert coords(None) == {}
    found = coords({"candidate": range(3), "query": ["mine"], "chapter": range(2)})
    assert found == {"candidate": given.candidates, "query": ("mine",), "chapter": (0, 1)}


SITES = {
    "judge_channel": ("rates", "confusion", "leaning"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SITES)
def test_the_samplers_agree(name: str) -> None:
    """With at least a fifth of the draws' number as effective size."""
    model = load_model(name)
    data = model.prepare(evidence("partly judged rows"))
    size = {"seed": 0, "chains": 2, "draws": 300, "warmup": 300}
    ours, _ = nuts.sample(model, data, **size)
    theirs, _ = pymc_engine.sample(model, data, sampler="numpyro", **size)
    for site in SITES[name]:
        a, b = (x[site].reshape(600, -1) for x in (ours, theirs))
        error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 120) + 1e-9
        assert np.all(np.abs(a.mean(axis=0) - b.mean(axis=0)) < 6 * error), site
