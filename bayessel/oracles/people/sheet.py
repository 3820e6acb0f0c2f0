"""What the page shows of a question: texts as safe HTML, without names.

Each text is turned into HTML once and kept for a while.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from bayessel.oracles.people.conversation import (
    ASSISTANT,
    USER,
    Turn,
    turns_of,
)
from bayessel.oracles.people.diff import word_diff
from bayessel.oracles.people.render import plain, to_html
from bayessel.oracles.people.source import Cell
from bayessel.oracles.verdicts.record import Request

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

MOST_SHOWN = 50_000
"""Characters of a text that the page shows at once; the rest comes when it is asked for."""

_KEPT = 500


@dataclass(frozen=True)
class Block:
    """One message on the page.

    Attributes
    ----------
    role
        Who says it.
    html
        Safe HTML.
    left_out
        Characters that are not shown yet.
    """

    role: str
    html: str
    left_out: int = 0


@dataclass(frozen=True)
class Sheet:
    """A question on the page.

    Attributes
    ----------
    id
        Public; it tells nothing.
    query
        What the responses answer.
    sides
        The first and the second response, each with the conversation that leads to it.
    """

    id: str
    query: list[Block]
    sides: tuple[list[Block], list[Block]]


@dataclass(frozen=True)
class Screen:
    """A query with the baseline's response and those of several candidates.

    Attributes
    ----------
    query
        What the responses answer.
    reference
        The baseline's response, with the conversation that leads to it.
    cards
        Public id, letter and response of each candidate.
    """

    query: list[Block]
    reference: list[Block]
    cards: list[tuple[str, str, list[Block]]]


class Sheets:
    """Sheets of a task's questions; several threads may use it.

    Parameters
    ----------
    task
        What is judged.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._kept: OrderedDict[tuple[str, str | None], list[Block]] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, cell: Cell) -> None:
        """Make the HTML of a cell before it is shown."""
        query, candidate = cell
        for name in (None, candidate, self.task.baseline):
            self._blocks(query, name)

    def sheet(self, request: Request, *, whole: bool = False) -> Sheet:
        """What is shown of a request.

        Parameters
        ----------
        request
            Whose question it is.
        whole
            Leave nothing out of long texts.
        """
        names = (None, *self._names(request))
        query, first, second = (self._blocks(request.query, name, whole) for name in names)
        return Sheet(str(request.shown["id"]), query, (first, second))

    def screen(self, requests: Sequence[Request]) -> Screen:
        """What is shown of several questions on one query, in their order."""
        query = requests[0].query
        cards = [
            (str(one.shown["id"]), letter, self._blocks(query, one.candidate))
            for one, letter in zip(requests, ascii_uppercase, strict=False)
        ]
        return Screen(self._blocks(query, None), self._blocks(query, self.task.baseline), cards)

    def whole(self, request: Request, side: int) -> str:
        """All of a side as safe HTML, as it was written.

        Parameters
        ----------
        request
            Whose question it is.
        side
            0 for the first response, 1 for the second.
        """
        return plain(self._response(request.query, self._names(request)[side]))

    def diff(self, request: Request) -> tuple[str, str] | None:
        """Both responses with the words that differ; None where they are too long."""
        texts = [self._response(request.query, name) for name in self._names(request)]
        return word_diff(texts[0], texts[1])

    # ------------------------------------------------------------------ parts
    def _names(self, request: Request) -> tuple[str, str]:
        names = (self.task.baseline, request.candidate)
        return names if request.baseline_first else (names[1], names[0])

    def _response(self, query: str, name: str) -> str:
        return self.task.responses_to(query)[name] or ""

    def _query_text(self, query: str) -> str:
        return str(self.task.data["query_text"].sel(query=query).item() or "")

    def _turns(self, query: str, name: str | None) -> list[Turn]:
        """The messages of the query (None) or of a side."""
        if name is None:
            return turns_of(self._query_text(query), USER)
        return turns_of(self._response(query, name), ASSISTANT)

    def _blocks(self, query: str, name: str | None, whole: bool = False) -> list[Block]:
        if whole:
            return [_block(turn, whole) for turn in self._turns(query, name)]
        key = query, name
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        blocks = [_block(turn) for turn in self._turns(query, name)]
        with self._lock:
            self._kept[key] = blocks
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return blocks


def _block(turn: Turn, whole: bool = False) -> Block:
    if not turn.text.strip():
        return Block(turn.role, '<p class="empty">(empty)</p>')
    left_out = len(turn.text) - MOST_SHOWN
    if left_out > 0 and not whole:
        return Block(turn.role, plain(turn.text[:MOST_SHOWN]), left_out)
    return Block(turn.role, to_html(turn.text))
