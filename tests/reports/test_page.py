"""The page: nothing from data is markup, nothing is fetched, all is readable without a script."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task
from bayessel.reports.facts.parts import Track
from bayessel.reports.facts.plain import plain
from bayessel.reports.html.charts.race import race
from bayessel.reports.html.page import embedded, page
from bayessel.reports.markdown import escape, markdown
from bayessel.reports.report import Report, make_report
from bayessel.selection.run import Run
from in_browser import CONTRAST, UNNAMED, WIDER, resize

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


def test_a_line_of_the_race_ends_with_a_cross_where_its_candidate_dropped_out():
    tracks = [Track("in", (1, 40), (1, 0), 0), Track("out", (2, 9), (-1, 0), 20)]
    for width in (900, 340):
        drawn = race(tracks, width).root
        assert sum(e.text == "dropped out" for e in drawn.iter("text")) == 1
        lines = [e for e in drawn.iter("line") if e.get("class") == "track"][-2:]
        ends = [float(line.get("x2")) for line in lines]
        crosses = [e.get("d") for e in drawn.iter("path") if e.get("class") == "out"]
        assert len(crosses) == 2  # of the key and of the one that is out
        assert crosses[1].startswith(f"M{ends[1] - 3:g} ")
        assert ends[1] < ends[0] - 100


def test_chromium_runs_nothing_of_it(report, browser, tmp_path: Path):
    """The page from a file, all of it open; a script would change its title."""
    path = tmp_path / "report.html"
    path.write_text(page(report).replace("<details>", "<details open>"), encoding="utf-8")
    browser.get(path.as_uri())
    seen = Tags(browser.page_source)
    assert seen.tags.count("script") == 1
    assert browser.title == "run <em> - bayessel"
    assert seen.tags.count("svg") >= 4  # each picture twice
    assert browser.get_log("browser") == []
    asked = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]
    sent = [one for one in asked if one["method"] == "Network.requestWillBeSent"]
    assert {one["params"]["request"]["url"].partition(":")[0] for one in sent} == {"file"}
    for width in (1200, 375):
        for dark in (False, True):
            resize(browser, width, dark=dark)
            assert browser.execute_script(CONTRAST) == []
            assert browser.execute_script(UNNAMED) == []
            assert browser.execute_script(WIDER) <= 0
    levels = browser.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3')].map((h) => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    scrolled = "return [...document.querySelectorAll('.scroll')].every((one) => one.tabIndex === 0)"
    assert browser.execute_script(scrolled)  # whoever has no mouse reaches all of a wide table
