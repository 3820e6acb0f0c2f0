"""An oracle that asks LLM judges, many calls at once, and never pays twice for a verdict."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError, DataError, RunError
from bayessel.oracles.llm.call import Called, EndError, Limit, MoneySpentError, call
from bayessel.oracles.llm.endpoint import Endpoint
from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.llm.lock import only_one
from bayessel.oracles.llm.orders import orders_of, require_orders
from bayessel.oracles.llm.prices import price_of
from bayessel.oracles.llm.prompt import Prompt
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, Verdict
from bayessel.oracles.verdicts.rule import of_judges, of_orders
from bayessel.outcomes import Outcome
from bayessel.support.text import listing

if TYPE_CHECKING:
    from bayessel.tasks.question import Question
    from bayessel.tasks.task import Task

CONCURRENCY = 8
OUTAGES = 5
"""So many calls in a row that fail through the endpoint, all attempts of each, end the run."""


class LLMOracle:
    """Asks LLM judges which response is better.

    Every request is on disk before it is sent and every verdict before it is used, in
    ``verdicts.db`` of the folder. What is there is not asked again.

    Parameters
    ----------
    task
        Queries and responses.
    judges
        Names of LLMs at one endpoint, or :class:`~bayessel.oracles.llm.judge.LLMJudge` objects.
        Several are a panel: each judges every cell, and most of them decide.
    folder
        Where the ledger of verdicts is: a run folder, or another one.
    max_cost
        Dollars that may be spent, with what was spent before in this folder and the most that calls
        in flight may cost; None for no limit.
    orders
        ``audit`` (one order, drawn at random, and both on a tenth of the cells), ``one`` or
        ``both``.
    seed
        Of the orders.
    concurrency
        Calls at once.
    retry_failed
        Ask again where no verdict came of a call before.
    weights
        What each judge of a panel counts, by name; all alike where None. See
        :func:`bayessel.oracles.llm.gold.weights`.
    base_url, key_env, timeout, price, criteria, template, temperature, max_tokens, context
        Of judges that are given by name: the endpoint, the variable of the environment that holds
        its key, seconds for an attempt, (in, out) dollars for a million tokens, and as
        :class:`~bayessel.oracles.llm.judge.LLMJudge` has them.

    Raises
    ------
    DataError
        The task has no texts, a template cannot be used, or the key is missing.
    BudgetError
        A limit on the cost, and a judge whose price is not known.
    RunError
        Another process asks judges in this folder.

    Examples
    --------
    ``Selector(task).run(LLMOracle(task, "gpt-x", folder="run", max_cost=3), budget=600, batch=8)``
    """

    def __init__(
        self,
        task: Task,
        judges: str | LLMJudge | Sequence[str | LLMJudge],
        *,
        folder: str | Path,
        max_cost: float | None = None,
        orders: str = "audit",
        seed: int = 0,
        concurrency: int = CONCURRENCY,
        retry_failed: bool = False,
        weights: Mapping[str, float] | None = None,
        base_url: str | None = None,
        key_env: str | None = None,
        timeout: float | None = None,
        price: tuple[float, float] | None = None,
        criteria: str | None = None,
        template: str | Path | None = None,
        **of_judge: Any,
    ) -> None:
        self.task = task
        self.orders, self.seed = require_orders(orders), seed
        self.concurrency = concurrency
        self.retry_failed = retry_failed
        self.weights = weights
        if concurrency < 1:
            raise BudgetError(f"concurrency {concurrency}: expected a whole number above 0")
        _ = task.texts  # refused where there are none
        listed = [judges] if isinstance(judges, str | LLMJudge) else list(judges)
        named: dict[str, Any] = {"base_url": base_url, "key_env": key_env, "timeout": timeout}
        named = {name: value for name, value in named.items() if value is not None}
        prompt = Prompt.read(criteria, None if template is None else Path(template))
        endpoint = Endpoint(**named) if any(isinstance(one, str) for one in listed) else None
        self.judges = tuple(
            one if isinstance(one, LLMJudge) else _by_name(one, endpoint, price, prompt, of_judge)
            for one in listed
        )
        require_judges(self.judges, max_cost)
        for judge in self.judges:
            judge.endpoint.require_key()
        self.limit = Limit(max_cost, [judge.name for judge in self.judges])
        self.ended = ""
        self._stop = threading.Event()
        self._outages: list[int] = []  # requests in a row that failed through the endpoint
        self._lock = threading.Lock()
        self._free = threading.Condition()
        self._flying = self._waiting = self._done = 0  # calls: begun, of them held up, ended
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._only = only_one(folder)
        try:
            self.ledger = VerdictLedger.in_folder(folder)
        except BaseException:
            self._only.close()
            raise

    @property
    def answerable(self) -> NDArray[np.bool_]:
        """[N, M] which cells have both responses."""
        theirs = self.task.data["baseline_response"].values
        there = np.array([isinstance(text, str) for text in theirs])
        return np.asarray(self.task.answered & there[:, None])

    # ------------------------------------------------------------------ asking
    def __call__(self, question: Question) -> dict[str, Outcome]:
        """Outcomes of the candidates of one question; those without a verdict are left out."""
        return next(iter(self.judge_all([question])))[1]

    def judge_all(
        self, questions: Sequence[Question], *, on_call: Callable[[], None] | None = None
    ) -> Iterator[tuple[Question, dict[str, Outcome]]]:
        """Outcomes of many questions, in their order, as they are known.

        What could not be asked, as the money is spent, is left out; :attr:`ended` says so then.

        Parameters
        ----------
        questions
            What to judge.
        on_call
            Called when a call is done.

        Raises
        ------
        RunError
            The endpoint refuses the key or the like, or fails again and again. All calls that were
            in flight are finished, and their verdicts kept.
        """
        self._stop.clear()
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="judge")
        try:
            jobs = [
                (question, name, self._submit(pool, question.query, name, on_call))
                for question in questions
                for name in question.candidates
            ]
            for question in questions:
                mine = [(name, job) for of, name, job in jobs if of is question]
                outcomes = {name: self._outcome(job) for name, job in mine}
                yield question, {n: o for n, o in outcomes.items() if o is not None}
        except EndError as error:
            self._finish(pool)
            raise RunError(f"{error}; every verdict so far is kept") from None
        finally:
            self._finish(pool)

    def _finish(self, pool: ThreadPoolExecutor) -> None:
        """Begin no more calls, and wait for those in flight."""
        self._stop.set()
        pool.shutdown(wait=True, cancel_futures=True)

    def _submit(
        self, pool: ThreadPoolExecutor, query: str, candidate: str, on_call: Any
    ) -> list[list[Future[Verdict | None]]]:
        """The calls of a cell, by judge and order."""
        orders = orders_of(self.orders, self.seed, query, candidate)
        return [
            [
                pool.submit(self._judge, judge, query, candidate, baseline_first, on_call)
                for baseline_first in orders
            ]
            for judge in self.judges
        ]

    def _outcome(self, job: list[list[Future[Verdict | None]]]) -> Outcome | None:
        said = [of_orders([one.result() for one in orders]) for orders in job]
        counts = self.weights
        weights = None if counts is None else [counts[judge.name] for judge in self.judges]
        return of_judges(said, weights)

    def _judge(
        self, judge: LLMJudge, query: str, candidate: str, baseline_first: bool, on_call: Any
    ) -> Verdict | None:
        """One verdict: the one in the ledger, or a new one; None where it cannot be asked."""
        request = judge.request(self.task, query, candidate, baseline_first)
        known = self.ledger.answered(request, retry=self.retry_failed)
        if known is not None:
            return known
        if self._stop.is_set():
            return None
        try:
            called = self._call(judge, request)
        except EndError:
            self._stop.set()
            raise
        if called is None:
            return None
        self._watch_outages(called)
        if on_call is not None:
            on_call()
        return called.verdict

    def _call(self, judge: LLMJudge, request: Request) -> Called | None:
        """Make a call; where calls in flight hold the money for it, when they are done."""
        with self._free:
            self._flying += 1
        try:
            while not self._stop.is_set():
                done = self._done
                try:
                    return call(judge, request, self.ledger, self.limit)
                except MoneySpentError:
                    if not self._wait(done):
                        self._no_money()
        finally:
            with self._free:
                self._flying -= 1
                self._done += 1
                self._free.notify_all()
        return None

    def _wait(self, done: int) -> bool:
        """Wait until another call is done; False where none is in flight."""
        with self._free:
            if self._done != done:
                return True  # one was done meanwhile
            if self._flying - self._waiting <= 1:
                return False
            self._waiting += 1
            self._free.wait_for(lambda: self._done != done or self._stop.is_set(), timeout=600)
            self._waiting -= 1
            return True

    def _no_money(self) -> None:
        self._stop.set()
        with self._free:
            self._free.notify_all()
        spent = self.ledger.spent(*self.limit.oracles)
        self.ended = (
            f"the next call might cost more than is left of {self.limit.most:g} dollars "
            f"({spent:.4g} are spent)"
        )

    def _watch_outages(self, called: Called) -> None:
        """End where the endpoint fails again and again: that is no fault of the cells."""
        with self._lock:
            if called.fault is None or not called.fault.outage:
                self._outages.clear()
                return
            self._outages.append(called.number)
            if len(self._outages) < OUTAGES + self.concurrency - 1:
                return
            for number in self._outages:
                self.ledger.withdraw(number)
        self._stop.set()
        raise EndError(
            f"{called.verdict.detail}; {len(self._outages)} calls in a row failed so: run the "
            "same command again when it works"
        )

    # ------------------------------------------------------------------ what it would cost
    def requests(self, questions: Sequence[Question]) -> list[Request]:
        """What would be asked, those included whose verdicts are known."""
        return [
            judge.request(self.task, question.query, name, first)
            for question in questions
            for name in question.candidates
            for judge in self.judges
            for first in orders_of(self.orders, self.seed, question.query, name)
        ]

    @property
    def spent(self) -> float:
        """What its judges cost so far in this folder, calls in flight with the most."""
        return self.ledger.spent(*self.limit.oracles)

    def close(self) -> None:
        """Close the ledger and the connections."""
        for judge in self.judges:
            judge.endpoint.close()
        self.ledger.close()
        self._only.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def require_judges(judges: Sequence[LLMJudge], max_cost: float | None) -> None:
    """Refuse no judge, one twice, and a limit where a price is not known.

    Raises
    ------
    DataError, BudgetError
        See above.
    """
    names = [judge.name for judge in judges]
    if not names:
        raise DataError("no judge was named: give at least one with --judge NAME")
    if len(set(names)) < len(names):
        raise DataError(f"a judge was named twice: {listing(names)}; name each once")
    if max_cost is None:
        return
    if not max_cost > 0 or not np.isfinite(max_cost):
        raise BudgetError(f"max cost {max_cost}: expected dollars above 0, such as 3")
    unknown = [judge.name for judge in judges if judge.price is None]
    if unknown:
        raise BudgetError(
            f"a limit of {max_cost:g} dollars cannot be kept: the price of {listing(unknown)} at "
            f"{judges[0].endpoint.base_url} is not known; give --price-in and --price-out, in "
            "dollars for a million tokens (0 for a judge of your own)"
        )


def _by_name(
    name: str,
    endpoint: Endpoint | None,
    price: tuple[float, float] | None,
    prompt: Prompt,
    of_judge: Mapping[str, Any],
) -> LLMJudge:
    where = endpoint or Endpoint()
    known = price_of(name, where.base_url, *(price or (None, None)))
    return LLMJudge(name, where, prompt=prompt, price=known, **of_judge)
