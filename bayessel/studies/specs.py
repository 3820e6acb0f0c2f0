"""The strategies of a study, written as ``name:option=value,option=value``."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bayessel.errors import BudgetError, did_you_mean
from bayessel.strategies import STRATEGIES, make_strategy
from bayessel.strategies.paper.parts.replay import BRADLEY_TERRY, ORDER, POSTERIOR, RANDOM

RULES = {
    "random": RANDOM,
    "bradley-terry": BRADLEY_TERRY,
    "most-draws": ORDER,
    "uncertainty": ORDER,
    "confidence": ORDER,
    "llm-selector": POSTERIOR,
    "llm-selector-grid": POSTERIOR,
}
"""Strategies that compiled code runs, with their rules; all others run as objects."""

CELL_RIVALS = ("random-cells", "racing", "successive-halving", "ucb-e")
"""Rivals that choose cells; where their number of draws is not set, they say no probability."""

RIVALS = ("random", "bradley-terry", "most-draws", "uncertainty", "confidence", *CELL_RIVALS)
"""The five that the paper compares with, and those that choose cells."""

CONTENDERS = "contenders"
"""The rival that every strategy is compared with by name, beside ``random``."""

MOST_KGRAMS = 20
"""Largest number z of k-gram weak judges."""

_EPS = {"eps_loss", "eps_draw"}


@dataclass(frozen=True)
class Spec:
    """One strategy of a study.

    Attributes
    ----------
    name
        A key of :data:`bayessel.strategies.STRATEGIES`.
    options
        The parameters that are set: names and values. ``prior`` may stand there several times,
        each time with a text ``NAME=PRIOR``.
    noise
        Share of the oracle's answers that are replaced by another outcome.
    kgrams
        z, number of k-gram weak judges; only compiled strategies read it.
    """

    name: str
    options: tuple[tuple[str, Any], ...] = ()
    noise: float = 0.0
    kgrams: int = 10

    @property
    def settings(self) -> dict[str, Any]:
        """The parameters as the strategy's class takes them."""
        found: dict[str, Any] = {}
        for key, value in self.options:
            if key == "prior":
                name, _, text = value.partition("=")
                found.setdefault(key, {})[name] = text
            else:
                found[key] = value
        return found

    @property
    def compiled(self) -> bool:
        """Whether compiled code runs it."""
        return self.name in RULES and {key for key, _ in self.options} <= _EPS

    @property
    def only_named(self) -> bool:
        """Whether it runs as an object that is asked whom it names, and not how sure it is."""
        return self.name in CELL_RIVALS and "draws" not in dict(self.options)

    @property
    def unit(self) -> str:
        """What it chooses: ``cells`` or ``queries``."""
        return make_strategy(self.name, **self.settings).unit

    @property
    def reads_votes(self) -> bool:
        """Whether it is compiled and reads k-gram votes."""
        return self.compiled and self.name != "random"

    @property
    def label(self) -> str:
        """Name in tables and pictures; two different specs have two names."""
        text = self.name
        if self.options:
            text += ":" + ",".join(f"{key}={value}" for key, value in self.options)
        if self.kgrams != 10:
            text += f" z={self.kgrams}"
        if self.noise:
            text += f" noise={self.noise:g}"
        return text

    @property
    def eps(self) -> tuple[float, float]:
        """(eps_loss, eps_draw) of ``llm-selector``."""
        given = dict(self.options)
        return float(given.get("eps_loss", 0.2)), float(given.get("eps_draw", 0.4))


def parse_specs(
    text: str | Sequence[str],
    noise: Sequence[float] = (0.0,),
    kgrams: Sequence[int] = (10,),
    unit: str = "calls",
) -> tuple[Spec, ...]:
    """Read the strategies of a study.

    Parameters
    ----------
    text
        ``all``; or names and ``name:option=value,option=value``, separated by commas or as a
        sequence. A part with ``=`` belongs to the strategy before it.
    noise
        Error rates of the oracle; every strategy runs with each.
    kgrams
        Numbers z of k-gram weak judges; every compiled strategy that reads them runs with each.
    unit
        What budgets count, ``calls`` or ``queries``; where it is queries, ``all`` are those that
        choose whole queries.

    Raises
    ------
    UnknownNameError, BudgetError
        A strategy is unknown, it does not take an option, or a value is out of range; or it
        chooses cells and whole queries are counted.
    """
    text = text if isinstance(text, str) else ",".join(text)
    bad = [rate for rate in noise if not 0 <= rate < 1]
    if bad:
        raise BudgetError(f"oracle noise {bad[0]:g}: expected a rate in [0, 1)")
    few = [z for z in kgrams if not 1 <= z <= MOST_KGRAMS]
    if few:
        raise BudgetError(f"kgrams {few[0]}: expected a number from 1 to {MOST_KGRAMS}")
    plain = []
    for written in _split(text):
        name, _, rest = written.partition(":")
        if name == "all":
            every = [Spec(known) for known in _every()]
            plain += [spec for spec in every if unit == "calls" or spec.unit == "queries"]
            continue
        if name not in STRATEGIES:
            raise did_you_mean(name, STRATEGIES, "strategy")
        options = tuple(_option(name, pair) for pair in _outside_brackets(rest) if pair)
        plain.append(Spec(name, options))
        make_strategy(name, **plain[-1].settings)
        if unit == "queries" and plain[-1].unit != "queries":
            raise BudgetError(
                f"strategy {name} chooses cells, and the unit is queries: count calls, or name "
                "strategies that choose whole queries, such as random"
            )
    if not plain:
        raise BudgetError("no strategy was named: give all, or names with commas")
    found = []
    for spec in plain:
        for rate in noise:
            for z in kgrams if spec.reads_votes else (10,):
                found.append(dataclasses.replace(spec, noise=rate, kgrams=z))
    return tuple(dict.fromkeys(found))


def _every() -> list[str]:
    """Names of all strategies, the paper's first."""
    return [*RULES, *(name for name in STRATEGIES if name not in RULES)]


def _split(text: str) -> list[str]:
    """The strategies, each with its options; a comma before ``option=`` does not end a strategy."""
    found: list[str] = []
    for part in (piece.strip() for piece in _outside_brackets(text)):
        if part and "=" in part and ":" not in part and found:
            found[-1] += "," + part
        elif part:
            found.append(part)
    return found


def _outside_brackets(text: str) -> list[str]:
    """The parts between commas; those within brackets, as in ``Gamma(2, 16)``, part nothing."""
    found, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _option(name: str, pair: str) -> tuple[str, Any]:
    """Name and value of an option; the value has the type that the strategy declares."""
    key, equals, value = pair.partition("=")
    hints = typing.get_type_hints(STRATEGIES[name])
    if not equals or not value:
        raise BudgetError(f"strategy option {pair!r} of {name}: expected option=value")
    if key not in hints:
        return key, value  # refused by make_strategy, which names those there are
    if key == "prior":
        if "=" not in value:
            raise BudgetError(
                f"strategy option {pair!r} of {name}: expected prior=NAME=PRIOR, such as "
                "prior=sd_quality=HalfNormal(0.1)"
            )
        return key, value
    hint = hints[key]
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if bool in kinds and value.lower() in ("true", "false"):
        return key, value.lower() == "true"
    read = [kind for kind in (int, float, str) if kind in kinds]
    for kind in read:
        try:
            return key, kind(value)
        except ValueError:
            continue
    wanted = " or ".join(kind.__name__ for kind in read)
    if not wanted:
        wanted = "True or False" if bool in kinds else "another option; this one is set in Python"
    raise BudgetError(f"strategy option {pair!r} of {name}: expected {wanted}")
