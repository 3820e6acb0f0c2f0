"""Supports: the values that a prior allows, and those that a model can use.

A model's own prior says what its parameter can be: a variance has an InverseGamma, a share a Beta.
A prior that replaces it must have a support that is no wider: under a Normal a variance would be
negative, and the sampler would stop halfway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bayessel.errors import BudgetError
from bayessel.priors import FAMILIES, Prior
from bayessel.priors.parse import OF_F

_REAL, _NOT_NEGATIVE, _POSITIVE, _UNIT = "real", "not negative", "positive", "unit"
_SCALAR = {
    "Beta": _UNIT,
    "Exponential": _NOT_NEGATIVE,
    "Gamma": _POSITIVE,
    "HalfCauchy": _NOT_NEGATIVE,
    "HalfNormal": _NOT_NEGATIVE,
    "InverseGamma": _POSITIVE,
    "LogNormal": _POSITIVE,
    "Normal": _REAL,
    "StudentT": _REAL,
}
_WIDTH = {_UNIT: 0, _POSITIVE: 1, _NOT_NEGATIVE: 1, _REAL: 2}  # each lies within the next
_SAID = {
    _REAL: "one number",
    _NOT_NEGATIVE: "0 or more",
    _POSITIVE: "positive",
    _UNIT: "between 0 and 1",
}


@dataclass(frozen=True)
class Support:
    """Values that a model's own prior allows.

    Attributes
    ----------
    kind
        Of one number; ``"simplex"`` for rates that sum to 1, ``"candidates"`` for F.
    size
        How many rates; 0 where it is one number.
    """

    kind: str
    size: int = 0

    @classmethod
    def of(cls, prior: Prior) -> Support | None:
        """Support of a prior; None for a known value, which says nothing of other values."""
        if prior.fixed:
            return None
        if prior.family == "Categorical":
            return cls("candidates")
        if prior.family == "Dirichlet":
            return cls("simplex", np.size(prior.parameters["concentration"]))
        return cls(_SCALAR[prior.family])

    def __str__(self) -> str:
        if self.kind == "candidates":
            return "a candidate"
        return f"{self.size} positive rates that sum to 1" if self.size else _SAID[self.kind]

    @property
    def families(self) -> list[str]:
        """Families whose support is no wider."""
        if self.size:
            return ["Dirichlet"]
        if self.kind == "candidates":
            return ["Categorical"]
        return [f for f in FAMILIES if f in _SCALAR and _WIDTH[_SCALAR[f]] <= _WIDTH[self.kind]]

    def holds(self, prior: Prior) -> bool:
        """Whether the support of a prior is no wider."""
        if prior.fixed:
            return self.kind != "candidates" and self._has(prior.value)
        if prior.family not in self.families:
            return False
        if self.kind == "candidates":
            return True
        if self.size:
            return np.shape(prior.parameters["concentration"]) == (self.size,)
        return all(np.ndim(value) == 0 for value in prior.parameters.values())

    def _has(self, value: np.ndarray) -> bool:
        if self.size:
            rates = value.shape == (self.size,) and (value > 0).all()
            return bool(rates and abs(value.sum() - 1) < 1e-6)
        inside = {
            _REAL: True,
            _NOT_NEGATIVE: bool((value >= 0).all()),
            _POSITIVE: bool((value > 0).all()),
            _UNIT: bool(((value > 0) & (value < 1)).all()),
        }
        return value.ndim == 0 and inside[self.kind]


def require_supports(own: Mapping[str, Prior], given: Mapping[str, Prior], model: str) -> None:
    """Refuse a prior whose support is wider than that of the model's own prior.

    Parameters
    ----------
    own
        The model's own priors by name.
    given
        Priors that replace some of them.
    model
        The model's name.

    Raises
    ------
    BudgetError
        A prior with a wider support, or a known value outside the support.
    """
    for name, prior in given.items():
        support = Support.of(own[name])
        if support is not None and not support.holds(prior):
            families = support.families
            listed = (
                ", ".join(families[:-1]) + " or " + families[-1] if families[1:] else families[0]
            )
            known = "a known value of that kind, or "
            if support.kind == "candidates":
                known, listed = "", OF_F
            raise BudgetError(
                f"prior {name}={prior}: in the model {model}, {name} is {support}; give {known}"
                f"{listed}"
            )
