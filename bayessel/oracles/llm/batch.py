"""Batch endpoints: calls are handed in together, and their answers fetched later, at half price.

A batch and its calls are on disk before they are handed in. What was handed in by a process that
ended before it learned the batch's name is found again by a mark that the endpoint keeps with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bayessel.errors import RunError
from bayessel.oracles.llm.endpoint import parameters, reply_of
from bayessel.oracles.llm.extra import needs_extra
from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.llm.oracle import LLMOracle
from bayessel.oracles.verdicts.record import Recorded, Request, State, Verdict
from bayessel.support.database import Database, tables
from bayessel.support.marker import adopt
from bayessel.support.text import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayessel.outcomes import Outcome
    from bayessel.tasks.question import Question

DATABASE = "batches.db"
SHARE = 0.5
"""Of the price: what batches cost at the providers that have them."""

_MARK = "bayessel"
_PATH: Final = "/v1/chat/completions"
_OVER = {"completed", "failed", "expired", "cancelled"}
_TABLES = """
CREATE TABLE batches (
    mark TEXT PRIMARY KEY,
    judge TEXT NOT NULL,
    numbers TEXT NOT NULL,
    name TEXT,
    over INTEGER NOT NULL DEFAULT 0
) STRICT
"""
"""``numbers`` are those of the requests in the ledger of verdicts, as JSON; ``name`` is the
endpoint's, empty until it is known; ``over`` is 1 when all that came of it is in the ledger."""


def at_batch_price(judge: LLMJudge) -> LLMJudge:
    """The judge at the price of a batch."""
    price = judge.price
    return replace(judge, price=None if price is None else replace(price, share=SHARE))


class BatchOracle:
    """Answers with verdicts that are known, and hands in the other calls as a batch.

    Parameters
    ----------
    oracle
        Whose judges and ledger; its judges are at the price of a batch.
    folder
        Where the list of batches is.

    Raises
    ------
    RunError
        The endpoint refuses.
    """

    def __init__(self, oracle: LLMOracle, folder: Path) -> None:
        self.oracle = oracle
        self.ended = ""
        if not os.path.lexists(folder / DATABASE):
            adopt(folder, [DATABASE])
        self._db = Database(
            folder / DATABASE,
            prepare=tables(_TABLES, application=0x62796231, version=1),
            create=True,
            what="list of batches",
        )

    @property
    def answerable(self) -> NDArray[Any]:
        """[N, M] which cells can be judged."""
        return self.oracle.answerable

    def __call__(self, question: Question) -> dict[str, Outcome]:
        """Outcomes of one question, where they are known."""
        return dict(next(iter(self.judge_all([question])), (question, {}))[1])

    def judge_all(
        self, questions: Sequence[Question]
    ) -> Iterator[tuple[Question, dict[str, Outcome]]]:
        """Outcomes that are known; where calls are missing, they are handed in and none is told."""
        waiting = self._collect()
        if not waiting:
            retry = self.oracle.retry_failed
            missing = [
                request
                for request in self.oracle.requests(questions)
                if self.oracle.ledger.answered(request, retry=retry) is None
            ]
            if not missing:
                yield from self.oracle.judge_all(questions)
                return
            waiting = self._hand_in(missing)
        self.ended = waiting

    def close(self) -> None:
        """Close the list of batches; the oracle stays open."""
        self._db.close()

    # ------------------------------------------------------------------ handing in
    def _hand_in(self, requests: Sequence[Request]) -> str:
        """Hand in as many calls as there is money for; returns what to say."""
        said = []
        for judge in self.oracle.judges:
            mine = [request for request in requests if request.oracle == judge.name]
            begun = self._begin(mine)
            if begun:
                said.append(self._send(judge, begun))
        if not said:
            limit = self.oracle.limit.most
            return f"the next call might cost more than is left of {limit:g} dollars"
        return "; ".join(said) + "; the same command collects it"

    def _begin(self, requests: Sequence[Request]) -> dict[int, Request]:
        ledger, limit = self.oracle.ledger, self.oracle.limit
        begun: dict[int, Request] = {}
        for request in requests:
            number = ledger.begin_within(request, limit.most, limit.oracles)
            if number is None:
                break
            begun[number] = request
        return begun

    def _send(self, judge: LLMJudge, begun: dict[int, Request]) -> str:
        mark = uuid.uuid4().hex
        self._db.execute(
            "INSERT INTO batches (mark, judge, numbers) VALUES (?, ?, ?)",
            (mark, judge.name, json.dumps(list(begun))),
        )
        asked = parameters(judge.max_tokens, judge.temperature, judge.structured, set())
        lines = [
            json.dumps(
                {
                    "custom_id": str(number),
                    "method": "POST",
                    "url": _PATH,
                    "body": {"model": judge.name, "messages": r.shown["messages"], **asked},
                }
            )
            for number, r in begun.items()
        ]
        with _named(judge):
            client = judge.endpoint.client
            content = ("requests.jsonl", "\n".join(lines).encode())
            file = client.files.create(file=content, purpose="batch")
            batch = client.batches.create(
                input_file_id=file.id,
                endpoint=_PATH,
                completion_window="24h",
                metadata={_MARK: mark},
            )
        self._db.execute("UPDATE batches SET name = ? WHERE mark = ?", (batch.id, mark))
        return f"{count(len(begun), 'call was', 'calls were')} handed in as {batch.id}"

    # ------------------------------------------------------------------ collecting
    def _collect(self) -> str:
        """Fetch what is done; returns what is still waited for, empty where nothing is."""
        waiting = []
        judges = {judge.name: judge for judge in self.oracle.judges}
        flying = {record.number: record for record in self.oracle.ledger.in_flight}
        for mark, name, numbers, batch in self._db.rows(
            "SELECT mark, judge, numbers, name FROM batches WHERE NOT over"
        ):
            judge = judges.get(name)
            if judge is None:
                raise RunError(f"a batch of the judge {name!r} is open: name it with --judge")
            mine = {n: flying[n] for n in json.loads(numbers) if n in flying}
            with _named(judge):
                found = self._find(judge, mark, batch)
                if found is not None and found.status not in _OVER:
                    waiting.append(f"{found.id} ({count(len(mine), 'call')}) is {found.status}")
                    continue
                lines = [] if found is None else _answers(judge, found)
            self._keep(judge, mine, lines)
            self._db.execute("UPDATE batches SET over = 1 WHERE mark = ?", (mark,))
        return "; ".join(waiting) + "; the same command collects it later" if waiting else ""

    def _find(self, judge: LLMJudge, mark: str, name: str | None) -> Any:
        """The batch at the endpoint; None where it was never handed in."""
        client = judge.endpoint.client
        if name is not None:
            return client.batches.retrieve(name)
        listed = client.batches.list(limit=100)
        return next((one for one in listed if (one.metadata or {}).get(_MARK) == mark), None)

    def _keep(
        self, judge: LLMJudge, mine: dict[int, Recorded], lines: Sequence[dict[str, Any]]
    ) -> None:
        """Write what came of the calls; those without an answer are asked again."""
        ledger = self.oracle.ledger
        for line in lines:
            record = mine.pop(_number(line.get("custom_id")), None)
            if record is None:
                continue
            response = line.get("response") or {}
            if response.get("status_code") == 200:
                reply = reply_of(response.get("body"), identity=str(line.get("id") or ""))
                ledger.finish(record.number, judge.verdict(record.request, reply))
            else:
                error = (response.get("body") or {}).get("error") or line.get("error") or {}
                said = f"the batch endpoint failed: {error.get('message', 'no reason is given')}"
                ledger.finish(record.number, Verdict(State.ERROR, detail=said, cost=0.0))
        for number in mine:
            said = "the batch ended without an answer"
            ledger.finish(number, Verdict(State.ERROR, detail=said, cost=0.0))
            ledger.withdraw(number)


def _answers(judge: LLMJudge, batch: Any) -> list[dict[str, Any]]:
    """The lines of a batch's files."""
    lines = []
    for file in (batch.output_file_id, batch.error_file_id):
        if file:
            text = judge.endpoint.client.files.content(file).text
            lines += [json.loads(line) for line in text.splitlines() if line.strip()]
    return lines


def _number(custom_id: Any) -> int:
    return int(custom_id) if str(custom_id).isdecimal() else -1


@contextlib.contextmanager
def _named(judge: LLMJudge) -> Iterator[None]:
    """Say in one line what an endpoint says."""
    with needs_extra():
        import openai
    try:
        yield
    except openai.OpenAIError as error:
        fault = judge.fault(error)
        raise RunError(
            f"the batch failed: {judge.endpoint.hide(fault.detail)}; run the same command again, "
            "or leave --batch-api out"
        ) from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise RunError(
            f"the answers of a batch at {judge.endpoint.base_url} are no JSONL"
        ) from error
