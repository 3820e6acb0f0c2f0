"""A run folder: the one loop of a selection, with every answer on disk.

``task/`` holds the task as three Parquet tables, ``run.db`` the ledger, ``weak-judges-*.npz`` the
weak judges' scores. Everything else (``result.nc``, ``history.csv``, ``standing.csv``,
``summary.json``, pictures) is computed from these and written again whenever it is asked for.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from bayessel.errors import BayesselError, DataError, RunError
from bayessel.oracles import DEFAULT as DEFAULT_ORACLE
from bayessel.outcomes import MISSING, Outcome
from bayessel.selection import task_folder
from bayessel.selection.answers import Names, parse_answer
from bayessel.selection.ledger import DATABASE, Ledger, Told
from bayessel.selection.question import Question
from bayessel.selection.replay import Replay, laid_out
from bayessel.selection.run_meta import damaged, refuse_another, require
from bayessel.strategies import DEFAULT as DEFAULT_STRATEGY
from bayessel.strategies import make_strategy
from bayessel.support import marker
from bayessel.support.files import reason
from bayessel.support.notebook import notebook_table
from bayessel.support.text import count

if TYPE_CHECKING:  # recording an answer must not wait for what only choosing a question needs
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bayessel.oracles.base import Oracle
    from bayessel.selection.costs import Given
    from bayessel.selection.question import Asked
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop
    from bayessel.strategies.base import Strategy
    from bayessel.tasks.task import Task

_VERSION = 2
_CHOICE = ("strategy", "seed", "options")
_RESULTS = (  # files that are computed from the answers, and written again
    *("result.nc", "history.csv", "standing.csv", "summary.json"),
    *(f"{name}.{end}" for name in ("p_best", "win_rates", "eps") for end in ("png", "svg")),
)


class Run:
    """A selection on disk that any process can go on with.

    Make one with :meth:`create` or :meth:`open`. It is a context manager that closes the ledger.

    Parameters
    ----------
    folder
        The run folder.
    ledger
        Its ledger.
    model
        The run's model file, where its model is one: it is code, and runs only if it is named.
    progress
        Called with the name of each family of weak judges as its scoring begins.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        *,
        model: str | Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder
        self.ledger = ledger
        self._model = model
        self._replay = Replay(ledger, folder, lambda: self.task, lambda: self.strategy, progress)

    def __repr__(self) -> str:
        told = self.ledger.answers
        queries = len({query for query, _, _ in told})
        strategy = self.ledger.meta.get("strategy")
        return (
            f"Run({str(self.folder)!r}, {strategy}, {count(len(told), 'call')} on "
            f"{count(queries, 'query', 'queries')})"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: what was told; no model is fitted for it."""
        told = Counter((candidate, outcome) for _, candidate, outcome in self.ledger.answers)

        def points(name: str) -> float:
            return told[name, Outcome.WIN] + told[name, Outcome.DRAW] / 2

        rows = [
            [name, *(told[name, outcome] for outcome in (Outcome.WIN, Outcome.DRAW, Outcome.LOSS))]
            for name in sorted(self.names.candidates, key=points, reverse=True)
        ]
        return notebook_table(repr(self), ["candidate", "won", "drew", "lost"], rows)

    # ------------------------------------------------------------------ begin and go on
    @classmethod
    def create(
        cls,
        folder: str | Path,
        task: Task,
        strategy: str = DEFAULT_STRATEGY,
        *,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        cost: Given = None,
        progress: Callable[[str], None] | None = None,
    ) -> Run:
        """Begin a run, or go on with the one in ``folder`` if it is the same.

        Parameters
        ----------
        folder
            Where.
        task
            What to choose from.
        strategy, seed, options
            As :class:`~bayessel.selection.selector.Selector` takes them.
        cost
            Cost of a call by candidate, or [N, M]; the task's own where None.
        progress
            Called with the name of each family of weak judges as its scoring begins.

        Raises
        ------
        RunError
            The folder holds a run of another task or with another strategy, seed, options or
            costs.
        DataError
            Weak judges were asked for and the task has no responses.
        UnknownNameError, BudgetError
            An unknown name, or an option, a seed or a cost out of range.
        """
        from bayessel.inference.model_code import pinned
        from bayessel.selection.costs import Costs
        from bayessel.selection.streams import require_seed

        folder = Path(folder)
        chosen = make_strategy(strategy, **(options or {}))
        if chosen.options.get("weak_judges"):  # asked for by name
            _ = task.texts  # refused where there are none, before anything is written
        meta = {
            "version": _VERSION,
            "strategy": strategy,
            "seed": require_seed(seed),
            "options": chosen.options,
            "model_sha256": pinned(chosen.options),
            "queries": task.queries,
            "candidates": task.candidates,
            "baseline": task.baseline,
            "fingerprint": task.fingerprint,
            "recorded": task.recorded_hash,
            "cost": Costs.of(task, cost).plain,
        }
        if folder.exists() and not folder.is_dir():
            raise RunError(f"{folder} is a file: give a folder for the run")
        if (folder / DATABASE).exists():
            return cls._join(folder, task, meta, progress)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            cls.refuse_taken(folder)
            marker.adopt(folder, [DATABASE, task_folder.TASK])
            task_folder.stage(folder, task)
        except OSError as error:
            raise RunError(f"cannot create the run folder {folder}: {reason(error)}") from error
        try:
            ledger = Ledger.create(folder / DATABASE, meta)
        except FileExistsError:  # another process was quicker
            return cls._join(folder, task, meta, progress)
        run = cls(folder, ledger, model=chosen.options.get("model"), progress=progress)
        task_folder.settle(folder, task.fingerprint)
        run.task = task
        return run

    @staticmethod
    def refuse_taken(folder: Path) -> None:
        """Refuse a folder in which files of the user have names that a run writes.

        Raises
        ------
        RunError
            It has.
        """
        marker.refuse_foreign(folder, [DATABASE, *_RESULTS])
        task_folder.refuse_taken(folder)

    @classmethod
    def _join(
        cls,
        folder: Path,
        task: Task,
        meta: dict[str, Any],
        progress: Callable[[str], None] | None,
    ) -> Run:
        """Open the run in ``folder`` if it is the same; a task that it lost is written again."""
        run = cls.open(folder, model=meta["options"].get("model"), progress=progress)
        try:
            kept = run.ledger.meta
            require(kept, run.ledger.path, *_CHOICE, "fingerprint", "recorded")
            if kept["fingerprint"] != meta["fingerprint"]:
                task_folder.drop(folder, meta["fingerprint"])
            refuse_another(kept, meta, folder)
            try:
                _ = run.task
            except (RunError, DataError):
                task_folder.refuse_taken(folder)
                task_folder.stage(folder, task)
                task_folder.settle(folder, task.fingerprint)
                run.task = task
            task_folder.drop(folder, meta["fingerprint"])
        except OSError as error:
            run.close()
            raise RunError(f"cannot write into {folder}: {reason(error)}") from error
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def open(
        cls,
        folder: str | Path,
        *,
        model: str | Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Run:
        """Open the run in ``folder``; its task is read when it is first needed.

        Parameters
        ----------
        folder
            The run folder; one that is read-only can be looked at.
        model
            The run's model file, where its model is one: it is code, and runs only if it is named
            here. It must be the file that the run was begun with.
        progress
            Called with the name of each family of weak judges as its scoring begins.

        Raises
        ------
        RunError
            There is no run, or its ledger is damaged.
        """
        folder = Path(folder)
        ledger = Ledger.in_folder(folder)
        if not (folder / marker.MARKER).exists() and not ledger.read_only:
            marker.adopt(folder, [DATABASE, task_folder.TASK, *_RESULTS, "check.json"])
        return cls(folder, ledger, model=model, progress=progress)

    @cached_property
    def task(self) -> Task:
        """The task that the run was begun with.

        Raises
        ------
        RunError
            It is lost, or another one.
        DataError
            It is damaged.
        """
        meta = self.ledger.meta
        require(meta, self.ledger.path, "fingerprint")
        return task_folder.read(self.folder, meta)

    @cached_property
    def names(self) -> Names:
        """What an answer may speak of; known without reading the task."""
        meta = self.ledger.meta
        require(meta, self.ledger.path, "queries", "candidates", "baseline")
        return Names(meta["queries"], meta["candidates"], meta["baseline"])

    # ------------------------------------------------------------------ ask and tell
    @overload
    def next(
        self, batch: None = None, *, available: NDArray[np.bool_] | None = None
    ) -> Question: ...

    @overload
    def next(self, batch: int, *, available: NDArray[np.bool_] | None = None) -> list[Question]: ...

    def next(
        self, batch: int | None = None, *, available: NDArray[np.bool_] | None = None
    ) -> Question | list[Question]:
        """What to judge next, remembered as asked; the same until an answer comes.

        Parameters
        ----------
        batch
            Calls to be made at once: then a list of questions is returned; see
            :meth:`bayessel.selection.selector.Selector.ask`.
        available
            [N, M] which cells may be asked; those with a response where omitted. A judged cell is
            never asked again.

        Raises
        ------
        BudgetError
            Every cell was judged, or a batch below 1.
        """
        if available is None and (still := self.ledger.still_asked(batch)):
            return still if batch is not None else still[0]  # nothing to compute
        from bayessel.oracles.base import answerable
        from bayessel.selection.stopping import require_budget

        if batch is not None:
            require_budget(batch, "batch")
        free = answerable(None, self.task) if available is None else available
        chosen = self.opening(free, batch) or self.selector.choose(free, batch or 1)
        self.ledger.ask(chosen, batch)
        return chosen[0].question if batch is None else [asked.question for asked in chosen]

    def opening(self, available: NDArray[np.bool_], batch: int | None = None) -> list[Asked]:
        """What is asked first, where no model is needed for it; nothing once a call was made.

        Parameters
        ----------
        available
            [N, M] which cells may be asked.
        batch
            As :meth:`next` takes it.
        """
        if self._replay.known is not None or self.ledger.answers:
            return []
        from bayessel.selection.costs import Costs
        from bayessel.selection.opening import opening

        meta = self.ledger.meta
        costs = Costs.of(self.task, meta.get("cost"))
        return opening(self.strategy, self.task, costs, meta["seed"], available, batch or 1)

    def tell(
        self,
        asked: Question | str,
        outcomes: Mapping[str, Any] | Sequence[Any],
        *,
        source: str = "tell",
        unasked: bool = False,
        replace: bool = False,
    ) -> Told:
        """Store outcomes on one query; they are on disk when this returns.

        Parameters
        ----------
        asked
            The question, or the name of its query.
        outcomes
            See :func:`bayessel.selection.answers.parse_answer`: of all candidates that were asked
            for, or of some.
        source
            Where they come from, for the record.
        unasked
            Accept cells that were not asked for.
        replace
            Correct outcomes that were stored before; the old ones are kept aside.

        Returns
        -------
        Told
            How many cells are new, and how many were corrected.

        Raises
        ------
        UnknownNameError
            An unknown query or candidate.
        OutcomeError
            A cell that was not asked for, no outcome, an unknown one, or a cell that was stored
            before with another outcome. Nothing is stored then.
        """
        answer = parse_answer(self.names, asked, outcomes)
        return self.ledger.store(answer, source=source, unasked=unasked, replace=replace)

    def tell_all(
        self,
        outcomes: Mapping[str, Mapping[str, Any]],
        *,
        source: str = "tell",
        unasked: bool = False,
        replace: bool = False,
    ) -> Told:
        """Store outcomes on several queries, all or none.

        Parameters
        ----------
        outcomes
            Outcome by candidate, by query.
        source, unasked, replace
            See :meth:`tell`, which also says what is returned and raised.
        """
        answers = [parse_answer(self.names, query, said) for query, said in outcomes.items()]
        return self.ledger.store(*answers, source=source, unasked=unasked, replace=replace)

    def judge(
        self,
        budget: int,
        oracle: str | Oracle = DEFAULT_ORACLE,
        *,
        batch: int = 1,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> Selector:
        """Let an oracle answer until ``budget`` calls are made.

        Every answer is in the ledger before the next question is chosen.

        Parameters
        ----------
        budget
            T, calls in all, those in the ledger included; at most the cells that the oracle can
            judge.
        oracle
            A name of :data:`bayessel.oracles.ORACLES`, or a callable from a
            :class:`~bayessel.selection.question.Question` to outcomes.
        batch
            Calls that are chosen before the first of them is answered; 1 for one question.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.
        on_note
            Called where the budget was cut to what can be judged, where calls stay unspent, and
            where the oracle could not judge some cells: these cost nothing and are not asked again
            here. A warning where omitted.

        Returns
        -------
        Selector
            After the last answer.

        Raises
        ------
        BudgetError
            A budget or a batch below 1.
        UnknownNameError
            No such oracle.
        """
        from bayessel.oracles import make_oracle
        from bayessel.oracles.base import answerable
        from bayessel.selection.loop import Loop
        from bayessel.selection.stopping import cut_budget, require_budget

        answering = make_oracle(oracle, self.task)
        available = answerable(answering, self.task)
        most = int((available | (self.bought != MISSING)).sum())
        budget, cut = cut_budget(budget, most, recorded=oracle == DEFAULT_ORACLE)
        require_budget(batch, "batch")
        source = oracle if isinstance(oracle, str) else "oracle"

        # a batch that was interrupted is asked to its end first, as it would have been
        begun = self.ledger.left_of_batch(batch) if batch > 1 else []

        def choose(free: NDArray[np.bool_], batch: int, left: int) -> list[Question]:
            if begun and sum(map(len, begun)) <= left:
                rest, begun[:] = list(begun), []
                return rest
            chosen = self.selector.choose(free, batch, left)
            if chosen:
                self.ledger.ask(chosen, batch if batch > 1 else None)
            return [asked.question for asked in chosen]

        tell = partial(self.tell, source=source, unasked=True)  # what it judged beside is kept
        loop = Loop(lambda: self.selector, choose, tell)
        note = loop.play(
            answering, available=available, budget=budget, batch=batch, stop=stop, on_step=on_step
        )
        for line in filter(None, (cut, note)):
            if on_note is not None:
                on_note(line)
            else:
                warnings.warn(line, UserWarning, stacklevel=2)
        return self.selector

    def know_noise(self, found: Mapping[str, Any]) -> None:
        """Take the judges' noise as known from now on, in whatever process.

        Parameters
        ----------
        found
            ``value``, the variance of half an outcome when a cell is judged again, and what else is
            known of it; see :mod:`bayessel.selection.judge_noise`. What the user gave as a prior
            counts more.
        """
        self.ledger.remember("verdict_noise", dict(found))
        known = self._replay.known
        if known is not None and not _noise_given(self.ledger.meta["options"]):
            known.know_noise(found["value"])

    # ------------------------------------------------------------------ what is known
    @property
    def strategy(self) -> Strategy:
        """The strategy that the run was begun with.

        Raises
        ------
        RunError
            Its model is a file that was not named, or not that file; or the ledger is damaged.
        """
        from bayessel.inference.model_code import allowed
        from bayessel.selection.told_noise import told_noise

        meta = self.ledger.meta
        require(meta, self.ledger.path, *_CHOICE)
        options = dict(meta["options"])
        if "model" in options:  # a name from a file: code only where the user names it too
            kept, sha256 = options["model"], meta.get("model_sha256")
            options["model"] = allowed(kept, sha256, self._model, self.folder)
        try:
            strategy = make_strategy(meta["strategy"], **options)
            noise = None if _noise_given(options) else meta.get("verdict_noise")
            return strategy if noise is None else told_noise(strategy, noise["value"])
        except BayesselError:
            raise
        except (TypeError, ValueError, AttributeError) as error:
            raise damaged(self.ledger.path, "options") from error

    @property
    def bought(self) -> NDArray[np.int8]:
        """[N, M] outcomes in the ledger, ``MISSING`` elsewhere."""
        return laid_out(self.task, self.ledger.answers)

    @property
    def spent(self) -> float | None:
        """What the calls so far cost; None where costs are not known. The task is not read."""
        cost, names = self.ledger.meta.get("cost"), self.names
        if cost is None:
            return None
        told = self.ledger.answers
        if isinstance(cost, dict):
            return float(sum(cost[candidate] for _, candidate, _ in told))
        row = {query: i for i, query in enumerate(names.queries)}
        column = {candidate: j for j, candidate in enumerate(names.candidates)}
        return float(sum(cost[row[query]][column[candidate]] for query, candidate, _ in told))

    @property
    def selector(self) -> Selector:
        """The selector after every answer in the ledger, whoever recorded it."""
        return self._replay.selector

    def settled(
        self, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Selector, pd.DataFrame]:
        """The selector and the history of the same answers, all that are in the ledger.

        Answers that others tell meanwhile are taken in.

        Parameters
        ----------
        progress
            As :meth:`history` takes it.
        """
        return self._replay.settled(progress)

    def history(self, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
        """One row for each call; rows that were not kept are computed by replaying the answers.

        Parameters
        ----------
        progress
            Called with how many of how many answers were replayed.
        """
        return self._replay.history(progress)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _noise_given(options: Mapping[str, Any]) -> bool:
    """Whether the user said how noisy the judges are, which then counts."""
    return "verdict_noise" in options.get("prior", {})
