"""What ``bayessel judge`` does once its options are read: ask, learn, and say what was found."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.cli.display import LiveDisplay, say, say_json, say_note, say_scoring, show_standing
from bayessel.cli.judge_options import Asking, named, settings
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.errors import RunError
from bayessel.support.text import count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bayessel.oracles.llm.judge import LLMJudge
    from bayessel.oracles.llm.oracle import LLMOracle
    from bayessel.selection.run import Run
    from bayessel.selection.selector import Selector
    from bayessel.tasks.task import Task

BUDGET = 600
"""Cells to judge at most, where there is no limit on the cost."""


@dataclass(frozen=True)
class Asked:
    """What the user asked for, read and checked."""

    task: Task
    judges: list[LLMJudge]
    cheap: LLMJudge | None
    max_cost: float | None
    max_cheap_cost: float | None
    budget: int | None
    batch: int
    asking: Asking
    choice: StrategyChoice
    gold: Path | None
    out: Path
    stop: Any
    seed: int
    quiet: bool

    def validate(self) -> None:
        """Refuse what would fail later, before anything is paid."""
        from bayessel.oracles.llm.oracle import require_judges
        from bayessel.oracles.llm.orders import require_orders

        require_orders(self.asking.orders)
        _ = self.task.texts
        require_judges(self.judges, self.max_cost)
        if self.cheap is not None:
            require_judges([self.cheap], self.max_cheap_cost)

    @property
    def cells(self) -> int:
        """Cells to judge at most."""
        most = int(self.task.answered.sum())
        if self.budget is None:
            return most if self.max_cost is not None else min(BUDGET, most)
        return min(self.budget, most)

    # ------------------------------------------------------------------ the run
    def play(self) -> None:
        """Ask, learn, and say what was found."""
        from bayessel.oracles.llm.oracle import LLMOracle
        from bayessel.reports.judges import judge_lines, judge_numbers
        from bayessel.reports.selection import SelectionReport, files_text
        from bayessel.selection.judge_noise import NoiseWatch

        for one in (*self.judges, *([self.cheap] if self.cheap else [])):
            one.endpoint.require_key()
        gold = self._gold()
        task = self._with_cheap()
        with self._run(task) as run:
            self._pin(run)
            with contextlib.ExitStack() as stack:
                oracle = stack.enter_context(
                    LLMOracle(
                        task,
                        self.judges,
                        folder=self.out,
                        max_cost=self.max_cost,
                        orders=self.asking.orders,
                        seed=self.seed,
                        concurrency=self.asking.concurrency,
                        retry_failed=self.asking.retry_failed,
                    )
                )
                self._say_before(run, oracle)
                notes: list[str] = []
                noise = NoiseWatch(run, oracle.ledger, [judge.name for judge in self.judges])
                with LiveDisplay(self.cells, quiet=self.quiet) as display:

                    def on_step(selector: Selector) -> None:
                        display(selector)
                        noise.look()

                    if gold is not None:
                        self._judge_gold(run, oracle, gold)
                    selector = run.judge(
                        self.cells,
                        self._answering(oracle, stack),
                        batch=self.batch,
                        stop=self.stop,
                        on_step=on_step,
                        on_note=notes.append,
                    )
                found = {**judge_numbers(oracle.ledger), "noise": noise.known}
                if gold is not None:
                    from bayessel.oracles.llm.gold import compared

                    counts = run.ledger.meta.get("judge_weights", {})
                    found["gold"] = [
                        {**one, "weight": counts.get(one["judge"])}
                        for one in compared(oracle.ledger.all, task, gold)
                    ]
                if self.cheap is not None:
                    found["cheap"] = self._worth(task, selector.bought)
            more = {"judging": found, **({"notes": notes} if notes else {})}
            report = SelectionReport.of_run(run, more)
            files = report.write(self.out)
        if self.quiet:
            shown = {**report.numbers, "files": {k: str(v) for k, v in files.items()}}
            say_json(shown)
            return
        for line in notes:
            say(f"note: {line}")
        say("")
        show_standing(report.table)
        say("\n" + report.text)
        for line in judge_lines(found, self.max_cost):
            say(line)
        raw = "verdicts.db: every verdict, raw ('bayessel verdicts' exports it)"
        say(files_text(self.out, files, raw))

    def _answering(self, oracle: LLMOracle, stack: contextlib.ExitStack) -> Any:
        """The oracle, or one that hands its calls in as batches."""
        if not self.asking.batch_api:
            return oracle
        from bayessel.oracles.llm.batch import BatchOracle

        return stack.enter_context(contextlib.closing(BatchOracle(oracle, self.out)))

    def _run(self, task: Task) -> Run:
        from bayessel.selection.run import Run

        return Run.create(
            self.out,
            task,
            self.choice.strategy,
            seed=self.seed,
            options=self.choice.options,
            progress=None if self.quiet else say_scoring,
        )

    def _pin(self, run: Run) -> None:
        """A run goes on only with the judges and the prompt that it was begun with."""
        now = settings(self.judges, self.asking.orders)
        known = run.ledger.meta.get("judging")
        if known is None:
            run.ledger.remember("judging", now)
        elif known != now:
            differing = ", ".join(name for name in now if known.get(name) != now[name])
            raise RunError(
                f"{self.out} holds a run with another {differing}: give another --out folder, or "
                "the same judge, endpoint, criteria, template and orders"
            )
        run.ledger.remember("stop", [self.stop.level, self.stop.within])

    def _say_before(self, run: Run, oracle: Any) -> None:
        if self.quiet:
            return
        say(f"judge: {named(self.judges)}")
        if run.selector.n_calls:
            say(f"going on: {count(run.selector.n_calls, 'cell')} judged before in {self.out}")
        flying = oracle.ledger.in_flight
        if flying:
            most = sum(record.request.most for record in flying)
            say(
                f"note: {count(len(flying), 'call was', 'calls were')} in flight when a process "
                f"ended: possibly paid for, counted with {most:.3g} dollars"
            )

    # ------------------------------------------------------------------ the cheap tier and gold
    def _with_cheap(self) -> Task:
        """The task with what the cheap judge says as a weak judge."""
        from bayessel.oracles.llm.cheap import cheap_verdicts, verdicts_of
        from bayessel.selection.ledger import DATABASE
        from bayessel.selection.run import Run

        if self.cheap is None:
            return self.task
        name = self.cheap.name
        if (self.out / DATABASE).exists():  # the run has what it was begun with
            with Run.open(self.out) as run:
                kept = verdicts_of(run.task, name)
            if kept is None:
                raise RunError(
                    f"{self.out} holds a run without the cheap judge {name!r}: give "
                    "another --out folder"
                )
            return self.task.with_weak_judge(name, kept, "verdict")
        Run.refuse_taken(self.out)  # before anything is paid
        self.out.mkdir(parents=True, exist_ok=True)
        if not self.quiet:
            say(f"cheap judge: {name} judges {count(int(self.task.answered.sum()), 'cell')}")
        verdicts, note = cheap_verdicts(
            self.task,
            self.cheap,
            folder=self.out,
            max_cost=self.max_cheap_cost,
            seed=self.seed,
            concurrency=self.asking.concurrency,
            on_query=None if self.quiet else _cheap_progress,
        )
        if note and not self.quiet:
            say(f"note: the cheap judge stopped: {note}")
        return self.task.with_weak_judge(name, verdicts, "verdict")

    def _worth(self, task: Task, bought: NDArray[np.int8]) -> dict[str, Any]:
        from bayessel.oracles.llm.cheap import agreement, verdicts_of

        name = self.cheap.name if self.cheap else ""
        weak = verdicts_of(task, name)
        agreed, both = (0, 0) if weak is None else agreement(weak, bought)
        return {"judge": name, "agreed": agreed, "both_decided": both}

    def _gold(self) -> NDArray[np.float64] | None:
        from bayessel.oracles.llm.gold import read_gold

        return None if self.gold is None else read_gold(self.task, self.gold)

    def _judge_gold(self, run: Run, oracle: Any, gold: NDArray[np.float64]) -> None:
        """Have the cells judged whose right verdict is known; judges count by how they did."""
        from bayessel.oracles.llm.gold import compared, gold_questions, weights

        questions = gold_questions(self.task, gold)
        known = run.ledger.meta.get("judge_weights")
        if known is None:
            for _ in oracle.judge_all(questions):
                pass
            if oracle.ended:  # the money is spent: the rest is judged when there is more
                return
            names = [judge.name for judge in self.judges]
            known = weights(compared(oracle.ledger.all, self.task, gold), names)
            run.ledger.remember("judge_weights", known)
        oracle.weights = known
        for question, outcomes in oracle.judge_all(questions):
            if outcomes:
                run.tell(question, outcomes, source="oracle", unasked=True)


def _cheap_progress(done: int, of: int) -> None:
    if done % 10 == 0 or done == of:
        say_note(f"cheap judge: {done} of {of} queries")
