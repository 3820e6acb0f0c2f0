"""A run folder: the one loop of a selection, with every answer on disk.

``task/`` holds the task as three Parquet tables, ``run.db`` the ledger, ``weak-judges-*.npz`` the
weak judges' scores. Everything else (``result.nc``, ``history.csv``, ``standing.csv``,
``summary.json``, pictures) is computed from these and written again whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.errors import RunError
from bayessel.oracles import DEFAULT as DEFAULT_ORACLE
from bayessel.outcomes import MISSING, Outcome
from bayessel.selection.answers import Answer, Names, parse_answer
from bayessel.selection.ledger import DATABASE, Ledger, Told
from bayessel.strategies import DEFAULT as DEFAULT_STRATEGY
from bayessel.strategies import make_strategy

if TYPE_CHECKING:  # recording an answer must not wait for what only choosing a query needs
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bayessel.oracles.base import Oracle
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop
    from bayessel.tasks.task import Task

TASK = "task"
"""Name of the folder that holds the task."""

_VERSION = 1


class Run:
    """A selection on disk that any process can go on with.

    Make one with :meth:`create` or :meth:`open`. It is a context manager that closes the ledger.

    Parameters
    ----------
    folder
        The run folder.
    ledger
        Its ledger.
    progress
        Called with the name of each family of weak judges as its scoring begins.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, *, progress: Callable[[str], None] | None = None
    ) -> None:
        self.folder = folder
        self.ledger = ledger
        self._progress = progress
        self._selector: Selector | None = None
        self._revision = (0, 0)  # of the ledger, that the selector knows

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
        progress: Callable[[str], None] | None = None,
    ) -> Run:
        """Begin a run, or go on with the one in ``folder`` if it is the same.

        Raises
        ------
        RunError
            The folder holds a run of another task or with another strategy, seed or options.
        DataError
            Weak judges were asked for and the task has no responses.
        """
        folder = Path(folder)
        chosen = make_strategy(strategy, **(options or {}))
        if chosen.options.get("weak_judges"):  # asked for by name
            _ = task.texts  # refused where there are none, before anything is written
        meta = {
            "version": _VERSION,
            "strategy": strategy,
            "seed": seed,
            "options": chosen.options,
            "queries": task.queries,
            "candidates": task.candidates,
            "baseline": task.baseline,
            "fingerprint": task.fingerprint,
            "recorded": task.recorded_hash,
        }
        if folder.exists() and not folder.is_dir():
            raise RunError(f"{folder} is a file: give a folder for the run")
        if (folder / DATABASE).exists():
            return cls._join(folder, meta, progress)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot create the run folder {folder}: {error.strerror}") from error
        _write_task(folder / TASK, task)
        try:
            ledger = Ledger.create(folder / DATABASE, meta)
        except FileExistsError:  # another process was quicker
            return cls._join(folder, meta, progress)
        run = cls(folder, ledger, progress=progress)
        run.task = task
        return run

    @classmethod
    def _join(
        cls, folder: Path, meta: dict[str, Any], progress: Callable[[str], None] | None
    ) -> Run:
        """Open the run in ``folder`` if it is the same."""
        run = cls.open(folder, progress=progress)
        try:
            _refuse_another(run.ledger.meta, meta, folder)
            _ = run.task
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, folder: str | Path, *, progress: Callable[[str], None] | None = None) -> Run:
        """Open the run in ``folder``; its task is read when it is first needed.

        Raises
        ------
        RunError
            There is no run, or its ledger is damaged.
        """
        folder = Path(folder)
        return cls(folder, Ledger.in_folder(folder), progress=progress)

    @cached_property
    def task(self) -> Task:
        """The task that the run was begun with.

        Raises
        ------
        RunError
            It is lost, or another one.
        """
        from bayessel.tasks.task import Task

        meta, folder = self.ledger.meta, self.folder / TASK
        if not folder.is_dir():
            raise RunError(
                f"the run folder {self.folder} lost its {TASK}/: restore it, or begin a run "
                "in another folder with the original files"
            )
        task = Task.read(folder, format="parquet-folder", baseline=meta.get("baseline"))
        if task.fingerprint != meta["fingerprint"]:
            raise RunError(
                f"the task in {folder} is not the one that the run was begun with: "
                "restore it, or begin a run in another folder"
            )
        return task

    @cached_property
    def names(self) -> Names:
        """What an answer may speak of; known without reading the task."""
        meta = self.ledger.meta
        return Names(meta["queries"], meta["candidates"], meta["baseline"])

    # ------------------------------------------------------------------ ask and tell
    def next(self, available: NDArray[np.bool_] | None = None) -> str:
        """Name of the query to judge next, remembered as asked; the same until an answer comes.

        Parameters
        ----------
        available
            [N] which queries may be asked; a query with a judged cell is never asked again.

        Raises
        ------
        BudgetError
            Every query was judged.
        """
        if available is None and (query := self.ledger.still_asked) is not None:
            return query  # no answer came since: nothing to compute
        query = self.selector.ask(available)
        self.ledger.ask(query)
        return query

    def tell(
        self,
        query: str,
        outcomes: Mapping[str, Any] | Sequence[Any],
        *,
        source: str = "tell",
        unasked: bool = False,
        replace: bool = False,
    ) -> Told:
        """Store the outcomes of a query; they are on disk when this returns.

        Parameters
        ----------
        query
            A query that was asked.
        outcomes
            See :func:`bayessel.selection.answers.parse_answer`.
        source
            Where they come from, for the record.
        unasked
            Accept a query that was not asked.
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
            A query that was not asked, no outcome, an unknown one, or a cell that was recorded
            before with another outcome. Nothing is recorded then.
        """
        answer = parse_answer(self.names, query, outcomes)
        return self.ledger.store(answer, source=source, unasked=unasked, replace=replace)

    def judge(
        self,
        budget: int,
        oracle: str | Oracle = DEFAULT_ORACLE,
        *,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Let an oracle answer until ``budget`` queries are judged.

        Every answer is in the ledger before the next query is chosen.

        Parameters
        ----------
        budget
            T, queries judged in all, those in the ledger included; at most those that the oracle
            can answer.
        oracle
            A name of :data:`bayessel.oracles.ORACLES`, or a callable from a query's name to its
            outcomes.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.
        """
        from bayessel.oracles import make_oracle
        from bayessel.oracles.base import answerable
        from bayessel.selection.loop import Loop
        from bayessel.selection.stopping import cut_budget

        answering = make_oracle(oracle, self.task)
        available = answerable(answering, self.task)
        budget, _ = cut_budget(budget, int(available.sum()), recorded=oracle == DEFAULT_ORACLE)
        source = oracle if isinstance(oracle, str) else "oracle"
        loop = Loop(lambda: self.selector, self.next, partial(self.tell, source=source))
        return loop.play(answering, available=available, budget=budget, stop=stop, on_step=on_step)

    # ------------------------------------------------------------------ what is known
    @property
    def bought(self) -> NDArray[np.int8]:
        """[N, M] outcomes in the ledger, ``MISSING`` elsewhere."""
        return self._laid_out(self.ledger.answers)

    @property
    def selector(self) -> Selector:
        """The selector after every answer in the ledger, whoever recorded it."""
        revision = self.ledger.revision
        if self._selector is None or revision[1] != self._revision[1]:  # a correction: start anew
            self._selector = self._replayed(self.ledger.answers)
        elif revision != self._revision:
            for answer in _by_query(self.ledger.answers[self._revision[0] :]):
                self._selector.take(answer)
                step = self._selector.steps[-1]
                self.ledger.keep_step(step.annotations, asdict(step))
        self._revision = revision
        return self._selector

    def _laid_out(self, answers: Iterable[tuple[str, str, int]]) -> NDArray[np.int8]:
        """[N, M] outcomes of some answers."""
        import numpy as np

        bought = np.full((self.task.n_queries, self.task.n_candidates), MISSING, dtype=np.int8)
        for query, candidate, outcome in answers:
            bought[self.task.query_index(query), self.task.candidate_index(candidate)] = outcome
        return bought

    def _replayed(self, answers: Sequence[tuple[str, str, int]]) -> Selector:
        """The selector after some answers.

        Where a strategy carries its state along, every answer is taken in anew, in order: a run
        that is interrupted goes on as it would have.
        """
        from bayessel.selection.selector import Selector

        meta = self.ledger.meta
        strategy = make_strategy(meta["strategy"], **meta["options"])
        selector = Selector(
            self.task,
            strategy,
            seed=meta["seed"],
            bought=None if strategy.carries else self._laid_out(answers),
            cache=self.folder,
            progress=self._progress,
        )
        if strategy.carries:
            for answer in _by_query(answers):
                selector.take(answer, keep_step=False)
        return selector

    def history(self, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
        """One row a judged query; rows that were not kept are computed by replaying the answers.

        Parameters
        ----------
        progress
            Called with how many of how many answers were replayed.
        """
        from bayessel.selection.history import history_table

        kept = {row["annotations"]: row for row in self.ledger.steps}
        given = list(_by_query(answers := self.ledger.answers))
        cells = 0
        first = None  # place of the first row that is missing or of other answers
        for n, answer in enumerate(given, start=1):
            cells += len(answer.outcomes)
            if n not in kept or (kept[n]["query"], kept[n]["cells"]) != (answer.query, cells):
                first = n
                break
        if first is not None:
            before = {answer.query for answer in given[: first - 1]}
            replay = self._replayed([a for a in answers if a[0] in before])
            for n, answer in enumerate(given[first - 1 :], start=first):
                replay.take(answer)
                kept[n] = asdict(replay.steps[-1])
                self.ledger.keep_step(n, kept[n])
                if progress is not None:
                    progress(n, len(given))
        return history_table(kept[n] for n in range(1, len(given) + 1))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _by_query(answers: Iterable[tuple[str, str, int]]) -> Iterable[Answer]:
    """Answers of whole queries, in the order in which the queries were first judged."""
    found: dict[str, dict[str, Outcome]] = {}
    for query, candidate, outcome in answers:
        found.setdefault(query, {})[candidate] = Outcome(outcome)
    return (Answer(query, outcomes) for query, outcomes in found.items())


def _refuse_another(kept: dict[str, Any], given: dict[str, Any], folder: Path) -> None:
    """Raise RunError where a folder holds a run that is not the one asked for."""
    if kept["fingerprint"] != given["fingerprint"] or kept["recorded"] != given["recorded"]:
        raise RunError(
            f"{folder} holds a run of another task: give another --out folder, or the task it was "
            "begun with"
        )
    differing = [k for k in ("strategy", "seed", "options") if kept[k] != given[k]]
    if differing:
        said = ", ".join(f"{k} {kept[k]} (now {given[k]})" for k in differing)
        raise RunError(f"{folder} holds a run with {said}: give another --out folder, or the same")


def _write_task(folder: Path, task: Task) -> None:
    """Write the task whole or not at all; one that an interrupted beginning left is replaced."""
    import shutil

    from bayessel.support.files import written_whole

    tables = task.to_tables()
    named = {
        "judgments": tables.judgments,
        "responses": tables.responses,
        "queries": tables.queries,
        "weak_judges": tables.weak_judges,
    }
    with written_whole(folder) as partial_folder:
        partial_folder.mkdir()
        for name, table in named.items():
            if table is not None:
                table.to_parquet(partial_folder / f"{name}.parquet", index=False)
        shutil.rmtree(folder, ignore_errors=True)
