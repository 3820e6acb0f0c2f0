"""``bayessel check``: is a result computed well, does its model fit, is the decision sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_json
from bayessel.errors import RunError
from bayessel.support.files import writable_folder
from bayessel.support.marker import refuse_foreign

if TYPE_CHECKING:
    import xarray as xr

    from bayessel.checks import Check

_CHECK_JSON, _PICTURES = "check.json", "check"


def check(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Folders of 'fit' or 'select', with result.nc."),
    ],
    simulate: Annotated[
        bool,
        typer.Option(
            "--simulate",
            help="Also fit data that the model itself makes: a minute or two for each result.",
        ),
    ] = False,
    model: opt.RunModel = None,
    as_json: opt.Json = False,
) -> None:
    """Check results; several are also compared by leaving one query out.

    Writes check.json and the pictures in check/ into each folder, unless it is read-only. The exit
    code is 0 when every check that could be run passes, 1 when one fails, 2 when a result cannot be
    read.
    """
    from bayessel.checks import check as run_checks
    from bayessel.checks import compare_results
    from bayessel.inference.model_code import allowed
    from bayessel.inference.results import read_tree

    trees = {folder: read_tree(folder) for folder in folders}
    if len(trees) < len(folders):
        raise RunError("a folder was given twice: give each result once")
    for folder, tree in trees.items():
        if writable_folder(folder):
            refuse_foreign(folder, [_CHECK_JSON])
        if simulate and "model" in tree.attrs:  # before a check has run
            allowed(tree.attrs["model"], tree.attrs.get("model_sha256"), model, folder)

    reports = []
    for folder, tree in trees.items():
        if not as_json:
            about = ", ".join(
                str(tree.attrs[k]) for k in ("model", "strategy", "engine") if k in tree.attrs
            )
            say(f"{folder}" + (f" ({about})" if about else ""))
        found = run_checks(tree)
        if not as_json:
            for one in found:
                say(_line(one))
        if simulate:
            from bayessel.checks.simulated import check_simulated

            if not as_json:
                say("           simulating data from the model and fitting them ...")
            found.append(check_simulated(tree, model=model))
            if not as_json:
                say(_line(found[-1]))
        reports.append(_write(folder, found))
        if not as_json:
            where = f"files in {folder / 'check'} and {folder / 'check.json'}"
            if not writable_folder(folder):
                where = f"{folder} is read-only: no files were written"
            say(f"  {_count(found)}; {where}")
    compared = None
    if len(trees) > 1:
        together = compare_results(dict(zip(_labels(trees), trees.values(), strict=True)))
        compared = together.to_dict()
        if not as_json:
            say(f"{together.verdict:<8} {together.name}: {together.text}")
            if len(together.table):
                say(together.table.round(2).to_string())
    if as_json:
        report = {"results": reports, "comparison": compared}
        say_json(report)
    if any(not report["passed"] for report in reports):
        raise typer.Exit(1)


def _write(folder: Path, found: list[Check]) -> dict[str, Any]:
    """Write pictures and check.json; returns what check.json holds.

    Nothing is written where the folder is read-only.
    """
    if not writable_folder(folder):
        return _report(folder, found, [{**one.to_dict(), "pictures": []} for one in found])
    from bayessel.pictures.checks import picture_of
    from bayessel.pictures.style import save_figure
    from bayessel.reports.files import report_files, write_json

    listed = []
    with report_files(folder, replaced=_PICTURES) as staging:
        (staging / _PICTURES).mkdir()
        for one in found:
            picture = picture_of(one)
            stem = staging / _PICTURES / one.slug
            files = [] if picture is None else save_figure(picture, stem)
            names = [file.relative_to(staging).as_posix() for file in files]
            listed.append({**one.to_dict(), "pictures": names})
        report = _report(folder, found, listed)
        write_json(staging / _CHECK_JSON, report)
    return report


def _report(folder: Path, found: list[Check], listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "passed": not any(one.passed is False for one in found),
        "checks": listed,
    }


def _line(one: Check) -> str:
    return f"  {one.verdict:<8} {one.name}: {one.text}"


def _count(found: list[Check]) -> str:
    number = {v: sum(one.verdict == v for one in found) for v in ("pass", "fail", "not run")}
    return f"{number['pass']} pass, {number['fail']} fail, {number['not run']} not run"


def _labels(trees: dict[Path, xr.DataTree]) -> list[str]:
    """Models where they differ, else folders."""
    models = [str(tree.attrs.get("model", "")) for tree in trees.values()]
    if len(set(models)) == len(models) and all(models):
        return models
    return [str(folder) for folder in trees]
