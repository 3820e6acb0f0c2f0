"""What a call costs: prices that the user gives, or those that the package ``genai-prices`` knows.

A price is in US dollars for a million tokens, as providers list them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bayessel.errors import BudgetError
from bayessel.oracles.llm.extra import needs_extra

_MILLION = 1_000_000
_SAMPLE = 1_000  # a judgment is short: prices of very long inputs are others
BYTES_PER_TOKEN = 4
"""For what is expected of a text; English has about so many."""
OVERHEAD = 300
"""Tokens beside the texts: roles, the JSON schema."""


@dataclass(frozen=True)
class Price:
    """Prices of a judge, in dollars for a million tokens.

    Attributes
    ----------
    tokens_in, tokens_out
        For what it reads and for what it writes.
    share
        Of the price that is paid: 1/2 at batch endpoints.
    """

    tokens_in: float
    tokens_out: float
    share: float = 1.0

    def of(self, tokens_in: float, tokens_out: float) -> float:
        """What a call with so many tokens costs, in dollars."""
        whole = tokens_in * self.tokens_in + tokens_out * self.tokens_out
        return self.share * whole / _MILLION


def price_of(
    judge: str, base_url: str, tokens_in: float | None = None, tokens_out: float | None = None
) -> Price | None:
    """The price of a judge; None where it is not known.

    Parameters
    ----------
    judge, base_url
        The judge's name and its endpoint.
    tokens_in, tokens_out
        Prices that are given; both or none.

    Raises
    ------
    BudgetError
        One without the other, or one that is negative.
    """
    if (tokens_in is None) != (tokens_out is None):
        raise BudgetError("--price-in and --price-out go together: give both, or neither")
    if tokens_in is not None and tokens_out is not None:
        for name, value in (("--price-in", tokens_in), ("--price-out", tokens_out)):
            if not (math.isfinite(value) and value >= 0):
                raise BudgetError(
                    f"{name} {value}: expected dollars for a million tokens, such as 2.5"
                )
        return Price(tokens_in, tokens_out)
    return _listed(judge, base_url)


def context_of(judge: str, base_url: str) -> int | None:
    """How many tokens a judge can read and write together; None where it is not known."""
    found = _calculated(judge, base_url)
    return None if found is None else found.model.context_window


def _listed(judge: str, base_url: str) -> Price | None:
    """The price that the package knows for this endpoint."""
    found = _calculated(judge, base_url)
    if found is None:
        return None
    scale = _MILLION / _SAMPLE
    return Price(float(found.input_price) * scale, float(found.output_price) * scale)


def _calculated(judge: str, base_url: str) -> Any:
    with needs_extra("prices"):
        from genai_prices import Usage, calc_price
    try:
        return calc_price(
            Usage(input_tokens=_SAMPLE, output_tokens=_SAMPLE), judge, provider_api_url=base_url
        )
    except LookupError:
        return None


def most_tokens(texts: list[str]) -> int:
    """The most tokens that texts can have: no tokenizer makes more of them than bytes."""
    return OVERHEAD + sum(len(text.encode("utf-8", "replace")) for text in texts)


def expected_tokens(texts: list[str]) -> int:
    """About how many tokens texts have."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return OVERHEAD // 2 + math.ceil(size / BYTES_PER_TOKEN)
