"""Acquisitions: what to judge next, from what is known of the posterior.

To add one, write a file that defines ``ACQUISITION = Acquisition(description, score, cells)``; its
name is the file's name, with ``-`` for ``_``. A plug-in names the same object as an entry point of
the group ``bayessel.acquisitions``. What the two functions see and what they return is in
:mod:`bayessel.acquisition.base`.
"""

from __future__ import annotations

from bayessel.acquisition.base import (
    Acquisition,
    CellOutlook,
    CellScores,
    Moments,
    Outlook,
    Scores,
)
from bayessel.support.registry import Registry

__all__ = [
    "ACQUISITIONS",
    "DEFAULT",
    "DEFAULT_WHOLE",
    "Acquisition",
    "CellOutlook",
    "CellScores",
    "Moments",
    "Outlook",
    "Scores",
]

ACQUISITIONS: Registry[Acquisition] = Registry(
    "bayessel.acquisition",
    attribute="ACQUISITION",
    group="bayessel.acquisitions",
    what="acquisition",
    kind=Acquisition,
)
"""Acquisitions by name; a member is imported when it is first asked for."""

DEFAULT = "expected-regret"
"""Name of the acquisition of cells that is used where none is given."""

DEFAULT_WHOLE = "random"
"""The same for whole queries."""
