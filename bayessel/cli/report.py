"""``bayessel report``: one HTML file, Markdown or JSON of a selection, a fit or a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_json, say_note
from bayessel.errors import RunError

if TYPE_CHECKING:
    from bayessel.reports.report import Report


def report(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders of 'select', 'start', 'fit' or 'bench', side by side."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The HTML file (default: report.html in the folder; of several folders, here)."
        ),
    ] = None,
    responses: Annotated[
        bool,
        typer.Option("--responses", help="Add the judged responses to the queries that are named."),
    ] = False,
    bench: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A benchmark on similar data: how often P(best) was right there."
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Leave out what needs another fit: the checks, other priors, what more calls "
            "would bring.",
        ),
    ] = False,
    model: opt.RunModel = None,
    as_json: opt.Json = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown instead of writing the page.")
    ] = False,
) -> None:
    """Show a result to those who decide: one HTML file that needs nothing else.

    --json and --markdown print the same numbers instead of writing the page.
    """
    from bayessel.reports.report import make_report

    printed = as_json or as_markdown
    if as_json and as_markdown:
        raise RunError("--json with --markdown: give one of them")
    if printed and out is not None:
        raise RunError(
            "--out names the page, which --json and --markdown do not write: leave it out"
        )
    path = _path(folders, out)
    if not printed and (out is not None or path.parent.is_dir()):
        _refuse_another(path)
    found = make_report(
        folders,
        refit=not quick,
        responses=responses,
        bench=bench,
        model=model,
        say=say_note,
    )
    if as_json:
        say_json(found.numbers)
    elif as_markdown:
        from bayessel.reports.markdown import markdown

        typer.echo(markdown(found), nl=False)
    else:
        _write(path, found)
        say(f"report of {found.title} in {path}")


def _path(folders: list[Path], out: Path | None) -> Path:
    if out is not None:
        return out
    return folders[0] / "report.html" if len(folders) == 1 else Path("report.html")


def _refuse_another(path: Path) -> None:
    """Refuse to write over a file that is no report, before anything is computed.

    Raises
    ------
    RunError
        There is such a file, or its folder is missing.
    """
    from bayessel.reports.html.page import GENERATOR
    from bayessel.support.files import writable_folder

    if path.is_symlink():
        raise RunError(f"{path} is a symbolic link: give the file itself with --out")
    if path.is_dir():
        raise RunError(f"{path} is a folder: give a file with --out, such as report.html")
    if not path.parent.is_dir():
        raise RunError(f"the folder {path.parent} is not there: make it, or give another --out")
    if not writable_folder(path.parent):
        raise RunError(f"{path.parent} is read-only: give a file in another folder with --out")
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(2000)
    if f'content="{GENERATOR}"'.encode() not in head:
        raise RunError(f"{path} is no report of bayessel: give another file with --out")


def _write(path: Path, found: Report) -> None:
    from bayessel.reports.html.page import page
    from bayessel.support.files import reason, write_text
    from bayessel.support.marker import MARKER, adopt

    try:
        if (path.parent / MARKER).exists():  # a folder of results
            adopt(path.parent, [path.name])
        write_text(path, page(found))
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}; give another --out") from error
