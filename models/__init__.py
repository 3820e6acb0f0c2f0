"""Generative models, one file each; imported as ``bayessel.models``."""

MODELS = ("dual_parameter", "judge_channel", "item_response", "regression")
"""Names of the models, each a module of this package."""

DEFAULT = "regression"
"""The model that every command and function uses where none is named."""
