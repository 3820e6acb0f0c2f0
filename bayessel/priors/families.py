"""Families of distributions that a prior may be of, and their parameters."""

FAMILIES: dict[str, dict[str, str]] = {
    "Beta": {"concentration1": "alpha", "concentration0": "beta"},
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
"""Parameters of each family: NumPyro's name, and PyMC's. ``Fixed`` is a known value."""
