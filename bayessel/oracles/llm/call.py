"""One call: in the ledger before it is sent, and what came of it before it is used."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

from bayessel.errors import RunError
from bayessel.oracles.llm.extra import needs_extra
from bayessel.oracles.llm.faults import Fault
from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict


class MoneySpentError(Exception):
    """There is no money for the call; it was not sent."""


class EndError(Exception):
    """Every other call would fail in the same way; the message says why."""


@dataclass(frozen=True)
class Limit:
    """What may be spent.

    Attributes
    ----------
    most
        Dollars; None for no limit.
    oracles
        Names of the judges whose calls count.
    """

    most: float | None
    oracles: Collection[str]


@dataclass(frozen=True)
class Called:
    """What came of a call.

    Attributes
    ----------
    verdict
        It.
    number
        Of its request in the ledger.
    fault
        What went wrong; None where an answer came.
    """

    verdict: Verdict
    number: int
    fault: Fault | None = None


def call(judge: LLMJudge, request: Request, ledger: VerdictLedger, limit: Limit) -> Called:
    """Ask a judge.

    Every attempt that may have been paid for has a row of its own in the ledger.

    Parameters
    ----------
    judge, request
        Who is asked, and what.
    ledger
        Where it is written.
    limit
        What may be spent.

    Raises
    ------
    MoneySpentError
        There is no money for it.
    EndError
        The key, the judge's name or the like is wrong. The request is withdrawn: it does not count
        as failed.
    """
    with needs_extra():
        import openai

    rows = _Rows(request, ledger, limit)
    started = time.perf_counter()
    try:
        reply = judge.endpoint.ask(
            judge.name,
            request.shown["messages"],
            identity=f"bayessel-{request.key[:40]}-{ledger.tries(request)}",
            max_tokens=judge.max_tokens,
            temperature=judge.temperature,
            structured=judge.structured,
            watcher=rows,
        )
    except openai.OpenAIError as error:
        if rows.spent:
            raise MoneySpentError from error
        fault = judge.fault(error)
        seconds = round(time.perf_counter() - started, 3)
        number = rows.close(judge.failed(fault, seconds))
        if fault.ends:
            if number is not None:
                ledger.withdraw(number)
            raise EndError(judge.endpoint.hide(fault.detail)) from None
        failed = judge.failed(fault, seconds)
        if not rows.last:  # there was no connection for it
            failed = replace(failed, cost=0.0)
            number = rows.add(failed)
        return Called(failed, number or rows.last, fault)
    verdict = judge.verdict(request, reply)
    number = rows.close(verdict)
    if number is None:
        raise RunError("an answer came to a request that is not in the ledger: report this")
    return Called(verdict, number)


class _Rows:
    """The rows of one call in the ledger: the attempt that is open, if any."""

    def __init__(self, request: Request, ledger: VerdictLedger, limit: Limit) -> None:
        self._request, self._ledger, self._limit = request, ledger, limit
        self._open: int | None = None
        self.last = 0
        self.spent = False

    def sends(self) -> None:
        """Open a row, unless the last attempt was certainly not paid for.

        Called when the connection is there, so that few rows are of requests that a process that
        was killed did not send.
        """
        if self._open is not None:
            return
        self._open = self._ledger.begin_within(self._request, self._limit.most, self._limit.oracles)
        if self._open is None:
            import openai

            self.spent = True
            raise openai.OpenAIError("no money is left")
        self.last = self._open

    def is_unsure(self, what: str) -> None:
        """Close the row: it counts with the most that it can cost."""
        if self._open is not None:
            said = f"{what}: it may have been paid for"
            self._ledger.finish(self._open, Verdict(State.ERROR, detail=said))
            self._open = None

    def close(self, verdict: Verdict) -> int | None:
        """Close the open row; None where there is none."""
        number, self._open = self._open, None
        if number is not None:
            self._ledger.finish(number, verdict)
        return number

    def add(self, verdict: Verdict) -> int:
        """Write what came of a call that was never sent."""
        self.last = self._ledger.begin(self._request)
        self._ledger.finish(self.last, verdict)
        return self.last
