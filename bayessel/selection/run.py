"""A run folder: the task, the ledger, and the results computed from them.

``task/`` holds the task as three Parquet tables, ``run.db`` the ledger, ``judges-*.npz`` the weak
weak judges' scores. Everything else (``result.nc``, ``history.csv``, ``summary.json``, pictures) is
computed from these and written again whenever it is asked for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import RunError
from bayessel.oracles import RecordedOracle
from bayessel.outcomes import MISSING
from bayessel.selection.ledger import DATABASE, Ledger
from bayessel.strategies import DEFAULT, make_strategy
from bayessel.tasks.task import Task

if TYPE_CHECKING:  # recording an answer must not wait for what only choosing a query needs
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop

_VERSION = 1


class Run:
    """A selection on disk that any process can go on with.

    Parameters
    ----------
    folder
        The run folder.
    ledger
        Its ledger.
    task
        Its task.
    progress
        See :class:`bayessel.selection.selector.Selector`.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        task: Task,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder
        self.ledger = ledger
        self.task = task
        self._progress = progress
        self._selector: Selector | None = None

    # ------------------------------------------------------------------ begin and go on
    @classmethod
    def create(
        cls,
        folder: Path,
        task: Task,
        strategy: str = DEFAULT,
        *,
        seed: int = 0,
        options: dict[str, Any] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Run:
        """Begin a run, or go on with the one in ``folder`` if it is the same.

        Raises
        ------
        RunError
            The folder holds a run of another task or with another strategy, seed or options.
        """
        options = {k: v for k, v in (options or {}).items() if v is not None}
        chosen = make_strategy(strategy, **options)
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
        _write_task(folder / "task", task)
        try:
            ledger = Ledger.create(folder / DATABASE, meta)
        except FileExistsError:  # another process was quicker
            return cls._join(folder, meta, progress)
        return cls(folder, ledger, task, progress)

    @classmethod
    def _join(
        cls, folder: Path, meta: dict[str, Any], progress: Callable[[str], None] | None
    ) -> Run:
        """Open the run in ``folder`` if it is the same."""
        run = cls.open(folder, progress=progress)
        try:
            _same(run.ledger.meta, meta, folder)
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, folder: Path, *, progress: Callable[[str], None] | None = None) -> Run:
        """Open the run in ``folder``.

        Raises
        ------
        RunError
            There is no run, or it is damaged.
        """
        ledger = Ledger.in_folder(folder)
        try:
            meta = ledger.meta
            if not (folder / "task").is_dir():
                raise RunError(
                    f"the run folder {folder} lost its task/: restore it, or begin a run "
                    "in another folder with the original files"
                )
            task = Task.read(
                folder / "task", format="parquet-folder", baseline=meta.get("baseline")
            )
        except BaseException:
            ledger.close()
            raise
        if task.fingerprint != meta["fingerprint"]:
            ledger.close()
            raise RunError(
                f"the task in {folder / 'task'} is not the one that the run was begun with: "
                "restore it, or begin a run in another folder"
            )
        return cls(folder, ledger, task, progress)

    # ------------------------------------------------------------------ answers
    @property
    def bought(self) -> NDArray[np.int8]:
        """[N, M] judgments in the ledger."""
        outcome = np.full((self.task.n_queries, self.task.n_candidates), MISSING, dtype=np.int8)
        for query, model, value in self.ledger.answers:
            outcome[self.task.query_index(query), self.task.candidate_index(model)] = value
        return outcome

    @property
    def selector(self) -> Selector:
        """The selector after every answer in the ledger."""
        if self._selector is None:
            self._selector = self._replayed(self.ledger.answers)
        return self._selector

    def _replayed(self, answers: Sequence[tuple[str, str, int]]) -> Selector:
        """The selector after some answers.

        Where a strategy carries its state along, every answer is told anew, in order, so that a
        run that is interrupted goes on as it would have.
        """
        from bayessel.selection.selector import Selector

        meta = self.ledger.meta
        blank = np.full((self.task.n_queries, self.task.n_candidates), MISSING, dtype=np.int8)
        known = blank.copy()
        for query, model, value in answers:
            known[self.task.query_index(query), self.task.candidate_index(model)] = value
        strategy = make_strategy(meta["strategy"], **meta["options"])
        selector = Selector(
            self.task,
            strategy,
            seed=meta["seed"],
            outcome=blank if strategy.carries else known,
            cache=self.folder,
            progress=self._progress,
        )
        if strategy.carries:
            for query in dict.fromkeys(q for q, _, _ in answers):
                selector.replay(query, known[self.task.query_index(query)])
        return selector

    def next(self, available: NDArray[np.bool_] | None = None) -> str:
        """Query to judge next; remembered as asked. The same until an answer is told."""
        if available is None and (query := self.ledger.still_asked) is not None:
            return query  # nothing was told since: nothing to compute
        query = self.selector.ask(available)
        self.ledger.ask(query)
        return query

    def judge(
        self,
        budget: int,
        *,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Answer from the task's recorded judgments until ``budget`` queries are judged.

        Every answer is in the ledger before the next query is chosen.

        Parameters
        ----------
        budget
            T, queries judged in all, those in the ledger included; at most those that are recorded.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.
        """
        from bayessel.selection.stopping import cut_budget

        selector, oracle = self.selector, RecordedOracle(self.task)
        available = self.task.judged
        budget, _ = cut_budget(budget, int(available.sum()), recorded=True)
        while selector.n_annotations < budget:
            if stop is not None and stop.reached(selector.standing):
                break
            query = self.next(available)
            outcomes = oracle(query)
            self.ledger.tell(query, outcomes, source="recorded")
            selector.tell(query, outcomes)
            step = selector.steps[-1]
            self.ledger.keep_step(step.annotations, asdict(step))
            if on_step is not None:
                on_step(selector)
        return selector

    def history(self, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
        """One row an annotated query; rows not kept yet are computed by replaying the answers.

        Parameters
        ----------
        progress
            Called with how many of how many answers were replayed.
        """
        from bayessel.selection.history import history_table

        kept = {row["annotations"]: row for row in self.ledger.steps}
        order = list(dict.fromkeys(q for q, _, _ in self.ledger.answers))
        rows = [self.task.query_index(q) for q in order]
        outcome = self.bought
        cells = np.cumsum((outcome[rows] != MISSING).sum(axis=1))
        missing = [
            n
            for n, (query, total) in enumerate(zip(order, cells, strict=True), start=1)
            if n not in kept or (kept[n]["query"], kept[n]["cells"]) != (query, total)
        ]
        if missing:
            first = missing[0]
            before = set(order[: first - 1])
            replay = self._replayed([a for a in self.ledger.answers if a[0] in before])
            for n in range(first, len(order) + 1):
                row = outcome[rows[n - 1]]
                judged = np.flatnonzero(row != MISSING)
                replay.tell(order[n - 1], {self.task.candidates[j]: row[j] for j in judged})
                kept[n] = asdict(replay.steps[-1])
                self.ledger.keep_step(n, kept[n])
                if progress is not None:
                    progress(n, len(order))
        return history_table(kept[n] for n in range(1, len(order) + 1))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _same(kept: dict[str, Any], given: dict[str, Any], folder: Path) -> None:
    if kept["fingerprint"] != given["fingerprint"] or kept["recorded"] != given["recorded"]:
        raise RunError(
            f"{folder} holds a run of another task: give another --out folder, or the task it was "
            "begun with"
        )
    differing = [k for k in ("strategy", "seed", "options") if kept[k] != given[k]]
    if differing:
        told = ", ".join(f"{k} {kept[k]} (now {given[k]})" for k in differing)
        raise RunError(f"{folder} holds a run with {told}: give another --out folder, or the same")


def _write_task(folder: Path, task: Task) -> None:
    """Write the task whole or not at all."""
    tables = task.to_tables()
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    named = {
        "judgments": tables.judgments,
        "responses": tables.responses,
        "queries": tables.queries,
    }
    for name, table in named.items():
        if table is not None:
            table.to_parquet(partial / f"{name}.parquet", index=False)
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
