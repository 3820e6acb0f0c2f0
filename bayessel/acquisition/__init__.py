"""Acquisitions: which query to judge next, from what is known of the posterior.

To add one, write a file that defines ``ACQUISITION = Acquisition(description, score)``; its name is
the file's name, with ``-`` for ``_``. A plug-in names the same object as an entry point of the
group ``bayessel.acquisitions``. What ``score`` sees and what it returns is in
:mod:`bayessel.acquisition.base`.
"""

from __future__ import annotations

from bayessel.acquisition.base import Acquisition, Outlook, Scores
from bayessel.support.registry import Registry

__all__ = ["ACQUISITIONS", "DEFAULT", "Acquisition", "Outlook", "Scores"]

ACQUISITIONS: Registry[Acquisition] = Registry(
    "bayessel.acquisition",
    attribute="ACQUISITION",
    group="bayessel.acquisitions",
    what="acquisition",
    kind=Acquisition,
)
"""Acquisitions by name; a member is imported when it is first asked for."""

DEFAULT = "spread"
"""Name of the acquisition that is used where none is given."""
