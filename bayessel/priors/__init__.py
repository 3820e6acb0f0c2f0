"""Priors as data: what a model believes before anything is bought."""

from bayessel.priors.prior import FAMILIES, Prior, merge

__all__ = ["FAMILIES", "Prior", "merge"]
