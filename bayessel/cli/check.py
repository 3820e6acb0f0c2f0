"""``bayessel check``: is a result computed well, does its model fit, is the decision sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say
from bayessel.errors import RunError
from bayessel.support.files import write_text

if TYPE_CHECKING:
    import xarray as xr

    from bayessel.checks import Check

_RESULT = "result.nc"


def check(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help=f"Folders of 'fit' or 'select', with {_RESULT}."),
    ],
    simulate: Annotated[
        bool,
        typer.Option(
            "--simulate",
            help="Also fit data that the model itself makes: a minute or two for each result.",
        ),
    ] = False,
    as_json: opt.Json = False,
) -> None:
    """Check results; several are also compared by leaving one query out.

    Writes check.json and the pictures in check/ into each folder. The exit code is 0 when every
    check that could be run passes, 1 when one fails, 2 when a result cannot be read.
    """
    trees = {folder: _read(folder) for folder in folders}
    if len(trees) < len(folders):
        raise RunError("a folder was given twice: give each result once")
    from bayessel.checks import check as run_checks
    from bayessel.checks import compare_results

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
            found.append(check_simulated(tree))
            if not as_json:
                say(_line(found[-1]))
        reports.append(_write(folder, found))
        if not as_json:
            say(f"  {_count(found)}; files in {folder / 'check'} and {folder / 'check.json'}")
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
        typer.echo(json.dumps(report, ensure_ascii=False))
    if any(not report["passed"] for report in reports):
        raise typer.Exit(1)


def _read(folder: Path) -> xr.DataTree:
    """The result in a folder.

    Raises
    ------
    RunError
        There is none, or it cannot be read.
    """
    path = folder / _RESULT
    if not folder.is_dir():
        raise RunError(f"{folder} is not a folder: give the folder that holds {_RESULT}")
    if not path.is_file():
        raise RunError(
            f"{folder} has no {_RESULT}: 'bayessel fit' and 'bayessel select' write one, "
            f"'bayessel status {folder}' writes it for a run"
        )
    import xarray as xr

    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            loaded: xr.DataTree = tree.load()
            return loaded
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"cannot read {path} as netCDF ({error}): write it again") from error


def _write(folder: Path, found: list[Check]) -> dict[str, Any]:
    """Write pictures and check.json; returns what check.json holds."""
    from bayessel.pictures.checks import picture_of
    from bayessel.pictures.style import save_figure

    pictures = folder / "check"
    listed = []
    try:
        pictures.mkdir(exist_ok=True)
        for one in found:
            for suffix in ("png", "svg"):  # of an earlier result
                (pictures / f"{one.slug}.{suffix}").unlink(missing_ok=True)
            picture = picture_of(one)
            files = [] if picture is None else save_figure(picture, pictures / one.slug)
            listed.append(
                {**one.to_dict(), "pictures": [str(f.relative_to(folder)) for f in files]}
            )
        report = {
            "folder": str(folder),
            "passed": not any(one.passed is False for one in found),
            "checks": listed,
        }
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        write_text(folder / "check.json", text)
    except OSError as error:
        raise RunError(f"cannot write the checks into {folder}: {error}") from error
    return report


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
