"""Texts that are longer than a judge can read are cut, by one rule, and it is noted.

All texts get the same limit: the largest with which they fit together. Shorter ones stay whole. A
text that is cut keeps two thirds of its limit from its beginning and one third from its end, with a
mark between them that says how much was left out. So both responses are treated alike.
"""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_TOKEN = 3
"""Cautious: English has about four bytes a token."""
RESERVED = 600
"""Tokens for the rest of the prompt."""
_MARK_SIZE = 60


@dataclass(frozen=True)
class Fitted:
    """Texts that fit.

    Attributes
    ----------
    texts
        They, cut where they had to be.
    note
        What was cut; empty where nothing was.
    """

    texts: tuple[str, ...]
    note: str


def fit(texts: tuple[str, ...], room: int | None) -> Fitted:
    """Cut texts so that they fit together.

    Parameters
    ----------
    texts
        The query and the two responses.
    room
        Tokens for all of them; None where there is no limit.
    """
    if room is None:
        return Fitted(texts, "")
    raw = [text.encode("utf-8", "replace") for text in texts]
    limit = _limit([len(one) for one in raw], max(room, 0) * BYTES_PER_TOKEN)
    cut = [one if len(one) <= limit else _cut(one, limit) for one in raw]
    lost = [i for i, one in enumerate(raw) if len(one) > limit]
    if not lost:
        return Fitted(texts, "")
    names = ("the query", "response A", "response B")
    note = f"cut to {limit} bytes each: {', '.join(names[i] for i in lost)}"
    return Fitted(tuple(one.decode("utf-8", "ignore") for one in cut), note)


def _limit(sizes: list[int], room: int) -> int:
    """The largest limit with which the texts fit together."""
    left, waiting = room, sorted(sizes)
    while waiting:
        share = left // len(waiting)
        if waiting[0] > share:
            return share
        left -= waiting.pop(0)
    return max(sizes, default=0)


def _cut(raw: bytes, limit: int) -> bytes:
    kept = max(limit - _MARK_SIZE, 0)
    head, tail = raw[: kept - kept // 3], raw[len(raw) - kept // 3 :]
    left_out = len(raw) - len(head) - len(tail)
    mark = f"\n[... {left_out} bytes were left out here ...]\n"
    return head.decode("utf-8", "ignore").encode() + mark.encode() + tail
