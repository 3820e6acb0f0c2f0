"""What was found by a comparison of priors: numbers, sentences and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bayessel.checks.sensitivity import Sensitivity
from bayessel.reports.files import report_files, write_csv, write_json
from bayessel.reports.standing import percent


@dataclass(frozen=True)
class SensitivityReport:
    """Decisions under several priors as people read them.

    Attributes
    ----------
    found
        The result of :func:`bayessel.checks.sensitivity.sensitivity`.
    more
        Further numbers by name, put before those of the report.
    """

    found: Sensitivity
    more: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """What was found, as plain data for JSON."""
        return {**self.more, **self.found.to_dict()}

    @property
    def text(self) -> str:
        """The decision under each prior, power-scaling, and the finding in one sentence."""
        lines = []
        for label, row in self.found.table.iterrows():
            if row["failed"]:
                lines.append(f"{label}: not fitted: {row['failed']}")
                continue
            follows = f"next query {row['next_query']}" if row["next_query"] else "no query is left"
            lines.append(
                f"{label}: best {row['best']}, P(best) {row['p_best']:.3f}, "
                f"eps_loss {percent(row['eps_loss'])}, eps_draw {percent(row['eps_draw'])}, "
                f"{follows}"
            )
        if len(self.found.power):
            lines.append(
                "Power-scaling: how far prior and likelihood move each quantity (above 0.05 "
                "matters):"
            )
            for quantity, row in self.found.power.iterrows():
                lines.append(
                    f"  {quantity}: prior {row['prior']:.3f}, likelihood {row['likelihood']:.3f} "
                    f"{row['diagnosis']}".rstrip()
                )
        elif self.found.note:
            lines.append(f"note: {self.found.note}")
        return "\n".join([*lines, self.found.text])

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the table, the numbers and the picture into a folder.

        Returns
        -------
        dict
            Path by what it is: ``table`` (CSV), ``numbers`` (JSON), ``picture`` (PNG; an SVG lies
            beside it).

        Raises
        ------
        RunError
            They cannot be written.
        """
        from bayessel.pictures.sensitivity import plot_sensitivity
        from bayessel.pictures.style import save_figure

        figure = plot_sensitivity(self.found)
        with report_files(folder) as staging:
            write_csv(staging / "sensitivity.csv", self.found.table)
            write_json(staging / "sensitivity.json", self.numbers)
            save_figure(figure, staging / "sensitivity")
        names = {"table": "csv", "numbers": "json", "picture": "png"}
        return {what: folder / f"sensitivity.{ending}" for what, ending in names.items()}
