"""A report on one or more folders: one set of facts, shown as a page, as Markdown or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bayessel
from bayessel.errors import RunError
from bayessel.reports.bench_sections import bench_sections
from bayessel.reports.blocks import Section
from bayessel.reports.facts.bench import BenchFacts, bench_facts, is_bench
from bayessel.reports.facts.gather import facts_of
from bayessel.reports.facts.holds import require_calibration
from bayessel.reports.facts.parts import Facts
from bayessel.reports.facts.plain import plain
from bayessel.reports.result_sections import comparison, result_sections


@dataclass(frozen=True)
class Report:
    """What is reported: results, or benchmarks.

    Attributes
    ----------
    found
        Facts of each folder, in the order given.
    """

    found: tuple[Facts | BenchFacts, ...]

    @property
    def title(self) -> str:
        """What the page is called."""
        return ", ".join(one.name for one in self.found)

    @property
    def parts(self) -> tuple[tuple[str, tuple[Section, ...]], ...]:
        """Sections under the name of their folder; what compares several folders stands first."""
        results = [one for one in self.found if isinstance(one, Facts)]
        parts: list[tuple[str, tuple[Section, ...]]] = []
        if len(results) > 1:
            parts.append(("", (comparison(results),)))
        for one in self.found:
            sections = result_sections(one) if isinstance(one, Facts) else bench_sections(one)
            parts.append((one.name if len(self.found) > 1 else "", sections))
        return tuple(parts)

    @property
    def numbers(self) -> dict[str, Any]:
        """Everything that is said, as plain data."""
        return {
            "bayessel": bayessel.__version__,
            "results": [plain(one) for one in self.found if isinstance(one, Facts)],
            "benchmarks": [plain(one) for one in self.found if isinstance(one, BenchFacts)],
        }


def make_report(
    folders: Sequence[Path],
    *,
    refit: bool = True,
    responses: bool = False,
    bench: Path | None = None,
    model: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """The report on some folders.

    Parameters
    ----------
    folders
        Of ``select``, ``start``, ``fit`` or ``bench``.
    refit, responses, bench, model, say
        See :func:`bayessel.reports.facts.gather.facts_of`.

    Raises
    ------
    RunError
        A folder is given twice, holds nothing to report, or cannot be read.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise RunError("a folder was given twice: give each one once")
    for folder in folders:
        if not folder.is_dir():
            raise RunError(f"{folder} is not a folder: give a folder of 'select', 'fit' or 'bench'")
    if bench is not None:
        require_calibration(bench)
    found: list[Facts | BenchFacts] = []
    for folder in folders:
        if is_bench(folder):
            found.append(bench_facts(folder))
        else:
            found.append(
                facts_of(
                    folder, refit=refit, responses=responses, bench=bench, model=model, say=say
                )
            )
    return Report(tuple(found))
