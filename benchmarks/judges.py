"""Time and accuracy of the weak judges on a judged data set.

    python benchmarks/weak judges.py FOLDER

FOLDER holds responses.parquet, queries.parquet and judgments.parquet. Prints, for each family, the
wall time and the process's peak memory so far, and for each weak judge the share of decided cells
(neither the oracle's outcome nor the weak judge's vote is a draw) in which its vote is the outcome.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayessel import Task
from bayessel.tasks.texts import Texts
from bayessel.weak_judges import FAMILIES
from bayessel.weak_judges.base import Family
from bayessel.weak_judges.corpus import Corpus
from bayessel.weak_judges.votes import votes


def peak_mb() -> float:
    """Largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder

    task = Task.read(folder)
    texts, outcome = task.texts, task.recorded
    print(f"{folder.name}: {outcome.shape[0]} queries x {outcome.shape[1]} candidates")
    print(f"{'step':32}{'seconds':>9}{'peak MB':>9}")
    print(f"{'(read)':32}{'':9}{peak_mb():9.0f}")

    one = np.array(["a"], object)
    tiny = Corpus(Texts(one[:, None], one, one))
    steps: list[tuple[str, Callable[[], object]]] = [
        (
            "(compile, or load from disk)",
            lambda: [f.scores(tiny, tuple(f.members)) for f in FAMILIES.values()],
        )
    ]
    corpus = Corpus(texts)
    scores: dict[str, NDArray[np.float64]] = {}
    steps.append(("tokens, shared by all", lambda: corpus.tokens))

    def score(family: Family) -> None:
        names = tuple(family.members)
        scores.update(zip(names, family.scores(corpus, names), strict=True))

    steps += [(name, partial(score, family)) for name, family in FAMILIES.items()]
    for what, step in steps:
        start = time.perf_counter()
        step()
        print(f"{what:32}{time.perf_counter() - start:9.2f}{peak_mb():9.0f}")

    print(f"\n{'judge':20}{'agrees':>9}{'decided cells':>15}{'draws voted':>13}")
    for name, given in scores.items():
        vote = votes(given[None])[0]
        decided = (vote != 0) & (np.abs(outcome) == 1)
        share = np.mean(vote[decided] == outcome[decided]) if decided.any() else np.nan
        print(f"{name:20}{share:9.3f}{decided.sum():15d}{np.mean(vote == 0):13.3f}")


if __name__ == "__main__":
    main()
