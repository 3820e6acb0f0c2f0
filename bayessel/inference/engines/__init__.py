"""Engines: from a model and its data to posterior draws.

A new engine is one module of this folder with the names of :class:`.base.Engine`, and a line in
:data:`ENGINES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGINES: Mapping[str, str] = MappingProxyType(
    {"exact": "exact", "gibbs": "gibbs", "numpyro": "nuts", "pymc": "pymc_engine"}
)
"""Module by the name of the engine: closed forms, Gibbs steps, NumPyro's NUTS, PyMC's samplers."""
