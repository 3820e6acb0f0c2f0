"""The page: nothing from data is markup, nothing is fetched, all is readable without a script."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task
from bayessel.reports.facts.plain import plain
from bayessel.reports.html.page import embedded, page
from bayessel.reports.markdown import escape, markdown
from bayessel.reports.report import Report, make_report
from bayessel.selection.run import Run

HOSTILE = (
    "<script>document.title = 'taken'</script>",
    "</pre></details><h1>out</h1>",
    "</script><script>document.title = 'taken'</script>",
    "javascript:alert(1) [x](javascript:alert(1))",
    "\x1b[31mred\x1b[0m \x07\x00 {{ 7 * 7 }} {% raw %}",
    "<img src=x onerror=\"document.title = 'taken'\">",
)
NAMES = ("<b>a</b>", "</script><i>", "日本|語`*", "d" * 300)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Report:
    """A run whose every name and text is hostile, with its responses."""
    rows = []
    for q in range(12):
        common = {
            "query_id": f"q{q}<u>",
            "query_text": HOSTILE[q % 6],
            "category": HOSTILE[q % 2],
        }
        rows.append({**common, "candidate": "base&<s>", "text": HOSTILE[(q + 1) % 6]})
        for j, name in enumerate(NAMES):
            text = "A" * 2_000_000 if (q, j) == (0, 0) else HOSTILE[(q + j) % 6]
            outcome = 1 if j == 0 else (q * (j + 1)) % 3 - 1
            rows.append({**common, "candidate": name, "outcome": outcome, "text": text})
    task = Task.from_frame(pd.DataFrame(rows), "base&<s>")
    folder = tmp_path_factory.mktemp("runs") / "run <em>"
    with Run.create(folder, task, "random", options={"draws": 200}) as run:
        run.judge(40)
    return make_report([folder], refit=False, responses=True)


class Tags(HTMLParser):
    """Tags, addresses and texts of a page; an element that is not closed properly fails."""

    VOID = ("meta", "wbr", "line", "circle", "path")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.script = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.script += data


def test_nothing_from_data_is_markup_and_nothing_is_fetched(report):
    text = page(report)
    found = Tags(text)
    assert found.tags.count("script") == found.tags.count("h1") == 1
    assert not {"img", "b", "i", "u", "s", "em", "link", "iframe", "a", "form"} & set(found.tags)
    names = {name for name, _ in found.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not names & {"src", "href", "action", "srcset"}
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "49" not in [word for word in text.split() if word == "49"]  # no template in data ran
    assert len(text) < 400_000  # of a response of two megabytes the beginning is shown


def test_the_numbers_inside_are_those_of_json(report):
    inside = json.loads(Tags(page(report)).script)
    (one,) = inside["results"]
    expected = plain(report.numbers)
    assert one.pop("responses") is None  # they stand in the page
    (same,) = expected["results"]
    responses = same.pop("responses")
    assert one == same
    assert any(len(r["text"]) == 2_000_000 for q in responses for r in q["responses"])


def test_a_script_element_cannot_be_ended():
    text = str(embedded({"a": "</script><!--", "b": "\u2028&"}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--", "b": "\u2028&"}


def test_markdown_has_the_same_numbers_and_no_markup(report):
    text = markdown(report)
    facts = report.found[0]
    for row in facts.table:
        cells = f"| {escape(row.candidate)} | {100 * row.win_rate:.1f} % |"
        assert cells in text
    fenced = text.split("```")
    assert "<script" not in "".join(fenced[::2]).replace("\\<script", "")
    assert "\x1b" not in text


def test_every_part_is_there(report):
    (_, sections), = report.parts  # fmt: skip
    assert [section.title for section in sections] == [
        "Verdict",
        "Candidates",
        "Pictures",
        "What would change this",
        "Does the model hold?",
        "Who judged",
        "Queries",
        "How to repeat it",
    ]


def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("BAYESSEL_BROWSER") == "required":
            raise AssertionError("chromium is not installed: install it")
        pytest.skip("needs chromium, which is not installed here")
    return found


def test_chromium_runs_nothing_of_it(report, tmp_path: Path):
    """The page from a file, all of it open; a script would change its title."""
    path = tmp_path / "report.html"
    path.write_text(page(report).replace("<details>", "<details open>"), encoding="utf-8")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    done = subprocess.run(
        [browser(), profile, *arguments], capture_output=True, text=True, timeout=100, check=True
    )
    seen = Tags(done.stdout)
    assert seen.tags.count("script") == 1
    assert "<title>run &lt;em&gt; - bayessel</title>" in done.stdout
    assert seen.tags.count("svg") >= 4  # each picture twice
