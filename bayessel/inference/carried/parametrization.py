"""One program in other parametrizations, and positions of chains from one to another.

An effect ``e ~ Normal(loc, scale)`` whose location or scale is latent may be moved as it is
(centred), or as its unit ``(e - loc) / scale`` (non-centred). Where little is known of each effect,
the centred one has a funnel: in its neck, at small scales, steps that suit all other chains are too
long, and a chain there stays. Where much is known, the non-centred one has a funnel. Moves in one
after moves in the other mix at least as well as in the better of the two (interweaving, Yu & Meng
2011), and no one need know which it is.

The degree c of centring is a number, so that one compiled program does for both: the site is
``x ~ Normal(c · loc, scale^c)``, and ``e = loc + scale^(1 - c) · (x - c · loc)`` (Papaspiliopoulos,
Roberts & Sköld 2007; Gorinova, Moore & Hoffman 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer.inspect import get_dependencies
from numpyro.infer.reparam import LocScaleReparam
from numpyro.infer.util import constrain_fn

from bayessel.inference.engines.nuts import Program

Position = dict[str, Any]


@dataclass(frozen=True)
class Parametrization:
    """A program with its normal effects centred to some degree.

    Attributes
    ----------
    program
        As it is written.
    effects
        The sites; see :func:`normal_effects`.
    centred
        Between 0, as units, and 1, as written.
    """

    program: Program
    effects: tuple[str, ...]
    centred: Any

    def __call__(self, data: Any) -> None:
        """Run the program."""
        how = LocScaleReparam(self.centred)
        with handlers.reparam(config=dict.fromkeys(self.effects, how)):
            self.program(data)

    def enter(self, position: Position, data: Any) -> Position:
        """[C, ...] unconstrained positions here of those of the program as written."""

        def one(old: Position) -> Position:
            values = constrain_fn(self.program, (data,), {}, old)
            sites = handlers.trace(handlers.substitute(self.program, data=values)).get_trace(data)
            new = {k: v for k, v in old.items() if k not in self.effects}
            for name in self.effects:
                prior, c = _base(sites[name]["fn"]), self.centred
                new[_here(name)] = (old[name] - prior.loc) / prior.scale ** (1 - c) + c * prior.loc
            return new

        return jax.vmap(one)(position) if self.effects else position

    def leave(self, position: Position, data: Any) -> Position:
        """[C, ...] unconstrained positions of the program as written of those here."""

        def one(old: Position) -> Position:
            values = constrain_fn(self, (data,), {}, old, return_deterministic=True)
            here = {_here(name) for name in self.effects}
            new = {k: v for k, v in old.items() if k not in here}
            return new | {name: values[name] for name in self.effects}

        return jax.vmap(one)(position) if self.effects else position


def normal_effects(program: Program, data: Any) -> tuple[str, ...]:
    """Latent sites that are normal given other latent sites."""
    above = get_dependencies(program, (data,))["prior_dependencies"]
    found: list[str] = []

    def look(key: Any) -> None:
        sites = handlers.trace(handlers.seed(program, key)).get_trace(data)
        found.extend(
            name
            for name, site in sites.items()
            if site["type"] == "sample"
            and not site["is_observed"]
            and set(above[name]) > {name}
            and isinstance(_base(site["fn"]), dist.Normal)
        )

    jax.eval_shape(look, jax.random.key(0))
    return tuple(found)


def _base(distribution: Any) -> Any:
    """A distribution without what lays it out."""
    while hasattr(distribution, "base_dist"):
        distribution = distribution.base_dist
    return distribution


def _here(name: str) -> str:
    """NumPyro's name of the site that takes an effect's place."""
    return f"{name}_decentered"
