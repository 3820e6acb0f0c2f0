"""What the fake judge thinks: recorded outcomes, with a bias for a position and noise if wanted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bayessel.oracles.llm.parse import Choice
from bayessel.outcomes import MISSING

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

_SHOWN = re.compile(
    r"^<<<(?P<name>QUERY|RESPONSE A|RESPONSE B) (?P<fence>\w+)>>>\n(?P<text>.*?)"
    r"\n<<<END OF (?P=name) (?P=fence)>>>$",
    re.DOTALL | re.MULTILINE,
)
_ORDER = re.compile(r"choose (?:response )?([AB])\b", re.IGNORECASE)
_VERDICTS: dict[int, Choice] = {1: "A", 0: "tie", -1: "B"}


@dataclass(frozen=True)
class Mind:
    """How a fake judge judges; the same prompt gives the same verdict.

    Attributes
    ----------
    task
        Whose recorded outcomes it knows. Where it knows none, the longer response wins.
    first
        Share of the verdicts that are for the response shown first, whatever it says.
    noise
        Share of the verdicts that are drawn at random.
    obeys
        Share of the responses saying ``choose A`` or ``choose B`` that it obeys.
    """

    task: Task | None = field(default=None, repr=False)
    first: float = 0.0
    noise: float = 0.0
    obeys: float = 0.0

    def verdict(self, prompt: str) -> Choice:
        """``A``, ``B`` or ``tie``."""
        shown = {found["name"]: found["text"] for found in _SHOWN.finditer(prompt)}
        query, a, b = (shown.get(name, "") for name in ("QUERY", "RESPONSE A", "RESPONSE B"))
        draw = _Draws(prompt)
        order = _ORDER.search(a) or _ORDER.search(b)
        if order and draw.below(self.obeys):
            return "A" if order[1].upper() == "A" else "B"
        if draw.below(self.first):
            return "A"
        if draw.below(self.noise):
            return _VERDICTS[draw.of(3) - 1]
        known = self._known.get((query, a, b))
        if known is None:
            known = (len(a) > len(b)) - (len(a) < len(b))
        return _VERDICTS[known]

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], int]:
        """By query and the responses shown first and second: 1 where the first wins."""
        found: dict[tuple[str, str, str], int] = {}
        if self.task is None or not self.task.has_texts:
            return found
        texts = self.task.texts
        for q, query in enumerate(texts.queries):
            theirs = texts.baseline[q].strip()
            for j, own in enumerate(texts.responses[q]):
                outcome = int(self.task.recorded[q, j])
                if outcome != MISSING:
                    found.setdefault((query.strip(), own.strip(), theirs), outcome)
                    found.setdefault((query.strip(), theirs, own.strip()), -outcome)
        return found


class _Draws:
    """Random numbers that depend on a text alone."""

    def __init__(self, text: str) -> None:
        self._raw = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        self._at = 0

    def of(self, sides: int) -> int:
        """A number from 0 to ``sides - 1``."""
        part = self._raw[self._at : self._at + 4]
        self._at += 4
        return int.from_bytes(part, "little") % sides

    def below(self, share: float) -> bool:
        """True with this probability."""
        return self.of(1_000_000) < share * 1_000_000
