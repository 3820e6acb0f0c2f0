"""Find a generative model: one of ours by name, a variant of it, or a file of yours by its path."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError, DataError, did_you_mean
from bayessel.inference.evidence import Evidence
from bayessel.models import MODELS
from bayessel.priors import Prior, merge
from bayessel.priors.supports import require_supports

F = "F"
"""Name of the prior of F, in a model where F is a parameter."""

VERDICT_NOISE = "verdict_noise"
"""Name of the judge's noise, in a model of what the judge is expected to say."""

MOST_NOISE = 0.25
"""Largest variance of half an outcome: wins and losses by the toss of a coin."""

REQUIRED = ("PRIORS", "prepare", "numpyro_model", "predict")
"""Names that a model's file must define."""


@dataclass(frozen=True)
class Model:
    """A generative model and its priors.

    Attributes
    ----------
    name
        What it was asked for by.
    module
        The file; see ``models/README.md`` for what it defines.
    priors
        Priors by name.
    """

    name: str
    module: ModuleType
    priors: dict[str, Prior]

    def prepare(self, evidence: Evidence) -> Any:
        """What the programs read: a tuple of arrays.

        The evidence has the prior of F and the judge's noise in it.

        Raises
        ------
        UnknownNameError
            The prior of F names a candidate that there is not.
        """
        noise = self.priors.get(VERDICT_NOISE)
        known = 0.0 if noise is None else float(noise.value)
        given = replace(evidence, f_weights=self._f_weights(evidence), verdict_noise=known)
        return self.module.prepare(given)

    def prior_of_each(self, name: str, count: int) -> Prior:
        """Prior of each of the ``count`` elements of a site; the file may say how it depends."""
        own: Callable[..., Prior] | None = getattr(self.module, "prior_of_each", None)
        return self.priors[name] if own is None else own(name, self.priors, count)

    def prior_f(self, evidence: Evidence) -> NDArray[np.float64]:
        """[M] prior probabilities of F, of a model that has it."""
        return replace(evidence, f_weights=self._f_weights(evidence)).prior_f

    def _f_weights(self, evidence: Evidence) -> NDArray[np.float64] | None:
        prior = self.priors.get(F)
        return None if prior is None else prior.weights(evidence.candidates)

    def numpyro(self, data: Any) -> None:
        """Run the NumPyro program with the priors."""
        self.module.numpyro_model(data, self.priors)

    def pymc(self, data: Any, names: Mapping[str, Sequence[str]] | None = None) -> Any:
        """Build the PyMC model with the priors.

        Parameters
        ----------
        data
            What :meth:`prepare` returns.
        names
            Names along dimensions, :meth:`bayessel.inference.evidence.Evidence.coords`: where the
            twin's coordinates are places 0, 1, ..., they become the names that stand there.

        Raises
        ------
        DataError
            The file has no PyMC twin.
        """
        build: Callable[..., Any] | None = getattr(self.module, "pymc_model", None)
        if build is None:
            raise DataError(
                f"the model {self.name} has no pymc_model: use the engine numpyro, or write one"
            )
        twin = build(data, self.priors)
        for dim, places in twin.coords.items():
            if names and dim in names and np.array(places).dtype.kind == "i":
                twin.set_dim(dim, len(places), [names[dim][i] for i in places])
        return twin

    @property
    def predict(self) -> Callable[[Any, dict[str, Any], Any], Any]:
        """``predict(key, draw, data)``: outcome probabilities of every cell given a draw."""
        predict: Callable[[Any, dict[str, Any], Any], Any] = self.module.predict
        return predict

    @property
    def log_likelihood(self) -> Callable[[dict[str, Any], Any], Any] | None:
        """``log_likelihood(draw, data)``: [R] of the judged queries; None where not defined."""
        return getattr(self.module, "log_likelihood", None)

    @property
    def log_density(self) -> Callable[[dict[str, Any], Any], Any] | None:
        """``log_density(draw, data)``: [R] of the judged queries, as fitted.

        None where :attr:`log_likelihood` is what was fitted.
        """
        return getattr(self.module, "log_density", None)

    @property
    def complete(self) -> Callable[[Any, dict[str, Any], Any, Any], Any] | None:
        """``complete(key, draw, data, outcome)``: [M, K] counts of a population, if defined."""
        return getattr(self.module, "complete", None)

    @property
    def replicate(self) -> Callable[[Any, dict[str, Any], Any, Any], Any] | None:
        """``replicate(key, draw, data, probs)``: [R, M] outcomes of rows, if defined."""
        return getattr(self.module, "replicate", None)

    @property
    def reads_texts(self) -> bool:
        """Whether it uses text statistics where none are named; see ``READS_TEXTS``."""
        return bool(getattr(self.module, "READS_TEXTS", True))

    @property
    def reads_given(self) -> bool:
        """Whether it reads the given weak judges itself, from the evidence's ``given``."""
        return bool(getattr(self.module, "READS_GIVEN", False))

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Dimensions of the model's own variables."""
        return dict(getattr(self.module, "DIMS", {}))


def load_model(name: str | Path | Model, priors: Mapping[str, Prior | str] | None = None) -> Model:
    """Load a model.

    Parameters
    ----------
    name
        A name of :data:`bayessel.models.MODELS`; ``name:variant`` for one of its ``VARIANTS``; or
        the path of a Python file.
    priors
        Priors to replace.

    Raises
    ------
    UnknownNameError
        No such model, variant or prior.
    BudgetError
        A prior that allows values which the one it replaces does not, such as a negative variance.
    DataError
        The file is missing, fails as it is imported, or lacks a name of :data:`REQUIRED`.
    """
    if isinstance(name, Model):
        return _with_priors(name.name, name.module, name.priors, priors)
    text = str(name)
    base, _, variant = text.partition(":") if not text.endswith(".py") else (text, "", "")
    if base in MODELS:
        module = MODELS[base]
    elif base.endswith(".py") or "/" in base:
        module = _load_file(Path(text))
        base, variant = text, ""
    else:
        raise did_you_mean(base, MODELS, "model (or the path of a .py file)")
    missing = [n for n in REQUIRED if not hasattr(module, n)]
    if missing:
        raise DataError(
            f"the model {text} does not define {', '.join(missing)}: see models/README.md"
        )
    own: dict[str, Prior] = dict(module.PRIORS)
    if variant:
        variants = getattr(module, "VARIANTS", {})
        if variant not in variants:
            raise did_you_mean(variant, variants, f"variant of {base}")
        own |= variants[variant]
        void = tuple(
            v for p in variants[variant] for v in getattr(module, "REPLACED", {}).get(p, ())
        )
        own = {k: v for k, v in own.items() if not (void and k.startswith(void))}
    return _with_priors(text, module, own, priors)


def _with_priors(
    name: str,
    module: ModuleType,
    own: Mapping[str, Prior],
    given: Mapping[str, Prior | str] | None,
) -> Model:
    if F in (given or {}) and F not in own:
        having = [other for other, module in MODELS.items() if F in module.PRIORS]
        raise BudgetError(
            f"prior F: in the model {name} the best is whoever has the highest win rate, so F has "
            f"no prior of its own; take a model in which F is a parameter: {', '.join(having)}"
        )
    merged = merge(own, given)
    learned = {  # by the file: a variant's known value does not say what else would do
        k: prior
        for priors in (*getattr(module, "VARIANTS", {}).values(), module.PRIORS)
        for k, prior in priors.items()
        if not prior.fixed
    }
    require_supports(learned, {k: merged[k] for k in given or () if k in learned}, name)
    noise = merged.get(VERDICT_NOISE)
    if noise is not None and not (
        noise.fixed and noise.value.ndim == 0 and 0 <= noise.value <= MOST_NOISE
    ):
        raise BudgetError(
            f"prior {VERDICT_NOISE}={noise}: in the model {name} it is the known variance of half "
            f"an outcome when a cell is judged again; give a number from 0 to {MOST_NOISE}"
        )
    return Model(name, module, merged)


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise DataError(
            f"there is no model file {path}; give the path of one, or a name: {MODELS.listed()}"
        )
    source = path.read_bytes()
    key = hashlib.sha256(source + os.fsencode(path.resolve())).hexdigest()[:16]
    name = f"_bayessel_model_{path.stem}_{key}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DataError(f"{path} is not a Python file: a model is one file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # not the loader: it would rather run a compiled file that lies beside this one
        exec(compile(source, path, "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise DataError(
            f"the model file {path} fails as it is imported: {type(error).__name__}: {error}"
        ) from error
    return module
