"""What people see: one table that updates in place, or plain lines where there is no terminal."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bayessel.support.text import shorten

if TYPE_CHECKING:
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop

_LEADERS = 8


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    console.soft_wrap = not console.is_terminal  # a file or a pipe gets whole lines
    return console


def say(line: str) -> None:
    """Print one line."""
    _console().print(line, markup=False)


def say_error(message: str) -> None:
    """Print one line on standard error."""
    _console(stderr=True).print("error: " + " ".join(message.split()), markup=False)


def say_note(line: str) -> None:
    """Print one line of progress on standard error."""
    _console(stderr=True).print(line, markup=False)


def say_scoring(family: str) -> None:
    """Print which family of weak judges is being scored."""
    say(f"weak judges: {family}")


def percent(value: float) -> str:
    """A rate as a percentage with one decimal."""
    return f"{100 * value:.1f} %"


def standing_table(selector: Selector, title: str = "") -> Table:
    """The leaders as a rich table."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    name_width = max(12, min(44, _console().width - 60))  # the numbers take 60 columns
    table.add_column("candidate", overflow="ellipsis", no_wrap=True, max_width=name_width)
    columns = {"P(best)": 7, "win rate": 8, "90 % interval": 13, "P(1 pt)": 7, "judged": 6}
    for name, width in columns.items():
        table.add_column(name, justify="right", no_wrap=True, min_width=width)
    for candidate, row in selector.table.head(_LEADERS).iterrows():
        table.add_row(
            Text(shorten(str(candidate), name_width)),
            f"{row['p_best']:.3f}",
            percent(row["win_rate"]),
            f"{100 * row['lower']:.1f} - {100 * row['upper']:.1f}",
            f"{row['p_within_1pct']:.3f}",
            f"{int(row['judged'])}",
        )
    rest = selector.task.n_candidates - _LEADERS
    more = f"and {rest} more; " if rest > 0 else ""
    table.caption = f"{more}P(1 pt): within one point of the best"
    table.caption_justify = "left"
    return table


def say_standing(selector: Selector) -> None:
    """Print the leaders."""
    _console().print(standing_table(selector))


class LiveDisplay:
    """Shows a selection step by step.

    Parameters
    ----------
    budget
        T.
    quiet
        Show nothing.
    """

    def __init__(self, budget: int, *, quiet: bool = False) -> None:
        self._budget = budget
        self._quiet = quiet
        self._console = _console()
        self._live: Live | None = None

    def __enter__(self) -> LiveDisplay:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, selector: Selector) -> None:
        """Show the latest step."""
        if self._quiet:
            return
        step = selector.steps[-1]
        if self._live is not None:
            head = Text(
                f"{step.annotations} of {self._budget} annotations, {step.cells} cells; "
                f"last asked: {step.query}"
            )
            self._live.update(Group(head, standing_table(selector)), refresh=True)
            return
        self._console.print(
            f"{step.annotations:>5}/{self._budget}  {step.query:<12.40}  P(best) {step.p_best:.3f}"
            f" win rate {percent(step.win_rate)} [{100 * step.lower:.1f}, {100 * step.upper:.1f}]  "
            f"{step.best}",
            markup=False,
        )


def say_highest_p_best(found: dict[str, Any]) -> None:
    """Say who has the highest P(best) where that is not the candidate that is named."""
    if other := found.get("highest_p_best"):
        lower = other["win_rate"] < found["win_rate"]
        say(
            f"  {other['candidate']} has the highest P(best), {other['p_best']:.3f}, at an "
            f"expected win rate of {percent(other['win_rate'])}"
            + ("; named is the highest expected win rate" if lower else "")
        )


def say_result(found: dict[str, Any], stop: Stop | None, files: dict[str, Path]) -> None:
    """Print how a selection ended."""
    low, high = found["interval_90"]
    say("")
    if found["annotations"] == 0:
        say("No answers yet: what follows is the prior.")
    say(f"Best: {found['best']}")
    say(
        f"  P(best) {found['p_best']:.3f}; win rate {percent(found['win_rate'])} "
        f"(90 % interval {100 * low:.1f} - {100 * high:.1f})"
    )
    say(f"  within one point of the best with probability {found['p_within_1pct']:.3f}")
    say_highest_p_best(found)
    chosen = found["options"].get("acquisition", "random") != "random"
    if chosen and 0 < found["annotations"] < found["queries"]:
        say("  queries that tell candidates apart came first: trust who is best before win rates")
    if found["annotations"] and not found["judged"]:
        say(f"  note: {found['best']} has no judgments of its own: its win rate is a guess")
    say(
        f"  after {found['annotations']} of {found['queries']} queries judged "
        f"({found['cells']} cells), strategy {found['strategy']}"
    )
    if stop is not None:
        what = "P(best)" if stop.within is None else f"P(within {stop.within:g})"
        reached = "reached" if found["stopped"] else "not reached within the budget"
        say(f"  stopping rule {what} >= {stop.level:g}: {reached}")
    if "recorded_best" in found:
        tied = found["recorded_tied"]
        what = f"{found['recorded_best']} is best"
        if tied > 1:
            what = f"{tied} candidates tie for best ({found['recorded_best']} is one)"
        say(
            f"All recorded judgments together: {what}, win rate "
            f"{percent(found['recorded_win_rate'])}"
        )
    if files:
        folder = files["result"].parent
        say(f"Files in {folder}:")
        say("  result.nc (opens with arviz.from_netcdf)")
        say("  history.csv, standing.csv, summary.json")
        say("  pictures: p_best.png, win_rates.png, eps.png (and .svg)")
