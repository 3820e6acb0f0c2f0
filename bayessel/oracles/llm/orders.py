"""In which order the two responses are shown: drawn at random for each cell, and recorded."""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

from bayessel.errors import did_you_mean

Orders = Literal["audit", "one", "both"]
"""``one`` order for each cell, ``both``, or (``audit``) both on a share of the cells."""

AUDITED = 0.1
"""The share of the cells that are judged in both orders under ``audit``."""


def require_orders(name: str) -> Orders:
    """Refuse what is not one of :data:`Orders`.

    Raises
    ------
    UnknownNameError
        It is not.
    """
    for known in get_args(Orders):
        if name == known:
            return known
    raise did_you_mean(name, get_args(Orders), "value of --orders")


def orders_of(orders: Orders, seed: int, query: str, candidate: str) -> tuple[bool, ...]:
    """Whether the baseline is shown first, in the order in which the calls count.

    The first is drawn at random; the draw depends on the seed and the cell alone, so a run that
    goes on draws the same.

    Parameters
    ----------
    orders
        Which orders.
    seed
        Of the run.
    query, candidate
        The cell.
    """
    raw = hashlib.sha256(f"{seed}\0{query}\0{candidate}".encode("utf-8", "surrogatepass")).digest()
    first = bool(raw[0] & 1)
    audited = int.from_bytes(raw[1:9], "little") < AUDITED * 2**64
    if orders == "both" or (orders == "audit" and audited):
        return first, not first
    return (first,)
