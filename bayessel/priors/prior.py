"""Priors as data: a family's name and its parameters, for NumPyro and for PyMC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError, did_you_mean
from bayessel.priors.families import FAMILIES
from bayessel.priors.parse import parse_prior

_FREE = {"loc", "value"}  # every other parameter is positive


@dataclass(frozen=True)
class Prior:
    """One prior.

    Attributes
    ----------
    family
        A key of :data:`FAMILIES`.
    parameters
        Numbers, or tuples of numbers, by NumPyro's names.

    Raises
    ------
    UnknownNameError
        No such family.
    BudgetError
        Parameters of another family, or out of range.

    Examples
    --------
    >>> Prior("Normal", {"loc": 0.0, "scale": 1.0})
    Normal(loc=0.0, scale=1.0)
    >>> Prior.parse("Dirichlet(concentration=(1, 1, 2))").parameters
    {'concentration': (1, 1, 2)}
    """

    family: str
    parameters: dict[str, Any]

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise did_you_mean(self.family, FAMILIES, "prior family")
        expected = FAMILIES[self.family]
        if set(self.parameters) != set(expected):
            raise BudgetError(
                f"{self.family} takes {', '.join(expected)}, given {', '.join(self.parameters)}"
            )
        if self.family == "Categorical":
            _require_weights(**self.parameters)
            return
        for name, value in self.parameters.items():
            try:
                numbers = np.asarray(value, dtype=float)
            except (TypeError, ValueError):
                numbers = np.array(np.nan)
            if not np.isfinite(numbers).all() or (name not in _FREE and (numbers <= 0).any()):
                kind = "finite numbers" if name in _FREE else "positive numbers"
                raise BudgetError(f"{self.family}: {name}={value!r}, expected {kind}")

    @property
    def fixed(self) -> bool:
        """Whether the value is known instead of learned."""
        return self.family == "Fixed"

    @property
    def value(self) -> Any:
        """The known value, of ``Fixed`` only."""
        return np.asarray(self.parameters["value"], dtype=float)

    def weights(self, candidates: Sequence[str]) -> NDArray[np.float64]:
        """[M] weights of candidates, of ``Categorical`` only.

        Raises
        ------
        UnknownNameError
            It names a candidate that is not among them.
        """
        named: Mapping[str, float] = self.parameters["weights"]
        for name in named:
            if name not in candidates:
                raise did_you_mean(name, candidates, "candidate in the prior of F")
        return np.array([float(named.get(c, self.parameters["other"])) for c in candidates])

    def shared(self, count: int) -> Prior:
        """The prior of each of ``count`` independent addends, if this is that of their sum.

        The sum has the mean and the variance of this prior; of a Normal, this law. A known value is
        divided. A family without a location is the prior of each addend as it is.

        Parameters
        ----------
        count
            How many; 1 or less leaves the prior as it is.
        """
        if count <= 1:
            return self
        if self.fixed:
            return Prior("Fixed", {"value": self.parameters["value"] / count})
        if "loc" not in self.parameters or self.family == "LogNormal":
            return self
        loc, scale = self.parameters["loc"] / count, self.parameters["scale"] / count**0.5
        return Prior(self.family, {**self.parameters, "loc": loc, "scale": scale})

    # ------------------------------------------------------------------ as data
    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON and for attributes of results."""
        return {"family": self.family, **self.parameters}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Prior:
        """Inverse of :meth:`to_dict`."""
        parameters = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return cls(str(parameters.pop("family", "")), parameters)

    @classmethod
    def parse(cls, text: str, name: str = "") -> Prior:
        """Read what ``str`` of a prior shows: ``Normal(loc=0, scale=1)``; a number is ``Fixed``.

        Parameters
        ----------
        text, name
            See :func:`.parse.parse_prior`.

        Raises
        ------
        UnknownNameError, BudgetError
            No such family, or a text of another form.
        """
        return cls(*parse_prior(text, name))

    def __str__(self) -> str:
        inside = ", ".join(f"{k}={v}" for k, v in self.parameters.items())
        return f"{self.family}({inside})"

    __repr__ = __str__

    # ------------------------------------------------------------------ in a program
    def log_prob(self, values: Any) -> Any:
        """Log density at values [..., event], in double precision; 0 for a known value."""
        import jax
        import numpyro.distributions as dist

        if self.fixed:
            return np.zeros(np.shape(values)[: np.ndim(values) - np.ndim(self.value)])
        with jax.enable_x64(True):
            parameters = {k: np.asarray(v, dtype=float) for k, v in self.parameters.items()}
            return np.asarray(getattr(dist, self.family)(**parameters).log_prob(values))

    def numpyro(self, name: str) -> Any:
        """Sample the site ``name`` of a NumPyro program; a known value is deterministic."""
        import jax.numpy as jnp
        import numpyro
        import numpyro.distributions as dist

        if self.fixed:
            return numpyro.deterministic(name, jnp.asarray(self.value))
        parameters = {k: jnp.asarray(v, dtype=float) for k, v in self.parameters.items()}
        return numpyro.sample(name, getattr(dist, self.family)(**parameters))

    def pymc(self, name: str, dims: str | None = None) -> Any:
        """Add the variable ``name`` to the current PyMC model; a known value is deterministic."""
        import pymc as pm
        import pytensor.tensor as pt

        if self.fixed:
            return pm.Deterministic(name, pt.as_tensor_variable(self.value), dims=dims)
        translated = FAMILIES[self.family]
        parameters = {translated[k]: v for k, v in self.parameters.items()}
        return getattr(pm, self.family)(name, **parameters, dims=dims)


def _require_weights(weights: Any, other: Any) -> None:
    """Refuse weights of a ``Categorical`` that are none."""
    if not isinstance(weights, Mapping) or not all(isinstance(name, str) for name in weights):
        raise BudgetError(
            f"Categorical: weights={weights!r}, expected candidates with their weights, such as "
            "{'gpt-4': 3}"
        )
    for name, value in {**weights, "other": other}.items():
        if not isinstance(value, int | float) or not (np.isfinite(value) and value > 0):
            raise BudgetError(f"Categorical: {name}={value!r}, expected a positive number")


def merge(priors: Mapping[str, Prior], given: Mapping[str, Prior | str] | None) -> dict[str, Prior]:
    """Replace some of a model's priors.

    Parameters
    ----------
    priors
        A model's priors by name.
    given
        Those to replace; a text is read by :meth:`Prior.parse`.

    Raises
    ------
    UnknownNameError
        A name that the model does not have.
    """
    merged = dict(priors)
    for name, prior in (given or {}).items():
        if name not in priors:
            raise did_you_mean(name, priors, "prior")
        merged[name] = Prior.parse(prior, name) if isinstance(prior, str) else prior
    return merged
