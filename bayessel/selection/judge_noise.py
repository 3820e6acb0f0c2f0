"""How noisy the judges of a run are, from the cells that were judged twice, kept in the run.

An outcome of a noisy judge is not what it is expected to say. The run's model takes that into
account where it can (``verdict_noise``, see docs/judges.md), from the first :data:`FEWEST` cells
that were judged twice on, and again whenever their number has doubled: a run that is interrupted
goes on as it would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bayessel.inference.judges.audit import audit
from bayessel.inference.judges.table import Row, VerdictTable
from bayessel.oracles.people.shown import is_person
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Recorded
from bayessel.selection.run import Run

FEWEST = 5
"""Cells judged twice from which the noise is estimated."""

_PEOPLE = "people"


@dataclass(frozen=True)
class Noise:
    """Variance of half an outcome when a cell is judged again.

    Attributes
    ----------
    value
        The estimate.
    lower, upper
        A 90 % interval.
    cells
        That were judged twice.
    """

    value: float
    lower: float
    upper: float
    cells: int


def noise_of(recorded: Sequence[Recorded]) -> Noise | None:
    """The noise of those who judged; None where no cell was judged twice.

    An LLM judge is compared with itself, in both orders or asked again. People are compared with
    each other: who of them gets a cell is chance. Several judges count by their verdicts. Of a
    panel, whose majority is an outcome, that is safe: the majority is less noisy.

    Parameters
    ----------
    recorded
        Requests, oldest first; those without a verdict are left out.
    """
    rows: list[Row] = []
    for one in recorded:
        if one.verdict is None or one.verdict.outcome is None:
            continue
        person, request = is_person(one), one.request
        side = 1 if person or not request.baseline_first else -1
        name = _PEOPLE if person else request.oracle
        rows.append((name, (request.query, request.candidate), side, int(one.verdict.outcome)))
    if not rows:
        return None
    known = [one for one in audit(VerdictTable.of(rows)) if one.noise.of]
    if not known:
        return None
    weight = np.array([one.verdicts for one in known], dtype=float)
    numbers = np.array([(one.noise.value, one.noise.lower, one.noise.upper) for one in known])
    value, lower, upper = (weight @ numbers / weight.sum()).tolist()
    return Noise(value, lower, upper, sum(one.noise.of for one in known))


class NoiseWatch:
    """Lets a run know the noise of its judges while they judge.

    Parameters
    ----------
    run
        The run.
    ledger
        Where its verdicts are.
    oracles
        Whose verdicts become its outcomes; all where None.
    """

    def __init__(
        self, run: Run, ledger: VerdictLedger, oracles: Sequence[str] | None = None
    ) -> None:
        self._run, self._ledger, self._oracles = run, ledger, oracles
        self._next = FEWEST if self.known is None else 2 * self.known["cells"]

    @property
    def known(self) -> dict[str, Any] | None:
        """What the run knows of the noise; None where it knows nothing."""
        found: dict[str, Any] | None = self._run.ledger.meta.get("verdict_noise")
        return found

    def look(self) -> Noise | None:
        """Estimate the noise where enough was judged twice since; returns it then."""
        if self._ledger.judged_twice(self._oracles) < self._next:
            return None
        recorded = self._ledger.all
        if self._oracles is not None:
            recorded = [one for one in recorded if one.request.oracle in self._oracles]
        found = noise_of(recorded)
        if found is None or found.cells < self._next:
            return None
        self._next = 2 * found.cells
        self._run.know_noise(asdict(found))
        return found
