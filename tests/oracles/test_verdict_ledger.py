"""The ledger of verdicts."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing

import pytest

from bayessel.errors import RunError
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.support.marker import owned


@pytest.fixture
def ledger(tmp_path):
    with VerdictLedger(tmp_path / "v.db") as opened:
        yield opened


ASKED = Request("gpt", "q1", "m1", True, shown={"messages": ["A or B?"]}, most=0.5)


def test_same_question_same_key():
    assert ASKED.key == Request("gpt", "q1", "m1", True, shown={"messages": ["A or B?"]}).key
    others = [
        Request("gpt", "q1", "m1", False, shown={"messages": ["A or B?"]}),
        Request("gpt", "q1", "m1", True, 1, shown={"messages": ["A or B?"]}),
        Request("gpt", "q1", "m1", True, shown={"messages": ["B or A?"]}),
        Request("gpt", "q1", "m2", True, shown={"messages": ["A or B?"]}),
    ]
    assert len({ASKED.key, *(r.key for r in others)}) == 5


def test_request_then_verdict(tmp_path, ledger):
    number = ledger.begin(ASKED)
    assert [r.number for r in ledger.in_flight] == [number]
    assert ledger.spent() == 0.5, "a call in flight counts with the most that it can cost"
    assert ledger.answered(ASKED) is None
    verdict = Verdict(State.VERDICT, Outcome.WIN, text="A", tokens_in=9, cost=0.2, identity="x")
    ledger.finish(number, verdict)
    with VerdictLedger(tmp_path / "v.db") as again:
        assert again.answered(ASKED) == verdict
        assert again.of_cell("q1", "m1")[0].request == ASKED
        assert again.in_flight == []
        assert again.spent() == pytest.approx(0.2)
        assert again.spent("gpt") == pytest.approx(0.2)
        assert again.spent("other") == 0


def test_failure_is_retried_only_when_asked(ledger):
    ledger.finish(ledger.begin(ASKED), Verdict(State.UNPARSED, text="well", detail="cut off"))
    assert ledger.answered(ASKED).state is State.UNPARSED
    assert ledger.answered(ASKED, retry=True) is None
    ledger.finish(ledger.begin(ASKED), Verdict(State.VERDICT, Outcome.LOSS))
    ledger.finish(ledger.begin(ASKED), Verdict(State.ERROR, detail="later"))
    assert ledger.answered(ASKED).outcome is Outcome.LOSS
    assert ledger.answered(ASKED, retry=True).outcome is Outcome.LOSS


def test_one_verdict_for_a_request(ledger):
    number = ledger.begin(ASKED)
    ledger.finish(number, Verdict(State.VERDICT, Outcome.WIN))
    with pytest.raises(RunError):
        ledger.finish(number, Verdict(State.VERDICT, Outcome.LOSS))
    with pytest.raises(RunError):  # a state that is no verdict has no outcome
        ledger.finish(ledger.begin(ASKED), Verdict(State.ERROR, Outcome.LOSS))


def test_withdrawn_counts_no_more_but_was_paid(ledger):
    number = ledger.begin(ASKED)
    ledger.finish(number, Verdict(State.VERDICT, Outcome.WIN, cost=0.3))
    ledger.withdraw(number)
    assert ledger.all == []
    assert ledger.answered(ASKED) is None
    assert ledger.spent() == pytest.approx(0.3)


def test_threads_share_one(ledger):

    def judge(i):
        for k in range(20):
            number = ledger.begin(Request("gpt", f"q{k}", f"m{i}", True))
            ledger.finish(number, Verdict(State.VERDICT, Outcome.DRAW))

    threads = [threading.Thread(target=judge, args=(i,)) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(ledger.all) == 160
    assert ledger.in_flight == []


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path):
    script = """
        import sys
        from pathlib import Path
        from bayessel.oracles.verdicts.ledger import VerdictLedger
        from bayessel.oracles.verdicts.record import Request, State, Verdict
        from bayessel.outcomes import Outcome
from bayessel.support.marker import owned
        ledger = VerdictLedger(Path(sys.argv[1]))
        for k in range(100_000):
            number = ledger.begin(Request("gpt", f"q{k}", "m", True))
            print("asked", k, flush=True)
            ledger.finish(number, Verdict(State.VERDICT, Outcome.WIN))
            print("answered", k, flush=True)
    """
    path = tmp_path / "v.db"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)], stdout=subprocess.PIPE
    )
    lines = [process.stdout.readline() for _ in range(41)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.communicate()[0].splitlines()
    said = [line.split() for line in lines if line.strip()]
    asked = sum(word == b"asked" for word, *_ in said)
    answered = sum(word == b"answered" for word, *_ in said)
    with VerdictLedger(path) as ledger:
        known = ledger.all
    assert asked <= len(known) <= asked + 1
    assert answered <= sum(r.verdict is not None for r in known) <= answered + 1


def test_other_files_are_left_alone(tmp_path):
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(RunError, match="not a ledger of verdicts"):
        VerdictLedger(path)
    path.write_bytes(b"no database at all, but long enough to have a header" * 10)
    with pytest.raises(RunError, match="damaged"):
        VerdictLedger(path)
    newer = tmp_path / "newer.db"
    VerdictLedger(newer).close()
    db = sqlite3.connect(newer)
    db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(RunError, match="newer"):
        VerdictLedger(newer)
    link = tmp_path / "link.db"
    link.symlink_to(newer)
    with pytest.raises(RunError, match="link"):
        VerdictLedger(link)


def test_questions_before_people_are_no_calls_in_flight(ledger):
    ledger.begin(Request("anna", "q1", "m1", True, shown={"by": "person", "id": "x"}))
    assert ledger.in_flight == []
    number = ledger.begin(ASKED)
    assert [r.number for r in ledger.in_flight] == [number]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requests SET shown = 'x'",
        "UPDATE requests SET shown = '[]'",
        f"UPDATE requests SET shown = '{'[' * 100_000}'",
        "UPDATE verdicts SET state = 'none', outcome = NULL",
    ],
)
def test_a_row_that_was_changed_is_one_line(ledger, statement):
    ledger.finish(ledger.begin(ASKED), Verdict(State.VERDICT, Outcome.WIN))
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
        db.execute(statement)
    with pytest.raises(RunError, match=r"is damaged \(request 1: "):
        _ = ledger.all


def test_a_ledger_is_marked_as_bayessels(tmp_path):
    VerdictLedger.in_folder(tmp_path).close()
    assert owned(tmp_path) == {"verdicts.db"}


def test_answers_keep_their_order_where_the_clock_is_set_back(tmp_path, monkeypatch):
    early, late = (f"20{year}-01-01T00:00:00.000+00:00" for year in (20, 30))
    times = iter([early, early, early, late, early, early])
    monkeypatch.setattr("bayessel.oracles.verdicts.ledger._now", lambda: next(times))
    with VerdictLedger(tmp_path / "v.db") as ledger:
        first, second, third = (ledger.begin(ASKED) for _ in range(3))
        ledger.finish(third, Verdict(State.VERDICT, Outcome.WIN))
        ledger.finish(second, Verdict(State.VERDICT, Outcome.WIN))
    with VerdictLedger(tmp_path / "v.db") as ledger:
        ledger.finish(first, Verdict(State.VERDICT, Outcome.WIN))
        answered = sorted(ledger.all, key=lambda one: one.answered)
    assert [one.number for one in answered] == [third, second, first]
