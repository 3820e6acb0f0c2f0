"""Oracles: who says which response is better, one file each, which defines ``ORACLE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayessel.support.registry import Registry

if TYPE_CHECKING:
    from bayessel.oracles.base import Oracle, OracleMaker
    from bayessel.tasks.task import Task

ORACLES: Registry[OracleMaker] = Registry(
    "bayessel.oracles", attribute="ORACLE", group="bayessel.oracles", what="oracle"
)
"""Oracles by name; each makes one from a task."""

DEFAULT = "recorded"
"""The oracle that answers where none is named."""

__all__ = ["DEFAULT", "ORACLES", "make_oracle"]


def make_oracle(oracle: str | Oracle, task: Task) -> Oracle:
    """The oracle of that name for a task; a callable is an oracle already.

    Raises
    ------
    UnknownNameError
        There is no oracle of that name.
    """
    return ORACLES[oracle](task) if isinstance(oracle, str) else oracle
