"""Families of distributions that a prior may be of, and their parameters."""

from typing import Any

FAMILIES: dict[str, dict[str, str]] = {
    "Beta": {"concentration1": "alpha", "concentration0": "beta"},
    "Categorical": {"weights": "weights", "other": "other"},
    "Dirichlet": {"concentration": "a"},
    "Exponential": {"rate": "lam"},
    "Fixed": {"value": "value"},
    "Gamma": {"concentration": "alpha", "rate": "beta"},
    "HalfCauchy": {"scale": "beta"},
    "HalfNormal": {"scale": "sigma"},
    "InverseGamma": {"concentration": "alpha", "rate": "beta"},
    "LogNormal": {"loc": "mu", "scale": "sigma"},
    "Normal": {"loc": "mu", "scale": "sigma"},
    "StudentT": {"df": "nu", "loc": "mu", "scale": "sigma"},
}
"""Parameters of each family: NumPyro's name, and PyMC's. ``Fixed`` is a known value.

``Categorical`` is over candidates by name: ``weights`` of those that are named, and the weight
``other`` of each that is not. It is a prior of F, which models sum out.
"""

DEFAULTS: dict[str, dict[str, Any]] = {"Categorical": {"weights": {}, "other": 1.0}}
"""Parameters that a text may leave out."""
