"""One LLM judge: from a cell to a request, and from a request to a verdict in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bayessel.errors import BudgetError, DataError
from bayessel.oracles.llm.cut import RESERVED, fit
from bayessel.oracles.llm.endpoint import Endpoint, Reply
from bayessel.oracles.llm.faults import Fault, fault_of
from bayessel.oracles.llm.parse import parse
from bayessel.oracles.llm.prices import Price, most_tokens
from bayessel.oracles.llm.prompt import Prompt
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.support.text import one_line

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

MAX_TOKENS = 2048


@dataclass(frozen=True)
class LLMJudge:
    """A judge: an LLM at an endpoint, and how it is asked.

    Attributes
    ----------
    name
        Its name at the endpoint.
    endpoint
        Where it is.
    prompt
        What it reads.
    price
        What it costs; None where that is not known.
    temperature
        None leaves it to the endpoint.
    max_tokens
        The most that it may write, thoughts included.
    context
        Tokens that it can read and write together; longer texts are cut. None: never cut.
    structured
        Ask for an answer by a JSON schema; an endpoint that does not know it is asked without.
    """

    name: str
    endpoint: Endpoint = field(compare=False)
    prompt: Prompt = field(default_factory=Prompt)
    price: Price | None = None
    temperature: float | None = 0.0
    max_tokens: int = MAX_TOKENS
    context: int | None = None
    structured: bool = True

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise DataError("a judge's name is empty: give its name at the endpoint")
        if self.max_tokens < 1:
            raise BudgetError(f"max tokens {self.max_tokens}: expected a whole number above 0")
        if self.context is not None and self.room < 300:
            raise BudgetError(
                f"context {self.context}: with {self.max_tokens} tokens for the answer there is "
                "no room for the texts; give the judge's own limit, or a smaller --max-tokens"
            )
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise BudgetError(f"temperature {self.temperature}: expected a number from 0 to 2")

    @property
    def room(self) -> int:
        """Tokens for the query and the two responses, where the context is limited."""
        return (self.context or 0) - self.max_tokens - RESERVED

    def request(self, task: Task, query: str, candidate: str, baseline_first: bool) -> Request:
        """What would be asked on a cell.

        Parameters
        ----------
        task
            Where the texts are.
        query, candidate
            The cell; both responses are there.
        baseline_first
            The order.
        """
        q, j = task.query_index(query), task.candidate_index(candidate)
        baseline, own = task.texts.baseline[q], task.texts.responses[q, j]
        first, second = (baseline, own) if baseline_first else (own, baseline)
        text = task.texts.queries[q]
        room = self.room if self.context is not None else None
        fitted = fit((text, first, second), room)
        messages = self.prompt.messages(*fitted.texts)
        shown = {
            "endpoint": self.endpoint.base_url,
            "parameters": {"temperature": self.temperature},
            "messages": messages,
        }
        if fitted.note:
            shown["cut"] = fitted.note
        return Request(
            self.name, query, candidate, baseline_first, shown=shown, most=self.most(messages)
        )

    def most(self, messages: list[dict[str, str]]) -> float:
        """The most that a call can cost; 0 where the price is not known."""
        if self.price is None:
            return 0.0
        return self.price.of(most_tokens([m["content"] for m in messages]), self.max_tokens)

    # ------------------------------------------------------------------ what came of it
    def verdict(self, request: Request, reply: Reply) -> Verdict:
        """What a reply says of the candidate."""
        cost = None
        if self.price is not None and None not in (reply.tokens_in, reply.tokens_out):
            cost = self.price.of(reply.tokens_in or 0, reply.tokens_out or 0)
        state, outcome, detail = self._read(request, reply)
        hide = self.endpoint.hide
        return Verdict(
            state,
            outcome,
            text=hide(reply.text or reply.refusal),
            detail=hide(detail),
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=cost,
            seconds=round(reply.seconds, 3),
            identity=reply.identity,
        )

    def _read(self, request: Request, reply: Reply) -> tuple[State, Outcome | None, str]:
        if reply.trouble:
            return State.ERROR, None, reply.trouble
        if reply.refusal:
            return State.REFUSED, None, f"the judge refused: {one_line(reply.refusal)}"
        if reply.finish == "content_filter":
            return State.REFUSED, None, "the endpoint's content filter cut the answer"
        answer = parse(reply.text)
        if answer.choice is not None:
            if answer.choice == "tie":
                return State.VERDICT, Outcome.DRAW, answer.reason
            baseline = (answer.choice == "A") == request.baseline_first
            return State.VERDICT, Outcome.LOSS if baseline else Outcome.WIN, answer.reason
        if reply.finish == "length":
            said = f"the answer was cut off after {self.max_tokens} tokens: raise --max-tokens"
            return State.UNPARSED, None, said
        return State.UNPARSED, None, answer.reason

    def fault(self, error: Exception) -> Fault:
        """What an error means."""
        end = self.endpoint
        return fault_of(error, self.name, end.base_url, end.key_env)

    def failed(self, fault: Fault, seconds: float | None = None) -> Verdict:
        """What is recorded of a call that failed."""
        return Verdict(
            fault.state,
            detail=self.endpoint.hide(fault.detail),
            cost=None if fault.paid else 0.0,
            seconds=seconds,
        )
