"""Part 6 of a report, from a run in which two LLM judges and two people judged."""

from __future__ import annotations

import json

import pytest

from bayessel import simulate_task
from bayessel.oracles.people.shown import BY_PERSON
from bayessel.oracles.people.source import SOURCE as PAGE
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.reports.facts.gather import facts_of
from bayessel.reports.markdown import markdown
from bayessel.reports.report import make_report
from bayessel.selection.run import Run


@pytest.fixture
def folder(tmp_path):
    """gpt-x: 12 cells, 4 in both orders of which 1 flips, 1 refusal; mini: 6 of them, 2 others."""
    task = simulate_task(n_candidates=4, n_queries=20, seed=1)
    folder, name = tmp_path / "run", task.candidates[0]

    def say(ledger, who, q, outcome, *, first=True, person=False, **more):
        shown = {"by": BY_PERSON} if person else {"messages": []}
        number = ledger.begin(Request(who, task.queries[q], name, first, shown=shown))
        state = State.VERDICT if outcome is not None else State.REFUSED
        said = None if outcome is None else Outcome(outcome)
        ledger.finish(number, Verdict(state, said, **more))

    with Run.create(folder, task) as run, VerdictLedger.in_folder(folder) as ledger:
        for q in range(12):
            say(ledger, "gpt-x", q, 1, cost=0.25, seconds=2.0)
            run.tell(task.queries[q], {name: 1}, source="oracle", unasked=True)
        for q in range(4):
            say(ledger, "gpt-x", q, -1 if q == 0 else 1, first=False, cost=0.25, seconds=2.0)
        say(ledger, "gpt-x", 12, None)
        for q in range(6):
            say(ledger, "mini", q, 1 if q < 4 else 0)
        for who in ("anna", "ben"):
            for q in (14, 15, 16):
                said = 0 if (who, q) == ("ben", 16) else 1
                say(ledger, who, q, said, person=True, seconds=10.0)
        for q in (14, 15, 16):
            run.tell(task.queries[q], {name: 1}, source=PAGE, unasked=True)
        run.tell(task.queries[17], {name: 1}, unasked=True)
        run.tell(task.queries[17], {name: 0}, replace=True)
    return folder


def test_every_source_has_its_numbers(folder):
    found = facts_of(folder, refit=False)
    rows = {row.who: row for row in found.judges}
    assert list(rows) == ["gpt-x", "mini", "anna", "ben", "tell (told by hand or from a file)"]
    gpt = rows["gpt-x"]
    assert (gpt.calls, gpt.failed, gpt.cost, gpt.seconds) == (17, 1, 4.0, 32.0)
    assert (gpt.flips, gpt.both) == (1, 4)
    assert gpt.position_bias[1] < gpt.position_bias[0] < gpt.position_bias[2]
    assert (gpt.shared, gpt.agreement[0]) == (6, 4 / 6)
    assert (rows["mini"].flips, rows["mini"].shared) == (None, 6)
    assert (rows["ben"].shared, rows["ben"].agreement[0]) == (3, 2 / 3)
    assert rows["tell (told by hand or from a file)"].calls == 1
    assert "People agree, on 3 cells: raw agreement 0.67" in found.judges_text
    assert "1 outcome was corrected" in found.judges_text
    assert found.verdict.cost == 4.0


def test_the_page_the_text_and_the_json_say_the_same(folder):
    report = make_report([folder], refit=False)
    text = markdown(report)
    assert "1 of 4" in text
    assert "67 % [35, 88] of 6" in text.replace("\\", "")  # Markdown escapes brackets
    numbers = json.loads(json.dumps(report.numbers))
    judge = str(numbers)
    assert "'flips': 1" in judge
    assert "'both': 4" in judge
