"""Priors as data: what a model believes before anything is bought."""

from bayessel.priors.families import FAMILIES
from bayessel.priors.prior import Prior, merge

__all__ = ["FAMILIES", "Prior", "merge"]
