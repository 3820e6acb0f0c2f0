"""The limit holds under concurrency, and nothing is paid for twice."""

from __future__ import annotations

import pytest

from bayessel import Selector
from bayessel.errors import BudgetError, RunError
from bayessel.oracles.llm.fake.mind import Mind
from bayessel.oracles.llm.fake.server import FakeEndpoint
from bayessel.oracles.llm.oracle import LLMOracle
from bayessel.oracles.llm.prices import Price, price_of
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.outcomes import MISSING
from bayessel.tasks.question import Question


def charged(endpoint: FakeEndpoint, price: Price) -> float:
    """What the endpoint would put on its bill."""
    usages = [endpoint.completion(served.body)["usage"] for served in endpoint.served]
    return sum(price.of(u["prompt_tokens"], u["completion_tokens"]) for u in usages)


def test_the_limit_holds_and_little_of_it_is_left(ask, questions, task):
    price = Price(10.0, 30.0)
    with (
        FakeEndpoint(Mind(task), latency=0.02) as endpoint,
        ask(endpoint, max_cost=0.1, price=price, concurrency=16, max_tokens=200) as oracle,
    ):
        told = sum(len(some) for _, some in oracle.judge_all(questions))
        assert "left of 0.1 dollars" in oracle.ended
        spent, most = oracle.spent, max(r.request.most for r in oracle.ledger.all)
        assert not oracle.ledger.in_flight
    assert 0 < told == len(endpoint.served) < 40
    assert spent == pytest.approx(charged(endpoint, price))
    assert 0.1 - most < spent <= 0.1


def test_broken_calls_count_with_the_most_that_they_can_cost(ask, questions, task):
    with (
        FakeEndpoint(Mind(task), fault=lambda n, _: "cut" if n % 4 == 1 else "") as endpoint,
        ask(endpoint, max_cost=0.02, concurrency=8, max_tokens=200) as oracle,
    ):
        list(oracle.judge_all(questions))
        assert oracle.spent <= 0.02
        assert charged(endpoint, Price(1.0, 2.0)) <= oracle.spent
        cut = sum(served.fault == "cut" for served in endpoint.served)
        assert oracle.ledger.unsure.calls == cut > 0


def test_a_limit_without_a_price_is_refused_before_the_first_call(ask, task):
    with (
        FakeEndpoint(Mind(task)) as endpoint,
        pytest.raises(BudgetError, match=r"price of 'fake' .* is not known; give --price-in"),
    ):
        ask(endpoint, max_cost=3, price=None)
    assert endpoint.served == []


def test_known_prices_and_given_ones():
    known = price_of("gpt-4o-mini", "https://api.openai.com/v1")
    assert known is not None
    assert (known.tokens_in, known.tokens_out) == pytest.approx((0.15, 0.6))
    assert price_of("gpt-4o-mini", "http://127.0.0.1:1/v1") is None
    assert price_of("any", "http://127.0.0.1:1/v1", 1.5, 2) == Price(1.5, 2)
    with pytest.raises(BudgetError, match="go together"):
        price_of("any", "http://127.0.0.1:1/v1", 1.5)


def test_what_is_in_the_ledger_is_not_asked_again(ask, questions, task):
    with FakeEndpoint(Mind(task)) as endpoint:
        for _ in range(3):
            with ask(endpoint, orders="both", concurrency=16) as oracle:
                assert sum(len(some) for _, some in oracle.judge_all(questions)) == 40
        assert len(endpoint.served) == len({served.key for served in endpoint.served}) == 80


def test_two_processes_do_not_ask_the_same(ask, task):
    with (
        FakeEndpoint(Mind(task)) as endpoint,
        ask(endpoint),
        pytest.raises(RunError, match="another process asks judges"),
    ):
        ask(endpoint)


def test_a_selection_in_python(task, tmp_path):
    with (
        FakeEndpoint(Mind(task)) as endpoint,
        LLMOracle(
            task, "fake", folder=tmp_path, base_url=endpoint.base_url, price=(1, 2), max_cost=1
        ) as oracle,
    ):
        selector = Selector(task, seed=1).run(oracle, budget=60, batch=8)
    bought = selector.bought
    assert selector.n_calls == 60
    assert (bought == task.recorded)[bought != MISSING].all()
    with VerdictLedger.in_folder(tmp_path) as ledger:
        assert len({(r.request.query, r.request.candidate) for r in ledger.all}) == 60


def test_a_request_is_written_when_its_connection_is_there(ask, questions, task):
    seen: list[list[str]] = []
    with FakeEndpoint(Mind(task)) as endpoint, ask(endpoint, concurrency=1) as oracle:
        wire = oracle.judges[0].endpoint.client._client
        begin = oracle.ledger.begin_within

        def looking(*given):
            pool = wire._transport._pool
            seen.append([one.info() for one in pool.connections])
            assert len(endpoint.served) == len(seen) - 1, "it was written before it was sent"
            return begin(*given)

        oracle.ledger.begin_within = looking
        list(oracle.judge_all(questions[:1]))
    assert len(seen) == len(endpoint.served) == task.n_candidates
    assert all(len(one) == 1 and "ACTIVE" in one[0] for one in seen)


def test_a_call_without_a_connection_is_no_cost_and_keeps_its_reason(ask, questions, task):
    with FakeEndpoint(Mind(task)) as endpoint:
        oracle = ask(endpoint, concurrency=1, retries=0)
        list(oracle.judge_all(questions[:1]))
        spent, known = oracle.spent, len(oracle.ledger.all)
    oracle.judges[0].endpoint.client._client._transport.close()  # a kept connection has no end
    with oracle:
        list(oracle.judge_all([Question(questions[1].query, questions[1].candidates[:1])]))
        (failed,) = oracle.ledger.all[known:]
        assert "broke" in failed.verdict.detail
        assert (failed.verdict.cost, oracle.spent) == (0.0, spent)
        assert not oracle.ledger.in_flight
