"""All tables of a study: of one data set, and of several together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd

from bayessel.studies.measures.by_budget import by_budget
from bayessel.studies.measures.calibration import calibration
from bayessel.studies.measures.differences import differences
from bayessel.studies.measures.needed import calls_needed, overall
from bayessel.studies.measures.stopping import stopping
from bayessel.studies.rows import Runs
from bayessel.studies.settings import settings_frame
from bayessel.studies.varied import SHOWN, varied


@dataclass(frozen=True)
class Tables:
    """The tables of a study, each a tidy frame with the columns ``data`` and ``strategy``.

    Attributes
    ----------
    by_budget
        See :func:`bayessel.studies.measures.by_budget.by_budget`.
    needed
        See :func:`bayessel.studies.measures.needed.calls_needed`.
    differences
        See :func:`bayessel.studies.measures.differences.differences`.
    calibration
        See :func:`bayessel.studies.measures.calibration.calibration`.
    stopping
        See :func:`bayessel.studies.measures.stopping.stopping`.
    settings
        See :func:`bayessel.studies.settings.settings_frame`.
    """

    by_budget: pd.DataFrame
    needed: pd.DataFrame
    differences: pd.DataFrame
    calibration: pd.DataFrame
    stopping: pd.DataFrame
    settings: pd.DataFrame

    @property
    def varied(self) -> pd.DataFrame:
        """See :func:`bayessel.studies.varied.varied`."""
        return varied(self.by_budget, self.needed, self.settings)

    @property
    def overall(self) -> pd.DataFrame:
        """Means over data sets; see :func:`bayessel.studies.measures.needed.overall`."""
        return overall(self.needed)

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Every table by its name."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return own | {"varied": self.varied, "overall": self.overall}


def measure(data: Sequence[Runs], seed: int = 0) -> Tables:
    """All tables of one data set.

    Parameters
    ----------
    data
        Runs of all strategies on it.
    seed
        Of the bootstrap.
    """
    return Tables(
        by_budget(data),
        calls_needed(data, seed),
        differences(data),
        calibration(data, SHOWN),
        stopping(data),
        settings_frame([runs.strategy for runs in data], [runs.setting for runs in data]),
    )


def together(parts: Sequence[Tables]) -> Tables:
    """Tables of several data sets, one below the other."""
    names = [field.name for field in fields(Tables)]
    stacked = {n: pd.concat([getattr(p, n) for p in parts], ignore_index=True) for n in names}
    return Tables(**stacked)
