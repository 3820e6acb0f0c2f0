"use strict";
/* The judging page. What reaches it has no names; a verdict is saved before the next question shows. */
(() => {
  const at = (id) => document.getElementById(id);
  const question = at("question");
  let current = {
    state: question.dataset.state, id: question.dataset.id, screen: question.dataset.screen,
    cards: JSON.parse(question.dataset.cards),
  };
  let busy = false;
  let looked = 0;      // milliseconds that this question was in view
  let since = null;    // when it came into view
  let plainSides = null;
  let marked = [];     // the two texts whose differing words are marked

  const say = (text, problem = false) => {
    at("said").textContent = text;
    at("said").classList.toggle("problem", problem);
  };
  const watch = () => {
    const seen = document.visibilityState === "visible" && current.state === "open";
    if (seen && since === null) since = performance.now();
    if (!seen && since !== null) { looked += performance.now() - since; since = null; }
  };
  const seconds = () => (looked + (since === null ? 0 : performance.now() - since)) / 1000;

  const progress = ({ mine, all, of }) => {
    const whole = of ? `, ${all} of ${of} in all` : "";
    at("progress").textContent = `${mine} judged by you${whole}`;
  };

  const fold = () => {
    const folded = at("unfold") && at("unfold").getAttribute("aria-expanded") === "false";
    question.classList.remove("folded");
    const most = Math.max(320, window.innerHeight * 0.5);
    let any = false;
    for (const side of question.querySelectorAll(".side")) {
      const long = side.querySelector(".text").scrollHeight > most * 1.15;
      side.classList.toggle("long", long);
      any = any || long;
    }
    const row = question.querySelector(".unfold");
    if (row) row.hidden = !any;
    question.classList.toggle("folded", any && folded);
  };
  const unfold = () => {
    const button = at("unfold");
    if (!button || button.closest(".unfold").hidden) return;
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    const all = current.screen ? "Show all of these responses" : "Show all of both responses";
    button.textContent = open ? all : "Show less";
    fold();
  };

  /* Several responses beside one: which is judged now, and what was said of the others. */
  const verdicts = {
    first: "the reference is better", second: "better than the reference", draw: "equally good",
    both_bad: "both are bad", skip: "skipped",
  };
  const card = () => question.querySelector(".card.current");
  const cards = () => {
    let first = "Response 1", second = "Response 2";
    question.querySelectorAll(".card").forEach((one, place) => {
      const { id, said } = current.cards[place];
      const now = id === current.id;
      one.classList.toggle("current", now);
      if (now) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
      one.querySelector(".verdict").textContent = said ? `${verdicts[said]} (saved)` : now ? "is judged now" : "";
      one.querySelector(".pick").hidden = Boolean(said) || now;
      if (now) { first = "Reference"; second = `Response ${one.dataset.letter}`; }
    });
    at("first").textContent = first;
    at("second").textContent = second;
  };
  const unmark = () => {
    if (plainSides === null) return;
    marked.forEach((text, i) => { text.innerHTML = plainSides[i]; });
    plainSides = null;
    at("diff").setAttribute("aria-pressed", "false");
  };
  const restart = () => {
    looked = 0; since = null;
    at("note").value = "";
  };
  const toCard = () => {
    card().querySelector("h2").focus({ preventScroll: true });
    card().scrollIntoView({ block: "start" });
  };
  const pick = (one) => {
    unmark();
    restart();
    const place = [...question.querySelectorAll(".card")].indexOf(one);
    current = { ...current, id: current.cards[place].id };
    question.dataset.id = current.id;
    cards();
    watch();
    toCard();
  };

  const show = (next, fresh = true) => {
    const same = Boolean(next.screen) && next.screen === current.screen;
    if (fresh && next.id !== current.id) {
      if (same) unmark();
      else {
        question.innerHTML = next.html;
        plainSides = null;
        at("diff").setAttribute("aria-pressed", "false");
      }
      restart();
    }
    current = next;
    cards();
    question.dataset.id = next.id;
    question.dataset.state = next.state;
    question.hidden = next.state !== "open";
    at("waiting").hidden = next.state !== "waiting";
    at("done").hidden = next.state !== "done";
    for (const button of document.querySelectorAll(".choices button, #skip, #diff, #comment")) {
      button.disabled = next.state !== "open";
    }
    progress(next.progress);
    watch();
    if (next.state === "open") fold();
    if (next.state === "waiting") setTimeout(load, 300);
    if (fresh && same) toCard();
    else if (fresh) {
      window.scrollTo(0, 0);
      const heading = next.state === "done" ? at("done").querySelector("h2") : at("query-heading");
      if (heading) heading.focus({ preventScroll: true });
    }
  };

  const send = async (address, body) => {
    if (busy) return null;
    if (typeof offline !== "undefined") return offline.reply(address, body);
    busy = true;
    question.classList.add("busy");
    try {
      const options = body === undefined ? {} : {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
      };
      const answer = await fetch(address, { credentials: "same-origin", ...options });
      const found = await answer.json();
      if (!answer.ok && found.state === undefined) { say(found.problem, true); return null; }
      return found;
    } catch {
      say("The page does not answer. Nothing is lost: try again once it runs.", true);
      return null;
    } finally {
      busy = false;
      question.classList.remove("busy");
    }
  };

  const load = async () => {
    const next = await send("/question");
    if (next === null) { if (current.state === "waiting") setTimeout(load, 2000); return; }
    show(next);
  };
  const judge = async (choice, note) => {
    if (current.state !== "open") return;
    const next = await send("/answer", { id: current.id, choice, note, seconds: seconds() });
    if (next === null) return;
    show(next);
    say(next.problem || "Saved.", Boolean(next.problem));
  };
  const undo = async () => {
    const next = await send("/undo", {});
    if (next === null) return;
    show(next);
    say(next.problem || "Taken back. This is your last question again.", Boolean(next.problem));
  };
  const skip = () => {
    if (current.state !== "open" || busy) return;
    at("skip-note").value = "";
    at("skip-dialog").showModal();
  };
  const diff = async () => {
    if (current.state !== "open") return;
    const texts = card()
      ? [question.querySelector(".reference > .text"), card().querySelector(".text")]
      : [...question.querySelectorAll(".side > .text")];
    if (plainSides !== null) {
      unmark();
      fold();
      return;
    }
    const found = await send(`/diff/${current.id}`);
    if (found === null) return;
    if (!found.sides) { say("These responses are too long to compare word by word.", true); return; }
    marked = texts;
    plainSides = texts.map((text) => text.innerHTML);
    texts.forEach((text, i) => { text.innerHTML = found.sides[i]; });
    at("diff").setAttribute("aria-pressed", "true");
    say("Words that differ are marked.");
    fold();
  };
  const more = async (button) => {
    const own = [...question.querySelectorAll(".card")].indexOf(button.closest(".card"));
    const id = own < 0 ? current.id : current.cards[own].id;
    const found = await send(`/more/${id}/${button.dataset.side}`);
    if (found === null) return;
    const left = button.closest(".left-out");
    left.previousElementSibling.innerHTML = found.html;
    left.remove();
    fold();
  };
  const comment = () => {
    const open = at("comment-field").hidden;
    at("comment-field").hidden = !open;
    at("comment").setAttribute("aria-expanded", String(open));
    if (open) at("note").focus();
  };

  for (const button of document.querySelectorAll("[data-choice]")) {
    button.addEventListener("click", () => judge(button.dataset.choice, at("note").value));
  }
  at("skip").addEventListener("click", skip);
  at("undo").addEventListener("click", undo);
  at("diff").addEventListener("click", diff);
  at("comment").addEventListener("click", comment);
  at("help").addEventListener("click", () => at("help-dialog").showModal());
  at("skip-dialog").addEventListener("close", () => {
    if (at("skip-dialog").returnValue !== "skip") return;
    const reason = at("skip-dialog").querySelector("input[name=reason]:checked").value;
    const note = at("skip-note").value.trim();
    judge("skip", note ? `${reason}: ${note}` : reason);
  });
  question.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.id === "unfold") unfold();
    if (button && button.classList.contains("more")) more(button);
    if (button && button.classList.contains("pick") && !busy) pick(button.closest(".card"));
  });
  const keys = {
    1: () => judge("first", at("note").value),
    2: () => judge("second", at("note").value),
    3: () => judge("draw", at("note").value),
    0: () => judge("both_bad", at("note").value),
    s: skip, u: undo, d: diff, e: unfold, c: comment, "?": () => at("help-dialog").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("textarea, input:not([type=radio])")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const act = keys[event.key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("visibilitychange", watch);
  window.addEventListener("resize", fold);
  show({
    ...current, html: "",
    progress: { mine: question.dataset.mine, all: question.dataset.all, of: question.dataset.of },
  }, false);
})();
