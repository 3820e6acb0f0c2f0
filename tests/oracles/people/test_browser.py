"""The page in a real Chromium: keys, reload, a second tab, hostile texts, contrast, a phone."""

from __future__ import annotations

import json
import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from bayessel.cli.app import app
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.selection.ledger import Ledger
from in_browser import CONTRAST, UNNAMED, WIDER, resize
from people_page import BASELINE, NAMES, make_run


def opened(chrome, page, name="anna") -> None:
    chrome.get(page.where.for_annotators(name))
    until(chrome, lambda: state(chrome) == "open")


def until(chrome, condition) -> None:
    WebDriverWait(chrome, 20, poll_frequency=0.02).until(lambda _: condition())


def state(chrome) -> str:
    return chrome.find_element(By.ID, "question").get_attribute("data-state")


def number(chrome) -> str:
    return chrome.find_element(By.ID, "question").get_attribute("data-id")


def pressed(chrome, button: str) -> bool:
    return chrome.find_element(By.ID, button).get_attribute("aria-pressed") == "true"


def press(chrome, key: str) -> None:
    chrome.switch_to.active_element.send_keys(key)


def judge(chrome, key: str) -> None:
    before = number(chrome)
    press(chrome, key)
    until(chrome, lambda: number(chrome) != before and state(chrome) != "waiting")


def requests(chrome) -> list[str]:
    """Addresses that were asked for."""
    events = [json.loads(one["message"])["message"] for one in chrome.get_log("performance")]
    return [
        one["params"]["request"]["url"]
        for one in events
        if one["method"] == "Network.requestWillBeSent"
    ]


def stored(folder) -> list[tuple[str, str]]:
    with VerdictLedger.in_folder(folder) as said:
        return [(one.verdict.text, one.verdict.detail) for one in said.all if one.verdict]


def test_keys_judge_and_each_is_stored(run_folder, serve, browser):
    page = serve(run_folder)
    opened(browser, page)
    for key in "1230":
        judge(browser, key)
    assert [choice for choice, _ in stored(run_folder)] == ["first", "second", "draw", "both_bad"]
    judge(browser, "u")
    assert len(stored(run_folder)) == 3
    press(browser, "c")
    press(browser, "1 is in the text, and no verdict")
    browser.find_element(By.CSS_SELECTOR, "[data-choice=draw]").click()
    until(browser, lambda: len(stored(run_folder)) == 4)
    assert ("draw", "1 is in the text, and no verdict") in stored(run_folder)
    until(browser, lambda: state(browser) == "open")
    browser.find_element(By.CSS_SELECTOR, "h1").click()
    press(browser, "s")
    dialog = browser.find_element(By.ID, "skip-dialog")
    assert dialog.is_displayed()
    press(browser, "3")  # keys do not judge behind a dialog
    dialog.find_elements(By.CSS_SELECTOR, "label.option")[3].click()
    dialog.find_element(By.CSS_SELECTOR, "button.main").click()
    until(browser, lambda: len(stored(run_folder)) == 5)
    assert ("skip", "I cannot decide") in stored(run_folder)
    press(browser, "?")
    until(browser, lambda: browser.find_element(By.ID, "help-dialog").is_displayed())
    with Ledger.in_folder(run_folder) as ledger:
        assert len(ledger.answers) == 4


def test_a_newcomer_says_a_name_and_judges_with_the_mouse(run_folder, serve, browser):
    browser.get(serve(run_folder).where.for_annotators())
    browser.find_element(By.ID, "name").send_keys("Zoë")
    browser.find_element(By.CSS_SELECTOR, "button.main").click()
    until(browser, lambda: browser.find_elements(By.ID, "question") and state(browser) == "open")
    before = number(browser)
    browser.find_element(By.CSS_SELECTOR, "[data-choice=first]").click()
    until(browser, lambda: number(browser) != before)
    assert "Zoë" in browser.find_element(By.CSS_SELECTOR, "header").text
    assert [choice for choice, _ in stored(run_folder)] == ["first"]


def test_reload_and_a_second_tab(run_folder, serve, browser):
    page = serve(run_folder)
    opened(browser, page)
    judge(browser, "1")
    shown, html = number(browser), browser.find_element(By.ID, "question").text
    browser.refresh()
    assert (number(browser), browser.find_element(By.ID, "question").text) == (shown, html)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.get(page.base)
    until(browser, lambda: state(browser) == "open")
    assert number(browser) == shown
    judge(browser, "2")
    new = number(browser)
    browser.close()
    browser.switch_to.window(first)
    assert number(browser) == shown  # this tab does not know yet
    press(browser, "1")
    until(browser, lambda: number(browser) == new)
    assert "answered before" in browser.find_element(By.ID, "said").text
    assert [choice for choice, _ in stored(run_folder)] == ["first", "second"]


def test_hostile_texts_do_nothing_and_nothing_leaves(run_folder, serve, browser):
    page = serve(run_folder)
    opened(browser, page)
    n = 0
    while state(browser) == "open":
        assert browser.title == "Which response is better? - bayessel"
        assert not browser.find_elements(
            By.CSS_SELECTOR, "#question :is(script, img, a, iframe, style, form)"
        )
        source = browser.page_source
        assert not any(name in source for name in (*NAMES, BASELINE))
        press(browser, "d")
        until(browser, lambda: pressed(browser, "diff"))
        judge(browser, "3")
        n += 1
    assert n == 24
    assert "that is all" in browser.find_element(By.ID, "done").text
    assert browser.get_log("browser") == []  # no error, nothing that the policy refused
    assert {url.split("?")[0].startswith(page.base) for url in requests(browser)} == {True}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_contrast_labels_and_width(run_folder, serve, browser, width, dark):
    page = serve(run_folder)
    resize(browser, width, dark=dark)
    opened(browser, page)
    for _ in range(6):
        assert browser.execute_script(CONTRAST) == []
        assert browser.execute_script(UNNAMED) == []
        assert browser.execute_script(WIDER) <= 0
        judge(browser, "3")
    tops = [one.rect["y"] for one in browser.find_elements(By.CSS_SELECTOR, ".side")]
    assert (tops[0] == tops[1]) == (width == 1280)
    press(browser, "d")
    until(browser, lambda: pressed(browser, "diff"))
    assert browser.execute_script(CONTRAST) == []
    press(browser, "?")
    assert browser.execute_script(CONTRAST) == []


def test_the_focus_goes_in_order_and_stays_on_the_page(run_folder, serve, browser):
    opened(browser, serve(run_folder))
    browser.refresh()  # a question that came late has the focus on its heading
    seen = []
    for _ in range(14):
        press(browser, "\ue004")  # Tab
        seen.append(
            browser.execute_script(
                "const a = document.activeElement; return a.dataset.choice || a.id || a.className"
            )
        )
    order = "jump first second draw both_bad skip undo diff comment help".split()
    assert [one for one in seen if one in order][: len(order)] == order


@pytest.mark.parametrize("width", [1280, 375])
def test_several_responses_stand_beside_one(tmp_path, serve, browser, width):
    """One screen a query: keys and the mouse judge the framed one, each click is stored."""
    folder = make_run(tmp_path / "run", strategy="random")
    resize(browser, width, dark=width == 375)
    opened(browser, serve(folder, together=8))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".card")) == 3
    query = browser.find_element(By.CSS_SELECTOR, ".query .text").text
    assert browser.execute_script(CONTRAST) == browser.execute_script(UNNAMED) == []
    judge(browser, "2")
    assert "better than the reference" in card(browser, "A").text
    browser.find_element(By.CSS_SELECTOR, ".card[data-letter=C] .pick").click()
    assert current_letter(browser) == "C"
    press(browser, "d")
    until(browser, lambda: pressed(browser, "diff"))
    judge(browser, "0")
    assert not pressed(browser, "diff")
    assert not browser.find_elements(By.TAG_NAME, "mark")
    judge(browser, "u")
    assert current_letter(browser) == "C"
    assert [choice for choice, _ in stored(folder)] == ["second"]
    judge(browser, "1")
    browser.refresh()
    assert "the reference is better" in card(browser, "C").text
    assert current_letter(browser) == "B"
    assert "Response B" in browser.find_element(By.CSS_SELECTOR, "[data-choice=second]").text
    assert browser.execute_script(WIDER) <= 0
    assert browser.execute_script(CONTRAST) == browser.execute_script(UNNAMED) == []
    judge(browser, "3")
    assert browser.find_element(By.CSS_SELECTOR, ".query .text").text != query
    assert sorted(choice for choice, _ in stored(folder)) == ["draw", "first", "second"]
    judge(browser, "u")
    assert browser.find_element(By.CSS_SELECTOR, ".query .text").text == query
    assert current_letter(browser) == "B"
    assert not any(name in browser.page_source for name in (*NAMES, BASELINE))
    assert browser.get_log("browser") == []


def card(chrome, letter: str):
    return chrome.find_element(By.CSS_SELECTOR, f".card[data-letter={letter}] h2")


def current_letter(chrome) -> str:
    return chrome.find_element(By.CSS_SELECTOR, ".card.current").get_attribute("data-letter")


def test_long_responses_fold_to_equal_heights_and_open(tmp_path, serve, browser):
    folder = make_run(
        tmp_path / "run",
        2,
        lambda q, name: "A line of text.\n\n" * (4 if name == BASELINE else 200),
    )
    opened(browser, serve(folder))
    heights = {one.rect["height"] for one in browser.find_elements(By.CSS_SELECTOR, ".side")}
    assert len(heights) == 1
    assert heights.pop() < 600
    press(browser, "e")
    assert browser.find_element(By.ID, "unfold").get_attribute("aria-expanded") == "true"
    side = browser.find_elements(By.CSS_SELECTOR, ".side")[0]
    assert side.rect["height"] > 2_000
    browser.execute_script("window.scrollTo(0, 1500)")
    time.sleep(0.1)
    top = "return document.querySelector('.side > h2').getBoundingClientRect().top"
    assert browser.execute_script(top) == 0  # the heading stays in view


def test_a_phone_shows_long_responses(tmp_path, serve, browser):
    folder = make_run(tmp_path / "run", 2, lambda q, name: "A line.\n\n" * 200)
    resize(browser, 375)
    opened(browser, serve(folder))
    for side in browser.find_elements(By.CSS_SELECTOR, ".side"):
        assert side.is_displayed()
        assert side.rect["height"] > 300


def test_two_megabytes(tmp_path, serve, browser):
    folder = make_run(tmp_path / "run", 1, lambda q, name: f"<b>{'word ' * 400_000}")
    opened(browser, serve(folder))
    press(browser, "e")
    more = browser.find_element(By.CSS_SELECTOR, "button.more")
    browser.execute_script("arguments[0].click()", more)
    text = browser.find_element(By.ID, "text-1")
    until(browser, lambda: len(text.get_property("textContent")) > 2_000_000)
    judge(browser, "3")
    assert len(stored(folder)) == 1


def test_the_page_in_a_file(run_folder, browser, tmp_path):
    file = str(tmp_path / "out.html")
    ask = ["--offline", file, "--annotator", "ben", "--questions", "4"]
    app(["page", str(run_folder), *ask], standalone_mode=False)
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    browser.get((tmp_path / "out.html").as_uri())
    until(browser, lambda: state(browser) == "open")
    for key in "123":
        judge(browser, key)
    judge(browser, "u")
    judge(browser, "0")
    browser.refresh()
    until(browser, lambda: state(browser) == "open")
    judge(browser, "1")
    assert state(browser) == "done"
    assert browser.get_log("browser") == []
    assert {url.split(":")[0] for url in requests(browser)} <= {"file"}
    browser.find_element(By.ID, "save").click()
    until(browser, lambda: list(tmp_path.glob("answers-*.json")))
    answers = str(next(tmp_path.glob("answers-*.json")))
    app(["tell", str(run_folder), answers], standalone_mode=False)
    assert [choice for choice, _ in stored(run_folder)] == ["first", "second", "both_bad", "first"]
