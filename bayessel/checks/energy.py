"""Whether Hamiltonian Monte Carlo moves fast enough between energies to reach the tails.

The Bayesian fraction of missing information of the energy, above 0.3 in every chain (Betancourt
2016, https://arxiv.org/abs/1604.00695). Independent draws have none.
"""

from __future__ import annotations

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.divergences import NO_TRANSITIONS
from bayessel.checks.draws import FEWEST, values

NAME = "energy"
BFMI = 0.3


def check_energy(tree: xr.DataTree) -> Check:
    """Bayesian fraction of missing information of each chain."""
    energy = values(tree, "sample_stats", "energy")
    if energy is None:
        return not_run(NAME, NO_TRANSITIONS)
    if energy.sizes["draw"] < FEWEST:
        return not_run(NAME, f"{energy.sizes['draw']} draws a chain: at least {FEWEST} are needed.")
    draws = energy.to_numpy().astype(np.float64)
    if not (np.isfinite(draws).all() and (np.ptp(draws, axis=1) > 0).all()):
        return Check(NAME, False, "A chain's energy is constant or not finite: it did not move.")
    bfmi = azs.bfmi(energy.to_dataset(name="energy"))["energy"].to_numpy()
    table = pd.DataFrame({"bfmi": bfmi}, index=pd.Index(energy["chain"].to_numpy(), name="chain"))
    low = int((~(bfmi > BFMI)).sum())
    if low:
        text = (
            f"{low} of {len(bfmi)} chains have a BFMI of at most {BFMI} (lowest {bfmi.min():.2f}): "
            "the sampler moves too slowly between energies and misses the tails. Rewrite the model "
            "(non-centred scales, lighter-tailed priors)."
        )
    else:
        text = f"Every chain's BFMI is above {BFMI} (lowest {bfmi.min():.2f})."
    return Check(NAME, low == 0, text, table, {"energy": draws})
