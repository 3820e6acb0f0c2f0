"""``bayessel data``: public judged data sets by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli.display import say, say_note

data = typer.Typer(help="Public judged data sets: list them, download one.")


@data.command(name="list")
def list_sources() -> None:
    """Say which data sets there are, and from where."""
    from bayessel.tasks.sources import SOURCES

    for source in SOURCES.values():
        say(f"{source.name:<12} {source.what}")
        say(f"{'':<12} {source.url}")


@data.command()
def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As 'bayessel data list' says it.")],
    url: Annotated[str | None, typer.Option(help="A mirror with the same files.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; the user's cache by default.")] = None,
) -> None:
    """Download a data set and print the path that the other commands take."""
    from bayessel.tasks import sources

    source = sources.find_source(name)
    folder = sources.cache_folder() if out is None else out
    path = sources.get(source, folder, url=url, progress=lambda file: say_note(f"get {file}"))
    say(str(path))
