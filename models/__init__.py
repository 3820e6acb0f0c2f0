"""Generative models, one file each; imported as ``bayessel.models``."""

from types import ModuleType

from bayessel.support.registry import Registry

MODELS: Registry[ModuleType] = Registry(
    "bayessel.models",
    attribute=None,
    group="bayessel.models",
    what="model",
    kind=ModuleType,
    hyphens=False,
)
"""Models by name: each is a module of this package, or one that a plug-in names."""

DEFAULT = "two_way"
"""The model of every command and function that is given no other."""
