"""Every fault of an endpoint is survived, or named in one line; nothing is paid twice."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError, RunError
from bayessel.oracles.llm.fake.mind import Mind
from bayessel.oracles.llm.fake.server import FakeEndpoint
from bayessel.oracles.verdicts.record import State
from bayessel.tasks.question import Question

SURVIVED = ("too-many", "clock-skew", "500", "502", "503", "hang", "cut", "drip")
COUNTLESS = {"no-usage", "endless-tokens"}  # a verdict comes, and no count of tokens
UNSURE = {"502", "hang", "cut", "drip"}
NAMED = {
    "malformed": (State.ERROR, "not JSON"),
    "nested": (State.ERROR, "not JSON"),
    "nested-text": (State.UNPARSED, "no verdict"),
    "half-character": (State.UNPARSED, "no verdict"),
    "wrong-schema": (State.ERROR, "no chat completion"),
    "no-choices": (State.ERROR, "no choices"),
    "refusal": (State.REFUSED, "I cannot help"),
    "content-filter": (State.REFUSED, "content filter"),
    "filtered-prompt": (State.REFUSED, "content filter"),
    "truncated": (State.UNPARSED, "cut off after 2048 tokens"),
    "nonsense": (State.UNPARSED, "no verdict"),
    "wrong-json": (State.UNPARSED, "without a verdict"),
    "too-long": (State.ERROR, "--context 4096"),
}
ENDS = {
    "wrong-judge": "has no judge 'fake'",
    "wrong-key": "refuses the key in OPENAI_API_KEY",
    "quota": "quota .* is used up",
    "too-many-for-long": "wait 3600 seconds",
}


@pytest.mark.parametrize("fault", [*SURVIVED, *sorted(COUNTLESS)])
def test_a_fault_that_goes_away_is_survived(ask, questions, task, fault):
    def every_fifth(number, body):
        return fault if number % 5 == 1 and number < 30 else ""

    with FakeEndpoint(Mind(task), fault=every_fifth) as endpoint:
        with ask(endpoint, concurrency=16, timeout=1.0) as oracle:
            said = dict(oracle.judge_all(questions))
            records = oracle.ledger.all
            unsure = oracle.ledger.unsure
        for question in questions:
            q = task.query_index(question.query)
            assert list(said[question].values()) == list(task.recorded[q])
    verdicts = [r for r in records if r.verdict.state is State.VERDICT]
    assert len({(r.request.query, r.request.candidate) for r in verdicts}) == len(verdicts) == 40
    hit = sum(served.fault == fault for served in endpoint.served)
    assert hit >= 4
    assert unsure.calls == (hit if fault in UNSURE else 0)
    assert len(endpoint.served) == 40 + (0 if fault in COUNTLESS else hit)


@pytest.mark.parametrize("fault", NAMED)
def test_a_fault_of_one_call_is_named_and_the_cell_is_missing(ask, questions, task, fault):
    state, words = NAMED[fault]
    with (
        FakeEndpoint(Mind(task), fault=lambda number, _: fault if number == 3 else "") as endpoint,
        ask(endpoint, concurrency=4) as oracle,
    ):
        questions = questions[:2]
        outcomes = [o for _, some in oracle.judge_all(questions) for o in some]
        assert len(outcomes) == 9
        (failed,) = [r for r in oracle.ledger.all if r.verdict.outcome is None]
        assert failed.verdict.state is state
        assert words in failed.verdict.detail
        again = [o for _, some in oracle.judge_all(questions) for o in some]
        assert len(again) == 9
        assert len(endpoint.served) == 10  # not asked again
        oracle.retry_failed = True
        assert sum(len(some) for _, some in oracle.judge_all(questions)) == 10
        assert len(endpoint.served) == 11
        assert endpoint.served[-1].key != endpoint.served[2].key


@pytest.mark.parametrize("fault", ENDS)
def test_a_fault_of_all_calls_ends_with_one_line(ask, questions, task, fault):
    def from_tenth(number, body):
        return fault if number >= 10 else ""

    with FakeEndpoint(Mind(task), fault=from_tenth) as endpoint:
        with ask(endpoint, concurrency=4) as oracle:
            with pytest.raises(RunError, match=ENDS[fault]) as caught:
                list(oracle.judge_all(questions))
            assert "\n" not in str(caught.value)
            assert len(endpoint.served) <= 9 + 4
            kept = [r.verdict.outcome for r in oracle.ledger.all]
            assert len(kept) == 9  # those that ended the run are no failures of cells
            assert None not in kept
            assert not oracle.ledger.in_flight
        endpoint.fault = None
        with ask(endpoint, concurrency=4) as oracle:
            before = len(endpoint.served)
            assert sum(len(some) for _, some in oracle.judge_all(questions)) == 40
            assert len(endpoint.served) == before + 31


def test_an_endpoint_that_fails_and_fails_ends_the_run_and_no_cell_failed(ask, questions, task):
    with FakeEndpoint(Mind(task), fault=lambda number, _: "503") as endpoint:
        with (
            ask(endpoint, concurrency=2, retries=1) as oracle,
            pytest.raises(RunError, match="6 calls in a row failed"),
        ):
            list(oracle.judge_all(questions))
        endpoint.fault = None
        with ask(endpoint, concurrency=2) as oracle:
            assert sum(len(some) for _, some in oracle.judge_all(questions)) == 40


def test_an_endpoint_that_is_not_there_is_named_at_once(ask, task, monkeypatch):
    with FakeEndpoint(Mind(task)) as endpoint:
        pass
    with (
        ask(endpoint, retries=8) as oracle,
        pytest.raises(RunError, match="cannot reach the endpoint http://127"),
    ):
        oracle(Question(task.queries[0], task.candidates))


@pytest.mark.parametrize("parameter", ["response_format", "temperature", "max_completion_tokens"])
def test_what_an_endpoint_does_not_know_is_left_out(ask, questions, task, parameter):
    with (
        FakeEndpoint(Mind(task), unknown=(parameter,)) as endpoint,
        ask(endpoint, concurrency=1) as oracle,
    ):
        assert sum(len(some) for _, some in oracle.judge_all(questions[:2])) == 10
        assert len(oracle.ledger.all) == 10
        assert endpoint.refused == 1  # it is asked without from then on


def test_an_answer_in_plain_text_is_read(ask, task):
    with (
        FakeEndpoint(Mind(task), fault=lambda number, _: "plain-text") as endpoint,
        ask(endpoint) as oracle,
    ):
        assert len(oracle(Question(task.queries[0], task.candidates))) == len(task.candidates)


@pytest.mark.parametrize(
    "url", ["https://me:secret@host/v1", "https://host/v1?api-key=secret", "host/v1", "ftp://host"]
)
def test_an_address_with_a_key_or_none_is_refused(url):
    from bayessel.oracles.llm.endpoint import Endpoint

    with pytest.raises(DataError) as caught:
        Endpoint(url)
    if "host/v1" not in str(caught.value):
        assert "secret" not in str(caught.value)
