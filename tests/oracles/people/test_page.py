"""The page over HTTP: blind, and closed to everybody else. Nothing but a process that serves."""

from __future__ import annotations

import html
import re
import time

import pytest

from people_page import BASELINE, NAMES, make_run, wait_open


def everything(received: list[str]) -> str:
    return "\n".join(received)


FORBIDDEN = [*NAMES, BASELINE, "secret", "baseline_first", "candidate", "query-name"]


@pytest.mark.parametrize("together", [1, 8], ids=["pairs", "together"])
def test_nothing_that_the_browser_receives_tells_which_is_which(tmp_path, serve, together):
    folder = make_run(tmp_path / "run", strategy="random-cells" if together == 1 else "random")
    page = serve(folder, together=together)
    received: list[str] = []
    clients = [page.client(name) for name in ("anna", "ben")]
    for client in clients:
        client.event_hooks["response"] = [
            lambda r: received.append(f"{r.url} {dict(r.headers)} {r.read().decode()}")
        ]
    for client in clients:
        start = client.get("/").text
        for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', start):
            assert client.get(asset).status_code == 200
    n = 0
    while True:
        client = clients[n % 2]
        shown = wait_open(client)
        if shown["state"] == "done":
            break
        client.get(f"/diff/{shown['id']}")
        client.get(f"/more/{shown['id']}/{1 + n % 2}")
        choice = ("first", "second", "draw", "both_bad", "skip")[n % 5]
        answer = {"id": shown["id"], "choice": choice, "note": "", "seconds": 1.5}
        client.post("/answer", json=answer)
        if n % 7 == 3:
            client.post("/undo", json={})
        n += 1
    assert n > 20
    assert ("data-letter=" in everything(received)) == (together > 1)
    for word in FORBIDDEN:
        assert word not in everything(received).lower(), word


def test_sides_are_random_and_kept(tmp_path, serve):
    """The baseline is on both sides about as often; a reload changes nothing."""
    folder = make_run(
        tmp_path / "run", 20, lambda q, name: f"response of {'B' if name == BASELINE else 'C'}"
    )
    page = serve(folder)
    client = page.client("anna")
    first = 0
    for _ in range(50):
        shown = wait_open(client)
        assert wait_open(client) == shown
        first += shown["html"].index("response of B") < shown["html"].index("response of C")
        client.post("/answer", json={"id": shown["id"], "choice": "draw"})
    assert 10 <= first <= 40  # 2e-5 of the time not so where sides are drawn


def test_only_the_page_of_this_machine_gets_in(run_folder, serve):
    page = serve(run_folder)
    client = page.client("anna")
    shown = wait_open(client)
    answer = {"id": shown["id"], "choice": "draw"}
    stranger = page.stranger()
    assert stranger.get("/").status_code == 403
    assert stranger.get("/question").status_code == 403
    assert stranger.get("/?token=guess").status_code == 403
    assert client.get("/progress").status_code == 403
    for headers, code in [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ]:
        assert client.post("/answer", json=answer, headers=headers).status_code == code, headers
    del client.headers["origin"]
    assert client.post("/answer", json=answer).status_code == 403
    client.headers["origin"] = page.base
    big = client.post("/answer", content=b"x" * 20_000)
    assert big.status_code == 413
    assert client.post("/answer", content=iter([b"x" * 9] * 9)).status_code == 411
    assert client.put("/answer", json=answer).status_code == 405
    assert client.get("/static/../app.py").status_code == 404
    for body in (b"x", b"[]", b"{}", b'{"choice": "draw"}', b'{"choice": "x", "id": "y"}'):
        assert client.post("/answer", content=body).status_code == 400, body
    assert client.post("/answer", json={**answer, "note": "x" * 3_000}).status_code == 400
    assert client.post("/answer", json={**answer, "seconds": "x"}).status_code == 400
    assert client.post("/answer", json={**answer, "id": "unknown"}).status_code == 409
    other = page.client("ben")
    assert other.post("/answer", json=answer).status_code == 409
    assert wait_open(client) == shown  # nothing of this changed anything
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_a_name_is_asked_for_and_checked(run_folder, serve):
    page = serve(run_folder)
    client = page.stranger()
    assert "Your name" in client.get(page.where.for_annotators()).text
    assert client.get("/question").status_code == 403
    for bad in ("", " ", "<b>", "x" * 41):
        refused = client.post("/name", data={"name": bad})
        assert refused.status_code == 400
        assert "expected a name" in html.unescape(refused.text)
    assert "Zoë Müller" in client.post("/name", data={"name": "Zoë Müller"}).text
    assert wait_open(client)["state"] == "open"


def test_progress_is_for_the_organiser_and_has_no_standing(run_folder, serve):
    page = serve(run_folder, overlap=0.5)
    for name in ("anna", "ben"):
        client = page.client(name)
        for choice in ("first", "draw", "skip"):
            shown = wait_open(client)
            client.post(
                "/answer",
                json={"id": shown["id"], "choice": choice, "note": "why <b>", "seconds": 3},
            )
    shown = page.stranger().get(page.where.for_organiser)
    assert shown.status_code == 200
    assert "anna" in shown.text
    assert "why &lt;b&gt;" in shown.text
    assert not any(name in shown.text for name in NAMES)


def test_a_response_of_two_megabytes(tmp_path, serve):
    folder = make_run(tmp_path / "run", 1, lambda q, name: "<b>" + "word " * 400_000 + name[:1])
    client = serve(folder).client("anna")
    shown = wait_open(client)
    assert len(shown["html"]) < 150_000
    assert "Show the other 1,950,00" in shown["html"]
    started = time.perf_counter()
    whole = client.get(f"/more/{shown['id']}/1").json()["html"]
    assert len(whole) > 2_000_000
    assert time.perf_counter() - started < 5
    assert client.get(f"/diff/{shown['id']}").json() == {"sides": None}


@pytest.mark.parametrize(
    "more",
    ['"seconds": 1' + "0" * 400, '"seconds": 1e999', '"note": "\\ud800"', '"note": "a\\u0000b"'],
)
def test_odd_numbers_and_signs_are_kept_as_far_as_they_can_be(run_folder, serve, more):
    client = serve(run_folder).client("anna")
    shown = wait_open(client)
    headers = {"content-type": "application/json"}
    body = f'{{"id": "{shown["id"]}", "choice": "draw", {more}}}'
    said = client.post("/answer", content=body, headers=headers)
    assert said.status_code == 200, said.text
    assert said.json()["progress"]["mine"] == 1
